"""Reading consents: as their client, as their recipient, as who asked."""
from datetime import timedelta

from peewee import JOIN, fn

import clock
import db
from errors import Missing
from models import Client, Consent, ConsentState, Kind, Membership, Organisation, OrganisationState, Role, User
from policy import AUTHORITIES, in_force, is_worker, membership_holds
from services import journal

LIVING = (ConsentState.ACTIVE, ConsentState.PROVISIONAL, ConsentState.DRAFT)
ENDING_IN = timedelta(days=30)


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
    today = clock.today()
    until = consent.provisional_until if consent.state is ConsentState.PROVISIONAL else None
    return (consent.state in (ConsentState.ACTIVE, ConsentState.PROVISIONAL) and consent.from_on <= today
            <= min(consent.until_on, until or consent.until_on))


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


def told():
    """Condition (with Client joined): the recipient knows of it. What a client began and did not agree to stays theirs:
    nobody can tell it from never having been thought of."""
    begun_by_client = fn.COALESCE(Consent.asked_by == Client.user, False)
    return ~begun_by_client | Consent.given_at.is_null(False)


def of_organisation(actor, public_id: str) -> Consent:
    """A consent as its recipient sees it: state and dates, nothing of the client but through the file.

    A member sees those that they asked for, that name them, or whose client is theirs; a lead all of the organisation.
    """
    assigned = Membership.select(Membership.client).where(
        Membership.organisation == actor.organisation_id, is_worker(actor), membership_holds())
    own = (Consent.asked_by == actor.id) | (Consent.recipient_user == actor.id) | Consent.client.in_(assigned)
    query = Consent.select(Consent, Client).join(Client).where(
        Consent.public_id == public_id, Consent.recipient == actor.organisation_id, told())
    consent = (query if actor.lead else query.where(own)).first()
    if consent is None or actor.role in {Role.CLIENT, Role.ADMIN, Role.COORDINATOR}:
        raise Missing(public_id)
    return consent


def open_one(actor, public_id: str) -> Consent:
    """The same with its words, which are the client's: that it was read stands in their log. Raises Missing."""
    with db.recording():
        consent = of_organisation(actor, public_id)
        journal.read(actor, "consent.open", public_id, consent.client, "purpose")
        return consent


def asked_of(actor, client_public_id: str) -> list[Consent]:
    """What the actor's organisation has asked of a client, with how it stands, newest first."""
    return db.kept(_asked_of, client=client_public_id, recipient=actor.organisation_id)


def _asked_of(client, recipient):
    return (Consent.select().join(Client).where(Client.public_id == client, Consent.recipient == recipient, told())
            .order_by(Consent.created_at.desc()))


def ending(actor) -> list[Consent]:
    """Consents to the actor's organisation that end within 30 days, the first to end first; a member's own clients."""
    today = clock.today()
    query = Consent.select(Consent, Client).join(Client).where(
        Consent.recipient == actor.organisation_id, in_force(today), Consent.until_on <= today + ENDING_IN)
    assigned = Membership.select(Membership.client).where(
        Membership.organisation == actor.organisation_id, is_worker(actor), membership_holds())
    return list((query if actor.lead else query.where(Consent.client.in_(assigned))).order_by(Consent.until_on))
