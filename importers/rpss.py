"""The register of providers of social services (RPSS), the JSON that the ministry publishes, read a service at a time.

Left out: services that have ended (their end is kept beside the register's own record), persons of statutory bodies
and managers (no key of theirs is read at all), addresses of secret facilities. A capacity is what is registered, not
how many places are free.
"""
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import ijson

import clock
from importers.limits import MOST_ITEMS
from importers.rows import Row, as_cell
from importers.tables import Wrong, later
from models import Area, Form, Need

SHEET = "polozky"
REGIONS = {"19": "CZ010", "27": "CZ020", "35": "CZ031", "43": "CZ032", "51": "CZ041", "60": "CZ042", "78": "CZ051",
           "86": "CZ052", "94": "CZ053", "108": "CZ063", "116": "CZ064", "124": "CZ071", "141": "CZ072",
           "132": "CZ080"}
FORMS = {"amb": Form.OUTPATIENT, "ter": Form.OUTREACH, "pob": Form.RESIDENTIAL}
# number in the code list: (name in the act, areas, needs) of services; those without an area help few after prison
TYPES = {
    "1": ("Odborné sociální poradenství", (Area.SOCIAL_SERVICES,), (Need.LIFE_SKILLS,)),
    "3": ("Osobní asistence", (), ()), "4": ("Pečovatelská služba", (), ()), "5": ("Tísňová péče", (), ()),
    "6": ("Průvodcovské a předčitatelské služby", (), ()),
    "7": ("Podpora samostatného bydlení", (Area.ACCOMMODATION,), (Need.HOUSING,)),
    "8": ("Odlehčovací služby", (), ()), "9": ("Centra denních služeb", (), ()), "10": ("Denní stacionáře", (), ()),
    "11": ("Týdenní stacionáře", (), ()), "12": ("Domovy pro osoby se zdravotním postižením", (), ()),
    "13": ("Domovy pro seniory", (), ()),
    "14": ("Domovy se zvláštním režimem", (Area.ACCOMMODATION,), (Need.HOUSING,)),
    "15": ("Chráněné bydlení", (), ()),
    "16": ("Sociální služby poskytované ve zdravotnických zařízeních lůžkové péče", (), ()),
    "17": ("Raná péče", (), ()),
    "18": ("Telefonická krizová pomoc", (Area.SOCIAL_SERVICES,), (Need.MENTAL_HEALTH,)),
    "19": ("Tlumočnické služby", (), ()),
    "20": ("Azylové domy", (Area.ACCOMMODATION,), (Need.HOUSING,)),
    "21": ("Domy na půl cesty", (Area.ACCOMMODATION,), (Need.HOUSING,)),
    "22": ("Kontaktní centra", (Area.DRUG_SERVICES,), (Need.ADDICTION,)),
    "23": ("Krizová pomoc", (Area.SOCIAL_SERVICES,), (Need.MENTAL_HEALTH,)),
    "24": ("Nízkoprahová denní centra", (Area.SOCIAL_SERVICES,), (Need.BASIC_NEEDS,)),
    "25": ("Nízkoprahová zařízení pro děti a mládež", (), ()),
    "26": ("Noclehárny", (Area.ACCOMMODATION,), (Need.BASIC_NEEDS, Need.HOUSING)),
    "27": ("Služby následné péče", (Area.DRUG_SERVICES, Area.PSYCHIATRIC), (Need.ADDICTION, Need.MENTAL_HEALTH)),
    "28": ("Sociálně aktivizační služby pro rodiny s dětmi", (Area.FAMILY_COUNSELLING,), (Need.RELATIONSHIPS,)),
    "29": ("Sociálně aktivizační služby pro seniory a osoby se zdravotním postižením", (), ()),
    "30": ("Sociálně terapeutické dílny", (), ()),
    "31": ("Terapeutické komunity", (Area.DRUG_SERVICES,), (Need.ADDICTION,)),
    "32": ("Terénní programy", (Area.SOCIAL_SERVICES,), (Need.BASIC_NEEDS,)),
    "33": ("Sociální rehabilitace", (Area.SOCIAL_SERVICES,), (Need.LIFE_SKILLS, Need.WORK)),
    "34": ("Intervenční centra", (Area.FAMILY_COUNSELLING,), (Need.RELATIONSHIPS,)),
}


def rows(path: Path, only_useful: bool = False) -> Iterator[Row]:
    """Providers and their services; raises Wrong. `only_useful` leaves out kinds of services without an area."""
    seen, number = set(), 0
    with path.open("rb") as file:
        try:
            for number, item in enumerate(ijson.items(file, f"{SHEET}.item", use_float=True), start=1):
                if number > MOST_ITEMS:
                    raise Wrong(later("it has more than %(most)s rows."), most=MOST_ITEMS)
                yield from _rows_of(number, item, only_useful, seen)
        except (ijson.JSONError, UnicodeDecodeError, ValueError, RecursionError) as error:
            raise Wrong(later("it is not valid JSON after item %(row)s (%(error)s)."), row=number,
                        error=str(error).split("\n")[0][:80]) from error
    if number == 0:
        raise Wrong(later("it has no list “%(name)s”, so it is not the register of social services."), name=SHEET)


def _rows_of(number, item, only_useful, seen):
    service = Row("service", SHEET, number, "")
    if not isinstance(item, dict) or not isinstance(item.get("poskytovatel"), dict):
        service.wrong("poskytovatel", later("it must not be empty."))
        yield service
        return
    provider = _provider(number, item["poskytovatel"])
    service.key = provider.key
    _fill_service(service, item, provider)
    ended = service.register.get("ended_on", "")
    over = bool(ended) and ended < clock.today().isoformat()
    useful = bool(service.values.get("areas")) or not only_useful or service.problems
    if useful and not over and provider.key not in seen:
        seen.add(provider.key)
        yield provider
    if over or not useful:
        service.kind, service.problems = "register", []
    yield service


def _provider(number, given) -> Row:
    row = Row("organisation", SHEET, number, "")
    row.take("name", given.get("nazev"), "poskytovatel.nazev")
    ico = as_cell(given.get("ico")).strip()
    if ico and not re.fullmatch(r"\d{8}", ico):
        row.wrong("poskytovatel.ico", later("this is not a valid company number (IČO)."))
    elif ico:
        _take_company_number(row, ico)
    row.title, row.key = row.values.get("name", ""), ico or as_cell(given.get("nazev"))
    if not row.title and not row.problems:
        row.wrong("poskytovatel.nazev", later("it must not be empty."))
    _fill_address(row, given.get("adresa"))
    _fill_contacts(row, given)
    return row


def _take_company_number(row, ico):
    """The register is the authority on its numbers: one that does not check is told and kept."""
    row.take("ico", ico, "poskytovatel.ico", forgiving=True)
    row.values["ico"] = ico


def _fill_address(row, given):
    if not isinstance(given, dict):
        return
    for name, cell in address(given).items():
        row.take(name, cell, f"adresa.{name}", forgiving=True)
    region = REGIONS.get(_code(given, "kraj"))
    if region:
        row.values["region"] = region
    if _code(given, "obec"):
        row.values["municipality_code"] = _code(given, "obec")


def address(given: dict) -> dict[str, str]:
    """Street with numbers and postal code; the register names a municipality by its number only."""
    numbers = "/".join(filter(None, (as_cell(given.get(name)) for name in ("cisloDomovni", "cisloOrientacni"))))
    street = given.get("ulice").get("nazev") if isinstance(given.get("ulice"), dict) else ""
    return {"street": f"{as_cell(street)} {numbers}".strip(), "postal_code": as_cell(given.get("psc"))}


def _code(given, name) -> str:
    value = given.get(name)
    return as_cell(value.get("id")).partition("/")[2] if isinstance(value, dict) else ""


def _fill_contacts(row, given):
    for field, key, part in (("email", "emaily", "email"), ("phone", "telefony", "telefon"), ("web", "weby", "web")):
        row.take(field, _first(given.get(key), part), f"{key}.{part}", forgiving=True)


def _first(given, part) -> str:
    values = [as_cell(each.get(part)).strip() for each in given if isinstance(each, dict)] \
        if isinstance(given, list) else []
    return next(filter(None, values), "")


def _fill_service(row, item, provider):
    row.number = as_cell(item.get("identifikator"))
    code = _code(item, "druhSocialniSluzby")
    name, areas, needs = TYPES.get(code, ("", (), ()))
    row.title = name
    if not re.fullmatch(r"\d{4,12}", row.number):
        row.wrong("identifikator", later("a registration number belongs here."))
    if not name:
        row.wrong("druhSocialniSluzby", later("“%(value)s” is no kind of social service of the act."), value=code[:40])
    row.values.update(name=name, areas=[each.value for each in areas], needs=[each.value for each in needs])
    _fill_forms(row, item.get("formy"))
    row.values["regions"] = _regions(item, provider)
    row.values = {key: value for key, value in row.values.items() if value not in ("", [])}
    row.register = _register(row, item, provider)


def _fill_forms(row, given):
    """The form that comes first, and the registered capacity of all forms together."""
    given = [each for each in given if isinstance(each, dict)] if isinstance(given, list) else []
    forms = [FORMS[_code(each, "forma")] for each in given if _code(each, "forma") in FORMS]
    if forms:
        row.values["form"] = forms[0].value
    counts = [each.get("pocet") for form in given for each in form.get("kapacity") or () if isinstance(each, dict)]
    whole = [int(count) for count in counts if isinstance(count, int | float) and 0 <= count <= 100_000]
    if len(whole) != len(counts):
        row.wrong("formy.kapacity.pocet", later("a whole number from %(low)s to %(high)s belongs here."), low=0,
                  high=100_000)
    elif whole:
        row.values["places_total"] = sum(whole)


def _regions(item, provider) -> list[str]:
    """Where it is registered to work, and where its provider sits unless an address is secret."""
    wider = item.get("rozsirenePusobnostiVKraji")
    found = {REGIONS.get(_code(each, "kraj")) for each in wider if isinstance(each, dict)} \
        if isinstance(wider, list) else set()
    return sorted(filter(None, found | {provider.values.get("region")}))


def _register(row, item, provider) -> dict:
    secret = any(isinstance(each, dict) and each.get("utajenaAdresa") for each in item.get("zarizeni") or ()) \
        if isinstance(item.get("zarizeni"), list) else False
    place = {} if secret else {name: provider.values[name] for name in ("street", "postal_code")
                               if name in provider.values}
    contact = Row("organisation", SHEET, row.row, "")
    _fill_contacts(contact, item)
    contact = {**{name: provider.values[name] for name in ("web", "email", "phone") if name in provider.values},
               **contact.values}
    return {"number": row.number, "ico": provider.values.get("ico", ""), "provider": provider.title,
            "name": row.title, **place, **contact, "capacity": row.values.get("places_total"),
            "since_on": _day(item.get("datumPoskytovaniOd")), "ended_on": _day(item.get("datumPoskytovaniDo"))}


def _day(given) -> str | None:
    try:
        return date.fromisoformat(as_cell(given)[:10]).isoformat()
    except ValueError:
        return None
