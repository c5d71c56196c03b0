"""The list of addresses that every page is looked for by."""
from tests.support.crawl import Crawl, rules

LISTING = """Endpoint          Methods    Rule
----------------  ---------  -----------------------------------------------
offers.decide     GET, POST  /offers/<pid:public_id>/<any(check,"pass_on"):event>
offers.offer      GET        /offers/<pid:public_id>
records.edit      GET, POST  /book/<any(site,work):kind>/<pid:public_id>/edit/<any(a,b):part>
directory.export  GET        /book/export/<any("csv","xlsx"):name>
mine.remove       POST       /mine/<pid:public_id>/remove
"""
HERE, ID, OTHER = "http://here", "x" * 22, "y" * 22


def test_an_address_with_words_to_choose_from_stands_for_each_of_them():
    found = {rule.pattern: rule.of for rule in rules(LISTING)}
    assert set(found) == {"/offers/<id>", "/offers/<id>/check", "/offers/<id>/pass_on", "/book/site/<id>/edit/a",
                          "/book/site/<id>/edit/b", "/book/work/<id>/edit/a", "/book/work/<id>/edit/b"}
    assert found["/offers/<id>/check"] == found["/offers/<id>/pass_on"] != found["/offers/<id>"]


def test_links_and_siblings_with_such_words_are_opened():
    crawl = Crawl(HERE, rules(LISTING))
    crawl.add([f"/book/site/{ID}/edit/b", f"/book/export/csv?q={ID}", f"/mine/{ID}/remove", "https://there/offers"])
    crawl.add_siblings(f"{HERE}/offers/{ID}")
    assert crawl.waiting == [f"{HERE}/book/site/{ID}/edit/b", f"{HERE}/offers/{ID}/check",
                             f"{HERE}/offers/{ID}/pass_on", f"{HERE}/offers/{ID}"]
