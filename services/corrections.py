"""Corrections of the book: anybody signed in proposes, the organisation or the coordinator decides field by field."""
from dataclasses import dataclass
from datetime import timedelta

from flask_babel import force_locale
from flask_babel import gettext as _
from peewee import SQL, fn

import clock
import db
import policy
from errors import Missing, RuleBroken
from models import Correction, CorrectionField, CorrectionState, Organisation, RecordKind, Topic, User
from policy import Can, may, visible_organisations
from services import basics, editing, journal, mail, record_words, records
from services.records import MODELS
from text import clean_text

OPEN = (CorrectionState.PROPOSED, CorrectionState.LAPSED)
OWNER_DAYS = 30  # how long the organisation has; then the coordinator decides
CAN_FAIL = ("phone", "email", "web")  # contact facts that one tap says do not work
LONGEST_NOTE = 1000
OWNER, COORDINATOR, SYSTEM = "owner", "coordinator", "system"

# (from, event) -> (to, who, whether a reason is needed)
TRANSITIONS = {
    (CorrectionState.PROPOSED, "accept"): (CorrectionState.ACCEPTED, (OWNER, COORDINATOR), False),
    (CorrectionState.PROPOSED, "accept_part"): (CorrectionState.PARTLY, (OWNER, COORDINATOR), True),
    (CorrectionState.PROPOSED, "reject"): (CorrectionState.REJECTED, (OWNER, COORDINATOR), True),
    (CorrectionState.PROPOSED, "lapse"): (CorrectionState.LAPSED, (SYSTEM,), False),
    (CorrectionState.LAPSED, "accept"): (CorrectionState.ACCEPTED, (COORDINATOR,), False),
    (CorrectionState.LAPSED, "accept_part"): (CorrectionState.PARTLY, (COORDINATOR,), True),
    (CorrectionState.LAPSED, "reject"): (CorrectionState.REJECTED, (COORDINATOR,), True),
}


@dataclass(frozen=True)
class Line:
    """One field of a correction in words: what it was when it was proposed, what is proposed, what it is now."""

    field: str
    word: str
    old: str
    new: str
    now: str
    taken: bool | None

    @property
    def moved(self) -> bool:
        return self.now != self.old


@dataclass(frozen=True)
class Page:
    correction: Correction
    opened: editing.Opened
    lines: list[Line]
    decides: bool


# Proposing

def propose(actor, kind: RecordKind, public_id: str, values: dict, note: str) -> Correction:
    """A correction with the fields of `values` that differ. Raises Missing, RuleBroken where nothing does."""
    with db.writing():
        opened = editing.open_record(actor, kind, public_id)
        model, now = type(opened.record), records.texts(opened.record, values)
        wanted = {name: records.as_text(model, name, records.cleaned(model, name, value))
                  for name, value in values.items()}
        differing = {name: (now[name], text) for name, text in wanted.items() if text != now[name]}
        basics.check(actor, opened.organisation, {name: values[name] for name in differing})
        note = clean_text(note, lines=True, limit=LONGEST_NOTE)
        if not differing and not note:
            raise RuleBroken(_("Change what is wrong, or write it in the note."), "note")
        return _proposed_just_now(actor, public_id, differing, note) or _create(actor, opened, differing, note)


def _proposed_just_now(actor, record, differing, note):
    same = journal.again(actor, "book.propose_correction", Correction, record=record, note=note)
    said, column = {name: new for name, (_old, new) in differing.items()}, CorrectionField
    kept = column.select(column.field, column.new).where(column.correction == same)
    return same if same and dict(kept.tuples()) == said else None


def does_not_work(actor, kind: RecordKind, public_id: str, field: str) -> Correction:
    """One tap: this telephone, e-mail or web does not work. The same said twice is one correction. Raises Missing."""
    with db.writing():
        opened = editing.open_record(actor, kind, public_id)
        value = records.texts(opened.record, [field]).get(field) if field in records.fields_of(MODELS[kind]) else ""
        if field not in CAN_FAIL or not value:
            raise Missing
        same = (Correction.select().join(CorrectionField).where(
            Correction.record_kind == kind, Correction.record == public_id, Correction.state.in_(OPEN),
            CorrectionField.field == field, CorrectionField.new == "").first())
        return same or _create(actor, opened, {field: (value, "")}, "")


def _create(actor, opened, differing, note) -> Correction:
    row = Correction.create(record_kind=opened.kind, record=opened.public_id, organisation=opened.organisation,
                            proposed_by=actor, note=note, created_at=clock.now())
    for name, (old, new) in differing.items():
        CorrectionField.create(correction=row, field=name, old=old, new=new)
    journal.wrote(actor, "book.propose_correction", row.public_id, parts=",".join(differing))
    _tell_owner(row, opened, differing)
    return row


def _tell_owner(row, opened, differing):
    people = list(User.select().where(User.organisation == opened.organisation, User.active == True)  # noqa: E712
                  .order_by(User.lead.desc(), User.id))
    for user in [person for person in people if person.lead] or people[:1]:
        with force_locale(user.language):
            words = ", ".join(record_words.field_word(name, opened.kind) for name in differing) or _("a note")
            path = f"/book/corrections/{row.public_id}"
            mail.tell(user, Topic.FACTS, _("Somebody says that something about you is not right"), "\n\n".join([
                _("In the contact book of Návaznost somebody proposes a correction of %(what)s: %(fields)s.",
                  what=opened.title, fields=words),
                _("See it and decide within %(days)s days; then the coordinator of the network does:", days=OWNER_DAYS),
                mail.link(path)]), path)


# Deciding

def page(actor, public_id: str) -> Page:
    """A correction for those who decide and for who proposed it. Raises Missing."""
    row = _visible(actor).where(Correction.public_id == public_id).first()
    if row is None:
        raise Missing
    opened = editing.open_record(actor, row.record_kind, row.record)
    fields = list(CorrectionField.select().where(CorrectionField.correction == row).order_by(CorrectionField.id))
    now = records.texts(opened.record, [each.field for each in fields])

    def words(name, text):
        return record_words.value_words(row.record_kind, name, text)
    lines = [Line(each.field, record_words.field_word(each.field, row.record_kind), words(each.field, each.old),
                  words(each.field, each.new), words(each.field, now[each.field]), each.taken) for each in fields]
    return Page(row, opened, lines, decides=who(actor, row) in _deciders(row.state))


def _visible(actor):
    """Corrections that the actor proposed, or may decide about."""
    rows = Correction.select().where(fn.EXISTS(visible_organisations(actor).select(SQL("1")).where(
        Organisation.id == Correction.organisation)))
    if may(actor, Can.VERIFY_ORGANISATIONS):
        return rows
    return rows.where((Correction.proposed_by == actor.id) | (Correction.organisation == _own(actor)))


def _own(actor):
    return actor.organisation_id if actor.organisation_id is not None else -1


def who(actor, row) -> str | None:
    """As whom the actor meets a correction."""
    if may(actor, Can.VERIFY_ORGANISATIONS):
        return COORDINATOR
    return OWNER if may(actor, Can.SEE_BOOK) and actor.organisation_id == row.organisation_id else None


def _deciders(state) -> tuple[str, ...]:
    return TRANSITIONS[state, "accept"][1] if (state, "accept") in TRANSITIONS else ()


def decide(actor, public_id: str, taken: set[str], reason: str) -> Correction:
    """Takes the named fields over and leaves the others. Raises Missing, RuleBroken.

    A correction that is only a note is accepted by `taken` = {"note"}.
    """
    with db.writing():
        row = db.locked(_visible(actor).where(Correction.public_id == public_id)).first()
        if row is None or who(actor, row) is None:
            raise Missing
        fields = list(CorrectionField.select().where(CorrectionField.correction == row))
        named = {each.field for each in fields} or {"note"}
        event = "accept" if named <= taken else "accept_part" if named & taken else "reject"
        _move(actor, row, event, clean_text(reason, lines=True, limit=LONGEST_NOTE))
        _take_over(actor, row, [each for each in fields if each.field in taken])
        CorrectionField.update(taken=False).where(CorrectionField.correction == row,
                                                  CorrectionField.taken.is_null()).execute()
        journal.wrote(actor, f"book.{event}_correction", row.public_id, parts=",".join(sorted(named & taken)))
        return row


def _move(actor, row, event, reason):
    if row.state not in OPEN:
        raise RuleBroken(_("%(who)s has decided about this in the meantime. See how it stands now.",
                           who=row.decided_by.name))
    to, deciders, reasoned = TRANSITIONS[row.state, event]
    if who(actor, row) not in deciders:
        raise Missing
    if reasoned and not reason:
        raise RuleBroken(_("Write why, so that the person who proposed it understands."), "reason")
    row.state, row.reason, row.decided_by, row.decided_at = to, reason, actor, clock.now()
    row.save()


def _take_over(actor, row, fields):
    if not fields:
        return
    record = records.find(row.record_kind, row.record, lock=True)
    model = type(record)
    values = {each.field: records.value_of(model, each.field, each.new) for each in fields}
    basics.check(actor, records.organisation_of(record), values)
    records.change(actor, record, values, f"correction:{row.public_id}")
    if who(actor, row) == OWNER:
        for group in {records.group_of(row.record_kind, name) for name in values}:
            records.confirm_group(actor, record, group)
    CorrectionField.update(taken=True).where(CorrectionField.id.in_([each.id for each in fields])).execute()


def lapse_due() -> int:
    """Hands corrections that nobody decided for 30 days to the coordinator; returns how many. For the night."""
    with db.writing():
        due = Correction.update(state=CorrectionState.LAPSED).where(
            Correction.state == CorrectionState.PROPOSED,
            Correction.created_at <= clock.now() - timedelta(days=OWNER_DAYS)).execute()
        if due:
            journal.wrote(None, "book.lapse_corrections", parts="state")
        return due


def note_outcome(actor, public_id: str) -> None:
    """The proposer has seen what became of it. Raises Missing."""
    with db.writing():
        mine = (Correction.public_id == public_id) & (Correction.proposed_by == actor.id)
        if not Correction.update(seen_at=clock.now()).where(mine, Correction.state.not_in(OPEN)).execute():
            raise Missing
        journal.wrote(actor, "book.note_outcome", public_id, parts="seen_at")


# Lists

def waiting(actor) -> list[Correction]:
    """Corrections that the actor is to decide about, the oldest first."""
    return [row for row in _mine(actor) if _waits_for(actor, row)]


def _waits_for(actor, row) -> bool:
    mine = who(actor, row)
    return mine in _deciders(row.state) and (mine != COORDINATOR or _coordinators(actor, row))


def _coordinators(actor, row) -> bool:
    """The coordinator is asked for what lapsed, and for organisations without anybody here."""
    return row.state is CorrectionState.LAPSED or row.organisation_id == actor.organisation_id or not row.people


def _mine(actor):
    """Open corrections within the actor's reach, and decided ones of their own that they have not seen; one query."""
    return policy.ask(actor, _mine_query)


def _mine_query(actor):
    people = User.select(User.id).where(User.organisation == Correction.organisation, User.active == True).limit(1)  # noqa: E712
    unseen = (Correction.proposed_by == actor.id) & Correction.seen_at.is_null()
    return _visible(actor).select(Correction, Organisation, people.alias("people")).join(Organisation).where(
        Correction.state.in_(OPEN) | unseen).order_by(Correction.created_at, Correction.id)


def proposed_by(actor) -> list[Correction]:
    """What the actor proposed, the newest first."""
    return list(Correction.select(Correction, Organisation).join(Organisation)
                .where(Correction.proposed_by == actor.id).order_by(Correction.id.desc()).limit(100))


@dataclass(frozen=True)
class Today:
    """Corrections to decide about, outcomes to take note of, and agendas of the reader's prison that nobody keeps."""

    waiting: list[Correction]
    outcomes: list[Correction]
    agendas: list
    organisation: str  # public id


def stirs(actor) -> list:
    """Queries that tell whether `today` has anything."""
    if not may(actor, Can.SEE_BOOK):
        return []
    return [_mine_query(actor), editing.gone_people(actor)]


def today(actor, some_corrections=True, some_gone=True) -> Today | None:
    """What waits, each list in one query; a list that is said to have nothing is not asked for."""
    if not may(actor, Can.SEE_BOOK):
        return None
    rows = _mine(actor) if some_corrections else []
    outcomes = [row for row in rows if row.state not in OPEN and row.proposed_by_id == actor.id]
    to_decide = [row for row in rows if _waits_for(actor, row)]
    agendas = editing.orphaned_agendas(actor) if some_gone else []
    if not (outcomes or to_decide or agendas):
        return None
    return Today(to_decide, outcomes, agendas, actor.organisation.public_id if actor.organisation_id else "")
