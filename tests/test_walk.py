"""The first walk through the whole product, in a real browser, on the demonstration as `make run` fills it in.

Once with scripts and once without; on a phone. Each step is a page that its person opens. What is long walks it on
each weekday and on feasts too: the demonstration is filled in around the day on which it is.
"""
import re
import sqlite3
import urllib.request

import pytest
from playwright.sync_api import expect

from tests.support.demo import DemoWindows, other_days, served_demo

pytestmark = pytest.mark.browser
CAST = ("nela", "pavel", "kamila", "karel", "petra", "kora", "adam")
PHONE = {"viewport": {"width": 360, "height": 740}}


class Demo(DemoWindows):
    """Windows of the people whose accounts `make run` prints."""

    def open(self, who, javascript):
        page = self(who, javascript=javascript, **PHONE)
        page.wait_for_url(self.live.url + "/")
        return page


@pytest.fixture(params=[
    pytest.param((True, None), id="with scripts"), pytest.param((False, None), id="without scripts"),
    *(pytest.param((False, then), id=f"on {then:%A %d %B %H.%M}", marks=pytest.mark.long) for then in other_days())])
def demo(request, chromium, tmp_path, post_office):
    """The demonstration, whether scripts run, and on which day it is filled in and walked through."""
    post_office.mails.clear()
    javascript, then = request.param
    with served_demo(tmp_path, post_office.port, then) as live:
        windows = Demo(chromium, live)
        windows.javascript, windows.post_office = javascript, post_office
        yield windows
        windows.close()
        assert not windows.complaints, windows.complaints


def test_the_walk(demo):
    people = {who: demo.open(who, demo.javascript) for who in CAST}
    finds_whom_to_ask(people["nela"])
    number = asks_for_a_visit(people["nela"])
    confirms(people["pavel"], number)
    both_know(people["nela"], demo, number)
    client_file = logs_a_follow_up(demo, people["kamila"])
    shares_and_withdraws(people["karel"], people["nela"], client_file)
    sees_who_read(people["karel"])
    sees_rounded_figures(people["pavel"])
    sees_no_more_than_agreed(people["petra"], client_file)
    verifies(people["kora"])
    invites(people["adam"], demo)
    for who in ("kora", "adam"):
        answer = people[who].goto(client_file)
        assert answer.status == 404


def finds_whom_to_ask(nela):
    """1. The contact book: no diacritics, any order; the prison's page with people, days, sources."""
    nela.fill("#search-box", "dluhy valdice")
    nela.press("#search-box", "Enter")
    nela.click("main a:text-is('Věznice Valdice')")
    expect(nela.locator("h1")).to_have_text("Věznice Valdice")
    nela.goto("/book?q=lipa+vezeni+dluhy")
    nela.goto("/book?q=ukazkova+veznice+lipa")
    nela.click("main a:text-is('Ukázková věznice Lípa')")
    expect(nela.locator("main")).to_contain_text("potvrzeno")
    expect(nela.locator("main")).to_contain_text("dluhy")


def asks_for_a_visit(nela) -> str:
    """2. A free time of the demo prison, for herself and a colleague; the booking's number."""
    nela.click("nav >> text=Návštěvy")
    nela.locator("main li", has_text="Ukázková věznice Lípa").get_by_text("Vybrat termín").first.click()
    nela.locator(".times a").filter(has_not_text="plno").first.click()
    expect(nela.locator("[name=purpose]")).to_be_visible()
    for box in nela.locator("[name=colleagues]").all():
        box.check()
    nela.fill("[name=purpose]", "první setkání")
    nela.click("main form button >> nth=0")
    expect(nela.locator("h1")).to_have_text("Zkontrolujte žádost")
    nela.click("[name=step][value=send]")
    nela.wait_for_url("**/sent")
    return re.search(r"\d{3}-\d{4}", nela.inner_text("main"))[0]


def confirms(pavel, number):
    """It stands on Pavel's Today; one action confirms it."""
    pavel.goto("/")
    row = pavel.locator("li", has_text=number)
    row.locator("button", has_text="Potvrdit").click()
    expect(pavel.locator("#alerts")).to_contain_text("potvrzena")
    expect(pavel.locator("main >> text=Čeká na vás")).to_be_visible()
    assert pavel.locator("li", has_text=number).locator("button", has_text="Potvrdit").count() == 0


def both_know(nela, demo, number):
    """Nela has it among her visits and in her calendar; a mail went to a real server."""
    nela.goto("/visits")
    assert demo.live.flask("deliver-mail").startswith("sent")
    told = {mail["To"] for mail in demo.post_office.mails if number in body_of(mail)}
    assert {"nela@demo.test", "pavel@demo.test"} <= told
    nela.goto("/calendar")
    nela.click("form[action='/calendar'] button")
    address = nela.input_value("#address")
    calendar = urllib.request.urlopen(address).read().decode()
    assert number in calendar.replace("\r\n ", "") and "BEGIN:VEVENT" in calendar


def body_of(mail) -> str:
    plain = next(part for part in mail.walk() if part.get_content_type() == "text/plain")
    return plain.get_payload(decode=True).decode()


def logs_a_follow_up(demo, kamila) -> str:
    """3. What is due stands on Today; a draft survives a closed tab; the entry is saved. Karel's file comes back."""
    kamila.goto("/")
    code = karel_s_code(demo)
    kamila.locator("li", has_text=code).locator("a, button", has_text="Zapsat").first.click()
    kamila.fill("[name=note]", "Nastoupil do práce na zkoušku.")
    address = kamila.url
    if demo.javascript:
        expect(kamila.locator("#draft-state")).to_contain_text("koncept")
    else:
        kamila.click("[name=by_hand]")
    again = kamila.context.new_page()
    kamila.close()
    again.goto(address)
    expect(again.locator("[name=note]")).to_have_value("Nastoupil do práce na zkoušku.")
    again.locator("label[for^=reached]").first.click()
    again.click("main form >> text=Uložit zápis")
    expect(again.locator("h1")).to_contain_text("uložen")
    again.goto("/clients")
    return find_file(again, code)


def karel_s_code(demo) -> str:
    """The code that Karel's card carries, read from the demonstration's database."""
    with sqlite3.connect(demo.live.folder / "navaznost.db") as database:
        return database.execute("SELECT code FROM client JOIN user ON user.id = client.user_id "
                                "WHERE user.email = 'karel@demo.test'").fetchone()[0]


def find_file(page, code) -> str:
    """The address of a client's file, found in the list by its code, page by page."""
    while page.locator(f"main a:has-text('{code}')").count() == 0:
        page.click("a[rel=next]")
    page.click(f"main a:has-text('{code}')")
    expect(page.locator("main")).to_contain_text("Nastoupil do práce na zkoušku.")
    return page.url


def shares_and_withdraws(karel, nela, client_file):
    """4. A neutral first screen; then Karel agrees, Nela reads; he ends it, her very next request does not."""
    expect(karel.locator("h1")).to_have_text("Dobrý den")
    karel.click("main >> text=Pokračovat")
    expect(karel.locator("main")).to_contain_text("Moje příští schůzka")
    read_before = "Nastoupil do práce" in opened(nela, client_file)
    assert not read_before
    karel.click("main >> text=Moje souhlasy")
    karel.click("text=Dovolit někomu vidět víc")
    karel.locator("label", has_text="Ukázkový spolek Most domů").click()
    karel.click("main form button:has-text('Pokračovat')")
    karel.locator("label", has_text="jak se mi daří po propuštění").click()
    karel.locator("label", has_text="kurátor města").click()
    karel.click("main form button:has-text('Pokračovat')")
    karel.fill("[name=purpose]", "aby mi pomohli s bydlením")
    karel.click("main form >> text=Pokračovat a přečíst text")
    expect(karel.locator("main")).to_contain_text("Ukázkový spolek Most domů smí vidět")
    consent = karel.url
    karel.click("button[value=yes]")
    expect(karel.locator("#alerts")).to_contain_text("Souhlasili jste")
    assert "Nastoupil do práce na zkoušku." in opened(nela, client_file)
    karel.goto(consent + "/end")
    karel.click("main form button")
    expect(karel.locator("#alerts")).to_contain_text("Souhlas skončil")
    assert "Nastoupil do práce" not in opened(nela, client_file)


def opened(page, address) -> str:
    page.goto(address)
    return page.inner_text("main")


def sees_who_read(karel):
    karel.goto("/me/who-looked")
    text = karel.inner_text("main")
    assert "Nela" in text and "Kamila" in text


def sees_rounded_figures(pavel):
    """5. Pavel sees how people released from his prison fare, in rounded figures only."""
    pavel.click("nav >> text=Přehledy")
    expect(pavel.locator("main table td").first).to_be_visible()
    cells = [" ".join(cell.split()) for cell in pavel.locator("main table td").all_inner_texts()]
    counts = [cell for cell in cells if re.fullmatch(r"[\d\s]+", cell)]
    assert counts and all(int(re.sub(r"\s", "", count)) % 5 == 0 for count in counts)
    assert any("< 5" in cell for cell in cells)


def sees_no_more_than_agreed(petra, client_file):
    """Petra sees what Karel agreed that she sees, and the rest is closed."""
    text = opened(petra, client_file)
    assert "Tato část je uzavřena" in text and "souhlas klienta do" in text


def verifies(kora):
    """6. Kora verifies an organisation."""
    kora.goto("/")
    kora.click("main a[href='/book/to-verify'] >> nth=0")
    kora.locator("main ul.rows a").first.click()
    kora.click("main a[href$='/verify']")
    kora.click("main form button")
    expect(kora.locator("#alerts")).to_contain_text("ověřen")


def invites(adam, demo):
    """Adam invites a colleague, who gets a mail."""
    adam.goto("/admin/users/invite")
    adam.fill("[name=name]", "Nová Kolegyně")
    adam.fill("[name=email]", "nova@demo.test")
    adam.select_option("[name=organisation]", label="Ukázkový spolek Most domů")
    adam.select_option("[name=role]", value="ngo")
    adam.click("main form button")
    expect(adam.locator("#alerts")).to_contain_text("nova@demo.test")
    demo.live.flask("deliver-mail")
    assert "nova@demo.test" in {mail["To"] for mail in demo.post_office.mails}
