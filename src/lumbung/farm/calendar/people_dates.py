"""Dates as people write them in a planting table: ``11-01``, ``15 Nov``, ``Nov II``, ``dasarian 2 November``, ``Okt-Des``, ``11月中旬``, ``四月中旬``.

Indonesian extension services count in *dasarian*, the three ten-day periods of a month, often in Roman numerals; Chinese ones in 旬.
"""

from __future__ import annotations

import re

import numpy as np

from lumbung.farm.weather.tables import MONTHS

_THIRD = {"i": 0, "ii": 1, "iii": 2, "1": 0, "2": 1, "3": 2, "上旬": 0, "中旬": 1, "下旬": 2,
          "early": 0, "mid": 1, "late": 2, "awal": 0, "pertengahan": 1, "akhir": 2}  # fmt: skip
_NUMERALS = {"十二": "12", "十一": "11", "十": "10", "一": "1", "二": "2", "三": "3", "四": "4", "五": "5", "六": "6", "七": "7",
             "八": "8", "九": "9"}  # fmt: skip


class DateError(ValueError):
    """A date that cannot be understood."""


def month_of(word: str) -> int:
    """Return the number of a month named in English, Indonesian or Chinese, or given as a number.

    Raises
    ------
    DateError
    """
    text = _with_digits(word.strip().lower().rstrip("."))
    if text.endswith("月"):
        text = text[:-1]
    if text.isdigit() and 1 <= int(text) <= 12:
        return int(text)
    found = MONTHS.get(text[:3]) if text.isalpha() and len(text) >= 3 else None
    if found is None:
        raise DateError(f"expected a month, found {word!r}")
    return found


def ten_day_period(text: str) -> int:
    """Return the ten-day period (0 to 35, from 1 January) of a date as people write it.

    A month alone means its first ten days.

    Raises
    ------
    DateError
        Shows what is understood.
    """
    try:
        month, day = _month_and_day(_with_digits(text.strip()))
        np.datetime64(f"2024-{month:02d}-{day:02d}", "D")
    except (DateError, ValueError):
        raise DateError(
            f"expected a date as 11-01 (month, day), 2024-11-01, 15 Nov, Nov II or 11月中旬, found {text!r}"
        ) from None
    return (month - 1) * 3 + min((day - 1) // 10, 2)


def _with_digits(text: str) -> str:
    """Return a text whose Chinese months are written in digits."""
    return re.sub(f"({'|'.join(_NUMERALS)})(?=月)", lambda found: _NUMERALS[found[1]], text)


def _month_and_day(text: str) -> tuple[int, int]:
    slashed = re.fullmatch(r"(\d{1,2})/(\d{1,2})", text)
    if slashed:  # day/month in Indonesia, month/day in China: only where one of them can be no month
        one, other = int(slashed[1]), int(slashed[2])
        if (one > 12) == (other > 12):
            raise DateError(text)
        return (other, one) if one > 12 else (one, other)
    if re.fullmatch(r"(\d{4}-)?\d{1,2}-\d{1,2}", text):
        parts = text.split("-")
        return int(parts[-2]), int(parts[-1])
    chinese = re.fullmatch(r"(?:\d{4}年)?(\d{1,2})月(?:(\d{1,2})[日号]?|(上旬|中旬|下旬))?", text)
    if chinese:
        third = chinese[3]
        return int(chinese[1]), int(chinese[2] or 1) if third is None else 10 * _THIRD[third] + 1
    words = (
        re.sub(r"\b(dasarian|das\.?|tanggal|tgl\.?|dekad)\b", " ", text.lower())
        .replace(",", " ")
        .replace("-", " ")
        .split()
    )
    words = [w for w in words if not re.fullmatch(r"\d{4}", w)]
    ten_days = bool(re.search(r"\b(dasarian|das|dekad)\b", text.lower()))
    names = [w for w in words if w.isalpha() and w[:3] in MONTHS and len(w) >= 3]
    if len(names) != 1 or len(words) > 2:
        raise DateError(text)
    month = MONTHS[names[0][:3]]
    rest = [w for w in words if w != names[0]]
    if not rest:
        return month, 1
    if rest[0] in _THIRD and (ten_days or not rest[0].isdigit()):
        return month, 10 * _THIRD[rest[0]] + 1
    if rest[0].isdigit():
        return month, int(rest[0])
    raise DateError(text)


def months_of(text: str) -> tuple[int, ...]:
    """Return the months of ``10-12``, ``11-2``, ``6;7;8``, ``Okt-Des``, ``Oct to Dec`` or ``10月-12月``, in order.

    Raises
    ------
    DateError
    """
    parts = re.split(r"\s*(?:-|–|\bto\b|\bs/d\b|\bsampai\b|至|到)\s*", text.strip())
    if len(parts) == 2:
        first, last = (month_of(part) for part in parts)
        return tuple((first - 1 + k) % 12 + 1 for k in range((last - first) % 12 + 1))
    return tuple(month_of(part) for part in re.split(r"[;,、\s]+", text.strip()) if part)


def periods_within(text: str) -> tuple[int, int]:
    """Return the first and last ten-day period of a horizon: ``Nov I..Des II``, ``11-01..12-20``, ``W44..W50`` (weeks of the year).

    Months joined by a dash, ``Okt-Des``, are whole months, a single date or month is all there is.

    Raises
    ------
    DateError
        Shows what is understood.
    """
    ends = [
        part.strip() for part in re.split(r"\.\.|…|\bto\b|\bs/d\b|\bsampai\b|至|到", text) if part.strip()
    ]
    if len(ends) == 1:
        months = re.split(r"\s*[-–]\s*", ends[0])
        if len(months) <= 2 and not any(month.strip().isdigit() for month in months):
            try:
                first, last = month_of(months[0]), month_of(months[-1])
            except DateError:
                pass
            else:
                return 3 * (first - 1), 3 * (last - 1) + 2
        period = _period_or_week(ends[0], last=False)
        return period, period
    if len(ends) != 2:
        raise DateError(f"expected two dates as 11-01..12-20, Nov I..Des II or W44..W50, found {text!r}")
    first, last = (_period_or_week(end, last=k == 1) for k, end in enumerate(ends))
    return first, last


def _period_or_week(text: str, last: bool) -> int:
    """Return the period of a date, or that in which a week begins (a horizon's last week: ends)."""
    week = re.fullmatch(r"(?:w|week|minggu|pekan|第)\s*(\d{1,2})\s*周?", text.lower())
    if week is None:
        return ten_day_period(text)
    number = int(week[1])
    if not 1 <= number <= 53:
        raise DateError(f"expected a week from 1 to 53, found {text!r}")
    day = np.datetime64("2023-01-02") + 7 * (number - 1) + (6 if last else 0)  # 2023 began on a Sunday
    day = min(day, np.datetime64("2023-12-31"))
    month = int(day.astype("datetime64[M]").astype(int)) % 12
    return month * 3 + min(int((day - day.astype("datetime64[M]")).astype(int)) // 10, 2)
