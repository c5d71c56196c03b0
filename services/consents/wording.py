"""The words of a consent: what a client agrees to is exactly the text that was shown, and its hash is kept with it."""
import hashlib

from flask_babel import force_locale
from flask_babel import gettext as _

from formats import day
from labels import label, language
from models import Consent, ConsentScope, Need, Scope
from services import keys

TEXT_VERSION = "2026-11"
OFFERED = (Scope.FOLLOW_UP, Scope.AUTHORITY_RECORDS, Scope.PLAN, Scope.VISITS, Scope.NETWORK, Scope.IDENTITY)
BY_NEED = {Scope.FOLLOW_UP, Scope.PLAN, Scope.AUTHORITY_RECORDS}  # parts that can be opened for some needs only


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


def scopes_of(consent: Consent) -> list[Scope]:
    found = {row.scope for row in ConsentScope.select().where(ConsentScope.consent == consent)}
    return [scope for scope in Scope if scope in found]


def needs_of(consent: Consent) -> list[Need]:
    """The needs that a consent speaks of; empty where it speaks of all."""
    found = {row.need for row in ConsentScope.select().where(ConsentScope.consent == consent)}
    return [need for need in Need if need in found]


def text(consent: Consent, scopes: list[Scope], needs: list[Need] | None = None) -> list[str]:
    """The sentences a client agrees to, in plain words; read aloud in a minute."""
    needs = needs_of(consent) if needs is None else needs
    only = [_("Only about: %(needs)s.", needs=", ".join(str(label(need)) for need in needs))] if needs else []
    return [
        _("I agree that %(organisation)s may see:", organisation=consent.recipient.name),
        *[f"– {scope_sentence(scope)}" for scope in scopes],
        *only,
        _("What for: %(purpose)s", purpose=purpose_of(consent)),
        _("From %(start)s to %(end)s.", start=day(consent.from_on, language=language()),
          end=day(consent.until_on, language=language())),
        _("I can end this at any time and need not say why. If I do not agree, nothing bad happens."),
    ]


def in_czech(consent: Consent, scopes: list[Scope], needs: list[Need] | None = None) -> str:
    """The text as it is kept and hashed, in Czech whatever the language of the page."""
    with force_locale("cs"):
        return "\n".join(text(consent, scopes, needs))


def hash_of(words: str) -> str:
    """64 hex digits."""
    return hashlib.sha256(words.encode()).hexdigest()


def text_hash(consent: Consent) -> str:
    """The imprint of the text as it is shown now: it may have changed since the consent was prepared."""
    return hash_of(in_czech(consent, scopes_of(consent))) if not consent.given_at else consent.text_hash


def shown(consent: Consent) -> list[str]:
    """The sentences that were agreed to, as they were kept; those of today where nothing was agreed to yet."""
    kept = keys.unseal(consent, "shown", consent.client)
    return kept.split("\n") if kept else text(consent, scopes_of(consent))
