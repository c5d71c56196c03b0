"""Programmes: one of the past as its papers tell it, and invented ones that run, lead to each other and end."""
from datetime import date, time, timedelta

import clock
from demo import cast
from demo.ties import clients_of
from models import (
    Endorsement,
    Organisation,
    Participant,
    ParticipantState,
    Programme,
    ProgrammeEvent,
    ProgrammeKind,
    ProgrammePartner,
    ProgrammeSession,
    ProgrammeSite,
    ProgrammeState,
    ProgrammeTarget,
    Service,
)
from services.programmes import freeze_due

IN_PRISON, OUTSIDE = "Ve věznicích", "Po propuštění"
# name, people, the whole it is a part of. The papers give the sums; the regions follow from 80 people a prison.
PAST_TARGETS = [("Klienti celkem", 600, None), (IN_PRISON, 480, "Klienti celkem"), (OUTSIDE, 120, "Klienti celkem"),
                ("Liberecký kraj", 160, IN_PRISON), ("Středočeský kraj", 80, IN_PRISON),
                ("Pardubický kraj", 80, IN_PRISON), ("Královéhradecký kraj", 160, IN_PRISON),
                ("První město", 60, OUTSIDE), ("Druhé město", 60, OUTSIDE)]
PAST_PRISONS = {"prison-pardubice": "Pardubický kraj", "prison-odolov": "Královéhradecký kraj",
                "prison-valdice": "Královéhradecký kraj", "prison-rynovice": "Liberecký kraj",
                "prison-straz-pod-ralskem": "Liberecký kraj", "prison-jirice": "Středočeský kraj"}
NORWAY = "norští partneři"
ADVICE = "ukazka-most-domu-poradna"


def create(users, everybody) -> None:
    """Inside `db.writing()`."""
    organisations = {row.slug: row for row in Organisation.select()}
    if "laxus" in organisations:
        _past(organisations)
    _motivation(organisations, users, everybody)
    _ending(organisations, users, everybody)
    freeze_due()


def _programme(owner, code, name, kind, starts, ends, state=ProgrammeState.RUNNING, **columns) -> Programme:
    row = Programme.create(kept_by=owner, code=code, name=name, kind=kind, starts_on=starts, ends_on=ends, state=state,
                           created_at=clock.at(starts, time(9)), **columns)
    ProgrammeEvent.create(programme=row, at=row.created_at, event="write", new_state=ProgrammeState.PREPARING)
    return row


def _past(organisations):
    """As the project's papers of 2013 tell it; nobody's numbers of people are known, so none are shown."""
    last = date(2015, 6, 30)
    row = _programme(organisations["laxus"], "ZJ", "Zpátky, jinak", ProgrammeKind.COUNSELLING, date(2013, 1, 1), last,
                     ProgrammeState.ENDED, ended_on=last, ended_before=True, areas="drug_services", groups="addiction",
                     about="Poradenství v šesti věznicích a následná péče ve dvou městech. Zapsáno podle materiálů "
                           "projektu z roku 2013; skutečné počty lidí v nich nejsou.",
                     activities="skupinová setkání\nindividuální poradenství\nnásledná péče po propuštění")
    targets = {}
    for position, (name, people, whole) in enumerate(PAST_TARGETS, 1):
        targets[name] = ProgrammeTarget.create(programme=row, parent=targets.get(whole), position=position, name=name,
                                               people=people)
    for slug, region in PAST_PRISONS.items():
        if slug in organisations:
            ProgrammeSite.create(programme=row, prison=organisations[slug], target=targets[region])


def _motivation(organisations, users, everybody):
    """Three programmes of the invented prison: the first leads to the two specialised ones."""
    home, other = organisations[cast.PRISON], organisations[cast.OTHER_PRISON]
    today = clock.today()
    drugs, fathers = (
        _programme(home, code, name, ProgrammeKind.INTERVENTION, today - timedelta(days=300),
                   today + timedelta(days=800), groups=groups, areas=areas, places=12, about=about)
        for code, name, groups, areas, about in (
            ("DROGY", "Program pro uživatele drog", "men;addiction", "drug_services",
             "Skupina o spouštěčích a návratu k užívání, dvanáct setkání."),
            ("OTCOVE", "Program pro otce", "men;families", "family_counselling",
             "Jak zůstat tátou ve vězení i po něm, osm setkání.")))
    first = _programme(home, "MOTIVACE", "Motivační program", ProgrammeKind.MOTIVATION, today - timedelta(days=400),
                       today + timedelta(days=900), groups="men", places=8, leads_to=drugs,
                       about="Rozhovory o tom, co chci změnit. Kdo dokončí, dostane nabídku specializovaného programu.")
    for row in (first, drugs, fathers):
        ProgrammePartner.create(programme=row, name=NORWAY, part="metodika a školení lektorů")
        for prison in (home, other):
            ProgrammeSite.create(programme=row, prison=prison, pilot=True)
    whole = ProgrammeTarget.create(programme=first, position=1, name="Lidé celkem", people=40)
    ProgrammeSite.update(target=whole).where(ProgrammeSite.programme == first).execute()
    _people(first, clients_of(everybody, users["pavel"]), 9)
    _sessions(first, 6)
    Endorsement.create(programme=first, organisation=organisations[cast.TOWN], author=users["kamila"],
                       text="Lidé po motivačním programu chodí na první schůzku připravení. Vědí, co chtějí řešit.")


def _ending(organisations, users, everybody):
    """A programme of Nela's that ends in eleven weeks, and what could take it over."""
    today, home = clock.today(), organisations[cast.NGO]
    row = _programme(home, "MOST-1", "Most domů: poradna ve věznici", ProgrammeKind.COUNSELLING,
                     today - timedelta(days=650), today + timedelta(days=77), ProgrammeState.ENDING, warned_months=3,
                     funder="ukázkový fond", registration_number="UK/1/2025", areas="debts;accommodation",
                     groups="men;debts", places=10, service=Service.get_or_none(Service.slug == ADVICE),
                     about="Dluhy, bydlení a první dny po propuštění, jednou za čtrnáct dní.",
                     activities="skupina o dluzích\nindividuální poradna\ndoprovod první den")
    ProgrammeSite.create(programme=row, prison=organisations[cast.PRISON])
    ProgrammeTarget.create(programme=row, position=1, name="Lidé celkem", people=60)
    _people(row, clients_of(everybody, users["nela"]), 5)
    _sessions(row, 8)
    following = Service.get_or_none(Service.slug == "ukazka-cista-cesta-poradna")
    _programme(organisations[cast.OTHER_NGO], "CESTA-2", "Čistá cesta: poradna pro věznice", ProgrammeKind.COUNSELLING,
               today - timedelta(days=40), today + timedelta(days=700), funder="ukázkový kraj", areas="debts",
               groups="men;debts;addiction", places=14, service=following,
               about="Navazuje na poradny, kterým končí peníze.")


def _people(row, clients, most):
    """The first of the clients take part, one finished, one waits."""
    site = ProgrammeSite.get(ProgrammeSite.programme == row)
    states = [ParticipantState.FINISHED, *[ParticipantState.TAKES_PART] * (most - 2), ParticipantState.WAITING]
    for number, (client, state) in enumerate(zip(clients, states, strict=False)):
        started = clock.today() - timedelta(days=120 - 9 * number)
        over = state is ParticipantState.FINISHED
        waits = state is ParticipantState.WAITING
        Participant.create(programme=row, site=site, client=client, now_in=None if over else client, state=state,
                           asked_at=clock.at(started, time(9)), started_on=None if waits else started,
                           ended_on=clock.today() - timedelta(days=20) if over else None)


def _sessions(row, count):
    for number in range(count):
        day = clock.today() - timedelta(days=14 * number + 5)
        group = number % 3 != 2
        ProgrammeSession.create(programme=row, group=group, starts_at=clock.at(day, time(13, 30)),
                                minutes=90 if group else 50, topic="Co chci změnit" if group else "",
                                people=(6 + number % 3) if group else 1, recorded_at=clock.at(day, time(15)))
