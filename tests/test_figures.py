"""Rounded figures: what is published, and what somebody who can subtract makes of it. fig-K1, K2, K3, K5."""
import csv
import io
from datetime import date, timedelta
from random import Random

import pytest

import clock
import db
from errors import Missing, RuleBroken
from models import Client, FollowUp, FollowUpNeed, Need, NeedState, Reached, Snapshot, SnapshotCell, User
from services import figures
from services.figures import ALL, SMALL, STATES, Row, next_row, publish, rounded

OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)


# An attacker with patience: every group of up to 32 people, sorted by what would be published of it

LARGEST = 32


def groups(left=LARGEST, cells=len(STATES)):
    """Every way in which up to LARGEST people can stand in the five states."""
    if cells == 0:
        yield ()
        return
    for count in range(left + 1):
        for rest in groups(left - count, cells - 1):
            yield (count, *rest)


def attack(publication):
    """What looking at publications alone gives away: (exact small cells, people recovered, closest small cell).

    Groups with the same publication cannot be told apart; what they all have in common is given away.
    """
    blocks = {}
    for group in groups():
        block = blocks.setdefault(publication(group), [list(group), list(group), True])
        block[0] = list(map(min, block[0], group))
        block[1] = list(map(max, block[1], group))
        block[2] = block[2] and alike(group)
    cells = [(low, high) for lows, highs, _alike in blocks.values() for low, high in zip(lows, highs, strict=True)]
    exact = [low for low, high in cells if low == high < 5]
    people = sum(exact) + sum(sum(lows) for lows, _highs, all_alike in blocks.values() if all_alike)
    return len(exact), people, min(high - low + 1 for low, high in cells if low < 5)


def alike(group):
    return max(group) == sum(group) > 0


def published(group):
    states, total = publish(list(group), sum(group))
    return (tuple(states) if states else None), total


def hidden_under_five(group):
    """What many offices do: exact numbers and totals, a blank for one to four."""
    return tuple(count if count == 0 or count >= 5 else SMALL for count in group), sum(group)


def rounded_only(group):
    """Rounding without holding rows back."""
    return tuple(map(rounded, group)), rounded(sum(group))


def test_no_small_cell_and_no_person_is_recovered(figure):
    exact, people, closest = attack(published)
    bare_exact, bare_people, _closest = attack(hidden_under_five)
    some_exact, _people, _closest = attack(rounded_only)
    tried = sum(1 for _group in groups())
    assert closest >= figures.UNSURE
    assert some_exact > 0, "holding back would not be needed"
    figure("fig-K1 exact small cells", exact, "cells", tried,
           control=f"blanks for 1-4: {bare_exact}; rounding alone: {some_exact}" if bare_exact else False)
    figure("fig-K2 persons recovered", people, "people", tried,
           control=f"blanks for 1-4: {bare_people}" if bare_people else False)


def test_no_group_is_published_in_which_all_share_one_state(figure):
    alone = [group for group in groups() if alike(group)]
    shown = [group for group in alone if tells(published(group))]
    control = [group for group in alone if tells(rounded_only(group))]
    figure("fig-K5 groups of one state published", len(shown), "groups", len(alone), control=f"{len(control)}")
    assert control


def tells(publication):
    states, _total = publication
    return states is not None and any(number > 0 for number in states)


def test_two_months_that_differ_by_up_to_four_people_show_no_difference(figure):
    random, differences, control, tried = Random(7), 0, 0, 0
    for _population in range(400):
        then = {client: random.choice(STATES) for client in range(random.randint(0, 45))}
        before = next_row(None, {}, then, OCTOBER, STATES)
        for number in range(1, 5):
            now = changed(then, number, random)
            differences += next_row(before, then, now, NOVEMBER, STATES) != before
            control += next_row(None, {}, now, NOVEMBER, STATES).states != before.states
            tried += 1
    figure("fig-K3 differences that reveal a person", differences, "rows", tried,
           control=f"counted anew each month: {control}" if control else False)


def changed(then, number, random):
    """The same people but for `number`: some came, some left, some fare otherwise."""
    now = dict(then)
    for client in random.sample(sorted(now), min(number, len(now)) // 2):
        now.pop(client)
    while sum(then.get(client) != now.get(client) for client in then.keys() | now.keys()) < number:
        client = random.choice([*then, 1000 + len(now)])
        now[client] = random.choice(STATES)
    return now


def test_five_who_changed_are_counted():
    before = next_row(None, {}, dict.fromkeys(range(10), NeedState.MET), OCTOBER, STATES)
    now = {client: NeedState.STUCK if client < 5 else NeedState.MET for client in range(10)}
    assert next_row(before, dict.fromkeys(range(10), NeedState.MET), now, NOVEMBER, STATES) == Row(
        (SMALL, SMALL, SMALL, 5, 5), 10, NOVEMBER)


@pytest.mark.parametrize(("count", "shown"), [(0, SMALL), (4, SMALL), (5, 5), (7, 5), (8, 10), (12, 10), (13, 15)])
def test_counts_are_rounded_to_five(count, shown):
    assert rounded(count) == shown


# The frozen month

@pytest.fixture
def observed(cast):
    """`observed(count, state)` makes people released from Pavel's prison who stand so on day 30 with housing."""
    def observe(count, state, on=date(2026, 10, 10), prison=None, **columns):
        with db.writing():
            return [_person(cast, prison or cast.prison, state, on, **columns) for _number in range(count)]
    return observe


def _person(cast, prison, state, on, erased_at=None, unchanged=False):
    number = Client.select().count()
    client = Client.create(code=f"T{number}", prison=prison, recorded_by=cast.municipality, erased_at=erased_at,
                           released_on=on - timedelta(days=30))
    observe(cast, client, state, on, unchanged)
    return client


def observe(cast, client, state, on, unchanged=False):
    entry = FollowUp.create(client=client, organisation=cast.municipality, author=cast.kamila, milestone=30,
                            request_key=f"figures-{FollowUp.select().count()}", reached=Reached.TELEPHONE,
                            created_at=clock.at(on, clock.now().time()))
    FollowUpNeed.create(follow_up=entry, need=Need.HOUSING, state=state, unchanged=unchanged)


def housing(actor) -> dict:
    line = next(line for line in figures.table(actor, 30).lines if line.need is Need.HOUSING)
    return {**dict(zip(STATES, line.states or [None] * len(STATES), strict=True)), ALL: line.people}


def test_pavel_sees_how_people_from_his_prison_fare(cast, observed):
    observed(12, NeedState.MET)
    observed(8, NeedState.STUCK)
    observed(3, NeedState.NEEDED)
    assert figures.freeze() == 2  # his and the strangers'
    assert housing(cast.pavel) == {"not_needed": SMALL, "needed": SMALL, "in_progress": SMALL, "met": 10, "stuck": 10,
                                   ALL: 25}


def test_a_month_is_frozen_once(cast, observed):
    observed(6, NeedState.MET)
    assert (figures.freeze(OCTOBER), figures.freeze(OCTOBER), figures.freeze(date(2026, 9, 1))) == (2, 0, 0)
    assert Snapshot.select().count() == 2


def test_a_month_that_is_not_over_is_not_frozen(cast):
    with pytest.raises(RuleBroken):
        figures.freeze(NOVEMBER)


def test_what_was_left_alone_is_no_observation(cast, observed):
    observed(9, NeedState.MET, unchanged=True)
    observed(9, NeedState.MET, erased_at=clock.now())
    observed(9, NeedState.MET, on=date(2026, 11, 2))
    figures.freeze()
    assert set(housing(cast.pavel).values()) == {SMALL}


def test_a_person_counts_once_as_they_last_stood(cast, observed):
    people = observed(6, NeedState.STUCK) + observed(6, NeedState.NEEDED)
    with db.writing():
        for client in people[:6]:
            observe(cast, client, NeedState.MET, date(2026, 10, 20))
    figures.freeze()
    assert housing(cast.pavel) == {"not_needed": SMALL, "needed": 5, "in_progress": SMALL, "met": 5, "stuck": SMALL,
                                   ALL: 10}


def test_who_wants_no_help_needs_it_still(cast, observed):
    observed(4, NeedState.DECLINED)
    observed(3, NeedState.NEEDED), observed(6, NeedState.MET), observed(6, NeedState.STUCK)
    figures.freeze()
    assert housing(cast.pavel) == {"not_needed": SMALL, "needed": 5, "in_progress": SMALL, "met": 5, "stuck": 5,
                                   ALL: 20}


def test_an_eighth_person_does_not_show_until_five_came(cast, observed, travel):
    observed(7, NeedState.MET), observed(7, NeedState.STUCK)
    figures.freeze(OCTOBER)
    before = housing(cast.pavel)
    observed(1, NeedState.MET, on=date(2026, 11, 20))
    travel.move_to(clock.at(date(2026, 12, 1), clock.now().time()))
    figures.freeze(NOVEMBER)
    assert housing(cast.pavel) == before
    observed(4, NeedState.MET, on=date(2026, 12, 5))
    travel.move_to(clock.at(date(2027, 1, 1), clock.now().time()))
    figures.freeze()
    assert housing(cast.pavel)[NeedState.MET] == 10


def test_only_rounded_numbers_are_kept(cast, observed):
    for state, count in zip(STATES, (1, 4, 6, 11, 23), strict=True):
        observed(count, state)
    figures.freeze()
    assert {cell.shown for cell in SnapshotCell.select()} == {SMALL, 5, 10, 25, 45}


def test_a_prison_sees_no_other_prison(cast, observed):
    observed(6, NeedState.MET, prison=cast.other_prison)
    figures.freeze()
    with pytest.raises(Missing):
        figures.table(cast.pavel, 30, cast.other_prison.public_id)
    assert figures.table(cast.kora, 30, cast.other_prison.public_id).lines
    assert figures.groups(cast.kamila) == []


@pytest.mark.parametrize("name", ["adam", "parta", "karel"])
def test_others_find_no_figures(sign_in, name):
    assert sign_in(name).get("/figures").status == 404


def test_the_page_and_the_file_have_the_same_numbers(cast, sign_in, observed):
    observed(12, NeedState.MET)
    observed(8, NeedState.STUCK)
    figures.freeze()
    pavel = sign_in("pavel")
    page = pavel.get("/figures?day=30")
    shown = [cell.text for cell in page.page.all("td")]
    rows = list(csv.reader(io.StringIO(pavel.get("/figures.csv?day=30").body.decode("utf-8-sig")), delimiter=";"))
    filed = [word for row in rows[2:] if row and row[-1][:2] == "20" for word in row[1:-1]]
    assert filed == [word.replace("\xa0", " ") for word in shown]
    assert "Součty nemusí souhlasit" in page.text


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_kept_tables_are_of_their_numbers_and_language(cast, sign_in, observed):
    observed(12, NeedState.MET)
    figures.freeze()
    pavel = sign_in("pavel")

    def numbers():
        return [cell.text for cell in pavel.get("/figures").page.all("td")]
    before, heading = numbers(), pavel.get("/figures").page.all("caption")[0].text
    with db.writing():
        SnapshotCell.update(shown=15).where(SnapshotCell.shown == 10).execute()
        User.update(language="en").where(User.id == cast.pavel.id).execute()
    assert numbers() != before
    assert "Kolik" in heading and "How many" in pavel.get("/figures").page.all("caption")[0].text


def test_kora_chooses_a_prison(cast, sign_in, observed):
    observed(6, NeedState.MET)
    observed(6, NeedState.MET, prison=cast.other_prison)
    figures.freeze()
    page = sign_in("kora").get(f"/figures?prison={cast.other_prison.public_id}&day=90")
    assert cast.other_prison.name in page.text
    assert len(page.page.all("option")) == 2


@pytest.mark.parametrize("query", ["?day=7", "?day=x", "?prison=", ""])
def test_an_odd_address_shows_day_thirty(cast, sign_in, query):
    assert sign_in("pavel").get(f"/figures{query}").status == 200


def test_a_prison_that_does_not_exist_is_not_found(sign_in):
    assert sign_in("kora").get("/figures?prison=nobody").status == 404


def test_every_table_has_the_same_axes(cast, observed):
    observed(1, NeedState.MET)
    figures.freeze()
    tables = [figures.table(cast.pavel, milestone) for milestone in (3, 30, 90, 180, 365)]
    assert all([line.need for line in table.lines] == list(Need) for table in tables)
