"""Attacks that once succeeded, each as somebody hostile or curious would try it, on both databases."""
from datetime import timedelta

import pytest

import clock
import db
import policy
import server
from crypto import MasterKey
from models import (
    Attempt,
    Booking,
    BookingClient,
    Client,
    Consent,
    ConsentScope,
    ConsentState,
    Draft,
    FollowUp,
    Journal,
    Membership,
    OneTimeToken,
    Organisation,
    OrganisationState,
    Outbox,
    Scope,
)
from services import accounts, consents, files, journal
from tests.support.browser import Browser
from tests.support.stage import Stage
from tests.test_account import WRONG, ask_for_link, enter, guess, link_in, signed_in

FAR = "192.0.2.66"


def from_afar(app, cast, address=FAR):
    stranger = Browser(app, cast)
    stranger.client.environ_base["REMOTE_ADDR"] = address
    return stranger


def agree(cast, recipient, *scopes, **columns):
    """A consent of Karel's in force."""
    with db.writing():
        row = Consent.create(**{
            "number": f"S-{Consent.select().count()}", "client": cast.karel, "recipient": recipient, "purpose": b"",
            "state": ConsentState.ACTIVE, "from_on": cast.today, "until_on": cast.today + timedelta(days=60),
            "text_version": "1", "text_hash": "0" * 64, "given_at": clock.now(), **columns})
        for scope in scopes:
            ConsentScope.create(consent=row, scope=scope)
    return row


# Locking a person out from afar

def many_strangers_guess(app, cast, name, per_address=8, addresses=8):
    for number in range(addresses):
        guess(from_afar(app, cast, f"198.51.100.{number}"), name, per_address)


def test_nobody_is_locked_out_of_a_browser_they_know(app, cast):
    pavel = Browser(app, cast)
    enter(pavel, "pavel@example.org", cast.password)
    pavel.post("/sign-out", page="/account")
    many_strangers_guess(app, cast, "pavel@example.org")
    assert enter(Browser(app, cast), "pavel@example.org", cast.password).status == 422, "the cap for unknown browsers"
    assert enter(pavel, "pavel@example.org", cast.password).status == 303


def test_a_link_by_mail_gets_a_person_in_while_others_go_on_guessing(app, cast, postbox):
    pavel = Browser(app, cast)
    ask_for_link(pavel, postbox, "pavel")
    pavel.post(link_in(postbox, "pavel"), {"password": "modrá mlha nad řekou"})
    many_strangers_guess(app, cast, "pavel@example.org")
    assert enter(pavel, "pavel@example.org", "modrá mlha nad řekou").status == 303


def test_a_known_browser_has_its_own_limit_and_a_mark_is_worth_nothing_for_others(app, cast):
    pavel = Browser(app, cast)
    enter(pavel, "pavel@example.org", cast.password)
    pavel.post("/sign-out", page="/account")
    guess(pavel, "pavel@example.org", 8)
    assert enter(pavel, "pavel@example.org", cast.password).status == 422
    guess(pavel, "nela@example.org", 8)
    assert enter(pavel, "nela@example.org", cast.password).status == 422


@pytest.mark.parametrize("mark", ["", "x", "0" * 16, "0" * 16 + "." + "0" * 32, "č", "." * 90])
def test_a_made_up_mark_knows_nobody(cast, mark):
    assert accounts._own_mark(cast.pavel, mark) is None
    assert accounts._own_mark(cast.pavel, accounts.mark(cast.pavel, mark))
    assert accounts._own_mark(None, accounts.mark(cast.pavel, mark)) is None


def test_a_shared_browser_knows_its_last_people_and_tells_nothing_of_them(cast):
    mark = ""
    for name in ("nela", "nora", "kora", "adam", "kamila", "klara", "petra", "nela"):
        mark = accounts.mark(cast.user(name), mark)
    known = [name for name in ("nela", "nora", "petra", "klara") if accounts._own_mark(cast.user(name), mark)]
    assert known == ["nela", "petra", "klara"] and len(mark.split(".")) == 7
    assert not any(cast.user(name).public_id in mark for name in known)


def test_the_mark_is_a_strict_cookie_of_ours(browser, cast):
    cookies = enter(browser, "pavel@example.org", cast.password).headers.get_all("Set-Cookie")
    (mark,) = [cookie for cookie in cookies if cookie.startswith("navaznost-known=")]
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(mark.split("; ")[1:]) and "Domain" not in mark


def test_a_card_number_written_in_other_ways_has_the_same_tries(browser, cast):
    """Who holds the card but not the PIN."""
    card = "K4REL7777K4REL22"
    for number in range(1, 9):
        enter(browser, f"{card[:number]}-{card[number:].lower()}", "000000")
    assert enter(browser, card, cast.pin).status == 422


def test_a_network_of_ipv6_addresses_is_one_stranger(app, cast):
    for number in range(9):
        enter(from_afar(app, cast, f"2001:db8::{number}"), "nela@example.org", WRONG)
    assert enter(from_afar(app, cast, "2001:db8::ffff"), "nela@example.org", cast.password).status == 422
    assert enter(from_afar(app, cast, "2001:db8:0:1::1"), "nela@example.org", cast.password).status == 303


@pytest.mark.parametrize("address, place", [
    ("192.0.2.1", "192.0.2.1"), ("::ffff:192.0.2.1", "192.0.2.1"), ("fe80::1%eth0", "fe80::/64"),
    ("2001:db8::1", "2001:db8::/64"), ("", ""), ("unknown:x", "unknown:x")])
def test_places_of_addresses(address, place):
    assert accounts._place(address) == place


def test_behind_a_proxy_people_keep_their_own_addresses():
    """Else the whole network would be one address, and sixty wrong passwords would lock everybody out."""
    assert server._behind(0) == {}
    assert server._behind(1) == {"trusted_proxy": "127.0.0.1", "trusted_proxy_count": 1,
                               "trusted_proxy_headers": {"x-forwarded-for", "x-forwarded-proto"}}


def test_a_forwarded_address_from_nobodys_proxy_gives_no_new_tries(app, cast):
    stranger = from_afar(app, cast)
    for number in range(8):
        stranger.post("/sign-in", {"email": "nela@example.org", "password": WRONG}, page="/sign-in",
                      headers={"X-Forwarded-For": f"198.51.100.{number}"})
    assert enter(stranger, "nela@example.org", cast.password).status == 422


# Links by mail

def test_a_mailbox_is_not_flooded_and_its_owner_still_has_a_link(app, cast, postbox):
    for number in range(12):
        answer = from_afar(app, cast, f"198.51.100.{number}").post("/forgotten", {"email": "nela@example.org"})
        assert answer.status == 303
    assert Outbox.select().where(Outbox.recipient == "nela@example.org").count() == accounts.MOST_LINKS
    assert Browser(app, cast).get(link_in(_delivered(postbox), "nela")).status == 200


def _delivered(postbox):
    postbox.deliver()
    return postbox


def test_a_new_password_ends_every_other_link(browser, cast, postbox):
    first = ask_for_link(browser, postbox)
    second = ask_for_link(browser, postbox)
    browser.post(second, {"password": "modrá mlha nad řekou"})
    assert browser.get(first).status == 404
    assert not OneTimeToken.select().where(OneTimeToken.used_at.is_null()).exists()


def test_a_session_that_was_ended_writes_no_drafts(sign_in, cast, travel):
    """A stolen cookie whose owner has signed out everywhere."""
    kamila = sign_in("kamila")
    token = kamila._find_token()
    accounts.sign_out_everywhere(cast.kamila)
    kamila.post(f"/follow-ups/{cast.prompt.public_id}", {"note": "podvržené", "csrf_token": token})
    assert not Draft.select().exists()
    later = sign_in("kamila")
    token = later._find_token()
    travel.shift(2 * 24 * 3600)
    later.post(f"/follow-ups/{cast.prompt.public_id}", {"note": "pozdě", "csrf_token": token})
    assert not Draft.select().exists()


# Consent: what it does not open

def test_the_list_says_no_release_date_to_whom_only_the_network_is_open(sign_in, cast):
    agree(cast, cast.ngo, Scope.NETWORK)
    def line():
        page = sign_in("nela").get("/clients").text.replace("\u00a0", " ")
        return page[page.index(cast.karel.code):]
    assert "propuštěn" not in line() and "24. 10. 2026" not in line()
    agree(cast, cast.ngo, Scope.IDENTITY)
    assert "24. 10. 2026" in line()


def test_a_worker_whose_work_with_a_client_has_ended_reads_nothing_by_consent(sign_in, cast):
    agree(cast, cast.ngo, Scope.FOLLOW_UP)
    with db.writing():
        tie = Membership.create(client=cast.karel, organisation=cast.ngo, worker=cast.nora, ground="consent",
                                since_on=cast.today - timedelta(days=9))
    path = f"/clients/{cast.karel.public_id}"
    assert sign_in("nora").get(path).status == 200
    with db.writing():
        Membership.update(until_on=cast.today - timedelta(days=1)).where(Membership.id == tie.id).execute()
    assert sign_in("nora").get(path).status == 404


@pytest.mark.parametrize("columns", [
    {"state": ConsentState.WITHDRAWN}, {"state": ConsentState.REFUSED}, {"state": ConsentState.DRAFT},
    {"state": ConsentState.EXPIRED}, {"state": ConsentState.REPLACED}, {"from_on": "tomorrow"},
    {"until_on": "yesterday"}, {"recipient_user": "nora"}], ids=str)
def test_a_consent_that_does_not_hold_opens_nothing_anywhere(sign_in, cast, columns):
    days = {"tomorrow": cast.today + timedelta(days=1), "yesterday": cast.today - timedelta(days=1)}
    columns = {key: cast.nora if value == "nora" else days.get(value, value) for key, value in columns.items()}
    if columns.get("until_on"):
        columns["from_on"] = columns["until_on"]
    agree(cast, cast.ngo, *Scope, **columns)
    nela = sign_in("nela")
    assert nela.get(f"/clients/{cast.karel.public_id}").status == 404
    for path in ("/", "/clients", "/visits", "/book?q=karel"):
        assert cast.karel.code not in nela.get(path).html


def test_an_organisation_that_was_closed_reads_nobody(sign_in, cast):
    kamila, path = sign_in("kamila"), f"/clients/{cast.karel.public_id}"
    assert kamila.get(path).status == 200
    with db.writing():
        Organisation.update(state=OrganisationState.CLOSED).where(Organisation.id == cast.municipality.id).execute()
    for page in (path, f"/follow-ups/{cast.prompt.public_id}", "/clients", "/"):
        answer = kamila.get(page)
        assert (answer.status, answer.location.startswith("/sign-in")) == (303, True), page
        assert cast.karel.code not in answer.html


# Consent: what nobody can tell

def test_what_a_client_thought_of_and_did_not_do_shows_nowhere(sign_in, cast):
    """Karel prepares to share with the town that works with him, and thinks better of it."""
    kamila, path = sign_in("kamila"), f"/clients/{cast.karel.public_id}"
    before = kamila.get(path).text
    prepared = consents.prepare(cast.karel_user, cast.municipality.public_id, "práce", [Scope.VISITS],
                                cast.today + timedelta(days=30))
    assert kamila.get(path).text == before and kamila.get(f"/consents/{prepared.public_id}").status == 404
    consents.refuse(cast.karel_user, prepared.public_id)
    assert kamila.get(path).text == before and kamila.get(f"/consents/{prepared.public_id}").status == 404
    assert consents.ask(cast.kamila, cast.karel.public_id, "práce", [Scope.VISITS], cast.today)


def test_what_was_agreed_to_is_shown_to_whom_it_concerns_whoever_began(sign_in, cast):
    prepared = consents.prepare(cast.karel_user, cast.municipality.public_id, "práce", [Scope.VISITS],
                                cast.today + timedelta(days=30))
    consents.agree(cast.karel_user, prepared.public_id, prepared.text_hash)
    kamila = sign_in("kamila")
    assert prepared.number in kamila.get(f"/clients/{cast.karel.public_id}").text
    consents.withdraw(cast.karel_user, prepared.public_id)
    assert kamila.get(f"/consents/{prepared.public_id}").status == 200


def test_a_purpose_holds_no_hidden_signs_and_no_lines_of_its_own(cast):
    asked = consents.ask(cast.kamila, cast.karel.public_id, "\u202epráce\r\n– mé\0 jméno", [Scope.VISITS], cast.today)
    assert consents.purpose_of(Consent.get_by_id(asked.id)) == "práce – mé jméno"


def test_a_client_reads_of_themself_only(cast):
    """The condition stands in a query of clients too, where it must not speak of any client at all."""
    for scope in Scope:
        readable = Client.select().where(policy.readable(cast.karel_user, Client.id, scope))
        assert [client.code for client in readable] == [cast.karel.code]


# A prison, more than thirty days after release

def late(cast):
    """Forty days after release something new is written down of Karel."""
    with db.writing():
        Client.update(released_on=cast.today - timedelta(days=40)).where(Client.id == cast.karel.id).execute()


def test_a_prison_reads_nothing_that_was_made_later_than_thirty_days_after_release(cast, sign_in, figure):
    def read_by(actor):
        file = files.open_file(actor, cast.karel.public_id)
        entries, bookings, ties = (file[scope].value for scope in (Scope.FOLLOW_UP, Scope.VISITS, Scope.NETWORK))
        return len(entries), len(bookings), sum(tie.organisation_id == cast.ngo.id for tie in ties)
    Stage(cast)
    agree(cast, cast.prison, *Scope)
    agree(cast, cast.probation, *Scope, recipient_user=cast.petra)
    late(cast)
    with db.writing():
        Membership.create(client=cast.karel, organisation=cast.ngo, worker=cast.nora)
        FollowUp.create(client=cast.karel, organisation=cast.municipality, author=cast.kamila, request_key="late",
                        reached="in_person", milestone=30)
        BookingClient.create(booking=Booking.get(Booking.prison == cast.other_prison), client=cast.karel)
    by_prison, by_others = sum(read_by(cast.pavel)), read_by(cast.petra)
    booking = Booking.get(Booking.prison == cast.prison)
    by_prison += cast.karel.code in sign_in("pavel").get(f"/visits/{booking.public_id}").text
    figure("fig-A9 prison's reads of what was made more than 30 days after release", by_prison, "reads", n=5,
           control=all(by_others) and f"somebody else, by the same consents: {sum(by_others)}")


# The journal

def test_the_log_names_each_consent_that_opened_more_than_the_own_tie(cast):
    given = agree(cast, cast.municipality, Scope.VISITS, Scope.NETWORK)
    files.open_file(cast.kamila, cast.karel.public_id)
    grounds = {row.ground: row.parts for row in Journal.select().where(Journal.what == "client.open")}
    assert grounds[f"consent:{given.number}"] == "visits,network" and "identity" in grounds["own"]


def test_a_row_slipped_in_before_the_first_is_found(cast):
    with db.writing():
        journal.wrote(cast.nela, "test.row")
    journal.seal()
    assert list(journal.verify()) == []
    with db.unlocked(), db.database.atomic() as transaction:
        Journal.insert(id=-1, what="client.open", action="read", actor=cast.nela).execute()
        assert list(journal.verify())
        transaction.rollback()


# What broke

def test_an_odd_referer_leads_home(sign_in):
    for odd in ("http://[", "http://[::1", "//", "\\", "http://127.0.0.1:8000//evil.example"):
        assert sign_in("nela").post("/language", {"language": "en"}, headers={"Referer": odd}).location == "/"


@pytest.mark.parametrize("week", ["0001-01-01", "9999-12-31", "1999-12-31", "2100-01-01"])
def test_a_week_at_the_end_of_time_is_this_week(sign_in, week):
    pavel = sign_in("pavel")
    assert pavel.get(f"/visits?week={week}").text == pavel.get("/visits").text


def test_the_text_of_a_consent_in_other_letters_is_refused(sign_in, cast):
    consent = Stage(cast).consents["cast"]
    answer = sign_in("karel").post(f"/me/consents/{consent.public_id}", {"answer": "yes", "text_hash": "č" * 64})
    assert answer.status == 422


def test_nul_is_nothing_on_both_databases(sign_in, cast):
    kora = sign_in("kora")
    assert kora.get("/figures?prison=%00").status in {200, 404}
    assert sign_in("pavel").post("/visits/waiting", {"bookings": "\0"}).status == 404


def test_trying_again_and_again_leaves_no_name_in_the_table_of_tries(browser):
    enter(browser, "nela@example.org", WRONG)
    assert not any("nela" in row.subject for row in Attempt.select()) and signed_in(browser) is False


def test_a_card_in_the_wrong_hands_has_five_tries_from_anywhere(app, cast):
    for number in range(5):
        answer = from_afar(app, cast, f"203.0.113.{number}")
        answer.post("/sign-in", {"email": cast.card, "password": f"{number}00000"}, page="/sign-in")
    finder = from_afar(app, cast, "203.0.113.99")
    answer = finder.post("/sign-in", {"email": cast.card, "password": cast.pin}, page="/sign-in")
    assert answer.status == 422 and "Příliš mnoho pokusů" in answer.text


def test_who_leads_an_organisation_learns_of_each_new_account_in_it(cast, sign_in, postbox):
    sign_in("adam").post("/admin/users/invite", {
        "name": "Adam Aktivní", "email": "adam2@example.org", "organisation": cast.municipality.public_id,
        "role": "curator", "lead": "y"}, page="/admin/users/invite")
    postbox.deliver()
    assert any("adam2@example.org" in postbox.words(message) for message in postbox.to("kamila"))


def test_the_chain_of_the_journal_cannot_be_made_anew_without_the_key(cast):
    from models import Journal, JournalSeal
    from services import journal, keys
    with db.writing():
        journal.wrote(cast.kamila, "test.write")
    journal.seal()
    assert list(journal.verify()) == []
    with_key, keys._master = keys._master, MasterKey(b"a thief's own")
    try:
        assert len(list(journal.verify())) == JournalSeal.select().count() > 0 and Journal.select().count() > 0
    finally:
        keys._master = with_key
