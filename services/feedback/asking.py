"""Asking the client by a link that says nothing: once, reminded once, never two messages on one day."""
from datetime import timedelta

from flask_babel import force_locale
from flask_babel import gettext as _

import clock
import db
from crypto import token_hash
from models import Channel, Client, Prompt, PromptState, User, Wish
from services import journal, keys, mail

REMIND_AFTER = timedelta(days=7)


def link_of(prompt: Prompt) -> str:
    """The word of a client's link. It is made of a key that the database does not hold, so a reminder repeats it."""
    return keys.fingerprint("follow-up", prompt.public_id)[:43]


def ask_clients() -> int:
    """Writes to clients whose follow-up is open, and reminds those who have not answered in a week; how many mails."""
    with db.writing():
        rows = list(db.locked(_to_tell()))
        for prompt in rows:
            _write_to(prompt)
        return len(rows)


def _to_tell():
    """Open follow-ups that were not told, or a week ago and not reminded, of clients who had nothing today."""
    new = Prompt.told_at.is_null()
    old = Prompt.reminded_at.is_null() & (Prompt.told_at <= clock.now() - REMIND_AFTER)
    return (Prompt.select(Prompt, Client, User).join(Client).join(User, on=(Client.user == User.id))
            .join_from(Client, Wish, on=(Wish.client == Client.id))
            .where(Prompt.state == PromptState.OPEN, new | old, Client.erased_at.is_null(),
                   User.active == True, User.password_hash != "",  # noqa: E712
                   Wish.channel == Channel.MAIL, Wish.address.is_null(False), Wish.stopped_at.is_null(),
                   Wish.told_on.is_null() | (Wish.told_on < clock.today())).order_by(Prompt.id))


def _write_to(prompt):
    first, client, word = prompt.told_at is None, prompt.client, link_of(prompt)
    wish = Wish.get(Wish.client == client)
    with force_locale(client.user.language):
        opening = _("Somebody would like to know how you are. Answer here, it takes a minute:") if first else \
            _("A reminder, the only one. If you like, answer here:")
        closing = _("You need not answer. Nothing happens then.")
        body = f"{opening}\n\n{mail.link('/how-are-you/' + word)}\n\n{closing}\n"
        mail.post_to(keys.unseal(wish, "address", client), _("Message from Návaznost"), body, prompt=prompt)
    told = {"told_at": clock.now()} if first else {"reminded_at": clock.now()}
    Prompt.update(token_hash=token_hash(word), **told).where(Prompt.id == prompt.id).execute()
    Wish.update(told_on=clock.today()).where(Wish.id == wish.id).execute()
    journal.wrote(None, "feedback.tell" if first else "feedback.remind", prompt.public_id, client, "state")
