"""The measuring itself: CPU against the floor, in turns; queries and commits; waiting; memory; one seat for many."""
import gc
import gzip
import re
import statistics
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass

import db
from benchmarks.pages import Page, visit
from benchmarks.serving import Reader, Server, resident
from services import accounts

ROUNDS, ASKED, FLOOR_ASKED = 5, 24, 48  # requests of a page and of the floor in one turn
AT_ONCE = 32
READS = ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")


def right(answer, page: Page):
    """The answer, if it is what the page is to answer; else there is nothing to measure."""
    if answer.status != page.status:
        raise SystemExit(f"{page.name}: answered {answer.status} and not {page.status}")
    return answer


def session_cookie(app, user) -> str:
    """The cookie of a new session, as signing in would set it."""
    session = {"_user_id": accounts.start_session(user, "bench"), "_fresh": True}
    value = app.session_interface.get_signing_serializer(app).dumps(session)
    return f"{app.config['SESSION_COOKIE_NAME']}={value}"


# CPU

@dataclass
class Cost:
    """CPU of the server in milliseconds a request, its ratio to the floor, and the database server's own share."""

    milliseconds: float
    ratio: float
    database: float
    n: int

    @property
    def whole(self) -> float:
        """Of application and database together, in floors."""
        return self.ratio * (1 + self.database / self.milliseconds)


def cost(page: Page, server: Server, floor: Server, reader: Reader, database_cpu, rounds=ROUNDS) -> Cost:
    """The page and the floor in turns; medians."""
    bare = Reader(floor.port)
    times, ratios, in_database = [], [], 0.0
    for _warm in range(3):
        right(page.ask(reader), page)
    for _round in range(rounds):
        low = _spent(floor, lambda: bare.get("/"), FLOOR_ASKED)
        before = database_cpu()
        high = _spent(server, lambda: right(page.ask(reader), page), ASKED)
        in_database += database_cpu() - before
        times.append(high)
        ratios.append(high / low)
    asked = rounds * ASKED
    return Cost(statistics.median(times), statistics.median(ratios), in_database / asked * 1000, asked)


def _spent(server, ask, times) -> float:
    before = server.cpu()
    for _time in range(times):
        ask()
    return (server.cpu() - before) / times * 1000


def compressed(body: bytes) -> float:
    """kB (1,000 bytes) on the wire with gzip at level 6."""
    return len(gzip.compress(body, 6)) / 1000


def first_visit(page: bytes, static) -> tuple[float, float]:
    """kB of a page with its styles and scripts, and with the fonts that Czech text needs. `static` is a folder."""
    names = re.findall(rb'(?:href|src)="/static/([^"?#]+)', page)
    files = {name.decode() for name in names if not name.endswith(b".woff2")}
    light = compressed(page) + sum(compressed((static / name).read_bytes()) for name in files)
    fonts = [font for font in (static / "vendor/fonts").glob("*.woff2") if not font.name.startswith("latin-ext")]
    return light, light + sum(font.stat().st_size for font in fonts) / 1000


# Queries and commits, in this process

class Counter:
    """Counts statements and commits of the bound database while it is open."""

    def __enter__(self):
        self.queries, self.commits, self.database = 0, 0, db.database.obj
        self.commit = self.database.commit
        self.database.query_hooks.append(self._note)
        self.database.commit = self._commit
        return self

    def __exit__(self, *exception):
        self.database.query_hooks.remove(self._note)
        del self.database.commit

    def _note(self, event):
        self.queries += event.sql.lstrip().upper().startswith(READS)

    def _commit(self):
        self.commits += 1
        return self.commit()


class Inside(Reader):
    """A reader that asks the application in this process."""

    def __init__(self, app, cookie):
        self.client, self.base_url, self.token = app.test_client(), app.config["BASE_URL"], ""
        name, value = cookie.split("=", 1)
        self.client.set_cookie(name, value, domain=self.base_url.split("//")[1].split(":")[0])

    def _ask(self, method, path, body, headers):
        from benchmarks.serving import Answer
        response = self.client.open(path, method=method, data=body, headers=headers, base_url=self.base_url)
        return Answer(response.status_code, response.get_data(), response.headers.get("Location", ""))


def counted(page: Page, reader: Inside) -> Counter:
    """Statements and commits of one request after the first ones, which fill what is kept."""
    for _warm in range(2):
        right(page.ask(reader), page)
    with Counter() as counter:
        right(page.ask(reader), page)
    return counter


# Many at once

def together(asks) -> tuple[list, list[float], float]:
    """Calls all functions at once, each in a thread; answers, seconds each one waited, seconds for all."""
    gate, answers, waits = threading.Barrier(len(asks) + 1), [None] * len(asks), [0.0] * len(asks)
    gc.collect()
    gc.freeze()  # this process holds the measured world too: looking through it would be a wait of its own

    def run(number):
        gate.wait()
        before = time.perf_counter()
        answers[number] = asks[number]()
        waits[number] = time.perf_counter() - before

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(asks))]
    for thread in threads:
        thread.start()
    gate.wait()
    before = time.perf_counter()
    for thread in threads:
        thread.join()
    return answers, waits, time.perf_counter() - before


def waiting(page: Page, port: int, cookie: str, times: int = 25) -> list[float]:
    """Seconds that each of AT_ONCE * times requests took, with AT_ONCE connections always busy."""
    found = [[] for _connection in range(AT_ONCE)]

    def keep_asking(kept):
        reader = Reader(port, cookie)
        for _time in range(times):
            before = time.perf_counter()
            right(page.ask(reader), page)
            kept.append(time.perf_counter() - before)
    together([lambda kept=kept: keep_asking(kept) for kept in found])
    return sorted(wait for kept in found for wait in kept)


def grown(pages: list[Page], reader_of, server: Server, worker: int, times: int) -> tuple[float, float]:
    """MB of application and worker after `times` requests of all pages in turn, and MB gained in the second half."""
    def ask(count):
        for number in range(count):
            page = pages[number % len(pages)]
            right(page.ask(reader_of(page.who)), page)
    ask(times // 2)
    half = server.memory()
    ask(times // 2)
    return server.memory() + resident(worker), server.memory() - half


# One seat for many

@dataclass
class Rush:
    """How many got a seat, how many answers were no answers, how long the last one waited, how many a second."""

    winners: int
    broken: int
    longest: float
    rate: float


@contextmanager
def crowd(cookies: list[str], port: int, attempts: int):
    """That many readers with open connections, who share the sessions of `cookies`."""
    readers = [Reader(port, cookies[number % len(cookies)]) for number in range(attempts)]
    for first in readers[: len(cookies)]:
        first.post("/", {})  # has a token now
    for number, reader in enumerate(readers):
        leader = readers[number % len(cookies)]
        reader.cookie, reader.token = leader.cookie, leader.token
        reader.connection.connect()
    yield readers
    for reader in readers:
        reader.connection.close()


def rush(readers: list[Reader], prison: str, slot: str) -> Rush:
    """All ask for one time at once. A loser is answered with other times to choose from."""
    path = f"/visits/request/{prison}/details"
    answers, waits, took = together([lambda each=each: each.post(path, visit(slot)) for each in readers])
    useful = [answer for answer in answers if answer.status == 422 and b'type="radio"' in answer.body]
    winners = sum(answer.status == 303 for answer in answers)
    return Rush(winners, len(answers) - winners - len(useful), max(waits), len(answers) / took)


def floor_rush(floor: Server, attempts: int) -> float:
    """Requests a second of the floor under the same crowd."""
    readers = [Reader(floor.port) for _number in range(attempts)]
    for reader in readers:
        reader.connection.connect()
    _answers, _waits, took = together([lambda each=each: each._ask("POST", "/", "a=b" * 50, {}) for each in readers])
    return len(readers) / took
