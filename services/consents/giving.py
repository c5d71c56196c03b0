"""Agreeing and refusing: alone in the app, on paper before a witness, or with somebody's help."""
import secrets
from datetime import timedelta

from flask_babel import gettext as _

import clock
import db
from errors import Missing, RuleBroken
from models import Client, Consent, ConsentState, Organisation, User
from policy import PROVISIONAL_DAYS
from services import files, keys
from services.consents.changing import By, Event, locked, move, own_of_client
from services.consents.preparing import draft, recipient
from services.consents.reading import holds, of_organisation
from services.consents.telling import tell_recipient
from services.consents.wording import hash_of, in_czech, scopes_of, text_hash
from text import clean_text

LONGEST_NAME, LONGEST_REFERENCE = 100, 100


# In the app

def agree(actor, public_id: str, shown_hash: str, assisted: bool = False) -> Consent:
    """The client agrees to the very text that was shown; with somebody's help only for now."""
    with db.writing():
        consent = own_of_client(actor, public_id)
        if consent.state is ConsentState.ACTIVE:
            return consent
        _agree(actor, consent, shown_hash, assisted)
        return consent


def agree_to_all(actor, batch: str, shown_hash: str, assisted: bool = False) -> list[Consent]:
    """The client agrees to the consents of one batch, which were shown together."""
    with db.writing():
        consents = [locked(row.public_id, Client.user == actor.id) for row in of_batch(actor, batch)]
        if not secrets.compare_digest(batch_hash(consents).encode(), shown_hash.encode(errors="replace")):
            raise RuleBroken(_("The text has changed since it was shown. Read it again, please."))
        for consent in consents:
            _agree(actor, consent, text_hash(consent), assisted)
        return consents


def of_batch(actor, batch: str) -> list[Consent]:
    """The consents of the acting client that were prepared together and wait. Raises Missing."""
    rows = list(Consent.select(Consent, Client, Organisation).join(Client).join_from(
        Consent, Organisation, on=(Consent.recipient == Organisation.id))
        .where(Consent.batch == batch, Client.user == actor.id, Consent.state == ConsentState.DRAFT)
        .order_by(Consent.id)) if batch else []
    if not rows:
        raise Missing(batch)
    return rows


def batch_hash(consents: list[Consent]) -> str:
    return hash_of("\n".join(text_hash(consent) for consent in consents))


def _agree(actor, consent, shown_hash, assisted):
    words = in_czech(consent, scopes_of(consent))
    if not secrets.compare_digest(hash_of(words).encode(), shown_hash.encode(errors="replace")):
        raise RuleBroken(_("The text has changed since it was shown. Read it again, please."))
    if consent.until_on < clock.today():
        raise RuleBroken(_("The time of this consent is over. Prepare a new one."))
    columns = {**_kept(consent, words), "given_at": clock.now()}
    if assisted:
        move(actor, consent, Event.AGREE_ON_PAPER, By.CLIENT, given_how="assisted",
             provisional_until=fortnight(consent.client), **columns)
    else:
        move(actor, consent, Event.AGREE, By.CLIENT, given_how="app", **columns)
    tell_recipient(consent, _("A client agreed to share"), _("A client agreed that your organisation sees more."),
                   rests_on=consent)


def _kept(consent, words):
    """The text that was agreed to with its imprint: an organisation may have a new name since it was prepared."""
    return {"shown": keys.seal(consent, "shown", words, consent.client), "text_hash": hash_of(words)}


def fortnight(client: Client):
    """The last day of a consent that is to be confirmed; none yet for who is in custody: it begins with release."""
    if client.prison_id and client.released_on is None:
        return None
    begins = max(clock.today(), client.released_on or clock.today())
    return begins + timedelta(days=PROVISIONAL_DAYS)


def refuse(actor, public_id: str) -> Consent:
    """The client says no. Nobody but the organisation that asked can tell."""
    with db.writing():
        consent = own_of_client(actor, public_id)
        if consent.state is not ConsentState.REFUSED:
            move(actor, consent, Event.REFUSE, By.CLIENT, ended_at=clock.now())
        return consent


# On paper

def write_down(actor, client_public_id: str, organisation: str, purpose: str, scopes, until_on, needs, witness: str,
               paper: str) -> Consent:
    """What a client agreed to on paper before a witness; it works at once and lapses unless the client confirms it."""
    with db.writing():
        client = files.own_client_of(actor, client_public_id)
        consent = draft(actor, client, recipient(organisation), purpose, scopes, until_on, needs, "consent.ask")
        _sign(actor, consent, witness, paper)
        return consent


def sign_asked(actor, public_id: str, witness: str, paper: str) -> Consent:
    """The same for a consent that the actor's organisation asked for and that waits."""
    with db.writing():
        consent = locked(of_organisation(actor, public_id).public_id)
        _sign(actor, consent, witness, paper)
        return consent


def _sign(actor, consent, witness, paper):
    witness = clean_text(witness, limit=LONGEST_NAME)
    paper = clean_text(paper, limit=LONGEST_REFERENCE)
    if not witness:
        raise RuleBroken(_("Write who was there when the client signed."), field="witness")
    if not paper:
        raise RuleBroken(_("Write where the signed sheet is kept."), field="paper")
    words = in_czech(consent, scopes_of(consent))
    move(actor, consent, Event.AGREE_ON_PAPER, By.STAFF, given_how="paper", paper=paper, given_at=clock.now(),
         witness=keys.seal(consent, "witness", witness, consent.client), **_kept(consent, words),
         provisional_until=fortnight(consent.client))
    tell_recipient(consent, _("A client agreed to share"), _("A client agreed that your organisation sees more."),
                   rests_on=consent)


def refuse_on_word(actor, public_id: str) -> Consent:
    """A worker writes down that the client said no to what their organisation asked for."""
    with db.writing():
        consent = locked(of_organisation(actor, public_id).public_id)
        move(actor, consent, Event.REFUSE, By.STAFF, ended_at=clock.now(), ended_how="worker")
        return consent


# Confirming what was given on paper or with help

def confirm(actor, public_id: str, assisted: bool = False) -> Consent:
    """The client confirms it alone."""
    with db.writing():
        consent = own_of_client(actor, public_id)
        if consent.state is ConsentState.ACTIVE:
            return consent
        if assisted:
            raise RuleBroken(_("Confirm it later, alone and on your own phone, or by a letter."))
        _not_over(consent)
        move(actor, consent, Event.CONFIRM, By.CLIENT, provisional_until=None)
        return consent


def confirm_on_word(actor, public_id: str) -> Consent:
    """A worker of the recipient writes down a letter or a call; not of the organisation that took the consent."""
    with db.writing():
        consent = locked(of_organisation(actor, public_id).public_id)
        taker = User.get_or_none(User.id == consent.asked_by_id)
        if taker and taker.organisation_id == actor.organisation_id:
            raise RuleBroken(_("Who took the consent cannot confirm it too. The client confirms it alone, or another "
                               "organisation does after a call or a letter."))
        _not_over(consent)
        move(actor, consent, Event.CONFIRM, By.STAFF, provisional_until=None)
        return consent


def _not_over(consent):
    """What has lapsed is not brought back to life, whether or not it is marked already."""
    if consent.state is ConsentState.PROVISIONAL and not holds(consent):
        raise RuleBroken(_("The time of this consent is over. Prepare a new one."))
