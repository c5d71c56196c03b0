"""Words of coverage that are not labels of an enum."""
from flask_babel import get_locale
from flask_babel import lazy_gettext as _l

from labels import label
from services import coverage
from services.coverage import By, Event, concentration, unmet

LEVEL_WORDS = {"low": _l("low"), "medium": _l("medium"), "high": _l("high"), "increased": _l("increased")}
STATE_WORDS = {coverage.EMPTY: _l("nothing"), coverage.THIN: _l("thin"), coverage.ENOUGH: _l("covered")}
CAUSE_WORDS = {
    unmet.CONDITION: _l("a condition of the service could not be met"), unmet.DECLINED: _l("the service declined"),
    unmet.UNANSWERED: _l("the service did not answer"), unmet.WAITING: _l("waits for a place"),
    unmet.STUCK: _l("stuck for another reason")}
SHARE_WORDS = {
    concentration.BY_REGION: (_l("Services by the region they cover"), _l("services that name a region")),
    concentration.WORK_BY_REGION: (_l("Work in prisons by the region of the prison"), _l("kinds of work in prisons")),
    concentration.WORK_BY_LEVEL: (_l("Work in prisons by the security level of the prison"),
                                  _l("kinds of work in prisons whose level is known")),
    concentration.BY_GROUP: (_l("Services by whom they say they are for"), _l("services that name a target group"))}
# event: heading and button, what happens next, what is said afterwards
EVENTS = {
    Event.TAKE: (_l("Take the gap"), _l("You become its owner. It stands on your Today page until it is closed."),
                 _l("The gap is yours.")),
    Event.ASSIGN: (_l("Give the gap to somebody"), _l("They are told by mail and it stands on their Today page."),
                   _l("The gap is given. Its new owner is told.")),
    Event.BEGIN: (_l("Begin work on it"), _l("Everybody sees that it is being worked on."),
                  _l("The gap is being worked on.")),
    Event.AMEND: (_l("Change the proposal or the day"), _l("The change stands in the history of the gap."),
                  _l("The gap is changed.")),
    Event.GIVE_BACK: (_l("Give the gap back"), _l("Nobody has it any more. Somebody else can take it."),
                      _l("The gap is free to be taken.")),
    Event.SOLVE: (_l("Close the gap as solved"), _l("It opens again by itself when nothing runs there any more."),
                  _l("The gap is closed.")),
    Event.GIVE_UP: (_l("Say that it cannot be closed"), _l("The reason stands in the history of the gap."),
                    _l("It is written down that the gap cannot be closed.")),
    Event.REOPEN: (_l("Open the gap again"), _l("Nobody has it. Somebody can take it."), _l("The gap is open again.")),
}
DONE_WORDS = {
    Event.REPORT: _l("reported"), Event.TAKE: _l("taken"), Event.ASSIGN: _l("given to somebody"),
    Event.BEGIN: _l("work has begun"), Event.AMEND: _l("changed"), Event.GIVE_BACK: _l("given back"),
    Event.SOLVE: _l("closed as solved"), Event.GIVE_UP: _l("cannot be closed"), Event.REOPEN: _l("opened again")}
BY_ITSELF = {By.SYSTEM: _l("by itself")}


def english() -> bool:
    return get_locale().language == "en"


def pairs(members) -> list[tuple[str, str]]:
    """Values and words of members of an enum, for a select."""
    return [(member.value, str(label(member))) for member in members]
