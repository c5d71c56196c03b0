"""Co-operation of an organisation and a prison: the table, clocks, who is told; what a prison says of itself."""
import contextlib
from datetime import timedelta
from itertools import product

import pytest

import clock
import db
from errors import Missing, RuleBroken
from models import (
    Area,
    ChecklistStep,
    Cooperation,
    CooperationEvent,
    CooperationReason,
    CooperationState,
    CooperationStep,
    Journal,
    Outbox,
    Party,
    PrisonProfile,
)
from services import cooperation, prisons, today, visits
from services.cooperation import Event, Refusal, Side, Terms

STATES = [None, *CooperationState]
ACTORS = {"nela": "organisation", "nora": "organisation", "pavel": "prison", "patrik": "prison",
          "strange_ngo": None, "strange_prison": None, "kamila": None, "petra": None, "kora": None, "parta": None,
          "adam": None}
# written by hand from the design, not from the table: (state, event, side) -> state
MAY = {
    **{(old, Event.START, "organisation"): "interest" for old in (None, "waiting", "declined", "ended")},
    ("interest", Event.START, "organisation"): "interest",  # a second press of the button changes nothing
    ("waiting", Event.WAIT, "organisation"): "waiting",
    ("interest", Event.TAKE_UP, "prison"): "negotiating",
    **{("negotiating", Event.STEP, side): "negotiating" for side in ("organisation", "prison")},
    **{("active", Event.PAUSE, side): "paused" for side in ("organisation", "prison")},
    ("active", Event.AMEND, "prison"): "active",
    ("paused", Event.RESUME, "prison"): "active",
    **{(old, Event.DECLINE, "prison"): "declined" for old in ("waiting", "interest", "negotiating")},
    **{(old, Event.WITHDRAW, "organisation"): "ended" for old in ("waiting", "interest", "negotiating")},
    **{(old, Event.END, side): "ended" for old in ("active", "paused") for side in ("organisation", "prison")},
}
REASON = Refusal(CooperationReason.OTHER, "")


def add_steps(prison, *steps):
    """Steps as (name, whose turn, limit in days)."""
    with db.writing():
        for number, (name, turn, days) in enumerate(steps, 1):
            ChecklistStep.create(prison=prison, position=number, name=name, document=f"dokument {number}",
                                 signatory="ředitel", turn=turn, limit_days=days)


def in_state(cast, state):
    """The co-operation of Nela's organisation and Pavel's prison in a state, with one open step of hers."""
    with db.writing():
        CooperationStep.delete().execute()
        row = Cooperation.get(Cooperation.organisation == cast.ngo, Cooperation.prison == cast.prison)
        if state is None:
            row.delete_instance()
            return None
        row.state = state
        row.reason = CooperationReason.OTHER if state is CooperationState.DECLINED else None
        row.save()
        CooperationStep.create(cooperation=row, position=1, name="krok", turn=Party.ORGANISATION, limit_days=7)
    return row


def act(cast, name, row, event):
    actor = cast.user(name)
    if event in {Event.START, Event.WAIT} or row is None:
        return cooperation.begin(actor, cast.prison.public_id, event) if event in {Event.START, Event.WAIT} else \
            cooperation.advance(actor, "x" * 22, event)
    return cooperation.advance(actor, row.public_id, event, Terms("poradna"), REASON)


class Undo(Exception):
    """Takes back all that a try has written."""


def outcome(cast, name, state, event):
    """The state of the pair after the actor tried the event; None where it was refused."""
    found = None
    with contextlib.suppress(Undo), db.writing():
        row = in_state(cast, state)
        try:
            found = act(cast, name, row, event).state.value
        except (Missing, RuleBroken):
            after = Cooperation.get_or_none(Cooperation.organisation == cast.ngo, Cooperation.prison == cast.prison)
            assert (after.state if after else None) is state, "a refusal has changed the state"
        raise Undo
    return found


# The table, exhaustively

@pytest.mark.parametrize("name", ACTORS)
def test_every_state_event_and_actor(cast, name):
    wrong = []
    for state, event in product(STATES, Event):
        expected = MAY.get((state and state.value, event, ACTORS[name]))
        if name == "strange_ngo" and event is Event.START:
            continue  # begins a co-operation of its own; tried below
        found = outcome(cast, name, state, event)
        if found != expected:
            wrong.append((state, event, found, expected))
    assert not wrong, wrong


def test_an_actor_of_another_organisation_begins_its_own(cast):
    row = cooperation.begin(cast.strange_ngo, cast.prison.public_id, Event.START)
    assert row.organisation_id == cast.other_ngo.id and row.state is CooperationState.INTEREST
    with pytest.raises(Missing):
        cooperation.open_cooperation(cast.nela, row.public_id)


def test_activation_waits_for_all_steps(cast):
    row = in_state(cast, CooperationState.NEGOTIATING)
    with pytest.raises(RuleBroken):
        cooperation.advance(cast.pavel, row.public_id, Event.ACTIVATE, Terms("poradna"))
    cooperation.advance(cast.nela, row.public_id, Event.STEP)
    assert cooperation.advance(cast.pavel, row.public_id, Event.ACTIVATE, Terms("poradna")).state == "active"


def test_a_step_can_be_opened_again_and_its_clock_too(cast, travel):
    row = in_state(cast, CooperationState.NEGOTIATING)
    cooperation.advance(cast.nela, row.public_id, Event.STEP)
    assert Event.STEP not in cooperation.open_events(cast.nela, cooperation.one(cast.nela, row.public_id))
    reopened = cooperation.advance(cast.nela, row.public_id, Event.REOPEN)
    assert reopened.turn is Party.ORGANISATION


def test_an_organisation_does_not_tick_the_prisons_step_and_the_prison_ticks_any(cast):
    row = in_state(cast, CooperationState.NEGOTIATING)
    with db.writing():
        CooperationStep.update(turn=Party.PRISON).execute()
    with pytest.raises(RuleBroken):
        cooperation.advance(cast.nela, row.public_id, Event.STEP)
    cooperation.advance(cast.pavel, row.public_id, Event.STEP)


@pytest.mark.parametrize("event", [Event.PAUSE, Event.END])
def test_a_refusal_needs_a_reason_that_fits(cast, event):
    row = in_state(cast, CooperationState.ACTIVE)
    for refusal in (None, Refusal(), Refusal(CooperationReason.COVERED)):
        with pytest.raises(RuleBroken):
            cooperation.advance(cast.pavel, row.public_id, event, refusal=refusal)


def test_who_was_declined_asks_again_only_from_the_day(cast, travel):
    row = in_state(cast, CooperationState.INTEREST)
    day = cast.today + timedelta(days=30)
    cooperation.advance(cast.pavel, row.public_id, Event.DECLINE, refusal=Refusal(CooperationReason.CAPACITY, "", day))
    with pytest.raises(RuleBroken, match="23"):
        cooperation.begin(cast.nela, cast.prison.public_id, Event.START)
    travel.move_to(clock.at(day, clock.now().time()))
    assert cooperation.begin(cast.nela, cast.prison.public_id, Event.START).state is CooperationState.INTEREST


def test_only_an_active_co_operation_opens_visits(cast):
    for state in CooperationState:
        in_state(cast, state)
        open_to = [prison.id for prison in visits.prisons_for(cast.nela)]
        assert (cast.prison.id in open_to) == (state is CooperationState.ACTIVE), state


# Clocks and durations

def test_steps_run_one_after_another_and_days_are_counted(cast, travel):
    add_steps(cast.prison, ("žádost", Party.ORGANISATION, 7), ("prověrka", Party.PRISON, 10))
    in_state(cast, None)
    row = cooperation.begin(cast.nela, cast.prison.public_id, Event.START, "poradna")
    assert (row.turn, row.due_on) == (Party.PRISON, cast.today + timedelta(days=14))
    travel.shift(timedelta(days=2))
    row = cooperation.advance(cast.pavel, row.public_id, Event.TAKE_UP)
    assert (row.turn, row.due_on) == (Party.ORGANISATION, cast.today + timedelta(days=2 + 7))
    travel.shift(timedelta(days=3))
    opened = cooperation.open_cooperation(cast.nela, row.public_id)
    assert opened.mine and opened.days == 3 and opened.current.name == "žádost"
    row = cooperation.advance(cast.nela, row.public_id, Event.STEP)
    assert (row.turn, row.due_on) == (Party.PRISON, cast.today + timedelta(days=5 + 10))


def test_a_running_co_operation_keeps_its_copy(cast):
    add_steps(cast.prison, ("žádost", Party.ORGANISATION, 7))
    in_state(cast, None)
    row = cooperation.begin(cast.nela, cast.prison.public_id, Event.START)
    with db.writing():
        ChecklistStep.update(name="jiný krok", limit_days=99).execute()
    assert [step.name for step in cooperation.open_cooperation(cast.nela, row.public_id).steps] == ["žádost"]


@pytest.mark.parametrize(("took", "usual"), [([], None), ([41], 41), ([10, 40, 90], 40), ([10, 41], 26)])
def test_the_usual_duration_is_the_median_of_finished_ones(cast, took, usual):
    with db.writing():
        Cooperation.delete().execute()
        for number, days in enumerate(took):
            other = [cast.ngo, cast.other_ngo, cast.municipality][number]
            Cooperation.create(organisation=other, prison=cast.prison, state=CooperationState.ACTIVE,
                               started_at=clock.now() - timedelta(days=days), activated_at=clock.now())
    found = cooperation.usual(cast.prison.id)
    assert (found and found.days) == usual


def test_what_has_run_out_ends_by_itself_and_both_are_told(cast, travel):
    row = in_state(cast, CooperationState.NEGOTIATING)
    cooperation.advance(cast.nela, row.public_id, Event.STEP)
    cooperation.advance(cast.pavel, row.public_id, Event.ACTIVATE,
                        Terms("poradna", "2 návštěvy za měsíc", cast.today, cast.today + timedelta(days=30)))
    travel.shift(timedelta(days=30))
    assert cooperation.end_due() == 0, "the last day still holds"
    travel.shift(timedelta(days=1))
    with db.writing():
        Outbox.delete().execute()
    assert cooperation.end_due() == 1 and cooperation.end_due() == 0
    assert {mail.recipient for mail in Outbox.select()} == {"pavel@example.org", "nela@example.org"}


@pytest.mark.parametrize("terms", [{"valid_until": timedelta(days=-1)}, {"valid_until": timedelta(days=4000)},
                                   {"valid_from": timedelta(days=9), "valid_until": timedelta(days=3)}])
def test_a_day_that_makes_no_sense_is_refused(cast, terms):
    row = in_state(cast, CooperationState.ACTIVE)
    days = {name: cast.today + distance for name, distance in terms.items()}
    with pytest.raises(RuleBroken):
        cooperation.advance(cast.pavel, row.public_id, Event.AMEND, Terms("poradna", **days))


# Who is told, what is written down

def test_the_other_side_is_told_and_nothing_that_was_written_stands_in_the_mail(cast, postbox):
    in_state(cast, None)
    row = cooperation.begin(cast.nela, cast.prison.public_id, Event.START, "Tajné přání 771")
    cooperation.advance(cast.pavel, row.public_id, Event.DECLINE,
                        refusal=Refusal(CooperationReason.CAPACITY, "Tajná zpráva 772"))
    mails = postbox.deliver()
    assert [mail["To"] for mail in mails] == ["pavel@example.org", "nela@example.org"]
    assert not any("Tajn" in mail.get_content() for mail in mails)
    assert f"/cooperation/{row.public_id}" in mails[1].get_content()


def test_each_change_leaves_an_event_and_a_row_of_the_journal(cast):
    in_state(cast, None)
    row = cooperation.begin(cast.nela, cast.prison.public_id, Event.START)
    cooperation.advance(cast.pavel, row.public_id, Event.TAKE_UP)
    events = [event.event for event in CooperationEvent.select().where(CooperationEvent.cooperation == row.id)]
    written = [line.what for line in Journal.select().where(Journal.record == row.public_id)]
    assert events == ["start", "take_up"] and written == ["cooperation.start", "cooperation.take_up"]


def test_today_says_whose_turn_it_is(cast, sign_in):
    row = in_state(cast, CooperationState.INTEREST)
    with db.writing():
        Cooperation.update(turn=Party.PRISON, turn_since=clock.now() - timedelta(days=4),
                           due_on=cast.today - timedelta(days=1)).where(Cooperation.id == row.id).execute()
    assert "Ukázkový spolek Návrat" in sign_in("pavel").get("/").text
    assert "čeká 4 dny" in sign_in("pavel").get("/").text
    assert "zájem" not in sign_in("nela").get("/").text
    assert "po termínu" in sign_in("kora").get("/").text
    assert today.counts(cast.pavel)["today"] == 1


# No new partners until

def test_those_who_wait_are_told_in_order_when_the_day_passes(cast, travel, postbox):
    in_state(cast, None)
    cooperation.close(cast.pavel, cast.today + timedelta(days=10))
    cooperation.begin(cast.strange_ngo, cast.prison.public_id, Event.WAIT)
    travel.shift(60)
    cooperation.begin(cast.nela, cast.prison.public_id, Event.WAIT)
    assert [row.organisation.id for row in cooperation.waiting_list(cast.prison.id)] == [cast.other_ngo.id, cast.ngo.id]
    travel.shift(timedelta(days=10))
    assert cooperation.open_due() == 0
    travel.shift(timedelta(days=1))
    assert (cooperation.open_due(), cooperation.open_due()) == (2, 0)
    mails = postbox.deliver()
    assert [(mail["To"], "jste číslo 1." in mail.get_content()) for mail in mails] == [
        ("strange_ngo@example.org", True), ("nela@example.org", False)]
    assert [line.title for line in cooperation.today(cast.nela).opened] == [cast.prison.label]


def test_a_prison_that_takes_partners_has_nothing_to_wait_for(cast):
    in_state(cast, None)
    with pytest.raises(RuleBroken):
        cooperation.begin(cast.nela, cast.prison.public_id, Event.WAIT)


@pytest.mark.parametrize("days", [-1, 4000])
def test_a_stop_needs_a_day_to_come(cast, days):
    with pytest.raises(RuleBroken):
        cooperation.close(cast.pavel, cast.today + timedelta(days=days))


# What a prison says of itself

def test_a_prison_writes_its_profile_in_place_and_it_is_confirmed_today(cast, sign_in):
    pavel = sign_in("pavel")
    page = f"/book/{cast.prison.public_id}"
    here = f"/book/prison_profile/{cast.prison.public_id}/edit/entry"
    assert f'hx-get="{here}"' in pavel.get(page).html
    assert pavel.fragment(here).html.lstrip().startswith('<div class="edit-block">')
    pavel.send(here, page=here, entry="Občanský průkaz a pozvánka")
    shown = sign_in("nela").get(page)
    assert "Občanský průkaz a pozvánka" in shown.text and "potvrzeno 23. 11. 2026" in shown.text.replace("\xa0", " ")
    assert here not in shown.html


def test_a_prison_that_has_no_profile_yet_writes_its_first_text(cast, sign_in):
    with db.writing():
        PrisonProfile.delete().where(PrisonProfile.organisation == cast.prison).execute()
    pavel, here = sign_in("pavel"), f"/book/prison_profile/{cast.prison.public_id}/edit/rooms"
    assert here in pavel.get(f"/book/{cast.prison.public_id}").html
    assert pavel.send(here, page=here, rooms="Dvě místnosti").status == 303
    assert PrisonProfile.get(PrisonProfile.organisation == cast.prison).rooms == "Dvě místnosti"
    assert sign_in("nela").get(here).status == 404
    assert pavel.get(f"/book/prison_profile/{cast.ngo.public_id}/edit/rooms").status == 404


def test_two_colleagues_lose_nothing_of_a_profile(cast, sign_in):
    pavel, patrik = sign_in("pavel"), sign_in("patrik")
    here = f"/book/prison_profile/{cast.prison.public_id}/edit/rooms"
    patrik.get(here)
    pavel.send(here, page=here, rooms="Místnost A")
    lost = patrik.send(here, rooms="Místnost B")
    assert lost.status == 422 and "Místnost A" in lost.text and "Místnost B" in lost.html
    assert patrik.send(here, **{"keep-rooms": "mine"}).status == 303
    assert PrisonProfile.get(PrisonProfile.organisation == cast.prison).rooms == "Místnost B"


def test_a_checklist_is_written_ordered_and_shortened(cast, sign_in):
    pavel = sign_in("pavel")
    for name in ("smlouva", "prověrka"):
        pavel.send("/cooperation/checklist", page="/cooperation/checklist", name=name, turn="prison", limit_days="10")
    first, second = prisons.checklist(cast.prison.id)
    pavel.post(f"/cooperation/checklist/{second.public_id}/up")
    pavel.send(f"/cooperation/checklist/{first.public_id}", page=f"/cooperation/checklist/{first.public_id}",
               name="rámcová smlouva")
    assert [step.name for step in prisons.checklist(cast.prison.id)] == ["prověrka", "rámcová smlouva"]
    pavel.post(f"/cooperation/checklist/{first.public_id}/remove")
    assert [step.name for step in prisons.checklist(cast.prison.id)] == ["prověrka"]


@pytest.mark.parametrize("what", ["GET /cooperation/checklist/{}", "POST /cooperation/checklist/{}/remove",
                                  "POST /cooperation/checklist/{}/up"])
def test_a_step_of_another_prison_is_missing(cast, sign_in, what):
    add_steps(cast.other_prison, ("cizí", Party.PRISON, 7))
    method, path = what.format(ChecklistStep.get().public_id).split()
    visitor = sign_in("pavel")
    assert (visitor.get(path) if method == "GET" else visitor.post(path)).status == 404
    assert ChecklistStep.select().count() == 1


def test_what_prisons_look_for_stands_on_one_page_until_its_day(cast, sign_in, travel):
    pavel = sign_in("pavel")
    pavel.send("/cooperation/looking-for", page="/cooperation/looking-for", areas=["debts", "accommodation"],
               groups=["men"], places="12", until_on="2026-12-31", note="Kapacita po odchodu spolku.")
    nela = sign_in("nela")
    page = nela.get("/cooperation/wanted")
    assert "dluhy" in page.text and "12 míst" in page.text and cast.prison.name in page.text
    assert cast.prison.name not in nela.get("/cooperation/wanted?area=education").text.split("Co věznice hledají")[-1]
    assert "Kapacita po odchodu" in nela.get(f"/book/{cast.prison.public_id}").text
    travel.shift(timedelta(days=40))
    assert prisons.wanted(cast.nela, Area.DEBTS) == []


def test_sides_are_told_apart(cast):
    row = in_state(cast, CooperationState.ACTIVE)
    assert cooperation.side_of(cast.nela, row) is Side.ORGANISATION
    assert cooperation.side_of(cast.pavel, row) is Side.PRISON
    assert {cooperation.side_of(cast.user(name), row) for name in ("kora", "kamila", "strange_ngo", "adam")} == {None}
