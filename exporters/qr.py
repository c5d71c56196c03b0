"""QR codes as the path of an SVG, so that a page draws them without a file and without inline styles."""
from dataclasses import dataclass

QUIET = 4  # modules of white around the code, as the standard asks


@dataclass(frozen=True)
class Code:
    """A code of `size` modules a side, the quiet zone among them; `path` draws the dark ones in that square."""

    size: int
    path: str


def code(text: str) -> Code:
    """The code of an address; a quarter of it may be damaged, for paper gets creased (level Q)."""
    import segno  # few pages draw a code
    rows = [list(row) for row in segno.make(text, error="q", micro=False, boost_error=False).matrix]
    path = "".join(f"M{x + QUIET} {y + QUIET}h{length}v1h-{length}z" for y, row in enumerate(rows)
                   for x, length in _runs(row))
    return Code(len(rows) + 2 * QUIET, path)


def _runs(row):
    """Pairs (first, length) of dark modules that stand side by side."""
    first = None
    for place, dark in enumerate([*row, 0]):
        if dark and first is None:
            first = place
        if not dark and first is not None:
            yield first, place - first
            first = None
