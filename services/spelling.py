"""Words of the search with typing errors: the nearest word that the contact book has.

Asked only where nothing has the words as they were typed, names of people among them. A word of four to seven letters
may differ by one edit, a longer one by two (a letter more, less, another, or two swapped); the shorter of the two words
decides. The first letter must agree. Nothing is cut off the end, and nothing left out of a word shorter than six
letters, but a letter that was struck twice: who looks for Mr Novák does not mean "nova". Words that say little stand
for no other. Neither numbers nor the commonest surnames are guessed: that somebody is not in the book is an answer.
"""
import re

import db
from text import stem

SHORTEST, SHORT, LONGER = 4, 6, 8
MOST_WORDS = 5000  # of the book with the same first letter that are looked at, in their order
LAST = "\U0010ffff"  # sorts after every other sign
TWICE = re.compile(r"(.)\1+")
SAYS_LITTLE = frozenset((
    "nova", "nove", "novy", "stara", "stare", "stary", "mala", "male", "maly", "velka", "velke", "velky", "dobra",
    "dobre", "dobry", "dolni", "horni", "hlavni", "dalsi", "jine", "jina", "jejich", "ktera", "ktere", "ktery", "pouze",
    "podle", "nebo", "take", "jako", "mezi", "pred", "proto", "protoze", "with", "from", "that", "this", "their"))
SURNAMES = frozenset(map(stem, (  # the commonest ones; the forms of women have the same stems
    "novak", "svoboda", "novotny", "dvorak", "cerny", "prochazka", "kucera", "vesely", "horak", "nemec", "pokorny",
    "pospisil", "hajek", "kral", "jelinek", "ruzicka", "benes", "fiala", "sedlacek", "dolezal", "zeman", "kolar",
    "navratil", "cermak", "vanek", "urban", "blazek", "kriz", "kovar", "kratochvil", "bartos", "vlcek", "musil",
    "kopecky", "simek", "polak", "konecny", "maly", "holub", "stanek", "cech", "kadlec", "stepanek", "dostal",
    "soukup", "mares", "sykora", "moravec", "ticha", "valenta", "vavra", "matousek", "blaha", "riha", "sevcik", "bures",
    "hruska", "masek", "dusek", "pavlik", "janda", "hana", "mach", "liska", "dlouhy", "tuma", "kovarik", "straka",
    "slavik", "broz", "beran", "rybar")))

# the distinct words from one on, each found by one look into the index
VOCABULARY = """
WITH RECURSIVE known(word) AS (
    SELECT MIN(word) FROM search_word WHERE word >= ?
    UNION ALL
    SELECT (SELECT MIN(word) FROM search_word WHERE word > known.word) FROM known WHERE known.word < ?)
SELECT word FROM known WHERE word < ? AND LENGTH(word) BETWEEN ? AND ? LIMIT ?"""


def instead_of(words: list[str]) -> dict[str, str]:
    """`{word: the nearest word of the book}`, without words that have none near enough."""
    found = {word: _nearest(word, edits) for word in words if (edits := _edits_forgiven(word))}
    return {word: near for word, near in found.items() if near}


def _edits_forgiven(word) -> int:
    if len(word) < SHORTEST or stem(word) in SURNAMES or any(letter.isdigit() for letter in word):
        return 0
    return _edits(len(word))


def _edits(letters) -> int:
    return 1 if letters < LONGER else 2


def _nearest(word, edits) -> str | None:
    first = word[0]
    params = [first, first + LAST, first + LAST, len(word) - edits, len(word) + edits, MOST_WORDS]
    database = db.database.obj
    near = {known: edits_to for known, in database.execute_sql(VOCABULARY.replace("?", database.param), params)
            if (edits_to := distance(word, known, edits)) <= _edits(min(len(word), len(known))) and _meant(word, known)}
    stems = {stem(known) for known in near if stem(known) != known}  # the book has the whole word, too
    return min(near, key=lambda known: (near[known], known in stems, abs(len(known) - len(word)), known), default=None)


def _meant(word, known) -> bool:
    """Whether a known word can be what somebody meant who typed another."""
    loses = len(word) < SHORT or word.startswith(known)  # a letter, where each counts
    struck_twice = TWICE.sub(r"\1", word) == TWICE.sub(r"\1", known)
    return known not in SAYS_LITTLE and (struck_twice or len(known) >= len(word) or not loses)


def distance(one: str, other: str, most: int) -> int:
    """How many edits lead from one word to the other; anything over `most` where it is more than that."""
    before, last = [], list(range(len(other) + 1))
    for row, letter in enumerate(one, 1):
        line = [row]
        for column, known in enumerate(other, 1):
            cost = min(last[column] + 1, line[-1] + 1, last[column - 1] + (letter != known))
            if row > 1 < column and letter == other[column - 2] and one[row - 2] == known:
                cost = min(cost, before[column - 2] + 1)
            line.append(cost)
        if min(line) > most:
            return most + 1
        before, last = last, line
    return last[-1]
