"""Who is told what of visits and how, calendars in mails, preferences, digests, what may still go out. fig-D9."""
import json
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest

import clock
import db
from exporters import ics
from labels import label
from models import (
    Booking,
    BookingEvent,
    BookingState,
    Consent,
    ConsentState,
    DeadAddress,
    DigestLine,
    MailPreference,
    Outbox,
    OutboxState,
    Telling,
    Topic,
    User,
)
from services import digests, feeds, mail, preferences, visits
from services.visits import Event, telling, wording
from services.visits.calendars import STATUS, calendar_event
from tests.support.visits import asked, cancelled, confirmed, declined, withdrawn

PRAGUE = ZoneInfo("Europe/Prague")
DAY = timedelta(days=1)


def sent(postbox, name):
    postbox.deliver()
    return postbox.to(name)


def calendar_of(message):
    """The one calendar of a mail: its part and its event."""
    parts = [part for part in message.walk() if part.get_content_type() == "text/calendar"]
    assert len(parts) == 1, f"{len(parts)} calendars in one mail"
    (event,) = icalendar.Calendar.from_ical(parts[0].get_content()).walk("VEVENT")
    return parts[0], event


def moved(booking, **columns) -> Booking:
    """A booking as it would be at another time or in another state."""
    with db.writing():
        Booking.update(**columns).where(Booking.id == booking.id).execute()
    return visits.one(User.get_by_id(booking.requested_by_id), booking.public_id)


def told_of_change(booking, actor, changes):
    """The mail of a change with these old and new values."""
    with db.writing():
        db.add(BookingEvent(booking=booking.id, at=clock.now(), actor=actor.id, event=Event.CHANGE,
                            old_state=BookingState.CONFIRMED, new_state=BookingState.REQUESTED,
                            changes=json.dumps(changes)))
        telling.TELLS[Event.CHANGE](Booking.get_by_id(booking.id), Event.CHANGE)


def prefers(user, **tellings):
    with db.writing():
        for topic, how in tellings.items():
            MailPreference.create(user=user, topic=Topic(topic), telling=Telling(how))


# N1: each change with what was and what is, in words that nobody wrote

def test_every_event_has_its_people_and_where_it_has_some_its_subject():
    assert set(telling.TELLS) == {*Event, wording.REMIND}
    told = {event for event, tell in telling.TELLS.items() if tell is not telling._nobody}
    assert told == set(wording.SUBJECTS)


def test_a_change_says_what_was_and_what_is(cast, postbox):
    booking = confirmed(cast)
    told_of_change(booking, cast.nela, {
        "starts_at": ["2026-11-25T08:00:00+00:00", "2026-11-26T09:30:00+00:00"], "place": ["Místnost 1", "Sál"],
        "kind": ["individual", "video"], "people": [1, 3], "visitors": True, "purpose": True})
    words = postbox.words(sent(postbox, "pavel")[-1])
    for line in (f"Stav: {label(BookingState.CONFIRMED)} → {label(BookingState.REQUESTED)}",
                 "Začátek: 25. 11. 2026 v 9:00 → 26. 11. 2026 v 10:30",
                 "Místo: Místnost 1 → Sál", "Počet lidí: 1 → 3", "Změnilo se také: kdo přijde, účel schůzky."):
        assert line in words


@pytest.mark.parametrize("make", [asked, confirmed, declined, withdrawn, cancelled])
def test_a_mail_has_a_fixed_subject_no_client_and_no_words_of_anybody(cast, postbox, make):
    make(cast.nela, cast.prison) if make is asked else make(cast)
    booking = Booking.get()
    subjects = {str(words).split(": ")[1] for words in wording.SUBJECTS.values()}
    for message in postbox.deliver():
        moment, state = message["Subject"].rsplit(": ", 1)
        assert state in subjects and moment.startswith("Schůzka ")
        assert "dluhy" not in postbox.words(message) and booking.number in postbox.words(message)


def test_answers_go_to_a_person(cast, postbox):
    confirmed(cast)
    postbox.deliver()
    (request,), (yes,) = postbox.to("pavel"), postbox.to("nela")
    assert (request["Reply-To"], yes["Reply-To"]) == ("nela@example.org", "pavel@example.org")
    assert yes["Auto-Submitted"] == "auto-generated"


def test_where_the_system_acted_answers_go_to_the_lead_of_the_prison(cast, postbox, travel):
    asked(cast.nela, cast.prison)
    travel.shift(30 * DAY)
    visits.lapse_due()
    assert sent(postbox, "nela")[-1]["Reply-To"] == "pavel@example.org"


def test_mails_of_visits_do_not_count_as_letters_of_who_acted(cast):
    confirmed(cast)
    assert Outbox.select().where(Outbox.reply_to != "", Outbox.user.is_null()).count() == 0


# S18: the calendar entry

def test_each_mail_of_a_visit_has_its_entry_with_one_uid(cast, postbox):
    booking = cancelled(cast)
    entries = [calendar_of(message) for message in postbox.deliver()]
    assert len(entries) == 4 and {event["UID"] for _part, event in entries} == {f"{booking.public_id}@navaznost"}
    assert [part.get_param("method") for part, _event in entries] == ["PUBLISH"] * 4
    assert [event["STATUS"] for _part, event in entries] == ["TENTATIVE", "CONFIRMED", "CANCELLED", "CANCELLED"]
    assert [event["SEQUENCE"] for _part, event in entries] == [0, 0, 1, 1]


def test_who_prefers_invitations_gets_request_and_cancel(cast, postbox):
    with db.writing():
        User.update(calendar_method="REQUEST").where(User.id == cast.nela.id).execute()
    cancelled(cast)
    got = [calendar_of(message) for message in sent(postbox, "nela")]
    assert [part.get_param("method") for part, _event in got] == ["REQUEST", "CANCEL"]
    for part, event in got:
        assert part.get_content_disposition() == "inline"
        assert event["ORGANIZER"] == "mailto:navaznost@example.org"
        assert event["ATTENDEE"] == "mailto:nela@example.org"
    assert [calendar_of(message)[0].get_param("method") for message in postbox.to("pavel")] == ["PUBLISH"] * 2


def test_every_state_has_its_place_in_a_calendar():
    assert set(STATUS) == set(BookingState) - {BookingState.WAITING}


LOCAL_TIMES = [  # what the clock in Prague shows, and what the calendar and the mail must say
    ("2027-03-28T01:30", "20270328T003000Z", "28. 3. 2027 v 1:30"),  # the hour before the clock goes forward
    ("2027-03-28T03:30", "20270328T013000Z", "28. 3. 2027 v 3:30"),  # and an hour later
    ("2026-10-25T01:30", "20261024T233000Z", "25. 10. 2026 v 1:30"),
    ("2026-10-25T04:30", "20261025T033000Z", "25. 10. 2026 v 4:30"),
    ("2028-02-29T09:00", "20280229T080000Z", "29. 2. 2028 v 9:00"),
    ("2026-12-31T23:30", "20261231T223000Z", "31. 12. 2026 v 23:30"),
]


@pytest.mark.parametrize(("local", "utc", "shown"), LOCAL_TIMES)
def test_times_are_right_in_the_calendar_and_in_words(cast, postbox, local, utc, shown):
    start = datetime.fromisoformat(local).replace(tzinfo=PRAGUE).astimezone(UTC)
    booking = moved(confirmed(cast), starts_at=start, ends_at=start + timedelta(minutes=45))
    assert f"DTSTART:{utc}" in ics.written(telling._calendar(booking, cast.nela)).decode()
    assert wording.subject(booking, Event.CHANGE, "cs").startswith(f"Schůzka {shown}, ")


def test_the_hour_that_comes_twice_says_which_one_it_is(cast):
    first, second = (datetime(2026, 10, 25, hour, 30, tzinfo=UTC) for hour in (0, 1))
    booking = moved(confirmed(cast), starts_at=first, ends_at=second)
    words = wording.body(booking, Event.CONFIRM, None, [], "cs")
    assert "2:30 SELČ–2:30 SEČ" in words
    event = calendar_event(booking)
    assert event.end_utc - event.start_utc == timedelta(hours=1)


def test_a_visit_across_midnight_names_both_days(cast):
    start = datetime(2026, 11, 25, 22, 30, tzinfo=UTC)
    booking = moved(confirmed(cast), starts_at=start, ends_at=start + timedelta(hours=2))
    assert wording.body(booking, Event.CONFIRM, None, [], "cs").startswith(
        "25. 11. 2026 v 23:30 – 26. 11. 2026 v 1:30\n")


# N2: the reminder

def remind_on(travel, day, hour=7):
    travel.move_to(clock.at(day, time(hour, 5)))
    return visits.remind_coming()


def test_a_reminder_comes_two_days_before_once(cast, postbox, travel):
    slot = next(slot for slot in free_later(cast) if clock.local(slot.starts_at).weekday() == 3)
    day = clock.local(slot.starts_at).date()
    confirmed(cast, slot=slot)
    postbox.deliver()
    postbox.mails.clear()
    assert remind_on(travel, day - 3 * DAY) == 0
    assert [remind_on(travel, day - 2 * DAY), remind_on(travel, day - 2 * DAY, 8), remind_on(travel, day - DAY)] \
        == [1, 0, 0]
    (message,) = sent(postbox, "nela")
    assert message["Subject"].endswith(": připomenutí") and message["Reply-To"] == "pavel@example.org"
    assert calendar_of(message)[1]["STATUS"] == "CONFIRMED" and not postbox.to("pavel")


def free_later(cast):
    from services import slots
    return slots.free_slots(cast.prison, clock.today() + 8 * DAY, clock.today() + 20 * DAY)


def test_a_reminder_whose_morning_was_missed_comes_the_next_one(cast, postbox, travel):
    booking = confirmed(cast, slot=free_later(cast)[0])
    assert remind_on(travel, clock.local(booking.starts_at).date() - DAY) == 1


@pytest.mark.parametrize("make", [asked, cancelled])
def test_what_is_not_confirmed_is_not_reminded_of(cast, travel, make):
    make(cast.nela, cast.prison) if make is asked else make(cast)
    assert remind_on(travel, clock.local(Booking.get().starts_at).date() - 2 * DAY) == 0


def test_what_was_agreed_after_the_reminder_would_have_gone_needs_none(cast, travel):
    booking = confirmed(cast)  # on Monday at ten for Wednesday at nine
    assert remind_on(travel, clock.local(booking.starts_at).date() - DAY) == 0


def test_what_was_confirmed_anew_for_another_day_is_reminded_of_again(cast, travel):
    booking = confirmed(cast, slot=free_later(cast)[0])
    day = clock.local(booking.starts_at).date()
    assert remind_on(travel, day - 2 * DAY) == 1
    moved(booking, starts_at=booking.starts_at + 7 * DAY, ends_at=booking.ends_at + 7 * DAY,
          decided_at=clock.now() + DAY)
    assert remind_on(travel, day + 5 * DAY) == 1


# N3: each chooses

def test_the_page_shows_and_keeps_the_choice(sign_in, cast):
    nela = sign_in("nela")
    page = nela.get("/account/notifications").page
    assert page.values(page.form("/account/notifications"))["visits"] == ["each"]
    nela.send("/account/notifications", visits="digest", offers="none", calendar_method="REQUEST")
    page = nela.follow().page
    values = page.values(page.form("/account/notifications"))
    assert (values["visits"], values["reminders"], values["calendar_method"]) == (["digest"], ["each"], ["REQUEST"])
    assert User.get_by_id(cast.nela.id).calendar_method == "REQUEST"
    assert preferences.telling(cast.nela, Topic.OFFERS) is Telling.EACH, "offers are not told to an NGO"


@pytest.mark.parametrize("sent_values", [{"visits": "x"}, {"visits": "\x00"}, {"calendar_method": "CANCEL"},
                                         {"calendar_method": ""}])
def test_other_answers_are_refused(sign_in, sent_values):
    nela = sign_in("nela")
    assert nela.send("/account/notifications", page="/account/notifications", **sent_values).status == 422
    assert not MailPreference.select().exists()


def test_each_is_asked_about_what_concerns_them(sign_in):
    asked_of = {}
    for name in ("nela", "pavel", "parta"):
        page = sign_in(name).get("/account/notifications").page
        asked_of[name] = [each for each in page.values(page.form("/account/notifications")) if each != "csrf_token"]
    calendar = ["programmes", "calendar_method", "meetings"]
    assert {name: sorted(asked) for name, asked in asked_of.items()} == {
        "nela": sorted(["visits", "reminders", "clearances", "cooperation", "facts", *calendar]),
        "pavel": sorted(["visits", "clearances", "cooperation", "facts", "offers", *calendar]),
        "parta": ["facts", "meetings"]}


def test_who_wants_no_mails_gets_none_but_those_of_security(cast, postbox, app):
    prefers(cast.nela, visits="none")
    confirmed(cast)
    with db.writing():
        mail.new_colleague(cast.nela, cast.nora)
    assert [message["Subject"] for message in sent(postbox, "nela")] == ["Nový účet ve vaší organizaci"]


def test_a_digest_says_all_of_a_day_in_one_mail(cast, postbox, sign_in):
    prefers(cast.nela, visits="digest")
    first, second = confirmed(cast), declined(cast)
    assert sent(postbox, "nela") == [] and DigestLine.select().count() == 2
    assert [digests.send_due(), digests.send_due()] == [1, 0]
    (message,) = sent(postbox, "nela")
    words = postbox.words(message)
    assert message["Subject"] == "Novinky z Návaznosti" and "staly 2 věci" in words
    assert all(f"/visits/{booking.public_id}" in words for booking in (first, second))
    assert "dluhy" not in words


def test_a_digest_leaves_out_what_is_not_theirs_any_more(cast, postbox):
    prefers(cast.nela, visits="digest")
    confirmed(cast)
    with db.writing():
        User.update(organisation=cast.other_ngo).where(User.id == cast.nela.id).execute()
    assert digests.send_due() == 0 and not DigestLine.select().exists()


def test_who_turns_mails_off_gets_no_digest_of_before(cast, postbox):
    prefers(cast.nela, visits="digest")
    confirmed(cast)
    preferences.choose(cast.nela, {Topic.VISITS: Telling.NONE}, "PUBLISH")
    assert digests.send_due() == 0


def test_a_client_is_always_written_to_under_the_same_subject(cast, postbox):
    with db.writing():
        User.update(email="karel@example.org").where(User.id == cast.karel_user.id).execute()
        for subject in ("Schůzka ve věznici", "Souhlas"):
            mail.post(cast.karel_user, subject, "Text")
    assert [message["Subject"] for message in sent(postbox, "karel")] == ["Zpráva z Návaznosti"] * 2


# N4: whether it arrived

def test_the_page_of_a_visit_says_who_got_the_mail(cast, postbox, sign_in):
    booking = confirmed(cast)
    page = sign_in("pavel").get(f"/visits/{booking.public_id}").text
    assert "čeká na odeslání" in page
    postbox.deliver()
    with db.writing():
        DeadAddress.create(address="nela@example.org", status="5.1.1")
    page = sign_in("pavel").get(f"/visits/{booking.public_id}").text
    assert "Nela Nová" in page and "adresa nefunguje" in page and "odesláno" in page


def test_who_takes_a_digest_stands_there_as_waiting_for_it(cast):
    prefers(cast.nela, visits="digest")
    booking = confirmed(cast)
    words = {each.name: each.arrived for each in visits.deliveries(booking)}
    assert words == {"Nela Nová": "in_digest", "Pavel Přímý": "waiting"}


def test_what_was_told_last_is_known(cast, postbox):
    booking = cancelled(cast)
    assert Booking.get_by_id(booking.id).told_sequence == 0
    postbox.deliver()
    assert Booking.get_by_id(booking.id).told_sequence == Booking.get_by_id(booking.id).sequence == 1


# fig-D9: what was queued before a right ended does not go out after

def queued(cast, number):
    """Mails that wait, each resting on a consent, on a visit, or on a digest's line."""
    consent = Consent.get()
    booking = Booking.get()
    for each in range(number):
        with db.writing():
            kind = each % 3
            if kind == 0:
                mail.post(cast.kamila, f"Souhlas {each}", "Text", consent=consent)
            elif kind == 1:
                mail.post(cast.nela, f"Schůzka {each}", "Text", booking=booking.id)
            else:
                db.add(DigestLine(user=cast.nora.id, topic=Topic.VISITS, subject=f"Schůzka {each}", path="/visits",
                                  booking=booking.id, at=clock.now()))


def consent_for(cast):
    with db.writing():
        Consent.create(client=cast.karel, recipient=cast.municipality, state=ConsentState.ACTIVE, number="1",
                       purpose=b"", text_version="1", from_on=cast.today, until_on=cast.today + 30 * DAY, text_hash="x")


def rights_end(cast):
    with db.writing():
        Consent.update(state=ConsentState.WITHDRAWN).execute()
        User.update(organisation=cast.other_ngo).where(User.id.in_([cast.nela.id, cast.nora.id])).execute()


def gone_out(postbox) -> int:
    """How many of the queued things are in mails that went out."""
    digests.send_due()
    while mail.waiting():
        mail.deliver_due()
    return sum(message["Subject"].count("Souhlas ") + message["Subject"].count("Schůzka ")
               + postbox.words(message).count("- Schůzka ") for message in postbox.mails)


def test_nothing_that_was_queued_goes_out_after_the_right_to_it_ended(engine, cast, postbox, figure):
    consent_for(cast)
    confirmed(cast)
    with db.writing():
        Outbox.delete().execute()
    token = feeds.create(cast.nela)
    queued(cast, 999)
    shown = feeds.read(token).count(b"BEGIN:VEVENT")
    rights_end(cast)
    after = gone_out(postbox) + feeds.read(token).count(b"BEGIN:VEVENT")
    assert Outbox.select().where(Outbox.state == OutboxState.CANCELLED).count() == 666
    engine.restore()
    consent_for(cast)
    confirmed(cast)
    with db.writing():
        Outbox.delete().execute()
    postbox.mails.clear()
    queued(cast, 100)
    before = gone_out(postbox)
    figure("fig-D9 mails, lines of digests and events of a feed that went out after the right to them ended", after,
           "of 1,000", 999 + shown, control=before == 100 and shown == 1
           and "100 mails and lines where nothing was withdrawn: 100 went out; the feed before: 1 event")
