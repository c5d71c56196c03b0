"""The cast, the same everywhere: who is who, in which organisation, and two clients. Everything is invented.

`build()` fills an empty schema; `Cast` finds people and things again by name, fresh from the database each time:
`cast.nela`, `cast.ngo`, `cast.karel` (a client), `cast.karel_user` (the client's account), `cast.place`.
"""
from datetime import UTC, date, datetime, time, timedelta

import clock
import crypto
import db
from models import (
    Client,
    Confidence,
    ContactPerson,
    Cooperation,
    CooperationState,
    FactCheck,
    FactGroup,
    Kind,
    Membership,
    Municipality,
    Organisation,
    OrganisationState,
    Place,
    PrisonProfile,
    Prompt,
    PromptState,
    Region,
    ReleaseKind,
    Role,
    RulesAccepted,
    User,
    Window,
)
from services import accounts, keys
from text import fold, sort_key

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)  # a Monday, ten in the morning in Prague
TODAY = date(2026, 11, 23)
PASSWORD = "kolo jede do kopce"
PIN = "480215"
CARD = "K4REL7777K4REL22"  # Karel's card number
OTHER_CARD = "CYR22777CYR22777"

# name in the tests: (kind, name)
ORGANISATIONS = {
    "prison": (Kind.PRISON, "Ukázková věznice Horní Lhota"),
    "ngo": (Kind.NGO, "Ukázkový spolek Návrat"),
    "municipality": (Kind.MUNICIPALITY, "Město Ukázkov"),
    "probation": (Kind.PROBATION, "Ukázkové středisko probace Ukázkov"),
    "other_prison": (Kind.PRISON, "Ukázková věznice Dolní Lhota"),
    "other_ngo": (Kind.NGO, "Ukázkový spolek Čtvrtá šance"),
    "other_municipality": (Kind.MUNICIPALITY, "Město Jinakov"),
    "other_probation": (Kind.PROBATION, "Ukázkové středisko probace Jinakov"),
    "labour_office": (Kind.LABOUR_OFFICE, "Ukázkový úřad práce"),
    "network": (Kind.NETWORK, "Ukázková síť"),
}
# name in the tests: (role, lead, organisation, name)
PEOPLE = {
    "pavel": (Role.PRISON, True, "prison", "Pavel Přímý"),
    "patrik": (Role.PRISON, False, "prison", "Patrik Pomalý"),
    "petra": (Role.PROBATION, False, "probation", "Petra Pevná"),
    "kamila": (Role.CURATOR, True, "municipality", "Kamila Klidná"),
    "klara": (Role.CURATOR, False, "municipality", "Klára Krátká"),
    "nela": (Role.NGO, True, "ngo", "Nela Nová"),
    "nora": (Role.NGO, False, "ngo", "Nora Náhlá"),
    "kora": (Role.COORDINATOR, False, "network", "Kora Kořenná"),
    "adam": (Role.ADMIN, False, "network", "Adam Aktivní"),
    "parta": (Role.PARTNER, False, "labour_office", "Parta Práce"),
    "strange_prison": (Role.PRISON, True, "other_prison", "Cyril Cizí"),
    "strange_ngo": (Role.NGO, True, "other_ngo", "Cecílie Cizí"),
    "strange_curator": (Role.CURATOR, True, "other_municipality", "Čeněk Cizí"),
    "strange_probation": (Role.PROBATION, True, "other_probation", "Ctirad Cizí"),
}
PRINCIPALS = {
    "anonymous": None, "prison_lead": "pavel", "prison_member": "patrik", "probation": "petra",
    "curator_lead": "kamila", "curator_member": "klara", "ngo_lead": "nela", "ngo_member": "nora",
    "client": "karel", "partner": "parta", "coordinator": "kora", "admin": "adam",
}


def email(name: str) -> str:
    return f"{name}@example.org"


def build() -> None:
    """The cast in an empty schema; time is at NOW and the application is bound."""
    with db.writing():
        _geography()
        organisations = {name: _organisation(name, *line) for name, line in ORGANISATIONS.items()}
        hashed = accounts.hash_password(PASSWORD)
        people = {name: _person(name, hashed, organisations, *line) for name, line in PEOPLE.items()}
        _prison(organisations)
        _karel(organisations, people)
        _cyril(organisations, people)


def _geography():
    Region.create(code="CZ020", name="Středočeský kraj", name_en="Central Bohemia", seat="Praha")
    for code, name in (("2101", "Ukázkov"), ("2102", "Jinakov")):
        Municipality.create(code=code, name=name, fold=fold(name), district=name, region="CZ020")


def _organisation(slug, kind, name):
    town = {"municipality": "2101", "other_municipality": "2102"}.get(slug)
    row = Organisation.create(slug=slug.replace("_", "-"), kind=kind, state=OrganisationState.VERIFIED, name=name,
                              sort=sort_key(name), invented=True, region="CZ020", municipality=town,
                              email=f"{slug}@example.org", verified_at=NOW, created_at=NOW)
    FactCheck.create(organisation=row, group=FactGroup.BASICS, confidence=Confidence.VERIFIED, source="example.org",
                     confirmed_on=TODAY)
    return row


def _person(name, hashed, organisations, role, lead, organisation, full_name):
    user = User.create(email=email(name), name=full_name, role=role, lead=lead, password_hash=hashed,
                       organisation=organisations[organisation], created_at=NOW)
    RulesAccepted.create(user=user, version=accounts.RULES_VERSION, at=NOW)
    return user


def _prison(organisations):
    prison = organisations["prison"]
    PrisonProfile.create(organisation=prison, type="prison", level_low=True, level_medium=True, men=True)
    ContactPerson.create(organisation=prison, name="Dita Dluhová", topics="debts", days="út, čt", sort=sort_key("Dita"),
                         confidence=Confidence.VERIFIED, confirmed_on=TODAY)
    place = Place.create(prison=prison, name="Návštěvní místnost", capacity=12)
    since = TODAY - timedelta(days=90)
    for weekday in range(5):
        Window.create(place=place, weekday=weekday, starts=time(9), ends=time(11), slot_minutes=30, seats=2,
                      valid_from=since)
    Window.create(place=place, weekday=3, starts=time(13), ends=time(14), slot_minutes=60, seats=1, valid_from=since)
    Cooperation.create(organisation=organisations["ngo"], prison=prison, state=CooperationState.ACTIVE,
                       since_on=since)
    other = Place.create(prison=organisations["other_prison"], name="Místnost u brány", capacity=6)
    Window.create(place=other, weekday=2, starts=time(9), ends=time(10), slot_minutes=30, seats=1, valid_from=since)


def _karel(organisations, people):
    """Released thirty days ago; Kamila's municipality and the prison work with him; a follow-up is due."""
    karel = _client("KARE2", CARD, "Karel Křehký", "1988-04-02", "karel.krehky@example.org",
                    organisations["municipality"], prison=organisations["prison"], municipality="2101")
    for name, worker in (("municipality", "kamila"), ("prison", "pavel")):
        Membership.create(client=karel, organisation=organisations[name], worker=people[worker],
                          since_on=TODAY - timedelta(days=120))
    Prompt.create(client=karel, organisation=organisations["municipality"], worker=people["kamila"], milestone=30,
                  due_on=TODAY, state=PromptState.OPEN)


def _cyril(organisations, people):
    """The strangers' client."""
    cyril = _client("CYR22", OTHER_CARD, "Cyril Cestovatel", "1975-12-24", "cyril.cestovatel@example.org",
                    organisations["other_municipality"], prison=organisations["other_prison"], municipality="2102")
    for name, worker in (("other_municipality", "strange_curator"), ("other_prison", "strange_prison")):
        Membership.create(client=cyril, organisation=organisations[name], worker=people[worker],
                          since_on=TODAY - timedelta(days=120))
    Prompt.create(client=cyril, organisation=organisations["other_municipality"], worker=people["strange_curator"],
                  milestone=30, due_on=TODAY, state=PromptState.OPEN)


def _client(body, card, name, born, contact, recorded_by, **columns):
    user = User.create(role=Role.CLIENT, password_hash=accounts.hash_password(PIN), created_at=NOW)
    row = Client(code=body + crypto.check_sign(body), card_hash=keys.fingerprint("card", card), user=user,
                 released_on=TODAY - timedelta(days=30), release_kind=ReleaseKind.END_OF_SENTENCE, region="CZ020",
                 recorded_by=recorded_by, created_at=NOW - timedelta(days=120), **columns)
    for column, text in (("name", name), ("born", born), ("contact", contact)):
        setattr(row, column, keys.seal(row, column, text, row))
    row.save(force_insert=True)
    return row


class Cast:
    """People and things of the cast by name, each time as the database has them now."""

    today, now, password, pin, card = TODAY, NOW, PASSWORD, PIN, CARD

    def __getattr__(self, name):
        if name in PEOPLE:
            return User.get(User.email == email(name))
        if name in ORGANISATIONS:
            return Organisation.get(Organisation.slug == name.replace("_", "-"))
        raise AttributeError(f"nobody in the cast is called {name}")

    @property
    def karel(self) -> Client:
        return Client.get(Client.code.startswith("KARE2"))

    @property
    def cyril(self) -> Client:
        """A client of strangers, whom nobody else of the cast may see."""
        return Client.get(Client.code.startswith("CYR22"))

    @property
    def karel_user(self) -> User:
        return self.karel.user

    @property
    def cyril_user(self) -> User:
        return self.cyril.user

    @property
    def place(self) -> Place:
        return Place.get(Place.prison == self.prison)

    @property
    def windows(self) -> list[Window]:
        return list(Window.select().where(Window.place == self.place).order_by(Window.id))

    @property
    def prompt(self) -> Prompt:
        return Prompt.get(Prompt.client == self.karel)

    @property
    def strange_prompt(self) -> Prompt:
        return Prompt.get(Prompt.client == self.cyril)

    def user(self, name: str) -> User:
        """The account behind a name, a client's too."""
        return {"karel": lambda: self.karel_user, "cyril": lambda: self.cyril_user}.get(
            name, lambda: getattr(self, name))()

    @staticmethod
    def next_weekday(weekday: int, weeks: int = 1) -> date:
        """A coming day; Monday is 0."""
        today = clock.today()
        return today + timedelta(days=(weekday - today.weekday()) % 7 + 7 * weeks)
