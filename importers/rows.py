"""What every format is made into: organisations and what hangs on them as a file has it, cleaned, what is wrong named.

A reader of a format yields Rows in the order of the file; an organisation comes before its sites, people and services,
which name it by its `key`. `values` are fields of services/records.py as text (sets as lists), only those that the
file fills: what is missing in a file stays in the book.
"""
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, field

from babel.core import get_global

from importers import book_sheets, tables
from importers.tables import Problem, Wrong, later
from models import Area, CapacityState, ConditionWhen, Form, Kind, Need, TargetGroup
from text import clean_text, fold

LEGAL_FORMS = re.compile(r"\b(z\.? ?s\.?|z\.? ?u\.?|o\.? ?p\.? ?s\.?|nadace|nadacni fond|charita|diakonie|spolek|"
                         r"obcanske sdruzeni|ustav)(\W|$)")


@dataclass
class Row:
    """One organisation, site, person or service. `row` is the line as a spreadsheet counts; None: it has none.

    `notes` are values that were left out because they could not be taken, where the rest of the row still can.
    """

    kind: str  # organisation, location, contact, service; register: kept beside the book only
    sheet: str
    row: int | None
    key: str  # of the organisation, within the file
    title: str = ""
    values: dict = field(default_factory=dict)
    number: str = ""  # a stable number at its source
    assured: str = ""  # the day on which its source last made sure of it
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
    digits = re.sub(r"[\s\u00a0]", "", clean_text(cell)).removesuffix(".0")
    return book_sheets.company_number(digits.zfill(8) if digits.isdigit() and len(digits) >= 4 else digits)


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


GROUP_WORDS = {"muz": TargetGroup.MEN, "zen": TargetGroup.WOMEN, "mladez": TargetGroup.YOUTH,
               "mladistv": TargetGroup.YOUTH, "mladi": TargetGroup.YOUTH, "rodin": TargetGroup.FAMILIES,
               "senio": TargetGroup.SENIORS, "zdravotni postiz": TargetGroup.DISABILITY,
               "postiz": TargetGroup.DISABILITY, "dusevni": TargetGroup.MENTAL_HEALTH,
               "zavisl": TargetGroup.ADDICTION, "dluh": TargetGroup.DEBTS, "bez dokladu": TargetGroup.WITHOUT_PAPERS,
               "cizin": TargetGroup.FOREIGNERS, "dlouhe tresty": TargetGroup.LONG_SENTENCES,
               "zvysen": TargetGroup.INCREASED_SECURITY, "nasil": TargetGroup.VIOLENT_OFFENCE,
               "sexu": TargetGroup.SEXUAL_OFFENCE, "zvir": TargetGroup.PETS, "pes": TargetGroup.PETS}
STATES = {"volno": CapacityState.OPEN, "prijima": CapacityState.OPEN, "cekac": CapacityState.WAITING_LIST,
          "porad": CapacityState.WAITING_LIST, "posouzen": CapacityState.AFTER_ASSESSMENT,
          "plno": CapacityState.FULL, "neprijima": CapacityState.FULL, "obsazen": CapacityState.FULL}
WHENS = {"pred": ConditionWhen.BEFORE, "po ": ConditionWhen.AFTER, "az po": ConditionWhen.AFTER}
LANGUAGES = {"cest": "cs", "czech": "cs", "slov": "sk", "ukraj": "uk", "rus": "ru", "angl": "en", "english": "en",
             "nem": "de", "viet": "vi", "roms": "rom", "pols": "pl", "arab": "ar"}


def _worded(enum, words) -> Callable[[str], str]:
    """A member of an enum by its value or by the beginning of a Czech word for it."""
    def take(cell):
        folded = fold(clean_text(cell))
        found = next((member for member in enum if member.value == folded), None) or next(
            (member for start, member in words.items() if folded.startswith(start)), None)
        if folded and found is None:
            raise Wrong(later("“%(value)s” is not one of: %(known)s."), value=cell[:40],
                        known=", ".join(member.value for member in enum))
        return found.value if found else ""
    return take


def groups(cell: str) -> list[str]:
    """Target groups by their names or by Czech words, separated by semicolons or commas."""
    one = _worded(TargetGroup, GROUP_WORDS)
    return sorted({one(each) for each in tables.listed(cell.replace(",", ";"))})


def languages(cell: str) -> str:
    """Codes (of two letters or three) or Czech names of languages as the book keeps them: `cs;uk`. What stands after a
    hyphen is left out."""
    words = [fold(each) for each in tables.listed(cell.replace(",", ";"))]
    codes = [next((code for start, code in LANGUAGES.items() if word.startswith(start)), word.partition("-")[0])
             for word in words]
    shorter = get_global("language_aliases")  # ces, slk
    return ";".join(dict.fromkeys(shorter.get(code, code) for code in book_sheets.languages(";".join(codes))))


def entry(cell: str) -> list[list]:
    """Conditions of entry as book_sheets.conditions, or a line each as people write them: `před propuštěním: text`,
    `po propuštění, lze prominout: text`."""
    return [_condition(*line) for line in book_sheets.conditions(cell)]


def _condition(text, when, waivable):
    said, colon, rest = text.partition(":")
    folded, known = fold(said), when is not ConditionWhen.EITHER or waivable
    tagged = next((member for start, member in WHENS.items() if folded.startswith(start)), None)
    waived = "promin" in folded
    if known or not colon or not rest.strip() or not (tagged or waived):
        return [text, when.value, waivable]
    return [rest.strip(), (tagged or when).value, waived]


def flag(cell: str) -> str:
    """1 or 0, also as yes and no."""
    words = {"ano": "1", "yes": "1", "ne": "0", "no": "0"}
    said = tables.flag(words.get(fold(clean_text(cell)), cell))
    return "" if said is None else f"{said:d}"


def day(cell: str) -> str:
    found = tables.day(clean_text(cell)[:10])
    return found.isoformat() if found else ""


_short, _long, _places = tables.text(200), tables.text(5000, lines=True), tables.whole_number(0, 100_000)
TAKE = {
    "organisation": {
        "name": _short, "short_name": _short, "kind": kind, "legal_form": _short, "ico": company_number,
        "street": _short, "city": _short, "postal_code": postal_code, "district": _short, "region": _short,
        "municipality": _short, "web": tables.web_address, "email": email, "phone": _short,
        "data_box": tables.text(20), "description": _long, "funding": _long, "parent": _short,
        "regions": tables.listed,
    },
    "location": {
        "name": _short, "street": _short, "city": _short, "postal_code": postal_code, "district": _short,
        "secret": flag, "access": _long, "ended_on": day,
    },
    "contact": {
        "name": _short, "post": _short, "topics": tables.text(1000), "days": _short, "phone": _short, "email": email,
        "deputy": _short, "ended_on": day,
    },
    "service": {
        "name": _short, "form": form, "for_whom": _long, "not_for_whom": _long, "conditions": _long, "plain": _long,
        "for_groups": groups, "not_groups": groups, "never_groups": groups, "entry": entry,
        "cost": tables.text(1000), "hours": _long, "funding": _long, "languages": languages,
        "before_release": flag, "after_release": flag, "capacity_state": _worded(CapacityState, STATES),
        "places_total": _places, "places_free": _places, "waiting": _places, "places_on": day,
        "areas": codes(Area), "needs": codes(Need), "regions": tables.listed, "districts": tables.listed,
        "municipalities": tables.listed, "locations": tables.listed, "ended_on": day,
    },
}
