"""What speaks for an organisation: evidence with source and day, what registers say, what prisons have checked.

Nothing here is counted or scored: each point has its evidence, or the words "not documented". A check by one prison is
information for the others and opens no gate.
"""
from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _
from peewee import JOIN, fn

import clock
import db
import formats
import identifiers
from errors import Missing, RuleBroken
from labels import language
from models import (
    Evidence,
    EvidenceKind,
    Kind,
    Organisation,
    OrganisationState,
    RegisterRecord,
    Service,
    User,
    Vetting,
)
from policy import Can, ask, may, visible_organisations
from services import journal
from services.directory import owns, source_pieces
from services.import_register import INVENTED, RPSS, register_for
from text import clean_text, fold, words

REGISTERED_KINDS = (Kind.NGO, Kind.OTHER)  # whose services belong into the register of social services
LEGAL_FORMS = {"z", "s", "u", "o", "p", "zs", "zu", "ops", "spolek", "ustav", "zapsany", "obecne", "prospesna",
               "spolecnost", "r", "sro", "nadacni", "fond", "nadace", "pobocny"}
LONGEST = {"text": 2000, "source": 500, "document": 300, "scope": 1000, "result": 2000}


# The dossier

@dataclass(frozen=True)
class Proof:
    """One piece of evidence: `state` is claimed, confirmed or expired; `source` as directory.source_pieces gives it."""

    row: Evidence
    state: str
    source: list[tuple[str, str | None]]
    who: str  # confirmed it


@dataclass(frozen=True)
class Dossier:
    """All that is documented of an organisation. `checks` of prisons: empty for who may not read them."""

    organisation: Organisation
    points: list[tuple[EvidenceKind, list[Proof]]]
    number: str | None  # what is wrong with the company number, in a sentence
    differences: list[str]
    register: list[RegisterRecord]
    checks: list[Vetting]
    adds: list[EvidenceKind]  # what the reader may add
    confirms: bool
    vets: bool


def dossier(actor, public_id: str) -> Dossier:
    """The dossier of an organisation. Raises Missing."""
    row = _organisation(actor, public_id)
    found = defaultdict(list)
    for each in _evidence(row):
        found[each.kind].append(_proof(each))
    records = _register_of(row.ico)
    sentences = differences(row, records, _services(row), register_day(register_for(row)))
    return Dossier(row, [(kind, found[kind]) for kind in EvidenceKind], number_problem(row), sentences, records,
                   _checks(actor, row), _may_add(actor, row), may(actor, Can.VERIFY_ORGANISATIONS), _vets(actor, row))


def _organisation(actor, public_id) -> Organisation:
    row = visible_organisations(actor).where(Organisation.public_id == public_id).first()
    if row is None:
        raise Missing
    return row


def _evidence(organisation):
    return (Evidence.select(Evidence, User).join(User, JOIN.LEFT_OUTER, on=(Evidence.confirmed_by == User.id),
                                                 attr="confirmer")
            .where(Evidence.organisation == organisation.id, Evidence.removed_at.is_null())
            .order_by(Evidence.dated_on.desc(), Evidence.id.desc()))


def _proof(row) -> Proof:
    over = row.until_on is not None and row.until_on < clock.today()
    state = "expired" if over else "confirmed" if row.confirmed_on else "claimed"
    return Proof(row, state, source_pieces(row.source), row.confirmer.name if row.confirmed_on else "")


def _may_add(actor, organisation) -> list[EvidenceKind]:
    """The owner and the coordinator add anything; anybody else of the book a reference in their own name."""
    if owns(actor, organisation) or may(actor, Can.VERIFY_ORGANISATIONS):
        return list(EvidenceKind)
    return [EvidenceKind.REFERENCE] if may(actor, Can.SEE_BOOK) else []


def add_evidence(actor, public_id: str, kind: EvidenceKind, text: str, source: str, dated_on: date,
                 until_on: date | None) -> Evidence:
    """Adds a piece of evidence; a stranger's reference stands under the stranger's name. Raises Missing, RuleBroken."""
    organisation = _organisation(actor, public_id)
    if kind not in _may_add(actor, organisation):
        raise Missing
    if dated_on > clock.today():
        raise RuleBroken(_("The day cannot be in the future."), "dated_on")
    if until_on and until_on < dated_on:
        raise RuleBroken(_("The last valid day cannot come before the day of the document."), "until_on")
    source = clean_text(source, limit=LONGEST["source"])
    if not owns(actor, organisation) and not may(actor, Can.VERIFY_ORGANISATIONS):
        source = ", ".join(filter(None, [actor.name, actor.post, actor.organisation.label]))
    if not source:
        raise RuleBroken(_("Write where it stands written, or who gives the reference."), "source")
    with db.writing():
        said = {"organisation": organisation, "kind": kind, "source": source, "dated_on": dated_on,
                "until_on": until_on, "text": clean_text(text, lines=True, limit=LONGEST["text"])}
        if twin := journal.again(actor, "trust.add", Evidence, **said):
            return twin
        row = Evidence.create(**said, added_by=actor.id, created_at=clock.now())
        journal.wrote(actor, "trust.add", row.public_id, parts=kind)
        return row


def evidence(actor, public_id: str) -> Evidence:
    """A piece of evidence that still stands, of an organisation that the actor sees. Raises Missing."""
    row = (Evidence.select(Evidence, Organisation).join(Organisation)
           .where(Evidence.public_id == public_id, Evidence.removed_at.is_null(),
                  Evidence.organisation.in_(visible_organisations(actor).select(Organisation.id))).first())
    if row is None:
        raise Missing
    return row


def confirm_evidence(actor, public_id: str, document: str, until_on: date | None) -> Evidence:
    """The coordinator saw the document. Raises Missing, RuleBroken."""
    if not may(actor, Can.VERIFY_ORGANISATIONS):
        raise Missing
    document = clean_text(document, limit=LONGEST["document"])
    if not document:
        raise RuleBroken(_("Write which document you have seen, so that it can be found again."), "document")
    if until_on and until_on < clock.today():
        raise RuleBroken(_("This day is over: what has expired is not confirmed."), "until_on")
    with db.writing():
        row = evidence(actor, public_id)
        row.document, row.until_on = document, until_on
        row.confirmed_by, row.confirmed_on = actor.id, clock.today()
        row.save()
        journal.wrote(actor, "trust.confirm", row.public_id, parts="document,until_on")
        return row


def removes(actor, row: Evidence) -> bool:
    """Who added a piece of evidence may take it back, its organisation, and the coordinator."""
    mine = actor.id == row.added_by_id or actor.organisation_id == row.organisation_id
    return may(actor, Can.VERIFY_ORGANISATIONS) or (may(actor, Can.SEE_BOOK) and mine)


def removable(actor, public_id: str) -> Evidence:
    """A piece of evidence that the actor may take back. Raises Missing."""
    row = evidence(actor, public_id)
    if not removes(actor, row):
        raise Missing
    return row


def remove_evidence(actor, public_id: str) -> Evidence:
    with db.writing():
        row = removable(actor, public_id)
        row.removed_at = clock.now()
        row.save(only=[Evidence.removed_at])
        journal.wrote(actor, "trust.remove", row.public_id)
        return row


# Company number and registers

def number_problem(organisation) -> str | None:
    """What is wrong with a company number, in a sentence; None where nothing is."""
    if not organisation.ico:
        return _("The company number (IČO) is not known.")
    if identifiers.company_number(organisation.ico) is None:
        return _("The company number %(number)s cannot be right: its last digit does not fit the others.",
                 number=organisation.ico)
    return None


def register_day(register: str = "") -> date | None:
    """The day of the newest register that was imported (or of this one); None where none was."""
    query = RegisterRecord.select(fn.MAX(RegisterRecord.seen_at))
    newest = (query.where(RegisterRecord.register == register) if register else query).scalar()
    newest = RegisterRecord.seen_at.python_value(newest)
    return clock.local(newest).date() if newest else None


def _register_of(ico) -> list[RegisterRecord]:
    return list(RegisterRecord.select().where(RegisterRecord.ico == ico).order_by(RegisterRecord.name)) if ico else []


def _services(organisation):
    return list(Service.select(Service.slug, Service.name, Service.places_total).where(
        Service.organisation == organisation.id, Service.ended_on.is_null(), Service.places_total.is_null(False)))


def differences(organisation, records, services, day: date | None) -> list[str]:
    """What the register of social services says otherwise than the book, a sentence each. Empty without a register."""
    if day is None or not organisation.ico or organisation.kind not in REGISTERED_KINDS:
        return []
    shown = formats.day(day, language=language())
    if not records:
        return [_("The register of social services of %(day)s has no service of this company number.", day=shown)]
    now = [row for row in records if row.missing_at is None and (row.ended_on is None or row.ended_on >= clock.today())]
    if not now:
        return [_("All its services in the register of social services have ended.")]
    return [*_other_name(organisation, now), *_other_capacities(services, now)]


def _other_name(organisation, records):
    names = {row.provider for row in records}
    if not any(_core(name) & _core(organisation.name) == _core(organisation.name) for name in names):
        yield _("The register has another name for this company number: %(name)s.", name=", ".join(sorted(names)))


def _core(name) -> set[str]:
    """The words of a name without those of the legal form."""
    return set(words(name)) - LEGAL_FORMS or set(words(name))


def _other_capacities(services, records):
    """Of services that came from the register, and of those whose kind stands in it once under the same name."""
    registered = defaultdict(list)
    for row in records:
        registered[f"{RPSS}-{row.number}"].append(row)  # so the importer names its services
        registered[fold(row.name)].append(row)
    for service in services:
        same = registered.get(service.slug) or registered.get(fold(service.name)) or []
        found = same[0] if len(same) == 1 else None
        if found and found.capacity is not None and found.capacity != service.places_total:
            yield _("%(service)s: the register has a capacity of %(registered)s, the book says %(ours)s.",
                    service=service.name, registered=found.capacity, ours=service.places_total)


@dataclass(frozen=True)
class Mismatch:
    organisation: Organisation
    sentences: list[str]


def mismatches(actor) -> list[Mismatch]:
    """Organisations whose company number is wrong or of which the register says otherwise, for the coordinator."""
    if not may(actor, Can.VERIFY_ORGANISATIONS):
        raise Missing
    days = {name: register_day(name) for name in (RPSS, INVENTED)}
    by_number, services = defaultdict(list), defaultdict(list)
    for row in RegisterRecord.select():
        by_number[row.ico].append(row)
    for row in Service.select(Service.organisation, Service.slug, Service.name, Service.places_total).where(
            Service.ended_on.is_null(), Service.places_total.is_null(False)):
        services[row.organisation_id].append(row)
    found = []
    for row in Organisation.select().where(Organisation.state != OrganisationState.CLOSED,
                                           Organisation.ico != "").order_by(Organisation.sort):
        problem = number_problem(row)
        sentences = [problem] if problem else differences(
            row, by_number[row.ico], services[row.id], days[register_for(row)])
        if sentences:
            found.append(Mismatch(row, sentences))
    return found


# What prisons have checked

def _reads_checks(actor, organisation) -> bool:
    return may(actor, Can.VET_ORGANISATIONS) or may(actor, Can.VERIFY_ORGANISATIONS) or owns(actor, organisation)


def _vets(actor, organisation) -> bool:
    return may(actor, Can.VET_ORGANISATIONS) and organisation.kind is not Kind.PRISON and not owns(actor, organisation)


def _checks(actor, organisation) -> list[Vetting]:
    """The newest check of each prison; `over` says that its time has passed."""
    if not _reads_checks(actor, organisation):
        return []
    rows = (Vetting.select(Vetting, Organisation, User).join(Organisation, on=(Vetting.prison == Organisation.id))
            .switch(Vetting).join(User, on=(Vetting.checked_by == User.id))
            .where(Vetting.organisation == organisation.id).order_by(Vetting.checked_on, Vetting.id))
    newest = {row.prison_id: row for row in rows}
    for row in newest.values():
        row.over = row.until_on < clock.today()
    return sorted(newest.values(), key=lambda row: row.checked_on, reverse=True)


def to_vet(actor, public_id: str) -> Organisation:
    """An organisation that the actor's prison may check. Raises Missing."""
    organisation = _organisation(actor, public_id)
    if not _vets(actor, organisation):
        raise Missing
    return organisation


def vet(actor, public_id: str, scope: str, result: str, checked_on: date, until_on: date) -> Vetting:
    """Writes down what the actor's prison checked. Raises Missing, RuleBroken."""
    organisation = to_vet(actor, public_id)
    if checked_on > clock.today():
        raise RuleBroken(_("The day cannot be in the future."), "checked_on")
    if until_on < checked_on:
        raise RuleBroken(_("The last valid day cannot come before the day of the check."), "until_on")
    with db.writing():
        said = {"prison": actor.organisation_id, "organisation": organisation, "checked_on": checked_on,
                "until_on": until_on, "scope": clean_text(scope, lines=True, limit=LONGEST["scope"]),
                "result": clean_text(result, lines=True, limit=LONGEST["result"])}
        if twin := journal.again(actor, "trust.vet", Vetting, **said):
            return twin
        row = Vetting.create(**said, checked_by=actor.id, created_at=clock.now())
        journal.wrote(actor, "trust.vet", row.public_id)
        return row


# Today

@dataclass(frozen=True)
class Today:
    """Evidence that ran out, of one's own organisation or, for the coordinator, of all; how much waits to be seen."""

    organisation: str  # public id; empty for the coordinator
    expired: list[Evidence]
    to_confirm: list[Evidence]


def today(actor) -> Today | None:
    if not _is_asked(actor):
        return None
    rows = ask(actor, _wanting)
    expired = [row for row in rows if row.until_on and row.until_on < clock.today()]
    waiting = [row for row in rows if row not in expired]
    return Today(actor.organisation.public_id, expired, waiting) if expired or waiting else None


def stirs(actor) -> list:
    """Queries that tell whether `today` has anything."""
    if not _is_asked(actor):
        return []
    return [_wanting(actor)]


def _is_asked(actor) -> bool:
    return may(actor, Can.VERIFY_ORGANISATIONS) or bool(
        may(actor, Can.SEE_BOOK) and actor.lead and actor.organisation_id)


def _wanting(actor):
    """The first few of what ran out and, for the coordinator, the first few of what waits to be seen."""
    standing, ran_out = Evidence.select().where(Evidence.removed_at.is_null()), Evidence.until_on < clock.today()
    if not may(actor, Can.VERIFY_ORGANISATIONS):
        found = db.first_of(standing.where(Evidence.organisation == actor.organisation_id, ran_out), 5, Evidence.id)
    else:
        unseen = standing.where(Evidence.confirmed_on.is_null(), Evidence.until_on.is_null() | ~ran_out)
        found = db.first_of(standing.where(ran_out), 5, Evidence.id).union_all(
            db.first_of(unseen, 5, Evidence.id))
    return (Evidence.select(Evidence, Organisation).join(Organisation).where(Evidence.id.in_(found))
            .order_by(Evidence.id))
