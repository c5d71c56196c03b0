"""The demonstration as `make run` fills it in and serves it, and windows of the people whose accounts it prints."""
import os
import subprocess
import sys
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta

import time_machine

import clock
import config
from tests.support import servers
from tests.support.chromium import Windows


def other_days() -> list[datetime]:
    """Moments ahead to fill in a demonstration: on each weekday, at all hours, and on days when calendars go wrong."""
    today = clock.today()
    week = [today + timedelta(days=number) for number in range(1, 8)]
    feasts = [date(today.year + 1, month, day) for month, day in ((1, 1), (2, 28), (3, 31), (7, 5), (10, 31), (12, 24))]
    hours = [time(0, 5), time(6, 40), time(12), time(15, 30), time(23, 55)]
    return [clock.at(day, hours[number % len(hours)]) for number, day in enumerate(week + feasts)]


def real_now() -> datetime:
    """The moment it really is, wherever the test has travelled."""
    return datetime.fromtimestamp(time_machine.escape_hatch.time.time(), UTC)


@contextmanager
def served_demo(folder, smtp_port: int = 1, then: datetime | None = None):
    """The demonstration, filled in and served by the very commands of `make run`; yields it with its password.

    It is now, or `then`.
    """
    ahead = then - real_now() if then else timedelta()
    port = servers.free_port()
    url = f"http://127.0.0.1:{port}"
    environment = {**os.environ, "DATA_DIR": str(folder), "BASE_URL": url, "SMTP_PORT": str(smtp_port),
                   "PORT": str(port)}

    def flask(*words):
        way = ["tests.support.ahead", str(int(ahead.total_seconds()))] if ahead else ["flask", "--app", "app"]
        return [sys.executable, "-m", *way, *words]
    for command in ("migrate", "fill-demo"):
        subprocess.run(flask(command), cwd=config.ROOT, env=environment, check=True, capture_output=True)
    with open(folder / "log", "wb") as log:
        process = subprocess.Popen(flask("serve", "--no-worker"), cwd=config.ROOT, env=environment, stdout=log,
                                   stderr=log, preexec_fn=servers.die_with_the_tests)
    live = servers.Live(url, folder, process)
    live.password = (folder / "demo-password").read_text().strip()
    live.flask = lambda *words: subprocess.run(flask(*words), cwd=config.ROOT, env=environment, check=True,
                                               capture_output=True, text=True).stdout
    servers._wait_for(live, port)
    try:
        yield live
    finally:
        process.terminate()
        process.wait(timeout=20)


class DemoWindows(Windows):
    """Windows of the people whose accounts `make run` prints: `windows("nela")`, as of the cast."""

    def fill_in(self, page, who: str) -> None:
        """Fills in and sends the form of signing in that is shown."""
        page.fill("[name=email]", f"{who}@demo.test")
        page.fill("[name=password]", self.live.password)
        page.click("main form button")
