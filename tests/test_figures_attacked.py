"""Figures attacked by who sees more of them: every page of a prison, three columns, regions, groups inside groups."""
from itertools import product
from random import Random

import pytest

import db
from models import QUESTIONS, Need, NeedState, PartnerReason, PartnerView, Reached, SnapshotCell, Verdict
from services import feedback, figures
from services.figures import UNSURE, VERDICTS, next_row, possible, publish, rounded
from tests.support.visits import confirmed
from tests.test_figures import NOVEMBER, OCTOBER, alike

WORDS = "vyhazuje-ho-bratr"


# fig-K4: nothing of one person, at any address of the prison

@pytest.fixture
def written(cast, app):
    """What Kamila wrote of Karel, and what the organisations said of each other."""
    with app.test_request_context():
        entry = feedback.log(cast.kamila, cast.prompt.public_id, "k", Reached.TELEPHONE, {
            Need.HOUSING: feedback.Said(NeedState.STUCK)}, note=WORDS, said=WORDS)
    booking = confirmed(cast)
    with db.writing():
        PartnerView.create(organisation=cast.ngo, about=cast.prison, author=cast.nela, booking=booking,
                           reason=PartnerReason.OTHER, **dict.fromkeys(QUESTIONS, Verdict.NO))
    figures.freeze()
    return [cast.karel.public_id, cast.prompt.public_id, entry.public_id]


OF_PEOPLE = {"clients", "feedback", "plans", "reports", "referrals", "releases", "cooperation", "coverage", "today",
             "partners", "grounds"}  # the book, calendars and the like have no way to an entry


def addresses(app, ids):
    """Every address of theirs that answers GET, with nothing or with each of `ids` in it."""
    for rule in app.url_map.iter_rules():
        if "GET" not in rule.methods or rule.endpoint.split(".")[0] not in OF_PEOPLE:
            continue
        if not rule.arguments:
            yield rule.rule
        elif rule.arguments == {"public_id"}:
            yield from (rule.rule.replace("<pid:public_id>", each) for each in ids)


def telling(app, browser, ids) -> tuple[int, int]:
    """How many addresses say what was written; how many answered."""
    answers = [browser.get(each) for each in addresses(app, ids)]
    return sum(WORDS in each.body.decode(errors="replace") for each in answers), \
        sum(each.status == 200 for each in answers)


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_no_single_feedback_reaches_a_prison_or_the_coordinator(app, cast, sign_in, written, figure):
    found = {name: telling(app, sign_in(name), written) for name in ("pavel", "kora", "kamila")}
    exact = [cell.shown for cell in SnapshotCell.select() if cell.shown >= 0 and cell.shown % 5]
    shown = found["pavel"][0] + found["kora"][0] + len(exact)
    figure("fig-K4 single feedback published or shown to a prison", shown, "addresses",
           found["pavel"][1] + found["kora"][1], control=f"Kamila, who wrote it: {found['kamila'][0]}"
           if found["kamila"][0] else False)


# Three columns: what partners say of each other

def groups(columns, most):
    return (group for group in product(range(most + 1), repeat=columns) if sum(group) <= most)


def blocks(publication, found):
    """Groups that look the same together: the least and the most of each number in them."""
    bounds = {}
    for group in found:
        low, high, all_alike = bounds.setdefault(publication(group), (group, group, True))
        bounds[publication(group)] = (tuple(map(min, low, group)), tuple(map(max, high, group)),
                                      all_alike and alike(group))
    return bounds.values()


def exact_small(found) -> int:
    return sum(low == high < 5 for lows, highs, _alike in found for low, high in zip(lows, highs, strict=True))


def published(group):
    states, total = publish(list(group), sum(group))
    return tuple(states) if states else None, total


def bare(group):
    return tuple(map(rounded, group)), rounded(sum(group))


def test_what_partners_say_tells_of_no_single_organisation(figure):
    tried, with_rule, without = 45, *(list(blocks(each, groups(len(VERDICTS), 45))) for each in (published, bare))
    closest = min(high - low + 1 for lows, highs, _alike in with_rule for low, high in zip(lows, highs, strict=True)
                  if low < 5)
    same = [each for each in groups(len(VERDICTS), tried) if alike(each) and published(each)[0]
            and max(published(each)[0]) > 0]
    assert closest >= UNSURE
    figure("fig-K1 partners: exact small cells", exact_small(with_rule), "cells", len(with_rule),
           control=f"rounding alone: {exact_small(without)}" if exact_small(without) else False)
    figure("fig-K5 partners: groups of one verdict published", len(same), "groups", tried,
           control=f"{sum(bool(max(bare(each)[0]) > 0) for each in groups(len(VERDICTS), tried) if alike(each))}")


def test_two_months_of_partners_show_no_difference_of_four(figure):
    random, differences, control, tried = Random(8), 0, 0, 0
    for _population in range(300):
        then = {each: random.choice(VERDICTS) for each in range(random.randint(0, 30))}
        before = next_row(None, {}, then, OCTOBER, VERDICTS)
        for number in range(1, 5):
            now = _few_changed(then, number, random)
            differences += next_row(before, then, now, NOVEMBER, VERDICTS) != before
            control += next_row(None, {}, now, NOVEMBER, VERDICTS).states != before.states
            tried += 1
    figure("fig-K3 partners: differences that reveal an organisation", differences, "rows", tried,
           control=f"counted anew each month: {control}" if control else False)


def _few_changed(then, number, random):
    now = dict(then)
    for each in random.sample(range(len(then) + 9), number):
        now[each] = random.choice([other for other in VERDICTS if other != then.get(each)])
    return now


# A region is added up from what its prisons show: it tells nothing more than they do

def test_a_region_tells_nothing_that_its_prisons_do_not(figure):
    found = list(product(range(14), repeat=3))  # one state in three prisons

    def added_up(group):
        shown = tuple(map(rounded, group))
        return shown, tuple(map(sum, zip(*map(possible, shown), strict=True)))

    def counted(group):
        return tuple(map(rounded, group)), rounded(sum(group))
    counted_apart = exact_small(blocks(counted, found))
    figure("fig-K1 regions: exact small cells", exact_small(blocks(added_up, found)), "cells", len(found),
           control=f"regions counted by themselves: {counted_apart}" if counted_apart else False)


# Who referred is often known to the prison too: a group inside a group, should both show each other their figures

def test_a_group_inside_a_group_leaves_three_values_to_the_rest(figure):
    pairs = [(whole, part) for whole in range(63) for part in range(whole + 1)]

    def both(pair):
        return rounded(pair[0]), rounded(pair[1])
    rest = {}
    for pair in pairs:
        rest.setdefault(both(pair), set()).add(pair[0] - pair[1])
    told = sum(len(each) < UNSURE for each in rest.values())
    exactly = {pair: 1 for pair in pairs if pair[0] - pair[1] < 5}
    figure("fig-K2 groups inside groups: rest told", told, "pairs", len(pairs),
           control=f"exact numbers: {len(exactly)}" if exactly else False)
