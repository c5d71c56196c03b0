"""What stands on the sheets from the beginning, by the route on which somebody comes back."""
from flask_babel import lazy_gettext as _l

from models import Need, PlanList, Route

BEFORE, FIRST, PLAN = PlanList.BEFORE_RELEASE, PlanList.FIRST_HOURS, PlanList.PLAN
CARD = ("sleep", "call", "go")  # what the card of the first 72 hours cannot be without

# key: (need, words)
ITEMS = {
    "rights": (Need.BASIC_NEEDS, _l("Options and rights explained")),
    "identity_card": (Need.BASIC_NEEDS, _l("Identity card")),
    "account": (Need.FINANCIAL_SECURITY, _l("Bank account")),
    "benefit": (Need.FINANCIAL_SECURITY, _l("Benefit or pension applied for")),
    "doctor": (Need.HEALTH, _l("Doctor and medicines for the first days")),
    "housing": (Need.HOUSING, _l("Where to live")),
    "work": (Need.WORK, _l("Work, or registration at the labour office")),
    "debts": (Need.FINANCIAL_SECURITY, _l("List of debts and a debt adviser")),
    "medication": (Need.ADDICTION, _l("Treatment goes on without a break")),
    "sleep": (Need.HOUSING, _l("Where I sleep")),
    "call": (Need.RELATIONSHIPS, _l("Whom I call")),
    "go": (Need.BASIC_NEEDS, _l("Where I go first")),
    "money": (Need.FINANCIAL_SECURITY, _l("What I live on until the first money")),
    "curator": (Need.BASIC_NEEDS, _l("Meeting with the social curator")),
    "aftercare": (Need.ADDICTION, _l("After-care and whom to turn to in a crisis")),
    "day": (Need.LEISURE, _l("How my day looks")),
}
BEFORE_ALL = ("rights", "identity_card", "account", "benefit", "doctor", "housing", "work", "debts")
BY_ROUTE: dict[Route, dict[PlanList, tuple[str, ...]]] = {
    Route.PRISON: {BEFORE: BEFORE_ALL, FIRST: (*CARD, "money"), PLAN: ("curator", "housing", "work", "debts")},
    Route.THERAPEUTIC_COMMUNITY: {BEFORE: (*BEFORE_ALL, "medication"), FIRST: (*CARD, "medication"),
                                  PLAN: ("aftercare", "housing", "work", "day")},
    Route.OUTPATIENT: {BEFORE: ("rights", "doctor", "medication", "housing", "work"), FIRST: (*CARD, "medication"),
                       PLAN: ("aftercare", "work", "day")},
}


def of_route(route: Route, sheet: PlanList) -> tuple[str, ...]:
    return BY_ROUTE[route][sheet]


def words_of(key: str) -> str:
    return str(ITEMS[key][1]) if key in ITEMS else ""


def need_of(key: str) -> str:
    return ITEMS[key][0].value
