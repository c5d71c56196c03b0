"""`python -m benchmarks`: one line of JSON a figure, on SQLite and on PostgreSQL. README.md tells what they mean."""
import argparse
import json
import statistics
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import app as application
import config
import db
from benchmarks import copies, coverage, importing, log, measure, serving, world
from benchmarks.pages import ONE_ROW, SEARCHES, never_asked, pages, read, searches

MIGRATIONS = str(config.ROOT / "migrations")
ATTEMPTS, SEATS_TRIED, MANY_SEATS = 200, 4, 50
REQUESTS = 2_000  # before memory is read
STARTS = 3


class Report:
    """Prints figures; `failed` counts those out of their budget."""

    def __init__(self, engine: str):
        self.engine, self.failed = engine, 0

    def line(self, name, value, unit, n, target=None, ok=None, **more):
        """Without `ok` a value is good up to its target; without a target it is for information."""
        ok = target is None or value <= target if ok is None else ok
        self.failed += not ok
        print(json.dumps({"name": f"bench-{name}", "value": round(value, 2), "unit": unit, "n": n, "target": target,
                          "ok": ok, "engine": self.engine, **more}, ensure_ascii=False), flush=True)


class Bench:
    """One engine: its folder and address, the application bound to it, the floor."""

    def __init__(self, engine, folder, url, database_cpu, floor, many_seats, only=()):
        self.only = only
        self.report, self.folder, self.url, self.database_cpu = Report(engine), folder, url, database_cpu
        self.floor, self.seats = floor, MANY_SEATS if many_seats else SEATS_TRIED
        self.app = application.create_app(data_dir=str(folder), database_url=url)
        with self.app.app_context():
            db.migrate(MIGRATIONS)
            world.small()

    def wants(self, name) -> bool:
        """Whether a figure was asked for; all are where nothing was."""
        return not self.only or any(part in name for part in self.only)

    def run(self):
        grows = self.wants("growth")
        few = self._growing() if grows else []
        with self.app.app_context():
            world.grow()
            self.known = world.known()
        self.search, self.pages = pages(self.known)[0], [each for each in pages(self.known) if self.wants(each.name)]
        many = self._growing() if grows else []
        for (name, target), before, after in zip(GROWTH.items(), few, many, strict=grows):
            self.report.line(f"growth of {name}", after.whole / before.whole, "times", after.n, target)
        self._counts()
        with serving.application(self.folder, self.url) as self.server:
            self.readers = {}
            self._cpu()
            for name, measured in (("p95", self._waiting), ("memory", self._memory), ("contention", self._rushes),
                                   ("limit of the book", self._limit)):
                if self.wants(name):
                    measured()
        if self.wants("import"):
            importing.measure(self.app, self.folder, self.url, self.report)
        if self.wants("start"):
            self._starts()
        if self.wants("coverage"):
            self._coverage()
        if self.wants("feedback log"):
            self._log()
        db.database.close()

    def _coverage(self):
        """Coverage with work in every prison; the pages that were measured before it had too little of that."""
        with self.app.app_context():
            prisons, services, work = coverage.fill()
            self.pages = coverage.pages_of_coverage()
        self.report.line("coverage: kinds of work in prisons", work, "rows", prisons, services=services)
        self._counts()
        with serving.application(self.folder, self.url) as self.server:
            self.readers = {}
            self._cpu()
            coverage.measure_first(self)

    def _log(self):
        """The feedback log at its limit, last: it fills the database."""
        log.measure_log(self)
        with self.app.app_context():
            self.pages = log.pages_of_log()
        self._counts()
        with serving.application(self.folder, self.url) as self.server:
            self.readers = {}
            self._cpu()

    def _cookie(self, who):
        with self.app.app_context():
            return measure.session_cookie(self.app, world.account(who))

    def _reader(self, who):
        if who not in self.readers:
            self.readers[who] = serving.Reader(self.server.port, self._cookie(who))
        return self.readers[who]

    def _cost(self, page, rounds=measure.ROUNDS):
        return measure.cost(page, self.server, self.floor, self._reader(page.who), self.database_cpu, rounds)

    def _growing(self):
        """The costs of the pages of GROWTH on the database as it is now."""
        with self.app.app_context():
            organisation = world.known().organisation
        with serving.application(self.folder, self.url) as self.server:
            self.readers = {}
            grown = [searches("search", 0, 0, 0), read("one organisation", "sona", f"/book/{organisation}", 0, 0, 0),
                     read("week of one prison", "prokop", "/visits", 0, 0, 0)]
            return [self._cost(page, rounds=4) for page in grown]

    def _counts(self):
        """Queries and commits, in this process."""
        for page in [*self.pages, *self._one_row()]:
            counter = measure.counted(page, measure.Inside(self.app, self._cookie(page.who)))
            self.report.line(f"queries {page.name}", counter.queries, "queries", 1, page.queries)
            if page.writes:
                self.report.line(f"commits {page.name}", counter.commits, "commits", 1, 1, counter.commits == 1)

    def _one_row(self):
        return [read("search, 1 row", "sona", ONE_ROW, 0, 0, 5)] if self.wants("search, 1 row") else []

    def _cpu(self):
        for page in self.pages:
            found = self._cost(page)
            self.report.line(f"cpu {page.name}", found.ratio, "times the floor's CPU", found.n, page.must, aim=page.aim,
                             milliseconds=round(found.milliseconds, 2), database_milliseconds=round(found.database, 2))
            if page.kilobytes:
                answer = page.ask(self._reader(page.who))
                size = measure.compressed(answer.body)
                self.report.line(f"bytes {page.name}", size, "kB, gzip -6", 1, page.kilobytes)
        if not self.wants("first visit"):
            return
        light, whole = measure.first_visit(self._reader("sona").get(SEARCHES[0]).body, config.ROOT / "static")
        self.report.line("first visit, styles and scripts", light, "kB, gzip -6", 1, 50)
        self.report.line("first visit with fonts", whole, "kB, gzip -6", 1, 100)

    def _waiting(self):
        self._wait(self.search, "search")

    def _wait(self, page, name):
        """The p95 of a page, beside it that of the floor and how much of a core the server was given meanwhile."""
        floor = measure.waiting(FLOOR, self.floor.port, "")
        before, began = self.server.cpu(), time.perf_counter()
        waits = measure.waiting(page, self.server.port, self._cookie("sona"))
        core = (self.server.cpu() - before) / (time.perf_counter() - began)
        self.report.line(f"p95 of {name} at {measure.AT_ONCE} connections", _p95(waits), "ms", len(waits), 90, aim=55,
                         floor=round(_p95(floor), 1), core=round(core, 2))

    def _limit(self):
        """The search in as many organisations and services as are promised, against the same before."""
        known, new = searches("search", 9, 6, 5), never_asked("search, never asked before", None, None, 5)
        before = [self._cost(page).whole for page in (known, new)]
        with self.app.app_context():
            size = "{:,} organisations and {:,} services".format(*copies.up_to())
        for page, less in zip((known, new), before, strict=True):
            found, name = self._cost(page), f"{page.name}, {size}"
            counter = measure.counted(page, measure.Inside(self.app, self._cookie(page.who)))
            self.report.line(f"cpu {name}", found.ratio, "times the floor's CPU", found.n, page.must, aim=page.aim,
                             milliseconds=round(found.milliseconds, 2), database_milliseconds=round(found.database, 2))
            self.report.line(f"queries {name}", counter.queries, "queries", 1, page.queries)
            self.report.line(f"growth of {name}", found.whole / less, "times", found.n, GROWTH["search"])
            self._wait(page, name)

    def _memory(self):
        reads = [page for page in pages(self.known) if not page.writes]
        with serving.worker(self.folder, self.url) as worker:
            whole, gained = measure.grown(reads, self._reader, self.server, worker.pid, REQUESTS)
        self.report.line("memory of application and worker", whole, "MB", REQUESTS, 220, aim=160)
        self.report.line("memory gained", gained, f"MB in the last {REQUESTS // 2:,} requests", REQUESTS, 2)

    def _rushes(self):
        """Many want one time: as many win as there are seats left."""
        cookies = [self._cookie(f"rush{number}") for number in range(world.RUSHING)]
        with self.app.app_context():
            left = world.known()
        one, two = left.one_left[: self.seats], left.all_left[: max(2, self.seats // 5)]
        self._rush("one seat", cookies, one, 1)
        self._rush("two seats", cookies, two, 2)

    def _rush(self, name, cookies, keys, seats):
        floor_rate = measure.floor_rush(self.floor, ATTEMPTS)
        with measure.crowd(cookies, self.server.port, ATTEMPTS) as readers:
            found = [measure.rush(readers, self.known.prison, key) for key in keys]
        wrong = sum(rush.winners != seats for rush in found)
        n, name = len(found) * ATTEMPTS, f"contention {ATTEMPTS} for {name}"
        self.report.line(f"{name}: times with the wrong number of winners", wrong, "times", len(found), 0)
        self.report.line(f"{name}: losers without a useful answer", sum(r.broken for r in found), "answers", n, 0)
        self.report.line(f"{name}: longest wait", max(r.longest for r in found), "s", n, 1)
        share = statistics.median(r.rate for r in found) / floor_rate
        self.report.line(f"{name}: share of the floor's rate, at least", share, "of the floor's", n, 0.15,
                         share >= 0.15, aim=0.22)

    def _starts(self):
        took = []
        for _start in range(STARTS):
            before = time.perf_counter()
            with serving.application(self.folder, self.url):
                took.append(time.perf_counter() - before)
        self.report.line("start to the first 200", statistics.median(took), "s", STARTS, 1.5)


def _p95(waits) -> float:
    """Of seconds in their order, in milliseconds."""
    return waits[int(len(waits) * 0.95)] * 1000


FLOOR = read("floor", "", "/", None, None, 0)
# what a hundred times the organisations, twenty times the bookings may multiply
GROWTH = {"search": 3, "one organisation": 1.2, "week of one prison": 1.5}


@contextmanager
def sqlite(folder):
    yield f"sqlite:///{folder / 'bench.db'}", lambda: 0.0


@contextmanager
def postgresql(folder):
    from tests.support import databases
    cluster = databases.Cluster()
    try:
        yield databases.own_database(cluster.url), lambda: serving.cpu_of_children(cluster.server.pid)
    finally:
        cluster.stop()


ENGINES = {"sqlite": sqlite, "postgresql": postgresql}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("--engine", choices=ENGINES, action="append", help="only this database; may be given twice")
    parser.add_argument("--many-seats", action="store_true", help=f"contention on {MANY_SEATS} seats (minutes longer)")
    parser.add_argument("--only", action="append", metavar="WORDS", default=[],
                        help="only pages with these words in their name, or: growth, first visit, p95, memory, "
                             "contention, limit of the book, start, coverage, feedback log; may be given twice")
    options = parser.parse_args()
    failed = sum(_measured(engine, options.many_seats, options.only) for engine in options.engine or ENGINES)
    print(f"{failed} figures are out of their budget.", file=sys.stderr)
    return 1 if failed else 0


def _measured(engine, many_seats, only) -> int:
    """How many figures of an engine are out of their budget; none where the engine is missing."""
    try:
        with tempfile.TemporaryDirectory(prefix="navaznost-bench-") as folder, ENGINES[engine](Path(folder)) as \
                (url, database_cpu), serving.floor() as floor:
            bench = Bench(engine, Path(folder), url, database_cpu, floor, many_seats, only)
            bench.run()
            return bench.report.failed
    except Missing as missing:
        print(f"{engine} is left out: {missing}", file=sys.stderr)
        return 0


def _skipped():
    """What tests/support/needed.py raises where something is not installed."""
    import pytest
    return pytest.skip.Exception


Missing = _skipped()

if __name__ == "__main__":
    sys.exit(main())
