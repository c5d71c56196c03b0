"""A real browser: signed-in windows, what it complained about, and axe."""
from pathlib import Path

from tests.support import cast

AXE = Path(__file__).parent.parent / "vendor" / "axe.min.js"
WCAG = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]
REFUSED = ("Content Security Policy", "Refused to", "Mixed Content")


class Windows:
    """Opens windows for people of the cast; each is a browser profile of its own."""

    def __init__(self, browser, live):
        self.browser, self.live, self.contexts, self.complaints = browser, live, [], []

    def __call__(self, who: str | None = None, javascript: bool = True, **options):
        """A window on the application, signed in through the form as `who`; options as for a Playwright context."""
        options = {"base_url": self.live.url, "locale": "cs-CZ", "ignore_https_errors": True, **options}
        context = self.browser.new_context(java_script_enabled=javascript, **options)
        context.set_default_timeout(10_000)
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
    page.evaluate(AXE.read_text() + "; 0")
    found = page.evaluate("tags => axe.run(document, {runOnly: {type: 'tag', values: tags}})", WCAG)
    assert found["passes"], "axe looked at nothing"
    return [f"{each['id']}: {', '.join(str(node['target']) for node in each['nodes'])}: {each['help']}"
            for each in found["violations"]]
