"""Working groups: who sees what, meetings, minutes that two people write, approval, tasks, what goes out."""
import io
from datetime import date, datetime, time, timedelta

import openpyxl
import pytest

import clock
import db
from errors import Missing, RuleBroken
from models import (
    AgendaItem,
    AgendaKind,
    GroupMember,
    GroupTask,
    GroupTaskState,
    Introduction,
    Journal,
    Meeting,
    MeetingState,
    MinutesText,
    MinutesVersion,
    Organisation,
    OrganisationState,
    Telling,
    Topic,
)
from services import groups, preferences, retention
from services.groups import agenda, founding, meetings, minutes, showing, standing, tasks
from tests.support import cast as the_cast

TODAY = the_cast.TODAY
DAY = timedelta(days=1)


def plan(**given):
    return meetings.Plan(**{"title": "Bydlení", "day": TODAY + 7 * DAY, "starts": time(9), "ends": time(11),
                            "place": "Krajský úřad", "link": "", **given})


@pytest.fixture
def group(cast):
    """Kora leads it; Nela and Parta are in it; Pavel and the strangers are not."""
    row = founding.found(cast.kora, "Středočeská skupina", "", "CZ020")
    for person in (cast.nela, cast.parta):
        founding.add(cast.kora, row.public_id, person.email)
    return row


@pytest.fixture
def meeting(cast, group):
    """Of today at nine, when it is ten: its minutes can be written and sent."""
    return meetings.plan(cast.kora, group.public_id, plan(day=TODAY))


def topic(cast, meeting, title="Byty", **given):
    return agenda.add(cast.nela, meeting.public_id, {"title": title, "who": "", "note": "", "minutes_planned": 10,
                                                     **given})


def page_of(meeting):
    return f"/meetings/{meeting.public_id}"


def approved(cast, meeting, text="Sešli jsme se."):
    item = topic(cast, meeting)
    minutes.write(cast.nela, item.public_id, text, "Zajistit dva byty.", 1)
    minutes.send(cast.kora, meeting.public_id)
    return minutes.approve(cast.kora, meeting.public_id)


# Who sees what

def test_a_group_is_its_members_and_nobody_else_finds_it(cast, group, meeting, sign_in):
    for name in ("kora", "nela", "parta"):
        assert sign_in(name).get(page_of(meeting)).status == 200
        assert sign_in(name).get(f"/groups/{group.public_id}").status == 200
    for name in ("pavel", "petra", "strange_ngo", "adam", "karel"):
        for path in (page_of(meeting), f"/groups/{group.public_id}", f"{page_of(meeting)}/pack",
                     f"{page_of(meeting)}/versions/1"):
            assert sign_in(name).get(path).status == 404


def test_who_asks_to_join_sees_nothing_until_a_lead_lets_them_in(cast, group, meeting, sign_in):
    pavel = sign_in("pavel")
    assert pavel.send(f"/groups/{group.public_id}/ask", page="/groups").status == 303
    assert pavel.post(f"/groups/{group.public_id}/ask").status == 303
    assert GroupMember.select().where(GroupMember.user == cast.pavel).count() == 1
    assert pavel.get(page_of(meeting)).status == 404
    asking = GroupMember.get(GroupMember.user == cast.pavel)
    assert sign_in("nela").post(f"/groups/members/{asking.public_id}/decide", {"answer": "yes"}).status == 404
    assert pavel.post(f"/groups/members/{asking.public_id}/decide", {"answer": "yes"}).status == 404
    assert "Pavel Přímý" in sign_in("kora").get(f"/groups/{group.public_id}/members").text
    assert sign_in("kora").post(f"/groups/members/{asking.public_id}/decide", {"answer": "yes"}).status == 303
    assert pavel.get(page_of(meeting)).status == 200


def test_who_left_reads_what_was_approved_in_their_time_and_nothing_later(cast, group, meeting, sign_in, travel):
    approved(cast, meeting, "Řekli jsme první věc.")
    open_one = meetings.plan(cast.kora, group.public_id, plan(day=TODAY))
    travel.shift(3600)
    founding.leave(cast.nela, group.public_id)
    travel.shift(3600)
    minutes.correct(cast.kora, meeting.public_id, "Chybělo jméno ubytovny.")
    item = AgendaItem.get(AgendaItem.meeting == meeting, AgendaItem.kind == AgendaKind.TOPIC)
    minutes.write(cast.kora, item.public_id, "Řekli jsme druhou věc.", "", 2)
    later = meetings.plan(cast.kora, group.public_id, plan())
    nela = sign_in("nela")
    assert "první věc" in nela.get(page_of(meeting)).text
    assert "druhou věc" not in nela.last.text
    minutes.send(cast.kora, meeting.public_id)
    minutes.approve(cast.kora, meeting.public_id)
    assert "druhou věc" not in nela.get(page_of(meeting)).text
    assert nela.get(f"{page_of(meeting)}/versions/1").status == 200
    assert nela.get(f"{page_of(meeting)}/versions/2").status == 404
    assert nela.get(page_of(later)).status == 404
    assert "nebyl" in nela.get(page_of(open_one)).text or nela.last.status == 200
    assert nela.get(f"{page_of(meeting)}/pack").status == 404
    assert nela.get(f"/meetings/items/{item.public_id}/writings").status == 404
    shown = nela.get(f"/groups/{group.public_id}").text
    assert "Parta Práce" not in shown
    founding.add(cast.kora, group.public_id, cast.nela.email)
    assert sign_in("nela").get(f"{page_of(meeting)}/versions/2").status == 200


def test_a_lone_lead_names_another_before_leaving(cast, group, sign_in):
    kora = sign_in("kora")
    refused = kora.send(f"/groups/{group.public_id}/leave", page=f"/groups/{group.public_id}/leave")
    assert refused.status == 422
    stay = GroupMember.get(GroupMember.user == cast.nela)
    assert kora.post(f"/groups/members/{stay.public_id}/lead", {"lead": "yes"}).status == 303
    assert kora.post(f"/groups/{group.public_id}/leave").status == 303
    assert kora.get(f"/groups/{group.public_id}/edit").status == 404


def test_a_closed_group_is_read_and_opened_again(cast, group, meeting, sign_in):
    founding.close(cast.kora, group.public_id, True)
    kora = sign_in("kora")
    assert kora.get(page_of(meeting)).status == 200
    assert kora.post(f"{page_of(meeting)}/topics", {"title": "x"}).status == 404
    assert kora.send(f"/groups/{group.public_id}/close", page=f"/groups/{group.public_id}/close").status == 303
    assert kora.post(f"{page_of(meeting)}/topics", {"title": "x"}).status == 303


# Meetings

def test_an_invitation_has_one_entry_that_moves_and_goes(cast, group, postbox):
    row = meetings.plan(cast.kora, group.public_id, plan())
    meetings.invite(cast.kora, row.public_id)
    postbox.deliver()
    first = calendar_of(postbox, "nela")
    meetings.change(cast.kora, row.public_id, plan(starts=time(13), ends=time(14)))
    postbox.deliver()
    second = calendar_of(postbox, "nela")
    meetings.cancel(cast.kora, row.public_id)
    postbox.deliver()
    third = calendar_of(postbox, "nela")
    assert [each["UID"] for each in (first, second, third)] == [f"{row.public_id}@navaznost"] * 3
    assert [int(each["SEQUENCE"]) for each in (first, second, third)] == [0, 1, 2]
    assert third["STATUS"] == "CANCELLED" and first["DTSTART"] != second["DTSTART"]
    meetings.reinstate(cast.kora, row.public_id)
    meetings.invite(cast.kora, row.public_id)
    postbox.deliver()
    assert int(calendar_of(postbox, "nela")["SEQUENCE"]) == 3
    with pytest.raises(RuleBroken):
        meetings.invite(cast.kora, row.public_id)


def calendar_of(postbox, name):
    import icalendar
    mail = postbox.to(name)[-1]
    part = next(part for part in mail.walk() if part.get_content_type() == "text/calendar")
    return icalendar.Calendar.from_ical(part.get_payload(decode=True)).walk("VEVENT")[0]


def test_who_leaves_gets_the_meeting_out_of_their_calendar(cast, group, postbox):
    row = meetings.plan(cast.kora, group.public_id, plan())
    meetings.invite(cast.kora, row.public_id)
    founding.leave(cast.nela, group.public_id)
    postbox.deliver()
    gone = calendar_of(postbox, "nela")
    assert gone["STATUS"] == "CANCELLED" and int(gone["SEQUENCE"]) == 1


def test_a_calendar_address_shows_meetings_to_a_partner_too(cast, group, sign_in):
    row = meetings.plan(cast.kora, group.public_id, plan())
    parta = sign_in("parta")
    parta.send("/calendar", page="/calendar")
    address = parta.last.html.split("/feeds/")[1].split(".ics")[0]
    assert row.public_id not in parta.get(f"/feeds/{address}.ics").text
    meetings.invite(cast.kora, row.public_id)
    assert row.public_id in parta.get(f"/feeds/{address}.ics").text
    stay = GroupMember.get(GroupMember.user == cast.parta)
    founding.remove(cast.kora, stay.public_id)
    assert row.public_id not in parta.get(f"/feeds/{address}.ics").text


def test_mails_go_as_each_chose(cast, group, postbox):
    preferences.choose(cast.nela, {Topic.MEETINGS: Telling.NONE}, "PUBLISH")
    row = meetings.plan(cast.kora, group.public_id, plan())
    postbox.mails.clear()
    meetings.invite(cast.kora, row.public_id)
    postbox.deliver()
    assert not [mail for mail in postbox.to("nela") if "Pozvánka" in mail["Subject"]]
    assert [mail for mail in postbox.to("parta") if "Pozvánka" in mail["Subject"]]


@pytest.mark.parametrize("given, field", [
    ({"ends": time(8)}, "ends"), ({"place": "", "link": ""}, "place"), ({"link": "javascript:alert(1)"}, "link"),
    ({"day": TODAY - DAY}, "day"), ({"day": date(2099, 1, 1)}, "day")])
def test_a_meeting_needs_a_time_and_a_place(cast, group, given, field):
    with pytest.raises(RuleBroken) as refused:
        meetings.plan(cast.kora, group.public_id, plan(**given))
    assert refused.value.field == field


def test_only_a_lead_plans_invites_and_approves(cast, group, meeting, sign_in):
    nela = sign_in("nela")
    assert nela.get(f"/meetings/plan/{group.public_id}").status == 404
    for path in ("invite", "send", "approve", "cancel", "correct", "edit"):
        assert nela.post(f"{page_of(meeting)}/{path}").status == 404
    assert Meeting.get_by_id(meeting.id).state is MeetingState.PLANNED


def test_members_say_whether_they_come(cast, group, sign_in):
    row = meetings.plan(cast.kora, group.public_id, plan())
    parta = sign_in("parta")
    assert parta.post(f"{page_of(row)}/reply", {"coming": "yes"}).status == 422
    meetings.invite(cast.kora, row.public_id)
    assert parta.post(f"{page_of(row)}/reply", {"coming": "perhaps"}).status == 422
    for _again in range(2):
        assert parta.post(f"{page_of(row)}/reply", {"coming": "no"}).status == 303
    assert meetings.attendance(row)[[each.id for each, *_ in meetings.attendance(row)].index(cast.parta.id)][1] is False


# Agenda

def test_an_item_is_shifted_taken_out_and_put_back(cast, meeting, sign_in):
    item, kora = topic(cast, meeting), sign_in("kora")
    before = [row.id for row in agenda.items(meeting)]
    kora.post(f"/meetings/items/{item.public_id}/up")
    after = [row.id for row in agenda.items(meeting)]
    assert after == [*before[:-2], before[-1], before[-2]]
    kora.post(f"/meetings/items/{item.public_id}/out")
    assert item.id not in {row.id for row in agenda.items(meeting)}
    assert "Byty" in kora.get(page_of(meeting)).text
    kora.post(f"/meetings/items/{item.public_id}/back")
    assert [row.id for row in agenda.items(meeting)] == after


def test_a_member_changes_their_own_topic_only(cast, meeting, sign_in):
    item = topic(cast, meeting)
    standing_one = AgendaItem.get(AgendaItem.meeting == meeting, AgendaItem.kind == AgendaKind.GAPS)
    path = f"/meetings/items/{item.public_id}"
    assert sign_in("nela").send(path, page=path, title="Ubytovny").status == 303
    assert sign_in("parta").get(path).status == 404
    assert sign_in("nela").get(f"/meetings/items/{standing_one.public_id}").status == 404
    assert sign_in("kora").get(f"/meetings/items/{standing_one.public_id}").status == 200


# Minutes

def test_two_write_one_item_and_nobody_loses_a_line(cast, meeting, sign_in):
    item = topic(cast, meeting)
    path = f"/meetings/items/{item.public_id}/minutes"
    nela, parta = sign_in("nela"), sign_in("parta")
    nela.get(path), parta.get(path)
    assert nela.send(path, text="Nela: chybí byty.\nObec dá jeden.", decisions="Napsat obci.").status == 303
    clash = parta.send(path, text="Parta: úřad práce pošle čísla.", decisions="Sehnat čísla.")
    assert clash.status == 422
    for line in ("Nela: chybí byty.", "Parta: úřad práce pošle čísla.", "Nela Nová"):
        assert line in clash.text
    assert parta.send(path).status == 303
    row = AgendaItem.get_by_id(item.id)
    for line in ("Nela: chybí byty.", "Obec dá jeden.", "Parta: úřad práce pošle čísla."):
        assert line in row.text.split("\n")
    assert row.decisions.split("\n") == ["Napsat obci.", "Sehnat čísla."]
    assert [each.version for each in minutes.writings(cast.kora, item.public_id)[1]] == [3, 2]


def test_the_same_words_sent_twice_are_one_writing(cast, meeting, sign_in):
    item = topic(cast, meeting)
    path, nela = f"/meetings/items/{item.public_id}/minutes", sign_in("nela")
    nela.get(path)
    form = {"text": "Jednou.", "version": "1"}
    assert [nela.post(path, form).status for _click in range(2)] == [303, 303]
    assert MinutesText.select().where(MinutesText.item == item).count() == 1


def test_minutes_are_written_from_the_day_of_the_meeting_until_they_are_approved(cast, group, meeting, sign_in):
    coming = meetings.plan(cast.kora, group.public_id, plan())
    early, item = topic(cast, coming), topic(cast, meeting)
    nela = sign_in("nela")
    assert nela.get(f"/meetings/items/{early.public_id}/minutes").status == 404
    assert sign_in("kora").post(f"{page_of(coming)}/send").status == 422
    minutes.write(cast.nela, item.public_id, "Slovo.", "", 1)
    minutes.send(cast.kora, meeting.public_id)
    assert nela.get(f"/meetings/items/{item.public_id}/minutes").status == 200
    minutes.approve(cast.kora, meeting.public_id)
    for path in (f"/meetings/items/{item.public_id}/minutes", f"/meetings/items/{item.public_id}"):
        assert sign_in("kora").post(path, {"text": "jinak", "title": "jinak", "version": "2"}).status == 404


def test_who_says_nothing_for_a_week_agrees_and_a_writing_begins_the_week_anew(cast, meeting, travel):
    item = topic(cast, meeting)
    minutes.write(cast.nela, item.public_id, "Slovo.", "", 1)
    minutes.send(cast.kora, meeting.public_id)
    travel.shift(7 * 86400)
    assert groups.approve_due() == 0
    minutes.write(cast.parta, item.public_id, "Slovo.\nDruhé.", "", 2)
    travel.shift(7 * 86400)
    assert groups.approve_due() == 0
    travel.shift(86400)
    assert (groups.approve_due(), groups.approve_due()) == (1, 0)
    version = MinutesVersion.get(MinutesVersion.meeting == meeting)
    assert version.approved_by_id is None and "Druhé." in version.content


def test_a_correction_is_a_new_version_and_both_are_read(cast, meeting, sign_in):
    approved(cast, meeting, "Byty jsou dva.")
    kora = sign_in("kora")
    assert kora.send(f"{page_of(meeting)}/correct", page=f"{page_of(meeting)}/correct", reason="").status == 422
    assert kora.send(f"{page_of(meeting)}/correct", reason="Byty byly tři.").status == 303
    item = AgendaItem.get(AgendaItem.meeting == meeting, AgendaItem.kind == AgendaKind.TOPIC)
    minutes.write(cast.kora, item.public_id, "Byty jsou tři.", "", 2)
    minutes.send(cast.kora, meeting.public_id)
    minutes.approve(cast.kora, meeting.public_id)
    assert "Byty jsou dva." in kora.get(f"{page_of(meeting)}/versions/1").text
    second = kora.get(f"{page_of(meeting)}/versions/2").text
    assert "Byty jsou tři." in second and "Byty byly tři." in second
    assert "Byty jsou tři." in kora.get(page_of(meeting)).text


def test_approved_minutes_do_not_change_with_the_world(cast, meeting, sign_in):
    approved(cast, meeting)
    with db.writing():
        Organisation.update(name="Přejmenováno").where(Organisation.id == cast.ngo.id).execute()
        AgendaItem.update(text="Jinak.").where(AgendaItem.meeting == meeting).execute()
    assert "Jinak." not in sign_in("parta").get(page_of(meeting)).text


@pytest.mark.parametrize("words, never", [
    ("<script>alert(1)</script>", "<script>alert"), ("[x](javascript:alert(1))", "javascript:alert(1)\""),
    ("![x](https://evil.example/x.png)", "<img")])
def test_minutes_cannot_run_anything(cast, meeting, sign_in, words, never):
    approved(cast, meeting, words + "\0")
    for path in (page_of(meeting), f"{page_of(meeting)}/versions/1"):
        assert never not in sign_in("parta").get(path).html


def test_the_minutes_say_first_what_was_said_and_then_what_lay_on_the_table(cast, meeting, sign_in):
    approved(cast, meeting, "Mluvilo se o bytech.")
    page = sign_in("parta").get(f"{page_of(meeting)}/versions/1").text
    assert page.index("Mluvilo se o bytech.") < page.index("Co leželo na stole") < page.index("Údaje, které nikdo")


def test_a_meeting_can_be_called_off_once_and_minutes_approved_once(cast, group, meeting, sign_in):
    kora, item = sign_in("kora"), topic(cast, meeting)
    minutes.write(cast.kora, item.public_id, "Slovo.", "", 1)
    assert [kora.post(f"{page_of(meeting)}/send").status for _click in range(2)] == [303, 422]
    assert [kora.post(f"{page_of(meeting)}/approve").status for _click in range(2)] == [303, 422]
    assert MinutesVersion.select().where(MinutesVersion.meeting == meeting).count() == 1


# Standing items

def test_new_organisations_of_the_region_wait_until_they_are_ticked(cast, group, travel, sign_in):
    travel.shift(86400)
    with db.writing():
        Organisation.update(verified_at=clock.now()).where(
            Organisation.id.in_([cast.other_ngo.id, cast.labour_office.id])).execute()
        Organisation.update(region=None).where(Organisation.id == cast.labour_office.id).execute()
    first = meetings.plan(cast.kora, group.public_id, plan(day=TODAY + DAY))
    assert [line.text for line in standing.lines(first, AgendaKind.NEW_ORGANISATIONS)] == [cast.other_ngo.name]
    nela = sign_in("nela")
    ticked, other = (f"{page_of(first)}/introduced/{each.public_id}" for each in (cast.other_ngo, cast.labour_office))
    assert [nela.post(ticked, {"done": "yes"}).status for _click in range(2)] == [303, 303]
    assert nela.post(other, {"done": "yes"}).status == 404
    assert Introduction.select().count() == 1
    travel.shift(86400)
    second = meetings.plan(cast.kora, group.public_id, plan(day=TODAY + 2 * DAY))
    assert standing.lines(second, AgendaKind.NEW_ORGANISATIONS) == []
    assert standing.lines(first, AgendaKind.NEW_ORGANISATIONS)[0].ticked
    with db.writing():
        Organisation.update(verified_at=clock.now(), region="CZ020").where(
            Organisation.id == cast.labour_office.id).execute()
    late = cast.labour_office.name
    assert late not in {line.text for line in standing.lines(first, AgendaKind.NEW_ORGANISATIONS)}, "after the meeting"
    assert late in {line.text for line in standing.lines(second, AgendaKind.NEW_ORGANISATIONS)}
    standing.introduced(cast.kora, first.public_id, cast.other_ngo.public_id, False)
    assert standing.lines(second, AgendaKind.NEW_ORGANISATIONS)[0].text == cast.other_ngo.name


def test_coverage_is_that_of_the_day_and_what_has_moved_is_said(cast, group, travel):
    first = meetings.plan(cast.kora, group.public_id, plan(day=TODAY))
    meetings.invite(cast.kora, first.public_id)
    travel.shift(86400)
    add_work(cast)
    second = meetings.plan(cast.kora, group.public_id, plan(day=TODAY + DAY))
    meetings.invite(cast.kora, second.public_id)
    line = next(each for each in standing.lines(meetings.own(cast.kora, second.public_id), AgendaKind.COVERAGE)
                if each.text == cast.prison.name)
    assert line.new and "(předtím 0)" in line.facts
    old = standing.lines(meetings.own(cast.kora, first.public_id), AgendaKind.COVERAGE)
    assert not any(each.new for each in old)


def add_work(cast):
    from models import Confidence, PrisonWork
    with db.writing():
        PrisonWork.create(slug="w", organisation=cast.ngo, prison=cast.prison, activity="dluhy", areas="debts",
                          confidence=Confidence.CONFIRMED, confirmed_on=clock.today())


# Tasks

def test_a_task_is_reminded_of_once_and_stands_on_today(cast, meeting, sign_in, postbox, travel):
    row = tasks.give(cast.kora, meeting.public_id, "Sehnat čísla", cast.parta.public_id, TODAY + 5 * DAY)
    postbox.deliver()
    postbox.mails.clear()
    assert groups.remind_due() == 0
    travel.shift(2 * 86400)
    assert (groups.remind_due(), groups.remind_due()) == (1, 0)
    postbox.deliver()
    assert "Sehnat čísla" not in str(postbox.to("parta")[-1]) and len(postbox.to("parta")) == 1
    parta = sign_in("parta")
    assert "Sehnat čísla" in parta.get("/").follow().text if parta.get("/").status == 303 else parta.last.text
    assert sign_in("nela").post(f"/meetings/tasks/{row.public_id}/done").status == 404
    assert parta.post(f"/meetings/tasks/{row.public_id}/done").status == 303
    assert GroupTask.get_by_id(row.id).state is GroupTaskState.DONE
    assert parta.post(f"/meetings/tasks/{row.public_id}/open").status == 303


def test_a_task_belongs_to_a_member_and_a_day_to_come(cast, meeting):
    for owner, day, field in ((cast.pavel, TODAY, "owner"), (cast.parta, TODAY - DAY, "due_on")):
        with pytest.raises(RuleBroken) as refused:
            tasks.give(cast.kora, meeting.public_id, "x", owner.public_id, day)
        assert refused.value.field == field
    with pytest.raises(Missing):
        tasks.give(cast.pavel, meeting.public_id, "x", cast.parta.public_id, TODAY)


# What goes out

def test_a_workbook_computes_nothing(cast, meeting, sign_in):
    topic(cast, meeting, "=HYPERLINK(\"https://evil.example\")", note="+1")
    book = openpyxl.load_workbook(io.BytesIO(sign_in("parta").get(f"{page_of(meeting)}/pack?file=xlsx").body))
    cells = [cell for sheet in book for line in sheet.iter_rows() for cell in line if cell.value]
    assert any(str(cell.value).startswith("=HYPERLINK") for cell in cells)
    assert all(cell.data_type == "s" for cell in cells)
    assert len(book.sheetnames) == 9


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_the_pack_is_one_pdf(cast, meeting, sign_in):
    answer = sign_in("parta").get(f"{page_of(meeting)}/pack?file=pdf")
    assert answer.body.startswith(b"%PDF") and answer.headers["Content-Type"] == "application/pdf"


# Bad input and age

@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_bad_input_comes_back_with_what_was_typed(cast, group, meeting, sign_in):
    kora = sign_in("kora")
    path = f"/meetings/plan/{group.public_id}"
    answer = kora.send(path, page=path, title="Zima\0", day="31. 2. 2027", starts="25:00", ends="")
    assert answer.status == 422 and 'value="Zima"' in answer.html
    assert kora.send("/groups/found", page="/groups/found", name="A" * 300, region="XX").status == 422
    assert kora.send(f"/groups/{group.public_id}/members", page=f"/groups/{group.public_id}/members",
                     email="nikdo@example.org").status == 422
    path = f"{page_of(meeting)}/tasks"
    assert kora.send(path, page=path, what="Úkol", owner="nobody", due_on="x").status == 422
    assert "Úkol" in kora.last.html
    for number in ("0", "99999", "x"):
        assert kora.get(f"{page_of(meeting)}/versions/{number}").status == 404


def test_old_writings_and_meetings_go(cast, meeting, travel):
    approved(cast, meeting)
    travel.shift(89 * 86400)
    assert retention.drop_old_writings() == 0
    travel.shift(3 * 86400)
    assert retention.drop_old_writings() == 1
    assert retention.drop_old_meetings() == 0
    travel.move_to(datetime(2031, 11, 30, tzinfo=clock.UTC))
    assert retention.drop_old_meetings() == 1
    assert not MinutesVersion.select().exists() and not AgendaItem.select().exists()


def test_every_write_stands_in_the_journal(cast, group, meeting):
    approved(cast, meeting)
    what = {row.what for row in Journal.select()}
    assert {"group.found", "group.let_in", "meeting.plan", "meeting.add_item", "meeting.minutes",
            "meeting.send_minutes", "meeting.approve"} <= what
    assert showing.page(cast.parta, meeting.public_id).versions[0].number == 1
    assert Organisation.select().where(Organisation.state == OrganisationState.VERIFIED).exists()
