"""A period of time: a closed interval of dates; year, half-year, quarter, month and span are ways to write one."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from turquesa_stats.errors import UnknownParameter

_PART = re.compile(r"^(?P<year>\d{4})(?:-(?:S(?P<half>[12])|Q(?P<quarter>[1-4])|(?P<month>0[1-9]|1[0-2])(?:-(?P<day>\d{2}))?))?$", re.ASCII)
_ALLOWED = "write a year 2021, a half-year 2021-S1, a quarter 2021-Q3, a month 2021-07 or a span 2019/2021"


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """
    A closed interval of dates.

    Examples
    --------
    >>> Period.parse("2021-Q3")
    Period(start=datetime.date(2021, 7, 1), end=datetime.date(2021, 9, 30))
    >>> str(Period.parse("2019/2021")), str(Period.parse("2021-01/2021-12"))
    ('2019/2021', '2021')
    """

    start: date
    end: date

    @classmethod
    def parse(cls, text: str) -> Period:
        """
        Read a period in ISO 8601 or SDMX notation.

        Raises
        ------
        UnknownParameter
            If the text is no period, or ends before it starts.
        """
        parts = [_bounds(part) for part in str(text).strip().split("/")]
        if len(parts) > 2 or any(part is None for part in parts):
            year = re.sub(r"\D", "", str(text))[:4]
            hint = f"; did you mean {year}?" if len(year) == 4 else ""
            raise UnknownParameter(f"period '{text}' is not a period{hint} Allowed: {_ALLOWED}.")
        known = [part for part in parts if part is not None]
        start, end = known[0][0], known[-1][1]
        if end < start:
            raise UnknownParameter(f"period '{text}' ends before it starts. Allowed: {_ALLOWED}.")
        return cls(start, end)

    @property
    def is_year(self) -> bool:
        """Whether the period is one calendar year."""
        return str(self).isdigit()

    @property
    def slug(self) -> str:
        """The period as a part of a file name."""
        return str(self).replace("/", "--")

    def contains(self, other: Period) -> bool:
        """Whether all of the other period lies within this one."""
        return self.start <= other.start and other.end <= self.end

    def __str__(self) -> str:
        """Write the period in its shortest notation."""
        for text in (f"{self.start:%Y}", *_within_year(self.start), f"{self.start:%Y-%m}"):
            if _bounds(text) == (self.start, self.end):
                return text
        if (self.start.month, self.start.day, self.end.month, self.end.day) == (1, 1, 12, 31):
            return f"{self.start:%Y}/{self.end:%Y}"
        return f"{self.start.isoformat()}/{self.end.isoformat()}"


def _within_year(day: date) -> tuple[str, str]:
    return f"{day:%Y}-S{(day.month + 5) // 6}", f"{day:%Y}-Q{(day.month + 2) // 3}"


def _bounds(text: str) -> tuple[date, date] | None:
    match = _PART.match(text)
    if match is None or int(match["year"]) < 1900:
        return None
    year = int(match["year"])
    if match["day"]:
        try:
            day = date(year, int(match["month"]), int(match["day"]))
        except ValueError:
            return None
        return day, day
    first, last = 1, 12
    if match["half"]:
        first = 6 * int(match["half"]) - 5
        last = first + 5
    elif match["quarter"]:
        first = 3 * int(match["quarter"]) - 2
        last = first + 2
    elif match["month"]:
        first = last = int(match["month"])
    return date(year, first, 1), date(year, last, monthrange(year, last)[1])
