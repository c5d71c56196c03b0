"""The day itself in the demonstration: who is cleared, how visits went, a joint day that was and one ahead."""
from datetime import time, timedelta
from random import Random

import clock
from demo import cast
from demo.bulk import insert
from models import (
    Booking,
    BookingEvent,
    BookingRecord,
    BookingSeat,
    BookingState,
    BookingVisitor,
    Clearance,
    ClearanceState,
    JointDay,
    JointDayClient,
    Place,
    PrisonProfile,
    Task,
    TaskKind,
    Visitor,
    Window,
    WindowKind,
    new_public_id,
)
from services import keys, slots

MONTHS = 12  # for which the demonstration's first prison clears visitors
HOUR_COST = 420  # crowns
DOCUMENTS = 100_000_000
ENDS_SOON = timedelta(days=20)
MINUTES = (30, 45, 45, 60, 75)
SIGNED_UP = 14


def create(people, random: Random) -> None:
    """Inside `db.writing()`, after the visits."""
    prisons = [people.organisations[slug] for slug in (cast.PRISON, cast.OTHER_PRISON)]
    for prison, cost in zip(prisons, (HOUR_COST, None), strict=True):
        PrisonProfile.update(clearance_months=MONTHS if cost else None, hour_cost=cost).where(
            PrisonProfile.organisation == prison).execute()
    visitors = _visitors(people, random)
    _clear(people, prisons[0], visitors)
    insert(list(_records(prisons, random)))
    was = _joint_day(people, prisons[0], clock.today() - timedelta(days=20), "Nabídkový den, podzim", 90)
    ahead = _joint_day(people, prisons[0], clock.today() + timedelta(days=18), "Nabídkový den", 120)
    _organisations(people, was, BookingState.HELD, visitors)
    _organisations(people, ahead, BookingState.CONFIRMED, visitors)
    _sign_up(people, prisons[0], was, came=True)
    _sign_up(people, prisons[0], ahead, came=None)


def _visitors(people, random) -> dict[int, Visitor]:
    """Everybody who ever came, on the list of their organisation with a document; by the id of the account."""
    found = {}
    coming = BookingVisitor.select(BookingVisitor.user).where(BookingVisitor.user.is_null(False)).distinct().tuples()
    accounts = {user.id: user for user in people.users.values()}
    for user in (accounts[number] for number, in coming):
        row = Visitor(organisation=user.organisation, user=user, name=user.name)
        row.document = keys.seal(row, "document", str(DOCUMENTS + random.randrange(DOCUMENTS)), user.organisation)
        row.save(force_insert=True)
        BookingVisitor.update(visitor=row.id).where(BookingVisitor.user == user.id).execute()
        found[user.id] = row
    return found


def _clear(people, prison, visitors):
    """Most are cleared, one's clearance ends soon, one waits."""
    for user_id, visitor in visitors.items():
        asks = user_id == people.users["sona"].id
        soon = user_id == people.users["nela"].id
        until = clock.today() + (ENDS_SOON if soon else timedelta(days=200))
        Clearance.create(visitor=visitor, prison=prison, asked_by=user_id,
                         state=ClearanceState.ASKED if asks else ClearanceState.CLEARED,
                         until_on=None if asks else until, decided_by=None if asks else people.users["pavel"],
                         asked_at=clock.now() - timedelta(days=90), decided_at=None if asks else clock.now())


def _records(prisons, random):
    """The prison's word on each visit that was, with minutes of its staff."""
    over = Booking.select().where(Booking.prison.in_(prisons),
                                  Booking.state.in_([BookingState.HELD, BookingState.NOT_HELD]))
    for booking in over.order_by(Booking.id):
        held = booking.state is BookingState.HELD
        group = booking.kind in {WindowKind.GROUP, WindowKind.INFORMATION}
        yield BookingRecord(booking=booking, by_prison=True, held=held, reason=booking.reason,
                            staff_minutes=random.choice(MINUTES) if held else 0,
                            reached=(random.randint(4, 9) if group else 1) if held else 0,
                            recorded_by=booking.decided_by_id, at=booking.changed_at)


def _joint_day(people, prison, day, name, minutes) -> JointDay:
    while not slots.is_working_day(day):
        day += timedelta(days=1)
    window = Window.create(
        place=Place.select().where(Place.prison == prison).order_by(Place.capacity.desc()).get(),
        kind=WindowKind.GROUP, weekday=day.weekday(), starts=time(16), ends=time(18), slot_minutes=120, seats=3,
        extra=True, notice_days=0, valid_from=day, valid_until=day, staff_minutes=minutes // 3)
    return JointDay.create(window=window, name=name, staff_minutes=minutes, created_by=people.users["pavel"],
                           note="Každá organizace má stůl a deset minut na představení.")


def _organisations(people, day, state, visitors):
    """Two organisations come; the minutes and the people reached stand with the day."""
    window, pavel = day.window, people.users["pavel"]
    begins, ends = (clock.at(window.valid_from, each) for each in (window.starts, window.ends))
    asked = min(begins, clock.now()) - timedelta(days=19)
    for seat, lead in enumerate((people.users["nela"], people.users["sona"])):
        row = Booking.create(
            number=f"99{day.id % 10}-000{seat}", request_key=new_public_id(), prison=window.place.prison_id,
            window=window, organisation=lead.organisation, requested_by=lead, place=window.place, kind=window.kind,
            starts_at=begins, ends_at=ends, state=state, joint_day=day, answer_by=clock.local(asked).date(),
            created_at=asked, changed_at=asked, decided_by=pavel, decided_at=asked)
        BookingSeat.create(booking=row, window=window, starts_at=begins, seat=seat)
        BookingVisitor.create(booking=row, user=lead, visitor=visitors.get(lead.id), name=lead.name)
        for actor, event, old, new in ((lead, "request", "", BookingState.REQUESTED),
                                       (pavel, "confirm", BookingState.REQUESTED, BookingState.CONFIRMED)):
            BookingEvent.create(booking=row, at=asked, actor=actor, event=event, old_state=old, new_state=new)
        if state is BookingState.HELD:
            BookingRecord.create(booking=row, by_prison=True, held=True, staff_minutes=0, recorded_by=pavel, at=ends)


def _sign_up(people, prison, day, came):
    ties = [tie for tie in people.ties(prison) if tie.client.prison_id == prison.id and (
        tie.client.released_on is None)][:SIGNED_UP]
    insert([JointDayClient(joint_day=day, client=tie.client, added_by=people.users["pavel"], came=came)
            for tie in ties])
    insert([Task(organisation=prison, owner=tie.worker_id, client=tie.client, kind=TaskKind.AFTER_JOINT_DAY,
                 about=day.public_id, due_on=slots.working_days_after(day.window.valid_from, 5),
                 done_at=None if number < 2 else clock.now()) for number, tie in enumerate(ties)] if came else [])
