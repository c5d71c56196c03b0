"""Ending a consent: by the client, by any worker on the client's word, by letter, by time. It holds from the next
request on; recipients are told what to delete and say that they did."""
from flask_babel import gettext as _
from peewee import JOIN

import clock
import db
from errors import Missing, RuleBroken
from models import Client, Consent, ConsentState, DeletionNotice, Organisation, Scope
from policy import Can, in_force, may
from services import feedback, files, journal, keys
from services.consents.changing import By, Event, move, note, own_of_client
from services.consents.giving import fortnight
from services.consents.preparing import add_scopes, new_number
from services.consents.telling import tell_recipient
from services.consents.wording import hash_of, in_czech, needs_of, purpose_of, scopes_of

GIVEN = (ConsentState.ACTIVE, ConsentState.PROVISIONAL)
HOW = ("word", "letter")


def withdraw(actor, public_id: str) -> Consent:
    """The client takes a consent back."""
    with db.writing():
        consent = own_of_client(actor, public_id)
        if consent.state is not ConsentState.WITHDRAWN:
            _withdraw(actor, consent, By.CLIENT, "app")
        return consent


def withdraw_on_word(actor, client_public_id: str, organisation: str, how: str) -> None:
    """A worker writes down that the client takes back what they gave an organisation (a public id), or all (empty).

    The worker does not learn whether there was anything to take back.
    """
    if how not in HOW:
        raise RuleBroken(_("Choose how the client told you."), field="how")
    with db.writing():
        client = files.client_worked_with(actor, client_public_id)
        given = Consent.select(Consent, Client).join(Client).where(Consent.client == client, Consent.state.in_(GIVEN))
        if organisation:
            given = given.where(Consent.recipient.in_(
                Organisation.select(Organisation.id).where(Organisation.public_id == organisation)))
        journal.wrote(actor, "consent.withdraw_on_word", client=client)
        for consent in list(db.locked(given)):
            _withdraw(actor, consent, By.STAFF, "letter" if how == "letter" else "worker")


def end_all(actor, client: Client) -> set[int]:
    """Ends all that a client has given, where there is nobody any more to give it; the recipients' ids.

    Belongs inside `db.writing()`.
    """
    given = list(Consent.select(Consent, Client).join(Client).where(Consent.client == client,
                                                                    Consent.state.in_(GIVEN)))
    for consent in given:
        _withdraw(actor, consent, By.STAFF, "worker")
    return {consent.recipient_id for consent in given}


def _withdraw(actor, consent, by, how):
    move(actor, consent, Event.WITHDRAW, by, ended_at=clock.now(), ended_how=how)
    tell_to_delete(consent)
    feedback.ground_ended(consent.client)


def tell_to_delete(consent: Consent) -> None:
    db.add(DeletionNotice(organisation=consent.recipient_id, client=consent.client_id, consent=consent.id,
                          told_at=clock.now()))
    tell_recipient(consent, _("A consent has ended"),
                   _("A client has ended a consent. Delete what you copied under it."))


def narrow(actor, public_id: str, keep: list[Scope]) -> Consent:
    """The client takes back some parts: the consent is replaced by one that opens only `keep`, at once."""
    with db.writing():
        old = own_of_client(actor, public_id)
        if old.state not in GIVEN:
            raise RuleBroken(_("This has been decided already. See how it stands now."))
        had = scopes_of(old)
        kept = [scope for scope in had if scope in keep]
        if Scope.FOLLOW_UP not in kept:
            kept = [scope for scope in kept if scope is not Scope.AUTHORITY_RECORDS]
        if kept == had:
            raise RuleBroken(_("Untick what they should not see any more."), field="scopes")
        if not kept:
            _withdraw(actor, old, By.CLIENT, "app")
            return old
        return _replace(actor, old, kept)


def _replace(actor, old, scopes) -> Consent:
    needs, state = needs_of(old), old.state
    new = Consent(number=new_number(), client=old.client, recipient=old.recipient_id, asked_by=old.asked_by_id,
                  recipient_user=old.recipient_user_id, from_on=old.from_on, until_on=old.until_on, text_hash="",
                  text_version=old.text_version, state=state, given_how=old.given_how, paper=old.paper,
                  given_at=clock.now(), provisional_until=old.provisional_until, created_at=clock.now())
    new.purpose = keys.seal(new, "purpose", purpose_of(old), old.client)
    words = in_czech(new, scopes, needs)
    new.shown, new.text_hash = keys.seal(new, "shown", words, old.client), hash_of(words)
    new.save(force_insert=True)
    add_scopes(new, scopes, needs)
    move(actor, old, Event.REPLACE, By.CLIENT, ended_at=clock.now(), ended_how="app", replaced_by=new.id)
    note(actor, new, "narrow")
    journal.wrote(actor, "consent.narrow", new.public_id, old.client, ",".join(scopes))
    tell_to_delete(old)
    feedback.ground_ended(old.client)
    return new


# By time

def expire() -> int:
    """Marks consents whose last day is over, and those that nobody confirmed; access ended with that day by itself."""
    today, ended = clock.today(), 0
    over = Consent.select(Consent, Client).join(Client).where(Consent.state.in_(GIVEN), ~in_force(today),
                                                              Consent.from_on <= today)
    with db.writing():
        for consent in list(over):
            late = consent.until_on >= today
            move(None, consent, Event.LAPSE if late else Event.EXPIRE, By.SYSTEM, ended_at=clock.now())
            feedback.ground_ended(consent.client)
            if late:
                tell_to_delete(consent)
            ended += 1
    return ended


def begin_fortnight(client: Client) -> None:
    """With release the time begins in which consents on paper are to be confirmed. Belongs inside `db.writing()`."""
    Consent.update(provisional_until=fortnight(client)).where(
        Consent.client == client, Consent.state == ConsentState.PROVISIONAL,
        Consent.provisional_until.is_null()).execute()


# What recipients delete

def notices(actor) -> list[DeletionNotice]:
    """What the actor's organisation has to delete and has not ticked off, the oldest first; for its leads."""
    if not may(actor, Can.OPEN_CLIENTS) or not actor.lead:
        return []
    return list(DeletionNotice.select(DeletionNotice, Consent).join(Consent, JOIN.LEFT_OUTER).where(
        DeletionNotice.organisation == actor.organisation_id, DeletionNotice.done_at.is_null())
        .order_by(DeletionNotice.told_at))


def tick(actor, public_id: str) -> None:
    """A lead says that what was copied is deleted. Raises Missing."""
    with db.writing():
        row = next((row for row in notices(actor) if row.public_id == public_id), None)
        if row is None:
            raise Missing(public_id)
        DeletionNotice.update(done_at=clock.now(), done_by=actor.id).where(DeletionNotice.id == row.id).execute()
        about = row.consent.public_id if row.consent_id else row.public_id  # a referral that was taken back has none
        journal.wrote(actor, "consent.deleted", about, Client.get_by_id(row.client_id), "deletion")
