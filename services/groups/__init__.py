"""Working groups: people of any organisation who meet over a region or a theme, what they decide, who does what.

A member sees all of a group; who left sees the meetings of their time, as they were approved then. Which state of a
meeting follows which stands in machine.TRANSITIONS. Each room of this package has one job.
"""
from services.groups.calendars import calendar_events
from services.groups.machine import TRANSITIONS, Event, Side
from services.groups.minutes import approve_due
from services.groups.on_today import Today, stirs, today
from services.groups.tasks import remind_due
