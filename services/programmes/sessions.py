"""Sessions of a programme, with one person or a group, and who came."""
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import gettext as _

import clock
import db
from errors import Missing, RuleBroken
from models import Client, Participant, ParticipantState, ProgrammeSession, ProgrammeSite, SessionAttendance
from policy import has_clients, visible_participants
from services import journal
from services.programmes import register
from text import clean_text

SHOWN = 40
FURTHEST = timedelta(days=366)


@dataclass(frozen=True)
class Plan:
    """`at` in UTC; `site` a public id or empty."""

    at: datetime
    minutes: int
    group: bool
    topic: str = ""
    site: str = ""


@dataclass(frozen=True)
class Row:
    """A session with how many came; None: not written down yet."""

    session: ProgrammeSession
    came: int | None


def sessions_of(actor, public_id: str) -> list[Row]:
    """Sessions of one's own programme, the newest first. Raises Missing."""
    row = register.own(actor, public_id)
    rows = list(ProgrammeSession.select(ProgrammeSession, ProgrammeSite).left_outer_join(ProgrammeSite)
                .where(ProgrammeSession.programme == row).order_by(ProgrammeSession.starts_at.desc()).limit(SHOWN))
    return [Row(each, _came(each)) for each in rows]


def _came(row):
    if row.recorded_at is None:
        return None
    named = SessionAttendance.select().where(SessionAttendance.session == row, SessionAttendance.came == True).count()  # noqa: E712
    return named + (row.people or 0)


def plan_session(actor, public_id: str, plan: Plan) -> ProgrammeSession:
    """Puts a session down, before or after it was held. Raises Missing, RuleBroken."""
    with db.writing():
        row = register.locked(actor, public_id)
        if abs(plan.at - clock.now()) > FURTHEST:
            raise RuleBroken(_("Choose a day within a year."), field="day")
        site = ProgrammeSite.get_or_none(ProgrammeSite.public_id == plan.site, ProgrammeSite.programme == row)
        if plan.site and site is None:
            raise RuleBroken(_("Choose one of the list."), field="site")
        topic, at = clean_text(plan.topic, limit=200), plan.at
        same = ProgrammeSession.site.is_null() if site is None else ProgrammeSession.site == site
        found = ProgrammeSession.select().where(  # a second click finds it
            ProgrammeSession.programme == row, same, ProgrammeSession.starts_at == at,
            ProgrammeSession.group == plan.group, ProgrammeSession.topic == topic).first()
        if found:
            return found
        new = ProgrammeSession.create(programme=row, site=site, group=plan.group, starts_at=at, minutes=plan.minutes,
                                      topic=topic)
        journal.wrote(actor, "programme.session", new.public_id)
        return new


def session(actor, public_id: str) -> ProgrammeSession:
    """A session of a programme that the actor's organisation runs. Raises Missing."""
    found = ProgrammeSession.get_or_none(ProgrammeSession.public_id == public_id)
    if found is None:
        raise Missing(public_id)
    register.own(actor, found.programme.public_id)
    return found


def attendance_of(actor, row: ProgrammeSession) -> list[tuple[Participant, bool | None]]:
    """Who could come whom the actor may see: (participant, whether they came; None: not written down)."""
    if not has_clients():
        return []
    known = dict(SessionAttendance.select(SessionAttendance.participant, SessionAttendance.came)
                 .where(SessionAttendance.session == row).tuples())
    day = clock.local(row.starts_at).date()
    been = Participant.started_on.is_null(False) & (Participant.started_on <= max(day, clock.today())) & (
        Participant.ended_on.is_null() | (Participant.ended_on >= day))
    rows = (visible_participants(actor).select(Participant, Client).join(Client, on=(Participant.client == Client.id))
            .where(Participant.programme == row.programme_id, been | Participant.id.in_(list(known)))
            .where(Participant.state != ParticipantState.WAITING).order_by(Client.code))
    return [(each, known.get(each.id)) for each in rows]


def record(actor, public_id: str, came: set[str], others: int | None) -> ProgrammeSession:
    """Writes down who came (public ids of participants) and how many more. Raises Missing, RuleBroken. It can be
    written again; the last holds."""
    with db.writing():
        row = session(actor, public_id)
        register.locked(actor, row.programme.public_id)
        if row.starts_at > clock.now():
            raise RuleBroken(_("Attendance is written down when the session has begun."))
        people = attendance_of(actor, row)
        for person, _known in people:
            _write(actor, row, person, person.public_id in came)
        row.people, row.recorded_at = others, clock.now()
        row.save()
        journal.wrote(actor, "programme.attendance", row.public_id, parts="came")
        return row


def _write(actor, row, person, came):
    (SessionAttendance.insert(session=row, participant=person, came=came)
     .on_conflict(conflict_target=[SessionAttendance.session, SessionAttendance.participant],
                  update={SessionAttendance.came: came}).execute())
    journal.wrote(actor, "programme.attendance", row.public_id, person.client, "came")
