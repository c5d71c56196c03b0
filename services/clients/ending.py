"""The end of an organisation's work with a client, and what follows when a client has died."""
from datetime import date

from flask_babel import gettext as _

import clock
import db
from errors import RuleBroken
from models import Client, FlagCause, Membership
from policy import OWN, membership_holds
from services import consents, erasure, feedback, files, journal, referrals
from services.visits.review import flag_client


def ends_on(actor, client: Client) -> date | None:
    """The last day of the work of the actor's organisation with a client, where somebody has ended it."""
    row = _own(actor, client).first()
    return row.until_on if row else None


def _own(actor, client):
    return Membership.select().where(Membership.client == client, Membership.organisation == actor.organisation_id,
                                     Membership.ground == OWN, membership_holds())


def end(actor, public_id: str) -> None:
    """The actor's organisation works with the client no more: its people read the file until tonight.

    What they were still to ask the client is cancelled by the job of the night, as wherever a ground ends.
    """
    with db.writing():
        client = files.own_client_of(actor, public_id)
        Membership.update(until_on=clock.today()).where(
            Membership.id.in_([row.id for row in _own(actor, client)])).execute()
        journal.wrote(actor, "client.end", public_id, client, "until_on", OWN)


def go_on(actor, public_id: str) -> None:
    """Takes an end back while it is still its day. Raises Missing."""
    with db.writing():
        client = files.own_client_of(actor, public_id)
        Membership.update(until_on=None).where(
            Membership.id.in_([row.id for row in _own(actor, client)])).execute()
        journal.wrote(actor, "client.go_on", public_id, client, "until_on", OWN)


def died(actor, public_id: str, day: date | None) -> None:
    """The client has died: every message stops at once, consents and referrals end, the app closes.

    The record stays for ninety days, so that a mistake can be told and a report finished. Raises Missing, RuleBroken.
    """
    with db.writing():
        client = files.own_client_of(actor, public_id)
        if day is None or not date(2000, 1, 1) <= day <= clock.today():
            raise RuleBroken(_("Enter the day, today or earlier."), field="died_on")
        Client.update(died_on=day).where(Client.id == client.id).execute()
        feedback.end_all(client, feedback.Event.DIE)
        flag_client(actor, client, FlagCause.CLIENT_DIED)
        consents.end_all(actor, client)
        referrals.end_all(actor, client)
        if client.user_id:
            erasure.close_account(client)
        journal.wrote(actor, "client.died", public_id, client, "died_on", OWN)
