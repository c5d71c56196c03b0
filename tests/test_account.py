"""Signing in and out, sessions, brakes on guessing, links by mail."""
import re

import argon2
import pytest

import db
from errors import RuleBroken
from models import OneTimeToken, Organisation, OrganisationState, User, UserSession
from services import accounts
from tests.support.browser import Browser

WRONG = "něco docela jiného"
OLD_AND_NEW = "modrá mlha nad řekou"


def enter(browser, name, password, **fields):
    return browser.post("/sign-in", {"email": name, "password": password, **fields}, page="/sign-in")


def copy_of(browser):
    """Another browser that carries the same cookie, as a thief of it would."""
    thief = Browser(browser.app, browser.cast)
    cookie = browser.client.get_cookie("navaznost", domain="127.0.0.1")
    thief.client.set_cookie("navaznost", cookie.value, domain="127.0.0.1")
    return thief


def signed_in(browser):
    return browser.get("/account").status == 200


# Signing in

def test_nela_signs_in_with_her_password_and_arrives_on_today(browser, cast):
    answer = enter(browser, " Nela@Example.org ", cast.password)
    assert answer.status == 303
    assert browser.follow().path == "/"


@pytest.mark.parametrize("typed", ["K4REL7777K4REL22", "k4rel 7777 k4rel 22", "K4RE-L777-7K4R-EL22"])
def test_karel_signs_in_with_his_card_as_he_reads_it(browser, cast, typed):
    assert enter(browser, typed, cast.pin).status == 303
    assert signed_in(browser)


def test_everybody_has_a_first_page(sign_in):
    for name in ("pavel", "petra", "kamila", "nela", "karel", "kora", "adam", "parta"):
        browser = sign_in(name)
        if browser.get("/").location:
            browser.follow()
        assert browser.last.status == 200 and browser.last.path != "/sign-in"


def test_a_wrong_password_is_refused_and_the_name_is_kept(browser):
    answer = enter(browser, "nela@example.org", WRONG)
    assert answer.status == 422
    assert 'value="nela@example.org"' in answer.html and WRONG not in answer.html


@pytest.mark.parametrize("known, unknown, path", [
    ("nela@example.org", "nobody@example.org", "/sign-in"), ("K4REL7777K4REL22", "N0BODY77N0BODY77", "/sign-in"),
    ("nela@example.org", "nobody@example.org", "/forgotten"),
])
def test_known_and_unknown_names_are_answered_the_same(app, cast, known, unknown, path):
    def answer(name):
        browser = Browser(app, cast)
        answer = browser.post(path, {"email": name, "password": WRONG}, page=path)
        text = re.sub(r'name="csrf_token"[^>]*', "", answer.html.replace(name, "NAME"))
        headers = [(key, value) for key, value in answer.headers if key not in {"Set-Cookie", "Date", "Content-Length"}]
        return answer.status, text, headers, browser.follow().text if answer.location else ""
    assert answer(known) == answer(unknown)


def close(organisation):
    with db.writing():
        Organisation.update(state=OrganisationState.CLOSED).where(Organisation.id == organisation.id).execute()


def test_a_name_that_nobody_has_is_as_dear_to_try_as_any_other():
    hasher = argon2.PasswordHasher(time_cost=3, memory_cost=64, parallelism=1)
    of_nobody, of_somebody = accounts._hash_of_nobody(hasher), hasher.hash("heslo")
    assert argon2.extract_parameters(of_nobody) == argon2.extract_parameters(of_somebody)
    with pytest.raises(argon2.exceptions.VerifyMismatchError):
        hasher.verify(of_nobody, "heslo")


def test_people_of_a_closed_organisation_are_refused_like_strangers(browser, cast):
    close(cast.ngo)
    refused = enter(browser, "nela@example.org", cast.password)
    stranger = enter(Browser(browser.app, cast), "nobody@example.org", cast.password)
    assert refused.status == stranger.status == 422
    assert refused.text == stranger.text and "zavřen" not in refused.text
    assert enter(Browser(browser.app, cast), "pavel@example.org", cast.password).status == 303


def test_the_sessions_of_a_closed_organisation_open_nothing(sign_in, cast, postbox):
    nela = sign_in("nela")
    assert nela.get("/book").status == 200
    close(cast.ngo)
    assert "/sign-in" in (nela.get("/book").location or "")
    assert nela.post("/language", {"language": "en"}, page="/help").status == 303
    assert cast.nela.language == "cs", "nothing is written for them"
    nela.post("/forgotten", {"email": "nela@example.org"}, page="/forgotten")
    assert not postbox.deliver()


def test_a_link_of_a_closed_organisation_sets_no_password(browser, cast, postbox):
    link = ask_for_link(browser, postbox)
    close(cast.ngo)
    with pytest.raises(RuleBroken):
        accounts.set_password(link.split("/")[-1], "docela nové heslo do sítě")
    assert "neplatí" in browser.get(link).text or browser.last.status != 200


def test_the_coordinators_own_organisation_is_not_closed_by_mistake(sign_in, cast):
    kora, page = sign_in("kora"), f"/book/{cast.network.public_id}"
    assert f"{page}/close" not in kora.get(page).html
    assert kora.post(f"{page}/close", page=f"/book/{cast.ngo.public_id}").status in {404, 422}
    assert Organisation.get_by_id(cast.network.id).state is OrganisationState.VERIFIED


def test_an_account_without_a_password_or_switched_off_cannot_sign_in(browser, cast):
    with db.writing():
        User.update(password_hash="").where(User.id == cast.nela.id).execute()
        User.update(active=False).where(User.id == cast.pavel.id).execute()
    assert enter(browser, "nela@example.org", "").status == 422
    assert enter(browser, "pavel@example.org", cast.password).status == 422


@pytest.mark.parametrize("name", ["\0", "a\0b@example.org", "'", "💥" * 60, "%", "a\u202eb"], ids=ascii)
def test_odd_names_are_refused_like_others(browser, name):
    assert enter(browser, name, WRONG).status == 422
    assert browser.post("/forgotten", {"email": name}, page="/forgotten").status in {303, 422}


def test_after_signing_in_the_reader_is_where_they_wanted_to_go(browser, cast):
    asked = browser.get("/account")
    assert asked.status == 303 and asked.location.startswith("/sign-in?next=")
    browser.follow()
    answer = browser.send("/sign-in", email="nela@example.org", password=cast.password)
    assert answer.location == "/account"


def test_after_signing_in_nobody_is_sent_to_an_address_that_only_takes_forms(sign_in, cast, travel):
    nela = sign_in("nela")
    nela.get("/account")
    travel.shift(16 * 60)
    nela.post("/sign-out-everywhere")
    nela.follow()
    assert nela.send("/sign-in", email="nela@example.org", password=cast.password).location == "/"


def test_an_ended_session_in_a_fragment_leads_the_whole_page_to_sign_in(browser):
    answer = browser.fragment("/account")
    assert (answer.status, answer.body) == (401, b"")
    assert answer.headers["HX-Redirect"].startswith("/sign-in?next=")


# Brakes

def guess(browser, name, times):
    for _ in range(times):
        answer = enter(browser, name, WRONG)
    return answer


def test_eight_wrong_passwords_stop_the_ninth_even_if_it_is_right(browser, cast):
    wrong = guess(browser, "nela@example.org", 8).page.with_class("govuk-error-message")[0].text
    blocked = enter(browser, "nela@example.org", cast.password)
    assert blocked.status == 422
    assert wrong != blocked.page.with_class("govuk-error-message")[0].text
    assert enter(browser, "pavel@example.org", cast.password).status == 303


def test_the_brake_lets_go_after_a_quarter_of_an_hour(browser, cast, travel):
    guess(browser, "nela@example.org", 8)
    travel.shift(15 * 60 + 1)
    assert enter(browser, "nela@example.org", cast.password).status == 303


def test_a_stranger_elsewhere_cannot_lock_nela_out(app, cast):
    stranger = Browser(app, cast)
    stranger.client.environ_base["REMOTE_ADDR"] = "192.0.2.66"
    guess(stranger, "nela@example.org", 9)
    assert enter(Browser(app, cast), "nela@example.org", cast.password).status == 303


def test_one_address_cannot_try_many_names(browser, cast):
    for number in range(accounts.TRIES_FROM_ONE_ADDRESS):
        enter(browser, f"somebody{number}@example.org", WRONG)
    assert enter(browser, "nela@example.org", cast.password).status == 422


def test_a_new_password_by_mail_lifts_the_brake(browser, cast, postbox):
    guess(browser, "nela@example.org", 8)
    ask_for_link(browser, postbox)
    browser.post(link_in(postbox, "nela"), {"password": OLD_AND_NEW})
    assert enter(browser, "nela@example.org", OLD_AND_NEW).status == 303


# Sessions

def test_fourteen_idle_minutes_keep_a_session_and_sixteen_end_it(sign_in, travel):
    nela = sign_in("nela")
    travel.shift(14 * 60)
    assert signed_in(nela)
    travel.shift(14 * 60)
    assert signed_in(nela)
    travel.shift(15 * 60 + 1)
    assert not signed_in(nela)


def test_a_session_ends_after_eight_hours_however_busy(sign_in, travel):
    nela = sign_in("nela")
    for _ in range(8 * 6 - 1):
        travel.shift(10 * 60)
        alive = signed_in(nela)
    assert alive
    travel.shift(11 * 60)
    assert not signed_in(nela)


def test_last_seen_is_written_at_most_once_a_minute(sign_in, cast, travel):
    nela = sign_in("nela")

    def seen():
        return UserSession.get(UserSession.user == cast.nela).seen_at
    first = seen()
    travel.shift(30)
    nela.get("/")
    assert seen() == first
    travel.shift(40)
    nela.get("/")
    assert seen() > first


def test_signing_out_expires_the_cookie_and_the_session(sign_in):
    nela = sign_in("nela")
    thief = copy_of(nela)
    assert nela.post("/sign-out").location == "/sign-in"
    assert not signed_in(thief)


def test_the_cookie_holds_no_more_than_a_token(sign_in, cast):
    nela = sign_in("nela")
    nela.get("/account")
    with nela.client.session_transaction(base_url=nela.base_url) as session:
        assert set(session) <= {"_user_id", "_fresh", "csrf_token"}
    assert not UserSession.select().where(UserSession.token_hash == nela.session_token).exists()


def alive_after(deeds, sign_in, cast):
    """How many tokens taken before a deed still open Today after it."""
    alive = 0
    for deed in deeds:
        browser = sign_in("nela")
        thief = copy_of(browser)
        assert signed_in(thief)
        deed(browser)
        alive += signed_in(thief)
    return alive


def test_old_tokens_are_dead(sign_in, cast, postbox, figure, monkeypatch):
    def signs_in_again(browser):
        enter(browser, "nela@example.org", cast.password)
        assert signed_in(browser)

    def changes_password(browser):
        with db.writing():
            accounts._send_link(cast.nela, "reset", accounts.RESET_LASTS)
        accounts.set_password(link_in(postbox, "nela").split("/")[-1], cast.password)

    def is_switched_off(browser):
        with db.writing():
            User.update(active=False).where(User.id == cast.nela.id).execute()

    deeds = [signs_in_again, lambda browser: browser.post("/sign-out"), changes_password,
             lambda browser: sign_in("nela").post("/sign-out-everywhere")]
    value = alive_after([*deeds, is_switched_off], sign_in, cast)
    with db.writing():
        User.update(active=True).where(User.id == cast.nela.id).execute()
    monkeypatch.setattr(accounts, "_end", lambda condition: 0)
    control = alive_after(deeds, sign_in, cast)
    figure("fig-I6 old tokens alive after sign-in, sign-out, password change, sign-out everywhere, switching off",
           value, "tokens", n=5, control=control and f"sessions that are not ended: {control} of 4 alive")


def test_a_token_that_was_set_before_signing_in_is_not_taken_over(browser, cast):
    browser.get("/sign-in")
    thief = copy_of(browser)
    enter(browser, "nela@example.org", cast.password)
    assert not signed_in(thief)


def test_my_account_lists_where_i_am_signed_in(sign_in):
    sign_in("nela")
    page = sign_in("nela").get("/account").page
    assert len(page.with_class("row")) == 2


# Links by mail

def ask_for_link(browser, postbox, name="nela"):
    browser.post("/forgotten", {"email": f"{name}@example.org"}, page="/forgotten")
    return link_in(postbox, name)


def link_in(postbox, name):
    postbox.deliver()
    return re.search(r"http://127\.0\.0\.1:8000(/password/\S+)", postbox.words(postbox.to(name)[-1]))[1]


def test_nela_sets_a_new_password_by_a_link(browser, cast, postbox):
    link = ask_for_link(browser, postbox)
    assert browser.get(link).status == 200
    assert browser.send(link, password=OLD_AND_NEW).location == "/sign-in"
    assert enter(browser, "nela@example.org", cast.password).status == 422
    assert enter(browser, "nela@example.org", OLD_AND_NEW).status == 303


def test_looking_at_a_link_does_not_use_it_up(browser, cast, postbox):
    link = ask_for_link(browser, postbox)
    for method in ("GET", "HEAD", "GET", "OPTIONS"):
        assert browser.get(link, method=method).status == 200
    assert browser.post(link, {"password": OLD_AND_NEW}).status == 303


def test_a_link_works_once_and_for_an_hour(browser, cast, postbox, travel):
    link = ask_for_link(browser, postbox)
    browser.get(link)
    browser.send(link, password=OLD_AND_NEW)
    assert browser.get(link).status == 404
    assert browser.post(link, {"password": OLD_AND_NEW}).status == 404
    late = ask_for_link(browser, postbox)
    travel.shift(60 * 60 + 1)
    assert browser.get(late).status == 404


@pytest.mark.parametrize("password", ["krátké", "heslo123456", "aaaaaaaaaaaaaaaa", ""])
def test_a_poor_password_is_refused_and_the_link_still_works(browser, postbox, password):
    link = ask_for_link(browser, postbox)
    assert browser.post(link, {"password": password}).status == 422
    assert browser.post(link, {"password": OLD_AND_NEW}).status == 303


def test_a_link_is_kept_as_a_hash(browser, postbox):
    token = ask_for_link(browser, postbox).split("/")[-1]
    assert token not in str(list(OneTimeToken.select().dicts()))


def test_a_mail_for_a_new_password_goes_to_nobody_without_an_account(browser, postbox):
    browser.post("/forgotten", {"email": "nobody@example.org"}, page="/forgotten")
    assert postbox.deliver() == []


# Language

@pytest.mark.parametrize("who", [None, "nela"])
def test_the_language_changes_and_one_stays_on_the_page(browser, sign_in, who):
    reader = sign_in(who) if who else browser
    answer = reader.post("/language", {"language": "en"}, page="/help",
                         headers={"Referer": f"{reader.base_url}/help?a=1"})
    assert answer.location == "/help?a=1"
    assert reader.follow().page.all("html")[0]["lang"] == "en"


@pytest.mark.parametrize(("said", "kept"), [
    ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:130.0) Gecko/20100101 Firefox/130.0", "Firefox, Windows"),
    ("Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/129.0 Mobile Safari/537.36", "Chrome, Android"),
    ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/129.0 Safari/537.36 Edg/129.0", "Edge, Windows"),
    ("curl/8.0", ""), ("", ""),
])
def test_of_a_browser_only_its_name_is_kept(said, kept):
    assert accounts.browser_name(said) == kept
