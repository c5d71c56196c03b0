"""How hard a Czech text is to read: a hint for whoever writes for clients. No Flask.

Our own measure, in the manner of LIX (words in a sentence and the share of long words), with two changes for Czech:
a long word has four syllables or more, since six letters are nothing in Czech, and long words count half, because
endings alone add a syllable. difficulty = words in an average sentence + (long words in a hundred) / 2.
Up to EASY a text is easy (short sentences, everyday words), up to HARD it takes effort, above it is hard.
Syllables are groups of vowels (au, eu, ou are one)
and the r and l that stand for a vowel (vlk, prst). It says nothing about whether the text is true or kind.
"""
import re
from dataclasses import dataclass

__all__ = ["EASY", "HARD", "Reading", "read", "syllables"]

EASY, HARD = 16, 26
LONG = 4  # syllables
SENTENCE_WORDS = 15  # above it a sentence is better cut in two
SENTENCE_END = re.compile(r"[.!?…]+(?=\s|$)|\n+")
WORD = re.compile(r"[^\W\d_]+")
VOWELS = re.compile(r"au|eu|ou|[aeiouyáéíóúůýěäöü]", re.IGNORECASE)
SPOKEN_R_L = re.compile(r"(?<![aeiouyáéíóúůýěäöü])[rl](?![aeiouyáéíóúůýěäöü])", re.IGNORECASE)
ABBREVIATIONS = re.compile(r"\b(např|tzv|tj|tzn|apod|atd|popř|č|čl|odst|ul|tel|hod|min|max|cca|resp|event)\.",
                           re.IGNORECASE)
AFTER_NUMBER = re.compile(r"(?<=\d)\.")


@dataclass(frozen=True)
class Reading:
    """`level` is easy, effort or hard; `longest` the longest sentence where it is too long, `long_words` at most 5."""

    level: str
    difficulty: int
    words: int
    sentences: int
    longest: str
    long_words: tuple[str, ...]


def read(text: str) -> Reading | None:
    """What there is to say of a text; None where it has no words."""
    plain = AFTER_NUMBER.sub("", ABBREVIATIONS.sub(r"\1", text))
    sentences = [part.strip() for part in SENTENCE_END.split(plain) if part and WORD.search(part)]
    words = WORD.findall(plain)
    if not words:
        return None
    long_words = [word for word in words if syllables(word) >= LONG]
    difficulty = round(len(words) / len(sentences) + 50 * len(long_words) / len(words))
    longest = max(sentences, key=lambda part: len(WORD.findall(part)))
    level = "easy" if difficulty <= EASY else "effort" if difficulty <= HARD else "hard"
    return Reading(level, difficulty, len(words), len(sentences),
                   longest if len(WORD.findall(longest)) > SENTENCE_WORDS else "",
                   tuple(sorted(set(long_words), key=lambda word: (-syllables(word), word))[:5]))


def syllables(word: str) -> int:
    """Syllables of a Czech word, at least one."""
    vowels = len(VOWELS.findall(word))
    return max(1, vowels + (_spoken(word) if len(word) > 1 else 0))


def _spoken(word: str) -> int:
    """How many r and l stand for a vowel: between consonants, or after one at the end (vítr)."""
    return sum(1 for match in SPOKEN_R_L.finditer(word) if match.start() > 0)
