"""Coverage of regions: need by need, for everybody or for one target group; the map; what a cell leads to."""
from datetime import timedelta

import pytest

import clock
import db
from errors import Missing
from models import (
    Confidence,
    Fit,
    Form,
    Need,
    Region,
    Service,
    ServiceGroup,
    ServiceNeed,
    ServiceRegion,
    TargetGroup,
)
from services import coverage, search, search_index
from services.search import Question
from text import sort_key


@pytest.fixture
def services(app, cast):
    """Housing in Středočeský stands on two organisations, of which one is for addicts; work in Vysočina on one."""
    today = clock.today()
    with db.writing():
        Region.get_or_create(code="CZ063", defaults={"name": "Kraj Vysočina", "name_en": "Vysočina", "seat": "Jihlava"})
        flat = service(cast.ngo, "Byty", ["housing"], ["CZ020"], groups=["addiction"], places_free=0, places_on=today,
                       hours="po, st 9–12", confirmed_on=today - timedelta(days=3))
        service(cast.other_ngo, "Pokoje", ["housing", "work"], ["CZ020", "CZ063"], places_free=2,
                places_on=today - timedelta(days=40), form=Form.RESIDENTIAL)
        service(cast.other_ngo, "Skončené", ["health"], ["CZ020"], ended_on=today - timedelta(days=1))
        search_index.rebuild()
    return flat


def service(organisation, name, needs, regions, groups=(), **values):
    row = Service.create(**{"organisation": organisation, "slug": name, "name": name, "sort": sort_key(name),
                            "confidence": Confidence.CONFIRMED, **values})
    for need in needs:
        ServiceNeed.create(service=row, need=need)
    for region in regions:
        ServiceRegion.create(service=row, region=region)
    for group in groups:
        ServiceGroup.create(service=row, group=group, fit=Fit.FOR)
    return row


def cells(cast, region, **asked):
    return next(line for line in coverage.of_regions(cast.nela, **asked).lines if line.code == region).cells


def test_a_cell_counts_services_places_and_days_and_knows_the_newest_check(services, cast):
    housing = cells(cast, "CZ020")[Need.HOUSING]
    assert (housing.works, housing.state, housing.free, housing.days, housing.silent) == (2, coverage.ENOUGH, 2, 2, 1)
    assert housing.checked_on == clock.today() - timedelta(days=3)
    assert housing.places_state(clock.today()) == "stale", "the older of both figures decides"
    assert cells(cast, "CZ063")[Need.WORK].state == coverage.THIN
    assert cells(cast, "CZ020")[Need.HEALTH].state == coverage.EMPTY, "what has ended covers nothing"


def test_a_group_counts_only_services_that_say_they_are_for_it(services, cast):
    housing = cells(cast, "CZ020", group=TargetGroup.ADDICTION)[Need.HOUSING]
    assert (housing.works, housing.free, housing.state) == (1, 0, coverage.THIN)
    assert cells(cast, "CZ020", group=TargetGroup.INCREASED_SECURITY)[Need.HOUSING].state == coverage.EMPTY
    assert cells(cast, "CZ020", form=Form.RESIDENTIAL)[Need.HOUSING].works == 1
    by_group = coverage.groups(cast.nela, "CZ020").cells
    assert by_group[TargetGroup.ADDICTION][Need.HOUSING].works == 1
    assert by_group[TargetGroup.LONG_SENTENCES][Need.HOUSING].works == 0


def test_each_cell_counts_what_the_search_shows(services, cast):
    asked = 0
    for group in (None, TargetGroup.ADDICTION):
        for line in coverage.of_regions(cast.nela, group=group).lines:
            for need, cell in line.cells.items():
                found = search.find(cast.nela, Question(region=line.code, need=need, group=group or "", kind="service"),
                                    clock.today())
                assert found.count == cell.works, (line.code, need, group)
                asked += cell.works
    assert asked == 6


def test_what_was_counted_is_kept_until_the_book_is_written(services, cast):
    first = coverage.of_regions(cast.nela)
    assert coverage.of_regions(cast.petra) is first
    with db.writing():
        service(cast.ngo, "Nové", ["health"], ["CZ020"])
        search_index.reindex(cast.ngo.id)
    assert cells(cast, "CZ020")[Need.HEALTH].works == 1


def test_a_client_sees_no_coverage_of_regions(services, cast):
    for ask in (lambda: coverage.of_regions(cast.karel_user), lambda: coverage.groups(cast.karel_user, "CZ020"),
                lambda: coverage.groups(cast.nela, "CZ999")):
        with pytest.raises(Missing):
            ask()


@pytest.mark.parametrize(("said", "days"), [
    ("po, st 9–12", 2), ("pondělí až pátek", 5), ("po–pá 8–16", 5), ("Mon to Fri", 5), ("každých 14 dní", .5),
    ("každé druhé úterý", .5), ("jednou za měsíc (2 pracovníci)", .25), ("jednou týdně", 1), ("2× týdně", 2),
    ("denně", 5), ("podle potřeby", None), ("", None), ("pravidelně", None), ("out", None)])
def test_days_a_week_are_read_from_words(said, days):
    assert coverage.a_week(said) == days
