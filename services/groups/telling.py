"""Who is told of what happens in a group. A mail names the group, day and place, and nothing that somebody wrote."""
from flask_babel import force_locale
from flask_babel import gettext as _

import clock
import formats
from exporters import ics
from models import GroupMember, Meeting, MeetingState, Topic, User
from services import accounts, mail
from services.groups.calendars import calendar_event


def people(group) -> list[User]:
    """The members of a group who can be told."""
    return list(User.select().join(GroupMember).where(
        GroupMember.group == group, GroupMember.since_at.is_null(False), GroupMember.until_at.is_null(),
        accounts.let_in(), User.email.is_null(False)).order_by(User.name))


def _tell(person, subject, body, path, calendar=""):
    mail.tell(person, Topic.MEETINGS, subject, "\n".join([*body, "", mail.link(path), ""]), path, calendar=calendar)


def _of_group(group):
    return f"/groups/{group.public_id}"


def somebody_asks(group, leads, actor):
    for person in leads:
        with force_locale(person.language):
            _tell(person, _("%(group)s: somebody asks to join", group=group.name),
                  [_("%(name)s, %(organisation)s, would like to be a member.", name=actor.name,
                     organisation=actor.organisation.label)], _of_group(group))


def let_in(group, person):
    with force_locale(person.language):
        _tell(person, _("You are a member of %(group)s", group=group.name),
              [_("You can read the minutes of the group and take part in its meetings.")], _of_group(group))
    for meeting in _coming(group):
        meeting_told(meeting, person)


def not_let_in(group, person):
    with force_locale(person.language):
        _tell(person, _("%(group)s: you were not let in", group=group.name),
              [_("Ask the lead of the group why. You can ask again later.")], "/groups")


def left(group, person):
    """Who leaves gets the meetings that are to come out of their calendar."""
    for meeting in _coming(group):
        with force_locale(person.language):
            _tell(person, _("%(meeting)s: it is no longer for you", meeting=_words(meeting)),
                  [_("You are not a member of the group any more.")], "/groups",
                  _calendar(meeting, person, gone=True))


def _coming(group):
    """Meetings that the group was invited to, one step further: a calendar takes no second word of the same step."""
    coming = (Meeting.group == group) & (Meeting.state == MeetingState.INVITED) & (Meeting.starts_at > clock.now())
    Meeting.update(sequence=Meeting.sequence + 1).where(coming).execute()
    return list(Meeting.select().where(coming))


def _words(meeting):
    return f"{meeting.group.name}, {formats.day(clock.local(meeting.starts_at).date())}"


def meeting_told(meeting, person, subject=None):
    """The invitation, or a later word of the same meeting, with the entry for the calendar."""
    with force_locale(person.language):
        what = str(subject) if subject else _("Invitation to a meeting")
        where = [each for each in (meeting.place, meeting.link) if each]
        _tell(person, f"{what}: {_words(meeting)}",
              [f"{formats.moment(meeting.starts_at, language=person.language)} – "
               f"{formats.time_of_day(meeting.ends_at, language=person.language)}", *where],
              f"/meetings/{meeting.public_id}", _calendar(meeting, person))


def everybody(meeting, subject=None):
    for person in people(meeting.group):
        meeting_told(meeting, person, subject)


def minutes_told(meeting, subject, sentence):
    """`subject` and `sentence` are lazy words."""
    for person in people(meeting.group):
        with force_locale(person.language):
            _tell(person, f"{subject}: {_words(meeting)}", [str(sentence)], f"/meetings/{meeting.public_id}")


def task_told(task, subject):
    person = task.owner
    if not person.email:
        return
    with force_locale(person.language):
        _tell(person, f"{subject}: {task.meeting.group.name}",
              [_("It is to be done by %(day)s.", day=formats.day(task.due_on, language=person.language))],
              f"/meetings/{task.meeting.public_id}")


def _calendar(meeting, person, gone=False) -> str:
    """The entry as this person wants it in their calendar; for who is `gone`, that it was called off."""
    if not person.email:
        return ""
    event = calendar_event(meeting, gone)
    method = person.calendar_method
    if method != "PUBLISH" and event.status is ics.Status.CANCELLED:
        method = "CANCEL"
    return ics.noted([event], method, organizer=mail.own_address(), attendee=person.email)


