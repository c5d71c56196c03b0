"""Gaps in coverage of the demonstration, snapshots of the last months, and unmet needs that were frozen."""
from datetime import time, timedelta
from functools import partial

import clock
from demo import cast
from models import Area, GapReason, Need, Organisation, TargetGroup
from services import coverage
from services.coverage import Asked, Event, gaps, snapshots, unmet

MONTHS = 4
# days ago, who reports it, where, what is proposed, who takes it, for how many days
REPORTED = [
    (40, "kora", (cast.OTHER_PRISON, Area.EDUCATION), "Domluvit kurz čtení smluv, dvakrát za měsíc.", "nela", 70),
    (33, "pavel", (cast.PRISON, Area.PSYCHIATRIC), "Oslovit krajskou nemocnici, stačí konzultace na dálku.",
     "pavel", 28),
    (12, "kamila", ("CZ063", Need.HOUSING, TargetGroup.ADDICTION), "Startovací byt s podporou, zeptat se obcí.",
     None, 0),
    (5, "nela", ("CZ041", Need.WORK, TargetGroup.INCREASED_SECURITY), "", None, 0),
]
GIVEN_UP = (60, "kora", (cast.OTHER_PRISON, Area.PSYCHIATRIC), "Psychiatr jednou měsíčně.", GapReason.NO_MONEY)


def story(people):
    """`(moment, what happened then)`, in no order."""
    users = people.users
    first = clock.today().replace(day=1)
    for _number in range(MONTHS):
        night = clock.at(first, time(3, 10))
        if night <= clock.now():
            yield night, snapshots.keep_month
            yield night + timedelta(minutes=1), unmet.freeze
        first = (first - timedelta(days=1)).replace(day=1)
    for ago, who, where, proposal, owner, days in REPORTED:
        yield clock.now() - timedelta(days=ago), partial(_report, users, who, where, proposal, owner, days)
    yield clock.now() - timedelta(days=GIVEN_UP[0]), partial(_give_up, users, *GIVEN_UP[1:])


def _report(users, who, where, proposal, owner, days):
    due_on = clock.today() + timedelta(days=days) if owner else None
    taker = users["kora"] if owner and owner != who else users[who]
    return gaps.report(taker, _where(taker, where),
                       Asked(proposal, users[owner].public_id if owner else None, due_on))


def _give_up(users, who, where, proposal, reason):
    row = _report(users, who, where, proposal, None, 0)
    gaps.advance(users[who], row.public_id, Event.GIVE_UP, Asked(reason=reason))


def _where(actor, where):
    if len(where) == 2:
        prison = Organisation.get(Organisation.slug == where[0])
        return coverage.in_prison(actor, prison.public_id, where[1])
    return coverage.in_region(actor, *where)
