"""Imports go one way: the table of the architecture, held."""
import ast
import subprocess
import sys
from pathlib import Path

import pytest

import models
from config import ROOT

PURE = {"clock": set(), "config": set(), "errors": set(), "formats": {"models"}, "labels": {"models"},
        "richtext": {"text"}, "text": set(), "crypto": {"errors"},
        "identifiers": set(), "readability": {"text"}}
BELOW_SERVICES = {"clock", "db", "rows", "errors", "crypto", "models", "policy", "config", *PURE}
SERVICES = {"services", "importers", "exporters"}
MAY_IMPORT = {
    **PURE,
    "db": {"crypto", "engines", "errors", "rows"},
    "tables": {"clock", "db", "crypto", "tables"},
    "models": {"tables"},
    "policy": {"clock", "db", "models"},
    "services": BELOW_SERVICES | SERVICES,
    "importers": BELOW_SERVICES | SERVICES,
    "exporters": BELOW_SERVICES | SERVICES,
    "choices": {"labels", "richtext"},
    "form_words": set(),
    "rows": set(), "drivers": set(), "engines": {"drivers"}, "templating": set(), "server": set(),
    "web": {"clock", "db", "errors", "models", "policy"},
    "pages": {"clock", "templating", *PURE},
    "frame": {"config", "models", "pages", "policy", "services"},
    "blueprints": {"choices", "clock", "db", "errors", "exporters", "formats", "labels", "models", "policy", "pages",
                   "services", "text", "identifiers", "readability", "web", "blueprints"},
}
COMPOSE = {"app", "cli", "jobs", "demo"}  # they may import anything below them
WITHOUT_FLASK = {*PURE, "db", "models", "tables", "policy", *SERVICES}
FLASK_FOR_ALL = {"flask_babel": None, "flask_login": {"UserMixin"}}  # words; what a user is to Flask-Login
OURS = {*MAY_IMPORT, *COMPOSE}
QUERIES = {"select", "get", "get_or_none", "get_by_id", "create", "insert", "insert_many", "update", "delete", "raw"}


def sources():
    for name in sorted(OURS):
        folder, file = ROOT / name, ROOT / f"{name}.py"
        yield from ([file] if file.exists() else sorted(folder.rglob("*.py")))


def home(path: Path) -> tuple[str, str]:
    """The name in the table, and the area where it is a blueprint."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return parts[0], parts[1] if parts[0] == "blueprints" and len(parts) > 2 else ""


def imported(tree):
    """(module, names or None, line) of every import, those inside functions too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, None, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or "", {alias.name for alias in node.names}, node.lineno


def problems(module: str, area: str, source: str) -> list[str]:
    tree, found = ast.parse(source), []
    for name, names, line in imported(tree):
        top = name.split(".")[0]
        if top in OURS and module in MAY_IMPORT and top != module and top not in MAY_IMPORT[module]:
            found.append(f"line {line}: {module} imports {name}")
        if module in WITHOUT_FLASK and top.startswith("flask") and not _allowed_flask(top, names):
            found.append(f"line {line}: {module} imports {name}")
        if module == "blueprints":
            found += [f"line {line}: {problem}" for problem in _blueprint(area, name, names)]
    return found + (_queries(tree) if module == "blueprints" else [])


def _allowed_flask(top, names):
    return top in FLASK_FOR_ALL and (FLASK_FOR_ALL[top] is None or (names or {""}) <= FLASK_FOR_ALL[top])


def _blueprint(area, name, names):
    parts = name.split(".")
    if parts[0] == "blueprints" and (len(parts) < 2 or parts[1] != area):
        yield f"the blueprint {area} imports {name}"
    if parts[0] == "pages" and names != {"language"}:
        yield f"the blueprint {area} imports more than language from pages"
    if parts[0] == "db" and names != {"Mode"}:
        yield f"the blueprint {area} imports more than Mode from db"
    if parts[0] == "models":
        tables = [each for each in names or {"models"} if _is_table(each)]
        yield from (f"the blueprint {area} imports the table {each}" for each in tables)


def _is_table(name):
    found = getattr(models, name, models.Table)
    return isinstance(found, type) and issubclass(found, models.Table)


def _queries(tree):
    """Queries in a view: calls on something with a capital letter, such as User.select()."""
    return [f"line {node.lineno}: a view queries {node.value.id}.{node.attr}" for node in ast.walk(tree)
            if isinstance(node, ast.Attribute) and node.attr in QUERIES
            and isinstance(node.value, ast.Name) and _is_table_here(node.value.id)]


def _is_table_here(name):
    return hasattr(models, name) and _is_table(name)


@pytest.mark.parametrize("path", list(sources()), ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_go_one_way(path):
    assert not problems(*home(path), path.read_text())


def test_every_module_stands_in_the_table():
    known = OURS | {"tests", "tools", "benchmarks", "migrations"}
    code = {path.stem for path in ROOT.glob("*.py")} | {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert code <= known


@pytest.mark.parametrize("module, area, source", [
    ("services", "", "import web"), ("services", "", "def f():\n    from flask import g"), ("formats", "", "import db"),
    ("policy", "", "import services"), ("services", "", "from tables.people import User"),
    ("models", "", "from flask_login import current_user"),
    ("blueprints", "today", "from blueprints.me import routes"), ("blueprints", "today", "from models import User"),
    ("blueprints", "today", "import db"), ("web", "", "import services.mail"), ("blueprints", "today", "User.select()"),
])
def test_a_wrong_import_is_found(module, area, source):
    assert problems(module, area, source)


def test_models_hands_on_every_table_and_enum():
    for path in (ROOT / "tables").glob("*.py"):
        names = {node.name for node in ast.parse(path.read_text()).body if isinstance(node, ast.ClassDef)}
        assert not [name for name in names if name[0] != "_" and not hasattr(models, name)], path


def test_only_one_module_imports_bleach_and_makes_markup():
    for path in sources():
        for name, names, _line in imported(ast.parse(path.read_text())):
            if path.name != "richtext.py":
                assert name.split(".")[0] != "bleach", path
                # what templating.py calls Markup has been escaped piece by piece, as Jinja itself does
                assert "Markup" not in (names or ()) or path.name == "templating.py", path


HEAVY = {"openpyxl", "weasyprint", "segno"}  # each process of ours would hold them; they are loaded where they are used


def test_what_is_heavy_is_not_loaded_at_the_start(tmp_path):
    load = f"import sys, app; app.create_app(data_dir={str(tmp_path)!r}); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", load], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert "exporters.xlsx_book" in loaded and not HEAVY & set(loaded.split())
