"""People in a programme: enrolled by referral or by who works with them, waiting in line, finishing, offered the next.

Only who runs the programme reads who is in it, and of them only those of one's own clients. The number of places is
held by the programme's row: who enrols locks it, and who comes when it is full waits.
"""
from dataclasses import dataclass

from flask_babel import gettext as _

import clock
import db
from errors import Missing, RuleBroken
from models import (
    Client,
    LeavingReason,
    Membership,
    Organisation,
    Participant,
    ParticipantState,
    Programme,
    ProgrammeSite,
    ProgrammeState,
    Referral,
    ReferralState,
)
from policy import OWN, REFERRAL, membership_holds, visible_participants, visible_programmes, works_with
from services import journal
from services.programmes import register
from services.programmes.machine import NOW_IN, AlreadyDecided
from services.referrals import sending
from text import clean_text

State = ParticipantState
LEAVING = tuple(LeavingReason)
OPEN = (ProgrammeState.RUNNING, ProgrammeState.ENDING)
CARE = (ReferralState.ACCEPTED, ReferralState.IN_CARE)
SHOWN_OVER = 100  # the newest of those who are in it no more


@dataclass(frozen=True)
class People:
    """`unseen`: how many more are in it whose names the reader may not know. `to_enrol`: referrals that wait for it."""

    programme: Programme
    waiting: list[Participant]
    taking_part: list[Participant]
    to_offer: list[Participant]  # finished, and there is a next programme that was not offered yet
    over: list[Participant]
    to_enrol: list[Referral]
    unseen: int
    free: int | None


def people_of(actor, public_id: str) -> People:
    """Who is in a programme of the actor's organisation. Raises Missing. Writes who was read into the journal."""
    with db.recording():
        row = register.own(actor, public_id)
        rows = list(_rows(actor, row))
        for each in rows:
            journal.read(actor, "programme.people", row.public_id, each.client, parts="programme")
        return _sorted(actor, row, rows)


def _rows(actor, row):
    return (visible_participants(actor).select(Participant, Client).join(Client, on=(Participant.client == Client.id))
            .where(Participant.programme == row).order_by(Participant.asked_at, Participant.id))


def _sorted(actor, row, rows) -> People:
    def of(*states):
        return [each for each in rows if each.state in states]
    done = sorted(of(State.FINISHED, State.LEFT, State.HANDED_ON), key=lambda each: str(each.ended_on), reverse=True)
    to_offer = [each for each in done if each.state is State.FINISHED and row.leads_to_id and not each.next_offered_on]
    everybody = Participant.select().where(Participant.programme == row).count()
    return People(row, of(State.WAITING), of(State.TAKES_PART), to_offer, done[:SHOWN_OVER], _to_enrol(actor, row),
                  everybody - len(rows), free_places(row))


def _to_enrol(actor, row):
    if row.service_id is None or row.state not in OPEN:
        return []
    been = Participant.select(Participant.referral).where(Participant.programme == row,
                                                          Participant.referral.is_null(False))
    return list(Referral.select(Referral, Client).join(Client).where(
        Referral.service == row.service_id, Referral.receiver == actor.organisation_id, Referral.state.in_(CARE),
        Referral.id.not_in(been), works_with(actor, Client.id)).order_by(Referral.accepted_at))


def of_client(client) -> list[Participant]:
    """Programmes a client is in or waits for, for the client."""
    return list(Participant.select(Participant, Programme, Organisation).join_from(Participant, Programme)
                .join(Organisation, on=(Programme.kept_by == Organisation.id), attr="kept_by")
                .where(Participant.client == client, Participant.state.in_(NOW_IN)).order_by(Programme.name))


def free_places(row: Programme) -> int | None:
    """How many more may take part; None where there is no limit. Places that prisons hold count as taken."""
    from services.programmes import places  # it counts on this room
    return places.free_of([row])[row.id]


def enrol(actor, public_id: str, code: str, site: str = "") -> Participant:
    """Enrols a client of one's own by the code, or puts them in line. Raises Missing, RuleBroken."""
    with db.writing():
        row = _open(actor, public_id)
        wanted = clean_text(code, limit=20).upper().replace(" ", "")
        client = Client.get_or_none((Client.code == wanted) & works_with(actor, Client.id) & Client.erased_at.is_null())
        if client is None:
            raise RuleBroken(_("You do not work with a client of this code."), field="code")
        return _enrol(actor, row, client, _site(row, site), None)


def enrol_referral(actor, public_id: str, referral: str, site: str = "") -> Participant:
    """The same for a client who came by a referral to the programme's service. Raises Missing, RuleBroken."""
    with db.writing():
        row = _open(actor, public_id)
        found = next((each for each in _to_enrol(actor, row) if each.public_id == referral), None)
        if found is None:
            raise AlreadyDecided(_("This referral is not waiting for the programme any more."))
        return _enrol(actor, row, found.client, _site(row, site), found)


def _open(actor, public_id) -> Programme:
    row = register.locked(actor, public_id)
    if row.state not in OPEN:
        raise RuleBroken(_("People are enrolled into a programme that runs."))
    return row


def _site(row, public_id):
    if not public_id:
        sites = list(ProgrammeSite.select().where(ProgrammeSite.programme == row).limit(2))
        return sites[0] if len(sites) == 1 else None
    found = ProgrammeSite.get_or_none(ProgrammeSite.public_id == public_id, ProgrammeSite.programme == row)
    if found is None:
        raise RuleBroken(_("Choose one of the list."), field="site")
    return found


def _enrol(actor, row, client, site, referral) -> Participant:
    found = Participant.get_or_none(Participant.programme == row, Participant.now_in == client)
    if found:
        return found
    free = free_places(row)
    first_in_line = not Participant.select().where(Participant.programme == row,
                                                   Participant.state == State.WAITING).exists()
    takes = free is None or (free > 0 and first_in_line)
    new = Participant.create(programme=row, site=site, client=client, now_in=client, referral=referral,
                             state=State.TAKES_PART if takes else State.WAITING,
                             started_on=clock.today() if takes else None)
    journal.wrote(actor, "programme.enrol", new.public_id, client, "programme")
    return new


def participant(actor, public_id: str) -> Participant:
    """One participant whom the actor may see. Raises Missing. Writes the reading into the journal."""
    with db.recording():
        found = visible_participants(actor).where(Participant.public_id == public_id).first()
        if found is None:
            raise Missing(public_id)
        journal.read(actor, "programme.people", found.public_id, found.client, parts="programme")
        return found


def _locked(actor, public_id) -> Participant:
    """A participant whom the actor may see, the programme locked with it. Raises Missing."""
    found = visible_participants(actor).where(Participant.public_id == public_id).first()
    if found is None:
        raise Missing(public_id)
    register.locked(actor, found.programme.public_id)
    return db.locked(Participant.select().where(Participant.id == found.id)).get()


def take_in(actor, public_id: str) -> Participant:
    """Somebody in line begins. Raises Missing, RuleBroken where no place is free."""
    with db.writing():
        row = _locked(actor, public_id)
        if row.state is State.TAKES_PART:
            return row
        if row.state is not State.WAITING or row.programme.state not in OPEN:
            raise AlreadyDecided(_("This cannot be done any more. See how the programme stands now."))
        if free_places(row.programme) == 0:
            raise RuleBroken(_("No place is free. Somebody has to finish or leave first."))
        _set(actor, row, "programme.takes_part", State.TAKES_PART, started_on=clock.today())
        return row


def change(actor, public_id: str, state: ParticipantState, reason: LeavingReason | None = None) -> Participant:
    """Somebody finishes or leaves (with a reason). Raises Missing, RuleBroken. Twice changes nothing."""
    with db.writing():
        row = _locked(actor, public_id)
        if row.state is state:
            return row
        if row.state not in NOW_IN or (state is State.FINISHED and row.state is State.WAITING):
            raise AlreadyDecided(_("This cannot be done any more. See how the programme stands now."))
        if state is State.LEFT and reason is None:
            raise RuleBroken(_("Choose a reason."), field="reason")
        if state is State.FINISHED:
            end(actor, row, "programme.finished", state)
        else:
            end(actor, row, "programme.left", state, reason)
        return row


def let_go(row: Programme) -> int:
    """Who took back their consent, or whose work with the organisation is over, is in the programme no more.

    Nobody there sees them, so nobody could let them go. Inside `db.writing()`; returns how many.
    """
    tied = Membership.select(Membership.client).where(
        Membership.organisation == row.kept_by_id, Membership.ground.in_([OWN, REFERRAL]), membership_holds())
    gone = list(db.locked(Participant.select().where(
        Participant.programme == row, Participant.state.in_(NOW_IN), Participant.client.not_in(tied))))
    for each in gone:
        end(None, each, "programme.left", State.LEFT, LeavingReason.OTHER)
    return len(gone)


def let_go_due() -> int:
    """The same in all programmes that run, by night; returns how many are let go."""
    gone = 0
    for row in Programme.select().where(Programme.state.in_(OPEN)).order_by(Programme.id):
        with db.writing():
            gone += let_go(db.locked(Programme.select().where(Programme.id == row.id)).get())
    return gone


def end(actor, row, what: str, state, reason=None, **columns) -> None:
    """Somebody is in it no more; `what` as the journal names it. Inside `db.writing()`."""
    _set(actor, row, what, state, reason=reason, now_in=None, ended_on=clock.today(), **columns)


def _set(actor, row, what, state, **columns):
    row.state = state
    for name, value in columns.items():
        setattr(row, name, value)
    row.save()
    journal.wrote(actor, what, row.public_id, row.client, "programme")


def move_on(actor, public_id: str, accepted: bool, request_key: str = "") -> str | None:
    """Who finished was offered the next programme: taken into it or in line, referred to it, or it is kept that they do
    not want it. Returns the public id of a draft of a referral to finish, or None. Raises Missing, RuleBroken.
    """
    with db.writing():
        row = _locked(actor, public_id)
        nxt = row.programme.leads_to
        if row.state is not State.FINISHED or nxt is None or row.next_offered_on:
            raise AlreadyDecided(_("This cannot be done any more. See how the programme stands now."))
        row.next_offered_on, row.next_accepted = clock.today(), accepted
        row.save()
        journal.wrote(actor, "programme.next", row.public_id, row.client, "programme")
        return _onward(actor, row.client, nxt, request_key) if accepted else None


def _onward(actor, client, nxt, request_key):
    if nxt.kept_by_id == actor.organisation_id:
        _enrol(actor, _open(actor, nxt.public_id), client, _site(nxt, ""), None)
        return None
    if nxt.service_id is None or not visible_programmes(actor).where(Programme.id == nxt.id).exists():
        raise RuleBroken(_("The next programme names no service that a referral could go to. Telephone them."))
    return sending.start(actor, client.public_id, nxt.service.public_id, request_key).public_id
