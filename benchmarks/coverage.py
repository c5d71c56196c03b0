"""Coverage at the size it is promised for: 40 prisons by every area, and the regions over thousands of services.

What was counted is kept until the book is written, so each page is measured twice: as most people get it, and as the
first one gets it after somebody wrote into the book.
"""
import statistics
import time
from datetime import timedelta
from random import Random

import clock
import db
from benchmarks import copies, measure
from benchmarks.pages import read
from demo.bulk import insert
from models import (
    Area,
    Confidence,
    Fit,
    Form,
    Kind,
    Organisation,
    PrisonProfile,
    PrisonWork,
    Region,
    Service,
    ServiceGroup,
    TargetGroup,
)
from services import search_index

SERVICES, WORKS = 5_000, 2_000  # in all; in all prisons together
TIMES = 20  # the book is written before each of so many requests
AFTER_WRITING = 90  # milliseconds that somebody waits for the first page after it


def fill() -> tuple[int, int, int]:
    """Work in each prison, a region and a level for each; returns how many prisons, services and kinds of work."""
    random, regions = Random(7), [row.code for row in Region.select()]
    prisons = list(Organisation.select().where(Organisation.kind == Kind.PRISON))
    with db.writing():
        some = [row for row, in Service.select(Service.id).order_by(Service.id).limit(SERVICES).tuples()]
        Service.delete().where(Service.id > some[-1]).execute()
        services = list(Service.select(Service.id, Service.organisation))
        said = {row for row, in ServiceGroup.select(ServiceGroup.service).tuples()}
        for row in prisons:
            Organisation.update(region=random.choice(regions)).where(Organisation.id == row.id).execute()
            PrisonProfile.get_or_create(organisation=row, defaults={"type": "prison", "level_medium": True})
        insert([_work(number, random.choice(services), random.choice(prisons), random) for number in range(WORKS)])
        insert([ServiceGroup(service=row, group=group, fit=Fit.FOR) for row in services if row.id not in said
                for group in random.sample(list(TargetGroup), 2)])
        search_index.rebuild()
    copies.analyse()
    return len(prisons), len(services), PrisonWork.select().count()


def _work(number, service, prison, random) -> PrisonWork:
    return PrisonWork(slug=f"bench-coverage-{number}", organisation=service.organisation_id, service=service.id,
                      prison=prison, activity="poradenství", areas=";".join(random.sample(list(Area), 2)),
                      form=Form.ON_SITE, days="každé druhé úterý", confidence=Confidence.CONFIRMED,
                      confirmed_on=clock.today() - timedelta(days=random.randrange(300)))


def pages_of_coverage() -> list:
    """The tables, the map and one cell; as lists they may cost what the week of a prison may."""
    prison = Organisation.get(Organisation.kind == Kind.PRISON)
    return [read(f"coverage, {name}", "kora", path, 14, 9, queries, 14) for name, path, queries in (
        ("prisons", "/coverage", 7), ("prisons for one group", "/coverage?group=addiction&level=medium", 7),
        ("regions", "/coverage/regions", 7), ("groups of a region", "/coverage/groups?region=CZ020", 7),
        ("map", "/coverage/map?need=housing", 7), ("unmet needs", "/coverage/unmet", 12),
        ("shares", "/coverage/shares", 9),
        ("one cell of a prison", f"/coverage/prison/{prison.public_id}?area=debts", 12),
        ("one cell of a region", "/coverage/region?region=CZ020&need=housing", 12))]


def measure_first(bench) -> None:
    """Prints what the first page costs after the book was written; `bench` has its server running."""
    for page in bench.pages:
        reader, waits, cpu = bench._reader(page.who), [], []
        for _time in range(TIMES):
            with bench.app.app_context(), db.writing():
                search_index.changed()
            before, began = bench.server.cpu(), time.perf_counter()
            measure.right(page.ask(reader), page)
            waits.append((time.perf_counter() - began) * 1000)
            cpu.append((bench.server.cpu() - before) * 1000)
        bench.report.line(f"{page.name}, first after the book was written", statistics.median(waits), "ms", TIMES,
                          AFTER_WRITING, cpu=round(statistics.median(cpu), 1), longest=round(max(waits), 1))
