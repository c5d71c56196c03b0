"""Referrals in each state and in both directions, written by the ordinary functions at the moments they happened."""
from collections.abc import Callable
from datetime import time, timedelta
from functools import partial
from typing import NamedTuple

import clock
from demo.ties import clients_of
from models import Closing, Level, Need, ReferralReason, Service
from services import referrals

MESSAGE = "Domluvili jsme se, že se u vás ozve sám. Prosíme o zprávu, jestli přišel."
CHANNEL = "přes sociální oddělení věznice"
OWN_WORDS = "Potřebuju poradit, co s dopisy od exekutora. Dopoledne mám volno."
ASKED = ["Kdy může přijít poprvé?", "Má platný občanský průkaz?"]


class Step(NamedTuple):
    """What somebody did so many days ago. `by_author`: else the receiver."""

    ago: int
    act: Callable
    by_author: bool = False


class Sent(NamedTuple):
    author: str
    service: str
    receiver: str
    need: Need
    ago: int
    steps: tuple = ()


def _accept(ago):
    return Step(ago, lambda who, row: referrals.accept(who, row, who.public_id))


def _contact(ago):
    return Step(ago, referrals.contact)


def _decline(ago, reason):
    return Step(ago, partial(_with, referrals.decline, reason))


def _with(act, value, who, row):
    return act(who, row, value)


def _close(ago, closing, need):
    return Step(ago, lambda who, row: referrals.close(who, row, closing, {need: "partly"}))


def _hand_on(who, row):
    referrals.hand_on(who, row, _service(CLINIC))


HOUSING, AT_GATE, ADVICE = "ukazka-most-domu-byt", "ukazka-most-domu-doprovod", "ukazka-most-domu-poradna"
CLINIC, AFTERCARE = "ukazka-cista-cesta-poradna", "ukazka-cista-cesta-dolecovani"
TAKEN_BACK = Step(8, partial(_with, referrals.withdraw, ReferralReason.CLIENT), by_author=True)
ASKS = Step(2, partial(_with, referrals.ask, "Má aspoň nějaký příjem na první měsíc?"))
LINE = Step(4, partial(_with, referrals.tell_line, "Chodí pravidelně, hledáme spolu stálé bydlení."))
SENT = [
    Sent("pavel", HOUSING, "nela", Need.HOUSING, 1),
    Sent("kamila", ADVICE, "nela", Need.BASIC_NEEDS, 12),  # late
    Sent("pavel", ADVICE, "nela", Need.FINANCIAL_SECURITY, 26),  # nobody answered
    Sent("pavel", HOUSING, "nela", Need.HOUSING, 4, (ASKS,)),
    Sent("pavel", HOUSING, "nela", Need.HOUSING, 9, (Step(6, referrals.wait),)),
    Sent("pavel", AT_GATE, "nela", Need.BASIC_NEEDS, 6, (_accept(3),)),
    Sent("kamila", HOUSING, "nela", Need.HOUSING, 50, (_accept(46), _contact(40))),  # one line, please
    Sent("pavel", AT_GATE, "nela", Need.BASIC_NEEDS, 44, (_accept(41), _contact(36), LINE)),
    Sent("pavel", HOUSING, "nela", Need.HOUSING, 14, (_decline(11, ReferralReason.CAPACITY),)),
    Sent("kamila", ADVICE, "nela", Need.BASIC_NEEDS, 12, (TAKEN_BACK,)),
    Sent("pavel", AT_GATE, "nela", Need.BASIC_NEEDS, 70, (
        _accept(66), _contact(60), _close(6, Closing.AS_PLANNED, Need.BASIC_NEEDS))),
    Sent("kamila", ADVICE, "nela", Need.FINANCIAL_SECURITY, 30, (
        _accept(27), _close(9, Closing.DID_NOT_COME, Need.FINANCIAL_SECURITY))),
    Sent("petra", HOUSING, "nela", Need.HOUSING, 3),
    Sent("petra", CLINIC, "sona", Need.ADDICTION, 20, (_accept(17), _contact(13))),
    Sent("pavel", ADVICE, "nela", Need.ADDICTION, 40, (_accept(37), _contact(33), Step(5, _hand_on))),
    Sent("nela", CLINIC, "sona", Need.ADDICTION, 2),
    Sent("nela", AFTERCARE, "sona", Need.MENTAL_HEALTH, 15, (_decline(13, ReferralReason.CONDITIONS),)),
    Sent("nela", CLINIC, "sona", Need.ADDICTION, 21, (_accept(19), _contact(15))),
]
DRAFTS = [("pavel", ADVICE, Need.FINANCIAL_SECURITY), ("nela", AFTERCARE, Need.ADDICTION)]


def story(people):
    """`(moment, what happened then)`, in no order."""
    users = people.users
    yield _on(90), lambda: referrals.set_questions(users["nela"], _service(HOUSING), ASKED)
    taken = set()
    for sent in SENT:
        yield from _one(users, sent, _next(people, users[sent.author], taken, sent.ago))
    for number, (author, service, need) in enumerate(DRAFTS):
        client = _next(people, users[author], taken, 1)
        yield _on(1), partial(_begin, users[author], client, service, need, f"demo-draft-{number}")
    yield from _one(users, Sent("kamila", HOUSING, "nela", Need.HOUSING, 2), people.karel)
    yield _on(1, 18), lambda: referrals.ask_for_self(
        users["karel"], _service(ADVICE), [Need.FINANCIAL_SECURITY], Level.CODE, "", OWN_WORDS, "demo-self")
    for ago in (15, 0):
        yield _on(ago, 0), referrals.run_due


def _next(people, author, taken, ago):
    """A client of theirs of whom nobody wrote a referral yet."""
    client = next(each for each in clients_of(people, author, ago=ago) if each.id not in taken)
    taken.add(client.id)
    return client


def _one(users, sent, client):
    author, receiver, made = users[sent.author], users[sent.receiver], []
    yield _on(sent.ago), lambda: made.append(_send(author, client, sent))
    for step in sent.steps:
        yield _on(step.ago, 14), partial(_take, step, author if step.by_author else receiver, made)


def _take(step, who, made):
    step.act(who, made[0])


def _begin(author, client, service, need, key):
    return referrals.start(author, client.public_id, _service(service), key, [need])


def _send(author, client, sent) -> str:
    row = _begin(author, client, sent.service, sent.need, f"demo-{sent.author}-{client.id}-{sent.ago}")
    referrals.write(author, row.public_id, referrals.Content(
        [sent.need], Level.CODE, release_month=row.release_month, language=row.language, channel=CHANNEL,
        message=MESSAGE))
    referrals.send(author, row.public_id)
    return row.public_id


def _service(slug) -> str:
    return Service.get(Service.slug == slug).public_id


def _on(days_ago, hour=10):
    """An hour of a day that is over, or just now."""
    return min(clock.at(clock.today() - timedelta(days=days_ago), time(hour)), clock.now())
