"""Evidence, checks and offers of the demonstration: invented, of invented organisations only."""
from datetime import timedelta

import clock
from crypto import new_token, token_hash
from demo import cast
from models import (
    Area,
    Evidence,
    EvidenceKind,
    Offer,
    OfferEvent,
    OfferState,
    Organisation,
    Sender,
    Vetting,
)
from text import fold

# organisation, kind, what it says, source, how many days ago, valid for how many more, what the coordinator saw
EVIDENCE = [
    (cast.NGO, EvidenceKind.MEMBERSHIP, "Člen Ukázkové asociace služeb po propuštění od roku 2015",
     "https://asociace.example/clenove", 400, None, "výpis ze seznamu členů, složka Doklady 1"),
    (cast.NGO, EvidenceKind.ACCREDITATION, "Akreditace dobrovolnické služby", "rozhodnutí 2025/115 (ukázka)", 300, -20,
     "rozhodnutí 2025/115, složka Doklady 2"),
    (cast.NGO, EvidenceKind.FUNDING, "Dotace kraje na bydlení 2026, příspěvky dárců", "výroční zpráva 2025 (ukázka)",
     200, None, ""),
    (cast.NGO, EvidenceKind.REFERENCE, "Spolupracujeme pět let, na domluvu je spolehnutí.",
     "Prokop Suk, sociální pracovník, Ukázkový Jasan", 60, None, "rozhovor 3. 9., složka Doklady 3"),
    (cast.DEBTS_NGO, EvidenceKind.HISTORY, "Poradna vznikla v roce 2011, do věznic jezdí od roku 2018",
     "https://bez-dluhu.example/o-nas", 90, None, ""),
]
# prison, key of who checked, organisation, what was checked, result, days ago, holds for how many days more
CHECKS = [
    (cast.PRISON, "pavel", cast.NGO, "stanovy, účetní závěrka, dvě reference", "Bez závad. Vstup jen s doprovodem.",
     150, 215),
    (cast.OTHER_PRISON, "prokop", cast.OTHER_NGO, "odborná způsobilost terapeutek", "V pořádku.", 420, -55),
]
# sender, name, IČO, what, areas, for whom, state, days ago
OFFERS = [
    (Sender.NGO, "Ukázkový spolek Lano", "89999002", "Kurz pletení lan a košů, jednou za 14 dní, materiál přivezeme.",
     (Area.ACTIVITIES,), "muži a ženy, 8 lidí ve skupině", OfferState.PASSED_ON, 6),
    (Sender.NGO, "Ukázkový spolek Druhá kapitola", "89999011", "Čtenářský kroužek a výměna knih.",
     (Area.EDUCATION, Area.ACTIVITIES), "kdokoli", OfferState.RECEIVED, 2),
    (Sender.NGO, "Ukázkový spolek Bez čísla", "", "Doprovod na úřady v den propuštění.", (Area.MENTORING,),
     "lidé před propuštěním", OfferState.INCOMPLETE, 3),
    (Sender.COMPANY, "Ukázková firma Prodej, s.r.o.", "89999029", "Školení obsluhy vysokozdvižného vozíku.",
     (Area.EMPLOYMENT,), "muži před propuštěním", OfferState.RECEIVED, 1),
    (Sender.NGO, "Ukázkový spolek Lano", "89999002", "Kurz pletení košů.", (Area.ACTIVITIES,), "muži",
     OfferState.RECEIVED, 1),
]


def create(users: dict) -> None:
    """Inside `db.writing()`."""
    book = {row.slug: row for row in Organisation.select().where(Organisation.invented == True)}  # noqa: E712
    today = clock.today()
    for slug, kind, text, source, ago, left, document in EVIDENCE:
        seen = {"document": document, "confirmed_by": users["kora"], "confirmed_on": today - timedelta(days=ago // 2)}
        Evidence.create(organisation=book[slug], kind=kind, text=text, source=source, added_by=users["kora"],
                        dated_on=today - timedelta(days=ago),
                        until_on=None if left is None else today + timedelta(days=left), **(seen if document else {}))
    for prison, who, slug, scope, result, ago, left in CHECKS:
        Vetting.create(prison=book[prison], organisation=book[slug], scope=scope, result=result, checked_by=users[who],
                       checked_on=today - timedelta(days=ago), until_on=today + timedelta(days=left))
    for number, line in enumerate(OFFERS, 1):
        _offer(number, *line, users["kora"])


def _offer(number, sender, name, ico, what, areas, for_whom, state, ago, coordinator):
    at, passed = clock.now() - timedelta(days=ago), state is OfferState.PASSED_ON
    row = Offer.create(
        number=f"NUKAZ{number}", request_key=new_token(), token_hash=token_hash(new_token()), sender=sender, name=name,
        fold=fold(name), ico=ico, contact="Ukázková osoba", email=f"nabidka{number}@ukazka.example", what=what,
        areas=";".join(areas), for_whom=for_whom, state=state, created_at=at,
        missing="IČO" if state is OfferState.INCOMPLETE else "", decided_by=coordinator if passed else None,
        passed_on=clock.today() - timedelta(days=2) if passed else None)
    OfferEvent.create(offer=row, event="send", new_state=OfferState.RECEIVED, at=at)
    if passed:
        for event, old, new in (("check", OfferState.RECEIVED, OfferState.CHECKED),
                                ("pass_on", OfferState.CHECKED, OfferState.PASSED_ON)):
            OfferEvent.create(offer=row, actor=coordinator, event=event, old_state=old, new_state=new,
                              at=clock.now() - timedelta(days=2))
