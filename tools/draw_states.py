"""Writes docs/states.md: what may follow on what, drawn from the tables that the application works by.

`.venv/bin/python tools/draw_states.py` writes it anew; a test says when that was forgotten.
"""
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from services import (
    cooperation,
    corrections,
    coverage,
    directory,
    feedback,
    offers,
    programmes,
    referrals,
    reports,
    visits,
)
from services.groups import machine

PAGE = ROOT / "docs/states.md"
HEAD = """# What may follow on what

Made by `tools/draw_states.py` from the tables in `services/`; do not edit it by hand. On each arrow stands the event
and who may bring it about; (R) means with a reason. What is not drawn is refused.
"""


def offer_lines():
    reasoned = {event for event, needed in offers.NEEDS.items() if needed == "reason"}
    yield None, offers.RECEIVED, "send", [offers.SENDER], False
    yield None, offers.INCOMPLETE, "send without a company number", [offers.SENDER], False
    for (old, event), (new, who) in offers.TRANSITIONS.items():
        yield old, new, event, [who], event in reasoned


def cooperation_lines():
    for line in cooperation.TRANSITIONS:
        yield line.old, line.new, line.event, sorted(line.sides), line.needs_reason


def visit_lines():
    for line in visits.TRANSITIONS:
        yield line.old, line.new, line.event, sorted(line.sides), line.needs_reason


def referral_lines():
    yield None, "draft", "start", ["author", "client"], False
    for line in referrals.TRANSITIONS:
        yield line.old, line.new, line.event, sorted(line.sides), line.needs_reason


def report_lines():
    yield None, reports.ReportState.DRAFT, "begin", [reports.By.STAFF], False
    for line in reports.TRANSITIONS:
        yield line.old, line.new, line.event, sorted(line.by), False


def follow_up_lines():
    for line in feedback.TRANSITIONS:
        yield line.old, line.new, line.event, sorted(line.sides), False


def meeting_lines():
    yield None, machine.State.PLANNED, "plan", [machine.Side.LEAD], False
    for line in machine.TRANSITIONS:
        yield line.old, line.new, line.event, sorted(line.sides), line.needs_reason


def programme_lines():
    yield None, "preparing", "write", [programmes.Side.LEAD, programmes.Side.WORKER], False
    for line in programmes.TRANSITIONS:
        yield line.old, line.new, line.event, sorted(line.sides), False


def correction_lines():
    yield None, corrections.OPEN[0], "propose", ["anybody signed in"], False
    for (old, event), (new, who, reasoned) in corrections.TRANSITIONS.items():
        yield old, new, event, who, reasoned


def gap_lines():
    for line in coverage.TRANSITIONS:
        yield line.old, line.new, line.event, sorted(line.by), line.needs_reason


def organisation_lines():
    for (old, event), new in directory.TRANSITIONS.items():
        yield old, new, event, ["coordinator"], False


DRAWN = {"Visits": visit_lines, "Referrals": referral_lines,
         "Co-operation of an organisation and a prison": cooperation_lines,
         "Closing reports": report_lines, "Follow-ups": follow_up_lines,
         "Meetings of working groups": meeting_lines,
         "Programmes": programme_lines, "Offers to prisons": offer_lines, "Corrections of the book": correction_lines,
         "Gaps in coverage": gap_lines,
         "Organisations in the book": organisation_lines}


def diagram(lines) -> str:
    """A state diagram (Mermaid) of lines (old or None, new, event, who, whether with a reason)."""
    drawn = ["stateDiagram-v2"]
    for old, new, event, who, reasoned in lines:
        mark = " (R)" if reasoned else ""
        drawn.append(f"    {_node(old)} --> {_node(new)}: {_words(event)}{mark}, {' or '.join(who)}")
    return "\n".join(drawn)


def _node(state):
    return "[*]" if state is None else str(state)


def _words(event):
    return str(event).replace("_", " ")


def page() -> str:
    parts = [f"## {title}\n\n```mermaid\n{diagram(lines())}\n```\n" for title, lines in DRAWN.items()]
    return "\n".join([HEAD, *parts])


if __name__ == "__main__":
    PAGE.write_text(page())
