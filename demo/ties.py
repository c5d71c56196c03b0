"""Who of the invented clients somebody works with."""
from datetime import timedelta

import clock

FIRST = 6  # those before are due today, and what may be known of them is told by consents alone


def clients_of(people, user, *others, ago=0):
    """Clients of a worker, in their order, with whom the organisations of `others` work too; all since `ago` days."""
    day = clock.today() - timedelta(days=ago)
    ties = {organisation: {row.client_id for row in people.ties(organisation) if _held(row, day)}
            for organisation in {each.organisation for each in others}}
    rows = {row.client_id for row in people.ties(user.organisation) if row.worker == user and _held(row, day)}
    return [client for client in people.clients[FIRST:]
            if client.id in rows and all(client.id in found for found in ties.values())]


def _held(row, day) -> bool:
    """Whether it held on a day, and holds."""
    return row.since_on <= day and (row.until_on is None or row.until_on > clock.today())
