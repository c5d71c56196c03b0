"""Who looked at a client's file, as the client reads it: the rows of the journal itself, in plain words."""
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from peewee import JOIN

from labels import label
from models import Action, Client, Journal, Organisation, Scope, User

PER_PAGE = 50
# `what` of a journal row about a client -> what its actor did. Every such row has a sentence; a test looks for others.
SENTENCES = {
    "client.open": _l("read your file"),
    "client.times": _l("looked when a meeting with you is possible"),
    "client.shift": _l("wrote down when you work"),
    "client.form": _l("opened the form to change your record"),
    "client.record": _l("wrote you down"),
    "client.change": _l("changed your record"),
    "client.assign": _l("chose who works with you"),
    "client.lead": _l("chose who leads your case"),
    "client.slip": _l("printed your card"),
    "programme.people": _l("read who is in a programme with you"),
    "programme.enrol": _l("enrolled you in a programme"),
    "programme.takes_part": _l("took you into a programme"),
    "programme.finished": _l("wrote down that you finished a programme"),
    "programme.left": _l("wrote down that you left a programme"),
    "programme.handed_on": _l("handed you on to the programme that takes over"),
    "programme.next": _l("offered you the next programme"),
    "programme.attendance": _l("wrote down whether you came to a session of a programme"),
    "plan.open": _l("read your plan"),
    "plan.timeline": _l("read what happened so far"),
    "plan.add": _l("wrote something into your plan"),
    "plan.item": _l("opened an item of your plan"),
    "plan.change": _l("changed your plan"),
    "plan.judge": _l("wrote down whether something in your plan is so"),
    "plan.approve": _l("agreed with your plan"),
    "plan.confer": _l("wrote down what a meeting over your plan agreed on"),
    "plan.ask": _l("asked an organisation whether something in your plan is so"),
    "plan.question": _l("read a question about your plan"),
    "plan.answer": _l("answered a question about your plan"),
    "plan.remind": _l("reminded an organisation of a question about your plan"),
    "release.offer": _l("wrote down that you were offered help after release"),
    "client.copy": _l("took a copy of all that is written about you"),
    "client.end": _l("ended their work with you"),
    "client.go_on": _l("goes on working with you"),
    "client.died": _l("wrote down that you have died"),
    "client.erase": _l("erased you"),
    "feedback.open": _l("opened the form to write how you fare"),
    "feedback.log": _l("wrote down how you fare"),
    "feedback.plan": _l("planned when to ask how you fare"),
    "feedback.answer": _l("answered how you fare"),
    "feedback.course": _l("read how you fared so far"),
    "feedback.tell": _l("you were asked by e-mail how you fare"),
    "feedback.remind": _l("you were reminded by e-mail"),
    "feedback.decline": _l("wrote down that you do not want to answer"),
    "feedback.stop": _l("wrote down that nobody is to ask you any more"),
    "feedback.return": _l("paused questions until your next release"),
    "feedback.die": _l("stopped all questions and messages"),
    "feedback.cancel": _l("questions of an organisation ended with your consent"),
    "feedback.go_on": _l("began to ask you again"),
    "feedback.help": _l("your call for help was given to a worker"),
    "feedback.deputy": _l("your call for help was given to a deputy"),
    "feedback.wish": _l("wrote down how you want to be asked"),
    "feedback.wish_open": _l("read how you want to be asked"),
    "booking.open": _l("read about a meeting with you"),
    "booking.request": _l("asked for a meeting with you"),
    "booking.wait": _l("asked for a meeting with you"),
    "booking.offer": _l("offered a time for a meeting with you"),
    "booking.take": _l("took a time for a meeting with you"),
    "booking.pass": _l("let a time for a meeting with you go"),
    "booking.confirm": _l("confirmed a meeting with you"),
    "booking.decline": _l("said no to a meeting with you"),
    "booking.counter": _l("proposed another time for a meeting with you"),
    "booking.accept": _l("said yes to a time for a meeting with you"),
    "booking.refuse": _l("said no to a time for a meeting with you"),
    "booking.run_out": _l("did not answer about a meeting with you"),
    "booking.withdraw": _l("took back that they want to meet you"),
    "booking.overdue": _l("marked that a meeting with you waits for an answer"),
    "booking.escalate": _l("marked that a meeting with you waits for an answer"),
    "booking.lapse": _l("closed a meeting with you that nobody answered"),
    "booking.change": _l("changed a meeting with you"),
    "booking.note": _l("wrote a note to a meeting with you"),
    "booking.cancel": _l("called off a meeting with you"),
    "booking.flag": _l("marked that a meeting with you must be looked at again"),
    "booking.unflag": _l("marked that nothing about a meeting with you must be looked at again"),
    "booking.lose": _l("took a time away from a request to meet you, because you have another meeting then"),
    "booking.keep": _l("kept a meeting with you as it was"),
    "booking.record": _l("wrote down whether you met"),
    "booking.object": _l("said that the record of your meeting is wrong"),
    "booking.unrecord": _l("closed a meeting with you without a record"),
    "visit.slips": _l("printed a slip so that you can be brought to a meeting"),
    "joint_day.open": _l("read who comes to a joint day"),
    "joint_day.sign_up": _l("put you on the list of a joint day"),
    "joint_day.take_off": _l("took you off the list of a joint day"),
    "task.done": _l("finished a task about you"),
    "consent.ask": _l("asked for your consent"),
    "consent.prepare": _l("prepared a consent"),
    "consent.agree": _l("agreed to share"),
    "consent.agree_on_paper": _l("wrote down that you agreed"),
    "consent.confirm": _l("confirmed a consent"),
    "consent.refuse": _l("said no to sharing"),
    "consent.withdraw": _l("ended a consent"),
    "consent.withdraw_on_word": _l("wrote down that you take a consent back"),
    "consent.open": _l("read a consent of yours"),
    "consent.replace": _l("replaced a consent by another one"),
    "consent.narrow": _l("made a consent smaller"),
    "consent.lapse": _l("ended a consent that you did not confirm"),
    "consent.expire": _l("ended a consent whose time was over"),
    "consent.deleted": _l("deleted their copies"),
    "referral.start": _l("began to write a referral of you to a service"),
    "referral.write": _l("wrote a referral of you to a service"),
    "referral.send": _l("referred you to a service"),
    "referral.cannot_meet": _l("wrote down that a condition of a service cannot be met for you"),
    "referral.open": _l("read a referral of you"),
    "referral.open_link": _l("read a referral of you through a link"),
    "referral.overlap": _l("was told who already helps you with the same thing"),
    "referral.ask": _l("asked something about a referral of you"),
    "referral.answer": _l("answered a question about a referral of you"),
    "referral.accept": _l("accepted a referral of you"),
    "referral.wait": _l("put you on a waiting list"),
    "referral.still_wait": _l("confirmed that you wait for a place"),
    "referral.fall_back": _l("nobody confirmed that you wait; the referral waits for an answer again"),
    "referral.decline": _l("declined a referral of you"),
    "referral.flag_late": _l("an answer to a referral of you is overdue"),
    "referral.run_out": _l("nobody answered a referral of you"),
    "referral.withdraw": _l("took back a referral of you"),
    "referral.amend": _l("changed a referral of you"),
    "referral.contact": _l("wrote down that you met for the first time"),
    "referral.no_contact": _l("the first meeting after a referral did not come in time"),
    "referral.review": _l("told a service that your release changed"),
    "referral.go_on": _l("saw that your release changed"),
    "referral.ask_line": _l("a service was asked how it goes with you"),
    "referral.line": _l("wrote to who referred you how it goes"),
    "referral.close": _l("closed a referral of you"),
    "referral.hand_on": _l("handed you on to another service"),
    "referral.reopen": _l("began to work with you again"),
    "emergency.open": _l("opened your file in an emergency"),
    "emergency.confirm": _l("confirmed an emergency access to your file"),
    "emergency.refuse": _l("ended an emergency access to your file"),
    "emergency.read": _l("read why your file was opened in an emergency"),
    "card.join": _l("joined two cards"),
    "card.part": _l("parted two cards"),
    "family.write": _l("a person close to you left a note for you"),
    "family.tell": _l("you were told by e-mail that something waits for you"),
    "family.accept": _l("took a note into account"),
    "family.dismiss": _l("put a note aside"),
    "family.show": _l("showed a note to an organisation"),
    "family.hide": _l("no longer shows a note to an organisation"),
    "family.open": _l("read a note that you showed them"),
    "access.activate": _l("opened your app and chose a PIN"),
    "item.withhold": _l("kept something from an organisation"),
    "item.give": _l("let an organisation see something again"),
    "report.draft": _l("wrote a closing report about you"),
    "report.change": _l("changed a closing report about you"),
    "report.show": _l("gave you a closing report to read"),
    "report.read": _l("read the closing report"),
    "report.remark": _l("wrote a remark to the closing report"),
    "report.skip": _l("did not want to read the closing report"),
    "report.take_back": _l("took the closing report back to change it"),
    "report.issue": _l("sent the closing report"),
    "report.correct": _l("began a correction of the closing report"),
    "report.open": _l("read a closing report about you"),
    "rights.print": _l("opened the sheet with your options and rights"),
    "rights.give": _l("gave you the sheet with your options and rights"),
}


@dataclass(frozen=True)
class Line:
    """One line of the log. `who` and `organisation` may be empty where an account is gone."""

    at: datetime
    who: str
    organisation: str
    did: str
    parts: list[str]
    ground: str


def of(client: Client, page: int = 1) -> tuple[list[Line], int]:
    """The journal's rows about a client, newest first; and how many there are in all."""
    rows = Journal.select().where(Journal.client == client.id)
    shown = (rows.select(Journal, User, Organisation)
             .join(User, JOIN.LEFT_OUTER).join_from(Journal, Organisation, JOIN.LEFT_OUTER)
             .order_by(Journal.id.desc()).paginate(page, PER_PAGE))
    return [_line(row, client) for row in shown], rows.count()


def _line(row, client) -> Line:
    own = row.actor_id is not None and row.actor_id == client.user_id
    return Line(row.at, _("You") if own else row.actor.name if row.actor_id else "",
                row.organisation.name if row.organisation_id else "", _did(row), parts(row.parts), ground(row.ground))


def sentence(what: str) -> str:
    """What was done, as the log says it; empty where there is no sentence."""
    return str(SENTENCES.get(what, ""))


def _did(row) -> str:
    return str(SENTENCES.get(row.what) or (_l("read about you") if row.action is Action.READ
                                           else _l("changed your record")))


def parts(words: str) -> list[str]:
    """The parts of a file among what a row of the journal names."""
    names = [scope for scope in words.split(",") if scope in set(Scope)]
    return [str(label(Scope(name))) for name in names]


def ground(ground: str) -> str:
    """Why, in words; empty where a row says nothing of it."""
    kind, _colon, number = ground.partition(":")
    if kind == "consent":
        return _("because you agreed (%(number)s)", number=number)
    if kind == "referral":
        return _("because you were referred to them (%(number)s)", number=number)
    if kind == "agreement":
        return _("because their organisations have an agreement (%(number)s)", number=number)
    if kind == "emergency":
        return _("because life or health was in danger (emergency access)")
    return _("because they work with you") if kind == "own" else ""
