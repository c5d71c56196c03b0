"""Where help reaches and where it does not, and what is done about it. Each room of this package has one job.

A meeting takes `gaps.open_of(regions)` for its agenda, and `snapshots.take()`, `snapshots.at(day)` for its pack.
"""
from services.coverage import concentration, gaps, opened, outline, snapshots, unmet
from services.coverage.cell import EMPTY, ENOUGH, THIN, Cell
from services.coverage.days import a_week
from services.coverage.gap_machine import CLOSED, OPEN, TRANSITIONS, By, Event, Transition, open_events
from services.coverage.gaps import Asked, stirs, today
from services.coverage.prisons import LEVELS, Line, Table, table
from services.coverage.regions import groups
from services.coverage.regions import table as of_regions
from services.coverage.where import Where, cells, in_prison, in_region, of_gap
