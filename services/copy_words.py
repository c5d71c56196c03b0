"""The words of a copy of one's data: what tables and columns are called. A column without a word is shown in the file
for machines only: numbers of rows, digests, versions."""
import enum
from datetime import date, datetime

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from formats import day, moment
from labels import label, language
from models import ConsentState, Need, ReferralState
from services import client_log
from services.copies import OWNER
from services.record_words import language_names

TABLES = {
    "client": _l("My record"), "account": _l("My account"), "membership": _l("Who works with me"),
    "stand_in": _l("Who stands in"),
    "lead_event": _l("Who led my case"), "booking_client": _l("Meetings I am on the list of"),
    "meetings": _l("My meetings"), "joint_day_client": _l("Joint days"), "task": _l("Tasks about me"),
    "plan_item": _l("My plan"), "plan_approval": _l("When I agreed with the plan"),
    "conference": _l("Meetings over my case"),
    "verification": _l("Questions to organisations"), "release_offer": _l("Help that was offered"),
    "consent": _l("My consents"), "consent_scope": _l("What consents open"),
    "consent_event": _l("What happened to consents"),
    "withheld": _l("What I keep from whom"), "deletion_notice": _l("What others delete"),
    "emergency_access": _l("Emergencies"), "referral": _l("Requests for help"),
    "referral_need": _l("Needs in requests"),
    "referral_answer": _l("Answers in requests"), "referral_condition": _l("Conditions in requests"),
    "referral_line": _l("Questions in requests"), "referral_event": _l("What happened to requests"),
    "family_request": _l("Messages for me"), "report": _l("My reports"), "report_line": _l("Needs in reports"),
    "participant": _l("Programmes"), "session_attendance": _l("When I came to sessions"),
    "prompt": _l("When they ask how I fare"), "follow_up": _l("How I fare"),
    "follow_up_need": _l("Needs and how they stand"), "wish": _l("How I want to be asked"),
    "journal": _l("Who looked at my file"), "user_session": _l("When I signed in"),
    "draft": _l("What I began to write"),
}
COLUMNS = {
    "new_state": _l("what happened"),
    "accepted": _l("accepted"), "actor": _l("who"), "added_at": _l("added"), "added_by": _l("added by"),
    "again_on": _l("again on"), "agreed": _l("agreed"), "answer": _l("answer"), "answered_at": _l("answered"),
    "asked_at": _l("asked"), "asked_by": _l("asked by"), "at": _l("when"), "author": _l("written by"),
    "barrier": _l("what stands in the way"), "born": _l("born"), "browser": _l("browser"), "came": _l("came"),
    "channel": _l("how to reach me"), "claim": _l("how sure it is"), "closed_at": _l("closed"), "code": _l("code"),
    "condition": _l("condition"), "confirmed_at": _l("confirmed"), "confirmed_by": _l("confirmed by"),
    "contact": _l("contact"), "content": _l("text"), "created_at": _l("written down"), "decided_at": _l("decided"),
    "client_note": _l("note for me"), "done": _l("what was done"), "done_at": _l("done on"), "due_on": _l("due"),
    "ended_at": _l("ended"), "ends_at": _l("ends"), "from_on": _l("from"),
    "given_at": _l("given"), "goal": _l("goal"), "ground": _l("why"), "held_on": _l("held on"),
    "issued_at": _l("sent"), "joined_to": _l("my other record"),
    "key_worker": _l("who leads my case"), "kind": _l("kind"), "languages": _l("languages"),
    "left": _l("what is left"), "message": _l("message"), "met": _l("met"), "municipality": _l("town"),
    "name": _l("name"), "need": _l("need"),
    "shown_to": _l("shown to"), "next_on": _l("next on"), "next_step": _l("next step"), "note": _l("note"),
    "number": _l("number"), "offered_on": _l("offered"), "organisation": _l("organisation"),
    "participants": _l("who was there"), "parts": _l("what part"), "place": _l("place"),
    "planned_release_on": _l("release is planned"), "prison": _l("prison"), "purpose": _l("what for"),
    "question": _l("question"), "reached": _l("how we spoke"), "reason": _l("reason"), "receiver": _l("for whom"),
    "recipient": _l("for whom"), "recorded_by": _l("written down by"), "region": _l("region"),
    "released_on": _l("released"), "remark": _l("my remark"), "result": _l("result"),
    "route": _l("from where I return"),
    "scope": _l("what part"), "sender": _l("from whom"), "sent_at": _l("sent"), "service": _l("service"),
    "sheet": _l("list"), "shown": _l("the text"), "since_on": _l("since"), "starts_at": _l("begins"),
    "state": _l("state"), "step": _l("how it goes"), "summary": _l("text"), "text": _l("text"), "until_at": _l("until"),
    "until_on": _l("until"), "what": _l("what"), "who": _l("who does it"), "why": _l("why"), "witness": _l("witness"),
    "worker": _l("who helps me"), "email": _l("e-mail"), "language": _l("language"),
}


def table_words(table: str) -> str:
    return str(TABLES.get(table, table))


def column_words(column: str) -> str:
    return str(COLUMNS.get(column, ""))


RESULTS = {"achieved": _l("done"), "partly": _l("partly done"), "not": _l("not done")}


def value_words(value, column: str = "") -> str:
    """A value as people write it: days, moments, yes and no, the word of a choice, a sentence for a line of the log."""
    if column in SPEAKING and isinstance(value, str) and not isinstance(value, enum.Enum):
        return str(SPEAKING[column](value))
    if value == OWNER:
        return _("me")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, enum.Enum):
        return str(label(value))
    if isinstance(value, datetime):
        return moment(value, language=language())
    return day(value, language=language()) if isinstance(value, date) else str(value)


def _born(text):
    try:
        return day(date.fromisoformat(text), language=language())
    except ValueError:
        return text


def _need(word):
    return label(Need(word)) if word in set(Need) else word


def _state(word):
    return next((label(kind(word)) for kind in (ReferralState, ConsentState) if word in set(kind)), word)


# column: how a word of it is told; what is no word of ours stays as it is
SPEAKING = {
    "what": lambda word: client_log.sentence(word) or word, "parts": lambda words: ", ".join(client_log.parts(words)),
    "ground": lambda word: client_log.ground(word) or word, "need": _need, "new_state": _state, "born": _born,
    "result": lambda word: RESULTS.get(word, word), "language": language_names, "languages": language_names,
}
