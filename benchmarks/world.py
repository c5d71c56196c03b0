"""The database that is measured: the invented people of the demonstration, and as much beside them as a country has.

`small` and `grow` are the two ends of the growth figures: the same pages, a hundred times the organisations and
twenty times the bookings. Everything is drawn from a seed, so two runs measure the same.
"""
import shutil
import tempfile
from dataclasses import dataclass
from datetime import date, time, timedelta
from pathlib import Path
from random import Random

from peewee import chunked, fn

import clock
import config
import db
import demo
from benchmarks import copies
from demo.bulk import insert
from importers import directory_csv
from models import (
    Area,
    Booking,
    BookingSeat,
    BookingState,
    BookingVisitor,
    Client,
    Confidence,
    Consent,
    ConsentScope,
    ContactPerson,
    Cooperation,
    CooperationState,
    FactCheck,
    FactGroup,
    Form,
    Kind,
    Organisation,
    OrganisationState,
    Place,
    PrisonWork,
    Prompt,
    PromptState,
    Region,
    Role,
    Service,
    ServiceArea,
    User,
    Window,
    WindowKind,
    new_public_id,
)
from policy import consents_in_force, own_client, visible_prompts
from services import search_index, slots
from services.feedback.machine import TRANSITIONS, Event
from text import sort_key

FEW, MANY = 50, 5_000  # organisations
FEW_BOOKINGS, MANY_BOOKINGS = 250, 5_000
PRISONS = 40
PRISON, SENDER = demo.cast.OTHER_PRISON, demo.cast.OTHER_NGO  # they co-operate
WAITING = 12  # requests that the prison has not answered
RUSHING = 8  # accounts that want the same seat
SEATS, BEFORE, AFTER = 2, 300, 60
TOWNS = ("Brno", "Ostrava", "Plzeň", "Liberec", "Olomouc", "Zlín", "Jihlava", "Opava", "Kladno", "Most", "Děčín",
         "Třebíč", "Znojmo", "Přerov", "Cheb", "Tábor", "Písek", "Kolín", "Louny", "Žďár nad Sázavou")
WHAT = ("Poradna", "Azylový dům", "Spolek", "Dům na půl cesty", "Terénní program", "Centrum", "Denní stacionář",
        "Dluhová poradna", "Sociální podnik", "Krizová pomoc", "Městský úřad", "Úřad práce", "Nízkoprahové zařízení",
        "Farní charita", "Domov se zvláštním režimem", "Chráněné bydlení", "Ubytovna", "Nadační fond", "Ambulance",
        "Psychiatrická nemocnice", "Rodinné centrum", "Komunitní škola", "Potravinová banka", "Sociální rehabilitace")
WHOM = ("pro rodiny", "pro lidi po výkonu trestu", "Naděje", "Cesta domů", "U mostu", "Druhá šance", "Nový začátek",
        "svaté Anežky", "Za branou", "Společně", "Archa", "Kotva", "Maják", "Pod střechou", "Ráj", "Slunečnice",
        "Přístav", "Klíč", "Jdeme spolu", "Jinak")
AREAS = list(Area)


def small() -> None:
    """An empty, migrated database becomes the demonstration with FEW organisations and FEW_BOOKINGS bookings."""
    _map()
    if not demo._fill_invented():
        raise SystemExit("The database was not empty.")
    with db.writing():
        _rich_organisation()
        _organisations(FEW - Organisation.select().count())
        _people()
        _windows(Organisation.get(Organisation.slug == PRISON))
        _other_prisons()
        _bookings(FEW_BOOKINGS, around=True)
    search_index.rebuild()


def grow() -> None:
    """The same with MANY organisations and MANY_BOOKINGS bookings."""
    with db.writing():
        made = _organisations(MANY - Organisation.select().count())
        search_index.reindex(*[row.id for row in made])
        _bookings(MANY_BOOKINGS - FEW_BOOKINGS, around=False)
    copies.analyse()


def _map():
    """Regions and municipalities alone: the real organisations stay out, so that their number is ours."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("regions.csv", "districts.csv", "municipalities.csv"):
            shutil.copy(config.ROOT / "data" / name, folder)
        directory_csv.load(Path(folder))


# The contact book

def _organisations(count: int) -> list[Organisation]:
    random = Random(count)
    regions = [row.code for row in Region.select()]
    prison = Organisation.get(Organisation.slug == PRISON)
    made = insert([_organisation(count, number, random, regions) for number in range(count)])
    for some in chunked(made, 500):
        _what_they_do(some, prison, random)
    return made


def _organisation(count, number, random, regions) -> Organisation:
    town = random.choice(TOWNS)
    name = f"{random.choice(WHAT)} {random.choice(WHOM)} {town} {number}"
    return Organisation(slug=f"bench-{count}-{number}", kind=Kind.NGO, state=OrganisationState.VERIFIED, name=name,
                        sort=sort_key(name), city=town, street=f"Ulice {number}", region=random.choice(regions),
                        web="https://example.org", email="nekdo@example.org", phone="+420 555 000 111",
                        description="Pomáháme lidem, kteří se vracejí domů, a jejich blízkým.", invented=True)


def _what_they_do(organisations, prison, random):
    checked = {"confidence": Confidence.VERIFIED, "source": "example.org"}
    services, people, work, facts = [], [], [], []
    for row in organisations:
        day = clock.today() - timedelta(days=random.randrange(400))
        facts.append(FactCheck(organisation=row, group=FactGroup.BASICS, confirmed_on=day, **checked))
        services += [_service(row, number, day, checked) for number in range(2)]
        people.append(_person(row, day, checked))
        if random.random() < 0.02:  # a hundred organisations work in this prison
            work.append(_work(row, prison, 0, day, checked))
    insert(services)
    insert([ServiceArea(service=row, area=area) for row in services for area in random.sample(AREAS, 2)])
    for rows in (people, work, facts):
        insert(rows)


def _service(row, number, day, checked):
    name = f"{WHAT[(row.id + number) % len(WHAT)]} {TOWNS[row.id % len(TOWNS)]}"
    return Service(organisation=row, slug=f"{row.slug}-{number}", name=name, sort=sort_key(name), form=Form.OUTPATIENT,
                   for_whom="dospělí po výkonu trestu", conditions="po telefonické domluvě", confirmed_on=day,
                   places_free=number, places_on=day, **checked)


def _person(row, day, checked, number=0):
    name = f"Jana Vzorná {row.id}-{number}"
    return ContactPerson(organisation=row, name=name, post="sociální pracovnice",
                         topics=";".join(Random(row.id).sample(AREAS, 2)),
                         phone="+420 555 000 222", email="jana@example.org", sort=sort_key(name), confirmed_on=day,
                         **checked)


def _work(row, prison, number, day, checked):
    return PrisonWork(organisation=row, slug=f"{row.slug}-work-{number}", prison=prison, activity="dluhové poradenství",
                      areas="debts", days="každé druhé úterý", since="2024", confirmed_on=day, **checked)


def _rich_organisation():
    """One of which the book knows as much as of the best known ones."""
    checked = {"confidence": Confidence.VERIFIED, "source": "example.org"}
    row = Organisation.create(slug="bench-rich", kind=Kind.NGO, state=OrganisationState.VERIFIED, invented=True,
                              name="Bohatá poradna", sort=sort_key("Bohatá poradna"), city="Brno", region="CZ064",
                              web="https://example.org", description="Pomáháme **všem**, kdo se vracejí domů.")
    day = clock.today() - timedelta(days=20)
    insert([FactCheck(organisation=row, group=group, confirmed_on=day, **checked) for group in
            (FactGroup.BASICS, FactGroup.ADDRESS, FactGroup.CONTACT, FactGroup.REGISTRATION)])
    services = insert([_service(row, number, day, checked) for number in range(4)])
    insert([ServiceArea(service=service, area=area) for service in services for area in AREAS[:3]])
    insert([_person(row, day, checked, number) for number in range(3)])
    prisons = list(Organisation.select().where(Organisation.kind == Kind.PRISON))
    insert([_work(row, prison, number, day, checked) for number, prison in enumerate(prisons)])


# People and visits

def _people():
    """A partner, whom the demonstration lacks, and accounts that will all want the same seat."""
    partner = Organisation.create(slug="bench-partner", kind=Kind.LABOUR_OFFICE, state=OrganisationState.VERIFIED,
                                  name="Úřad", sort=sort_key("Úřad"), invented=True)
    User.create(email="partner@bench.test", name="Parta Práce", role=Role.PARTNER, organisation=partner)
    sender = Organisation.get(Organisation.slug == SENDER)
    Cooperation.update(most_visits_a_month=None).where(Cooperation.organisation == sender).execute()
    for number in range(RUSHING):
        User.create(email=f"rush{number}@bench.test", name=f"Rychlá {number}", role=Role.NGO, organisation=sender)


def _windows(prison):
    """Forty: in four rooms, on each working day, one in the morning and one in the afternoon."""
    rooms = [Place.create(prison=prison, name=f"Místnost {number + 1}", capacity=8) for number in range(4)]
    insert([Window(place=room, kind=WindowKind.INDIVIDUAL, weekday=weekday, starts=time(8 if early else 13),
                   ends=time(11 if early else 16), slot_minutes=60, seats=SEATS, notice_days=2,
                   valid_from=clock.today() - timedelta(days=BEFORE + 30))
            for room in rooms for weekday in range(5) for early in (True, False)])


def _other_prisons():
    """As many as the country has, of as many windows each; the organisation that asks co-operates with all."""
    sender = Organisation.get(Organisation.slug == SENDER)
    for number in range(PRISONS - Organisation.select().where(Organisation.kind == Kind.PRISON).count()):
        prison = Organisation.create(slug=f"bench-prison-{number}", kind=Kind.PRISON, invented=True,
                                     state=OrganisationState.VERIFIED, name=f"Věznice {number}",
                                     sort=sort_key(f"Věznice {number}"))
        _windows(prison)
        Cooperation.create(organisation=sender, prison=prison, state=CooperationState.ACTIVE)


def _bookings(count: int, around: bool) -> None:
    """`count` bookings spread evenly: over the two weeks around today, or over the rest of a year."""
    today, prison = clock.today(), Organisation.get(Organisation.slug == PRISON)
    monday = today - timedelta(days=today.weekday())
    near = (monday, monday + timedelta(days=16))
    span = near if around else (today - timedelta(days=BEFORE), today + timedelta(days=AFTER))
    free = [slot for slot in slots.slots_between([prison], *span) if around or not near[0] <= _day(slot) <= near[1]]
    chosen = Random(count).sample(free, min(count, len(free)))
    sender, user = Organisation.get(Organisation.slug == SENDER), User.get(User.email == "sona@demo.test")
    rows = insert([_booking(slot, prison, sender, user, number) for number, slot in enumerate(chosen)])
    insert([BookingSeat(window=slot.window, starts_at=slot.starts_at, seat=slot.window.seats - slot.free, booking=row)
            for slot, row in zip(chosen, rows, strict=True)])
    insert([BookingVisitor(booking=row, user=user, name=user.name) for row in rows])


def _day(slot) -> date:
    return clock.local(slot.starts_at).date()


def _booking(slot, prison, sender, user, number) -> Booking:
    past = slot.starts_at <= clock.now()
    state = BookingState.HELD if past else BookingState.CONFIRMED
    if not past and slots.keeps_notice(slot) and number % (FEW_BOOKINGS // WAITING) == 0 and number < FEW_BOOKINGS:
        state = BookingState.REQUESTED
    digits = f"{prison.id:02d}{slot.window.id:03d}{slot.starts_at:%y%j%H}{slot.free}"
    return Booking(public_id=new_public_id(), number=digits, request_key=new_public_id(), prison=prison,
                   organisation=sender, requested_by=user, window=slot.window, place=slot.window.place,
                   kind=slot.window.kind, starts_at=slot.starts_at, ends_at=slot.ends_at, state=state,
                   answer_by=_day(slot), created_at=clock.now() - timedelta(days=30), changed_at=clock.now())


# Who reads what

@dataclass
class Known:
    """Public ids that the measured addresses need. `one_left` and `all_left` are keys of times by seats left."""

    organisation: str
    prison: str
    client: str  # of a file that only a consent opens
    visited: str  # a client of those who ask for visits
    prompts: list[str]  # follow-ups that take entries
    one_left: list[str]
    all_left: list[str]


def known() -> Known:
    prison = Organisation.get(Organisation.slug == PRISON)
    free = slots.free_slots(prison, clock.today(), clock.today() + timedelta(days=AFTER - 5))
    visited = Client.get(own_client(account("sona"), Client.id), Client.released_on.is_null())
    takes_entry = {each.old for each in TRANSITIONS if each.event is Event.RECORD and each.new is PromptState.RECORDED}
    prompts = visible_prompts(account("kamila")).where(Prompt.state.in_(takes_entry), Prompt.due_on <= clock.today())
    return Known(
        organisation=Organisation.get(Organisation.slug == "bench-rich").public_id, prison=prison.public_id,
        client=_client_by_consent(account("petra")).public_id,
        visited=visited.public_id, prompts=[row.public_id for row in prompts],
        one_left=[slot.key for slot in free if slot.free == 1],
        all_left=[slot.key for slot in free if slot.free == SEATS])


def _client_by_consent(reader) -> Client:
    """The client of the consent that opens the most to somebody without a tie of their own."""
    return (Client.select().join(Consent).join(ConsentScope).where(
        Consent.id.in_(consents_in_force(reader).select(Consent.id)), ~own_client(reader, Client.id))
        .group_by(Client.id).order_by(fn.COUNT(ConsentScope.id).desc(), Client.id).first())


def account(name: str) -> User:
    """An account by the part of its e-mail before the @; `karel` is the client's."""
    return User.get(User.email.startswith(f"{name}@"))
