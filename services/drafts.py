"""Drafts: what somebody was writing, sealed, one for a user, a form and an object. Old ones go after 90 days."""
import json
from datetime import timedelta

import clock
import db
from models import Draft
from services import keys

KEPT_DAYS = 90
LONGEST = 60_000  # signs of one draft


def keep(user, form: str, about: str, fields: dict[str, list[str]]) -> Draft | None:
    """Saves the fields of a form (name -> values); passwords and tokens never. None where it is too long."""
    content = json.dumps({name: values for name, values in fields.items() if not _secret(name)})
    if len(content) > LONGEST:
        return None
    with db.writing():
        draft = Draft.get_or_none(user=user, form=form, about=about) or Draft(user=user, form=form, about=about)
        draft.content = keys.seal(draft, "content", content, user)
        draft.saved_at = clock.now()
        draft.save()
        return draft


def find(user, form: str, about: str) -> dict[str, list[str]] | None:
    """The saved fields of a form, or None."""
    draft = Draft.get_or_none(user=user, form=form, about=about)
    return json.loads(keys.unseal(draft, "content", user)) if draft else None


def drop(user, form: str, about: str) -> None:
    """Forgets a draft whose form was sent; called inside the transaction of what it became."""
    db.run(_drop, user=user.id, form=form, about=about)


def _drop(user, form, about):
    return Draft.delete().where(Draft.user == user, Draft.form == form, Draft.about == about)


def drop_old() -> int:
    """Removes drafts nobody touched for 90 days; returns how many."""
    with db.writing():
        return Draft.delete().where(Draft.saved_at < clock.now() - timedelta(days=KEPT_DAYS)).execute()


def _secret(name):
    return name in {"csrf_token", "request_key"} or "password" in name or "pin" in name.split("_")
