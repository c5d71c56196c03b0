"""Approved minutes as one text that nothing later changes: who was there, what was said, what was on the table."""
import json
from dataclasses import asdict
from datetime import date, datetime

from labels import label
from models import AgendaKind, GroupTask, Meeting, Presence, User
from services.groups import agenda, meetings, standing


def frozen(meeting: Meeting) -> str:
    """The minutes of a meeting as they stand now, as JSON."""
    came = meetings.attendance(meeting)
    return json.dumps({
        "title": meeting.title, "group": meeting.group.name, "place": meeting.place,
        "starts_at": meeting.starts_at.isoformat(), "ends_at": meeting.ends_at.isoformat(),
        "present": [_person(user) for user, _coming, presence in came if presence is Presence.PRESENT],
        "excused": [_person(user) for user, _coming, presence in came if presence is Presence.EXCUSED],
        "others": meeting.others, "items": [_item(meeting, item) for item in agenda.items(meeting)],
        "tasks": [_task(row) for row in tasks(meeting)],
        "snapshot_on": meeting.snapshot.day.isoformat() if meeting.snapshot_id else ""}, ensure_ascii=False)


def _person(user) -> str:
    return f"{user.name}, {user.organisation.label}" if user.organisation_id else user.name


def _item(meeting, item) -> dict:
    return {"kind": item.kind.value, "title": item.title, "who": item.who, "note": item.note, "text": item.text,
            "decisions": item.decisions.split("\n") if item.decisions else [],
            "lines": [asdict(line) for line in standing.lines(meeting, item.kind)]}


def tasks(meeting) -> list[GroupTask]:
    """Tasks given at a meeting, with who took them."""
    return list(GroupTask.select(GroupTask, User).join(User).where(GroupTask.meeting == meeting)
                .order_by(GroupTask.due_on, GroupTask.id))


def _task(row) -> dict:
    return {"what": row.what, "owner": row.owner.name, "due_on": row.due_on.isoformat()}


def opened(content: str) -> dict:
    """What `frozen` wrote, with days and moments as such, and titles of standing items in the reader's language."""
    found = json.loads(content)
    moment, day = datetime.fromisoformat, date.fromisoformat
    for item in found["items"]:
        kind = AgendaKind(item["kind"])
        item["title"] = item["title"] or str(label(kind)).capitalize()
    for task in found["tasks"]:
        task["due_on"] = day(task["due_on"])
    return {**found, "starts_at": moment(found["starts_at"]), "ends_at": moment(found["ends_at"]),
            "snapshot_on": day(found["snapshot_on"]) if found["snapshot_on"] else None}
