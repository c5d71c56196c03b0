"""Consents as whoever is concerned lives with them: any order of steps over HTTP, against a little model of who may
see what. fig-B1, fig-B2."""
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test
from peewee import SQL

import clock
import db
import policy
from models import Client, Consent, ConsentScope, UserSession
from services import consents, keys
from services.consents import giving
from tests.support import consent_world as world
from tests.support.browser import Browser

READERS = ("nela", "nora", "kamila", "pavel", "petra", "strange_curator")
WHO_ACT = ("nela", "kamila", "pavel", "strange_curator")
RECIPIENTS = ("ngo", "municipality", "prison", "other_municipality")
SCOPES = ("follow_up", "authority_records", "visits", "network", "identity")
NEEDS = ("housing", "work", "addiction")
scopes = st.sets(st.sampled_from(SCOPES), min_size=1).map(
    lambda chosen: chosen if "follow_up" in chosen else chosen - {"authority_records"} or {"identity"})
needs = st.one_of(st.just(set()), st.sets(st.sampled_from(NEEDS), min_size=1, max_size=2))
days = st.sampled_from((0, 3, 20, 90, 364))
which = st.integers(0, 1000)


def any_in(*states):
    """The rule is tried where there is a consent in one of these states."""
    return precondition(lambda machine: machine._some(0, *states) is not None)


class Violation(AssertionError):
    """What the model and the pages do not agree on."""


class Counted:
    """What a run counted, whatever became of it."""

    def __init__(self):
        self.steps = self.looked = self.given = 0


def machine(app, engine, cast, travel, counted, readers=READERS):
    """The class of the machine, bound to one database."""

    class Machine(RuleBasedStateMachine):
        def __init__(self):
            super().__init__()
            travel.move_to(cast.now)
            engine.restore()
            world.build(cast)
            self.model, self.file = world.Remembered(), f"/clients/{cast.karel.public_id}"
            self._sign_in()

        def _sign_in(self):
            self.browsers = {name: Browser(app, cast, name) for name in readers}
            self.alone, self.helped = Browser(app, cast, "karel"), Browser(app, cast, "karel")
            newest = UserSession.select().order_by(UserSession.id.desc()).get()
            with db.writing():
                UserSession.update(assisted=True).where(UserSession.id == newest.id).execute()

        def _some(self, number, *states):
            """One of the consents in these states; None where there is none."""
            found = [consent for consent in self.model.consents if consent.state in states]
            return found[number % len(found)] if found else None

        def _expect(self, answer, allowed, what):
            if answer.status >= 500 or (answer.status == 303) != bool(allowed):
                raise Violation(f"{what}: answered {answer.status}, allowed {bool(allowed)}")

        def _new(self, recipient, chosen, needed, until, begun_by):
            newest = Consent.select().order_by(Consent.id.desc()).get()
            speaks = needed if {"follow_up", "authority_records"} & chosen else set()
            self.model.consents.append(world.Given(newest.public_id, recipient, set(chosen), set(speaks), until,
                                                   begun_by))
            return self.model.consents[-1]

        # The client

        @rule(recipient=st.sampled_from(RECIPIENTS), chosen=scopes, needed=needs, ahead=days)
        def prepare(self, recipient, chosen, needed, ahead):
            until = clock.today() + timedelta(days=ahead)
            answer = self.alone.post("/me/consents/new", {
                "organisation": getattr(cast, recipient).public_id, "scopes": sorted(chosen), "needs": sorted(needed),
                "purpose": "aby mi pomohli", "until_on": until.isoformat()}, page="/me/consents/new")
            self._expect(answer, recipient not in self.model.closed, "prepare")
            if answer.status == 303:
                self._new(recipient, chosen, needed, until, "")
            self._look()

        @rule(recipient=st.sampled_from(RECIPIENTS), chosen=scopes, needed=needs, helped=st.booleans())
        def share(self, recipient, chosen, needed, helped):
            before = len(self.model.consents)
            self.prepare(recipient, chosen, needed, 90)
            if len(self.model.consents) > before:
                drafts = sum(consent.state == "draft" for consent in self.model.consents)
                self.agree(drafts - 1, helped)

        @initialize(recipient=st.sampled_from(RECIPIENTS), chosen=scopes, needed=needs, helped=st.booleans())
        def begin(self, recipient, chosen, needed, helped):
            """Every run has a consent that was given."""
            self.share(recipient, chosen, needed, helped)

        @any_in("draft")
        @rule(number=which, helped=st.booleans())
        def agree(self, number, helped):
            consent, karel = self._some(number, "draft"), self.helped if helped else self.alone
            path = f"/me/consents/{consent.public_id}"
            shown = karel.get(path)
            consent.text = [each.text for each in shown.page.all("p") if any(
                above["class"] == "consent-text" for above in each.above)]
            in_time = clock.today() <= consent.until
            self._expect(karel.send(path, answer="yes"), in_time, "agree")
            if in_time:
                self.model.give(consent, provisional=helped)
            self._look()

        @any_in("draft")
        @rule(number=which)
        def refuse(self, number):
            consent = self._some(number, "draft")
            path = f"/me/consents/{consent.public_id}"
            self._expect(self.alone.send(path, page=path, answer="no"), True, "refuse")
            consent.state = "refused"
            self._look()

        @any_in("provisional")
        @rule(number=which, helped=st.booleans())
        def confirm(self, number, helped):
            consent = self._some(number, "provisional")
            karel, path = self.helped if helped else self.alone, f"/me/consents/{consent.public_id}"
            may = not helped and consent.holds(clock.today())
            self._expect(karel.post(path, {"answer": "confirm"}, page=path), may, "confirm")
            if may:
                consent.state = "active"
            self._look()

        @any_in(*world.GIVEN)
        @rule(number=which)
        def withdraw(self, number):
            consent = self._some(number, *world.GIVEN)
            path = f"/me/consents/{consent.public_id}/end"
            self._expect(self.alone.send(path, page=path), True, "withdraw")
            consent.state = "over"
            self._look()

        @any_in(*world.GIVEN)
        @rule(number=which, keep=st.sets(st.sampled_from(SCOPES)))
        def narrow(self, number, keep):
            consent = self._some(number, *world.GIVEN)
            if not consent.holds(clock.today()):
                return
            path = f"/me/consents/{consent.public_id}/less"
            answer = self.alone.post(path, {"scopes": sorted(keep & consent.scopes)}, page=path)
            self._expect(answer, not consent.scopes <= keep, "narrow")
            if answer.status == 303:
                self.model.narrow(consent, keep, Consent.select().order_by(Consent.id.desc()).get().public_id)
            self._look()

        # Staff

        @rule(asker=st.sampled_from(sorted(world.OWN)), chosen=scopes, needed=needs, ahead=days)
        def ask(self, asker, chosen, needed, ahead):
            until, home = clock.today() + timedelta(days=ahead), world.HOME[asker]
            page = f"{self.file}/ask"
            answer = self.browsers[asker].post(page, {
                "scopes": sorted(chosen), "needs": sorted(needed), "purpose": "společný postup",
                "until_on": until.isoformat()}, page=page)
            if answer.status == 303:
                self._new(home, chosen, needed, until, home)
            self._look()

        @rule(taker=st.sampled_from(sorted(world.OWN)), recipient=st.sampled_from(RECIPIENTS), chosen=scopes,
              needed=needs, ahead=days)
        def write_down(self, taker, recipient, chosen, needed, ahead):
            until, page = clock.today() + timedelta(days=ahead), f"{self.file}/paper-consent"
            answer = self.browsers[taker].post(page, {
                "organisation": getattr(cast, recipient).public_id, "scopes": sorted(chosen), "needs": sorted(needed),
                "purpose": "aby pomohli", "until_on": until.isoformat(), "witness": "Jana Svědková",
                "paper": "spis 12/2026"}, page=page)
            self._expect(answer, recipient not in self.model.closed, "write down")
            if answer.status == 303:
                consent = self._new(recipient, chosen, needed, until, world.HOME[taker])
                consent.on_paper = True
                self.model.give(consent, provisional=True)
            self._look()

        @any_in("provisional")
        @rule(number=which, who=st.sampled_from(("kamila", "nela", "pavel", "strange_curator")))
        def confirmed_by_call(self, number, who):
            consent = self._some(number, "provisional")
            may = (world.HOME[who] == consent.recipient and consent.begun_by != consent.recipient
                   and consent.holds(clock.today()))
            answer = self.browsers[who].post(f"/consents/{consent.public_id}/confirmed", {}, page="/consents")
            self._expect(answer, may, f"confirmed by {who}")
            if may:
                consent.state = "active"
            self._look()

        @rule(who=st.sampled_from(sorted(world.OWN)), recipient=st.sampled_from(("", *RECIPIENTS)),
              how=st.sampled_from(("word", "letter")))
        def take_back(self, who, recipient, how):
            page, closed = f"{self.file}/take-back", recipient in self.model.closed
            answer = self.browsers[who].post(page, {
                "organisation": recipient and getattr(cast, recipient).public_id, "how": how}, page=page)
            self._expect(answer, not closed, "take back")
            if not closed:
                self.model.take_back(recipient)
            self._look()

        # The world

        @rule(number=st.sampled_from((1, 2, 13, 14, 15, 40)), marked=st.booleans())
        def time_goes_on(self, number, marked):
            travel.shift(timedelta(days=number))
            if marked:
                consents.expire()
                self.model.mark_what_is_over()
            self._sign_in()
            self._look()

        @rule()
        def release(self):
            if not self.model.released:
                with db.writing():
                    Client.update(released_on=clock.today()).where(Client.id == cast.karel.id).execute()
                    consents.begin_fortnight(cast.karel)
                self.model.release()
                self._look()

        @rule(recipient=st.sampled_from(("ngo", "other_municipality")))
        def close_or_open(self, recipient):
            world.set_open(cast, recipient, recipient in self.model.closed)
            self.model.closed ^= {recipient}
            self._look()

        # After each step

        def _look(self):
            counted.steps += 1
            for name, browser in self.browsers.items():
                sees, may = world.seen_on(browser.get(self.file)), self.model.may_see(name)
                counted.looked += 1
                if sees != may:
                    raise Violation(f"{name} sees {sorted(sees - may)} and misses {sorted(may - sees)}")
            self._compare_texts()

        def _compare_texts(self):
            rows = {row.public_id: row for row in Consent.select()}
            for consent in self.model.consents:
                if consent.state in world.GIVEN and consent.text:
                    counted.given += 1
                    if differs(cast, rows[consent.public_id], consent):
                        raise Violation("what is kept of a consent is not what was shown")

    return Machine


def differs(cast, row, consent) -> bool:
    """Whether recipient, parts, needs, dates or text of a row are other than what Karel saw when he agreed."""
    parts = list(ConsentScope.select().where(ConsentScope.consent == row))
    kept = keys.unseal(row, "shown", cast.karel).split("\n")
    return (row.recipient_id != getattr(cast, consent.recipient).id or row.until_on != consent.until
            or {str(part.scope) for part in parts} != consent.scopes
            or {str(part.need) for part in parts if part.need} != consent.needs
            or [" ".join(line.split()) for line in kept] != consent.text)


def run(app, engine, cast, travel, examples, steps, readers=READERS):
    """Runs the machine; what it counted, and what it found: an empty text where that is nothing."""
    counted, found = Counted(), ""
    wanted = settings(max_examples=examples, stateful_step_count=steps, deadline=None, database=None,
                      suppress_health_check=list(HealthCheck), derandomize=True, report_multiple_bugs=False,
                      phases=[Phase.generate])  # to make a failure smaller takes many minutes: add Phase.shrink by hand
    try:
        run_state_machine_as_test(machine(app, engine, cast, travel, counted, readers), settings=wanted)
    except Violation as error:
        found = f"{error} {getattr(error, '__notes__', '')}"
    finally:
        travel.move_to(cast.now)
    return counted, found


def no_authorities(monkeypatch):
    """What offices wrote goes to an NGO with any consent."""
    monkeypatch.setattr(policy, "_is_authority", lambda owner: SQL("1 = 0"))


def any_text(monkeypatch):
    """What is kept is the text as it was prepared for nothing in particular."""
    monkeypatch.setattr(giving, "in_czech", lambda consent, scopes: "Souhlasím se vším.")
    monkeypatch.setattr(giving.secrets, "compare_digest", lambda one, other: True)


def check(figure, monkeypatch, app, engine, cast, travel, examples, steps):
    counted, found = run(app, engine, cast, travel, examples, steps)
    assert not found, found
    at = {}
    for guard in (no_authorities, any_text):
        with monkeypatch.context() as control:
            guard(control)
            db.forget_kept()
            without, what = run(app, engine, cast, travel, examples, steps, WHO_ACT)
        db.forget_kept()
        at[guard] = what and f"found at step {without.steps}"
    figure("fig-B1 violations of the machine of consents, any order of steps over HTTP", 0, "violations",
           counted.looked, control=at[no_authorities] and f"offices' records let through: {at[no_authorities]}")
    figure("fig-B2 consents whose recipient, parts, dates or text differ from what was shown", 0, "consents",
           counted.given, control=at[any_text] and f"another text kept than was shown: {at[any_text]}")


def test_any_order_of_steps_keeps_to_the_model(figure, monkeypatch, app, engine, cast, travel):
    check(figure, monkeypatch, app, engine, cast, travel, 6, 20)


@pytest.mark.long
def test_many_orders_of_steps_keep_to_the_model(figure, monkeypatch, app, engine, cast, travel):
    check(figure, monkeypatch, app, engine, cast, travel, 80, 50)
