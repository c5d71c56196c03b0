"""The contact book of the demonstration: real facts from data/, invented organisations from demo/book/.

Nothing invented is attached to a real organisation.
"""
from datetime import date, timedelta
from itertools import count
from pathlib import Path

import clock
import config as settings
from demo import cast
from importers import directory_csv
from models import (
    Confidence,
    ContactPerson,
    FactCheck,
    FactGroup,
    Organisation,
    OrganisationState,
    PrisonWork,
    Service,
)
from services import import_command, search_index
from services.freshness import AGEING_DAYS, until

REAL, INVENTED = settings.ROOT / "data", Path(__file__).with_name("book")


def load_real() -> None:
    _load(REAL)


def load_invented() -> None:
    """Also an invented register: one organisation is as it says, one will be otherwise, one it does not have."""
    _load(INVENTED)
    _counts, problems = import_command.load(INVENTED / "rpss.json", "rpss")
    if problems:
        raise SystemExit("\n".join(problems))


def _load(folder):
    problems = directory_csv.load(folder).problems
    if problems:
        raise SystemExit("\n".join(str(problem) for problem in problems))


def settle(users: dict) -> None:
    """Verifies the invented organisations, one of them lately, dates their facts. Inside `db.writing()`."""
    now = clock.now()
    Organisation.update(state=OrganisationState.VERIFIED, verified_at=now - timedelta(days=700)).where(
        Organisation.invented == True).execute()  # noqa: E712
    Organisation.update(verified_at=now - timedelta(days=12)).where(Organisation.slug == cast.DEBTS_NGO).execute()
    organisations = {row.slug: row for row in Organisation.select().where(Organisation.invented == True)}  # noqa: E712
    Service.update(published=True).where(Service.plain != "", Service.organisation.in_(list(organisations.values()))
                                         ).execute()
    for organisation in organisations.values():
        _date_facts(organisation, next((user for user in users.values() if user.organisation_id == organisation.id),
                                       None))
    search_index.reindex(*[row.id for row in organisations.values()])


def _date_facts(organisation, worker):
    """Of the facts, people, services and work of an organisation some are fresh, some come of age, some are stale."""
    turn = count(organisation.id)
    for model, group in ((ContactPerson, FactGroup.PEOPLE), (Service, FactGroup.SERVICES),
                         (PrisonWork, FactGroup.WORK), (FactCheck, None)):
        for row in model.select().where(model.organisation == organisation).order_by(model.id):
            confirmed = _confirmed_on(group or row.group, next(turn))
            row.confidence, row.confirmed_on, row.confirmed_by = Confidence.CONFIRMED, confirmed, worker
            if model is Service and row.places_free is not None:
                row.places_on = clock.today() - timedelta(days=next(turn) % 20)
            row.save()


def _confirmed_on(group: FactGroup, turn: int) -> date:
    """Of five facts three were confirmed lately, one is about to come of age and one came of age a month ago."""
    lasts = (until(group, clock.today()) - clock.today()).days
    age = [2, 11, 30, lasts - AGEING_DAYS // 2, lasts + 30][turn % 5]
    return clock.today() - timedelta(days=age)
