"""Text as people type it: cleaned at the boundary, folded for search, in Czech order. No Flask."""

import re
import unicodedata
from functools import lru_cache

import czech_sort

__all__ = ["clean_text", "fold", "search_words", "sort_key", "stem", "words"]

LINE_BREAKS = re.compile("\r\n|[\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029]")
SPACES = re.compile(r"[ \t]+")
BLANK_LINES = re.compile(r"\n{3,}")
WORD = re.compile(r"[^\W_]+")
# Cc controls, Cf formats (zero width, direction overrides, soft hyphen, tags), Cs halves of a pair
UNWANTED_CATEGORIES = {"Cc", "Cf", "Cs"}
# letters and marks that are drawn as nothing, and could hide one name inside another
INVISIBLE = set("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u3164\uffa0")


def clean_text(value, *, lines=False, limit=None):
    """One NFC line of visible text, or paragraphs when `lines`; at most `limit` code points.

    Removes control characters (NUL, which PostgreSQL refuses), direction overrides and zero-width
    characters. Breaks of every kind become a space, or `\\n` when `lines` (at most one empty line in
    a row). No-break spaces stay. Cleaning what is clean changes nothing.
    """
    text = LINE_BREAKS.sub("\n", value or "")
    text = _visible(text)
    text = unicodedata.normalize("NFC", text)
    text = _paragraphs(text) if lines else SPACES.sub(" ", text.replace("\n", " ")).strip()
    return text if limit is None else text[:limit].rstrip()


def _visible(text):
    if text.replace("\n", "").isprintable() and INVISIBLE.isdisjoint(text):  # nearly always, and far quicker to say
        return text
    return "".join(kept for kept in text if _is_visible(kept))


def _is_visible(character):
    if character in "\n\t":
        return True
    return unicodedata.category(character) not in UNWANTED_CATEGORIES and character not in INVISIBLE


def _paragraphs(text):
    text = "\n".join(SPACES.sub(" ", line).strip() for line in text.split("\n"))
    return BLANK_LINES.sub("\n\n", text).strip()


def fold(value):
    """Without diacritics and case, for comparing: `Žďár` → `zdar`. Folding twice changes nothing."""
    bare = _without_marks(value or "").casefold()
    return _without_marks(bare)


def _without_marks(value):
    if value.isascii():
        return value
    parts = unicodedata.normalize("NFKD", value)
    return "".join(part for part in parts if unicodedata.category(part) != "Mn")


def sort_key(value):
    """Hexadecimal key whose plain ASCII order is the Czech one (č after c, ch after h), in any database."""
    return czech_sort.bytes_key(unicodedata.normalize("NFC", value or "")).hex()


def words(value):
    """The folded words of a text in their order; numbers are words, signs are not."""
    return WORD.findall(fold(value))


def search_words(value):
    """What the index keeps of a text: its folded words and their stems.

    A word of a query matches when the word itself or its stem is here: an ending that was taken off
    by mistake then does no harm.
    """
    found = set(words(value))
    return found | {stem(word) for word in found}


# --- a light stemmer of Czech, on folded words ---------------------------------------------------------
#
# It removes the endings of nouns and adjectives, no prefixes and few suffixes, so that a word and its cases
# meet; it knows no grammar. In this order:
#   1. one ending, the longest that leaves three letters:       Valdicích → valdic, zdravotního → zdravotn
#   2. the suffix -ov- (or -ův) where four letters are left:    dluhová → dluhov → dluh, Havlíčkův → havlick
#   3. the e that comes and goes between consonants:            služeb → sluzb, Plzeň → plzn, Liberec → liberc
#   4. doubled n:                                               rodinné → rodinn → rodin
#   5. softened consonants back to hard ones:                   Praze → praz → prah, Nymburce → nymburk
# Different words may meet (vězni, vězení): a search that finds a little more is better than one that misses.
# Not covered: changes inside the stem beyond those listed below (stůl, stole), words of two letters
# (Aš, Aši), verbs.

SHORTEST = 3
ENDINGS = (
    "ami", "emi", "imi", "ymi", "eho", "iho", "emu", "imu", "ach", "ech", "ich", "ych",
    "am", "em", "im", "um", "ym", "mi", "ou",
    "a", "e", "i", "o", "u", "y",
)  # fmt: skip
# their own last letters look like an ending
KEPT_WHOLE = ("program", "problem", "system")
CHANGED_INSIDE = {"dum": "dom", "dvur": "dvor", "dite": "det", "ditete": "det"}
MOVING_E = re.compile("(?<=[bcdfghjklmnprstvz])e(?=[bcklnrv]$)")
SOFTENED = str.maketrans({"c": "k", "z": "h"})


@lru_cache(20_000)
def stem(word):
    """The stem of a folded Czech word, at least three letters long; shorter words stay as they are."""
    if word in CHANGED_INSIDE:
        return CHANGED_INSIDE[word]
    if len(word) < SHORTEST or not word.isalpha():
        return word
    bare = _without_suffix(_without_ending(word))
    moved = MOVING_E.sub("", bare)
    bare = moved if len(moved) >= SHORTEST else bare
    bare = bare[:-1] if bare.endswith("nn") and len(bare) > SHORTEST else bare
    return bare[:-1] + bare[-1].translate(SOFTENED)


def _without_ending(word):
    least = next((len(whole) for whole in KEPT_WHOLE if word.startswith(whole)), SHORTEST)
    for ending in ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= least:
            return word.removesuffix(ending)
    return word


def _without_suffix(word):
    return word[:-2] if word.endswith(("ov", "uv")) and len(word) - 2 > SHORTEST else word
