"""One page of each kind in Chromium, on the demonstration: axe, the policy of content, what stays behind, htmx.

tests/test_every_page.py looks at all pages of all roles, and takes minutes.
"""
import re

import pytest
from playwright.sync_api import expect

from tests.support import chromium as real_browser
from tests.support import needed
from tests.support.demo import DemoWindows, served_demo

pytestmark = pytest.mark.browser
DESK, PHONE = {"width": 1280, "height": 800}, {"width": 360, "height": 740}
# who: the ways to pages, each an address and what to click on from there
WAYS = {
    None: ["/sign-in", "/forgotten", "/help", "/who-may-see-what", "/offer",
           ("/offer", "main form button >> nth=-1"), "/nothing-here"],
    "nela": ["/", "/book?q=dluhy+valdice", ("/book?q=ukazkova+veznice+lipa", "main .row__title a >> nth=0"), "/visits",
             ("/visits", "text=Vybrat termín"), ("/visits", "text=Vybrat termín", ".times a >> nth=0"),
             ("/visits", "text=Vybrat termín", ".times a >> nth=0", "main form button >> nth=0"), "/calendar",
             ("/book/corrections", "main .row__title a >> nth=0"), "/book/jobs",
             ("/book?q=spolek+most+domu", "main .row__title a >> nth=0"),
             *[("/book?q=spolek+most+domu", "main .row__title a >> nth=0", f"a[href$='/{way}'] >> nth=0")
               for way in ("history", "add/service", "add/contact", "add/prison_work", "add/location", "add/job_offer",
                           "end")],
             "/account"],
    "petra": [("/book?q=spolek+most+domu", "main .row__title a >> nth=0", "a[href$='/correct/contact'] >> nth=0"),
              ("/book?q=ukazkova+veznice+lipa", "main .row__title a >> nth=0", "text=Koho se mám ptát?")],
    "pavel": ["/", "/visits", "/visits/waiting", ("/", "main a[href$='/decline'] >> nth=0"),
              ("/", "main a[href$='/decline'] >> nth=0", "main form button >> nth=-1"),
              ("/visits", "main th a >> nth=0"), "/figures"],
    "kamila": ["/", "/clients", ("/", "main a[href^='/follow-ups/'] >> nth=0"),
               ("/", "main a[href^='/follow-ups/'] >> nth=0", "text=Uložit zápis"),
               ("/clients", "main .row__title a >> nth=0"),
               ("/clients", "main .row__title a >> nth=0", "text=Celý průběh"),
               ("/clients", "main .row__title a >> nth=0", "text=Jak chce být klient tázán"),
               ("/", "main a[href^='/follow-ups/'] >> nth=0", "text=Klient je zpátky ve vězení")],
    "karel": ["/", "/me/overview", "/me/how-am-i", "/me/copy", "/me/consents",
              ("/me/consents", "main .row__title a >> nth=0"), "/me/consents/new",
              ("/me/consents/new", "main form button >> nth=-1"), "/me/who-looked", "/me/notes", "/me/cards",
              "/me/rights", ("/me/notes", "main .row__title a >> nth=0")],
    "kora": ["/", "/book/to-verify", ("/book/to-verify", "main a[href$='/verify'] >> nth=0"), "/book/unconfirmed",
             "/book/mismatches", "/offers", ("/offers", "main .row__title a >> nth=0"),
             ("/", "main a[href$='/confirm'] >> nth=0")],
    "adam": ["/admin/users", "/admin/users/invite", ("/admin/users/invite", "main form button >> nth=-1")],
}


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    with served_demo(tmp_path_factory.mktemp("demo")) as live:
        yield live


@pytest.fixture
def windows(chromium, demo):
    windows = DemoWindows(chromium, demo)
    yield windows
    windows.close()
    assert not windows.complaints, windows.complaints


def walk(page, way):
    """Goes a way; the page that it ends on is loaded."""
    address, *clicks = [way] if isinstance(way, str) else way
    page.goto(address)
    for click in clicks:
        with page.expect_navigation():
            page.click(click)


@pytest.mark.parametrize("who", WAYS)
def test_a_page_of_each_kind(windows, who, figure):
    page, found = windows(who, viewport=DESK), []
    for way in WAYS[who]:
        walk(page, way)
        for scheme, size in (("light", DESK), ("dark", PHONE)):
            page.set_viewport_size(size)
            page.emulate_media(color_scheme=scheme)
            found += [f"{way} {scheme}: {each}" for each in real_browser.violations(page)]
    assert not found, "\n".join(found)
    figure(f"fig-H2 CSP violations in a click-through of {who or 'nobody'}", len(windows.complaints), "violations",
           n=len(WAYS[who]), control=real_browser.violated_policy(windows.browser, windows.live.url + "/help"))


# Visits that belong together, on the narrowest phone

NARROW = {"width": 320, "height": 740}
GROUPS = {
    "pavel": [("/", "main a[href^='/visits/together/'] >> nth=0"),
              ("/", "main a[href^='/visits/together/'] >> nth=0", "a[href$='/several'] >> nth=0"),
              "/joint-days", ("/joint-days", "main .row__title a >> nth=0")],
    "kora": ["/paper/prisons"],
}


@pytest.mark.parametrize("who", GROUPS)
def test_groups_fit_a_narrow_phone(windows, who):
    page, found = windows(who, viewport=NARROW), []
    for way in GROUPS[who]:
        walk(page, way)
        found += [f"{way}: {each}" for each in look_at(page)]
    assert not found, "\n".join(found)


def look_at(page):
    return [*real_browser.violations(page), *real_browser.overflows(page)]


@pytest.mark.parametrize(("name", "number", "words"), [
    ("every", "4", "Zkontrolujte žádost"), ("after", "8", "Požádat o návštěvu")])
def test_what_is_asked_for_together_fits_a_narrow_phone(windows, name, number, words):
    """The list of days of a series, and the other beginnings of a trip that does not fit."""
    page = windows("nela", viewport=NARROW)
    walk(page, ("/visits", "text=Vybrat termín", ".times a >> nth=0"))
    page.fill("#purpose", "dluhové poradenství")
    page.click("details.fold summary")
    if name == "every":
        page.select_option("#every", "1")
        page.fill("#times", number)
    else:
        page.fill("#after", number)
    with page.expect_navigation():
        page.click("main form button >> nth=-1")
    assert words in page.text_content("h1") and not look_at(page)


# The measures themselves find what is wrong

def test_small_targets_wide_pages_and_hidden_focus_are_found(windows):
    page = windows(viewport={"width": 320, "height": 740})
    page.goto("/sign-in")
    assert not real_browser.small_targets(page) and not real_browser.overflows(page)
    assert not real_browser.poorly_focused(page)
    page.evaluate("""() => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(`main button { height: 12px; padding: 0; min-height: 0; }
        h1 { width: 400px; } input:focus { outline: none !important; box-shadow: none !important; }`);
      document.adoptedStyleSheets = [sheet];
    }""")
    assert real_browser.small_targets(page) and real_browser.overflows(page)
    assert any("does not show" in each for each in real_browser.poorly_focused(page))


# What stays behind

def open_a_file(page) -> list[str]:
    """Opens a client's file; the values of it that tell who the person is."""
    walk(page, ("/clients", "main .row__title a >> nth=0"))
    values = page.locator("#part-identity ~ dl dd").all_inner_texts()[:3]
    assert all(values) and re.fullmatch(r"\d+\.\s\d+\.\s\d{4}", values[1])
    return values


def shown(page, values) -> int:
    text = page.evaluate("document.documentElement.textContent")
    return sum(value in text for value in values)


# Waited for in the page: Playwright's own waiting asks again by eval(), which the policy of content forbids
COMPLETE = """() => document.readyState === "complete"
  || new Promise(done => addEventListener("load", () => done(true), {once: true}))"""


def back(page, to: str = "**/*") -> None:
    """Back, also to a page that the browser has kept as it was: that one does not load again."""
    page.go_back(wait_until="commit")
    page.wait_for_url(to, wait_until="commit")
    page.evaluate(COMPLETE)


@pytest.fixture
def remembering(chromium, demo):
    """Windows of a browser that keeps left pages as people's browsers do, for Back."""
    browser = chromium.browser_type.launch(executable_path=needed.chromium_binary(), args=["--no-sandbox"],
                                           ignore_default_args=["--disable-back-forward-cache"])
    windows = DemoWindows(browser, demo)
    yield windows
    browser.close()


def test_nothing_is_shown_after_signing_out(remembering, figure):
    page = remembering("kamila")
    values = open_a_file(page)
    file = page.url
    page.goto("/help")
    back(page, file)
    before = shown(page, values)
    page.click("form[action='/sign-out'] button")
    page.wait_for_url("**/sign-in")
    after = []
    for step in (lambda: back(page), lambda: back(page), page.reload, lambda: page.goto(file)):
        step()
        after.append(shown(page, values))
    reopened = page.context.new_page()
    reopened.goto(file)
    after.append(shown(reopened, values))
    figure("fig-H5 values shown by Back, reload and a reopened tab after sign-out", sum(after), "values", n=len(after),
           control=f"{before} of {len(values)} by Back before sign-out" if before == len(values) else False)


STORED = """async () => {
  const names = [...await indexedDB.databases(), ...await caches.keys()];
  return [localStorage, sessionStorage, names].map(each => JSON.stringify(each)).join("").length - "{}{}[]".length
    + document.cookie.length;
}"""


def test_a_session_leaves_nothing_in_the_browser_s_storage(windows, figure):
    page = windows("kamila")
    type_a_draft(page)
    walk(page, ("/clients", "main .row__title a >> nth=0"))
    page.goto("/book")
    page.fill("#search-box", "dluhy")
    page.wait_for_url("**q=dluhy**")
    page.click("form[action='/sign-out'] button")
    page.wait_for_url("**/sign-in")
    left = page.evaluate(STORED)
    page.evaluate("() => { sessionStorage.setItem('a', 'b'); document.cookie = 'c=d'; }")
    figure("fig-H7 bytes in storage and in cookies that scripts read, after a session", left, "bytes", n=5,
           control=f"{page.evaluate(STORED)} bytes of a stored value and a cookie")


def type_a_draft(page):
    walk(page, ("/", "main a[href^='/follow-ups/'] >> nth=0"))
    page.fill("[name=note]", "Bydlí u sestry.")
    expect(page.locator("#draft-state")).to_contain_text("koncept")


def test_addresses_titles_and_file_names_say_nothing_about_a_person(windows, figure):
    page, said = windows("kamila"), []
    values = [*open_a_file(page), "Bydlí u sestry."]
    page.on("framenavigated", lambda frame: said.append(frame.url))
    type_a_draft(page)
    for way in ("/", "/clients", ("/clients", "main .row__title a >> nth=0"), "/visits"):
        walk(page, way)
        said.append(page.title())
    for path in ("/figures.csv", "/calendar"):
        said.append(file_name(page, path))
    name = values[0].split()[-1]
    control = sum(name in each for each in [*said, f"/book?q={name}"])
    words = {*values, *(word for value in values for word in value.split() if word.isalpha() and len(word) > 3)}
    found = [each for each in said if any(word in each for word in words)]
    figure("fig-H8 personal values in addresses, titles and names of files", len(found), "values", n=len(said),
           control=f"{control} where a name stands in an address" if control else False)


def file_name(page, path) -> str:
    return page.request.get(path).headers.get("content-disposition", path)


# htmx

def test_search_changes_the_address_and_says_how_many(windows):
    page = windows("nela")
    page.goto("/book")
    page.locator("#search-box").press_sequentially("dluhy")
    page.wait_for_url("**q=dluhy**")
    expect(page.locator("#announcer")).to_have_text(re.compile(r"\d"))
    assert page.inner_text("#announcer") == page.inner_text("#results .results-count")
    expect(page.locator("#search-box")).to_be_focused()
    page.go_back()
    expect(page.locator("#search-box")).to_have_value("")


def test_a_refused_form_puts_the_focus_on_what_is_wrong(windows):
    page = windows()
    page.goto("/sign-in")
    page.click("main form button")
    expect(page.locator(".govuk-error-summary")).to_be_focused()


def test_so_does_a_form_that_htmx_sends(windows):
    page = windows()
    page.goto("/sign-in")
    page.evaluate("""() => {
      const form = document.querySelector("main form");
      for (const [name, value] of [["hx-post", "/sign-in"], ["hx-target", "main"], ["hx-select", "main"],
                                   ["hx-swap", "outerHTML"]]) { form.setAttribute(name, value); }
      htmx.process(form);
    }""")
    with page.expect_response("**/sign-in") as answer:
        page.click("main form button")
    assert answer.value.status == 422 and answer.value.request.headers["hx-request"] == "true"
    expect(page.locator(".govuk-error-summary")).to_be_focused()


def test_a_session_that_ended_leads_from_a_fragment_to_sign_in_and_back(windows):
    page = windows("nela")
    page.goto("/book")
    elsewhere = page.context.new_page()
    elsewhere.goto("/help")
    elsewhere.click("form[action='/sign-out'] button")
    elsewhere.wait_for_url("**/sign-in")
    with page.expect_response(lambda answer: "/book?" in answer.url) as answer:
        page.fill("#search-box", "dluhy")
    assert answer.value.status == 401
    page.wait_for_url("**/sign-in?next=*")
    windows.fill_in(page, "nela")
    page.wait_for_url("**/book**")


def test_the_course_of_a_client_prints_on_one_sheet(windows, figure):
    """The longest courses of the demonstration: as many days as there are, all needs, and the table beside."""
    page, sheets = windows("kamila"), {}
    page.goto("/clients")
    while page.locator("a[rel=next]").count():  # who was released long ago stands at the end
        page.click("a[rel=next]")
    files = page.eval_on_selector_all("main .row__title a", "links => links.map(link => link.getAttribute('href'))")
    for path in reversed(files):
        page.goto(f"{path}/course")
        if page.locator(".course thead th").count() > 4:
            sheets[path] = pages_of(page)
        if len(sheets) == 3:
            break
    page.evaluate("document.querySelector('.multiples').style.gridTemplateColumns = '1fr'")
    tallest = pages_of(page)
    figure("fig-F2 sheets of a printed course beyond one", max(sheets.values(), default=0) - 1, "sheets", n=len(sheets),
           control=tallest > 1 and f"one chart under another: {tallest} sheets")


def pages_of(page) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4", prefer_css_page_size=True)))
