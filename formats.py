"""Dates, times, numbers and phones as people read them. Times in Europe/Prague; no Flask.

Days are `date` or an aware `datetime`; moments are aware `datetime` of any zone (we keep UTC) and a naive one
raises ValueError. `language` is `cs`, `en` or another that Babel knows. In Czech the parts of a date hold
together by no-break spaces.
"""

import datetime
import re
from zoneinfo import ZoneInfo

from babel import Locale, dates, numbers, units

__all__ = [
    "ago", "day", "day_long", "days", "kc", "language_name", "moment", "month", "month_of", "number", "percent",
    "period", "phone", "span", "time_of_day", "weekday",
]  # fmt: skip

PRAGUE = ZoneInfo("Europe/Prague")
NO_BREAK = "\u00a0"
DAY = {"cs": f"d.{NO_BREAK}M.{NO_BREAK}y"}
DAY_LONG = {"cs": f"EEEE d.{NO_BREAK}MMMM{NO_BREAK}y"}
AT = {"cs": f" v{NO_BREAK}", "en": " at "}
ZONES = {"cs": {"CEST": "SELČ", "CET": "SEČ"}}
NEAR_DAYS = {"cs": {0: "dnes", 1: "včera", -1: "zítra"}, "en": {0: "today", 1: "yesterday", -1: "tomorrow"}}
# nine digits, with a calling code of three where they share our grouping (Czechia, Slovakia)
PHONE = re.compile(r"(\+42[01])?(\d{3})(\d{3})(\d{3})")


def day(value, *, language="cs"):
    """`22. 11. 2026`, `22 November 2026`."""
    return dates.format_date(_local_day(value), DAY.get(language, "d MMMM y"), locale=language)


def day_long(value, *, language="cs"):
    """`neděle 22. listopadu 2026`, `Sunday 22 November 2026`."""
    return dates.format_date(_local_day(value), DAY_LONG.get(language, "EEEE d MMMM y"), locale=language)


def weekday(value, *, short=False, language="cs"):
    """`neděle`, `Sunday`; when `short`, `ne`, `Sun`."""
    return dates.format_date(_local_day(value), "ccc" if short else "cccc", locale=language)


def month(value, *, language="cs"):
    """`listopad 2026`, `November 2026`."""
    return dates.format_date(_local_day(value), f"LLLL{NO_BREAK}y", locale=language)


def month_of(text, *, language="cs"):
    """The same of a month kept as text, `2027-01`; what is no month stays as it is."""
    try:
        return month(datetime.date.fromisoformat(f"{text}-01"), language=language)
    except ValueError:
        return text


def language_name(code, *, language="cs"):
    """`čeština`, `Czech`, of its two letters; what has no name stays as it is."""
    return Locale(language).languages.get(code, code)


def moment(value, *, language="cs"):
    """`22. 11. 2026 v 16:30`, `22 November 2026 at 16:30`."""
    return f"{day(value, language=language)}{AT.get(language, ' ')}{time_of_day(value, language=language)}"


def time_of_day(value, *, language="cs"):
    """`16:30`, of a `time` or a moment; in the hour that comes twice in autumn with its zone, `2:30 SELČ`."""
    if isinstance(value, datetime.time):
        return f"{value.hour}:{value.minute:02}"
    local = _local(value)
    shown = f"{local.hour}:{local.minute:02}"
    if not _comes_twice(local):
        return shown
    return f"{shown}{NO_BREAK}{ZONES.get(language, {}).get(local.tzname(), local.tzname())}"


def span(start, end, *, language="cs"):
    """`22. 11. 2026, 9:00–10:30`; both days where they differ."""
    if _local_day(start) != _local_day(end):
        return f"{moment(start, language=language)} – {moment(end, language=language)}"
    times = "–".join(time_of_day(value, language=language) for value in (start, end))
    return f"{day(start, language=language)}, {times}"


def period(start, end, *, language="cs"):
    """From one moment to another; where both are midnights, the days: `13. 12. 2026`, `23. 12. 2026 – 31. 12. 2026`."""
    if any(_local(value).time() != datetime.time() for value in (start, end)):
        return span(start, end, language=language)
    first, last = _local_day(start), _local_day(end) - datetime.timedelta(days=1)
    return " – ".join(dict.fromkeys(day(value, language=language) for value in (first, last)))


def ago(value, today, *, language="cs"):
    """How long before or after `today`: `dnes`, `včera`, `před 3 dny`, `za 2 týdny`, `před 5 měsíci`.

    In days below two weeks, in weeks below two months, in months below two years.
    """
    passed = (today - _local_day(value)).days
    near = NEAR_DAYS.get(language, {}).get(passed)
    if near:
        return near
    delta = datetime.timedelta(days=-passed)
    return dates.format_timedelta(delta, "day", threshold=2, add_direction=True, locale=language)


def days(count, *, language="cs"):
    """`1 den`, `3 dny`, `5 dnů`; `1 day`, `3 days`."""
    return units.format_unit(count, "duration-day", locale=language)


def number(value, *, language="cs"):
    """`1 234,5`, `1,234.5`; at most three decimals."""
    return numbers.format_decimal(value, locale=language)


def percent(ratio, *, language="cs"):
    """A ratio as whole per cent: 0.125 → `12 %`, `12%`."""
    return numbers.format_percent(ratio, locale=language)


def kc(amount, *, language="cs"):
    """Czech crowns: `1 500 Kč`, `CZK 1,500`; hellers only where there are some."""
    pattern = "#,##0" if amount == int(amount) else "#,##0.00"
    amount = numbers.format_decimal(amount, pattern, locale=language)
    return f"{amount}{NO_BREAK}Kč" if language == "cs" else f"CZK{NO_BREAK}{amount}"


def phone(value):
    """`+420777123456` → `+420 777 123 456`; a number of another length or country stays as it is."""
    bare = re.sub(r"[\s()-]", "", value or "")
    match = PHONE.fullmatch(bare)
    return NO_BREAK.join(part for part in match.groups() if part) if match else (value or "")


def _local(value):
    if value.tzinfo is None:
        raise ValueError("a moment needs its time zone")
    return value.astimezone(PRAGUE)


def _local_day(value):
    return _local(value).date() if isinstance(value, datetime.datetime) else value


def _comes_twice(local):
    return local.replace(fold=0).utcoffset() > local.replace(fold=1).utcoffset()
