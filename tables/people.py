"""Organisations, people who sign in, their sessions and drafts."""
import enum

from flask_login import UserMixin
from peewee import BooleanField, ForeignKeyField, IntegerField

import clock
from db import Choice, Moment, SealedColumn, Text
from tables.base import Public, Table, new_public_id


class Kind(enum.StrEnum):
    """What an organisation is."""

    PRISON = "prison"
    PROBATION = "probation"
    MUNICIPALITY = "municipality"
    NGO = "ngo"
    LABOUR_OFFICE = "labour_office"
    HEALTH = "health"
    EMPLOYER = "employer"
    NETWORK = "network"  # the association that runs the network and keeps the server
    OTHER = "other"


class Role(enum.StrEnum):
    PRISON = "prison"
    PROBATION = "probation"
    CURATOR = "curator"
    NGO = "ngo"
    CLIENT = "client"
    PARTNER = "partner"
    COORDINATOR = "coordinator"
    ADMIN = "admin"


class OrganisationState(enum.StrEnum):
    PROPOSED = "proposed"
    VERIFIED = "verified"
    PAUSED = "paused"
    CLOSED = "closed"


class Region(Table):
    """One of the fourteen regions (NUTS 3)."""

    code = Text(primary_key=True)
    name = Text()
    name_en = Text()
    seat = Text()


class Municipality(Table):
    """A municipality with extended powers (ORP): where a social curator sits."""

    code = Text(primary_key=True)
    name = Text()
    fold = Text(index=True)
    district = Text()
    region = ForeignKeyField(Region, backref="+")


class District(Table):
    """One of the 76 districts (LAU 1), and Prague."""

    code = Text(primary_key=True)
    name = Text()
    fold = Text(index=True)
    region = ForeignKeyField(Region, backref="+")


class Organisation(Public):
    slug = Text(unique=True)  # the stable name in imported files
    kind = Choice(Kind, index=True)
    state = Choice(OrganisationState, default=OrganisationState.PROPOSED, index=True)
    name = Text()
    short_name = Text(default="")
    sort = Text(index=True)
    legal_form = Text(default="")
    ico = Text(default="", index=True)
    street = Text(default="")
    city = Text(default="")
    postal_code = Text(default="")
    district = Text(default="")
    region = ForeignKeyField(Region, null=True, backref="+")
    municipality = ForeignKeyField(Municipality, null=True, backref="+")
    web = Text(default="")
    email = Text(default="")
    phone = Text(default="")
    data_box = Text(default="")
    description = Text(default="")  # Markdown
    funding = Text(default="")  # who pays for it, a line each
    parent = ForeignKeyField("self", null=True, backref="+")
    only_clients_words = BooleanField(default=False)  # of a client it reads nothing that others wrote
    invented = BooleanField(default=False)  # exists only in the demonstration
    verified_at = Moment(null=True)
    created_at = Moment(default=clock.now)
    version = IntegerField(default=1)

    @property
    def label(self):
        return self.short_name or self.name


class User(UserMixin, Public):
    """A person who signs in. A client's user has no name and no organisation; `Client.user` points at it."""

    email = Text(null=True, unique=True)
    name = Text(default="")
    post = Text(default="")
    role = Choice(Role)
    lead = BooleanField(default=False)
    organisation = ForeignKeyField(Organisation, null=True, backref="+", index=True)
    password_hash = Text(default="")
    language = Text(default="cs")
    active = BooleanField(default=True)
    calendar_method = Text(default="PUBLISH")  # of the calendar in a mail: PUBLISH, or REQUEST and CANCEL
    created_at = Moment(default=clock.now)

    @property
    def is_active(self):
        return self.active


class UserSession(Table):
    """A signed-in browser. Only the hash of its token is kept."""

    token_hash = Text(unique=True)
    user = ForeignKeyField(User, backref="+", on_delete="CASCADE")
    created_at = Moment(default=clock.now)
    seen_at = Moment(default=clock.now)
    ended_at = Moment(null=True)
    browser = Text(default="")
    assisted = BooleanField(default=False)  # somebody helped with it: what is agreed to here is provisional


class RulesAccepted(Table):
    """That a person accepted a version of the rules of confidentiality."""

    user = ForeignKeyField(User, backref="+", on_delete="CASCADE")
    version = Text()
    at = Moment(default=clock.now)

    class Meta:
        indexes = ((("user", "version"), True),)


class TokenKind(enum.StrEnum):
    INVITATION = "invitation"
    RESET = "reset"
    ACTIVATION = "activation"  # a client's slip, used with the card


class OneTimeToken(Table):
    """An invitation or a reset by mail: hashed, used once, until a moment."""

    token_hash = Text(unique=True)
    kind = Choice(TokenKind)
    user = ForeignKeyField(User, backref="+", on_delete="CASCADE")
    created_at = Moment(default=clock.now)
    expires_at = Moment()
    used_at = Moment(null=True)


class Attempt(Table):
    """A failed try at something throttled, under keyed digests of what was tried and from where."""

    subject = Text()
    at = Moment(default=clock.now)

    class Meta:
        indexes = ((("subject", "at"), False),)


class Draft(Table):
    """What somebody was writing: sealed, one for a user, a form and an object."""

    public_id = Text(unique=True, default=new_public_id)
    user = ForeignKeyField(User, backref="+", on_delete="CASCADE")
    form = Text()
    about = Text(default="")
    owners = Text(default="")  # public ids of clients whose keys it is sealed under besides the writer's
    content = SealedColumn()
    saved_at = Moment(default=clock.now)

    class Meta:
        indexes = ((("user", "form", "about"), True),)
