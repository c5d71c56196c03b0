"""A prison's own times: places, windows, closures, stops and how much it gives a week. Each room has one of these."""
from services.openings.board import Board, OfPlace, board
from services.openings.closures import Closing, reopen
from services.openings.closures import add as close
from services.openings.keeping import kept_by
from services.openings.limits import WeekLimits, set_week_limits, week_limits
from services.openings.places import Room, place, places, visits_of
from services.openings.places import add as add_place
from services.openings.places import change as change_place
from services.openings.places import close as close_place
from services.openings.windows import COLUMNS, Opening, name_of, next_day, window
from services.openings.windows import add as add_window
from services.openings.windows import change as change_window
from services.openings.windows import end as end_window
