"""A contact person or an organisation as a business card (vCard 3.0, RFC 2426), written by vobject.

Values are cleaned first: a break inside a value would begin a property of its own in some readers.
"""
import vobject

from text import clean_text

LONGEST = 500
PRODUCT = "-//Navaznost//Navaznost//CS"


def card(*, uid: str, name: str, organisation: str = "", post: str = "", phone: str = "", email: str = "",
         web: str = "", address: tuple[str, str, str] = ("", "", ""), note: str = "") -> bytes:
    """One card; `name` is of a person, or empty where the card is the organisation's. `address`: street, city, code."""
    found, shown = vobject.vCard(), _clean(name) or _clean(organisation)
    found.add("version").value = "3.0"
    found.add("prodid").value = PRODUCT
    found.add("uid").value = _clean(uid)
    found.add("fn").value = shown
    found.add("n").value = _name(_clean(name)) if _clean(name) else vobject.vcard.Name(family=shown)
    if organisation:
        found.add("org").value = [_clean(organisation)]
    for kind, value in (("title", post), ("url", web), ("note", note)):
        if _clean(value):
            found.add(kind).value = _clean(value)
    for kind, value in (("tel", phone), ("email", email)):
        if _clean(value):
            found.add(kind).value = _clean(value)
            found.contents[kind][0].type_param = "WORK" if kind == "tel" else "INTERNET"
    _add_address(found, *map(_clean, address))
    return found.serialize(lineLength=74).encode()


def _clean(text):
    return clean_text(text, limit=LONGEST)


def _name(name):
    """The last word is taken for the family name, as names stand in the book."""
    given, _space, family = name.rpartition(" ")
    return vobject.vcard.Name(family=family, given=given)


def _add_address(found, street, city, code):
    if street or city or code:
        found.add("adr").value = vobject.vcard.Address(street=street, city=city, code=code, country="")
        found.adr.type_param = "WORK"
