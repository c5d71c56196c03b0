"""Writing records of the book: only what differs, each field's history, two writers, and publishing."""
from datetime import date

import pytest
from peewee import DatabaseError

import db
from errors import RuleBroken
from models import (
    Area,
    ConditionWhen,
    Confidence,
    FieldChange,
    Form,
    Journal,
    PrisonProfile,
    PrisonWork,
    RecordKind,
    SearchEntry,
    Service,
    TargetGroup,
)
from services import records

ENTRY = [("pohovor", ConditionWhen.BEFORE, False), ("bez dluhů | u nás", ConditionWhen.AFTER, True)]


@pytest.fixture
def service(cast):
    with db.writing():
        return records.add(cast.nela, Service, cast.ngo, {"name": "Byty", "areas": [Area.ACCOMMODATION]}, "form",
                           slug="byty", confidence=Confidence.CONFIRMED)


def test_only_what_differs_is_written_and_remembered(cast, service):
    before = service.version
    written = records.change(cast.nela, service, {
        "name": "Byty", "form": Form.RESIDENTIAL, "areas": [Area.ACCOMMODATION, Area.DEBTS], "places_free": 3,
        "places_on": date(2026, 11, 20), "regions": ["CZ020"], "after_release": True, "entry": ENTRY,
        "never_groups": [TargetGroup.YOUTH]}, "form")
    assert {each.field: (each.old, each.new) for each in written} == {
        "form": ("unknown", "residential"), "areas": ("accommodation", "accommodation\ndebts"),
        "places_free": ("", "3"), "places_on": ("", "2026-11-20"), "regions": ("", "CZ020"), "after_release": ("", "1"),
        "entry": ("", "before||pohovor\nafter|waivable|bez dluhů | u nás"), "never_groups": ("", "youth")}
    assert {each.version for each in written} == {before + 1} and {each.actor_id for each in written} == {cast.nela.id}
    assert records.change(cast.nela, service, {"places_free": 3, "entry": ENTRY}, "form") == []
    row = Journal.select().order_by(Journal.id.desc()).first()
    assert (row.what, row.record) == ("book.change", service.public_id) and "places_free" in row.parts


def test_a_value_comes_back_from_its_text(cast, service):
    records.change(cast.nela, service, {
        "form": Form.RESIDENTIAL, "places_free": 3, "places_on": date(2026, 11, 20), "before_release": False,
        "regions": ["CZ020"], "entry": ENTRY, "for_groups": [TargetGroup.MEN, TargetGroup.WOMEN]}, "form")
    row = Service.get_by_id(service.id)
    for name, value in records.read(row).items():
        assert records.value_of(Service, name, records.as_text(Service, name, value)) == value, name
    for record in (cast.ngo, PrisonProfile.get()):
        for name, value in records.read(record).items():
            assert records.value_of(type(record), name, records.as_text(type(record), name, value)) == value, name


def test_the_search_learns_what_was_written(cast, service):
    records.change(cast.nela, service, {"name": "Startovací byty"}, "form")
    assert SearchEntry.get(SearchEntry.record == service.public_id).title == "Startovací byty"
    assert Service.get_by_id(service.id).sort == records.sort_key("Startovací byty")


def test_history_only_grows(cast, service):
    with pytest.raises(DatabaseError), db.writing():
        FieldChange.delete().execute()


def test_the_second_writer_of_a_field_is_told_what_was_what_is_and_what_they_want(cast, service):
    seen = service.version
    records.change(cast.nela, service, {"cost": "3 000 Kč", "plain": "Byt."}, "form", seen)
    with pytest.raises(records.Changed) as caught:
        records.change(cast.nora, service, {"cost": "4 000 Kč", "name": "Jiné byty"}, "form", seen)
    assert caught.value.fields == {"cost": ("", "3 000 Kč", "4 000 Kč"), "name": ("Byty", "Byty", "Jiné byty")}
    assert caught.value.version == seen + 1 and caught.value.change.actor == cast.nela
    assert Service.get_by_id(service.id).cost == "3 000 Kč"


def test_writers_of_different_fields_do_not_stand_in_each_others_way(cast, service):
    seen = service.version
    records.change(cast.nela, service, {"cost": "3 000 Kč"}, "form", seen)
    records.change(cast.nora, service, {"name": "Jiné byty", "cost": "3 000 Kč"}, "form", seen)
    row = Service.get_by_id(service.id)
    assert (row.name, row.cost) == ("Jiné byty", "3 000 Kč")


@pytest.mark.parametrize(("values", "field"), [
    ({}, "for_whom"), ({"for_whom": "dospělí"}, "not_for_whom"), ({"not_groups": [TargetGroup.YOUTH]}, "for_whom"),
    ({"for_whom": "dospělí", "not_groups": [TargetGroup.YOUTH]}, None),
    ({"for_groups": [TargetGroup.MEN], "never_groups": [TargetGroup.YOUTH]}, None),
    ({"for_whom": "dospělí", "not_for_whom": "nikoho neodmítáme"}, None)])
def test_a_service_is_published_only_with_whom_it_is_for_and_not_for(cast, service, values, field):
    if field is None:
        records.change(cast.nela, service, {**values, "published": True}, "form")
        with pytest.raises(RuleBroken):
            records.change(None, service, {"for_whom": "", "for_groups": []}, "import:x")
        return
    with pytest.raises(RuleBroken) as caught:
        records.change(cast.nela, service, {**values, "published": True}, "form")
    assert caught.value.field == field
    assert not Service.get_by_id(service.id).published


SETS_OF_GROUPS = ("for_groups", "not_groups", "never_groups")


@pytest.mark.parametrize("one", SETS_OF_GROUPS)
@pytest.mark.parametrize("other", SETS_OF_GROUPS)
def test_a_target_group_moves_from_one_set_to_another(cast, service, one, other):
    """It is in one of the three: whatever puts it into another takes it out of the first, and history says both."""
    records.change(cast.nela, service, {one: [TargetGroup.MEN, TargetGroup.YOUTH]}, "form")
    written = records.change(cast.nela, service, {other: [TargetGroup.MEN]}, "correction:x")
    if one != other:
        assert {each.field: each.new for each in written} == {one: "youth", other: "men"}
    assert records.read(service, SETS_OF_GROUPS) == {
        name: [TargetGroup.MEN] if name == other else [TargetGroup.YOUTH] if name == one else []
        for name in SETS_OF_GROUPS}


def test_a_group_said_to_be_in_two_sets_is_in_the_stricter_one(cast, service):
    records.change(cast.nela, service, {name: [TargetGroup.MEN] for name in SETS_OF_GROUPS}, "import:x")
    assert records.read(service, SETS_OF_GROUPS) == {"for_groups": [], "not_groups": [],
                                                     "never_groups": [TargetGroup.MEN]}


def test_work_in_a_prison_names_its_service(cast, service):
    work = records.add(cast.nela, PrisonWork, cast.ngo, {
        "prison": cast.prison, "activity": "Poradna", "service": service, "purpose": "příprava na bydlení"},
        "form", slug="poradna", confidence=Confidence.CONFIRMED)
    assert PrisonWork.get_by_id(work.id).service == service
    assert records.texts(work, ["service", "purpose"]) == {"service": service.public_id,
                                                           "purpose": "příprava na bydlení"}


def test_every_kind_of_record_is_found_by_its_address(cast, service):
    assert records.find(RecordKind.SERVICE, service.public_id) == service
    assert records.find(RecordKind.PRISON_PROFILE, cast.prison.public_id).organisation == cast.prison
    assert records.public_id_of(PrisonProfile.get()) == cast.prison.public_id
