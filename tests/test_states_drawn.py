"""The diagrams in the docs are those of the tables."""
import pytest

from tools import draw_states


def test_the_drawn_states_are_those_of_the_tables(app):
    assert draw_states.PAGE.read_text() == draw_states.page(), "run tools/draw_states.py"


@pytest.mark.parametrize("title", draw_states.DRAWN)
def test_each_diagram_has_each_line_once(app, title):
    lines = list(draw_states.DRAWN[title]())
    drawn = draw_states.diagram(lines).split("\n")
    assert len(drawn) == len(lines) + 1 == len(set(drawn)) and len(lines) > 5


def test_another_table_gives_another_diagram():
    line = ("here", "there", "go", ["anybody"], True)
    assert draw_states.diagram([line]) == "stateDiagram-v2\n    here --> there: go (R), anybody"
    assert draw_states.diagram([(None, *line[1:])]) != draw_states.diagram([line])
