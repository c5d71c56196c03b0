"""The entry with a thumb: a curator's ordinary entry in taps, a correction, and the client's own page on a phone."""
import pytest

from tests.support import chromium

pytestmark = pytest.mark.browser

PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True}
MOST_TAPS, OF_A_SELECT = 14, 2


class Thumb:
    """Taps on what can be reached, and counts them by step."""

    def __init__(self, page):
        self.page, self.steps = page, {}

    def tap(self, step, where, taps=1):
        self.page.tap(where)
        self.steps[step] = self.steps.get(step, 0) + taps

    def choose(self, step, where, value):
        self.page.select_option(where, value)
        self.steps[step] = self.steps.get(step, 0) + OF_A_SELECT

    def state(self, need, value, word="state"):
        self.tap(f"{need} {word}", f"label[for='{self.id_of(need, word, value)}']")

    def id_of(self, need, word, value):
        return self.page.get_attribute(f"[name=needs-{need}-{word}][value={value}]", "id")

    @property
    def total(self):
        return sum(self.steps.values())


def ordinary_entry(page) -> Thumb:
    """They spoke on the telephone, housing is stuck, work goes on, a next step is agreed."""
    thumb = Thumb(page)
    thumb.tap("open", "main a[href^='/follow-ups/']")
    page.wait_for_url("**/follow-ups/*")
    thumb.tap("reached", f"label[for='{page.get_attribute('[name=reached][value=telephone]', 'id')}']")
    thumb.state("housing", "stuck")
    thumb.state("housing", "poor", "step")
    thumb.choose("housing barrier", "[name=needs-housing-barrier]", "no_capacity")
    thumb.state("work", "in_progress")
    thumb.state("work", "good", "step")
    thumb.tap("next step", "[name=next_step]")
    page.keyboard.type("Společně na úřad")
    thumb.tap("save", "text=Uložit zápis")
    page.wait_for_url("**/saved")
    return thumb


def test_the_entry_fits_a_thumb(window, axe):
    page = window("kamila", **PHONE)
    page.tap("main a[href^='/follow-ups/']")
    page.wait_for_url("**/follow-ups/*")
    axe(page)
    assert chromium.small_targets(page) == [] and not chromium.overflows(page)
    heights = page.eval_on_selector_all(".need .scale__label:not(:first-of-type), .scale__label", """labels => labels
        .filter(label => label.offsetParent && label.textContent.trim()).map(label => label.offsetHeight)""")
    assert min(heights) >= 28 and sum(height >= 44 for height in heights) > 60


def test_an_ordinary_entry_takes_at_most_fourteen_taps(window, figure):
    page = window("kamila", **PHONE)
    thumb = ordinary_entry(page)
    assert "Bydlení" in page.inner_text("main") and "Společně na úřad" in page.inner_text("main")
    eleven = 1 + 1 + 11 * 2 + 1
    figure("fig-F1 taps of an ordinary entry above 14", max(0, thumb.total - MOST_TAPS), "taps",
           n=thumb.total, control=eleven > MOST_TAPS and f"all eleven needs touched: {eleven} taps")
    page.tap("text=Přidat opravu")
    page.wait_for_url("**/follow-ups/*")
    assert "přibude jako oprava" in page.inner_text("main")
