"""Typing errors in the search, in the words of the real contact book: what is corrected, and what never is."""
import clock
import db
from importers import directory_csv
from models import Confidence, ContactPerson
from services import search, search_index, spelling
from services.search import Question
from tests.test_search import DATA
from text import sort_key

MEANT = {
    "dlhuy": "dluhy", "dluuhy": "dluhy", "oddlzeni": "oddluzeni", "oddluzrni": "oddluzeni", "azlyovy": "azylovy",
    "ubytvna": "ubytovna", "exekcue": "exekuce", "exkuce": "exekuce", "insolvnce": "insolvence", "poradan": "poradna",
    "valdcie": "valdice", "ostarva": "ostrava", "osrtava": "ostrava", "prha": "praha", "terpie": "terapie",
    "terapeie": "terapie", "zavislsot": "zavislost", "zavisost": "zavislost", "adiktologei": "adiktologie",
    "probce": "probace", "byldeni": "bydleni", "bydlei": "bydleni", "zamestnni": "zamestnani", "rodiina": "rodina",
    "pankarc": "pankrac", "pankracc": "pankrac", "mirvo": "mirov", "mirovv": "mirov", "nadeej": "nadeje"}
NEVER = (
    "Novák", "Nováka", "Dvořák", "Černý", "Horák", "Novotný", "Procházka", "Kučera", "Němec", "Marek", "Zeman", "Kolář",
    "Čermák", "Urban", "Beran", "Brož", "Slavík", "Rybář", "Petr", "Pavel", "Zima", "Mráz", "Rada", "Hudec", "Krejčí",
    "xqyz", "bit", "by7y", "12345")
AS_TYPED = "Hledat slova tak, jak byla napsána"


def _instead(typed) -> dict:
    return spelling.instead_of(Question(typed).words)


def test_typing_errors_become_what_was_meant_and_names_stay(app, cast):
    directory_csv.load(DATA)
    assert {typed: _instead(typed).get(typed) for typed in MEANT} == MEANT
    assert {typed: found for typed in NEVER if (found := _instead(typed))} == {}


def test_a_person_who_is_in_the_book_is_found_and_nothing_else_is_looked_for(app, cast):
    with db.writing():
        ContactPerson.create(organisation=cast.ngo, name="Nora Dluhošová", sort=sort_key("Nora Dluhošová"),
                             confidence=Confidence.VERIFIED)
        search_index.reindex(cast.ngo.id)
    answer = search.find(cast.nela, Question("dluhosova"), clock.today())
    assert [hit.title for hit in answer.hits if hit.kind == "contact"] == ["Nora Dluhošová"] and answer.instead == {}


def test_the_page_says_what_it_looked_for_and_offers_the_words_as_typed(app, cast, sign_in):
    directory_csv.load(DATA)
    nela = sign_in("nela")
    page = nela.get("/book?q=Dlhuy+valdice&area=debts")
    assert "Slovo „Dlhuy“ v adresáři není. Hledáme také „dluhy“" in page.text
    as_typed = nela.get(next(link["href"] for link in page.page.all("a") if link.text == AS_TYPED))
    assert "Hledáme také" not in as_typed.text and "Všem slovům najednou neodpovídá nic" in as_typed.text
    assert next(each["value"] for each in as_typed.page.all("input") if each["name"] == "q") == "Dlhuy valdice"
