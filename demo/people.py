"""Two hundred invented clients: who they are, where they return, who works with them."""
from datetime import date, timedelta
from random import Random
from typing import NamedTuple

import clock
from crypto import ALPHABET, check_sign
from demo import cast, words
from demo.bulk import insert
from models import (
    Client,
    Membership,
    Municipality,
    Organisation,
    ReleaseKind,
)
from services import keys, search_index

CLIENTS = 200
WOMEN_EVERY = 8
STILL_INSIDE = 55
HISTORY = timedelta(days=730)
PRISON_STAYS = timedelta(days=90)  # how long after release the prison keeps working with a client
DUE_TODAY = [30, 3, 3, 90, 180, 365]  # days since release of the first clients: Karel, and who is due with him
RELEASE_KINDS = [ReleaseKind.END_OF_SENTENCE] * 5 + [ReleaseKind.PAROLE] * 2 + [ReleaseKind.PAROLE_SUPERVISION] * 3
REGIONS = ["CZ051"] * 5 + ["CZ042"] * 3 + ["CZ052"] * 2 + ["CZ020", "CZ010", "CZ080"]
HOME = "5101"  # code of the municipality where the invented town lies
TIES = ((cast.TOWN, 0.6), (cast.NGO, 0.4), (cast.OTHER_NGO, 0.15), (cast.DEBTS_NGO, 0.15))


class People(NamedTuple):
    """What the rest of the demonstration hangs on. Karel is the first of `clients`."""

    users: dict
    organisations: dict
    clients: list
    memberships: list

    @property
    def karel(self) -> Client:
        return self.clients[0]

    def colleagues(self, organisation) -> list:
        """The accounts of an organisation, its lead first."""
        found = [user for user in self.users.values() if user.organisation_id == organisation.id]
        return sorted(found, key=lambda user: not user.lead)

    def ties(self, organisation) -> list[Membership]:
        """The memberships of an organisation."""
        return [row for row in self.memberships if row.organisation_id == organisation.id]


def create(users: dict, random: Random) -> People:
    """Clients with their keys, memberships and consents. Inside `db.writing()`."""
    organisations = {row.slug: row for row in Organisation.select().where(Organisation.invented == True)}  # noqa: E712
    _answers_for_its_surroundings(organisations[cast.TOWN])
    clients = insert(_clients(users, organisations, random))
    people = People(users, organisations, clients, [])
    for number, client in enumerate(clients):
        people.memberships.extend(_memberships(people, client, number < len(DUE_TODAY), random))
    insert(people.memberships)
    return people


def _answers_for_its_surroundings(town):
    """Its curator is the one whom the list of releases offers to people who return there."""
    town.municipality = HOME
    town.save(only=[Organisation.municipality])
    search_index.reindex(town.id)


# Clients

def _clients(users, organisations, random):
    codes = _codes(random)
    towns = {code: list(Municipality.select().where(Municipality.region == code)) for code in sorted(set(REGIONS))}
    clients = [_client(number, codes[number], organisations, towns, random) for number in range(CLIENTS)]
    karel = clients[0]
    karel.user, karel.card_hash = users["karel"], keys.fingerprint("card", cast.card_number())
    return clients


def _codes(random):
    codes = {}
    while len(codes) < CLIENTS:
        body = "".join(random.choices(ALPHABET, k=5))
        codes[body + check_sign(body)] = True
    return list(codes)


def _client(number, code, organisations, towns, random):
    release = _release_day(number, random)
    prison = organisations[cast.OTHER_PRISON if number % 12 == 11 else cast.PRISON]
    region = "CZ051" if number < len(DUE_TODAY) else random.choice(REGIONS)
    client = Client(
        code=code, prison=prison, recorded_by=prison, region=region, release_kind=random.choice(RELEASE_KINDS),
        municipality=HOME if region == "CZ051" else random.choice(towns[region]),
        planned_release_on=release + timedelta(days=random.choice([0, 0, 0, 14, -7])) if number else release,
        released_on=release if release <= clock.today() else None,
        created_at=clock.now() - (clock.today() - release) - timedelta(days=random.randint(120, 200)))
    return _sealed(client, number, random)


def _release_day(number, random) -> date:
    if number < len(DUE_TODAY):
        return clock.today() - timedelta(days=DUE_TODAY[number])
    if number < len(DUE_TODAY) + STILL_INSIDE:
        return clock.today() + timedelta(days=random.randint(2, 110))
    return clock.today() - timedelta(days=random.randint(1, HISTORY.days))


def _sealed(client, number, random):
    """The client with a name, a birth date and a contact that only their own key opens."""
    first, last = (words.WOMEN, words.WOMEN_SURNAMES) if number % WOMEN_EVERY == 5 else (words.MEN, words.MEN_SURNAMES)
    name = f"{random.choice(first)} {random.choice(last)}" if number else "Karel Jasný"
    born = date(random.randint(1966, 2005), random.randint(1, 12), random.randint(1, 28))
    client.name = keys.seal(client, "name", name, client)
    client.born = keys.seal(client, "born", born.isoformat(), client)
    client.contact = keys.seal(client, "contact", f"klient{number + 1}@demo.test", client)
    return client


# Who works with them

def _memberships(people, client, due_today, random):
    """A prison for everybody; a curator, an NGO and a probation officer for some.

    Those who are due today are Kamila's: what anybody else may know of them is left to consent.
    """
    release = client.released_on or client.planned_release_on
    recorded = clock.local(client.created_at).date()
    ended = release + PRISON_STAYS
    yield _membership(people, client, client.prison, recorded, due_today, random,
                      until=ended if ended < clock.today() else None)
    for slug, chance in TIES:
        if slug == cast.TOWN if due_today else random.random() < chance:
            since = max(recorded, release - timedelta(days=random.randint(10, 100)))
            yield _membership(people, client, people.organisations[slug], since, due_today, random)
    if client.release_kind is ReleaseKind.PAROLE_SUPERVISION and not due_today:
        since = max(recorded, release - timedelta(days=30))
        yield _membership(people, client, people.organisations[cast.PROBATION], since, due_today, random)


def _membership(people, client, organisation, since, by_lead, random, until=None):
    workers = people.colleagues(organisation) or [None]
    return Membership(client=client, organisation=organisation, since_on=min(since, clock.today()), until_on=until,
                      worker=workers[0] if by_lead else random.choice(workers))
