"""A real browser: signed-in windows, what it complained about, and axe."""
from pathlib import Path

from tests.support import cast

AXE = Path(__file__).parent.parent / "vendor" / "axe.min.js"
WCAG = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]
AXE_OPTIONS = {"runOnly": {"type": "tag", "values": WCAG}, "rules": {"target-size": {"enabled": True}},
               "resultTypes": ["violations"]}
PATIENCE = 30_000  # milliseconds: the machine may be busy
REFUSED = ("Content Security Policy", "Refused to", "Mixed Content")

# A link is in running text where words stand beside it in its block.
SMALL_TARGETS = """() => {
  const block = element => {
    let up = element.parentElement;
    while (up && getComputedStyle(up).display.startsWith("inline")) { up = up.parentElement; }
    return up;
  };
  const words = node => node.textContent.replace(/[\\s·,.;:]+/g, "");
  const inText = link => link.tagName === "A" && getComputedStyle(link).display === "inline"
    && words(block(link)) !== words(link);
  const shown = element => element.checkVisibility({opacityProperty: true, visibilityProperty: true})
    && !element.closest(".govuk-visually-hidden, .govuk-skip-link");
  return [...document.querySelectorAll("a[href], button, summary, select, textarea, input:not([type=hidden])")]
    .filter(element => shown(element) && !inText(element))
    .map(element => [element.outerHTML.slice(0, 120), element.getBoundingClientRect()])
    .filter(([, box]) => Math.min(box.width, box.height) < 23.5)
    .map(([what, box]) => [what, `${Math.round(box.width)} x ${Math.round(box.height)}`]);
}"""
OVERFLOWS = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) { return []; }
  const wide = [...document.body.querySelectorAll("*")]
    .filter(element => !element.closest(".scrolls") && element.getBoundingClientRect().right > width + 1);
  return [document.documentElement.scrollWidth + " px", ...wide.slice(0, 3).map(each => each.outerHTML.slice(0, 120))];
}"""
FOCUSED = """() => {
  const element = document.activeElement;
  if (!element || element === document.body || element === document.documentElement) { return null; }
  const look = () => [element, ...(element.labels || [])].flatMap(each => [null, "::before", "::after"].map(part => {
    const style = getComputedStyle(each, part);
    return [style.outlineStyle, style.outlineWidth, style.outlineColor, style.boxShadow, style.backgroundColor,
            style.borderColor, style.borderWidth, style.textDecorationLine].join();
  })).join("|");
  const place = [...document.querySelectorAll("*")].indexOf(element), what = element.outerHTML.slice(0, 120);
  const problems = [], box = element.getBoundingClientRect();
  if (element === window.lastStop) { return {place, what, problems}; }  // the next part of a date
  window.lastStop = element;
  if (box.bottom <= 0 || box.top >= innerHeight || box.right <= 0 || box.left >= innerWidth) {
    problems.push("out of sight");
  }
  const focused = look();
  element.blur();
  if (look() === focused) { problems.push("does not show"); }
  return {place, what, problems};
}"""


class Windows:
    """Opens windows for people of the cast; each is a browser profile of its own."""

    def __init__(self, browser, live):
        self.browser, self.live, self.contexts, self.complaints = browser, live, [], []

    def __call__(self, who: str | None = None, javascript: bool = True, **options):
        """A window on the application, signed in through the form as `who`; options as for a Playwright context."""
        options = {"base_url": self.live.url, "locale": "cs-CZ", "ignore_https_errors": True, **options}
        context = self.browser.new_context(java_script_enabled=javascript, **options)
        context.set_default_timeout(PATIENCE)
        self.contexts.append(context)
        page = context.new_page()
        page.on("console", self._listen)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        if who:
            self.sign_in(page, who)
        return page

    def _listen(self, message):
        if any(words in message.text for words in REFUSED):
            self.complaints.append(message.text)

    def sign_in(self, page, who: str) -> None:
        """Goes through the form of signing in."""
        page.goto("/sign-in")
        self.fill_in(page, who)
        page.wait_for_url(lambda url: "/sign-in" not in url)

    @staticmethod
    def fill_in(page, who: str) -> None:
        """Fills in and sends the form of signing in that is shown."""
        page.fill("[name=email]", cast.CARD if who == "karel" else cast.email(who))
        page.fill("[name=password]", cast.PIN if who == "karel" else cast.PASSWORD)
        page.click("main form button")

    def close(self):
        for context in self.contexts:
            context.close()


def violations(page) -> list[str]:
    """What axe-core finds on a page against WCAG 2.2 A and AA, as `rule: where: help`."""
    if not page.evaluate("() => Boolean(window.axe)"):
        page.evaluate(AXE.read_text() + "; 0")
    found = page.evaluate("options => axe.run(document, options)", AXE_OPTIONS)
    assert found["passes"], "axe looked at nothing"
    return [f"{each['id']}: {', '.join(str(node['target']) for node in each['nodes'])}: {each['help']}"
            for each in found["violations"]]


def small_targets(page) -> list[str]:
    """Buttons, fields and links outside running text that are smaller than 24 by 24 pixels."""
    return [f"target of {size}: {what}" for what, size in page.evaluate(SMALL_TARGETS)]


def overflows(page) -> list[str]:
    """What makes a page wider than its window (boxes that scroll by themselves may be wider)."""
    return [f"wider than the window: {what}" for what in page.evaluate(OVERFLOWS)]


def poorly_focused(page, most: int = 40) -> list[str]:
    """Walks a page by Tab: stops that do not show the focus, or are out of sight; a circle that is no whole round."""
    found, seen = [], []
    for _ in range(most):
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUSED)
        if stop is None or (len(seen) > 1 and stop["place"] == seen[0]):
            break
        if stop["place"] in seen[:-1]:
            return [*found, f"Tab goes round in a circle at {stop['what']}"]
        seen += [stop["place"]] if stop["place"] not in seen[-1:] else []
        found += [f"focus {problem}: {stop['what']}" for problem in stop["problems"]]
    return found if seen else ["Tab stops nowhere"]


def violated_policy(browser, address: str) -> int:
    """The control of CSP: the violations that a page of ours reports when it carries a script and a style inline."""
    told, page = [], browser.new_page(ignore_https_errors=True)
    page.on("console", lambda message: told.append(message.text))
    page.route(address, _spoil)
    page.goto(address)
    page.close()
    return sum(any(words in text for words in REFUSED) for text in told)


def _spoil(route):
    answer = route.fetch()
    body = answer.text().replace("</main>", "<p style='color: red'>.</p><script>document.title = '.'</script></main>")
    route.fulfill(response=answer, body=body)


def links_of(page) -> list[str]:
    """Whole addresses of a page's links, those in drawings too."""
    return page.eval_on_selector_all(
        "a[href]", "all => all.map(a => new URL(a.getAttribute('href'), document.baseURI).href)")
