"""The contact book's search: what it finds, in which order, and at what cost."""
from datetime import timedelta
from pathlib import Path

import pytest
from playhouse.test_utils import count_queries

import clock
import db
from errors import Missing
from importers import directory_csv
from models import (
    Area,
    Confidence,
    ContactPerson,
    District,
    Fit,
    Form,
    JobOffer,
    Kind,
    Municipality,
    Need,
    Organisation,
    OrganisationState,
    PrisonWork,
    Region,
    SearchEntry,
    Service,
    ServiceArea,
    ServiceDistrict,
    ServiceGroup,
    ServiceMunicipality,
    ServiceNeed,
    ServiceRegion,
    TargetGroup,
)
from services import directory, search, search_index, spelling
from services.search import Question
from text import fold, sort_key

DATA = Path(__file__).parents[1] / "data"


@pytest.fixture
def book(app, cast):
    """The cast's organisations with services and work in prisons, indexed."""
    with db.writing():
        for code, name in (("CZ0204", "Kolín"), ("CZ0205", "Kutná Hora")):
            District.create(code=code, name=name, fold=fold(name), region="CZ020")
        Municipality.create(code="2110", name="Český Brod", fold="cesky brod", district="Kolín", region="CZ020")
        _service(cast.ngo, "Dluhová poradna", Area.DEBTS, Confidence.VERIFIED)
        _service(cast.other_ngo, "Oddlužení", Area.DEBTS, Confidence.RECALLED)
        _service(cast.other_ngo, "Byty na půl cesty", Area.ACCOMMODATION, Confidence.VERIFIED)
        _work(cast.ngo, cast.prison, "Exekuce a splátky", None)
        _work(cast.other_ngo, cast.prison, "Kurz hospodaření", clock.today() - timedelta(days=900))
        search_index.rebuild()


def _service(organisation, name, area, confidence):
    row = Service.create(organisation=organisation, slug=name, name=name, sort=sort_key(name), confidence=confidence,
                         form=Form.OUTPATIENT)
    ServiceArea.create(service=row, area=area)


def _work(organisation, prison, activity, until):
    PrisonWork.create(slug=activity, organisation=organisation, prison=prison, activity=activity, areas="debts",
                      form=Form.ON_SITE, days="každé druhé úterý", until_on=until, confidence=Confidence.VERIFIED)


def find(cast, text="", **asked):
    return search.find(cast.nela, Question(text, **asked), clock.today())


def titles(cast, text="", **asked) -> list[str]:
    return [hit.title for hit in find(cast, text, **asked).hits]


@pytest.mark.parametrize("typed", ["dluhy horni lhota", "Lhota DLUHY Horní", "dluhů v Horní Lhotě", "dlu horn"])
def test_nela_finds_who_does_debts_in_a_prison_and_whom_to_ask(book, cast, typed):
    found = titles(cast, typed)
    assert "Exekuce a splátky" in found
    assert "Dita Dluhová" in found
    assert "Ukázková věznice Horní Lhota" in found


def test_the_services_of_who_works_in_the_prison_are_found_too(book, cast):
    assert "Dluhová poradna" in titles(cast, "dluhy horni lhota")
    assert "Oddlužení" not in titles(cast, "dluhy horni lhota")


@pytest.mark.parametrize("typed, found", [
    ("navrat", "Ukázkový spolek Návrat"), ("dita", "Dita Dluhová"), ("bydleni", "Byty na půl cesty"),
    ("accommodation", "Byty na půl cesty"), ("dluhove poradny", "Dluhová poradna"),
    ("stredocesky", "Ukázková věznice Horní Lhota"),
])
def test_a_name_a_person_a_need_and_a_place_are_found(book, cast, typed, found):
    assert found in titles(cast, typed)


@pytest.mark.parametrize("typed, area", [
    ("terapie", Area.PSYCHIATRIC), ("psychologem", Area.PSYCHIATRIC), ("návykové látky", Area.DRUG_SERVICES),
    ("škola", Area.EDUCATION), ("rekvalifikace", Area.EDUCATION), ("sporty", Area.ACTIVITIES)])
def test_words_that_people_say_for_an_area_lead_to_it(book, cast, typed, area):
    with db.writing():
        _service(cast.ngo, "Hledaná", area, Confidence.VERIFIED)
        search_index.reindex(cast.ngo.id)
    hit = next(hit for hit in find(cast, typed).hits if hit.title == "Hledaná")
    assert {(where, what) for _word, where, what in hit.why} == {("area", area.value)}


@pytest.mark.parametrize("typed, found", [("senioři", True), ("older people", True), ("rodiny s dětmi", False)])
def test_a_service_is_found_by_whom_it_is_for_and_not_by_whom_it_refuses(book, cast, typed, found):
    with db.writing():
        _service(cast.ngo, "Domov", Area.ACCOMMODATION, Confidence.VERIFIED)
        row = Service.get(Service.name == "Domov")
        ServiceGroup.create(service=row, group=TargetGroup.SENIORS, fit=Fit.FOR)
        ServiceGroup.create(service=row, group=TargetGroup.FAMILIES, fit=Fit.NOT_FOR)
        search_index.reindex(cast.ngo.id)
    assert ("Domov" in titles(cast, typed)) is found


def test_what_has_ended_comes_last_and_says_so(book, cast):
    hits = find(cast, "dluhy").hits
    assert [hit.title for hit in hits if hit.ended] == ["Kurz hospodaření"]
    assert hits[-1].ended


def test_among_equals_the_confirmed_comes_first(book, cast):
    found = titles(cast, "oddluzeni")
    assert found[0] == "Oddlužení"
    both = [title for title in titles(cast, area="debts") if title in {"Dluhová poradna", "Oddlužení"}]
    assert both == ["Dluhová poradna", "Oddlužení"]


def test_the_later_confirmed_comes_before_the_earlier(book, cast):
    with db.writing():
        for name, days in (("Anna Stará", 80), ("Bára Nová", 2)):
            ContactPerson.create(organisation=cast.prison, name=name, topics="ples", sort=sort_key(name),
                                 confidence=Confidence.VERIFIED, confirmed_on=clock.today() - timedelta(days=days))
        search_index.reindex(cast.prison.id)
    assert titles(cast, "ples") == ["Bára Nová", "Anna Stará"]


def test_filters_narrow_the_answer(book, cast):
    assert titles(cast, "cesty", area="accommodation") == ["Byty na půl cesty"]
    assert titles(cast, "cesty", area="debts") == []
    assert "Dita Dluhová" in titles(cast, prison="prison")
    assert "Dita Dluhová" not in titles(cast, prison="other-prison")
    assert titles(cast, "dluhy", region="CZ010") == []


def test_words_that_nothing_has_together_give_the_nearest(book, cast):
    answer = find(cast, "byty xylofon")
    assert answer.nearest
    assert answer.hits[0].title == "Byty na půl cesty"


def test_one_unknown_word_gives_nothing(book, cast):
    assert find(cast, "xylofon").count == 0


def test_an_empty_question_shows_organisations_in_czech_order(book, cast):
    names = [hit.title for hit in find(cast).hits]
    assert names == sorted(names, key=sort_key)
    assert find(cast).count == Organisation.select().count()


@pytest.mark.parametrize("typed", ["'", '"', "%", "_", "*", "a' OR 1=1 --", "\x00", "💥", "a" * 5000, "# area:debts",
                                   "\U0010ffff", "-" * 300, "x " * 200])
def test_whatever_is_typed_has_an_answer(book, sign_in, typed):
    assert sign_in("nela").get("/book", query_string={"q": typed}).status == 200


def test_a_closed_organisation_leaves_the_search(book, cast):
    directory.change_state(cast.kora, cast.other_ngo.public_id, "close")
    assert "Byty na půl cesty" not in titles(cast, "byty")


def test_a_client_does_not_search(book, cast):
    with pytest.raises(Missing):
        search.find(cast.karel_user, Question("dluhy"), clock.today())


def test_indexing_again_changes_nothing(book):
    def rows():
        columns = (SearchEntry.kind, SearchEntry.record, SearchEntry.title, SearchEntry.areas)
        return sorted(SearchEntry.select(*columns).tuples())
    before = rows()
    search_index.rebuild()
    assert rows() == before


# The page

def test_the_page_and_its_fragment_say_how_many(book, sign_in):
    nela = sign_in("nela")
    page, fragment = nela.get("/book?q=byty"), nela.fragment("/book?q=byty")
    for answer in (page, fragment):
        assert "Byty na půl cesty" in answer.text
        assert "2 výsledky" in answer.text
    assert page.page.whole and not fragment.page.whole


def test_a_filtered_search_is_a_link_that_can_be_shared(book, sign_in):
    asked = {"q": "byty", "area": "accommodation", "need": "housing", "region": "CZ020", "district": "CZ0204",
             "municipality": "2101", "prison": "prison", "form": "residential", "group": "women", "when": "before",
             "language": "uk", "free": "yes", "verified": "yes", "kind": "service"}
    page = sign_in("petra").get("/book", query_string=asked).page
    assert page.values(page.form("/book")) == {name: [value] for name, value in asked.items()}
    chips = page.with_class("chip")
    assert len(chips) == len(asked) - 1 and "Kraj: Středočeský kraj" in chips[2].text
    assert "region=" not in chips[2]["href"] and "need=housing" in chips[2]["href"]


COVERS = [  # what a service names, and the filters of places that find it
    ({"region": "CZ020"}, {"region CZ020", "district CZ0204", "district CZ0205", "municipality 2110"}),
    ({"district": "CZ0204"}, {"region CZ020", "district CZ0204", "municipality 2110"}),
    ({"region": "CZ020", "district": "CZ0205"}, {"region CZ020", "district CZ0205"}),
    ({"municipality": "2110"}, {"region CZ020", "district CZ0204", "municipality 2110"}),
]


@pytest.mark.parametrize(("names", "found"), COVERS)
def test_a_service_is_found_in_each_place_that_it_covers_and_in_no_other(book, cast, names, found):
    tables = {"region": ServiceRegion, "district": ServiceDistrict, "municipality": ServiceMunicipality}
    with db.writing():
        row = Service.get(Service.name == "Byty na půl cesty")
        for name, code in names.items():
            tables[name].create(service=row, **{name: code})
        search_index.reindex(cast.other_ngo.id)
    places = [("region", "CZ020"), ("region", "CZ010"), ("district", "CZ0204"), ("district", "CZ0205"),
              ("district", "CZ9999"), ("municipality", "2110"), ("municipality", "2101"), ("municipality", "9999")]
    asked = {f"{name} {code}" for name, code in places if "Byty na půl cesty" in titles(cast, **{name: code})}
    whole_region = names == {"region": "CZ020"}
    assert asked == found | ({"municipality 2101"} if whole_region else set())
    assert titles(cast, "byty", **dict(places[2:3]), kind="service") == (
        ["Byty na půl cesty"] if "district CZ0204" in found else [])


def test_all_filters_combine(book, cast):
    with db.writing():
        row = Service.get(Service.name == "Byty na půl cesty")
        row.form, row.languages, row.before_release = Form.RESIDENTIAL, "uk", True
        row.places_free, row.places_on, row.confirmed_on = 2, clock.today(), clock.today()
        row.save()
        ServiceNeed.create(service=row, need=Need.HOUSING)
        ServiceMunicipality.create(service=row, municipality="2110")
        ServiceGroup.create(service=row, group=TargetGroup.WOMEN, fit=Fit.FOR)
        _work(cast.other_ngo, cast.prison, "Kurz bydlení", None)
        search_index.reindex(cast.other_ngo.id)
    asked = {"area": "accommodation", "need": "housing", "region": "CZ020", "district": "CZ0204",
             "municipality": "2110", "prison": "prison", "form": "residential", "group": "women", "when": "before",
             "language": "uk", "free": "yes", "verified": "yes", "kind": "service"}
    assert set(asked) == set(search.FILTERS)
    assert titles(cast, "byty", **asked) == ["Byty na půl cesty"]
    for name, other in {"district": "CZ0205", "municipality": "2101", "prison": "other-prison", "need": "work"}.items():
        assert titles(cast, "byty", **asked | {name: other}) == [], name


# Offers of jobs

def test_an_offer_of_a_job_is_found_until_its_last_day(book, cast, travel):
    with db.writing():
        JobOffer.create(organisation=cast.labour_office, title="Zedník", sort=sort_key("Zedník"), region="CZ020",
                        text="stavba silnice", until_on=clock.today() + timedelta(days=1))
        search_index.reindex(cast.labour_office.id)
    for _day in range(2):
        assert titles(cast, "zednici") == titles(cast, "silnice", kind="job_offer", region="CZ020") == ["Zedník"]
        assert "Zedník" in titles(cast, area="employment") and "Zedník" in titles(cast, need="work")
        assert titles(cast, "zednik", region="CZ010") == []
        travel.shift(timedelta(days=1))
    assert titles(cast, "zednici") == titles(cast, kind="job_offer") == []
    assert SearchEntry.select().where(SearchEntry.kind == "job_offer").count() == 1
    search_index.reindex_ended()
    assert SearchEntry.select().where(SearchEntry.kind == "job_offer").count() == 0


# What is kept

def test_an_answer_is_kept_until_the_book_is_written(book, cast, travel):
    nela = cast.nela
    first = search.find(nela, Question("byty"), clock.today())
    with count_queries() as again:
        assert search.find(nela, Question("byty"), clock.today()) is first
    assert again.count == 1
    with db.writing():
        _service(cast.ngo, "Byty nové", Area.ACCOMMODATION, Confidence.VERIFIED)
        search_index.reindex(cast.ngo.id)
    assert "Byty nové" in titles(cast, "byty")
    directory.change_state(cast.kora, cast.other_ngo.public_id, "pause")
    assert {hit.state for hit in find(cast, "cesty").hits} == {OrganisationState.PAUSED}
    travel.shift(timedelta(days=1))
    assert search.find(nela, Question("byty"), clock.today()) is not first


def test_a_filter_that_does_not_exist_is_left_out(book, sign_in):
    assert not sign_in("petra").get("/book?q=byty&need=gold&when=never&free=no").page.with_class("chip")


def test_filters_of_services_find_them_and_their_organisations(book, cast):
    with db.writing():
        row = Service.get(Service.name == "Byty na půl cesty")
        row.form, row.languages, row.after_release = Form.RESIDENTIAL, "cs;uk", True
        row.places_free, row.places_on = 2, clock.today()
        row.save()
        ServiceNeed.create(service=row, need=Need.HOUSING)
        ServiceGroup.create(service=row, group=TargetGroup.WITHOUT_PAPERS, fit=Fit.FOR)
        ServiceGroup.create(service=row, group=TargetGroup.PETS, fit=Fit.NEVER)
        search_index.reindex(cast.other_ngo.id)
    for asked in ({"need": "housing"}, {"form": "residential"}, {"language": "uk"}, {"when": "after"}, {"free": "yes"},
                  {"group": "without_papers"}):
        assert set(titles(cast, **asked)) == {"Byty na půl cesty", cast.other_ngo.name}, asked
    assert titles(cast, kind="service", free="yes") == ["Byty na půl cesty"]
    assert titles(cast, group="pets") == titles(cast, when="before") == titles(cast, language="vi") == []


def test_free_places_that_nobody_has_spoken_of_for_two_weeks_are_no_longer_free(book, cast, travel):
    with db.writing():
        Service.update(places_free=2, places_on=clock.today()).where(Service.name == "Oddlužení").execute()
        search_index.reindex(cast.other_ngo.id)
    travel.shift(timedelta(days=14))
    search_index.reindex_stale()
    assert "Oddlužení" in titles(cast, free="yes")
    travel.shift(timedelta(days=1))
    search_index.reindex_stale()
    assert titles(cast, free="yes") == []


def test_only_confirmed_facts_can_be_asked_for(book, cast):
    found = titles(cast, area="debts", verified="yes")
    assert "Dluhová poradna" in found and "Oddlužení" not in found


def test_pages_follow_each_other(app, cast, sign_in):
    directory_csv.load(DATA)
    nela = sign_in("nela")
    first = nela.get("/book?page=1").page
    second = nela.get("/book?page=2").page
    assert len(first.with_class("row")) == len(second.with_class("row")) == 20
    assert first.with_class("row")[0].text != second.with_class("row")[0].text
    assert len(nela.get("/book?page=99999999").page.with_class("row")) == 20


def test_real_data_answer_the_walk(app, cast):
    directory_csv.load(DATA)
    hits = find(cast, "dluhy valdice").hits
    assert hits[0].title == "Věznice Valdice" and hits[0].state is OrganisationState.PROPOSED
    assert find(cast, "valdice").hits[0].organisation_kind is Kind.PRISON


@pytest.mark.parametrize("typed", ["byty", "dluhy horni lhota", "dluhu v horni lhote"])
def test_a_search_costs_few_queries_however_many_rows(book, sign_in, typed):
    nela = sign_in("nela")
    with count_queries() as page:
        nela.get("/book", query_string={"q": typed})
    with count_queries() as fragment:
        nela.fragment(f"/book?q={typed}")
    assert 2 <= page.count <= 5
    assert 2 <= fragment.count <= 4


@pytest.mark.parametrize("typed, said", [
    ("byty xylofon", "Všem slovům najednou neodpovídá nic"), ("bity", "Hledáme také „byty“"),
    ("dlhuy horni lhota", "Slovo „dlhuy“ v adresáři není. Hledáme také „dluhy“")])
def test_what_nobody_has_costs_a_query_for_its_spelling(book, sign_in, typed, said):
    nela = sign_in("nela")
    nela.get("/book")  # the places that can be chosen are read once after the book was written
    with count_queries() as page:
        answer = nela.get("/book", query_string={"q": typed})
    with count_queries() as fragment:
        nela.fragment(f"/book?q={typed}")
    assert said in answer.text
    assert page.count <= 5 and fragment.count <= 4


# Typing errors

@pytest.mark.parametrize("typed, found", [
    ("dlhuy", "Exekuce a splátky"), ("oddlzeni", "Oddlužení"), ("oddlužrní", "Oddlužení"),
    ("hospodareniii", "Kurz hospodaření"), ("dluhovvá poradna", "Dluhová poradna"),
    ("exekuse dluhi", "Exekuce a splátky")])
def test_typing_errors_are_forgiven(book, cast, typed, found):
    answer = find(cast, typed)
    assert found in [hit.title for hit in answer.hits]
    assert answer.instead and not answer.nearest


@pytest.mark.parametrize("typed", ["xyty", "by7y", "bit", "bqqqy", "oddqqqeni", "12345"])
def test_words_too_far_from_any_other_are_not_guessed(book, cast, typed):
    answer = find(cast, typed)
    assert (answer.count, answer.instead) == (0, {})


def test_what_is_found_as_it_was_typed_is_never_corrected(book, cast):
    assert find(cast, "byty").instead == find(cast, "byt").instead == find(cast, "oddluzeni").instead == {}


@pytest.mark.parametrize("one, other, edits", [
    ("dluhy", "dluhy", 0), ("dluhi", "dluhy", 1), ("dlhuy", "dluhy", 1), ("dluh", "dluhy", 1), ("dluuhy", "dluhy", 1),
    ("poradan", "poradna", 1), ("dulhi", "dluhy", 2), ("xxxxx", "dluhy", 3)])
def test_edits_are_counted(one, other, edits):
    assert spelling.distance(one, other, 2) == spelling.distance(other, one, 2) == edits


# Why, and in which order

def test_a_line_tells_where_it_has_the_words_that_its_title_lacks(book, cast, sign_in):
    why = {hit.title: hit.why for hit in find(cast, "exekuce lhota").hits}
    assert why["Dluhová poradna"] == [
        (["exekuce"], "area", "debts"), (["lhota"], "elsewhere", "Ukázková věznice Horní Lhota")]
    assert why["Exekuce a splátky"] == [(["lhota"], "said", "")]
    assert "Lhotě (Ukázková věznice Horní Lhota)" in sign_in("nela").get("/book?q=exekuce+v+Lhotě").text
    assert "Shoda: Lhotě v popisu" in sign_in("nela").get("/book?q=exekuce+v+Lhotě").text
    assert "exekuce (oblast pomoci dluhy" in sign_in("nela").get("/book?q=exekuce+v+Lhotě").text


def test_a_line_says_that_the_name_of_its_organisation_has_a_word(book, cast, sign_in):
    why = {hit.title: hit.why for hit in find(cast, "navrat").hits}
    assert why["Dluhová poradna"] == [(["navrat"], "organisation", "")]
    assert "Shoda: navrat v názvu organizace" in sign_in("nela").get("/book?q=navrat").text


def test_the_nearest_lines_name_only_words_that_they_show(book, cast):
    answer = find(cast, "byty dita")
    assert answer.nearest and all(where != "elsewhere" or fact for hit in answer.hits for _word, where, fact in hit.why)


def test_of_a_long_fact_only_what_stands_around_the_word_is_shown(book, cast):
    with db.writing():
        Organisation.update(description=f"{'slova a slova ' * 30}, pomáháme s padělky,\n{'a další ' * 30}").where(
            Organisation.id == cast.ngo).execute()
        search_index.rebuild()
    [(word, where, fact)] = next(hit.why for hit in find(cast, "padelky").hits)
    assert (word, where) == (["padelky"], "elsewhere") and len(fact) < 100
    assert fact.startswith("…") and "pomáháme s padělky, a další" in fact and fact.endswith("…")


def test_the_nearest_lines_begin_with_the_rarer_word(book, cast):
    assert find(cast, "dluhy cesty").hits[0].title == "Byty na půl cesty"
    assert find(cast, "cesty dluhy").hits[0].title == "Byty na půl cesty"


def test_an_organisation_with_many_lines_comes_round_as_often_as_one_with_one(app, cast, travel):
    with db.writing():
        for number in range(12):
            _service(cast.ngo, f"Terapie {number:02}", Area.PSYCHIATRIC, Confidence.VERIFIED)
        _service(cast.other_ngo, "Terapie malá", Area.PSYCHIATRIC, Confidence.VERIFIED)
        search_index.rebuild()
    firsts = []
    for _day in range(40):
        found = titles(cast, "terapie", kind="service")
        assert found == titles(cast, "terapie", kind="service") and len(set(found)) == 13
        assert found.index("Terapie malá") < 2
        firsts.append(found[0])
        travel.shift(timedelta(days=1))
    assert 10 <= firsts.count("Terapie malá") <= 30
    assert len(set(firsts)) > 6


def test_what_ended_yesterday_sinks_by_night(book, cast, travel):
    with db.writing():
        PrisonWork.update(until_on=clock.today()).where(PrisonWork.activity == "Exekuce a splátky").execute()
        search_index.reindex(cast.ngo.id)
    ended = SearchEntry.select().where(SearchEntry.title == "Exekuce a splátky")
    assert not ended.get().ended
    travel.shift(timedelta(days=1))
    assert search_index.reindex_ended() == 1 and ended.get().ended


def test_a_prison_that_opens_times_leads_to_them(book, cast, sign_in):
    address = f"/visits/request/{cast.prison.public_id}"
    assert address in sign_in("nela").get(f"/book/{cast.prison.public_id}").html
    assert address not in sign_in("pavel").get(f"/book/{cast.prison.public_id}").html


@pytest.mark.parametrize("typed", ["jižní Morava", "na jižní Moravě"])
def test_a_part_of_the_country_is_found_as_people_call_it(book, cast, typed):
    with db.writing():
        Region.create(code="CZ064", name="Jihomoravský kraj", name_en="South Moravia", seat="Brno")
        Organisation.update(region="CZ064").where(Organisation.id == cast.other_ngo.id).execute()
        search_index.rebuild()
    found = find(cast, typed)
    hit = next(hit for hit in found.hits if hit.title == "Byty na půl cesty")
    assert not found.nearest
    assert [what for _words, _where, what in hit.why] == ["Jihomoravský kraj (Brno, jižní Morava)"]


@pytest.mark.parametrize("typed", ["ukrajinsky", "ukrajinština", "Ukrainian", "poradna ukrajinsky"])
def test_a_language_that_is_typed_leads_to_services_in_it(book, cast, typed):
    with db.writing():
        Service.update(languages="cs;uk").where(Service.name == "Dluhová poradna").execute()
        search_index.rebuild()
    assert titles(cast, typed)[0] == "Dluhová poradna"
    assert "Oddlužení" not in titles(cast, typed)
