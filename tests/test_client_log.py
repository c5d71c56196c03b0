"""The client's log is complete: whatever the journal keeps about a client has a sentence of its own. fig-J7."""
import ast
from functools import cache
from pathlib import Path

import pytest

import models
from models import Action, Journal
from services import client_log, consents, journal, reports
from services.feedback.ending import ENDS
from services.referrals import machine as referral_machine
from services.visits.machine import Event as VisitEvent

ROOT = Path(__file__).resolve().parent.parent
# a journal row whose `what` is put together: the expression as it stands in the code -> what it can be
COMPOSED = {
    "f'booking.{event}'": {f"booking.{event}" for event in VisitEvent},
    "f'consent.{event}'": {f"consent.{step.event}" for step in consents.TRANSITIONS},
    "f'report.{event}'": {f"report.{event}" for event in reports.Event},
    "f'referral.{event}'": {f"referral.{step.event}" for step in referral_machine.TRANSITIONS},
    "f'feedback.{event}'": {"feedback.decline", *(f"feedback.{event}" for event in ENDS)},
    "'feedback.answer' if by_client else 'feedback.log'": {"feedback.answer", "feedback.log"},
    "'feedback.tell' if first else 'feedback.remind'": {"feedback.tell", "feedback.remind"},
    "'emergency.confirm' if right else 'emergency.refuse'": {"emergency.confirm", "emergency.refuse"},
}
CLIENT_AT = 3  # position of `client` among what journal.wrote and journal.read take


def calls(source: str):
    """The calls journal.wrote(…) and journal.read(…) of a module that name a client."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in {"wrote", "read"} \
                and isinstance(node.func.value, ast.Name) and node.func.value.id == "journal" \
                and (len(node.args) > CLIENT_AT or any(word.arg == "client" for word in node.keywords)):
            yield node


def whats(source: str) -> set[str]:
    """What these calls can write: a literal, a composed expression we know, or the literals a parameter is given."""
    found = set()
    for node in calls(source):
        if isinstance(node.args[1], ast.Constant):
            found.add(node.args[1].value)
        elif isinstance(node.args[1], ast.Name):
            found |= given_as(node.args[1].id)
        else:
            found |= COMPOSED.get(ast.unparse(node.args[1]), {f"? {ast.unparse(node.args[1])}"})
    return found


def given_as(name: str) -> set[str]:
    """Every literal that reaches the parameter `what` of a function that names a client in the journal."""
    assert name == "what", f"call it `what`, so that it is found: {name}"
    nodes = [node for source in sources() for node in ast.walk(ast.parse(source))]
    taking = [node for node in nodes if isinstance(node, ast.FunctionDef) and "what" in parameters(node)]
    naming = {node.name for node in taking if any(calls(ast.unparse(node)))}
    for _round in range(3):  # those who hand `what` on to such a function
        naming |= {node.name for node in taking if any(called(inner) in naming for inner in ast.walk(node))}
    found = {default for node in taking if node.name in naming
             for default in [*node.args.defaults, *node.args.kw_defaults]}
    for node in (node for node in nodes if called(node) in naming):
        found |= {word.value for word in node.keywords if word.arg == "what"}
        for at in (parameters(each).index("what") for each in taking if each.name == called(node)):
            found |= set(node.args[at:at + 1])
    return {each.value for each in found if isinstance(each, ast.Constant) and "." in str(each.value)}


def parameters(function) -> list[str]:
    return [each.arg for each in [*function.args.args, *function.args.kwonlyargs]]


def called(node) -> str:
    function = getattr(node, "func", None) if isinstance(node, ast.Call) else None
    return getattr(function, "id", getattr(function, "attr", ""))


@cache
def all_whats() -> set[str]:
    """What every service writes into the journal."""
    return set().union(*map(whats, sources()))


def sources() -> list[str]:
    return [path.read_text(encoding="utf-8") for path in (ROOT / "services").rglob("*.py")
            if path.name != "client_log.py"]


def test_every_row_about_a_client_has_its_sentence(figure):
    written = all_whats()
    without = written - set(client_log.SENTENCES)
    control = whats("journal.wrote(actor, 'client.secret', pid, client)") - set(client_log.SENTENCES)
    figure("fig-J7 rows about a client without a sentence", len(without), "kinds of rows", n=len(written),
           control=control and f"with one more kind of row: {len(control)}")


def test_no_sentence_waits_for_a_row_that_nobody_writes():
    assert set(client_log.SENTENCES) <= all_whats()


def test_the_figure_sees_what_the_code_writes():
    written = all_whats()
    assert {"client.open", "feedback.open", "booking.cancel", "consent.withdraw", "emergency.read"} <= written
    assert not {what for what in written if what.startswith("?")}


@pytest.mark.parametrize("what", sorted(client_log.SENTENCES))
def test_no_two_kinds_of_reading_hide_behind_a_general_word(what):
    assert str(client_log.SENTENCES[what]) not in {"read about you"}


def test_karel_reads_all_of_his_rows_and_no_row_of_others(sign_in, cast):
    kamila, karel = sign_in("kamila"), sign_in("karel")
    kamila.get(f"/clients/{cast.karel.public_id}")
    sign_in("strange_curator").get(f"/clients/{cast.cyril.public_id}")
    rows, total = client_log.of(cast.karel)
    assert total == len(rows) == Journal.select().where(Journal.client == cast.karel).count() > 0
    page = karel.get("/me/who-looked").text
    assert "Kamila Klidná" in page and "Čeněk Cizí" not in page


def test_the_journal_has_no_other_way_to_name_a_client():
    """`Journal.client` is written by services/journal.py alone, so that the figure above looks at all of it."""
    files = [*ROOT.glob("*.py"), *(path for room in ("blueprints", "services", "importers", "migrations", "tables")
                                   for path in (ROOT / room).rglob("*.py"))]
    writers = [path.relative_to(ROOT).as_posix() for path in files if "Journal(" in path.read_text(encoding="utf-8")]
    assert sorted(writers) == ["services/journal.py", "tables/audit.py"]
    assert Action.READ and journal.COLUMNS[7].name == "client" and models.Journal.client.null
