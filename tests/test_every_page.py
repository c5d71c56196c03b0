"""Every page of every role, as `make run` shows it: light and dark, on a phone and on a desk.

It takes minutes and runs apart: `make everypage`.
"""
import pytest
from playwright.sync_api import Error

from tests.support import chromium as real_browser
from tests.support.crawl import OF_A_KIND, Crawl, kind, rules
from tests.support.demo import DemoWindows, served_demo

pytestmark = [pytest.mark.browser, pytest.mark.everypage]
PEOPLE = (None, "nela", "pavel", "kamila", "petra", "karel", "kora", "adam")
DESK, PHONE, NARROW = ({"width": width, "height": 800} for width in (1280, 360, 320))
BY_A_MAIL_ONLY = {"/password/<token>", "/still-true/<token>", "/offers/mine/<token>"}  # tests of their areas open them


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    with served_demo(tmp_path_factory.mktemp("demo")) as live:
        live.rules = rules(live.flask("routes"))
        live.opened = set()
        yield live


@pytest.fixture
def windows(chromium, demo):
    windows = DemoWindows(chromium, demo)
    yield windows
    windows.close()


@pytest.mark.parametrize("who", PEOPLE)
def test_every_page(who, demo, windows, figure):
    page = windows(who, viewport=DESK)
    crawl, found, opened = Crawl(demo.url, demo.rules), [], []
    while crawl.waiting:
        address = crawl.waiting.pop(0)
        if not is_page(page, address) or opened.count(kind(page.url)) == OF_A_KIND:
            continue
        opened.append(kind(page.url))
        crawl.add(real_browser.links_of(page))
        crawl.add_siblings(address)
        found += [f"{address}: {each}" for each in look_at(page, opened.count(opened[-1]) == 1)]
    demo.opened.update(each.split("?")[0] for each in opened)
    assert not found, f"{len(found)} on {len(opened)} pages:\n" + "\n".join(found)
    figure(f"fig-H2 CSP violations on every page of {who or 'nobody'}", len(windows.complaints), "violations",
           n=len(opened), control=real_browser.violated_policy(windows.browser, windows.live.url + "/help"))


def is_page(page, address) -> bool:
    """Goes there; False where nothing is shown: a refusal, or a file to keep."""
    try:
        return page.goto(address).status == 200
    except Error as error:
        if "Download is starting" in error.message:
            return False
        raise


def look_at(page, first_of_its_kind: bool):
    """What is wrong with a page, in words."""
    if first_of_its_kind:
        yield from real_browser.poorly_focused(page)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for size in (DESK, PHONE):
            page.set_viewport_size(size)
            yield from (f"{scheme} {size['width']}: {each}" for each in real_browser.violations(page))
    yield from real_browser.small_targets(page)
    page.set_viewport_size(NARROW)
    yield from real_browser.overflows(page)
    page.set_viewport_size(DESK)
    page.emulate_media(color_scheme="light")


def test_no_page_was_forgotten(demo):
    """After the others: each address of the application was opened by somebody."""
    assert demo.opened, "run it with the other tests of this file"
    opened = {rule.of for rule in demo.rules if rule.pattern in demo.opened}
    forgotten = {rule.of for rule in demo.rules} - opened - BY_A_MAIL_ONLY
    assert not forgotten
