"""The course of one person: each need over time, both voices, silence as a gap, for those who may read it."""
from datetime import timedelta

import pytest

import db
from models import Client, FollowUp, Need, NeedState, Prompt, PromptState, Step
from services import feedback, keys
from services.feedback import Said
from tests.test_feedback import observed_by

IN_PROGRESS = Said(NeedState.IN_PROGRESS, Step.POOR)


@pytest.fixture
def course(cast) -> str:
    """Kamila saw Karel on day 3, he answered on day 30 himself, nobody on day 90; her first entry was corrected."""
    with db.writing():
        Client.update(released_on=cast.today - timedelta(days=120)).where(Client.id == cast.karel.id).execute()
        prompts = {30: cast.prompt, **{day: Prompt.create(
            client=cast.karel, organisation=cast.municipality, milestone=day, state=state,
            due_on=cast.today - timedelta(days=120 - day)) for day, state in (
                (3, PromptState.RECORDED), (90, PromptState.UNANSWERED))}}
        entries = [observed_by(cast, cast.kamila, days_ago=117, housing=Said(NeedState.NEEDED)),
                   observed_by(cast, cast.kamila, days_ago=116, housing=IN_PROGRESS),
                   observed_by(cast, cast.kamila, days_ago=88, housing=Said(NeedState.MET))]
        for entry, day in zip(entries, (3, 3, 30), strict=True):
            entry.prompt, entry.milestone, entry.by_client = prompts[day], day, day == 30
            entry.said = keys.seal(entry, "said", "Bydlím.", cast.karel) if day == 30 else None
            entry.save()
        entries[1].corrects = entries[0]
        entries[1].save()
    return f"/clients/{cast.karel.public_id}/course"


def test_it_shows_both_voices_and_silence_as_a_gap(sign_in, course):
    page = sign_in("kamila").get(course)
    assert page.status == 200
    multiples = page.html.split('class="multiples"')[1].split("<table")[0]
    assert multiples.count("<figure") == 1 and multiples.count('class="gap"') == 1
    assert multiples.count("<circle") == 1 and multiples.count('class="point point--client"') == 1
    cells = [cell.text for cell in page.page.all("td")]
    assert [" ".join(cell.split()) for cell in cells] == ["řeší se špatné", "naplněno (klient)",
                                                         "zůstalo bez odpovědi"]


def test_the_newest_version_of_an_entry_counts_and_the_older_stays(cast, sign_in, course):
    moments = feedback.course_of(cast.kamila, cast.karel.public_id)[1].moments
    assert [[point.row.state for point in moment.points.get(Need.HOUSING, [])] for moment in moments] == [
        [NeedState.IN_PROGRESS], [NeedState.MET], []]
    assert "oprava" in sign_in("kamila").get(f"/clients/{cast.karel.public_id}").text


def test_others_read_no_course(sign_in, course):
    for name in ("petra", "nela", "klara", "kora", "adam", "karel", "strange_curator"):
        assert sign_in(name).get(course).status == 404, name


def test_a_prison_reads_no_later_milestone_after_the_next_release_either(cast, course):
    with db.writing():
        Prompt.update(organisation=cast.prison).execute()
        for entry in FollowUp.select():
            entry.organisation = cast.prison
            entry.milestone = 90 if entry.by_client else entry.milestone
            entry.save()
        Client.update(released_on=cast.today).where(Client.id == cast.karel.id).execute()
    found = feedback.course_of(cast.pavel, cast.karel.public_id)[1]
    assert [moment.milestone for moment in found.moments] == [3]


def test_the_entry_page_shows_earlier_versions(cast, sign_in):
    page, kamila = f"/follow-ups/{cast.prompt.public_id}", sign_in("kamila")
    kamila.send(page, page=page, reached="telephone", note="první verze")
    kamila.send(page, page=page, reached="telephone", note="druhá verze", said="řekl to jinak")
    saved = kamila.follow().text
    assert saved.index("druhá verze") < saved.index("Dřívější verze") < saved.index("první verze")
    assert "Klient říká: řekl to jinak" in saved
