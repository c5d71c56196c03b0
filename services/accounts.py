"""Accounts: signing in and out, sessions, invitations, resets, and the brakes on guessing."""
import re
import secrets
from base64 import b64encode
from contextlib import contextmanager
from datetime import timedelta
from ipaddress import ip_network
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from argon2.low_level import ARGON2_VERSION
from email_validator import EmailNotValidError, validate_email
from flask_babel import gettext as _
from peewee import JOIN, SQL, Case, fn

import clock
import db
from crypto import ALPHABET, new_card_number, new_token, token_hash
from errors import RuleBroken
from models import (
    Attempt,
    Client,
    OneTimeToken,
    Organisation,
    OrganisationState,
    Role,
    RulesAccepted,
    TokenKind,
    User,
    UserSession,
)
from policy import KIND_ROLES, Can, may
from services import journal, keys, mail, prisons
from text import clean_text

IDLE, ABSOLUTE = timedelta(minutes=15), timedelta(hours=8)
SEEN_EVERY = timedelta(minutes=1)
FORMS_KEPT = timedelta(days=1)  # after its end a session's forms still become drafts
INVITATION_LASTS, RESET_LASTS = timedelta(days=7), timedelta(hours=1)
ACTIVATION_LASTS, SLIP_SIGNS = timedelta(days=60), 10
RULES_VERSION = "1"  # of the rules of confidentiality (templates/account/confidentiality.html)
MOST_LINKS = 5  # to set a password, unused at once
PER_PAGE = 50
SHORTEST = 12  # signs of a password
PIN_TRIES = 5  # whoever has the right card number, from wherever: a PIN is short
TRIES, TRIES_AT_ONE_NAME, TRIES_FROM_ONE_ADDRESS, WITHIN = 8, 50, 60, timedelta(minutes=15)
MOST_KNOWN = 5  # people besides the last one whom a browser keeps
MARK = re.compile(r"[0-9a-f]{16}(\.[0-9a-f]{32}){1,6}")
COMMON = {"heslo", "password", "navaznost", "věznice", "veznice", "qwertz", "qwerty", "123456", "kurator", "kurátor"}

BROWSERS = [("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari")]
SYSTEMS = [("Windows", "Windows"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"),
           ("Mac OS", "macOS"), ("Linux", "Linux")]

_hasher = PasswordHasher(time_cost=3, memory_cost=65536, parallelism=1)
_two_at_a_time = BoundedSemaphore(2)
_nobody = ""


def configure(memory_kib: int, idle_minutes: int, absolute_hours: int) -> None:
    global _hasher, _nobody, IDLE, ABSOLUTE
    _hasher = PasswordHasher(time_cost=3, memory_cost=memory_kib, parallelism=1)
    _nobody = _hash_of_nobody(_hasher)
    IDLE, ABSOLUTE = timedelta(minutes=idle_minutes), timedelta(hours=absolute_hours)


def _hash_of_nobody(hasher) -> str:
    """A hash that fits no password: dear to verify like any other, made without that work at each start."""
    salt, digest = (b64encode(secrets.token_bytes(length)).decode().rstrip("=")
                    for length in (hasher.salt_len, hasher.hash_len))
    costs = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    return f"$argon2id$v={ARGON2_VERSION}${costs}${salt}${digest}"


# Signing in

def sign_in(name: str, password: str, address: str, browser: str, known: str = "") -> tuple[User, str]:
    """The user and the token of a new session, for an e-mail or a card number with a password or PIN.

    `known` is what `mark` left in this browser. Raises RuleBroken with the same sentence for an unknown name and a
    wrong password, after the same work.
    """
    name = clean_text(name)
    user = _user_named(name)
    own = _own_mark(user, known)
    brakes = {_subject("known browser", own): TRIES} if own else _brakes("sign-in", name, address)
    if user and user.role is Role.CLIENT:
        brakes[pin_subject(user)] = PIN_TRIES
    _brake(brakes)
    if not _password_fits(user, password):
        with db.writing():
            _count_try(brakes)
        raise RuleBroken(_("The name or the password is not right. Check both and try again."), field="password")
    return user, start_session(user, browser)


def check_pin(user: User, pin: str) -> None:
    """Refuses a PIN that is not a client's own; tries count as those of signing in. Not inside `db.writing()`."""
    brakes = {pin_subject(user): PIN_TRIES}
    _brake(brakes)
    if not _password_fits(user, pin):
        with db.writing():
            _count_try(brakes)
        raise RuleBroken(_("The PIN is not right. Try again; what you filled in is still here."), field="pin")


def user_of_card(card: str, pin: str, address: str) -> User:
    """The client whose card and PIN these are. Raises RuleBroken, after the same work whatever is wrong."""
    card = clean_text(card)
    user = _user_of_card(card)
    brakes = _brakes("sign-in", card, address) | ({pin_subject(user): PIN_TRIES} if user else {})
    _brake(brakes, "pin")
    if not _password_fits(user, pin):
        with db.writing():
            _count_try(brakes)
        raise RuleBroken(_("The card and the PIN do not belong together. Check both and try again."), field="pin")
    return user


def pin_subject(user: User) -> str:
    """Under what the tries at a client's PIN are counted."""
    return _subject("pin", user.public_id)


def _user_named(name):
    user = User.get_or_none(User.email == name.casefold(), let_in())
    by_card = _user_of_card(name)
    return user or by_card


def _user_of_card(number):
    return (User.select().join(Client, on=(Client.user == User.id))
            .where(Client.card_hash == keys.fingerprint("card", _card(number)), let_in(),
                   Client.erased_at.is_null()).first())


def let_in():
    """Condition: an account is not switched off, and its organisation, if it has one, is not closed."""
    closed = Organisation.select(Organisation.id).where(Organisation.state == OrganisationState.CLOSED)
    return (User.active == True) & (User.organisation.is_null() | User.organisation.not_in(closed))  # noqa: E712


def is_let_in(user) -> bool:
    """The same of a person who is at hand."""
    home = user.organisation_id and user.organisation
    return user.active and not (home and home.state is OrganisationState.CLOSED)


def _card(name):
    """A card number however it is written."""
    return "".join(name.split()).upper().replace("-", "")


# Known browsers: where somebody has signed in before, guesses made elsewhere do not stop them

def mark(user: User, known: str = "") -> str:
    """What a browser keeps from now on: a word of its own and a keyed digest for each of its last few people.

    It opens nothing and tells nothing of who they are.
    """
    word, *marks = known.split(".") if _is_mark(known) else [secrets.token_hex(8)]
    return ".".join([word, *[each for each in marks if each != _digest(user, word)][-MOST_KNOWN:], _digest(user, word)])


def _is_mark(known):
    return MARK.fullmatch(known) is not None


def _digest(user, word):
    return keys.fingerprint("known browser", f"{word}|{user.public_id}")[:32]


def _own_mark(user, known) -> str | None:
    """The mark that this user's signing in has left in the browser, if any."""
    if user is None or not _is_mark(known):
        return None
    word, *marks = known.split(".")
    own = _digest(user, word)
    return own if any(secrets.compare_digest(own, each) for each in marks) else None


def _password_fits(user, password) -> bool:
    with _two_at_a_time:
        try:
            return _hasher.verify(user.password_hash if user and user.password_hash else _nobody, password) \
                and user is not None
        except (VerifyMismatchError, InvalidHashError):
            return False


def _brakes(what, name, address) -> dict[str, int]:
    """How many tries each has: the name from this address, the name from anywhere, the address (keyed digests).

    Somebody elsewhere who guesses at a name is stopped soon. With many addresses they can stop it for all browsers
    in which its owner has never signed in, for as long as they go on; those in which they have go on, and a
    link by mail makes one of any browser.
    """
    place = _place(address)
    return {_subject(what, f"{_card(name.casefold())}|{place}"): TRIES, _subject(what, name): TRIES_AT_ONE_NAME,
            _subject(f"{what} from", place): TRIES_FROM_ONE_ADDRESS}


def _subject(what, name):
    """What is counted under one name: a name written in another way is the same name."""
    return keys.fingerprint(what, _card(name.casefold()))


def _place(address):
    """Who has one IPv6 address has the whole network of 64 bits."""
    bare = address.partition("%")[0].removeprefix("::ffff:")
    try:
        return str(ip_network(f"{bare}/64", strict=False)) if ":" in bare else bare
    except ValueError:  # a proxy may hand on a word
        return bare


@contextmanager
def throttled(what: str, name: str, address: str):
    """Inside it each RuleBroken counts as a try at a short secret; after a few nobody gets as far as the inside."""
    brakes = _brakes(what, name, address)
    _brake(brakes)
    try:
        yield
    except RuleBroken:
        with db.writing():
            _count_try(brakes)
        raise


def _count_try(brakes):
    Attempt.insert_many([{"subject": subject, "at": clock.now()} for subject in brakes]).execute()


def _brake(brakes, field="password"):
    since = clock.now() - WITHIN
    counts = dict(Attempt.select(Attempt.subject, fn.COUNT(Attempt.id))
                  .where(Attempt.subject.in_(list(brakes)), Attempt.at > since).group_by(Attempt.subject).tuples())
    if any(counts.get(subject, 0) >= tries for subject, tries in brakes.items()):
        raise RuleBroken(_("Too many tries. Wait a quarter of an hour, or have a new password sent to you."),
                         field=field)


def browser_name(user_agent: str) -> str:
    """`Firefox, Windows`: enough to know one's own browser by; the rest of what it says of itself is not kept."""
    words = [next((name for sign, name in table if sign in user_agent), "") for table in (BROWSERS, SYSTEMS)]
    return ", ".join(filter(None, words))


def start_session(user: User, browser: str, assisted: bool = False) -> str:
    """Opens a session; returns its token, which is kept nowhere but in the browser.

    What a client agrees to in an `assisted` one, in which somebody helps them, holds only for now.
    """
    token = new_token()
    with db.writing():
        UserSession.create(token_hash=token_hash(token), user=user, browser=browser_name(browser), assisted=assisted,
                           created_at=clock.now(), seen_at=clock.now())
        journal.wrote(user, "account.sign_in", user.public_id)
    return token


def session_of(token: str) -> UserSession | None:
    """The session of a token, however it ended, with its user and organisation in one query; or None."""
    return next(iter(db.kept(_session, token=token_hash(token))), None)


def _session(token):
    accepted = fn.EXISTS(RulesAccepted.select(SQL("1")).where(
        RulesAccepted.user == UserSession.user, RulesAccepted.version == RULES_VERSION))
    return (UserSession.select(UserSession, User, Organisation, Case(None, [(accepted, 1)], 0).alias("knows_rules"))
            .join(User)
            .join(Organisation, JOIN.LEFT_OUTER, on=(User.organisation == Organisation.id))
            .where(UserSession.token_hash == token))


def in_force(session: UserSession) -> bool:
    """Whether a session may still be used: not signed out, not idle, not too old, of somebody who is let in."""
    now = clock.now()
    return (session.ended_at is None and is_let_in(session.user)
            and now - session.seen_at <= IDLE and now - session.created_at <= ABSOLUTE)


def ran_out(session: UserSession) -> bool:
    """Whether a session ended by itself lately: nobody ended it, as one does with a session that was stolen."""
    return (session.ended_at is None and is_let_in(session.user)
            and clock.now() - session.created_at <= ABSOLUTE + FORMS_KEPT)


def note_seen(session: UserSession) -> None:
    """Moves the idle limit, at most once a minute."""
    if clock.now() - session.seen_at >= SEEN_EVERY:
        with db.noting():
            UserSession.update(seen_at=clock.now()).where(UserSession.id == session.id).execute()


def sign_out(user: User, token: str) -> None:
    with db.writing():
        _end(UserSession.token_hash == token_hash(token))
        journal.wrote(user, "account.sign_out", user.public_id)


def sign_out_everywhere(user: User) -> int:
    """Ends every session of a user; returns how many were open."""
    with db.writing():
        ended = _end(UserSession.user == user)
        journal.wrote(user, "account.sign_out_everywhere", user.public_id)
        return ended


def _end(condition) -> int:
    return UserSession.update(ended_at=clock.now()).where(condition, UserSession.ended_at.is_null()).execute()


def open_sessions(user: User):
    """The sessions of a user that are in force, the newest first."""
    rows = UserSession.select().where(UserSession.user == user, UserSession.ended_at.is_null()) \
        .order_by(UserSession.seen_at.desc())
    return [row for row in rows if in_force(row)]


def drop_old_attempts() -> int:
    """Removes tries that no longer count; returns how many."""
    with db.writing():
        return Attempt.delete().where(Attempt.at < clock.now() - WITHIN).execute()


# The rules of confidentiality

def accept_rules(actor) -> None:
    """The actor has read the present version of the rules and keeps to it; a second time changes nothing."""
    with db.writing():
        if db.add(RulesAccepted(user=actor.id, version=RULES_VERSION, at=clock.now()), ignore=True):
            journal.wrote(actor, "account.accept_rules", actor.public_id, parts=RULES_VERSION)


# A client's card and slip

def activation_slip(actor, client: Client) -> tuple[str, str]:
    """The number of a new card and the word of a new slip, kept as digests; older ones of this client die.

    The caller has the right to the client. `user_of_slip` finds the account again.
    """
    card, word = new_card_number(), "".join(secrets.choice(ALPHABET) for _sign in range(SLIP_SIGNS))
    with db.writing():
        user = client.user or User.create(role=Role.CLIENT, created_at=clock.now())
        Client.update(card_hash=keys.fingerprint("card", card), user=user.id).where(Client.id == client.id).execute()
        OneTimeToken.update(used_at=clock.now()).where(
            OneTimeToken.user == user.id, OneTimeToken.kind == TokenKind.ACTIVATION,
            OneTimeToken.used_at.is_null()).execute()
        OneTimeToken.create(token_hash=_slip_hash(word), kind=TokenKind.ACTIVATION, user=user.id,
                            created_at=clock.now(), expires_at=clock.now() + ACTIVATION_LASTS)
        _end(UserSession.user == user.id)
        journal.wrote(actor, "client.slip", client.public_id, client, "card,slip", "own")
    return card, word


def user_of_slip(card: str, word: str) -> User | None:
    """The account that a card and its unused slip belong to. Short secrets: the caller throttles."""
    return (User.select().join(OneTimeToken, on=(OneTimeToken.user == User.id))
            .join_from(User, Client, on=(Client.user == User.id))
            .where(Client.card_hash == keys.fingerprint("card", _card(card)), Client.erased_at.is_null(),
                   OneTimeToken.token_hash == _slip_hash(_card(word)), OneTimeToken.used_at.is_null(),
                   OneTimeToken.kind == TokenKind.ACTIVATION, OneTimeToken.expires_at > clock.now(), let_in()).first())


def _slip_hash(word):
    """Keyed, for the word is short enough to be typed from paper."""
    return keys.fingerprint("activation", word)


# Invitation and reset

def staff(admin: User, page: int = 1) -> tuple[list[User], int]:
    """Accounts of everybody but clients, by name; and how many there are."""
    _require_right(admin, Can.INVITE_USERS)
    query = User.select(User, Organisation).join(Organisation).where(User.role != Role.CLIENT)
    return list(query.order_by(Organisation.sort, User.name).paginate(page, PER_PAGE)), query.count()


def organisations_to_invite(admin: User) -> list[Organisation]:
    """Verified organisations that somebody can have an account in."""
    _require_right(admin, Can.INVITE_USERS)
    return list(Organisation.select().where(Organisation.state == OrganisationState.VERIFIED)
                .order_by(Organisation.sort))


def invite(admin: User, organisation_id: str, email: str, name: str, role: Role, lead: bool) -> User:
    """Makes an account without a password in an organisation (its public id) and sends a link to set one."""
    _require_right(admin, Can.INVITE_USERS)
    address, name = checked_address(email), clean_text(name, limit=120)
    organisation = Organisation.get_or_none(public_id=organisation_id, state=OrganisationState.VERIFIED)
    if organisation is None:
        raise RuleBroken(_("Choose an organisation from the list."), field="organisation")
    if role not in KIND_ROLES.get(organisation.kind, set()):
        raise RuleBroken(_("This role does not belong to that kind of organisation."), field="role")
    with db.writing():
        if User.select().where(User.email == address).exists():
            raise RuleBroken(_("Somebody with this e-mail has an account already."), field="email")
        user = User.create(email=address, name=name, role=role, lead=lead, organisation=organisation)
        _send_link(user, TokenKind.INVITATION, INVITATION_LASTS)
        _tell_leads(user, organisation)
        journal.wrote(admin, "account.invite", user.public_id)
        return user


def _tell_leads(user, organisation):
    """Whoever leads an organisation learns of each new account in it: nobody gets in unseen."""
    for lead in User.select().where(User.organisation == organisation, User.lead == True,  # noqa: E712
                                    User.active == True, User.email.is_null(False), User.id != user.id):  # noqa: E712
        mail.new_colleague(lead, user)


def _require_right(actor, can):
    if not may(actor, can):
        raise RuleBroken(_("Your account may not do this."))


def checked_address(email: str) -> str:
    try:
        # .test is what the demonstration uses; nothing is ever delivered there
        return validate_email(email, check_deliverability=False, test_environment=True).normalized.casefold()
    except EmailNotValidError as error:
        raise RuleBroken(_("Enter an e-mail address such as jana@example.org."), field="email") from error


def ask_for_reset(email: str, address: str) -> None:
    """Sends a link to set a new password if there is such an account; says nothing either way.

    Nobody's mailbox is flooded, and nobody is kept from a link by others who ask: those sent already still work.
    """
    email = clean_text(email)
    brakes = _brakes("reset", email, address)
    brakes.pop(_subject("reset", email))
    _brake(brakes)
    with db.writing():
        _count_try(brakes)
        user = User.get_or_none(User.email == email.casefold(), let_in())
        if user and _open_links(user) < MOST_LINKS:
            _send_link(user, TokenKind.RESET, RESET_LASTS)


def _open_links(user) -> int:
    return OneTimeToken.select().where(OneTimeToken.user == user, OneTimeToken.kind == TokenKind.RESET,
                                       OneTimeToken.used_at.is_null(), OneTimeToken.expires_at > clock.now()).count()


def _send_link(user, kind, lasts):
    token = new_token()
    OneTimeToken.create(token_hash=token_hash(token), kind=kind, user=user, created_at=clock.now(),
                        expires_at=clock.now() + lasts)
    mail.account_link(user, kind, token)


def user_of_link(token: str) -> User | None:
    """Whose unused and unexpired link this is; looking uses nothing up."""
    row = (OneTimeToken.select(OneTimeToken, User).join(User)
           .where(OneTimeToken.token_hash == token_hash(token), OneTimeToken.used_at.is_null(),
                  OneTimeToken.expires_at > clock.now(), let_in()).first())
    return row.user if row else None


def set_password(token: str, password: str, address: str = "") -> User:
    """Sets the password of a link's user, ends all links and sessions, and forgets wrong tries from here."""
    check_password(password)
    hashed = hash_password(password)
    with db.writing():
        used = (OneTimeToken.update(used_at=clock.now())
                .where(OneTimeToken.token_hash == token_hash(token), OneTimeToken.used_at.is_null(),
                       OneTimeToken.expires_at > clock.now()).execute())
        user = User.select().join(OneTimeToken, on=(OneTimeToken.user == User.id)) \
            .where(OneTimeToken.token_hash == token_hash(token), let_in()).first() if used else None
        if user is None:
            raise RuleBroken(_("This link was used already or has expired. Have a new one sent."))
        User.update(password_hash=hashed).where(User.id == user.id).execute()
        OneTimeToken.update(used_at=clock.now()).where(
            OneTimeToken.user == user, OneTimeToken.used_at.is_null()).execute()
        _end(UserSession.user == user)
        own = list(_brakes("sign-in", user.email or "", address))[:2]
        Attempt.delete().where(Attempt.subject.in_(own)).execute()
        journal.wrote(user, "account.set_password", user.public_id)
        if user.role is Role.PRISON:
            prisons.answers_itself(user, user.organisation)
        return user


def hash_password(password: str) -> str:
    with _two_at_a_time:
        return _hasher.hash(password)


def password_fits(user: User, password: str) -> bool:
    """Whether this is the password (or the PIN) of an account."""
    return _password_fits(user, password)


def check_password(password: str) -> None:
    """Refuses a password that is short or made of a common word."""
    if len(password) < SHORTEST:
        raise RuleBroken(_("Use at least %(number)s signs. A few words in a row are fine.", number=SHORTEST),
                         field="password")
    if any(word in password.casefold() and len(password) - len(word) < 6 for word in COMMON) \
            or len(set(password)) < 5:
        raise RuleBroken(_("This password is easy to guess. Add more words."), field="password")


def set_language(user: User, language: str) -> None:
    with db.writing():
        User.update(language=language).where(User.id == user.id).execute()
