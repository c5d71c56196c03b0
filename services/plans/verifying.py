"""Please verify: one yes-or-no question about one fact to one organisation; the answer stamps the fact."""
from datetime import timedelta

from flask_babel import gettext as _
from peewee import JOIN

import clock
import db
import policy
from errors import Missing, RuleBroken
from models import (
    Claim,
    Client,
    Kind,
    Membership,
    Organisation,
    PlanItem,
    PlanItemState,
    PlanList,
    Scope,
    Task,
    TaskKind,
    User,
    Verification,
    VerificationAnswer,
)
from services import journal, keys
from services.plans.changing import _own_item, stamp
from text import clean_text

LONGEST = 300
BEFORE_RELEASE = timedelta(days=30)
ANSWERED = {VerificationAnswer.YES: Claim.CONFIRMED, VerificationAnswer.NO: Claim.REFUTED}


def askable(actor, client_id: int) -> list[Organisation]:
    """Whom the actor can ask: who works with the client, as far as the client lets the actor know that."""
    return list(Organisation.select().join(Membership).where(
        Membership.client == client_id, Membership.ground == policy.OWN, policy.membership_holds(),
        Organisation.id != actor.organisation_id, policy.consented(actor, Membership.client, Scope.NETWORK))
        .order_by(Organisation.sort))


def ask(actor, item_public_id: str, recipient: str, question: str) -> Verification:
    """Asks one organisation one question about one item of the actor's. Raises Missing, RuleBroken."""
    question = clean_text(question, limit=LONGEST)
    with db.writing():
        row = _own_item(actor, item_public_id, locked=True)
        chosen = next((each for each in askable(actor, row.client_id) if each.public_id == recipient), None)
        if chosen is None:
            raise RuleBroken(_("Choose an organisation from the list."), field="recipient")
        if not question:
            raise RuleBroken(_("Write one question that is answered by yes or no."), field="question")
        if _waits(row, chosen):
            raise RuleBroken(_("This organisation has a question about it already."), field="recipient")
        return _ask(actor, row, chosen, question)


def _waits(row, organisation) -> bool:
    return Verification.select().where(Verification.item == row, Verification.recipient == organisation,
                                       Verification.answered_at.is_null()).exists()


def _ask(actor, row, recipient, question):
    asked = Verification(item=row, asked_by=actor.id, organisation=actor.organisation_id, recipient=recipient,
                         asked_at=clock.now())
    asked.question = keys.seal(asked, "question", question, row.client)
    asked.save(force_insert=True)
    journal.wrote(actor, "plan.ask", asked.public_id, row.client, Scope.PLAN, "own")
    return asked


def questions(actor) -> list[Verification]:
    """Questions that wait for the actor's answer, the oldest first: whose client, who asks, no word of the question."""
    return policy.ask(actor, _questions)


def _questions(actor):
    return _with_all(policy.visible_questions(actor)).order_by(Verification.asked_at)


def stirs(actor) -> list:
    """Queries that tell whether `today` has anything."""
    return [policy.visible_questions(actor)]


def today(actor) -> list[Verification]:
    """The questions, for the Today page."""
    return questions(actor)


def _with_all(query):
    return (query.select(Verification, PlanItem, Client, Organisation)
            .join_from(Verification, Organisation, on=(Verification.organisation == Organisation.id),
                       attr="organisation"))


def question(actor, public_id: str) -> tuple[Verification, str]:
    """One question with its words, journalled. Raises Missing."""
    with db.recording():
        row = _one(actor, public_id)
        words = keys.unseal(row, "question", row.item.client)
        journal.read(actor, "plan.question", public_id, row.item.client, Scope.PLAN, "own")
        return row, words


def _one(actor, public_id):
    row = _with_all(policy.visible_questions(actor)).where(Verification.public_id == public_id).first()
    if row is None:
        raise Missing(public_id)
    return row


def answer(actor, public_id: str, said: VerificationAnswer) -> None:
    """Yes, no, or not known; it can be said once. The fact is stamped with who said so and when."""
    with db.writing():
        row = _one(actor, public_id)
        Verification.update(answer=said, answered_by=actor.id, answered_at=clock.now()).where(
            Verification.id == row.id, Verification.answered_at.is_null()).execute()
        if said in ANSWERED:
            stamp(row.item, ANSWERED[said], actor.organisation_id)
        journal.wrote(actor, "plan.answer", public_id, row.item.client, Scope.PLAN, "own")


# Thirty days before release what the client only says is to be confirmed

def remind_due() -> int:
    """Tasks for housing and work that nobody has confirmed thirty days before release; returns how many are new.

    The task is the curator's who may read the item, else that of who wrote it.
    """
    today = clock.today()
    rows = list(PlanItem.select(PlanItem, Client).join(Client).where(
        PlanItem.sheet == PlanList.BEFORE_RELEASE, PlanItem.key.in_(["housing", "work"]),
        PlanItem.claim == Claim.SAID, PlanItem.state == PlanItemState.OPEN, PlanItem.what.is_null(False),
        Client.released_on.is_null(), Client.erased_at.is_null(), Client.died_on.is_null(),
        Client.planned_release_on.between(today, today + BEFORE_RELEASE)))
    with db.writing():
        return sum(_remind(row, today) for row in rows)


def _remind(row, today) -> bool:
    if Task.select().where(Task.about == row.public_id, Task.kind == TaskKind.CONFIRM_FACT).exists():
        return False
    organisation, owner = _who_confirms(row)
    Task.create(organisation=organisation, owner=owner, client=row.client, kind=TaskKind.CONFIRM_FACT,
                about=row.public_id, due_on=today + timedelta(days=7), created_at=clock.now())
    journal.wrote(None, "plan.remind", row.public_id, row.client, Scope.PLAN)
    return True


def _who_confirms(row) -> tuple[int, int | None]:
    curators = (Membership.select(Membership, User, Organisation).join(Organisation)
                .join_from(Membership, User, JOIN.INNER)
                .where(Membership.client == row.client, Organisation.kind == Kind.MUNICIPALITY,
                       Membership.ground == policy.OWN, policy.membership_holds()))
    for membership in curators:
        reads = policy.visible_plan_items(membership.worker).where(PlanItem.id == row.id)
        if reads.exists():
            return membership.organisation_id, membership.worker_id
    return row.organisation_id, row.author_id
