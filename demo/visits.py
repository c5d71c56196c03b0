"""Rooms and windows of the demonstration prisons, and two years of visits in them."""
from datetime import date, time, timedelta
from random import Random

import clock
from demo import cast, words
from demo.bulk import insert
from demo.people import HISTORY
from models import (
    Booking,
    BookingClient,
    BookingEvent,
    BookingSeat,
    BookingState,
    BookingVisitor,
    Client,
    Closure,
    Place,
    PrisonProfile,
    Reason,
    Window,
    WindowKind,
    new_public_id,
)
from services import slots, visits
from services.visits import HOLDS_SEAT

AHEAD = timedelta(days=28)
WEEK_VISITS = 20  # that the prison gives NGOs a week
INSIDE, OUTSIDE = "Návštěvní místnost 1", "Poradna před branou"
ANSWERS_IN = 3  # working days
WAITING = 6  # requests that wait for a prison's answer
WAITS_FOR = [0, 0, 1, 1, 2, 9]  # days since they were made; one is overdue
MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = range(5)
# prison, room, people at once, [kind, weekday, from, until, minutes of a slot, seats, notice days]
ROOMS = [
    (cast.PRISON, INSIDE, 8, [
        (WindowKind.INDIVIDUAL, MONDAY, time(9), time(12), 60, 2, 2),
        (WindowKind.INDIVIDUAL, WEDNESDAY, time(9), time(12), 60, 2, 2),
        (WindowKind.INDIVIDUAL, THURSDAY, time(13), time(16), 60, 2, 2),
        (WindowKind.GROUP, TUESDAY, time(13), time(15), 120, 1, 5),
    ]),
    (cast.PRISON, OUTSIDE, 4, [
        (WindowKind.INDIVIDUAL, TUESDAY, time(8), time(11), 60, 1, 1),
        (WindowKind.INDIVIDUAL, FRIDAY, time(8), time(11), 60, 1, 1),
        (WindowKind.INFORMATION, THURSDAY, time(9), time(10), 60, 3, 5),
    ]),
    (cast.PRISON, "Videohovory", 3, [(WindowKind.VIDEO, WEDNESDAY, time(13), time(15), 30, 1, 1)]),
    (cast.OTHER_PRISON, "Hovorna", 6, [(WindowKind.INDIVIDUAL, WEDNESDAY, time(13), time(15), 60, 1, 3)]),
]
ASKING = [cast.NGO] * 5 + [cast.OTHER_NGO] * 3 + [cast.TOWN] * 2 + [cast.PROBATION]
TAKEN = 0.42  # the share of seats that were asked for
ENDED = [BookingState.HELD] * 14 + [BookingState.NOT_HELD] * 2 + [
    BookingState.CANCELLED, BookingState.DECLINED, BookingState.WITHDRAWN, BookingState.LAPSED]
STEPS = {  # what happened after the request: event, the state after it
    BookingState.REQUESTED: [],
    BookingState.CONFIRMED: [("confirm", BookingState.CONFIRMED)],
    BookingState.DECLINED: [("decline", BookingState.DECLINED)],
    BookingState.WITHDRAWN: [("withdraw", BookingState.WITHDRAWN)],
    BookingState.LAPSED: [("lapse", BookingState.LAPSED)],
    BookingState.CANCELLED: [("confirm", BookingState.CONFIRMED), ("cancel", BookingState.CANCELLED)],
    BookingState.HELD: [("confirm", BookingState.CONFIRMED), ("record", BookingState.HELD)],
    BookingState.NOT_HELD: [("confirm", BookingState.CONFIRMED), ("record", BookingState.NOT_HELD)],
}
REASONS = {
    BookingState.DECLINED: [Reason.CAPACITY, Reason.STAFF, Reason.OPERATION],
    BookingState.CANCELLED: [Reason.OPERATION, Reason.ORGANISATION],
    BookingState.NOT_HELD: [Reason.CLIENT_ABSENT, Reason.CLIENT_DECLINED, Reason.PRISON, Reason.ORGANISATION],
}


def create(people, random: Random) -> None:
    """Rooms, windows, closures and bookings in all states. Inside `db.writing()`."""
    for prison, room, capacity, windows in ROOMS:
        _room(people.organisations[prison], room, capacity, windows)
    _closures(people.organisations[cast.PRISON])
    History(people, random).write()
    PrisonProfile.update(week_visits=WEEK_VISITS).where(
        PrisonProfile.organisation == people.organisations[cast.PRISON]).execute()
    _shifts(people)


def _room(prison, name, capacity, windows):
    place = Place.create(prison=prison, name=name, capacity=capacity)
    begins = clock.today() - HISTORY
    for kind, weekday, starts, ends, minutes, seats, notice in windows:
        Window.create(place=place, kind=kind, weekday=weekday, starts=starts, ends=ends, slot_minutes=minutes,
                      seats=seats, notice_days=notice, valid_from=begins)


def _shifts(people):
    """Every second client of the NGO who is in the prison works in the morning."""
    inside = [tie.client_id for tie in people.ties(people.organisations[cast.NGO])
              if tie.client.released_on is None and tie.client.prison_id == people.organisations[cast.PRISON].id]
    Client.update(shift_days="0;1;2;3;4", shift_starts=time(6), shift_ends=time(14)).where(
        Client.id.in_(inside[::2])).execute()


def _closures(prison):
    """A day of training in three weeks, and the week of Christmas."""
    training = clock.today() + timedelta(days=21)
    _closure(prison, training, training, "školení zaměstnanců")
    year = clock.today().year
    _closure(prison, date(year, 12, 23), date(year, 12, 31), "provoz o svátcích")


def _closure(prison, first, last, reason):
    Closure.create(prison=prison, from_at=clock.at(first, time()), until_at=clock.at(last + timedelta(days=1), time()),
                   reason=reason)


class History:
    """Two years of bookings and what stands ahead, gathered first and inserted table by table."""

    def __init__(self, people, random: Random):
        self.people, self.random = people, random
        self.rows = {model: [] for model in (Booking, BookingSeat, BookingVisitor, BookingClient, BookingEvent)}
        self.busy = set()  # (client's id, moment): nobody has two visits at once
        self.settled = set()  # (window's id, moment) of slots that are no longer left to chance
        self.number = 1_000_000

    def write(self):
        self._next_of_karel()
        self._nearly_full()
        self._asked_by_nela()
        for slug in (cast.PRISON, cast.OTHER_PRISON):
            self._prison(self.people.organisations[slug])
        self.rows[BookingEvent].sort(key=lambda event: event.at)
        for rows in self.rows.values():
            insert(rows)

    def _next_of_karel(self):
        """With Kamila, in the room outside the gate, in a few days."""
        slot = self._settle(lambda slot: slot.window.place.name == OUTSIDE
                            and slot.window.kind is WindowKind.INDIVIDUAL)
        self._add(slot, 0, BookingState.CONFIRMED, self.people.users["kamila"], self.people.karel)

    def _nearly_full(self):
        """Of three seats one is given, one is asked for by Nela, one is left."""
        slot = self._settle(lambda slot: slot.window.seats == 3)
        self._add(slot, 0, BookingState.CONFIRMED, self.people.users["sona"])
        self._add(slot, 1, BookingState.REQUESTED, self.people.users["nela"])

    def _asked_by_nela(self):
        """Whatever the day and its chances, one meeting of her organisation waits for the prison's answer."""
        nela = self.people.users["nela"]
        slot = self._settle(lambda slot: slot.window.place.name == INSIDE
                            and slot.window.kind is WindowKind.INDIVIDUAL)
        self._add(slot, 0, BookingState.REQUESTED, nela, self._client(nela.organisation, slot))

    def _settle(self, fits):
        today, prison = clock.today(), self.people.organisations[cast.PRISON]
        ahead = slots.slots_between([prison], today + timedelta(days=3), today + 2 * AHEAD)
        slot = next(slot for slot in ahead if fits(slot) and slots.keeps_notice(slot))
        self.settled.add((slot.window.id, slot.starts_at))
        return slot

    def _prison(self, prison):
        today, self.waiting = clock.today(), 0
        for slot in slots.slots_between([prison], today - HISTORY, today + AHEAD):
            for seat in range(slot.window.seats):
                if (slot.window.id, slot.starts_at) not in self.settled and self.random.random() < TAKEN:
                    self._somebody_asks(slot, seat)

    def _somebody_asks(self, slot, seat):
        organisation = self.people.organisations[self.random.choice(ASKING)]
        asker = self.random.choice(self.people.colleagues(organisation))
        if slot.window.kind is not WindowKind.INDIVIDUAL:
            self._add(slot, seat, self._state(slot), asker)
        elif client := self._client(organisation, slot):
            self._add(slot, seat, self._state(slot), asker, client)

    def _client(self, organisation, slot):
        """One of the organisation's clients who was in this prison on that day and had no other visit then."""
        day = clock.local(slot.starts_at).date()
        found = [tie.client for tie in self.people.ties(organisation) if tie.since_on <= day
                 and tie.client.prison_id == slot.window.place.prison_id
                 and (tie.client.released_on or tie.client.planned_release_on) > day
                 and (tie.client_id, slot.starts_at) not in self.busy]
        return self.random.choice(found) if found else None

    def _state(self, slot):
        """Past visits ended somehow; of those to come most are confirmed, a few still wait."""
        if slot.starts_at <= clock.now():
            return self.random.choice(ENDED)
        waits = self.waiting < WAITING and slots.keeps_notice(slot) and self.random.random() < 0.4
        self.waiting += waits
        return BookingState.REQUESTED if waits else BookingState.CONFIRMED

    def _add(self, slot, seat, state, asker, client=None):
        booking = self._booking(slot, state, asker)
        self.rows[Booking].append(booking)
        self.rows[BookingVisitor] += [BookingVisitor(booking=booking, user=user, name=user.name)
                                      for user in self._visitors(asker)]
        if state in HOLDS_SEAT:
            self.rows[BookingSeat].append(BookingSeat(booking=booking, window=slot.window, starts_at=slot.starts_at,
                                                      seat=seat))
        if client is not None:
            self.busy.add((client.id, slot.starts_at))
            self.rows[BookingClient].append(BookingClient(booking=booking, client=client))
        self._happened(booking)

    def _booking(self, slot, state, asker):
        window, asked = slot.window, self._asked(slot, state)
        prison = window.place.prison
        booking = Booking(
            number=self._number(), request_key=new_public_id(), prison=prison, organisation=asker.organisation,
            requested_by=asker, window=window, place=window.place, kind=window.kind, starts_at=slot.starts_at,
            ends_at=slot.ends_at, state=state,
            reason=self.random.choice(REASONS.get(state, [None])), sequence=int(state is BookingState.CANCELLED),
            answer_by=min(slots.working_days_after(clock.local(asked).date(), ANSWERS_IN),
                          clock.local(slot.starts_at).date()), created_at=asked)
        visits.write(booking, "purpose", self._purpose(window.kind))
        return booking

    def _number(self):
        """Three digits, a hyphen, four; each one once."""
        self.number += self.random.randint(1, 5000)
        return f"{self.number // 10_000:03d}-{self.number % 10_000:04d}"

    def _asked(self, slot, state):
        """When it was asked for: a week to three before, what still waits mostly in the last days; never ahead."""
        ago = self.random.choice(WAITS_FOR if state is BookingState.REQUESTED else [0, 1, 2])
        day = clock.today() - timedelta(days=ago)
        if state is not BookingState.REQUESTED:
            before = timedelta(days=self.random.randint(6, 21))
            day = min(day, clock.local(slot.starts_at).date() - before)
        return min(self._at_work(day), clock.now())

    def _at_work(self, day):
        return clock.at(day, time(self.random.randint(7, 15), self.random.randint(0, 59)))

    def _purpose(self, kind):
        return self.random.choice(words.PURPOSES_OF_VISIT if kind is WindowKind.INDIVIDUAL else words.PURPOSES_OF_GROUP)

    def _visitors(self, asker):
        """Whoever asked, and every third time a colleague."""
        others = [user for user in self.people.colleagues(asker.organisation) if user.id != asker.id]
        return [asker, *others[:1]] if self.random.random() < 0.3 else [asker]

    def _happened(self, booking):
        """The events of a booking, and who decided it last and when."""
        self._event(booking, booking.created_at, booking.requested_by, "request", "", BookingState.REQUESTED)
        before, at = BookingState.REQUESTED, booking.created_at
        for event, after in STEPS[booking.state]:
            at, actor = self._when_and_who(booking, event, at)
            self._event(booking, at, actor, event, before, after)
            before = after
            if event in {"confirm", "decline"}:
                booking.decided_by, booking.decided_at = actor, at
        booking.changed_at = at

    def _when_and_who(self, booking, event, after):
        prison_worker = self.random.choice(self.people.colleagues(booking.prison))
        if event == "record":
            return min(booking.ends_at + timedelta(hours=1), clock.now()), prison_worker
        if event == "lapse":
            return booking.starts_at, None
        latest = min(booking.starts_at - timedelta(hours=1), clock.now())
        day = clock.local(after).date() + timedelta(days=self.random.randint(0, 2))
        at = max(after, min(self._at_work(day), latest))
        return at, booking.requested_by if event == "withdraw" else prison_worker

    def _event(self, booking, at, actor, event, before, after):
        self.rows[BookingEvent].append(BookingEvent(
            booking=booking, at=at, actor=actor, event=event, old_state=before, new_state=after,
            reason=booking.reason or "" if after is booking.state else ""))
