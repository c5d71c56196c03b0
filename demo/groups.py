"""A working group of the invented region: a meeting whose minutes are approved, and one that is coming."""
from datetime import time, timedelta

import clock
from models import AgendaItem, AgendaKind, GroupTask, Meeting, WorkingGroup
from services import slots
from services.groups import agenda, founding, meetings, minutes, tasks

HELD, COMING = 30, 11  # days ago, days ahead
PLACE = "Ukázkový krajský úřad, místnost 204"
SAID = """Most domů má od ledna dvě místa v domě na půl cesty. Věznice hlásí, že **polovina propouštěných** nemá
domluvené bydlení dřív než týden předem.

- kurátorka nabízí přehled ubytoven, který vede
- probace doporučuje začít šedesát dní před propuštěním"""
DECIDED = "Přehled ubytoven povede ukázkové město a doplní ho do adresáře.\nO bydlení se mluví šedesát dní předem."


def story(users):
    """`(moment, what happened then)`."""
    group = Group(users)
    held = workday(clock.today() - timedelta(days=HELD))
    yield clock.at(held - timedelta(days=14), time(9)), group.found
    yield clock.at(held - timedelta(days=13), time(9)), group.plan_first
    yield clock.at(held, time(11, 30)), group.hold
    yield clock.at(held + timedelta(days=2), time(9)), group.approve
    yield clock.at(clock.today() - timedelta(days=3), time(9)), group.plan_next


def workday(day):
    """The day, or the last one before it on which people work."""
    while not slots.is_working_day(day):
        day -= slots.DAY
    return day


class Group:
    """What its people did, one after another."""

    def __init__(self, users):
        self.users = users

    def found(self):
        row = founding.found(self.users["kora"], "Pracovní skupina Lípa", "Bydlení a práce po propuštění.", "CZ051")
        for name in ("pavel", "petra", "kamila", "nela", "sona", "marek"):
            founding.add(self.users["kora"], row.public_id, self.users[name].email)

    def plan_first(self):
        self._plan("Podzimní setkání", clock.today() + timedelta(days=13), "Bydlení po propuštění")

    def plan_next(self):
        day = workday(clock.today() + timedelta(days=COMING + 3))
        row = self._plan("Zimní setkání", day, "Práce na zkrácený úvazek")
        for name in ("nela", "pavel", "marek"):
            meetings.reply(self.users[name], row.public_id, True)

    def _plan(self, title, day, topic) -> Meeting:
        group = WorkingGroup.get()
        row = meetings.plan(self.users["kora"], group.public_id, meetings.Plan(
            title=title, day=day, starts=time(9), ends=time(11, 30), place=PLACE, link=""))
        agenda.add(self.users["kamila"], row.public_id, {"title": topic, "who": "Kamila Svobodová",
                                                         "note": "", "minutes_planned": 30})
        return meetings.invite(self.users["kora"], row.public_id)

    def hold(self):
        row = Meeting.get()
        item = AgendaItem.get(AgendaItem.meeting == row, AgendaItem.kind == AgendaKind.TOPIC)
        minutes.write(self.users["kamila"], item.public_id, SAID, DECIDED, item.version)
        came = {self.users[name].public_id: "present" for name in ("kora", "pavel", "kamila", "nela", "marek")}
        meetings.record_attendance(self.users["kora"], row.public_id,
                                   {**came, self.users["petra"].public_id: "excused"}, "")
        for name, what in (("kamila", "Zapsat přehled ubytoven do adresáře"), ("nela", "Domluvit exkurzi do domu")):
            tasks.give(self.users["kora"], row.public_id, what, self.users[name].public_id,
                       clock.today() + timedelta(days=35))
        minutes.send(self.users["kora"], row.public_id)

    def approve(self):
        minutes.approve(self.users["kora"], Meeting.get().public_id)
        done = GroupTask.select().order_by(GroupTask.id.desc()).get()
        tasks.set_state(done.owner, done.public_id, "done")
