"""Words of the search with typing errors: the nearest word that the contact book has.

Asked only where nothing has the word as it was typed. A word of four to seven letters may differ by one edit, a
longer one by two (a letter more, less, another, or two swapped); the first letter must agree. Numbers are not guessed.
"""
import db

SHORTEST, LONGER = 4, 8
MOST_WORDS = 5000  # of the book with the same first letter that are looked at, in their order
LAST = "\U0010ffff"  # sorts after every other sign

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
    if len(word) < SHORTEST or any(letter.isdigit() for letter in word):
        return 0
    return 1 if len(word) < LONGER else 2


def _nearest(word, edits) -> str | None:
    first = word[0]
    params = [first, first + LAST, first + LAST, len(word) - edits, len(word) + edits, MOST_WORDS]
    database = db.database.obj
    near = [(distance(word, known, edits), abs(len(known) - len(word)), known)
            for known, in database.execute_sql(VOCABULARY.replace("?", database.param), params)]
    best = min(near, default=(edits + 1,))
    return best[2] if best[0] <= edits else None


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
