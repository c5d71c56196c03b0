"""V42: how the people fare whom a prison released, as counts rounded to five, and of a few nothing but "< 5"."""
import csv
import io

import pytest

from models import NeedState
from services import figures
from tests.test_figures import observed  # noqa: F401


def of_housing(pavel):
    """The row of housing as the page and as the file have it."""
    page = pavel.get("/figures?day=30").page
    row = next(row for row in page.all("tr") if row.text.startswith("Bydlení"))
    shown = [cell.text.replace("\xa0", " ").removesuffix(" neukazujeme") for cell in page.inside(row, "td")]
    lines = csv.reader(io.StringIO(pavel.get("/figures.csv?day=30").body.decode("utf-8-sig")), delimiter=";")
    filed = next(line[1:-1] for line in lines if line and line[0] == "bydlení")
    assert shown == filed
    return shown


def test_v42_of_twenty_a_prison_sees_ten_whose_housing_is_met(sign_in, observed):  # noqa: F811
    observed(10, NeedState.MET), observed(10, NeedState.STUCK)
    figures.freeze()
    shown = of_housing(sign_in("pavel"))
    assert shown.count("10") == 2 and shown[-1] == "20"
    assert set(shown) == {"10", "20", "< 5"}


@pytest.mark.parametrize("met", range(5))
def test_v42_of_four_it_sees_the_same_whoever_they_are(sign_in, observed, met):  # noqa: F811
    observed(met, NeedState.MET), observed(4 - met, NeedState.STUCK)
    figures.freeze()
    assert set(of_housing(sign_in("pavel"))) == {"< 5"}


@pytest.mark.parametrize("others", [(14, 2), (15, 1), (13, 3)])
def test_v42_four_among_many_are_not_worked_out_from_the_other_cells(sign_in, observed, others):  # noqa: F811
    met, stuck = others
    observed(met, NeedState.MET), observed(stuck, NeedState.STUCK)
    figures.freeze()
    shown = of_housing(sign_in("pavel"))
    assert set(shown[:-1]) == {"·"} and shown[-1] == "15", "the row is held back, the same for all three"
