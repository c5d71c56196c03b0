"""What goes between those who work with one client: closing reports, facts to verify, workers who stand in."""
from datetime import time, timedelta
from functools import partial

import clock
from demo import cast
from demo.bulk import insert
from demo.ties import clients_of
from models import (
    Membership,
    Need,
    PlanItem,
    PlanList,
    StandIn,
    Verification,
    VerificationAnswer,
)
from services import journal, keys, reports
from services.plans import verifying

Event = reports.Event
SUMMARY = "Pracovali jsme spolu na bydlení a na práci. Doklady má v pořádku, dluhy jsou sepsané."
DONE, LEFT = "Podali jsme žádost a domluvili první schůzku.", "Dořešit kauci a přihlásit se na úřadu práce."
REMARK = "Do práce jsem nastoupil už v pondělí, ne až od prvního."
# who, their clients' number (none: Karel), to whom, how many days ago, steps
REPORTS = [
    ("kamila", None, cast.PROBATION, 3, (Event.SHOW,)),
    ("pavel", None, cast.PROBATION, 28, (Event.SHOW, Event.READ, Event.ISSUE)),
    ("pavel", 20, cast.TOWN, 6, ()),
    ("kamila", 20, cast.PROBATION, 12, (Event.SHOW, Event.REMARK)),
    ("kamila", 21, "", 25, (Event.SHOW, Event.SKIP, Event.ISSUE)),
    ("nela", 8, cast.TOWN, 9, (Event.SHOW, Event.READ)),
    ("nela", 9, cast.PROBATION, 30, (Event.SHOW, Event.READ, Event.ISSUE)),
    ("petra", 4, "", 5, (Event.SHOW,)),
]
QUESTIONS = [("kamila", "pavel", "Má žádost o občanský průkaz opravdu podanou?"),
             ("nela", "kamila", "Je zapsaný na ubytovně ve městě?"),
             ("pavel", "nela", "Čeká na něj u vás pokoj?"), ("kamila", "petra", "Má uložený dohled?"),
             ("kamila", "nela", "Byl u vás na první schůzce?")]
FACT = "Má slíbené místo na ubytovně."


def create(people) -> None:
    """Workers who stand in: of each fifth client of a worker a colleague. Inside `db.writing()`."""
    rows = [row for row in people.memberships if row.worker and _others(people, row)]
    insert([StandIn(membership=row, worker=_others(people, row)[0]) for row in _numbered(rows)[::5]])


def _numbered(rows):
    ids = {(client, organisation): key for key, client, organisation in Membership.select(
        Membership.id, Membership.client, Membership.organisation).tuples()}
    for row in rows:
        row.id = ids[row.client_id, row.organisation_id]
    return rows


def _others(people, row):
    return [user for user in people.colleagues(row.organisation) if user != row.worker]


def story(people):
    """`(moment, what happened then)`, in no order."""
    for who, number, to, ago, steps in REPORTS:
        yield from _report(people, people.users[who], number, to, ago, steps)
    for number, (asking, asked, words) in enumerate(QUESTIONS):
        yield _on(2 + number), partial(_ask, people, people.users[asking], people.users[asked], words,
                                       answered=number == len(QUESTIONS) - 1)


def _on(days_ago, hour=9):
    return clock.at(clock.today() - timedelta(days=days_ago), time(hour))


# Reports

def _report(people, author, number, to, ago, steps):
    client = people.karel if number is None else clients_of(people, author, ago=ago)[number]
    recipient = people.organisations[to].public_id if to else ""
    made = []
    yield _on(ago), lambda: made.append(_written(author, client, recipient))
    for hour, event in enumerate(steps, 10):
        yield _on(ago, hour), partial(_step, author, made, event)


def _step(author, made, event):
    reports.step(author, made[0], event, REMARK)


def _written(author, client, recipient) -> str:
    row = reports.begin(author, client.public_id)
    reports.write(author, row.public_id, SUMMARY, recipient)
    for need, result in ((Need.HOUSING, "partly"), (Need.WORK, "achieved")):
        reports.write_line(author, row.public_id, need, result, DONE, LEFT)
    return row.public_id


# Facts to verify

def _ask(people, asking, asked, words, answered):
    """As `verifying.ask`, which wants a consent to know of each other: theirs was given on paper that is not here."""
    client = clients_of(people, asking, asked)[0]
    who = next(row for row in people.ties(asked.organisation) if row.client_id == client.id)
    row = Verification(item=_fact(asking, client), asked_by=asking, organisation=asking.organisation,
                       recipient=asked.organisation, asked_at=clock.now())
    row.question = keys.seal(row, "question", words, client)
    row.save(force_insert=True)
    journal.wrote(asking, "plan.ask", row.public_id, client, "plan", "own")
    if answered:
        verifying.answer(who.worker, row.public_id, VerificationAnswer.YES)


def _fact(author, client):
    row = PlanItem(client=client, organisation=author.organisation, author=author, sheet=PlanList.PLAN, key="",
                   position=50, need=Need.HOUSING, since_on=clock.today(), who=author.organisation,
                   created_at=clock.now())
    row.what = keys.seal(row, "what", FACT, client)
    row.save(force_insert=True)
    return row
