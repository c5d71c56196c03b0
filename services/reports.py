"""Closing reports: written by a worker, read by the client before they go, then issued with a number.

The steps stand in TRANSITIONS. What was issued never changes: a correction is a new version with the same first number.
"""
import enum
from dataclasses import dataclass
from hashlib import sha256

from flask_babel import gettext as _
from peewee import JOIN, fn

import clock
import db
import policy
from errors import Missing, RuleBroken
from models import (
    Agreement,
    AgreementScope,
    Client,
    Consent,
    ConsentScope,
    Kind,
    Need,
    Organisation,
    OrganisationState,
    Report,
    ReportLine,
    ReportState,
    Scope,
    User,
)
from services import files, journal, keys
from text import clean_text

LONGEST = {"summary": 4000, "remark": 2000, "done": 1000, "left": 1000}
RESULTS = ("achieved", "partly", "not")
NUMBERS = 5106  # the lock under which numbers are given
Recipient = Organisation.alias()


class Event(enum.StrEnum):
    SHOW = "show"  # give it to the client
    READ = "read"
    REMARK = "remark"
    SKIP = "skip"  # the client does not want to read it
    TAKE_BACK = "take_back"  # to write it anew, which the client then reads again
    ISSUE = "issue"


class By(enum.StrEnum):
    STAFF = "staff"
    CLIENT = "client"  # or a worker on the client's word, from paper


@dataclass(frozen=True)
class Transition:
    old: ReportState
    event: Event
    new: ReportState
    by: frozenset[By]


_S, _STAFF, _BOTH = ReportState, frozenset({By.STAFF}), frozenset(By)
_SHOWN = (_S.WITH_CLIENT, _S.READ, _S.REMARKED, _S.NOT_READ)
TRANSITIONS = [
    Transition(_S.DRAFT, Event.SHOW, _S.WITH_CLIENT, _STAFF),
    *[Transition(old, Event.READ, _S.READ, _BOTH) for old in (_S.WITH_CLIENT, _S.NOT_READ)],
    *[Transition(old, Event.REMARK, _S.REMARKED, _BOTH) for old in _SHOWN],
    Transition(_S.WITH_CLIENT, Event.SKIP, _S.NOT_READ, _BOTH),
    *[Transition(old, Event.TAKE_BACK, _S.DRAFT, _STAFF) for old in _SHOWN],
    *[Transition(old, Event.ISSUE, _S.ISSUED, _STAFF) for old in _SHOWN[1:]],
]


def steps(report: Report, by: By) -> list[Event]:
    """What may happen to a report now, in the order of the table."""
    return [step.event for step in TRANSITIONS if step.old is report.state and by in step.by]


@dataclass(frozen=True)
class Line:
    need: Need
    result: str
    done: str
    left: str


@dataclass(frozen=True)
class Opened:
    """A report with its words, for somebody who may read it."""

    report: Report
    code: str
    summary: str
    remark: str
    lines: list[Line]
    own: bool  # the reader's organisation wrote it

    @property
    def imprint(self) -> str:
        """Of the words that the client is shown: what they answer is said of these."""
        return sha256(repr((self.summary, self.lines)).encode()).hexdigest()


# Whose

def visible(actor):
    """Reports that a worker may read: those of their organisation, and those issued to it while a ground holds."""
    if not policy.works_with_clients(actor):
        return Report.select().where(policy.NOBODY)
    own = (Report.organisation == actor.organisation_id) & policy.works_with(actor, Report.client)
    received = ((Report.recipient == actor.organisation_id) & (Report.state == ReportState.ISSUED)
                & policy.readable(actor, Report.client, Scope.PLAN, Report.organisation)
                & policy.need_open(actor, Report.client, Scope.PLAN, Report.organisation, "")  # it speaks of all
                & policy.not_withheld(actor, Report.public_id)
                & policy.made_in_time(actor, Report.client, Report.issued_at))
    return Report.select().join(Client).where(Client.erased_at.is_null(), own | received)


def _rows(query):
    return (query.select(Report, Client, Organisation, Recipient, User)
            .join_from(Report, Organisation, on=(Report.organisation == Organisation.id))
            .join_from(Report, Recipient, JOIN.LEFT_OUTER, on=(Report.recipient == Recipient.id), attr="recipient")
            .join_from(Report, User, JOIN.LEFT_OUTER, on=(Report.author == User.id), attr="author")
            .order_by(Report.created_at.desc(), Report.id.desc()))


def of_organisation(actor, client_public_id: str = "") -> list[Report]:
    """Reports that the actor may read, of one client or of all; the newest first. At most a hundred."""
    query = visible(actor)
    return list(_rows(query.where(Client.public_id == client_public_id) if client_public_id else query).limit(100))


def of_client(actor) -> list[Report]:
    """The client's own: whatever was given them to read, and what was issued."""
    query = Report.select().join(Client).where(Client.user == actor.id, Client.erased_at.is_null(),
                                               Report.state != ReportState.DRAFT)
    return list(_rows(query))


def open_one(actor, public_id: str) -> Opened:
    """A report as a worker reads it; the reading is in the client's log. Raises Missing."""
    with db.recording():
        row = _rows(visible(actor).where(Report.public_id == public_id)).first()
        if row is None:
            raise Missing(public_id)
        own = row.organisation_id == actor.organisation_id
        journal.read(actor, "report.open", public_id, row.client, Scope.PLAN, "own" if own else _ground(actor, row))
        return _opened(row, own)


def _ground(actor, row) -> str:
    """The consent, else the agreement, on which another organisation's report is read."""
    consent = (policy.consents_in_force(actor).select(Consent.number)
               .join_from(Consent, ConsentScope, on=(ConsentScope.consent == Consent.id))
               .where(Consent.client == row.client, ConsentScope.scope == Scope.PLAN).first())
    if consent:
        return f"consent:{consent.number}"
    agreement = (Agreement.select(Agreement.number).join(AgreementScope).where(
        Agreement.giver == row.organisation, Agreement.receiver == actor.organisation_id,
        AgreementScope.scope == Scope.PLAN, Agreement.ended_at.is_null()).first())
    return f"agreement:{agreement.number}" if agreement else "emergency"


def to_edit(actor, public_id: str) -> Opened:
    """A draft of the actor's organisation with its words. Raises Missing."""
    opened = open_one(actor, public_id)
    if not opened.own or opened.report.state is not ReportState.DRAFT:
        raise Missing(public_id)
    return opened


def own_one(actor, public_id: str) -> Opened:
    """A report as its client reads it. Raises Missing."""
    row = next((row for row in of_client(actor) if row.public_id == public_id), None)
    if row is None:
        raise Missing(public_id)
    return _opened(row, own=False)


def _opened(row, own):
    opened = keys.opener(row.client)
    lines = [Line(line.need, line.result, opened(line, "done"), opened(line, "left"))
             for line in ReportLine.select().where(ReportLine.report == row).order_by(ReportLine.id)]
    return Opened(row, row.client.code, opened(row, "summary"), opened(row, "remark"), lines, own)


# Writing

def recipients(actor) -> list[Organisation]:
    """To whom a report may go: offices and organisations that work with people, but for one's own."""
    return list(Organisation.select().where(
        Organisation.state == OrganisationState.VERIFIED, Organisation.id != actor.organisation_id,
        Organisation.kind.in_([Kind.PROBATION, Kind.MUNICIPALITY, Kind.NGO])).order_by(Organisation.sort))


def begin(actor, client_public_id: str) -> Report:
    """An empty draft; where the author has one of this client, that one."""
    with db.writing():
        client = files.client_worked_with(actor, client_public_id)
        draft = Report.get_or_none(Report.client == client, Report.organisation == actor.organisation_id,
                                   Report.author == actor.id, Report.state == ReportState.DRAFT)
        return draft or _new(actor, client)


def _new(actor, client, **columns) -> Report:
    row = Report.create(client=client, organisation=actor.organisation_id, author=actor.id, created_at=clock.now(),
                        **columns)
    journal.wrote(actor, "report.draft", row.public_id, client, Scope.PLAN, "own")
    return row


def write(actor, public_id: str, summary: str, recipient: str) -> None:
    """The words of a draft, and to which organisation (a public id; empty: to nobody but the client) it goes."""
    with db.writing():
        row = _draft(actor, public_id)
        to = next((each for each in recipients(actor) if each.public_id == recipient), None)
        if recipient and to is None:
            raise RuleBroken(_("Choose an organisation from the list."), field="recipient")
        words = clean_text(summary, lines=True, limit=LONGEST["summary"])
        Report.update(summary=keys.seal(row, "summary", words, row.client), recipient=to).where(
            Report.id == row.id).execute()
        journal.wrote(actor, "report.change", public_id, row.client, "summary,recipient", "own")


def write_line(actor, public_id: str, need: Need, result: str, done: str, left: str) -> None:
    """What was done about one need, with what result, and what is left; writing it again replaces it."""
    if result not in RESULTS:
        raise RuleBroken(_("Choose how it ended."), field="result")
    with db.writing():
        row = _draft(actor, public_id)
        line = ReportLine.get_or_none(ReportLine.report == row, ReportLine.need == need) \
            or ReportLine(report=row, need=need)
        line.result = result
        for column, text in (("done", done), ("left", left)):
            words = clean_text(text, lines=True, limit=LONGEST[column])
            setattr(line, column, keys.seal(line, column, words, row.client))
        line.save()
        journal.wrote(actor, "report.change", public_id, row.client, "lines", "own")


def _own(actor, public_id) -> Report:
    """A report that the actor's organisation wrote, its row locked. Raises Missing."""
    query = visible(actor).where(Report.public_id == public_id, Report.organisation == actor.organisation_id)
    return _locked(query, public_id)


def _locked(query, public_id):
    row = db.locked(query.select(Report, Client)).first()
    if row is None:
        raise Missing(public_id)
    return row


def _draft(actor, public_id):
    row = _own(actor, public_id)
    if row.state is not ReportState.DRAFT:
        raise RuleBroken(_("The client has this report already. Take it back before you change it."))
    return row


# Steps

def step(actor, public_id: str, event: Event, remark: str = "") -> Report:
    """A worker takes a report one step on: their own step, or one of the client's, from paper or by their word."""
    with db.writing():
        row = _own(actor, public_id)
        _move(actor, row, event, By.STAFF, remark)
        return row


def step_of_client(actor, public_id: str, event: Event, imprint: str, remark: str = "") -> Report:
    """The client read it, wrote a remark, or does not want to read it; `imprint` is of the words they were shown."""
    with db.writing():
        row = _locked(Report.select().join(Client).where(
            Report.public_id == public_id, Client.user == actor.id, Report.state != ReportState.DRAFT), public_id)
        if imprint != _opened(row, own=False).imprint:
            raise RuleBroken(_("The report has changed since. Please read it again."))
        _move(actor, row, event, By.CLIENT, remark)
        return row


def _move(actor, row, event, by, remark):
    found = next((each for each in TRANSITIONS if (each.old, each.event) == (row.state, event) and by in each.by), None)
    if found is None:
        raise RuleBroken(_("This has been decided already. See how it stands now."))
    columns = {Event.SHOW: _shown, Event.REMARK: _remarked, Event.TAKE_BACK: _taken_back, Event.ISSUE: _issued}.get(
        event, lambda *_given: {})(row, remark)
    Report.update(state=found.new, **columns).where(Report.id == row.id).execute()
    row.state = found.new
    journal.wrote(actor, f"report.{event}", row.public_id, row.client, "state",
                  "own" if by is By.STAFF else "")


def _shown(row, _remark):
    if row.summary is None:
        raise RuleBroken(_("Write the report first."))
    return {"shown_at": clock.now()}


def _remarked(row, remark):
    words = clean_text(remark, lines=True, limit=LONGEST["remark"])
    if not words:
        raise RuleBroken(_("Write what is not right or what is missing."), field="remark")
    return {"remark": keys.seal(row, "remark", words, row.client)}


def _taken_back(row, _remark):
    return {"shown_at": None}


def _issued(row, _remark):
    return {"number": _number(row), "issued_at": clock.now()}


def _number(row) -> str:
    """2026-0001, one a report; its corrections 2026-0001/2, /3."""
    if row.replaces_id:
        return f"{row.replaces.number.partition('/')[0]}/{row.version}"
    db.hold(NUMBERS, 0)
    year = str(clock.today().year)
    last = Report.select(fn.MAX(Report.number)).where(Report.number.startswith(f"{year}-"),
                                                      Report.version == 1).scalar()
    return f"{year}-{int(last.partition('-')[2]) + 1 if last else 1:04}"


def correct(actor, public_id: str) -> Report:
    """A new version of an issued report, as a draft with the same words. Who began one already gets that one."""
    with db.writing():
        old = _own(actor, public_id)
        if old.state is not ReportState.ISSUED:
            raise RuleBroken(_("Only a report that was issued is corrected by a new version."))
        begun = Report.get_or_none(Report.replaces == old)
        return begun or _copied(actor, old)


def _copied(actor, old):
    opened = keys.opener(old.client)
    new = _new(actor, old.client, replaces=old, version=old.version + 1, recipient=old.recipient_id)
    Report.update(summary=keys.seal(new, "summary", opened(old, "summary"), old.client)).where(
        Report.id == new.id).execute()
    for line in ReportLine.select().where(ReportLine.report == old):
        copy = ReportLine(report=new, need=line.need, result=line.result)
        copy.done, copy.left = (keys.seal(copy, column, opened(line, column), old.client)
                                for column in ("done", "left"))
        copy.save(force_insert=True)
    journal.wrote(actor, "report.correct", new.public_id, old.client, Scope.PLAN, "own")
    return new
