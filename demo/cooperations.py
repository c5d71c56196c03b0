"""How the invented organisations and prisons came to co-operate, what the prisons say, and Nela's own layer."""
from datetime import date, time, timedelta

import clock
from demo import cast
from models import (
    ChecklistStep,
    Confidence,
    Cooperation,
    CooperationEvent,
    CooperationReason,
    CooperationState,
    CooperationStep,
    FactCheck,
    FactGroup,
    MailTemplate,
    Organisation,
    Party,
    PrisonProfile,
    Wanted,
)
from services import mylayer, prisons

PRISON, ORGANISATION = Party.PRISON, Party.ORGANISATION
# prison: [step, document, who signs, whose turn, days]
CHECKLISTS = {
    cast.PRISON: [
        ("Písemná nabídka", "jedna strana: s čím, pro koho, jak často", "statutární zástupce", ORGANISATION, 14),
        ("Doklady organizace", "stanovy a výpis z rejstříku", "statutární zástupce", ORGANISATION, 14),
        ("Vyjádření speciálního pedagoga", "", "vedoucí oddělení výkonu trestu", PRISON, 14),
        ("Bezpečnostní prověrka pracovníků", "formulář za každého pracovníka", "vedoucí oddělení prevence", PRISON, 21),
        ("Dohoda o spolupráci", "vzor dohody věznice", "ředitel věznice a statutární zástupce", PRISON, 21),
        ("Poučení o režimu", "podpis každého pracovníka", "vychovatel", ORGANISATION, 14),
        ("Vstupní průkazy", "fotografie a číslo občanského průkazu", "vedoucí vězeňské stráže", PRISON, 10),
        ("První termín", "domluvit v kalendáři návštěv", "sociální pracovník", ORGANISATION, 30),
    ],
    cast.OTHER_PRISON: [
        ("Nabídka e-mailem", "", "vedoucí programu", ORGANISATION, 7),
        ("Schůzka ve věznici", "zápis", "sociální pracovník", PRISON, 14),
        ("Bezpečnostní prověrka", "seznam pracovníků", "vedoucí oddělení prevence", PRISON, 21),
        ("Dohoda", "vzor dohody", "ředitel věznice", PRISON, 14),
        ("Poučení o režimu", "prezenční listina", "vychovatel", ORGANISATION, 14),
    ],
}
# organisation, prison, state, days since it started, days until it was active, steps done
COOPERATIONS = [
    (cast.NGO, cast.PRISON, CooperationState.ACTIVE, 760, 41, 8),
    (cast.OTHER_NGO, cast.PRISON, CooperationState.ACTIVE, 800, 63, 8),
    (cast.WORK_NGO, cast.PRISON, CooperationState.ENDED, 940, 38, 8),
    (cast.OTHER_NGO, cast.OTHER_PRISON, CooperationState.ACTIVE, 530, 27, 5),
    (cast.WORK_NGO, cast.OTHER_PRISON, CooperationState.ACTIVE, 330, 34, 5),
    (cast.DEBTS_NGO, cast.PRISON, CooperationState.NEGOTIATING, 52, None, 3),
    (cast.NGO, cast.OTHER_PRISON, CooperationState.INTEREST, 6, None, 0),
    (cast.DEBTS_NGO, cast.OTHER_PRISON, CooperationState.WAITING, 3, None, 0),
]
OFFERS = {
    cast.NGO: "Bydlení po propuštění a doprovod v první den.", cast.OTHER_NGO: "Rozhovory a skupina o závislosti.",
    cast.WORK_NGO: "Nácvik pracovních pohovorů.", cast.DEBTS_NGO: "Dluhové poradenství, soupis exekucí, měsíčně.",
}
PROFILES = {
    cast.PRISON: {
        FactGroup.ENTRY: "Občanský průkaz nebo pas, potvrzená návštěva z kalendáře. Přijďte 20 minut předem k hlavní "
                         "bráně, projdete rentgenem jako na letišti.",
        FactGroup.FORBIDDEN: "Telefon, chytré hodinky, léky bez dohody, ostré předměty, peníze nad 500 Kč. "
                             "Skříňky na věci jsou u vchodu.",
        FactGroup.ROOMS: "Návštěvní místnost 1: stůl, 8 míst, notebook po dohodě. Poradna před branou: 4 místa, "
                         "bezbariérová.",
        FactGroup.REGIME: "Snídaně 6:30, zaměstnání 7:00–15:00, oběd 11:30, vycházky 15:30, večerní program do 19:00.",
        FactGroup.REACH: "Autobus do zastávky Ukázková Lípa, věznice, dál 300 metrů pěšky. Parkoviště u brány.",
    },
    cast.OTHER_PRISON: {
        FactGroup.ENTRY: "Občanský průkaz a jméno na vstupním seznamu. Vchod z boční ulice.",
        FactGroup.FORBIDDEN: "Telefon a jakákoli elektronika.",
        FactGroup.REACH: "Vlak do stanice Ukázkový Jasan, deset minut pěšky.",
    },
}
# prison, areas, for whom, places, days from today, note
WANTED = [
    (cast.PRISON, "accommodation;debts", "men", 12, 60, "Před Vánocemi odejde víc lidí než obvykle."),
    (cast.PRISON, "education", "", None, None, "Kdokoli, kdo naučí zacházet s datovou schránkou a s úřady."),
    (cast.OTHER_PRISON, "mentoring", "men;youth", 5, 120, ""),
]
TEMPLATE = """Dobrý den, {{contact}},

jmenuji se {{sender}} a pracuji v organizaci {{organisation}}. Rádi bychom ve vašem zařízení ({{prison}}) začali \
s rozhovory o bydlení po propuštění, dvakrát za měsíc.

Můžeme se domluvit na první schůzce? Odpovězte prosím na tento e-mail.

{{sender}}, {{post}}"""


def create(users: dict) -> None:
    """Inside `db.writing()`."""
    organisations = {row.slug: row for row in Organisation.select().where(Organisation.invented == True)}  # noqa: E712
    for slug, steps in CHECKLISTS.items():
        _checklist(organisations[slug], steps)
        _profile(organisations[slug], PROFILES[slug])
    for ngo, prison, *line in COOPERATIONS:
        _Story(organisations[ngo], organisations[prison], users, OFFERS[ngo]).tell(*line)
    for slug, areas, groups, places, days, note in WANTED:
        Wanted.create(prison=organisations[slug], areas=areas, groups=groups, places=places, note=note,
                      until_on=clock.today() + timedelta(days=days) if days else None)
    PrisonProfile.update(no_new_partners_until=clock.today() + timedelta(days=40)).where(
        PrisonProfile.organisation == organisations[cast.OTHER_PRISON].id).execute()
    _layer_of(users["nela"], organisations)


def _checklist(prison, steps):
    for position, (name, document, signatory, turn, days) in enumerate(steps, 1):
        ChecklistStep.create(prison=prison, position=position, name=name, document=document, signatory=signatory,
                             turn=turn, limit_days=days)


def _profile(prison, texts):
    profile = prisons.writable_profile(prison)
    for age, (group, text) in enumerate(texts.items()):
        setattr(profile, group.value, text)
        FactCheck.create(organisation=prison, group=group, confidence=Confidence.CONFIRMED, source="",
                         confirmed_on=clock.today() - timedelta(days=4 + 43 * age))
    profile.save()


class _Story:
    """How one co-operation came to where it stands, written as it would have been then."""

    def __init__(self, organisation, prison, users, about):
        self.organisation, self.prison, self.about = organisation, prison, about
        self.actor = {side.id: next((user for user in users.values() if user.organisation_id == side.id), None)
                      for side in (organisation, prison)}

    def tell(self, state, started, took, done):
        begun = clock.today() - timedelta(days=started)
        row = Cooperation(organisation=self.organisation, prison=self.prison, state=state, about=self.about,
                          started_at=self._at(begun), since_on=begun + timedelta(days=took or 0),
                          reason=CooperationReason.FUNDING if state is CooperationState.ENDED else None)
        if took:
            row.activated_at, row.valid_from = self._at(row.since_on), row.since_on
            row.scope, row.most_visits_a_month, row.most_people = self.about, 60, 8
        row.save()
        days = self._steps(row, begun, took or started - 22, done) if state is not CooperationState.WAITING else []
        self._clock(row)
        self._events(row, begun, days)

    @staticmethod
    def _at(day: date):
        return clock.at(day, time(10))

    def _steps(self, row, begun, span, done) -> list:
        """Copies the checklist; the steps that are done share the time. Returns (step, day) of those."""
        days, steps = [], prisons.checklist(self.prison.id)
        for number, step in enumerate(steps):
            first, last = (begun + timedelta(days=5 + (span - 5) * part // max(1, done))
                           for part in (number, number + 1))
            is_done = number < done
            copy = CooperationStep.create(
                cooperation=row, position=number + 1, name=step.name, document=step.document,
                signatory=step.signatory, turn=step.turn, limit_days=step.limit_days,
                begun_at=self._at(first) if is_done or (done and number == done) else None,
                done_at=self._at(last) if is_done else None, done_by=self._actor(step.turn) if is_done else None)
            days += [(copy, last)] if is_done else []
        return days

    def _actor(self, party):
        return self.actor[self.prison.id if party is PRISON else self.organisation.id]

    def _clock(self, row):
        step = CooperationStep.select().where(CooperationStep.cooperation == row, CooperationStep.done_at.is_null(),
                                              CooperationStep.begun_at.is_null(False)).first()
        if row.state is CooperationState.INTEREST:
            row.turn, row.turn_since = PRISON, row.started_at
            row.due_on = clock.local(row.started_at).date() + timedelta(days=14)
        elif row.state is CooperationState.NEGOTIATING and step:
            row.turn, row.turn_since = step.turn, step.begun_at
            row.due_on = clock.local(step.begun_at).date() + timedelta(days=step.limit_days)
        row.save()

    def _events(self, row, begun, days):
        waits = row.state is CooperationState.WAITING
        self._event(row, begun, ORGANISATION, "wait" if waits else "start", row.state if waits else "interest")
        if days:
            self._event(row, begun + timedelta(days=5), PRISON, "take_up", "negotiating")
        for step, day in days:
            self._event(row, day, step.turn, "step", "negotiating", step.name)
        if row.activated_at:
            self._event(row, row.since_on, PRISON, "activate", "active")
        if row.state is CooperationState.ENDED:
            self._event(row, clock.today() - timedelta(days=200), ORGANISATION, "end", "ended")

    def _event(self, row, day, party, event, state, about=""):
        CooperationEvent.create(cooperation=row, at=self._at(day), actor=self._actor(party), event=event,
                                new_state=state, about=about)


def _layer_of(nela, organisations):
    MailTemplate.create(organisation=nela.organisation_id, name="První kontakt s věznicí", changed_by=nela,
                        subject="Spolupráce s organizací {{organisation}}", body=TEMPLATE)
    mylayer.star(nela, organisations[cast.PRISON].public_id, True)
    mylayer.star(nela, organisations[cast.DEBTS_NGO].public_id, True)
    mylayer.keep(nela, organisations[cast.TOWN].public_id, [], "Návrat do Ukázkové Lípy",
                 "Volat ráno do devíti, potom bývají v terénu.")
