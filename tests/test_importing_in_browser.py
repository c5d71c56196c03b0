"""A list goes into the book through a real browser, with scripts and without, on a desktop and on a telephone."""
import os

import pytest
from playwright.sync_api import expect

from tests.test_importing import NUMBERS, line, xlsx


def look(page, name):
    """Keeps a picture where SHOTS names a folder."""
    folder = os.environ.get("SHOTS")
    if not folder:
        return
    for width in (360, 1280):
        for theme in ("light", "dark"):
            page.set_viewport_size({"width": width, "height": 800})
            page.emulate_media(color_scheme=theme)
            page.screenshot(path=f"{folder}/{name}-{width}-{theme}.png", full_page=True)


@pytest.mark.parametrize("javascript", [True, False], ids=["scripts", "no scripts"])
def test_a_list_goes_in_and_out_again(window, axe, tmp_path, javascript):
    name = f"Nový spolek {javascript}"
    file = tmp_path / "seznam.xlsx"
    file.write_bytes(xlsx(line(name, NUMBERS[0] if javascript else NUMBERS[1]), line("Špatné číslo", "12345678"),
                          line("Ukázkový spolek Návrat", city="Docela jinde")))
    page = window("kora", javascript=javascript)
    page.goto("/imports")
    axe(page) if javascript else None
    look(page, "send")
    page.get_by_label("Soubor").set_input_files(file)
    page.get_by_role("button", name="Ukázat, co by změnil").click()

    def wait_for(heading_or_text):
        for _turn in range(40):
            if page.get_by_text(heading_or_text).first.is_visible():
                return
            page.wait_for_timeout(500)
            if not javascript and page.get_by_role("link", name="Načíst stránku znovu").is_visible():
                page.get_by_role("link", name="Načíst stránku znovu").click()
        expect(page.get_by_text(heading_or_text).first).to_be_visible()

    wait_for("Co je ve kterém sloupci")
    axe(page) if javascript else None
    look(page, "columns")
    page.get_by_role("button", name="Ukázat, co by změnil").click()
    wait_for("Zatím není nic zapsáno")
    axe(page) if javascript else None
    look(page, "rows")
    page.get_by_label("Vynechat", exact=True).check()
    page.get_by_role("button", name="Uložit odpovědi").click()
    page.get_by_label("Vynechat chybné řádky").check()
    page.get_by_role("button", name="Zapsat 1 řádek do adresáře").click()
    wait_for("Zapsáno")
    look(page, "done")
    page.get_by_role("button", name="Vrátit celý soubor zpět").click()
    wait_for("Všechno je jako předtím")
    axe(page) if javascript else None
