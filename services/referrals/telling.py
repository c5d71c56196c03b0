"""Who is told of a referral: a number and a link, never a person."""
from datetime import timedelta

from flask_babel import force_locale
from flask_babel import gettext as _

import clock
from crypto import new_token, token_hash
from models import Client, Referral, Role, User
from services import keys, mail

LINK_LASTS_DAYS = 30


def receivers(row: Referral) -> list[User]:
    """The receiver's worker, or its leads until there is one."""
    of = User.select().where(User.organisation == row.receiver_id, User.active == True,  # noqa: E712
                             User.email.is_null(False))
    named = list(of.where(User.id == row.worker_id)) if row.worker_id else []
    return named or list(of.where(User.lead == True))  # noqa: E712


def senders(row: Referral) -> list[User]:
    return list(User.select().where(User.id == row.author_id, User.active == True))  # noqa: E712


def tell(users, row: Referral, subject, words, rests: bool = True) -> None:
    """A mail to each; where it `rests` on the referral it goes only while that is not taken back.

    `subject` and `words` are functions, so that each reads it in their language.
    """
    for user in users:
        if user.email and (user.role is not Role.CLIENT):
            with force_locale(user.language):
                mail.post(user, f"{subject()} ({row.number})", f"{words()}\n\n{_link(row)}\n",
                          referral=row if rests else None)


def _link(row):
    return mail.link(f"/referrals/{row.public_id}")


def tell_client(row: Referral, words) -> None:
    """The client reads of it in the app; the mail says only that there is something to read."""
    client = Client.get_by_id(row.client_id)
    if client.user_id and client.user.email and client.user.active:
        with force_locale(client.user.language):
            mail.post(client.user, "", f"{words()}\n\n{mail.link('/me')}\n")


def send_link(row: Referral) -> None:
    """A link to who has no account: it opens this one referral for thirty days, nothing else."""
    token, address = new_token(), row.receiver.email
    row.external = keys.seal(row, "external", address, row.client)
    row.external_hash = token_hash(token)
    row.external_until = clock.today() + timedelta(days=LINK_LASTS_DAYS)
    with force_locale("cs"):
        body = _("A worker of the network asks whether your service can help somebody. You need no account: the page "
                 "behind this link shows what they ask and takes your answer. It holds for 30 days.")
        subject = _("A referral to your service")
        mail.post_to(address, f"{subject} ({row.number})", f"{body}\n\n{mail.link('/answer-referral/' + token)}\n",
                     referral=row)
