"""Photographs every page for every role: `make screens`, or `tools/screens.py --only prison --page visits`.

The application is served with the demonstration in a temporary folder. For each role the pages are found from the
map of addresses (those without parameters) and by following links, one example of each page. Each is photographed at
360 and 1280 px, light and dark, and, where it is meant for paper, as its first printed page:
`var/screens/<role>/<page>-<width>-<theme>.png`. A page that answers 400 or more, or about which the browser
complains, is told and makes the exit code 1.
"""
import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from playwright.sync_api import Error, sync_playwright
from werkzeug.exceptions import HTTPException

import app as application
import web
from demo import cast
from policy import ROLE_CAN
from tests.support import chromium, needed, servers

OUT = ROOT / "var/screens"
WIDTHS, THEMES = (360, 1280), ("light", "dark")
TALLEST, PAPER = 5_000, {"width": 794, "height": 1123}  # px; A4 at 96 dpi
ANONYMOUS = "anonymous"
ENDS_THE_SESSION = {"account.sign_in", "static", "healthz", "favicon"}


class Camera:
    """One role's browser: finds pages, photographs them, remembers what went wrong."""

    def __init__(self, browser, app, role: str, url: str, pattern: str):
        self.app, self.role, self.url, self.pattern = app, role, url, pattern
        self.context = browser.new_context(base_url=url, locale="cs-CZ", reduced_motion="reduce")
        self.page = self.context.new_page()
        self.page.set_default_timeout(15_000)
        self.page.on("console", self._listen)
        self.page.on("pageerror", lambda error: self._complain(str(error)))
        self.map = app.url_map.bind(urlsplit(url).netloc)
        self.complaints, self.taken, self.now = [], 0, "sign in"

    def _listen(self, message):
        if message.type in {"error", "warning"} and "404 (NOT FOUND)" not in message.text:  # told by its answer
            self._complain(message.text)

    def _complain(self, text):
        self.complaints.append(f"{self.role}: {self.now}: {text}")

    def sign_in(self, name: str, password: str) -> None:
        self.page.goto("/sign-in")
        self.page.fill("[name=email]", name)
        self.page.fill("[name=password]", password)
        self.page.click("main form button")
        self.page.wait_for_url(lambda url: "/sign-in" not in url)

    def walk(self, paths: list[str]) -> None:
        """Photographs these pages and one example of each page that links lead to."""
        seen, waiting, self.starts = set(), list(paths), set(paths)
        while waiting:
            path = waiting.pop(0)
            endpoint = self._endpoint(path)
            if endpoint is None or endpoint in seen:
                continue
            seen.add(endpoint)
            self.now = f"{endpoint} {path}"
            waiting += self._visit(endpoint, path)

    def _endpoint(self, path) -> str | None:
        """The page behind a path; None where it is none of ours or not for looking at."""
        try:
            endpoint = self.map.match(urlsplit(path).path, method="GET")[0]
        except HTTPException:
            return None
        skipped = ENDS_THE_SESSION if self.role != ANONYMOUS else ENDS_THE_SESSION - {"account.sign_in"}
        return None if endpoint in skipped else endpoint

    def _visit(self, endpoint, path) -> list[str]:
        """Paths that the page leads to; a download leads nowhere."""
        try:
            response = self.page.goto(path, wait_until="load")
        except Error as error:
            if "Download is starting" not in error.message:
                self._complain(error.message.splitlines()[0])
            return []
        if response.status >= 400 and not (response.status == 404 and self._may_be_missing(endpoint, path)):
            self._complain(f"answered {response.status}")
        if "text/html" not in response.headers.get("content-type", ""):
            return []
        if self.pattern in endpoint:
            self._photograph(endpoint)
        return [link.removeprefix(self.url) for link in chromium.links_of(self.page) if link.startswith(f"{self.url}/")]

    def _may_be_missing(self, endpoint, path) -> bool:
        """A page that no link leads to may want what this account has not; a public page leads to clients' own."""
        can = web.declared(self.app, endpoint).can
        return path in self.starts or (can is not None and can not in ROLE_CAN.get(self.role, ()))

    def _photograph(self, endpoint):
        folder = OUT / self.role
        folder.mkdir(parents=True, exist_ok=True)
        for width in WIDTHS:
            self.page.set_viewport_size({"width": width, "height": 800})
            height = min(self.page.evaluate("document.documentElement.scrollHeight"), TALLEST)
            for theme in THEMES:
                self.page.emulate_media(color_scheme=theme)
                self._shoot(folder / f"{endpoint}-{width}-{theme}.png", width, height)
        if self.page.query_selector("[data-print]"):
            self.page.set_viewport_size(PAPER)
            self.page.emulate_media(media="print", color_scheme="light")
            self._shoot(folder / f"{endpoint}-print.png", **PAPER)
        self.page.emulate_media(media="screen", color_scheme="light")

    def _shoot(self, path, width, height):
        self.page.screenshot(path=path, full_page=True, clip={"x": 0, "y": 0, "width": width, "height": height})
        self.taken += 1


def starts(app, role: str) -> list[str]:
    """Paths of all pages without parameters that a role may open; `anonymous` those that anybody may."""
    found = []
    for rule in app.url_map.iter_rules():
        declared = web.declared(app, rule.endpoint)
        allowed = declared.can is None if role == ANONYMOUS else declared.can is None or declared.can in ROLE_CAN[role]
        if "GET" in rule.methods and not rule.arguments and allowed:
            found.append(rule.rule)
    return sorted(found)


@contextmanager
def demonstration(folder: str):
    """The application with invented people on a free port; gives it and its address."""
    port = servers.free_port()
    url = f"http://127.0.0.1:{port}"
    environment = {**os.environ, "DATA_DIR": folder, "BASE_URL": url, "DATABASE_URL": "", "MODE": "demo"}
    flask = [sys.executable, "-m", "flask", "--app", "app"]
    for command in ("migrate", "fill-demo"):
        subprocess.run([*flask, command], cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
    with open(Path(folder, "log"), "wb") as log:
        process = subprocess.Popen([*flask, "serve", "--no-worker", "--port", str(port)], cwd=ROOT, env=environment,
                                   stdout=log, stderr=log, preexec_fn=servers.die_with_the_tests)
    try:
        servers._wait_for(servers.Live(url, Path(folder), process), port)
        yield application.create_app(data_dir=folder, base_url=url), url
    finally:
        process.terminate()
        process.wait(timeout=20)


def accounts(app) -> dict[str, tuple[str, str] | None]:
    """`{role: (name to sign in with, password)}`, the first of the cast for each role."""
    found = {ANONYMOUS: None}
    with app.app_context():
        for member in cast.CAST:
            found.setdefault(member.role.value, (member.email, cast.password()))
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", metavar="ROLE", help="only this role, as in models.Role, or anonymous")
    parser.add_argument("--page", metavar="PATTERN", default="", help="only pages whose endpoint has this in it")
    options = parser.parse_args()
    before = time.monotonic()
    if not options.only and not options.page:
        shutil.rmtree(OUT, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix="navaznost-screens-") as folder, demonstration(folder) as (app, url), \
            sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=needed.chromium_binary(), args=["--no-sandbox"])
        taken, complaints = _walk_all(browser, app, url, options)
        browser.close()
    return _tell(taken, complaints, time.monotonic() - before)


def _walk_all(browser, app, url, options):
    taken, complaints = Counter(), []
    for role, account in accounts(app).items():
        if options.only in {None, role}:
            camera = Camera(browser, app, role, url, options.page)
            if account:
                camera.sign_in(*account)
            camera.walk(starts(app, role))
            camera.context.close()
            taken[role] = camera.taken
            complaints += camera.complaints
    return taken, complaints


def _tell(taken, complaints, seconds) -> int:
    for role, count in taken.items():
        print(f"{role:12} {count:4} pictures")
    print(f"{sum(taken.values())} pictures in {seconds:.0f} s, in {OUT.relative_to(ROOT)}/")
    for complaint in complaints:
        print(complaint, file=sys.stderr)
    return 1 if complaints or not sum(taken.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
