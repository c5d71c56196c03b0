"""A whole meeting in a browser: planned, invited, run, its minutes approved, a task done, the papers printed."""
import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def fill(page, button, **typed):
    for name, value in typed.items():
        page.fill(f"main [name={name}]", value)
    page.click(f"main button:has-text('{button}')")


def test_a_meeting_from_its_plan_to_its_papers(window, axe):
    kora = window("kora")
    kora.click("nav >> text=Setkání")
    kora.click("text=Založit pracovní skupinu")
    fill(kora, "Založit skupinu", name="Středočeská skupina")
    for email in ("nela@example.org", "parta@example.org"):
        kora.click("main a:has-text('žádosti o členství')")
        fill(kora, "Přidat člena", email=email)
        kora.click("text=Středočeská skupina")
    kora.click("text=Naplánovat setkání")
    axe(kora)
    fill(kora, "Naplánovat setkání", title="Bydlení", day="2026-11-24", starts="09:00", ends="11:00",
         place="Krajský úřad")
    kora.click("text=Pozvat členy")
    expect(kora.locator("text=Změnit čas nebo místo")).to_be_visible()
    meeting = kora.url

    nela = window("nela", viewport={"width": 360, "height": 740})
    nela.goto(meeting)
    nela.click("button:has-text('Přijdu')")
    nela.click("text=Přidat téma do programu")
    fill(nela, "Přidat do programu", title="Ubytovny")
    expect(nela.locator(".agenda__item:has-text('Ubytovny')")).to_be_visible()

    kora.click("text=Změnit čas nebo místo")  # to this morning: it has begun
    fill(kora, "Uložit", day="2026-11-23", starts="08:30")
    expect(kora).to_have_url(meeting)  # saved, before somebody else looks
    nela.goto(meeting)
    nela.click(".agenda__item:has-text('Ubytovny') >> text=Psát zápis")
    fill(nela, "Uložit zápis", text="Dvě ubytovny berou **i lidi s dluhy**.", decisions="Zapsat je do adresáře.")
    expect(nela.locator("main strong:has-text('i lidi s dluhy')").first).to_be_visible()
    axe(nela)

    kora.goto(meeting)
    kora.click("text=Zadat úkol")
    kora.select_option("[name=owner]", label="Nela Nová")
    fill(kora, "Zadat úkol", what="Zapsat ubytovny", due_on="2026-12-07")
    kora.click("text=Poslat zápis členům")
    kora.click("text=Schválit zápis")
    expect(kora.locator("text=Verze 1").first).to_be_visible()
    expect(kora.locator("main strong:has-text('i lidi s dluhy')").first).to_be_visible()
    axe(kora)

    nela.goto(meeting.split("/meetings/")[0] + "/")
    expect(nela.locator("main >> text=Zapsat ubytovny").first).to_be_visible()
    nela.goto(meeting)
    nela.click("button:has-text('Hotovo')")
    expect(nela.locator("text=úkol splněn").first).to_be_visible()
    kora.click("text=Podklady k setkání")
    expect(kora).not_to_have_url(meeting)
    expect(kora.locator("text=Ubytovny").first).to_be_visible()
    assert kora.pdf(format="A4").startswith(b"%PDF")
