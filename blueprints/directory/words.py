"""The words for the members of enums in the reader's language, made once."""
from functools import cache

from flask_babel import force_locale, get_locale

from labels import LABELS


def words_of(enum) -> dict:
    """`{member: word}` in the reader's language."""
    return _words_in(enum, get_locale().language)


@cache
def _words_in(enum, language) -> dict:
    with force_locale(language):
        return {member: str(word) for member, word in LABELS[enum].items()}
