"""Consent: asked, given, refused, withdrawn. Nothing is edited in place; every change is an event that stays.

What is agreed to is exactly the text that was shown: its hash travels with the form and is kept with the consent.
"""
import hashlib
import secrets
from datetime import timedelta

from flask_babel import force_locale
from flask_babel import gettext as _
from peewee import JOIN, fn

import clock
import db
from crypto import ALPHABET
from errors import Missing, RuleBroken
from formats import day
from labels import language
from models import (
    Client,
    Consent,
    ConsentEvent,
    ConsentScope,
    ConsentState,
    Kind,
    Membership,
    Organisation,
    OrganisationState,
    Role,
    Scope,
    User,
)
from policy import AUTHORITIES, membership_holds
from services import files, journal, keys, mail
from text import clean_text

TEXT_VERSION = "2026-11"
LONGEST = timedelta(days=365)
LONGEST_PURPOSE = 300  # signs
ASK_AGAIN_AFTER = timedelta(days=92)
OFFERED = (Scope.FOLLOW_UP, Scope.AUTHORITY_RECORDS, Scope.VISITS, Scope.NETWORK, Scope.IDENTITY)
LIVING = (ConsentState.ACTIVE, ConsentState.DRAFT)


# What stands in a consent

def scope_sentence(scope: Scope) -> str:
    """What a scope lets somebody see, in the client's words."""
    return {
        Scope.FOLLOW_UP: _("how I fare after release"),
        Scope.AUTHORITY_RECORDS: _("also what the town's curator and probation wrote down about it"),
        Scope.VISITS: _("when and where I have meetings"),
        Scope.NETWORK: _("which organisations help me"),
        Scope.IDENTITY: _("my name and how to reach me"),
        Scope.NEEDS: _("what I need help with"),
        Scope.PLAN: _("my plan"),
    }[scope]


def purpose_of(consent: Consent) -> str:
    """What a consent is for, in the words of who prepared it; for its client and its recipient."""
    return keys.unseal(consent, "purpose", consent.client)


def text(consent: Consent, scopes: list[Scope]) -> list[str]:
    """The sentences a client agrees to, in plain words; read aloud in a minute."""
    return [
        _("I agree that %(organisation)s may see:", organisation=consent.recipient.name),
        *[f"– {scope_sentence(scope)}" for scope in scopes],
        _("What for: %(purpose)s", purpose=purpose_of(consent)),
        _("From %(start)s to %(end)s.", start=day(consent.from_on, language=language()),
          end=day(consent.until_on, language=language())),
        _("I can end this at any time and need not say why. If I do not agree, nothing bad happens."),
    ]


def text_hash(consent: Consent, scopes: list[Scope]) -> str:
    """64 hex digits over what was shown, in Czech whatever the language of the page."""
    with force_locale("cs"):
        return hashlib.sha256("\n".join(text(consent, scopes)).encode()).hexdigest()


def scopes_of(consent: Consent) -> list[Scope]:
    found = {row.scope for row in ConsentScope.select().where(ConsentScope.consent == consent)}
    return [scope for scope in Scope if scope in found]


# Preparing

def ask(actor, client_public_id: str, purpose: str, scopes: list[Scope], until_on) -> Consent:
    """A worker with an own tie to the client asks that their organisation may see more."""
    with db.writing():
        client = files.own_client_of(actor, client_public_id)
        _not_refused_lately(client, actor.organisation)
        return _draft(actor, client, actor.organisation, purpose, scopes, until_on, "consent.ask")


def prepare(actor, organisation_public_id: str, purpose: str, scopes: list[Scope], until_on) -> Consent:
    """The client chooses by themself whom to let see what. Nothing is shared before they agree to the text."""
    with db.writing():
        organisation = recipients().where(Organisation.public_id == organisation_public_id).first()
        if organisation is None:
            raise RuleBroken(_("Choose an organisation from the list."), field="organisation")
        return _draft(actor, client_of(actor), organisation, purpose, scopes, until_on, "consent.prepare")


def _draft(actor, client, organisation, purpose, scopes, until_on, what):
    purpose = clean_text(purpose, limit=LONGEST_PURPOSE)
    _check(organisation, purpose, scopes, until_on)
    consent = Consent(number=_number(), client=client, recipient=organisation,
                      asked_by=actor.id, from_on=clock.today(), until_on=until_on, text_version=TEXT_VERSION,
                      text_hash="", created_at=clock.now())
    consent.purpose = keys.seal(consent, "purpose", purpose, client)
    consent.text_hash = text_hash(consent, scopes)
    consent.save(force_insert=True)
    ConsentScope.insert_many([{"consent": consent.id, "scope": scope} for scope in scopes]).execute()
    _event(actor, consent, "ask" if what == "consent.ask" else "prepare", ConsentState.DRAFT)
    journal.wrote(actor, what, consent.public_id, client, ",".join(scopes))
    return consent


def _check(organisation, purpose, scopes, until_on):
    if not purpose:
        raise RuleBroken(_("Write what it is for, in a few words."), field="purpose")
    if not scopes:
        raise RuleBroken(_("Choose at least one thing to share."), field="scopes")
    if Scope.AUTHORITY_RECORDS in scopes and Scope.FOLLOW_UP not in scopes:
        raise RuleBroken(_("What offices wrote down goes only together with how the client fares."), field="scopes")
    if not clock.today() <= until_on <= clock.today() + LONGEST:
        raise RuleBroken(_("Choose a day from today to a year ahead at most."), field="until_on")


def _number():
    return f"S-{clock.today().year}-" + "".join(secrets.choice(ALPHABET) for _sign in range(6))


def _not_refused_lately(client, organisation):
    since = clock.now() - ASK_AGAIN_AFTER
    if Consent.select().join(Client).where(Consent.client == client, Consent.recipient == organisation, _told(),
                                           Consent.state == ConsentState.REFUSED, Consent.ended_at > since).exists():
        raise RuleBroken(_("The client said no to this a short time ago. You can ask again after three months."))


# The client decides

def agree(actor, public_id: str, shown_hash: str) -> Consent:
    """The client agrees to the very text that was shown."""
    with db.writing():
        consent = _own_consent(actor, public_id)
        if consent.state is ConsentState.ACTIVE:
            return consent
        _must_be(consent, ConsentState.DRAFT)
        if not secrets.compare_digest(consent.text_hash.encode(), shown_hash.encode(errors="replace")) \
                or consent.text_hash != text_hash(consent, scopes_of(consent)):
            raise RuleBroken(_("The text has changed since it was shown. Read it again, please."))
        if consent.until_on < clock.today():
            raise RuleBroken(_("The time of this consent is over. Prepare a new one."))
        _move(actor, consent, "agree", ConsentState.ACTIVE, given_at=clock.now())
        _tell(consent, _("A client agreed to share"), _("A client agreed that your organisation sees more."),
              rests_on=consent)
        return consent


def refuse(actor, public_id: str) -> Consent:
    """The client says no. Nobody but the organisation that asked can tell."""
    with db.writing():
        consent = _own_consent(actor, public_id)
        if consent.state is not ConsentState.REFUSED:
            _must_be(consent, ConsentState.DRAFT)
            _move(actor, consent, "refuse", ConsentState.REFUSED, ended_at=clock.now())
        return consent


def withdraw(actor, public_id: str) -> Consent:
    """The client takes a consent back; it holds from the next request on."""
    with db.writing():
        consent = _own_consent(actor, public_id)
        if consent.state is not ConsentState.WITHDRAWN:
            _must_be(consent, ConsentState.ACTIVE)
            _move(actor, consent, "withdraw", ConsentState.WITHDRAWN, ended_at=clock.now())
            _tell(consent, _("A consent has ended"),
                  _("A client has ended a consent. Delete what you copied under it."))
        return consent


def _must_be(consent, state):
    if consent.state is not state:
        raise RuleBroken(_("This has been decided already. See how it stands now."))


def _move(actor, consent, event, state, **columns):
    """The row is changed only from the state it was read in: of two at once one finds nothing to change."""
    changed = Consent.update(state=state, **columns).where(
        Consent.id == consent.id, Consent.state == consent.state).execute()
    if not changed:
        raise RuleBroken(_("This has been decided already. See how it stands now."))
    consent.state = state
    _event(actor, consent, event, state)
    journal.wrote(actor, f"consent.{event}", consent.public_id, consent.client, "state")


def _event(actor, consent, event, state):
    ConsentEvent.insert(consent=consent.id, actor=actor.id, event=event, new_state=state, at=clock.now()).execute()


def _tell(consent, subject, opening, rests_on=None):
    """Tells the leads of the recipient, without a name or a code; where `rests_on` still holds when the mail goes."""
    link = mail.link(f"/consents/{consent.public_id}")
    for user in User.select().where(User.organisation == consent.recipient, User.lead == True,  # noqa: E712
                                    User.active == True, User.email.is_null(False)):  # noqa: E712
        with force_locale(user.language):
            mail.post(user, f"{subject} ({consent.number})", f"{opening}\n\n{link}\n", consent=rests_on)


def _own_consent(actor, public_id) -> Consent:
    consent = db.locked(Consent.select(Consent, Client).join(Client).where(
        Consent.public_id == public_id, Client.user == actor.id)).first()
    if consent is None:
        raise Missing(public_id)
    return consent


# Reading

def client_of(actor) -> Client:
    """The client an account belongs to."""
    client = Client.get_or_none(Client.user == actor.id, Client.erased_at.is_null())
    if client is None:
        raise Missing()
    return client


def of_client(actor) -> list[Consent]:
    """The client's own consents: what holds or waits first, then what has ended."""
    rows = (Consent.select(Consent, Organisation, User).join(Organisation)
            .join_from(Consent, User, JOIN.LEFT_OUTER, on=(Consent.asked_by == User.id), attr="asked_by")
            .join_from(Consent, Client).where(Client.user == actor.id).order_by(Consent.created_at.desc()))
    return sorted(rows, key=lambda row: row.state not in LIVING)


def one_of_client(actor, public_id: str) -> Consent:
    row = next((row for row in of_client(actor) if row.public_id == public_id), None)
    if row is None:
        raise Missing(public_id)
    return row


def holds(consent: Consent) -> bool:
    """Whether a consent opens anything today."""
    return consent.state is ConsentState.ACTIVE and consent.from_on <= clock.today() <= consent.until_on


def recipients():
    """Organisations a client may share with: verified ones that work with people."""
    return Organisation.select().where(
        Organisation.state == OrganisationState.VERIFIED,
        Organisation.kind.in_([Kind.NGO, *AUTHORITIES, Kind.PRISON])).order_by(Organisation.sort)


def recipients_near(actor) -> list[Organisation]:
    """The same, those that already work with the client first."""
    client = client_of(actor)
    near = {row.organisation_id for row in Membership.select().where(Membership.client == client)}
    return sorted(recipients(), key=lambda row: (row.id not in near, row.sort))


def _told():
    """Condition (with Client joined): the recipient knows of it. What a client began and did not agree to stays theirs:
    nobody can tell it from never having been thought of."""
    begun_by_client = fn.COALESCE(Consent.asked_by == Client.user, False)
    return ~begun_by_client | Consent.given_at.is_null(False)


def of_organisation(actor, public_id: str) -> Consent:
    """A consent as its recipient sees it: state and dates, nothing of the client but through the file.

    A member sees those that they asked for, that name them, or whose client is theirs; a lead all of the organisation.
    """
    assigned = Membership.select(Membership.client).where(
        Membership.organisation == actor.organisation_id, Membership.worker == actor.id, membership_holds())
    own = (Consent.asked_by == actor.id) | (Consent.recipient_user == actor.id) | Consent.client.in_(assigned)
    query = Consent.select(Consent, Client).join(Client).where(
        Consent.public_id == public_id, Consent.recipient == actor.organisation_id, _told())
    consent = (query if actor.lead else query.where(own)).first()
    if consent is None or actor.role in {Role.CLIENT, Role.ADMIN, Role.COORDINATOR}:
        raise Missing(public_id)
    return consent


def asked_of(actor, client_public_id: str) -> list[Consent]:
    """What the actor's organisation has asked of a client, with how it stands, newest first."""
    return db.kept(_asked_of, client=client_public_id, recipient=actor.organisation_id)


def _asked_of(client, recipient):
    return (Consent.select().join(Client).where(Client.public_id == client, Consent.recipient == recipient, _told())
            .order_by(Consent.created_at.desc()))


def expire() -> int:
    """Marks consents whose last day is over; access ended with that day by itself. Returns how many."""
    with db.writing():
        over = Consent.select().where(Consent.state == ConsentState.ACTIVE, Consent.until_on < clock.today())
        for consent in over:
            Consent.update(state=ConsentState.EXPIRED, ended_at=clock.now()).where(Consent.id == consent.id).execute()
            ConsentEvent.insert(consent=consent.id, event="expire", new_state=ConsentState.EXPIRED,
                                at=clock.now()).execute()
        return len(over)
