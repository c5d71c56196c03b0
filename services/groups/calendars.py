"""Meetings as calendars show them: the group, time and place. Nothing that anybody wrote of what was said."""
from datetime import timedelta

from flask_babel import gettext as _

import clock
import policy
from exporters.ics import CalendarEvent, Status
from models import Meeting, MeetingState, WorkingGroup

KEPT = timedelta(days=30)  # so long a meeting that is over stays in a calendar


def calendar_event(meeting, gone: bool = False) -> CalendarEvent:
    """A meeting that people were invited to; `gone`: as who left the group has it."""
    off = gone or meeting.state is MeetingState.CANCELLED
    return CalendarEvent(
        uid=f"{meeting.public_id}@navaznost", start_utc=meeting.starts_at, end_utc=meeting.ends_at,
        summary=_("Meeting: %(group)s", group=meeting.group.name),
        location=", ".join(each for each in (meeting.place, meeting.link) if each),
        sequence=meeting.sequence, updated_utc=clock.now() if gone else meeting.changed_at,
        status=Status.CANCELLED if off else Status.CONFIRMED)


def calendar_events(actor) -> list[CalendarEvent]:
    """Meetings of the actor's groups since they were invited; those called off stay, so that readers take them away."""
    rows = (policy.own_meetings(actor).select(Meeting, WorkingGroup).join(WorkingGroup)
            .where(Meeting.invited_at.is_null(False), Meeting.starts_at >= clock.now() - KEPT)
            .order_by(Meeting.starts_at, Meeting.id))
    return [calendar_event(row) for row in rows]
