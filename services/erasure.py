"""How a person is erased: what goes, what stays and why, and that an older backup does not bring them back.

Whatever is sealed for a client opens with their data key only; the key is destroyed, so no copy of the database made
later can be read, and one made before only until it is restored: `replay` destroys the key again. Rows that say what
was done to or for them go. What stays names nobody: see STAYS.
"""
from pathlib import Path

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

import clock
import db
import models
from errors import Missing, RuleBroken
from models import (
    Client,
    Consent,
    DeletionNotice,
    EmergencyAccess,
    LeadEvent,
    Membership,
    OneTimeToken,
    Outbox,
    OutboxState,
    PlanApproval,
    Referral,
    ReferralAnswer,
    ReferralCondition,
    ReferralLine,
    Report,
    User,
    UserSession,
)
from services import accounts, consents, drafts, files, joining, journal, keys, of_client, referrals

# tables whose rows about a person stay as evidence, without a text; every other table about them is emptied
STAYS = {Client, Consent, DeletionNotice, EmergencyAccess, LeadEvent, PlanApproval, Referral, Report}
OF_REFERRALS = (ReferralLine, ReferralAnswer, ReferralCondition)
WHAT_GOES = (
    _l("name, day of birth, contact, prison, days of release, town: the fields are emptied"),
    _l("the key that opens everything written about them: notes, plans, reports, reasons and messages cannot be read "
       "any more, not in a backup made later either"),
    _l("plans, follow-ups, tasks, meetings they are on the list of, drafts, messages from their family"),
    _l("the account, the card and what waits to be sent to them"),
)
WHAT_STAYS = (
    _l("who read or changed what and when, without a name and without any value: so that misuse can be proved later"),
    _l("that a consent was given, to whom and for how long, without its text: so that it can be proved that reading "
       "was lawful"),
    _l("that a referral or a report existed, its number, its days and how it ended, without its text: for the figures "
       "of the organisation"),
    _l("rounded figures that were frozen before: nobody can be recognised in them"),
)
_list: Path | None = None  # of public ids that were erased; it lies beside the database and is not part of a backup


def goes() -> list[type]:
    """Tables whose rows about a person go, those first that hang on others; what hangs on them goes with them."""
    ways = of_client.ways()
    return [model for model in reversed(models.MODELS) if ways.get(model) == ("client",) and model not in STAYS]


def configure(path: Path) -> None:
    global _list
    _list = path


def of_lead(actor, public_id) -> Client:
    """A client whom the actor may erase. Raises Missing."""
    client = files.own_client_of(actor, public_id)
    if not actor.lead:
        raise Missing(public_id)
    return client


def erase(actor, public_id: str, code: str, password: str) -> None:
    """The second step: the code is typed and the password given once more. Raises Missing, RuleBroken."""
    with db.writing():
        client = of_lead(actor, public_id)
        if code.strip().upper().replace(" ", "") != client.code:
            raise RuleBroken(_("Type the code of the client as it stands above."), field="code")
        if not accounts.password_fits(actor, password):
            raise RuleBroken(_("This is not your password."), field="password")
        _erase(actor, client)
    _remember(public_id)


def by_code(code: str) -> Client | None:
    """Who a code means, for the command of the operator; None where there is nobody, or nobody any more."""
    return Client.get_or_none(Client.code == code.strip().upper(), Client.erased_at.is_null())


def of_system(client: Client) -> None:
    """The same by the operator's command or because its time has come."""
    with db.writing():
        _erase(None, client)
    _remember(client.public_id)


def _erase(actor, client):
    _end_what_runs(actor, client)
    drafts.drop_of(client)
    for model in goes():
        model.delete().where(model.client == client.id).execute()
    of_them = Referral.select(Referral.id).where(Referral.client == client.id)
    for model in OF_REFERRALS:
        model.delete().where(model.referral.in_(of_them)).execute()
    _empty(client)
    journal.wrote(actor, "client.erase", client.public_id, client)


def _end_what_runs(actor, client):
    """Consents and referrals end in order, so that whoever read by them is told to delete what they copied."""
    own = getattr(actor, "organisation_id", None)
    told = {number for number, in Membership.select(Membership.organisation).where(
        Membership.client == client.id).tuples() if number != own}
    told -= consents.end_all(actor, client) | referrals.end_all(actor, client)
    for organisation in sorted(told):
        DeletionNotice.create(organisation=organisation, client=client.id, told_at=clock.now())


def _empty(client):
    """The row stays as an empty shell, so that what stays has something to hang on; its code is nobody's any more."""
    joining.leave(client)
    Client.update(erased_at=clock.now(), code=f"x{client.id}", name=None, born=None, contact=None, card_hash=None,
                  prison=None, planned_release_on=None, released_on=None, release_unknown=None, release_kind=None,
                  region=None, municipality=None, languages="", key_worker=None, joined_to=None, died_on=None,
                  shift_days="", shift_starts=None, shift_ends=None).where(Client.id == client.id).execute()
    Referral.update(region=None, release_month="", language="", external_hash=None).where(
        Referral.client == client.id).execute()
    Consent.update(paper="").where(Consent.client == client.id).execute()
    if client.user_id:
        close_account(client)
        keys.destroy(client.user)
    keys.destroy(client)


def close_account(client: Client) -> None:
    """Nobody signs in to the client's app any more, and nothing is sent to them. Belongs inside `db.writing()`."""
    User.update(active=False, password_hash="", email=None).where(User.id == client.user_id).execute()
    UserSession.update(ended_at=clock.now()).where(UserSession.user == client.user_id,
                                                   UserSession.ended_at.is_null()).execute()
    OneTimeToken.delete().where(OneTimeToken.user == client.user_id).execute()
    Outbox.update(state=OutboxState.CANCELLED).where(Outbox.user == client.user_id,
                                                     Outbox.state == OutboxState.WAITING).execute()


# An older backup

def _remember(public_id):
    if _list is not None:
        with _list.open("a", encoding="utf-8") as handle:
            handle.write(f"{public_id}\n")


def replay() -> int:
    """Erases again whoever was erased after the backup that now serves was made; returns how many."""
    if _list is None or not _list.exists():
        return 0
    ids = _list.read_text(encoding="utf-8").split()
    back = list(Client.select().where(Client.public_id.in_(ids), Client.erased_at.is_null())) if ids else []
    with db.writing():
        for client in back:
            _erase(None, client)
    return len(back)
