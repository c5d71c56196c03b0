"""What invented organisations say in detail: services, sites, job offers, deputies, corrections."""
from datetime import timedelta

import clock
from demo import cast
from models import (
    CapacityState,
    ConditionWhen,
    Confidence,
    ContactPerson,
    JobOffer,
    Location,
    Organisation,
    PrisonWork,
    RecordKind,
    Service,
    TargetGroup,
)
from services import corrections, records, search_index

BEFORE, AFTER, EITHER = ConditionWhen.BEFORE, ConditionWhen.AFTER, ConditionWhen.EITHER
NOBODY_REFUSED = "nikoho neodmítáme"
# slug: what its people have filled in
SERVICES = {
    "ukazka-most-domu-byt": {
        "for_groups": [TargetGroup.MEN, TargetGroup.WOMEN, TargetGroup.PETS, TargetGroup.LONG_SENTENCES],
        "not_groups": [TargetGroup.FAMILIES], "cost": "3 500 Kč měsíčně", "languages": "cs;uk",
        "before_release": False, "after_release": True, "capacity_state": CapacityState.AFTER_ASSESSMENT,
        "places_total": 8, "waiting": 3, "districts": ["CZ0511", "CZ0513"],
        "entry": [("první schůzka", BEFORE, False), ("příjem nebo dávka na nájem do měsíce", AFTER, False),
                  ("kauce ve výši jednoho nájmu", AFTER, True)]},
    "ukazka-most-domu-doprovod": {
        "for_groups": [TargetGroup.MEN, TargetGroup.WOMEN, TargetGroup.SENIORS, TargetGroup.WITHOUT_PAPERS],
        "cost": "zdarma", "languages": "cs;sk", "before_release": True, "after_release": True,
        "capacity_state": CapacityState.OPEN, "places_total": 5,
        "entry": [("domluva aspoň týden předem", BEFORE, True)]},
    "ukazka-most-domu-poradna": {
        "for_groups": [TargetGroup.FAMILIES, TargetGroup.DEBTS, TargetGroup.WITHOUT_PAPERS], "cost": "zdarma",
        "after_release": True, "capacity_state": CapacityState.OPEN},
    "ukazka-cista-cesta-poradna": {
        "for_groups": [TargetGroup.ADDICTION, TargetGroup.MENTAL_HEALTH], "never_groups": [TargetGroup.YOUTH],
        "cost": "zdarma", "before_release": True, "after_release": True,
        "capacity_state": CapacityState.WAITING_LIST, "places_free": 0, "waiting": 6},
    "ukazka-cista-cesta-dolecovani": {
        "for_groups": [TargetGroup.ADDICTION], "never_groups": [TargetGroup.VIOLENT_OFFENCE],
        "capacity_state": CapacityState.FULL, "places_free": 0, "places_total": 10,
        "entry": [("nejméně 3 měsíce abstinence", BEFORE, False), ("vstupní pohovor", EITHER, False)]},
    "rpss-89990001": {"for_groups": [TargetGroup.MEN, TargetGroup.WOMEN], "cost": "zdarma", "after_release": True},
    "rpss-89990002": {  # the register says 24: a difference that its page and the coordinator's list show
        "for_groups": [TargetGroup.ADDICTION], "cost": "zdarma", "after_release": True, "places_total": 16},
    "ukazka-bez-dluhu-poradna": {
        "for_groups": [TargetGroup.DEBTS], "cost": "zdarma", "after_release": True,
        "capacity_state": CapacityState.OPEN},
    "ukazka-bez-dluhu-veznice": {
        "for_groups": [TargetGroup.DEBTS, TargetGroup.INCREASED_SECURITY], "cost": "zdarma", "before_release": True,
        "after_release": False, "entry": [("přihláška přes sociální pracovnici věznice", BEFORE, False)]},
}
SITES = {
    cast.NGO: [{"name": "Poradna u mostu", "street": "Ukázková 12", "city": "Ukázková Lípa", "district": "CZ0511",
                "access": "bezbariérový vchod ze dvora, zvonek „poradna“"},
               {"name": "Azylové byty", "street": "Ukázková 99", "city": "Ukázková Lípa", "secret": True}],
    cast.OTHER_NGO: [{"name": "Kontaktní centrum", "street": "Ukázková 31", "city": "Ukázkový Jasan"}],
}
OFFERS = [
    (cast.WORK_NGO, "Skladník, jednosměnný provoz", "CZ042", "Ukázkový Jasan", "28 000 Kč hrubého", 21,
     "Záznam v rejstříku nevadí, jen u krádeží chceme nejdřív mluvit s kurátorem."),
    (cast.WORK_NGO, "Pomocná síla v kuchyni", "CZ051", "Ukázková Lípa", "150 Kč na hodinu", 5,
     "Záznam v rejstříku nevadí. Zdravotní průkaz zaplatíme."),
]


def settle(users: dict) -> None:
    """Fills the details in as their owners would. Inside `db.writing()`."""
    staff = sorted((user for user in users.values() if user.organisation_id), key=lambda user: user.lead)
    owners = {user.organisation.slug: user for user in staff}
    for service in Service.select().join(Organisation).where(Organisation.invented == True):  # noqa: E712
        _describe(owners.get(service.organisation.slug), service)
    for slug, sites in SITES.items():
        for values in sites:
            records.add(owners.get(slug), Location, _organisation(slug), values, "form", reindex=False,
                        confidence=Confidence.CONFIRMED, confirmed_on=clock.today(), confirmed_by=owners.get(slug))
    for slug, title, region, place, pay, days, conditions in OFFERS:
        records.add(owners.get(slug), JobOffer, _organisation(slug), {
            "title": title, "region": region, "place": place, "pay": pay, "conditions": conditions,
            "contact": "zavolejte pracovnímu poradci", "until_on": clock.today() + timedelta(days=days)}, "form",
            reindex=False)
    _deputies(owners[cast.PRISON])
    _work_of_services(owners[cast.NGO])
    _corrections(users)
    search_index.reindex(*[row.id for row in Organisation.select().where(Organisation.invented == True)])  # noqa: E712


def _organisation(slug):
    return Organisation.get(Organisation.slug == slug)


def _describe(owner, service):
    known = SERVICES.get(service.slug, {})
    values = {**known, "published": True, **({"conditions": ""} if "entry" in known else {})}
    if not service.not_for_whom and not known.get("not_groups") and not known.get("never_groups"):
        values["not_for_whom"] = NOBODY_REFUSED
    records.change(owner, service, values, "form", reindex=False)


def _deputies(owner):
    people = {row.name: row for row in ContactPerson.select().where(ContactPerson.organisation == owner.organisation)}
    for name, deputy in (("Pavel Novotný", "Pavla Dubová"), ("Jana Kovářová", "Pavel Novotný")):
        records.change(owner, people[name], {"deputy": people[deputy]}, "form", reindex=False)


def _work_of_services(owner):
    work = PrisonWork.get(PrisonWork.slug == "ukazka-most-domu-lipa")
    service = Service.get(Service.slug == "ukazka-most-domu-doprovod")
    records.change(owner, work, {"service": service, "purpose": "příprava na první dny po propuštění"}, "form",
                   reindex=False)


def _corrections(users):
    """One waits for its organisation; of another its proposer is to see what became of it."""
    ngo, other = users["nela"].organisation, users["sona"].organisation
    corrections.propose(users["petra"], RecordKind.ORGANISATION, ngo.public_id, {"phone": "+420 999 000 209"},
                        "Na starém čísle to nikdo nebere, tohle mi dali v poradně.")
    decided = corrections.propose(users["kamila"], RecordKind.ORGANISATION, other.public_id, {
        "phone": "+420 999 000 229", "web": "https://nova-cista-cesta.example"}, "")
    corrections.decide(users["sona"], decided.public_id, {"phone"}, "Telefon děkujeme, web zůstává.")
