"""Linking: a worker enters the code from a person's card and asks for their consent.

Whether the code exists is told to nobody: the same work is done and the same sentence said either way. Nothing is
shared before the client agrees, in the app or on paper.
"""
from datetime import timedelta

from flask_babel import gettext as _

import clock
import crypto
import db
from errors import Missing, RuleBroken
from models import Attempt, Client, Consent, ConsentState, Membership, Scope
from policy import membership_holds, works_with_clients
from services import consents, journal, keys

MOST_A_DAY, DAY = 20, timedelta(days=1)
ASKED = (Scope.IDENTITY, Scope.NEEDS, Scope.PLAN)


class _Undone(Exception):
    """What was written for nobody is taken back."""


def ask_by_code(actor, code: str, purpose: str) -> None:
    """Asks the person with this code for consent, if there is one. Raises RuleBroken for what is no code at all."""
    if not works_with_clients(actor):
        raise Missing
    code = _read(code)
    with db.writing():
        _count(actor)
        journal.wrote(actor, "client.ask_by_code", parts="code")
        client = Client.select().where(Client.code == code, Client.erased_at.is_null()).first()
        anybody = Client.select().where(Client.erased_at.is_null()).first()
        if somebody := client or anybody:
            known = _asked_or_known(actor, somebody)
            _ask(actor, somebody, purpose, bool(client) and not known)


def _read(typed: str) -> str:
    code = crypto.read_code(typed)
    if code is None:
        raise RuleBroken(_("This is not a whole code. It has six signs; check it with the card."), field="code")
    return code


def _count(actor):
    """A keyed digest of who tries: codes are not to be harvested."""
    subject = keys.fingerprint("link by code", actor.public_id)
    tries = Attempt.select().where(Attempt.subject == subject, Attempt.at > clock.now() - DAY).count()
    if tries >= MOST_A_DAY:
        raise RuleBroken(_("That is many codes for one day. Try again tomorrow."), field="code")
    Attempt.create(subject=subject, at=clock.now())


def _asked_or_known(actor, client) -> bool:
    waiting = Consent.select().where(Consent.client == client, Consent.recipient == actor.organisation_id,
                                     Consent.state == ConsentState.DRAFT, Consent.asked_by == actor.id)
    known = Membership.select().where(Membership.client == client, membership_holds(),
                                      Membership.organisation == actor.organisation_id)
    return any([waiting.exists(), known.exists(), consents.refused_lately(client, actor.organisation_id)])  # all asked


def _ask(actor, somebody, purpose, wanted):
    """The request is written for somebody else where there is nobody, and taken back: it takes as long."""
    until = clock.today() + timedelta(days=180)
    try:
        with db.writing():
            consents.ask_for_link(actor, somebody, purpose, list(ASKED), until)
            if not wanted:
                raise _Undone
    except _Undone:
        pass
