"""How people fare after release, in rounded figures that are frozen once a month.

Nobody who may not open the entries sees an exact count of them. What is published, and why it tells of no single
person, stands in docs/decisions/0003-rounded-figures.md; tests/test_figures.py attacks it with a solver.
"""
from services.figures.freezing import freeze
from services.figures.reading import Line, Table, Unmet, barriers, groups, regions, table, unmet
from services.figures.rounding import BASE, SMALL, UNSURE, Row, next_row, possible, publish, rounded, tells_too_much
from services.figures.rows import (
    ALL,
    BARRIER_AS,
    BARRIERS,
    BY_PRISON,
    HELP,
    HELPED,
    NO_SHOWS,
    NOT_HELD,
    NOT_TAKEN,
    OF_PRISON,
    PEOPLE,
    REASON_AS,
    REASONS,
    STATES,
    STUCK_ON,
    VERDICTS,
)
