"""Where help reaches, as filters of the search: regions, districts, municipalities with extended powers.

Who names a region, and no smaller place in it, is there for the whole region; who names a district for the whole
district. `#region:…`, `#district:…`, `#municipality:…` say that something in the place is covered, `#all:…` that all of
it is. So a search for a district finds those who name it or a town in it, and those who cover its whole region.
"""
from collections.abc import Iterable
from dataclasses import dataclass

import db
from text import fold, sort_key

EVERYTHING = (
    "SELECT 'region', code, name, name_en, seat, code AS sort FROM region UNION ALL "
    "SELECT 'district', code, name, '', region_id, '' FROM district UNION ALL "
    "SELECT 'town', code, name, district, region_id, '' FROM municipality UNION ALL "
    "SELECT 'prison', slug, name, '', '', sort FROM organisation WHERE kind = 'prison' AND state <> 'closed' "
    "ORDER BY 6")

CALLED = {  # how people call the part of the country in which a region lies
    "CZ020": "střední Čechy", "CZ031": "jižní Čechy", "CZ032": "západní Čechy", "CZ041": "západní Čechy Karlovarsko",
    "CZ042": "severní Čechy", "CZ051": "severní Čechy Liberecko", "CZ052": "východní Čechy", "CZ053": "východní Čechy",
    "CZ063": "Vysočina", "CZ064": "jižní Morava", "CZ071": "střední Morava", "CZ072": "východní Morava Zlínsko",
    "CZ080": "severní Morava Slezsko"}


@dataclass(frozen=True)
class Town:
    """A municipality with extended powers. `district` is a code, empty where it is not known."""

    name: str
    district: str
    region: str


@dataclass(frozen=True, eq=False)
class Map:
    """The places of the country by their codes, and prisons. `regions`: name and seat; `districts`: name, region."""

    regions: dict[str, tuple[str, str]]
    regions_en: dict[str, str]
    districts: dict[str, tuple[str, str]]
    towns: dict[str, Town]
    prisons: dict[str, str]  # names by slug, in Czech order
    by_name: dict[str, str]  # districts: code by the folded name
    town_by_name: dict[str, str]

    def filters(self, regions: Iterable[str] = (), districts: Iterable[str] = (), towns: Iterable[str] = (),
                seats: Iterable[str] = ()) -> set[str]:
        """The filters of a line that covers these places (codes); `seats` are regions of which nothing is covered."""
        districts, inside = set(districts), {self.towns[code].district for code in towns} - {""}
        smaller = {self.districts[code][1] for code in districts} | {self.towns[code].region for code in towns}
        found = {f"#all:{code}" for code in (set(regions) - smaller) | districts}
        found |= {f"#region:{code}" for code in {*regions, *smaller, *seats}}
        found |= {f"#district:{code}" for code in districts | inside}
        return found | {f"#municipality:{code}" for code in towns}

    def seat(self, organisation) -> set[str]:
        """The filters of where an organisation sits: region, district, municipality, as far as they are known."""
        district = self.by_name.get(fold(organisation.district or ""), "")
        found = {f"#region:{organisation.region_id}"} if organisation.region_id else set()
        found |= {f"#district:{district}"} if district else set()
        town = organisation.municipality_id or self.town_by_name.get(fold(organisation.city))
        return found | (self.filters(towns=[town]) if town in self.towns else set())

    def covering(self, name: str, code: str) -> list[str]:
        """The filters, any of which a line has that covers this place; `name` is district or municipality."""
        town = self.towns.get(code) if name == "municipality" else None
        district = town.district if town else code if name == "district" else ""
        region = town.region if town else self.districts.get(district, ("", ""))[1]
        whole = [district if name == "municipality" else "", region]
        return [f"#{name}:{code}", *[f"#all:{each}" for each in whole if each]]


def read() -> Map:
    """The map, and the prisons that are open, in one query."""
    regions, names_en, districts, towns, prisons = {}, {}, {}, {}, {}
    for what, code, name, beside, inside, _sort in db.database.execute_sql(EVERYTHING):
        if what == "region":
            regions[code], names_en[code] = (name, inside), beside
        elif what == "district":
            districts[code] = (name, inside)
        elif what == "prison":
            prisons[code] = name
        else:
            towns[code] = (name, beside, inside)
    districts = dict(sorted(districts.items(), key=lambda district: sort_key(district[1][0])))
    by_name = {fold(name): code for code, (name, _region) in districts.items()}
    towns = {code: Town(name, by_name.get(fold(district), ""), region)
             for code, (name, district, region) in sorted(towns.items(), key=lambda town: sort_key(town[1][0]))}
    return Map(regions, names_en, districts, towns, prisons, by_name,
               {fold(town.name): code for code, town in towns.items()})
