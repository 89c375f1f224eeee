"""How many of a cohort of accused persons reach each step of justice, and why the others leave (indicator D05)."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from turquesa_stats.errors import MeasureRefused
from turquesa_stats.estimate import ESTIMATE_COLUMNS
from turquesa_stats.measures.cases import known, shares
from turquesa_stats.methods.attrition import attrition as attrition_of
from turquesa_stats.methods.intervals import proportion
from turquesa_stats.schema.codes import TOTAL

STAGES_BETWEEN = ("COMMITTED", "TRIAL")
_REACHED_IN_COURT = {"CONVICTED": "CONVICTED", "ACQUITTED": "VERDICT"}


def milestones(people: pd.DataFrame) -> pd.DataFrame:
    """
    Return how many of a cohort have ended, were convicted, as charged, and imprisoned, by sex, each as share of the cohort.

    Parameters
    ----------
    people : DataFrame
        A cohort (:func:`turquesa_stats.measures.cohort.cohort`).

    Returns
    -------
    DataFrame
        ``sex`` (``_T``, F, M), ``step`` (ENDED, CONVICTED, AS_CHARGED, CUSTODY), ``count`` and the estimate; ``n`` = cohort.
    """
    steps = {
        "ENDED": people["end"].notna(),
        "CONVICTED": people["end"].eq("CONVICTED"),
        "AS_CHARGED": people["as_charged"],
        "CUSTODY": people["custodial"],
    }
    rows = []
    for sex in (TOTAL, "F", "M"):
        of_sex = people["sex"].eq(sex) if sex != TOTAL else pd.Series(data=True, index=people.index)
        rows += [
            {"sex": sex, "step": step, "count": int((reached & of_sex).sum()), "n": int(of_sex.sum())} for step, reached in steps.items()
        ]
    return shares(pd.DataFrame(rows))


def attrition(people: pd.DataFrame, between: Sequence[str] = ()) -> pd.DataFrame:
    """
    Return how many persons of a cohort reach each step of justice, and how many leave it from there for which reason.

    The steps are CONTACT (of cohorts that start there), CHARGED, VERDICT, CONVICTED and CUSTODY. By sex of the accused:
    :func:`turquesa_stats.measures.splits.split`. Never to be confused with :func:`turquesa_stats.measures.prosecution.period_ratio`, which
    follows nobody.

    Parameters
    ----------
    people : DataFrame
        A cohort (:func:`turquesa_stats.measures.cohort.cohort`).
    between : sequence of {"COMMITTED", "TRIAL"}
        Further stages, of registers that record them for everybody.

    Returns
    -------
    DataFrame
        As :func:`turquesa_stats.methods.attrition.attrition`; reasons are codes of decisions and, from CONVICTED, of other sentences than
        custody. A convicted person whose sentence is not recorded is waiting, and so is a person never charged: registers hold no reason.

    Raises
    ------
    MeasureRefused
        If a stage between is not one, or there are no people.
    """
    if set(between) - set(STAGES_BETWEEN):
        raise MeasureRefused(f"stages between charge and verdict are {', '.join(STAGES_BETWEEN)}, not {', '.join(between)}")
    if people.empty:
        raise MeasureRefused("there is nobody in the cohort")
    first = ["CONTACT"] if people["start"].eq("CONTACT").any() else []
    steps = [*first, "CHARGED", *(stage for stage in STAGES_BETWEEN if stage in between), "VERDICT", "CONVICTED", "CUSTODY"]
    before_verdict = people["furthest"].where(people["furthest"].isin(steps), "CHARGED")
    step = people["end"].map(_REACHED_IN_COURT).fillna(before_verdict).mask(people["custodial"], "CUSTODY")
    convicted = people["end"].eq("CONVICTED")
    reason = people["decision"].astype("object").where(~convicted, people["kind"].where(~people["custodial"]))
    return attrition_of(pd.DataFrame({"step": step, "reason": reason.where(people["end"].notna())}), steps)


def female_share_by_stage(people: pd.DataFrame) -> pd.DataFrame:
    """
    Return the share of women and girls among the persons of each stage (indicator D09): of those whose sex is female or male.

    Returns
    -------
    DataFrame
        ``step`` (CONTACT where the cohort starts there, CHARGED, CONVICTED, CUSTODY), ``count`` (female), the share as estimate and
        ``unknown`` (persons of the stage whose sex is neither).
    """
    stages = {
        "CONTACT": people["start"].eq("CONTACT"),
        "CHARGED": people["charged_on"].notna(),
        "CONVICTED": people["end"].eq("CONVICTED"),
        "CUSTODY": people["custodial"],
    }
    rows = []
    for step, reached in stages.items():
        sexes = people.loc[reached, "sex"]
        female, both = int(sexes.eq("F").sum()), int(sexes.isin(["F", "M"]).sum())
        if both:
            found = proportion(female, both)
            rows.append({"step": step, "count": female, **_columns(found), "unknown": len(sexes) - both})
    return pd.DataFrame(rows, columns=["step", "count", *ESTIMATE_COLUMNS, "unknown"])


def non_punishment_review(people: pd.DataFrame) -> pd.DataFrame:
    """
    Count the accused who are victims of trafficking too, for review under the principle of non-punishment (rule R47); counts only.

    Returns
    -------
    DataFrame
        ``step`` (CHARGED, CONVICTED), the count as estimate without interval (``n`` = persons of whom it is known), ``unknown``.
    """
    rows = []
    for step, reached in (("CHARGED", people["charged_on"].notna()), ("CONVICTED", people["end"].eq("CONVICTED"))):
        answers = people.loc[reached, "also_victim"]
        n = int(known(answers).sum())
        rows.append(
            {
                "step": step,
                "count": int(answers.eq("Y").sum()),
                "value": float(answers.eq("Y").sum()) if n else None,
                "low": None,
                "high": None,
                "n": n,
                "unit": "persons",
                "method": "count",
                "flag": "",
                "unknown": len(answers) - n,
            }
        )
    return pd.DataFrame(rows)


def _columns(found: object) -> dict[str, object]:
    return {name: getattr(found, name) for name in ESTIMATE_COLUMNS}
