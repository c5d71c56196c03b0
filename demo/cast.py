"""The people of the demonstration: who they are, where they work, and how one signs in as them."""
import secrets
from pathlib import Path
from typing import NamedTuple

import config as settings
from crypto import new_card_number
from demo import words
from models import Organisation, Role, User
from services import accounts

PRISON, OTHER_PRISON, PAPER_PRISON = "ukazkova-veznice-lipa", "ukazkova-veznice-jasan", "ukazkova-veznice-buk"
TOWN, PROBATION = "ukazkove-mesto-lipa", "ukazkove-stredisko-probace"
NGO, OTHER_NGO = "ukazkovy-spolek-most-domu", "ukazkovy-spolek-cista-cesta"
DEBTS_NGO, WORK_NGO = "ukazkovy-spolek-bez-dluhu", "ukazkovy-spolek-druhy-krok"
NETWORK, REGION_OFFICE = "sit-navaznost-ukazka", "ukazkovy-krajsky-urad"


class Member(NamedTuple):
    """One of the cast. `shows` says in Czech and in English what the account is good for."""

    key: str
    name: str
    post: str
    role: Role
    lead: bool
    organisation: str | None
    shows: tuple[str, str]

    @property
    def email(self):
        return f"{self.key}@demo.test"


CAST = [
    Member("pavel", "Pavel Novotný", "sociální pracovník", Role.PRISON, True, PRISON,
           ("věznice: schvaluje návštěvy, vidí zaokrouhlené přehledy", "prison: decides on visits, rounded figures")),
    Member("pavla", "Pavla Dubová", "speciální pedagožka", Role.PRISON, False, PRISON,
           ("věznice, kolegyně: jen klienti, které má přidělené", "prison, colleague: only clients assigned to her")),
    Member("petra", "Petra Horáčková", "probační úřednice", Role.PROBATION, True, PROBATION,
           ("probace: vidí jen to, k čemu klient dal souhlas", "probation: sees what the client agreed to")),
    Member("kamila", "Kamila Svobodová", "sociální kurátorka", Role.CURATOR, True, TOWN,
           ("kurátorka: zpětná vazba po propuštění", "curator: follow-up after release")),
    Member("karolina", "Karolína Bílá", "sociální kurátorka", Role.CURATOR, False, TOWN,
           ("kurátorka, kolegyně: jen klienti, které má přidělené", "curator, colleague: only her own clients")),
    Member("nela", "Nela Marková", "vedoucí programu", Role.NGO, True, NGO,
           ("spolek: adresář, žádosti o návštěvu", "NGO: contact book, asks for visits")),
    Member("nikol", "Nikol Tichá", "pracovnice v přímé péči", Role.NGO, False, NGO,
           ("spolek, kolegyně: jen klienti, které má přidělené", "NGO, colleague: only her own clients")),
    Member("sona", "Soňa Krátká", "terapeutka", Role.NGO, True, OTHER_NGO,
           ("jiný spolek: o klientech ostatních se nedozví nic", "another NGO: learns nothing of others' clients")),
    Member("prokop", "Prokop Suk", "sociální pracovník", Role.PRISON, True, OTHER_PRISON,
           ("jiná věznice", "another prison")),
    Member("marek", "Marek Horský", "vedoucí odboru sociálních věcí", Role.PARTNER, True, REGION_OFFICE,
           ("krajský úřad: pracovní skupina a zápisy, adresář", "region: working group, minutes, contact book")),
    Member("karel", "", "", Role.CLIENT, False, None,
           ("klient: schůzky, souhlasy, kdo co četl", "client: meetings, consents, who read what")),
    Member("kora", "Kora Vlčková", "koordinátorka sítě", Role.COORDINATOR, True, NETWORK,
           ("koordinátorka: ověřuje organizace, klienty nevidí", "coordinator: verifies organisations, no clients")),
    Member("adam", "Adam Skála", "správce", Role.ADMIN, True, NETWORK,
           ("správce: zve uživatele, klienty nevidí", "admin: invites users, no clients")),
]


def create() -> dict[str, User]:
    """Makes the accounts, all with the password of the demonstration; returns them by key. Inside `db.writing()`."""
    hashed = accounts.hash_password(password())
    organisations = {row.slug: row for row in Organisation.select().where(Organisation.invented == True)}  # noqa: E712
    users = {member.key: User.create(
        email=member.email, name=member.name, post=member.post, role=member.role, lead=member.lead,
        organisation=organisations.get(member.organisation), password_hash=hashed) for member in CAST}
    for user in users.values():
        if user.role is not Role.CLIENT:
            accounts.accept_rules(user)
    return users


def is_there() -> bool:
    return User.select().where(User.email == CAST[0].email).exists()


def password() -> str:
    """Four random words, made once in the data directory."""
    return settings.kept_secret(_data() / "demo-password",
                                lambda: "-".join(secrets.choice(words.for_passwords()) for _word in range(4)))


def card_number() -> str:
    """The number on Karel's card, sixteen signs, made once in the data directory."""
    return settings.kept_secret(_data() / "demo-card", new_card_number)


def _data() -> Path:
    from flask import current_app
    return current_app.config["NAVAZNOST"].data
