"""Drafts: what somebody was writing, one for a user, a form and an object. Old ones go after 90 days.

A draft is sealed under the key of each client whom it is about and then under its writer's: with any of these keys gone
nobody reads it, in no backup either. Erasing a client so reaches what others were just writing about them.
"""
import base64
import json
from datetime import timedelta

import clock
import db
from models import Client, Draft
from services import keys, of_client

KEPT_DAYS = 90
LONGEST = 60_000  # signs of one draft
ID = 22  # signs of a public id


class _Owner:
    """Somebody whose key seals, by public id."""

    def __init__(self, public_id: str):
        self.public_id = public_id


def keep(user, form: str, about: str, fields: dict[str, list[str]]) -> Draft | None:
    """Saves the fields of a form (name -> values); passwords and tokens never. None where it is too long."""
    content = json.dumps({name: values for name, values in fields.items() if not _secret(name)}, ensure_ascii=False)
    if len(content) > LONGEST:
        return None
    with db.writing():
        draft = Draft.get_or_none(user=user, form=form, about=about) or Draft(user=user, form=form, about=about)
        draft.owners = ";".join(of_client.named(_ids(about, fields)))
        draft.content = _sealed(draft, content, user)
        draft.saved_at = clock.now()
        draft.save()
        return draft


def _ids(about, fields) -> set[str]:
    """Whatever in a form and its address may be a public id."""
    typed = {value for values in fields.values() for value in values}
    return {each for each in {*about.split(","), *typed} if len(each) == ID and each.isascii()}


def _sealed(draft, content, user) -> bytes:
    for owner in _clients(draft):
        content = base64.b64encode(keys.seal(draft, "content", content, owner)).decode()
    return keys.seal(draft, "content", content, user)


def _clients(draft) -> list[_Owner]:
    return [_Owner(each) for each in draft.owners.split(";") if each]


def opened(draft: Draft) -> str:
    """The text of a draft. SealBroken where one of its keys is gone."""
    content = keys.unseal(draft, "content", draft.user)
    for owner in reversed(_clients(draft)):
        content = keys.unseal_text(draft, "content", base64.b64decode(content), owner)
    return content


def find(user, form: str, about: str) -> dict[str, list[str]] | None:
    """The saved fields of a form, or None."""
    draft = Draft.get_or_none(user=user, form=form, about=about)
    return json.loads(opened(draft)) if draft else None


def about(client: Client, user) -> list[Draft]:
    """What is being written about a client, by whomever, and what the client's own account is writing."""
    return list(Draft.select().where(_of(client) | (Draft.user == user)).order_by(Draft.id))


def _of(client):
    return Draft.owners.contains(client.public_id)


def drop(user, form: str, about: str) -> None:
    """Forgets a draft whose form was sent; called inside the transaction of what it became."""
    db.run(_drop, user=user.id, form=form, about=about)


def _drop(user, form, about):
    return Draft.delete().where(Draft.user == user, Draft.form == form, Draft.about == about)


def drop_of(client: Client) -> int:
    """Forgets every draft about a client, and those of the client's own account; returns how many."""
    return Draft.delete().where(_of(client) | (Draft.user == client.user_id)).execute()


def drop_old() -> int:
    """Removes drafts nobody touched for 90 days; returns how many."""
    with db.writing():
        return Draft.delete().where(Draft.saved_at < clock.now() - timedelta(days=KEPT_DAYS)).execute()


def _secret(name):
    return name in {"csrf_token", "request_key"} or "password" in name or "pin" in name.split("_")
