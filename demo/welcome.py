"""What `make run` says when everything is ready: the address, who can sign in and as what, in Czech and English."""
from collections.abc import Iterator

from demo import cast


def lines(address: str, demo: bool) -> Iterator[str]:
    """The lines to print; accounts and the password only where the people are invented."""
    yield ""
    yield f"  Návaznost: {address}    (Ctrl-C: konec / stop)"
    if demo:
        yield from _accounts()
    yield ""


def _accounts():
    width = max(len(member.email) for member in cast.CAST)
    yield ""
    yield f"  Heslo všech ukázkových účtů / password of all demo accounts:  {cast.password()}"
    yield f"  Číslo Karlovy kartičky / Karel's card number:  {_in_fours(cast.card_number())}"
    yield ""
    for member in cast.CAST:
        czech, english = member.shows
        yield f"  {member.email:{width}}  {czech}"
        yield f"  {'':{width}}  {english}"


def _in_fours(number):
    return " ".join(number[start : start + 4] for start in range(0, len(number), 4))
