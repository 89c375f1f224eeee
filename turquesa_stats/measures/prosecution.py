"""What becomes of the accused: stages in official figures, and cohorts followed from the first charge."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from turquesa_stats.measures.cases import shares
from turquesa_stats.methods.competing_risks import cumulative_incidence
from turquesa_stats.period import Period
from turquesa_stats.schema.codes import TOTAL

STAGE_CONCEPTS = ("INVESTIGATIONS", "CONTACT", "PROSECUTIONS", "CONVICTIONS")
OUTCOMES = ("CONVICTED", "ACQUITTED", "OTHER_END")
HORIZONS = (6, 12, 18, 24, 30, 36)
_ENDS = {
    "CONV_AS_CHARGED": "CONVICTED",
    "CONV_LESSER": "CONVICTED",
    "ACQUITTED": "ACQUITTED",
    "DISMISSED": "OTHER_END",
    "STAYED": "OTHER_END",
    "ABSCONDED": "OTHER_END",
    "DIED": "OTHER_END",
}
_DAYS_PER_MONTH = 365.25 / 12


def period_ratio(by_stage: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """
    Divide the convictions of a year by its prosecutions (indicator D02): a ratio, never a rate, as it can exceed 100 (rule R53).

    Parameters
    ----------
    by_stage : mapping
        Concept -> yearly totals by agency (:func:`turquesa_stats.measures.official.series`).

    Returns
    -------
    DataFrame
        ``publisher, source_agency, unit_measure, year, prosecutions, convictions, value`` (ratio x 100); same agency, unit and year only.
    """
    key = ["publisher", "source_agency", "unit_measure", "year"]
    columns = [*key, "value", "citation"]
    charged, convicted = (by_stage[stage].reindex(columns=columns).dropna(subset="value") for stage in ("PROSECUTIONS", "CONVICTIONS"))
    both = charged.merge(convicted, on=key, suffixes=("_charged", "_convicted"))
    both = both[both["value_charged"].gt(0)]
    return pd.DataFrame(
        {
            **{name: both[name] for name in key},
            "prosecutions": both["value_charged"],
            "convictions": both["value_convicted"],
            "value": 100 * both["value_convicted"] / both["value_charged"],
            "citation": both["citation_convicted"],
        }
    ).reset_index(drop=True)


def cohort(tables: Mapping[str, pd.DataFrame], country: str, period: Period) -> pd.DataFrame:
    """
    Return the persons first charged with trafficking in a period, followed to their first end at first instance.

    Returns
    -------
    DataFrame
        One row a person: ``accused_id, sex, charged_on, end`` (one of :data:`OUTCOMES`, missing while pending), ``months`` (to the end, or
        to the last event of the file), ``as_charged, custodial`` (bool), ``months_custodial``. A person counts once (rule R46).
    """
    case = tables["case"]
    own = case.loc[case["country_report"].eq(country), "case_id"]
    charges = tables["charge"]
    charges = charges[charges["case_id"].isin(own) & charges["is_tip"].astype("bool")]
    first = charges.sort_values("filed_on").groupby("accused_id", as_index=False).agg(charged_on=("filed_on", "first"))
    first = first[first["charged_on"].between(pd.Timestamp(period.start), pd.Timestamp(period.end))]
    events = tables["charge_event"].merge(charges[["charge_id", "accused_id"]], on="charge_id")
    seen_until = events["date"].max()
    ends = events[events["stage"].eq("DISPOSED") & events["decision"].isin(_ENDS)].assign(end=events["decision"].map(_ENDS))
    ends = ends.sort_values(["date", "end"]).drop_duplicates("accused_id")[["accused_id", "date", "end", "decision"]]
    people = first.merge(ends, on="accused_id", how="left").merge(tables["accused"][["accused_id", "sex"]], on="accused_id")
    sentence = tables["sentence"].groupby("accused_id", as_index=False)["months_custodial"].max()
    people = people.merge(sentence, on="accused_id", how="left")
    months = (people["date"].fillna(seen_until) - people["charged_on"]).dt.days / _DAYS_PER_MONTH
    return people.assign(
        months=months,
        as_charged=people["decision"].eq("CONV_AS_CHARGED"),
        custodial=people["months_custodial"].gt(0),
    ).drop(columns=["date"])


def attrition(people: pd.DataFrame) -> pd.DataFrame:
    """
    Return how many of a cohort reach each step, by sex (indicator D05), each as share of the cohort with Wilson interval.

    Returns
    -------
    DataFrame
        ``sex`` (``_T``, F, M), ``step`` (ENDED, CONVICTED, AS_CHARGED, CUSTODY), ``count`` and the estimate; ``n`` = cohort.
    """
    steps = {
        "ENDED": people["end"].notna(),
        "CONVICTED": people["end"].eq("CONVICTED"),
        "AS_CHARGED": people["as_charged"],
        "CUSTODY": people["custodial"] & people["end"].eq("CONVICTED"),
    }
    rows = []
    for sex in (TOTAL, "F", "M"):
        of_sex = people["sex"].eq(sex) if sex != TOTAL else pd.Series(data=True, index=people.index)
        rows += [
            {"sex": sex, "step": step, "count": int((reached & of_sex).sum()), "n": int(of_sex.sum())} for step, reached in steps.items()
        ]
    return shares(pd.DataFrame(rows))


def outcomes_over_time(people: pd.DataFrame) -> pd.DataFrame:
    """
    Return the cumulative incidence of each end by months since the first charge (indicator D06; Aalen and Johansen 1978).

    Returns
    -------
    DataFrame
        ``outcome, months, value, low, high, n`` (cohort), ``count`` (ends so far), ``at_risk``; horizons not yet observed are left out.
    """
    codes = people["end"].map({outcome: place for place, outcome in enumerate(OUTCOMES, start=1)}).fillna(0).astype(int)
    horizons = [month for month in HORIZONS if people["months"].max() >= month]
    found = cumulative_incidence(people["months"].to_list(), codes.to_list(), horizons)
    names = dict(enumerate(OUTCOMES, start=1))
    return pd.DataFrame(
        {
            "outcome": found["event"].map(names),
            "months": found["time"].astype(int),
            "count": found["events"],
            "at_risk": found["at_risk"],
            "value": found["value"],
            "low": found["low"],
            "high": found["high"],
            "n": len(people),
            "unit": "share",
            "method": "aalen-johansen",
            "flag": "",
        }
    )


def sentences(people: pd.DataFrame) -> pd.DataFrame:
    """
    Return custodial sentences by sex (indicator D07): median and quartiles in months, among persons sentenced to custody.

    Returns
    -------
    DataFrame
        ``sex, count, value`` (median), ``low, high`` (quartiles), ``n``, unit ``months``, method ``quartiles``.
    """
    imprisoned = people[people["custodial"]]
    rows = []
    for sex in (TOTAL, "F", "M"):
        months = imprisoned.loc[imprisoned["sex"].eq(sex) | (sex == TOTAL), "months_custodial"].to_numpy(float)
        if months.size:
            low, median, high = np.quantile(months, [0.25, 0.5, 0.75])
            rows.append({"sex": sex, "count": months.size, "value": median, "low": low, "high": high, "n": months.size})
    return pd.DataFrame(rows, columns=["sex", "count", "value", "low", "high", "n"]).assign(unit="months", method="quartiles", flag="")
