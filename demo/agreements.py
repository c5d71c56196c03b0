"""What the invented clients agreed to, refused and took back."""
from datetime import timedelta
from random import Random

import clock
from crypto import ALPHABET
from demo import cast
from demo.bulk import insert
from models import Consent, ConsentEvent, ConsentScope, ConsentState, Scope
from services import consents, keys
from services.consents.wording import hash_of, in_czech

RECIPIENTS = [cast.NGO, cast.NGO, cast.TOWN, cast.PROBATION, cast.OTHER_NGO, cast.DEBTS_NGO]
PURPOSES = ["společná příprava na propuštění", "podpora po propuštění", "řešení dluhů", "hledání bydlení"]
SCOPES = [
    [Scope.FOLLOW_UP], [Scope.IDENTITY], [Scope.IDENTITY, Scope.VISITS],
    [Scope.IDENTITY, Scope.VISITS, Scope.FOLLOW_UP], [Scope.IDENTITY, Scope.FOLLOW_UP, Scope.AUTHORITY_RECORDS],
]
STATES = [ConsentState.ACTIVE] * 6 + [
    ConsentState.WITHDRAWN, ConsentState.EXPIRED, ConsentState.REFUSED, ConsentState.DRAFT]
EVENTS = {
    ConsentState.DRAFT: [], ConsentState.ACTIVE: ["agree"], ConsentState.REFUSED: ["refuse"],
    ConsentState.WITHDRAWN: ["agree", "withdraw"], ConsentState.EXPIRED: ["agree", "expire"],
}
YEAR = 365
AFTER = {"agree": ConsentState.ACTIVE, "refuse": ConsentState.REFUSED, "withdraw": ConsentState.WITHDRAWN,
         "expire": ConsentState.EXPIRED}


def create(people, random: Random) -> None:
    """A consent for every second client but Karel and those due with him. Inside `db.writing()`."""
    chosen = [_consent(people, client, random) for client in people.clients[10:] if random.random() < 0.5]
    rows = insert([consent for consent, _scopes in chosen])
    insert([ConsentScope(consent=row, scope=scope) for row, scopes in chosen for scope in scopes])
    insert([event for row in rows for event in _events(row)])


def _consent(people, client, random):
    recipient = people.organisations[random.choice(RECIPIENTS)]
    scopes, state = random.choice(SCOPES), random.choice(STATES)
    if state is ConsentState.EXPIRED and _known_for(client) <= YEAR:
        state = ConsentState.ACTIVE
    asked = clock.now() - timedelta(days=_days_ago(client, state, random))
    asked_on = clock.local(asked).date()
    row = Consent(
        number=_number(asked.year, random), client=client, recipient=recipient, state=state,
        asked_by=next(iter(people.colleagues(recipient)), None), given_how="paper", from_on=asked_on,
        until_on=asked_on + timedelta(days=random.randint(300, YEAR)), text_version=consents.TEXT_VERSION,
        created_at=asked, given_at=asked if "agree" in EVENTS[state] else None, ended_at=_ended(state, asked, random))
    row.purpose = keys.seal(row, "purpose", random.choice(PURPOSES), client)
    words = in_czech(row, [scope for scope in Scope if scope in scopes], [])
    row.text_hash, row.shown = hash_of(words), keys.seal(row, "shown", words, client) if row.given_at else None
    return row, scopes


def _number(year, random):
    return f"S-{year}-" + "".join(random.choices(ALPHABET, k=6))


def _known_for(client) -> int:
    return (clock.now() - client.created_at).days - 1


def _days_ago(client, state, random) -> int:
    """Long ago where the consent has run out by now, else within the last ten months."""
    if state is ConsentState.EXPIRED:
        return random.randint(YEAR + 1, max(YEAR + 1, min(_known_for(client), 500)))
    return random.randint(1, min(_known_for(client), 290))


def _ended(state, asked, random):
    if state in {ConsentState.DRAFT, ConsentState.ACTIVE}:
        return None
    return asked + timedelta(days=YEAR) if state is ConsentState.EXPIRED \
        else asked + timedelta(hours=random.randint(1, max(1, (clock.now() - asked).days * 24)))


def _events(row):
    yield ConsentEvent(consent=row, at=row.created_at, actor=row.asked_by_id, event="ask",
                       new_state=ConsentState.DRAFT)
    for event in EVENTS[row.state]:
        at = row.given_at if event == "agree" else row.ended_at
        yield ConsentEvent(consent=row, at=at, actor=row.asked_by_id, event=event, new_state=AFTER[event])
