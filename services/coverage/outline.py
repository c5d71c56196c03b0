"""The map of the fourteen regions from our own file: outlines, where a label stands, and which regions touch."""
import json
import re
from dataclasses import dataclass
from functools import cache

from config import ROOT

FILE = ROOT / "data/regions_map.json"
NUMBER = re.compile(r"-?\d+\.?\d*")
BESIDE = {"CZ020": (0, 62)}  # the middle of a region that surrounds another lies in that one


@dataclass(frozen=True)
class Outline:
    """A region on the map: the path to draw, in whole points, and the middle of it."""

    code: str
    path: str
    x: int
    y: int


@dataclass(frozen=True)
class Map:
    width: int
    height: int
    outlines: list[Outline]
    neighbours: dict[str, list[str]]  # codes


@cache
def read() -> Map:
    known = json.loads(FILE.read_text(encoding="utf-8"))
    _x, _y, width, height = map(int, known["viewBox"].split())
    points = {code: _points(region["d"]) for code, region in known["regions"].items()}
    outlines = [_outline(code, known["regions"][code]["d"], points[code]) for code in sorted(points)]
    near = {code: [other for other in sorted(points) if other != code
                   and len(set(points[code]) & set(points[other])) > 1] for code in points}
    return Map(width, height, outlines, near)


def _points(path) -> list[tuple[float, float]]:
    numbers = [float(number) for number in NUMBER.findall(path)]
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def _outline(code, path, points) -> Outline:
    right, down = BESIDE.get(code, (0, 0))
    x, y = _middle(points)
    whole = NUMBER.sub(lambda number: str(round(float(number[0]))), path)
    return Outline(code, whole, round(x) + right, round(y) + down)


def _middle(points) -> tuple[float, float]:
    """The centre of gravity of a polygon."""
    double = x = y = 0.0
    for (x1, y1), (x2, y2) in zip(points, [*points[1:], points[0]], strict=True):
        part = x1 * y2 - x2 * y1
        double, x, y = double + part, x + (x1 + x2) * part, y + (y1 + y2) * part
    return x / (3 * double), y / (3 * double)
