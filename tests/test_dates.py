"""Dates of different precision are out of order only when no days that they allow are in order (rule R04)."""

from datetime import date, timedelta

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from turquesa_stats.schema.dates import earliest, latest, out_of_order

days = st.dates(date(1990, 1, 1), date(2035, 12, 31))
precisions = st.sampled_from("DMQY")
LENGTH = {"D": 1, "M": 31, "Q": 92, "Y": 366}


def span(day: date, precision: str) -> tuple[date, date]:
    """Return the days allowed, found by walking the calendar."""

    def same(other: date) -> bool:
        quarter = (day.month - 1) // 3 == (other.month - 1) // 3
        return (
            other.year == day.year
            and {
                "D": other == day,
                "M": other.month == day.month,
                "Q": quarter,
                "Y": True,
            }[precision]
        )

    near = [day + timedelta(days=shift) for shift in range(-LENGTH[precision], LENGTH[precision] + 1)]
    allowed = [other for other in near if same(other)]
    return allowed[0], allowed[-1]


@given(days, precisions)
def test_the_days_that_a_date_allows(day: date, precision: str) -> None:
    dates, codes = pd.Series(pd.to_datetime([day])), pd.Series([precision])
    assert (earliest(dates, codes)[0].date(), latest(dates, codes)[0].date()) == span(day, precision)


@given(days, precisions, days, precisions)
def test_out_of_order_only_where_no_pair_of_days_is_in_order(first: date, first_code: str, then: date, then_code: str) -> None:
    found = out_of_order(
        pd.Series(pd.to_datetime([first])), pd.Series([first_code]), pd.Series(pd.to_datetime([then])), pd.Series([then_code])
    )[0]
    assert found == (span(first, first_code)[0] > span(then, then_code)[1])


def test_an_empty_date_is_never_out_of_order() -> None:
    empty, known = pd.Series([pd.NaT]), pd.Series(pd.to_datetime(["2020-01-01"]))
    assert not out_of_order(known, pd.Series(["D"]), empty, pd.Series(["_U"]))[0]
    assert not out_of_order(empty, pd.Series(["_N"]), known, pd.Series(["D"]))[0]
