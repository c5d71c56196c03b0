"""Dates, times, numbers and phones as people read them."""

import datetime
import inspect
from datetime import UTC
from decimal import Decimal

import pytest

import formats
from formats import (
    ago,
    day,
    day_long,
    days,
    kc,
    language_name,
    moment,
    month,
    month_of,
    number,
    percent,
    phone,
    span,
    time_of_day,
    weekday,
)

SUNDAY = datetime.date(2026, 11, 22)


def utc(year, month, day, hour=0, minute=0):
    return datetime.datetime(year, month, day, hour, minute, tzinfo=UTC)


def with_spaces(shown):
    return shown.replace("\u00a0", " ")


@pytest.mark.parametrize(
    "show, czech, english",
    [
        (day, "22. 11. 2026", "22 November 2026"),
        (day_long, "neděle 22. listopadu 2026", "Sunday 22 November 2026"),
        (weekday, "neděle", "Sunday"),
        (month, "listopad 2026", "November 2026"),
    ],
)
def test_a_day_in_both_languages(show, czech, english):
    assert with_spaces(show(SUNDAY)) == with_spaces(show(SUNDAY, language="cs")) == czech
    assert with_spaces(show(SUNDAY, language="en")) == english


def test_parts_of_a_czech_date_hold_together():
    assert day(SUNDAY) == "22.\u00a011.\u00a02026"
    assert moment(utc(2026, 11, 22, 15, 30)) == "22.\u00a011.\u00a02026 v\u00a016:30"


def test_numbers_of_days_and_months_have_no_leading_zero():
    assert with_spaces(day(datetime.date(2026, 3, 5))) == "5. 3. 2026"


def test_short_weekdays():
    assert weekday(SUNDAY, short=True) == "ne"
    assert weekday(SUNDAY, short=True, language="en") == "Sun"


@pytest.mark.parametrize(
    "at, czech",
    [
        (utc(2026, 11, 22, 15, 30), "22. 11. 2026 v 16:30"),
        (utc(2026, 7, 1, 7, 5), "1. 7. 2026 v 9:05"),
        (utc(2026, 12, 31, 23, 30), "1. 1. 2027 v 0:30"),
        (utc(2028, 2, 28, 23, 0), "29. 2. 2028 v 0:00"),
        # to summer time: two o'clock does not exist
        (utc(2026, 3, 29, 0, 59), "29. 3. 2026 v 1:59"),
        (utc(2026, 3, 29, 1, 0), "29. 3. 2026 v 3:00"),
        # from summer time: the hour after two comes twice and says which it is
        (utc(2026, 10, 25, 0, 0), "25. 10. 2026 v 2:00 SELČ"),
        (utc(2026, 10, 25, 0, 30), "25. 10. 2026 v 2:30 SELČ"),
        (utc(2026, 10, 25, 1, 30), "25. 10. 2026 v 2:30 SEČ"),
        (utc(2026, 10, 25, 2, 0), "25. 10. 2026 v 3:00"),
        (utc(2026, 10, 24, 23, 59), "25. 10. 2026 v 1:59"),
    ],
)
def test_a_moment_in_prague(at, czech):
    assert with_spaces(moment(at)) == czech


def test_a_moment_in_english():
    assert moment(utc(2026, 11, 22, 15, 30), language="en") == "22 November 2026 at 16:30"


def test_moments_of_another_zone_are_the_same_moment():
    tokyo = datetime.timezone(datetime.timedelta(hours=9))
    assert moment(utc(2026, 11, 22, 15, 30).astimezone(tokyo)) == moment(utc(2026, 11, 22, 15, 30))


@pytest.mark.parametrize("show", [day, day_long, weekday, month, moment, time_of_day])
def test_a_moment_without_zone_is_refused(show):
    with pytest.raises(ValueError, match="zone"):
        show(datetime.datetime(2026, 11, 22, 16, 30))


def test_the_day_of_a_moment_is_the_one_in_prague():
    assert with_spaces(day(utc(2026, 11, 21, 23, 30))) == "22. 11. 2026"
    assert month(utc(2026, 10, 31, 23, 30)) == "listopad\u00a02026"


def test_a_time_of_the_clock():
    assert time_of_day(datetime.time(9, 5)) == "9:05"
    assert time_of_day(utc(2026, 11, 22, 8)) == "9:00"


@pytest.mark.parametrize(
    "start, end, czech, english",
    [
        (utc(2026, 11, 25, 8), utc(2026, 11, 25, 9, 30), "25. 11. 2026, 9:00–10:30", "25 November 2026, 9:00–10:30"),
        (utc(2026, 11, 25, 8), utc(2026, 11, 26, 9), "25. 11. 2026 v 9:00 – 26. 11. 2026 v 10:00",
         "25 November 2026 at 9:00 – 26 November 2026 at 10:00"),
        (utc(2026, 3, 29, 0), utc(2026, 3, 29, 1), "29. 3. 2026, 1:00–3:00", "29 March 2026, 1:00–3:00"),
        (utc(2026, 10, 25, 0, 30), utc(2026, 10, 25, 1, 15), "25. 10. 2026, 2:30 SELČ–2:15 SEČ",
         "25 October 2026, 2:30 CEST–2:15 CET"),
    ],
)  # fmt: skip
def test_from_when_till_when(start, end, czech, english):
    assert with_spaces(span(start, end)) == czech
    assert with_spaces(span(start, end, language="en")) == english


@pytest.mark.parametrize(
    "passed, czech, english",
    [
        (0, "dnes", "today"),
        (1, "včera", "yesterday"),
        (-1, "zítra", "tomorrow"),
        (3, "před 3 dny", "3 days ago"),
        (-5, "za 5 dní", "in 5 days"),
        (13, "před 13 dny", "13 days ago"),
        (14, "před 2 týdny", "2 weeks ago"),
        (-14, "za 2 týdny", "in 2 weeks"),
        (90, "před 3 měsíci", "3 months ago"),
        (800, "před 2 lety", "2 years ago"),
    ],
)
def test_how_long_ago(passed, czech, english):
    value = SUNDAY - datetime.timedelta(days=passed)
    assert with_spaces(ago(value, SUNDAY)) == czech
    assert with_spaces(ago(value, SUNDAY, language="en")) == english


def test_yesterday_begins_at_midnight_in_prague():
    assert ago(utc(2026, 11, 21, 22, 59), SUNDAY) == "včera"
    assert ago(utc(2026, 11, 21, 23, 0), SUNDAY) == "dnes"


@pytest.mark.parametrize(
    "count, czech", [(0, "0 dnů"), (1, "1 den"), (2, "2 dny"), (4, "4 dny"), (5, "5 dnů"), (22, "22 dnů")]
)
def test_days_have_their_plural(count, czech):
    assert with_spaces(days(count)) == czech


@pytest.mark.parametrize(
    "show, value, czech, english",
    [
        (number, 1234, "1 234", "1,234"),
        (number, 0, "0", "0"),
        (number, Decimal("1234.5"), "1 234,5", "1,234.5"),
        (number, -5, "-5", "-5"),
        (percent, 0.12, "12 %", "12%"),
        (percent, 1, "100 %", "100%"),
        (kc, 1500, "1 500 Kč", "CZK 1,500"),
        (kc, Decimal("99.5"), "99,50 Kč", "CZK 99.50"),
        (kc, 0, "0 Kč", "CZK 0"),
        (days, 3, "3 dny", "3 days"),
    ],
)
def test_numbers_in_both_languages(show, value, czech, english):
    assert with_spaces(show(value)) == czech
    assert with_spaces(show(value, language="en")) == english


@pytest.mark.parametrize(
    "kept, shown",
    [
        ("+420777123456", "+420 777 123 456"),
        ("+420 777 123 456", "+420 777 123 456"),
        ("777123456", "777 123 456"),
        ("+421905123456", "+421 905 123 456"),
        ("+49301234567", "+49301234567"),
        ("112", "112"),
        ("800 022 linka 2", "800 022 linka 2"),
        ("", ""),
        (None, ""),
    ],
)
def test_phones_are_grouped_by_three(kept, shown):
    assert with_spaces(phone(kept)) == shown


def test_a_grouped_phone_does_not_break_over_lines():
    assert phone("+420777123456") == "+420\u00a0777\u00a0123\u00a0456"


def test_a_third_language_works():
    assert day(SUNDAY, language="hr") == "22 studenoga 2026"


def test_every_name_given_out_is_a_function_and_takes_the_language_where_it_speaks():
    for name in formats.__all__:
        parameters = inspect.signature(getattr(formats, name)).parameters
        assert ("language" in parameters) == (name != "phone"), name


def test_a_period_of_whole_days_is_said_in_days():
    midnight, next_week = (datetime.datetime(2026, 12, day, 23, tzinfo=datetime.UTC) for day in (12, 19))
    words = formats.period(midnight, midnight + datetime.timedelta(days=1)), formats.period(midnight, next_week)
    assert [each.replace(formats.NO_BREAK, " ") for each in words] == ["13. 12. 2026", "13. 12. 2026 – 19. 12. 2026"]
    assert formats.period(midnight, midnight + datetime.timedelta(hours=2)).endswith("0:00–2:00")


@pytest.mark.parametrize("text, czech, english", [
    ("2027-01", "leden 2027", "January 2027"), ("2026-12", "prosinec 2026", "December 2026"), ("", "", ""),
    ("brzy", "brzy", "brzy"), ("2027-13", "2027-13", "2027-13")])
def test_a_month_that_was_kept_as_text(text, czech, english):
    assert (with_spaces(month_of(text)), with_spaces(month_of(text, language="en"))) == (czech, english)


@pytest.mark.parametrize("code, czech, english", [
    ("cs", "čeština", "Czech"), ("uk", "ukrajinština", "Ukrainian"), ("", "", ""), ("xx", "xx", "xx")])
def test_a_language_by_its_name(code, czech, english):
    assert (language_name(code), language_name(code, language="en")) == (czech, english)
