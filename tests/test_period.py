from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from turquesa_stats.errors import UnknownParameter
from turquesa_stats.period import Period

DAYS = st.dates(date(1990, 1, 1), date(2090, 12, 31))


@given(DAYS, DAYS)
def test_every_interval_is_read_back_as_it_was_written(first: date, second: date) -> None:
    period = Period(min(first, second), max(first, second))
    assert Period.parse(str(period)) == period


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2021", date(2021, 1, 1), date(2021, 12, 31)),
        ("2020-S1", date(2020, 1, 1), date(2020, 6, 30)),
        ("2020-Q1", date(2020, 1, 1), date(2020, 3, 31)),
        ("2020-02", date(2020, 2, 1), date(2020, 2, 29)),
        ("2019/2021", date(2019, 1, 1), date(2021, 12, 31)),
        ("2019-04/2020-03", date(2019, 4, 1), date(2020, 3, 31)),
        ("2023-11-27/2023-12-01", date(2023, 11, 27), date(2023, 12, 1)),
    ],
)
def test_notations(text: str, start: date, end: date) -> None:
    assert Period.parse(text) == Period(start, end)


@pytest.mark.parametrize("text", ["20221", "2021-Q5", "2021-13", "2021-02-30", "", "latest", "2021/2019", "2021/2022/2023", "0021"])
def test_what_is_no_period_is_refused_with_what_is_allowed(text: str) -> None:
    with pytest.raises(UnknownParameter, match="write a year 2021"):
        Period.parse(text)


def test_a_year_with_a_digit_too_many_gets_the_nearest_year() -> None:
    with pytest.raises(UnknownParameter, match="did you mean 2022"):
        Period.parse("20221")
