"""Plans of some invented clients: Karel's whole, those who leave soon with something missing, offers and answers."""
from datetime import time, timedelta

import clock
from demo import cast
from demo.bulk import insert
from models import (
    Claim,
    Client,
    Kind,
    LeadEvent,
    PlanItem,
    PlanItemState,
    PlanList,
    RefusalReason,
    ReleaseOffer,
)
from services import keys
from services.plans import defaults

BY_CLIENT = ("identity_card", "account", "work")  # what clients do themselves
KNOWN = {
    "identity_card": "Žádost podaná, průkaz bude na vrátnici.", "account": "Založí si ho první den po propuštění.",
    "benefit": "Žádost o dávku je vyplněná.", "doctor": "Léky na sedm dní dostane s sebou.",
    "housing": "Bratr mu nechá pokoj do konce měsíce.", "work": "Slíbená brigáda ve skladu.",
    "debts": "Seznam dluhů je hotový, poradna ho čeká.", "sleep": "U bratra, Lipová 3, Ukázkov.",
    "call": "Sociální kurátorka, 777 000 111.", "go": "V pondělí v 9 na sociální odbor.",
    "money": "Kapesné a mimořádná okamžitá pomoc.", "curator": "Schůzka týden po propuštění.",
}


def create(people, random) -> None:
    """Sheets, leaders and offers. Inside `db.writing()`."""
    items, offers, leads = [], [], []
    for number, client in enumerate(people.clients[:70]):
        ties = [row for row in people.memberships if row.client is client and row.worker and not row.until_on]
        if not ties:
            continue
        tie = min(ties, key=lambda row: row.organisation.slug != cast.TOWN)
        leads += _leads(client, tie, ties)
        Client.update(key_worker=tie.worker).where(Client.id == client.id).execute()
        items += _items(client, tie, 0 if number == 0 else random.randint(0, 3), random)
        if number and random.random() < 0.6:
            offers.append(_offer(client, tie, random))
    insert(items)
    insert(offers)
    LeadEvent.insert_many([row.__data__ for row in leads]).execute()


def _leads(client, tie, ties):
    """Who leads the case: with release the prison's worker has given the lead on, where there was one."""
    prison = next((row for row in ties if row.organisation.kind is Kind.PRISON), None)
    if prison is None or prison is tie or client.released_on is None:
        return [LeadEvent(client=client, at=client.created_at, new_worker=tie.worker)]
    return [LeadEvent(client=client, at=client.created_at, new_worker=prison.worker),
            LeadEvent(client=client, at=clock.at(client.released_on, time(9)), actor=prison.worker,
                      old_worker=prison.worker, new_worker=tie.worker)]


def _items(client, tie, missing, random):
    """What one organisation wrote; `missing` sheets are not begun yet."""
    for sheet in list(PlanList)[:len(PlanList) - missing]:
        for position, key in enumerate(defaults.of_route(client.route, sheet), start=1):
            row = PlanItem(client=client, organisation=tie.organisation, author=tie.worker, sheet=sheet, key=key,
                           position=position, need=defaults.need_of(key), since_on=tie.since_on, who=tie.organisation,
                           created_at=clock.now())
            if key in BY_CLIENT:
                row.by_client, row.who, row.due_on = True, None, clock.today() + timedelta(days=7 * position)
            if not missing or random.random() < 0.6:
                row.what = keys.seal(row, "what", KNOWN.get(key, "Domluveno."), client)
                _judge(row, tie, random)
            yield row


def _judge(row, tie, random):
    if random.random() < 0.4:
        row.claim, row.claim_by, row.claim_on = Claim.CONFIRMED, tie.organisation, clock.today()
    if random.random() < 0.2:
        row.state, row.done_at = PlanItemState.DONE, clock.now()


def _offer(client, tie, random) -> ReleaseOffer:
    accepted = random.choice([True, True, False, None])
    reason = random.choice(list(RefusalReason)) if accepted is False else None
    return ReleaseOffer(client=client, organisation=tie.organisation, actor=tie.worker, offered_on=clock.today(),
                        accepted=accepted, reason=reason)
