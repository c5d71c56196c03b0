"""Groups and who is in them: founding, asking to join, letting in, leaving, who leads."""
from dataclasses import dataclass

from flask_babel import gettext as _
from peewee import JOIN, fn

import clock
import db
from errors import Missing, RuleBroken
from models import GroupMember, Organisation, Region, Role, User, WorkingGroup
from policy import NOBODY, ROLE_CAN, Can, is_in_group, may, own_groups, visible_groups
from services import accounts, journal
from services.groups import telling
from services.groups.machine import Side, side_of
from text import clean_text

CAN_BE = [role for role in Role if Can.WORK_IN_GROUPS in ROLE_CAN[role]]


@dataclass(frozen=True)
class Page:
    """A group as the actor sees it; `side` is None for who has left."""

    group: WorkingGroup
    side: Side | None
    members: list[GroupMember]
    asking: list[GroupMember]


@dataclass(frozen=True)
class Entry:
    """A group in the list of all: who leads it, how many are in it, whether the actor asked to join."""

    group: WorkingGroup
    leads: str
    members: int
    asked: bool


# Reading

def with_region(query):
    return query.select(WorkingGroup, Region).join_from(WorkingGroup, Region, JOIN.LEFT_OUTER)


def find(actor, public_id: str) -> WorkingGroup:
    """A group that the actor is or was in. Raises Missing."""
    row = with_region(visible_groups(actor)).where(WorkingGroup.public_id == public_id).first()
    if row is None:
        raise Missing(public_id)
    return row


def own(actor, public_id: str, lead: bool = False, open_only: bool = True) -> WorkingGroup:
    """A group that the actor is in now, or leads; where `open_only`, one that is not closed. Raises Missing."""
    row = with_region(own_groups(actor)).where(WorkingGroup.public_id == public_id).first()
    if row is None or (open_only and row.closed_at) or (lead and side_of(actor, row) is not Side.LEAD):
        raise Missing(public_id)
    return row


def page(actor, public_id: str) -> Page:
    row = find(actor, public_id)
    side = side_of(actor, row)
    everybody = stays(row) if side else []
    return Page(row, side, [each for each in everybody if each.since_at],
                [each for each in everybody if not each.since_at] if side is Side.LEAD else [])


def stays(group) -> list[GroupMember]:
    """Who is in a group now or asks to be, with their organisations; the leads first."""
    return list(GroupMember.select(GroupMember, User, Organisation).join(User).join(Organisation, JOIN.LEFT_OUTER)
                .where(GroupMember.group == group, GroupMember.until_at.is_null(), accounts.let_in())
                .order_by(GroupMember.lead.desc(), User.name, GroupMember.id))


def members(group) -> list[User]:
    """The people who are in a group now."""
    return [each.user for each in stays(group) if each.since_at]


def mine(actor) -> list[WorkingGroup]:
    """Groups that the actor is or was in; those that go on first."""
    return list(with_region(visible_groups(actor)).order_by(WorkingGroup.closed_at.is_null(False), WorkingGroup.name))


def others(actor) -> list[Entry]:
    """Open groups that the actor is not in, for asking to join."""
    if not may(actor, Can.WORK_IN_GROUPS):
        return []
    rows = list(with_region(WorkingGroup.select()).where(
        WorkingGroup.closed_at.is_null(), ~is_in_group(actor, WorkingGroup.id)).order_by(WorkingGroup.name))
    now_in = GroupMember.until_at.is_null() & GroupMember.since_at.is_null(False)
    counts = dict(GroupMember.select(GroupMember.group, fn.COUNT(GroupMember.id)).where(now_in)
                  .group_by(GroupMember.group).tuples())
    leads = {}
    for group, name in (GroupMember.select(GroupMember.group, User.name).join(User)
                        .where(now_in, GroupMember.lead == True).order_by(User.name).tuples()):  # noqa: E712
        leads[group] = f"{leads[group]}, {name}" if group in leads else name
    asked = {group for group, in GroupMember.select(GroupMember.group).where(
        GroupMember.user == actor.id, GroupMember.until_at.is_null(), GroupMember.since_at.is_null()).tuples()}
    return [Entry(row, leads.get(row.id, ""), counts.get(row.id, 0), row.id in asked) for row in rows]


def regions() -> list[tuple[str, str]]:
    return list(Region.select(Region.code, Region.name).order_by(Region.code).tuples())


# Writing

def same(model, **columns):
    """The newest row that says the very same, or None: what a second click on a form finds."""
    return model.select().where(*(getattr(model, name) == value if value is not None else getattr(model, name).is_null()
                                  for name, value in columns.items())).order_by(model.id.desc()).first()


def found(actor, name: str, about: str, region: str) -> WorkingGroup:
    """A new group, which its founder leads until they name somebody else; a second click finds it. Raises Missing,
    RuleBroken."""
    if not may(actor, Can.FOUND_GROUPS):
        raise Missing
    with db.writing():
        given = _given(name, about, region)
        db.locked(User.select().where(User.id == actor.id)).get()
        twin = same(WorkingGroup, **given)
        if twin and not twin.closed_at and side_of(actor, twin) is Side.LEAD:
            return twin
        row = WorkingGroup.create(founded_at=clock.now(), **given)
        GroupMember.create(group=row, user=actor.id, lead=True, asked_at=clock.now(), since_at=clock.now())
        journal.wrote(actor, "group.found", row.public_id)
    return row


def save(actor, public_id: str, name: str, about: str, region: str) -> WorkingGroup:
    with db.writing():
        row = own(actor, public_id, lead=True)
        for column, value in _given(name, about, region).items():
            setattr(row, column, value)
        row.save()
        journal.wrote(actor, "group.change", row.public_id, parts="name,about,region")
    return row


def _given(name, about, region) -> dict:
    if region and Region.get_or_none(Region.code == region) is None:
        raise RuleBroken(_("Choose one of the regions."), "region")
    return {"name": clean_text(name, limit=200), "about": clean_text(about, lines=True, limit=2000),
            "region": region or None}


def close(actor, public_id: str, closed: bool) -> WorkingGroup:
    """Closes a group, so that all of it can only be read; or opens it again."""
    with db.writing():
        row = own(actor, public_id, lead=True, open_only=False)
        row.closed_at = clock.now() if closed else None
        row.save(only=[WorkingGroup.closed_at])
        journal.wrote(actor, "group.close" if closed else "group.reopen", row.public_id)
    return row


def ask(actor, public_id: str) -> WorkingGroup:
    """Asks to join an open group; a second tap changes nothing. Raises Missing."""
    with db.writing():
        row = db.locked(WorkingGroup.select().where(
            WorkingGroup.public_id == public_id, WorkingGroup.closed_at.is_null(),
            NOBODY if not may(actor, Can.WORK_IN_GROUPS) else WorkingGroup.id.is_null(False))).first()
        if row is None:
            raise Missing(public_id)
        if not _stay(row, actor.id):
            GroupMember.create(group=row, user=actor.id, asked_at=clock.now())
            journal.wrote(actor, "group.ask", row.public_id)
            telling.somebody_asks(row, [each.user for each in stays(row) if each.lead], actor)
    return row


def _stay(group, user_id) -> GroupMember | None:
    return GroupMember.select().where(GroupMember.group == group, GroupMember.user == user_id,
                                      GroupMember.until_at.is_null()).first()


def add(actor, public_id: str, email: str) -> GroupMember:
    """A lead takes in somebody who has an account. Raises Missing, RuleBroken."""
    with db.writing():
        row = own(actor, public_id, lead=True)
        db.locked(WorkingGroup.select().where(WorkingGroup.id == row.id)).first()
        person = User.select().where(fn.LOWER(User.email) == clean_text(email).lower(), User.role.in_(CAN_BE),
                                     accounts.let_in()).first()
        if person is None:
            raise RuleBroken(_("Nobody with this address can be a member. Ask the coordinator to invite them first."),
                             "email")
        member = _stay(row, person.id) or GroupMember.create(group=row, user=person, asked_at=clock.now())
        if not member.since_at:
            _let_in(actor, row, member)
    return member


def _let_in(actor, group, member):
    member.since_at = clock.now()
    member.save(only=[GroupMember.since_at])
    journal.wrote(actor, "group.let_in", member.public_id)
    telling.let_in(group, member.user)


def _member(actor, public_id, lock: bool = True) -> GroupMember:
    """A stay that goes on, in a group that the actor leads. Raises Missing."""
    query = GroupMember.select().where(GroupMember.public_id == public_id, GroupMember.until_at.is_null())
    member = (db.locked(query) if lock else query).first()
    if member is None or member.group.closed_at or side_of(actor, member.group) is not Side.LEAD:
        raise Missing(public_id)
    return member


def decide(actor, public_id: str, accepted: bool) -> WorkingGroup:
    """A lead answers who asks to join. Raises Missing."""
    with db.writing():
        member = _member(actor, public_id)
        if member.since_at:
            return member.group
        if accepted:
            _let_in(actor, member.group, member)
        else:
            _end(actor, member, "group.refuse")
            telling.not_let_in(member.group, member.user)
    return member.group


def name_lead(actor, public_id: str, lead: bool) -> WorkingGroup:
    with db.writing():
        member = _member(actor, public_id)
        if not member.since_at:
            raise Missing(public_id)
        if not lead:
            _someone_leads(member)
        member.lead = lead
        member.save(only=[GroupMember.lead])
        journal.wrote(actor, "group.lead" if lead else "group.not_lead", member.public_id)
    return member.group


def to_remove(actor, public_id: str, lock: bool = False) -> GroupMember:
    """The member that a lead is about to take out. Raises Missing."""
    member = _member(actor, public_id, lock)
    if not member.since_at:
        raise Missing(public_id)
    return member


def remove(actor, public_id: str) -> WorkingGroup:
    with db.writing():
        member = to_remove(actor, public_id, lock=True)
        _leaves(actor, member, "group.remove")
    return member.group


def leave(actor, public_id: str) -> WorkingGroup:
    """The actor goes. Raises Missing, RuleBroken."""
    with db.writing():
        row = own(actor, public_id, open_only=False)
        db.locked(WorkingGroup.select().where(WorkingGroup.id == row.id)).first()
        _leaves(actor, _stay(row, actor.id), "group.leave")
    return row


def _leaves(actor, member, what):
    _someone_leads(member)
    _end(actor, member, what)
    telling.left(member.group, member.user)


def _someone_leads(member):
    """A group that others are in keeps somebody who leads it."""
    rest = [each for each in stays(member.group) if each.since_at and each.id != member.id]
    if member.lead and rest and not any(each.lead for each in rest):
        raise RuleBroken(_("Name somebody else to lead the group first."))


def _end(actor, member, what):
    member.until_at, member.lead = clock.now(), False
    member.save(only=[GroupMember.until_at, GroupMember.lead])
    journal.wrote(actor, what, member.public_id)
