"""Every message has its Czech, whole and in step with the English."""
import ast
import functools
import re
import subprocess
import sys

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

import config

CZECH = config.ROOT / "translations" / "cs" / "LC_MESSAGES" / "messages.po"
PLACEHOLDER = re.compile(r"%\(\w+\)[sdf]|%[sd]")
# how the field speaks of people, never of what they were convicted of
UNWANTED = re.compile(r"\b(vězeň|vězn(i|ě|ů|ům|em|ové)|odsouzen\w*|pachatel\w*|trestan\w*)\b", re.IGNORECASE)

MESSAGE_CALLS = {"_", "_l", "gettext", "lazy_gettext", "ngettext", "pgettext", "later"}


def sources():
    return [path for path in config.ROOT.rglob("*.py")
            if path.relative_to(config.ROOT).parts[0] not in ("tests", ".venv", "var")]


@functools.cache
def tree(path):
    return ast.parse(path.read_text())


@pytest.fixture(scope="module")
def messages(tmp_path_factory):
    """What stands in the code now."""
    target = tmp_path_factory.mktemp("messages") / "messages.pot"
    subprocess.run([sys.executable, "-m", "babel.messages.frontend", "-q", "extract", "-F", "babel.cfg", "-k", "_l",
                    "-k", "later", "-k", "ngettext:1,2", "-k", "pgettext:1c,2", "-o", target, "."],
                   cwd=config.ROOT, check=True)
    with target.open("rb") as handle:
        return read_po(handle)


@pytest.fixture(scope="module")
def czech():
    with CZECH.open("rb") as handle:
        return read_po(handle, locale="cs")


def problems(messages: Catalog, czech: Catalog) -> list[str]:
    return [f"{message.id!r}: {problem}" for message in messages if message.id
            if (problem := _problem(message, czech.get(message.id, message.context)))]


def _problem(message, found):
    if found is None:
        return "missing"
    if found.fuzzy:
        return "fuzzy"
    ids, forms = _list(message.id), _list(found.string)
    if len(forms) != (3 if len(ids) == 2 else 1):
        return f"{len(forms)} forms"
    if not all(forms):
        return "empty"
    wanted = set(PLACEHOLDER.findall(ids[-1]))
    if any(set(PLACEHOLDER.findall(form)) - wanted or (wanted - set(PLACEHOLDER.findall(form)) and len(ids) == 1)
           for form in forms):
        return "placeholders differ"
    if {_ends(form) for form in forms} != {_ends(ids[0])}:
        return "spaces at its ends differ"
    return None


def _ends(text):
    return text[:1].isspace(), text[-1:].isspace()


def _list(value):
    return list(value) if isinstance(value, (tuple, list)) else [value]


def test_every_message_has_its_czech(messages, czech):
    assert len(list(messages)) > 100
    assert problems(messages, czech) == []


def test_czech_has_three_forms_of_plural(czech):
    assert czech.num_plurals == 3


def test_no_message_calls_a_client_what_he_was(czech):
    assert [message.id for message in czech for form in _list(message.string) if UNWANTED.search(form or "")] == []


def test_a_percent_sign_in_a_message_is_written_twice(messages):
    """Jinja and Babel format every message, so a single one breaks its page."""
    texts = [text for message in messages for text in _list(message.id)]
    assert [text for text in texts if re.search(r"%(?!\(|%|[sd]\b)", text.replace("%%", ""))] == []


@pytest.mark.parametrize("string, flags", [
    ("", ()), ("Dnes", ("fuzzy",)), ("Dnes %(den)s", ()), ("Dnes ", ()), (None, ())])
def test_a_lack_is_found(string, flags):
    messages, czech = Catalog(), Catalog(locale="cs")
    messages.add("Today")
    if string is not None:
        czech.add("Today", string, flags=flags)
    assert len(problems(messages, czech)) == 1


def test_no_message_stands_where_extraction_does_not_see_it():
    """Inside an f-string the extractor of Python 3.11 finds no message: what stands only there would stay English."""
    hidden = [f"{path.relative_to(config.ROOT)}:{call.lineno}" for path in sources() for text in ast.walk(tree(path))
              if isinstance(text, ast.JoinedStr) for call in ast.walk(text)
              if isinstance(call, ast.Call) and getattr(call.func, "id", "") in MESSAGE_CALLS]
    assert hidden == []
    assert any(isinstance(part, ast.JoinedStr) for path in sources() for part in ast.walk(tree(path)))
