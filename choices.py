"""What a form offers to choose from."""
from wtforms.fields.choices import SelectChoice

import richtext
from labels import label


def of_pairs(pairs, none=None) -> list[SelectChoice]:
    """Choices of (value, words); `none` are the words for choosing nothing, where that may be."""
    first = [SelectChoice("", none)] if none is not None else []
    return [*first, *[SelectChoice(value, words) for value, words in pairs]]


def of_members(members, none=None) -> list[SelectChoice]:
    """Choices of an enum, or of some of its members, in their words."""
    return of_pairs(((member.value, label(member)) for member in members), none)


def members_of(kind, field) -> list:
    """The members of an enum that somebody chose; words that are none are left out."""
    return [kind(value) for value in field.data or () if value in set(kind)]


def options(words: dict[str, str]):
    """Markup of a select's options, of `{value: word}`, for those of which there are hundreds."""
    return richtext.options(words)


def chosen(written, value: str):
    """The same with one of them chosen."""
    return richtext.chosen(written, value)
