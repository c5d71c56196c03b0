"""Preparing a consent: nothing is shared before the client agrees to the text."""
import secrets
from datetime import timedelta

from flask_babel import gettext as _

import clock
import db
from crypto import ALPHABET
from errors import RuleBroken
from models import Client, Consent, ConsentScope, ConsentState, Membership, Need, Organisation, Scope, new_public_id
from policy import membership_holds
from services import files, journal, keys
from services.consents.changing import note
from services.consents.reading import client_of, recipients, told
from services.consents.wording import BY_NEED, TEXT_VERSION, hash_of, in_czech
from text import clean_text

LONGEST = timedelta(days=365)
LONGEST_PURPOSE = 300  # signs
ASK_AGAIN_AFTER = timedelta(days=92)
MOST_RECIPIENTS = 20


def ask(actor, client_public_id: str, purpose: str, scopes: list[Scope], until_on, needs: list[Need] = ()) -> Consent:
    """Who works with the client, or reads by a consent, asks that their organisation may see more, or longer."""
    with db.writing():
        client = files.client_to_ask(actor, client_public_id)
        _not_refused_lately(client, actor.organisation)
        return draft(actor, client, actor.organisation, purpose, scopes, until_on, needs, "consent.ask")


def ask_for_link(actor, client: Client, purpose: str, scopes: list[Scope], until_on) -> Consent:
    """A worker who has nothing but the code from somebody's card asks; they learn nothing before the client agrees."""
    return draft(actor, client, actor.organisation, purpose, scopes, until_on, (), "consent.ask")


def prepare(actor, organisation_public_id: str, purpose: str, scopes: list[Scope], until_on,
            needs: list[Need] = ()) -> Consent:
    """The client chooses by themself whom to let see what."""
    with db.writing():
        return draft(actor, client_of(actor), recipient(organisation_public_id), purpose, scopes, until_on, needs,
                     "consent.prepare")


def prepare_for_helpers(actor, purpose: str, scopes: list[Scope], until_on, needs: list[Need] = ()) -> list[Consent]:
    """One consent for each organisation that works with the client at this moment; who comes later is not included."""
    with db.writing():
        client, batch = client_of(actor), new_public_id()
        helpers = helpers_of(client)
        if not helpers:
            raise RuleBroken(_("Nobody works with you yet. Choose an organisation."), field="organisation")
        return [draft(actor, client, helper, purpose, scopes, until_on, needs, "consent.prepare", batch)
                for helper in helpers]


def helpers_of(client: Client) -> list[Organisation]:
    """Organisations that work with a client today and can be shared with."""
    works = Membership.select(Membership.organisation).where(Membership.client == client, membership_holds())
    return list(recipients().where(Organisation.id.in_(works)).limit(MOST_RECIPIENTS))


def recipient(public_id: str) -> Organisation:
    found = recipients().where(Organisation.public_id == public_id).first()
    if found is None:
        raise RuleBroken(_("Choose an organisation from the list."), field="organisation")
    return found


def draft(actor, client, organisation, purpose, scopes, until_on, needs, what, batch="") -> Consent:
    """A consent that waits for the client. Belongs inside `db.writing()`."""
    purpose = clean_text(purpose, limit=LONGEST_PURPOSE)
    scopes, needs = [each for each in Scope if each in scopes], [each for each in Need if each in needs]
    _check(purpose, scopes, until_on)
    consent = Consent(number=new_number(), client=client, recipient=organisation, asked_by=actor.id,
                      from_on=clock.today(), until_on=until_on, text_version=TEXT_VERSION, text_hash="", batch=batch,
                      state=ConsentState.DRAFT, created_at=clock.now())
    consent.purpose = keys.seal(consent, "purpose", purpose, client)
    consent.text_hash = hash_of(in_czech(consent, scopes, needs))
    consent.save(force_insert=True)
    add_scopes(consent, scopes, needs)
    note(actor, consent, what.removeprefix("consent."))
    journal.wrote(actor, what, consent.public_id, client, ",".join(scopes))
    return consent


def add_scopes(consent, scopes, needs) -> None:
    """One row a scope, or one a need where the scope speaks of needs."""
    ConsentScope.insert_many([
        {"consent": consent.id, "scope": scope, "need": need}
        for scope in scopes for need in (needs if needs and scope in BY_NEED else [""])]).execute()


def _check(purpose, scopes, until_on):
    if not purpose:
        raise RuleBroken(_("Write what it is for, in a few words."), field="purpose")
    if not scopes:
        raise RuleBroken(_("Choose at least one thing to share."), field="scopes")
    if Scope.AUTHORITY_RECORDS in scopes and not {Scope.FOLLOW_UP, Scope.PLAN} & set(scopes):
        raise RuleBroken(_("What offices wrote down goes only together with the plan or how the client fares."),
                         field="scopes")
    if not clock.today() <= until_on <= clock.today() + LONGEST:
        raise RuleBroken(_("Choose a day from today to a year ahead at most."), field="until_on")


def new_number() -> str:
    return f"S-{clock.today().year}-" + "".join(secrets.choice(ALPHABET) for _sign in range(6))


def refused_lately(client, organisation) -> bool:
    since = clock.now() - ASK_AGAIN_AFTER
    return Consent.select().join(Client).where(
        Consent.client == client, Consent.recipient == organisation, told(),
        Consent.state == ConsentState.REFUSED, Consent.ended_at > since).exists()


def _not_refused_lately(client, organisation):
    if refused_lately(client, organisation):
        raise RuleBroken(_("The client said no to this a short time ago. You can ask again after three months."))
