"""A client opens their own app: with the card and the slip they choose a PIN; a new slip changes the PIN."""
import re

from flask_babel import gettext as _

import clock
import db
from errors import RuleBroken
from models import Attempt, Client, OneTimeToken, TokenKind, User, UserSession
from services import accounts, joining, journal

PIN = re.compile(r"[0-9]{6,12}")
RUNS = ("0123456789", "9876543210")


def activate(card: str, word: str, pin: str, again: str, address: str, browser: str,
             assisted: bool) -> tuple[User, str]:
    """The account and the token of its new session. Raises RuleBroken; of what is wrong with card and slip, nothing.

    All older sessions end, the slip is used up, and wrong tries at the PIN are forgotten.
    """
    with accounts.throttled("activation", card, address):
        if accounts.user_of_slip(card, word) is None:
            raise RuleBroken(_("The card and the slip do not belong together, or the slip is too old. "
                               "Check both, or ask for a new slip."), field="word")
    check_pin(pin, again)
    hashed = accounts.hash_password(pin)
    with db.writing():
        user = accounts.user_of_slip(card, word)
        if user is None or not _use_up(user):
            raise RuleBroken(_("This slip was used already. Ask for a new one."), field="word")
        User.update(password_hash=hashed).where(User.id == user.id).execute()
        UserSession.update(ended_at=clock.now()).where(UserSession.user == user,
                                                       UserSession.ended_at.is_null()).execute()
        Attempt.delete().where(Attempt.subject == accounts.pin_subject(user)).execute()
        client = Client.get(Client.user == user)
        joining.leave(client)  # whoever knew the old PIN may have joined it with a card of theirs
        journal.wrote(user, "access.activate", user.public_id, client, "pin")
        return user, accounts.start_session(user, browser, assisted)


def _use_up(user) -> bool:
    return bool(OneTimeToken.update(used_at=clock.now()).where(
        OneTimeToken.user == user, OneTimeToken.kind == TokenKind.ACTIVATION,
        OneTimeToken.used_at.is_null()).execute())


def check_pin(pin: str, again: str) -> None:
    """Refuses a PIN that is short, or that somebody guesses first."""
    if not PIN.fullmatch(pin):
        raise RuleBroken(_("A PIN has 6 to 12 digits."), field="pin")
    if len(set(pin)) < 3 or any(pin in run for run in RUNS):
        raise RuleBroken(_("This PIN is easy to guess. Choose another one."), field="pin")
    if pin != again:
        raise RuleBroken(_("The two PINs are not the same."), field="again")
