"""What partners say of each other: a prison of an organisation, an organisation of a prison. Nothing of any client."""
import enum

from peewee import Check, ForeignKeyField, IntegerField

import clock
from db import Choice, Moment, SealedColumn
from tables.base import Public
from tables.people import Organisation, User
from tables.referrals import Referral
from tables.visits import Booking


class Verdict(enum.StrEnum):
    """What is answered to each question."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"
    NOT_APPLICABLE = "not_applicable"


class PartnerReason(enum.StrEnum):
    """Why it did not go well."""

    STAFF = "staff"
    OPERATION = "operation"
    PAPERS = "papers"
    MISUNDERSTANDING = "misunderstanding"
    LATE_WORD = "late_word"
    OTHER = "other"


class PartnerView(Public):
    """One version of what an organisation says of its partner after a visit or a referral. Never edited in place."""

    organisation = ForeignKeyField(Organisation, backref="+")  # who says it
    about = ForeignKeyField(Organisation, backref="+")  # of whom
    booking = ForeignKeyField(Booking, null=True, backref="+", on_delete="CASCADE")
    referral = ForeignKeyField(Referral, null=True, backref="+", on_delete="CASCADE")
    author = ForeignKeyField(User, backref="+")
    number = IntegerField(default=1)  # of the version
    as_agreed = Choice(Verdict)
    on_time = Choice(Verdict)
    told_changes = Choice(Verdict)
    again = Choice(Verdict)
    reason = Choice(PartnerReason, null=True)
    note = SealedColumn(null=True)  # for the partner, signed
    created_at = Moment(default=clock.now)

    class Meta:
        constraints = [Check("(booking_id IS NULL) <> (referral_id IS NULL)"), Check("organisation_id <> about_id")]
        indexes = ((("booking", "organisation", "number"), True), (("referral", "organisation", "number"), True),
                   (("organisation", "about", "created_at"), False), (("about", "created_at"), False))


QUESTIONS = ("as_agreed", "on_time", "told_changes", "again")  # columns of a view, in the order they are asked
