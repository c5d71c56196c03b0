"""Who is told of a consent: the leads of its recipient, without a name or a code."""
from flask_babel import force_locale

from models import Consent, User
from services import mail


def tell_recipient(consent: Consent, subject, opening, rests_on: Consent | None = None) -> None:
    """A mail to each lead; it goes only where `rests_on` still holds by then."""
    link = mail.link(f"/consents/{consent.public_id}")
    for user in User.select().where(User.organisation == consent.recipient, User.lead == True,  # noqa: E712
                                    User.active == True, User.email.is_null(False)):  # noqa: E712
        with force_locale(user.language):
            mail.post(user, f"{subject} ({consent.number})", f"{opening}\n\n{link}\n", consent=rests_on)
