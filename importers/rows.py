"""What every format is made into: organisations and services as a file has them, cleaned, with what is wrong named.

A reader of a format yields Rows in the order of the file; an organisation comes before its services, which name it by
its `key`. `values` are fields of services/records.py as text (sets as lists), only those that the file fills: what is
missing in a file stays in the book.
"""
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, field

from importers import tables
from importers.tables import Problem, Wrong, later
from models import Area, Form, Kind, Need
from text import clean_text, fold

LEGAL_FORMS = re.compile(r"\b(z\.? ?s\.?|z\.? ?u\.?|o\.? ?p\.? ?s\.?|nadace|nadacni fond|charita|diakonie|spolek|"
                         r"obcanske sdruzeni|ustav)(\W|$)")


@dataclass
class Row:
    """One organisation or service. `row` is the line as a spreadsheet counts, or None where the format has none.

    `notes` are values that were left out because they could not be taken, where the rest of the row still can.
    """

    kind: str  # organisation, service
    sheet: str
    row: int | None
    key: str  # of the organisation, within the file
    title: str = ""
    values: dict = field(default_factory=dict)
    number: str = ""  # a stable number of a service at its source
    problems: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)
    register: dict = field(default_factory=dict)  # columns of RegisterRecord

    def wrong(self, column: str, message: str, /, **details) -> None:
        self.problems.append(Problem(self.sheet, self.row, column, message, details))

    def take(self, name: str, cell, column: str | None = None, forgiving: bool = False) -> None:
        """Puts a cell into a field, or says what is wrong with it; `forgiving` leaves it out with a note instead."""
        try:
            value = TAKE[self.kind][name](as_cell(cell))
        except Wrong as wrong:
            said = self.notes if forgiving else self.problems
            said.append(Problem(self.sheet, self.row, column or name, wrong.message, wrong.details))
            return
        if value not in (None, "", []):
            self.values[name] = value

    def as_json(self) -> dict:
        return asdict(self)

    @classmethod
    def from_json(cls, given: dict):
        problems = {name: [Problem(**each) for each in given.pop(name)] for name in ("problems", "notes")}
        return cls(**given, **problems)


def as_cell(value) -> str:
    """A value of JSON or a spreadsheet as the text that a person would have typed."""
    if value is None or isinstance(value, dict | list):
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    return str(value)[:100_000]


# What a field takes

def company_number(cell: str) -> str:
    """IČO; spreadsheets take its leading zeros away, and people put spaces into it."""
    from importers.directory_csv import company_number as checked
    digits = re.sub(r"[\s\u00a0]", "", clean_text(cell)).removesuffix(".0")
    return checked(digits.zfill(8) if digits.isdigit() and len(digits) >= 4 else digits)


def email(cell: str) -> str:
    """The first of several addresses."""
    return tables.email(re.split(r"[;,\s]+", clean_text(cell))[0])


def postal_code(cell: str) -> str:
    digits = re.sub(r"\s", "", clean_text(cell)).removesuffix(".0")
    return f"{digits[:3]} {digits[3:]}" if digits.isdigit() and len(digits) == 5 else tables.text(20)(cell)


KINDS = {"vez": Kind.PRISON, "prison": Kind.PRISON, "pms": Kind.PROBATION, "probac": Kind.PROBATION,
         "probation": Kind.PROBATION, "obec": Kind.MUNICIPALITY, "mest": Kind.MUNICIPALITY,
         "municipality": Kind.MUNICIPALITY, "nno": Kind.NGO, "ngo": Kind.NGO, "nezisk": Kind.NGO, "spol": Kind.NGO,
         "urad prace": Kind.LABOUR_OFFICE, "labour": Kind.LABOUR_OFFICE, "zdrav": Kind.HEALTH, "health": Kind.HEALTH,
         "zamestnav": Kind.EMPLOYER, "firma": Kind.EMPLOYER, "employer": Kind.EMPLOYER, "other": Kind.OTHER,
         "jin": Kind.OTHER, "ostatni": Kind.OTHER, "network": Kind.NETWORK}


def kind(cell: str) -> str:
    """A kind of organisation by its name or by the beginning of a Czech word for it."""
    folded = fold(clean_text(cell))
    found = next((member for member in Kind if member.value == folded), None) or next(
        (member for start, member in KINDS.items() if folded.startswith(start)), None)
    if folded and found is None:
        raise Wrong(later("“%(value)s” is no kind of organisation that the book knows."), value=cell[:40])
    return found.value if found else ""


def kind_of(name: str) -> str:
    """The kind of an organisation whose file does not say it: by the legal form in its name."""
    return Kind.NGO.value if LEGAL_FORMS.search(fold(name)) else Kind.OTHER.value


FORMS = {"ambul": Form.OUTPATIENT, "pobyt": Form.RESIDENTIAL, "teren": Form.OUTREACH, "na miste": Form.ON_SITE,
         "dalk": Form.REMOTE, "online": Form.REMOTE, "telef": Form.REMOTE, "koresp": Form.CORRESPONDENCE}


def form(cell: str) -> str:
    """A form of a service: the first that is named."""
    folded = fold(clean_text(cell))
    found = next((member for member in Form if member.value == folded), None) or next(
        (member for start, member in FORMS.items() if start in folded), None)
    if folded and found is None:
        raise Wrong(later("“%(value)s” is no form of a service that the book knows."), value=cell[:40])
    return found.value if found else ""


def codes(enum) -> Callable:
    """Members of an enum, as a list or separated by semicolons; raises Wrong."""
    several = tables.several_of(enum)
    return lambda cell: [member.value for member in several(cell.replace(",", ";"))]


_short, _long = tables.text(200), tables.text(5000, lines=True)
TAKE = {
    "organisation": {
        "name": _short, "short_name": _short, "kind": kind, "legal_form": _short, "ico": company_number,
        "street": _short, "city": _short, "postal_code": postal_code, "district": _short, "region": _short,
        "web": tables.web_address, "email": email, "phone": _short, "data_box": tables.text(20), "description": _long,
    },
    "service": {
        "name": _short, "form": form, "for_whom": _long, "not_for_whom": _long, "conditions": _long, "plain": _long,
        "cost": tables.text(1000), "languages": tables.text(200), "places_total": tables.whole_number(0, 100_000),
        "places_free": tables.whole_number(0, 100_000), "areas": codes(Area), "needs": codes(Need),
        "regions": tables.listed,
    },
}
