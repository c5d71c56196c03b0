"""The SQL of the contact book's search, written out, the same for both databases, and answered in tuples.

A term is a word, matched by its beginning or by its stem, or a filter, matched as it is. The rarest term gives
candidates, the best first; the others are asked of each until enough lines have them all. Only those lines are put in
order. Parts are MATERIALIZED, or have a LIMIT, where a database would otherwise work the ranks out twice.
"""
from datetime import date, timedelta
from functools import lru_cache

import db
from services import freshness
from services.search_index import AGES
from services.search_kept import MARK
from text import stem

RARER = 16  # what the rarest word adds to the rank of a line that lacks others: as much as two steps of weight
TURNS = 2 ** 20  # more than there are organisations; an odd number times all of them gives each of them once
CANDIDATES, LINES = 1500, 500  # how many lines are asked at most, and how many that fit are put in order
SEVERAL = 200  # the same where several terms are asked
ALL = 30_000  # more than there are candidates: a LIMIT that limits nothing keeps the parts of a statement apart
COUNTED = 3000  # how far the rows of a term are counted
WIDE = 3000  # the same where all of them are wanted
UNKNOWN = LINES + 1  # how often a word is thought to be there that was not counted
FIRST = 64  # a bit that no rank has: those are less
LAST = "\U0010ffff"  # sorts after every other sign
PLACES = ("#district:", "#municipality:")

COLUMNS = ("e.kind, e.record, e.title, e.detail, e.areas, e.checked_on, e.confirmed, e.ended, o.public_id, "
           "CASE WHEN o.short_name = '' THEN o.name ELSE o.short_name END, o.kind, o.state, r.total, "
           "s.places_free, s.places_on, e.until_on, e.facts")
RECORDS = ("JOIN search_entry AS e ON e.id = r.id JOIN organisation AS o ON o.id = e.organisation_id "
           "LEFT JOIN service AS s ON e.kind = 'service' AND s.public_id = e.record")


def count(terms: list[str], places) -> tuple[int, list[int]]:
    """The mark of the index, and how many rows each term has, counted no further than is of use.

    `places()` gives the map, which only terms of districts and towns need.
    """
    ways = [_ways(term, places) for term in terms]
    counts = [" + ".join(f"(SELECT COUNT(*) FROM (SELECT 1 FROM search_word WHERE {sql} LIMIT {COUNTED}) AS t)"
                         for sql, _params in some) for some in ways]
    values = [value for some in ways for _sql, params in some for value in params]
    mark, *numbers = run(f"SELECT {', '.join([MARK, *counts])}", values)[0]
    return int(mark), numbers


def newcomers(today: date, new_for: timedelta, kinds, most: int) -> list[tuple]:
    """Organisations (public id, name, kind, town) that were added within that time, in an order of the day."""
    since = (today - new_for).isoformat()
    return run(f"SELECT public_id, name, kind, city FROM organisation WHERE created_at >= ? AND state <> 'closed' "
               f"AND kind IN ({', '.join('?' * len(kinds))}) ORDER BY {turn('id', today)}, id LIMIT {most}",
               [since, *[kind.value for kind in kinds]])


class Search:
    """The statements of one search on one day; `kept` has the map. Each gives rows of COLUMNS in their order."""

    def __init__(self, today: date, kept, per_page: int, wide: bool):
        self.today, self.kept, self.per_page, self.most = today, kept, per_page, WIDE if wide else LINES

    def all_of(self, terms: list[str], page: int) -> list[tuple]:
        """Lines that have all the terms; the first one, the rarest, gives the candidates."""
        first, *others = terms
        return self._lines(*self._having(*self._candidates(first, CANDIDATES if others else self.most), others), page)

    def any_of(self, words: list[str], filters: list[str], page: int) -> list[tuple]:
        """Lines that have some of the words, the rarest of which is the first, and all the filters."""
        found = [self._candidates(word, LINES // len(words)) for word in words]
        union = " UNION ALL ".join(f"SELECT entry_id, MAX(rank) + {0 if number else RARER} AS rank FROM ({sql}) AS w "
                                   f"GROUP BY entry_id" for number, (sql, _params) in enumerate(found))
        every = f"SELECT entry_id, SUM(rank) AS rank FROM ({union}) AS u GROUP BY entry_id"
        return self._lines(*self._having(every, [value for _sql, some in found for value in some], filters), page,
                           lead="CASE WHEN e.kind = 'organisation' THEN 0 ELSE 10 END + ")

    def everything(self, page: int) -> list[tuple]:
        """All organisations in Czech order, those that have ended last."""
        total = "(SELECT COUNT(*) FROM search_entry WHERE kind = 'organisation')"
        sql = (f"SELECT {COLUMNS} FROM (SELECT id, {total} AS total FROM search_entry WHERE kind = 'organisation' "
               f"ORDER BY ended, sort LIMIT {self.per_page} OFFSET ?) AS r {RECORDS} ORDER BY e.ended, e.sort")
        return run(sql, [self._offset(page)])

    def _offset(self, page):
        return (page - 1) * self.per_page

    def _candidates(self, term, most) -> tuple[str, list]:
        """Rows (entry_id, rank) of one term: of its stem or of the whole filter the best, of longer words any."""
        if term[0] == "#":
            ways = [("word = ? ORDER BY rank DESC", [each]) for each in _alternatives(term, lambda: self.kept.places)]
        else:
            ways = [("word = ? ORDER BY rank DESC", [stem(term)]), ("word > ? AND word < ?", [term, term + LAST])]
        union = " UNION ALL ".join(
            f"SELECT * FROM (SELECT entry_id, rank FROM search_word WHERE {sql} LIMIT {most}) AS w{n}"
            for n, (sql, _params) in enumerate(ways))
        return union, [value for _sql, params in ways for value in params]

    def _having(self, candidates, params, others) -> tuple[str, list]:
        """Lines (entry_id, fit) of the candidates that have all the other terms; enough of them."""
        sql, values = f"SELECT entry_id, rank FROM ({candidates}) AS c", params
        for number, terms in enumerate(filter(None, (others[:1], others[1:2], others[2:]))):
            # who lacks the first is not asked for the next
            probes = [_probe(term, lambda: self.kept.places) for term in terms]
            ranks = " + ".join(["m.rank", *[each for each, _some in probes]])
            sql = (f"SELECT entry_id, rank FROM (SELECT m.entry_id, {ranks} AS rank FROM ({sql}) AS m LIMIT {ALL}) "
                   f"AS f{number} WHERE rank IS NOT NULL")
            values = [value for _sql, some in probes for value in some] + values
        return (f"SELECT entry_id, MAX(rank) AS fit FROM ({sql} LIMIT {2 * self.enough(others)}) AS h "
                f"GROUP BY entry_id LIMIT {self.enough(others)}", values)

    def enough(self, others) -> int:
        """How many lines are put in order: fewer where each has to be asked for other terms."""
        return min(self.most, SEVERAL) if others and self.most == LINES else self.most

    def _lines(self, hits, params, page, lead="") -> list[tuple]:
        """A page of the lines (entry_id, fit): best fit first, then the freshest.

        Those who fit and are fresh alike take turns by day; an organisation with many lines comes round as often as
        one with a single one. What was there until a day that is over is left out.
        """
        how_old, whose_turn = lead + age(self.today), turn("e.organisation_id", self.today)
        sql = (f"WITH hit AS MATERIALIZED ({hits}), line AS MATERIALIZED (SELECT e.id, hit.fit, {how_old} AS age, "
               f"{whose_turn} AS turn FROM hit JOIN search_entry AS e ON e.id = hit.entry_id "
               f"WHERE e.until_on IS NULL OR e.until_on >= ?) "
               f"SELECT {COLUMNS} FROM (SELECT id, fit, age, turn, (SELECT COUNT(*) FROM line) AS total, "
               f"ROW_NUMBER() OVER (PARTITION BY fit, age, turn ORDER BY {turn('id', self.today)}) AS round "
               f"FROM line WHERE fit >= (SELECT MIN(fit) FROM (SELECT fit FROM line ORDER BY fit DESC LIMIT ?) AS b) "
               f"ORDER BY fit DESC, age, round, turn, id LIMIT {self.per_page} OFFSET ?) AS r {RECORDS} "
               f"ORDER BY r.fit DESC, r.age, r.round, r.turn, r.id")
        day = self.today.isoformat() if db.is_sqlite() else self.today
        return run(sql, [*params, day, page * self.per_page, self._offset(page)])


def _alternatives(filter_, places) -> list[str]:
    """The filters of the index, any of which answers one that was asked."""
    if not filter_.startswith(PLACES):
        return [filter_]
    name, code = filter_[1:].split(":", 1)
    return places().covering(name, code)


def _ways(term, places) -> list[tuple[str, list]]:
    """The conditions under which a row of the index matches a term."""
    if term[0] == "#":
        return [("word = ?", [each]) for each in _alternatives(term, places)]
    begins = ("word >= ? AND word < ?", [term, term + LAST])
    return [begins] if stem(term).startswith(term) else [begins, ("word = ?", [stem(term)])]


def _probe(term, places) -> tuple[str, list]:
    """The rank of one term in a candidate line, NULL where the line lacks it. Each word has its stem beside it.

    The rank of the stem counts, of longer words only where there is none. Both are found by one look where they stand
    near each other in the index.
    """
    mine = "(SELECT MAX(rank) FROM search_word WHERE entry_id = m.entry_id AND "
    if term[0] == "#":
        words = _alternatives(term, places)
        return f"{mine}word IN ({', '.join('?' * len(words))}))", words
    if not term.startswith(stem(term)):
        return f"COALESCE({mine}word = ?), {mine}word > ? AND word < ?))", [stem(term), term, term + LAST]
    first = (f"(SELECT MAX(CASE WHEN word = ? THEN rank + {FIRST} WHEN word > ? THEN rank END) & {FIRST - 1} "
             f"FROM search_word WHERE entry_id = m.entry_id AND word >= ? AND word < ?)")
    return first, [stem(term), term, stem(term), term + LAST]


def age(today: date) -> str:
    """SQL for how fresh a line is, from 0 (fresh) to 4 (not confirmed): as freshness.state says of its kind."""
    return _age(today, db.is_sqlite())


@lru_cache(maxsize=8)
def _age(today, sqlite):
    def since(days_of):
        days = {kind: days_of(group).isoformat() for kind, group in AGES.items()}
        whens = " ".join(f"WHEN '{kind}' THEN {'' if sqlite else 'DATE '}'{day}'" for kind, day in days.items())
        return f"e.checked_on >= CASE e.kind {whens} END"
    lasts = {group: timedelta(days=freshness.lasts(group)) for group in AGES.values()}
    return (f"CASE WHEN e.until_on IS NOT NULL THEN 0 WHEN NOT e.confirmed THEN 4 WHEN e.checked_on IS NULL THEN 2 "
            f"WHEN {since(lambda group: freshness.due_before(group, today))} THEN 0 "
            f"WHEN {since(lambda group: today - lasts[group])} THEN 1 "
            f"WHEN {since(lambda group: today - 2 * lasts[group])} THEN 3 ELSE 4 END")


def turn(column: str, today: date) -> str:
    """SQL for a place in an order that is another one each day, the same for everybody and on both databases."""
    return f"(CAST({column} AS BIGINT) * {pow(7, today.toordinal(), TURNS)} & {TURNS - 1})"


def run(sql: str, params: list) -> list[tuple]:
    """The rows of a statement written with question marks."""
    database = db.database.obj
    return database.execute_sql(sql.replace("?", database.param), params).fetchall()
