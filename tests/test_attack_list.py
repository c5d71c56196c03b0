"""The list of attempts in the docs names tests that are there."""
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIST = ROOT / "docs" / "attacks.md"
NAMED = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")


def missing(text: str) -> list[str]:
    """Tests that a text names and that are not there."""
    return [f"{path}::{name}" for path, name in NAMED.findall(text)
            if not (ROOT / path).exists() or (name and f"def {name}(" not in (ROOT / path).read_text(encoding="utf-8"))]


def test_each_attempt_names_a_test_that_is_there():
    text = LIST.read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| ")][1:]
    assert len(rows) > 15 and all(NAMED.search(row.rpartition("|")[0]) for row in rows)
    assert missing(text) == []
    assert missing("`tests/test_attack_list.py::test_gone` `tests/gone.py`") == [
        "tests/test_attack_list.py::test_gone", "tests/gone.py::"]
