"""What a machine may lack: skipped at a desk, a failure where everything must run."""
import os
import shutil
from pathlib import Path

import pytest

EVERYTHING = os.environ.get("REQUIRE_ALL") == "1" or os.environ.get("CI") == "true"


def lacking(sentence: str) -> None:
    """Skips the test with a reason, or fails it with REQUIRE_ALL=1 or CI=true."""
    if EVERYTHING:
        pytest.fail(f"{sentence} Here nothing may be skipped.", pytrace=False)
    pytest.skip(sentence)


def postgresql_binaries() -> Path:
    """The folder with initdb and postgres of the newest installed version."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    if on_path := shutil.which("initdb"):
        return Path(on_path).resolve().parent
    lacking("PostgreSQL is not installed (apt install postgresql) and TEST_POSTGRESQL_URL is not set.")


def chromium_binary() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    return found or lacking("Chromium is not installed (apt install chromium).")
