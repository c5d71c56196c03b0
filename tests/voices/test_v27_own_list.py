"""V27: "To find providers we use our own list of social services, mediators, experts." Their own list comes in."""
import io

from openpyxl import Workbook

from models import Organisation
from services import import_jobs, records
from tests.voices.test_v43_register import sent

HEADER = ["Název", "IČO", "Obec", "Telefon", "E-mail"]
NUMBERS = ["27082440", "45274649", "60193336", "26168685", "00064581", "44992785"]


def the_list(known, alike) -> bytes:
    """Forty rows: six whose company number the book has, three whose name only, thirty-one that it has not."""
    book = Workbook()
    book.active.append(HEADER)
    for number in known:
        book.active.append([f"Pod jiným jménem {number}", number, "Ukázkov", "111 222 333", ""])
    for name in alike:
        book.active.append([name, "", "Docela jinde", "", ""])
    for number in range(31):
        book.active.append([f"Mediátorka č. {number}", "", "Ukázkov", "", f"m{number}@zkusebni.example"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_v27_a_list_of_forty_rows_comes_in_only_after_it_was_confirmed(app, cast, sign_in):
    for number, row in zip(NUMBERS, Organisation.select().order_by(Organisation.id).limit(6), strict=True):
        records.change(cast.kora, row, {"ico": number}, "form")
    alike = [row.name for row in Organisation.select().order_by(Organisation.id).offset(6).limit(3)]
    names = list(Organisation._meta.sorted_field_names).index("name")
    before = [tuple(row) for row in Organisation.select().order_by(Organisation.id).tuples()]
    kora = sign_in("kora")
    here = sent(kora, the_list(NUMBERS, alike), "seznam.xlsx")
    assert kora.get(here).heading == "Co je ve kterém sloupci"
    kora.send(f"{here}/columns", page=here)
    assert "porovnává se" in kora.follow().text
    import_jobs.work_due()
    text = kora.get(here).text
    assert "nové 31 0 změna 6 0" in text and "k rozhodnutí 3 0" in text
    assert [tuple(row) for row in Organisation.select().order_by(Organisation.id).tuples()] == before

    asked = kora.get(f"{here}?fate=undecided")
    assert asked.text.count("Která organizace to je?") == 3
    kora.post(f"{here}/decide", dict(zip(("row-7", "row-8", "row-9"), ("new", "skip", "new"), strict=True)))
    assert "3 odpovědi" in kora.follow().text
    kora.send(f"{here}/confirm", page=here)
    import_jobs.work_due()
    assert "Zapsáno" in kora.get(here).text
    assert Organisation.select().count() == len(before) + 33
    assert Organisation.get(Organisation.ico == NUMBERS[0]).name == f"Pod jiným jménem {NUMBERS[0]}"

    remembered = sent(kora, the_list(NUMBERS, alike), "seznam.xlsx")
    assert "minulého souboru" in kora.get(remembered).text

    kora.send(f"{here}/undo", page=here)
    import_jobs.work_due()
    assert Organisation.select().count() == len(before)
    assert [row.name for row in Organisation.select().order_by(Organisation.id).limit(6)] == [
        row[names] for row in before[:6]]
