"""The demonstration: invented people in invented organisations beside the real contact book."""
from random import Random

import clock
import db
from demo import (
    agreements,
    answers,
    book_details,
    cast,
    contact_book,
    cooperations,
    coverage,
    days,
    feedback,
    groups,
    karel,
    network,
    paper,
    partners,
    past,
    people,
    plans,
    programmes,
    referrals,
    trust,
    visits,
)
from models import Organisation
from services import feedback as follow_ups
from services import journal, visitors
from services.programmes import ending

SEED = 2026
THIS_MORNING = (follow_ups.open_due, visitors.warn_due, ending.warn_due)  # jobs whose work a first look should find


def fill(invented: bool = True) -> bool:
    """Loads the contact book and, if `invented`, the demonstration around the present day; False where all is there.

    The contact book goes in by the importer, which may run twice; all the rest in one transaction, or not at all.
    """
    fresh = not Organisation.select().exists()
    if fresh:
        contact_book.load_real()
    return _fill_invented() or fresh if invented else fresh


def _fill_invented() -> bool:
    if cast.is_there():
        return False
    contact_book.load_invented()
    with db.writing():
        if cast.is_there():  # another process was quicker
            return False
        _live_two_years(Random(SEED))
    return True


def _live_two_years(random):
    users = cast.create()
    contact_book.settle(users)
    trust.create(users)
    cooperations.create(users)
    book_details.settle(users)
    everybody = people.create(users, random)
    visits.create(everybody, random)
    days.create(everybody, Random(SEED))
    answers.create(everybody)
    paper.create(everybody)
    partners.create(everybody)
    agreements.create(everybody, random)
    plans.create(everybody, Random(SEED))
    feedback.create(everybody, random)
    network.create(everybody)
    past.happen([*feedback.frozen_months(), *karel.story(everybody), *referrals.story(everybody),
                 *coverage.story(everybody), *groups.story(users),
                 *network.story(everybody)])
    programmes.create(users, everybody)
    past.happen([(clock.now(), job) for job in THIS_MORNING])
    journal.wrote(None, "demo.fill")
