"""Which needs after release each area of services answers first: the primary lines of data/crosswalk.csv.

A service that names no needs of its own is found under those of its areas, so each area and each need leads somewhere.
"""
from collections.abc import Iterable

from models import Area, Need

NEEDS_OF = {
    Area.SOCIAL_SERVICES: (Need.BASIC_NEEDS,),
    Area.EMPLOYMENT: (Need.WORK,),
    Area.DEBTS: (Need.FINANCIAL_SECURITY,),
    Area.DRUG_SERVICES: (Need.ADDICTION,),
    Area.EDUCATION: (Need.LIFE_SKILLS,),
    Area.HEALTH_SERVICES: (Need.HEALTH,),
    Area.PSYCHIATRIC: (Need.MENTAL_HEALTH,),
    Area.ACCOMMODATION: (Need.HOUSING,),
    Area.MENTORING: (Need.LEISURE, Need.DESISTANCE),
    Area.FAMILY_COUNSELLING: (Need.RELATIONSHIPS,),
    Area.ACTIVITIES: (Need.LEISURE,),
}


def needs_of(named: Iterable[Need], areas: Iterable[Area]) -> list[Need]:
    """The needs that a service names, else those of its areas, in the order of the study."""
    found = set(named) or {need for area in areas for need in NEEDS_OF[area]}
    return [need for need in Need if need in found]
