"""Checks of what is done against trafficking and smuggling: operations, training, requests for cooperation, services to victims."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from turquesa_stats.schema.checks.charges import looked_up, true
from turquesa_stats.schema.checks.found import Check, Found, Tables
from turquesa_stats.schema.codes import TOTAL
from turquesa_stats.schema.dates import out_of_order

_RELEASE = ["op_id", "source_id", "status"]  # one version of an operation's figures
_NOT_ADDED = ("countries", "nationalities", "fee_low_usd", "fee_high_usd")  # the same one may stand in several countries, or it is a price
_ARRESTS = ("arrests_tip", "arrests_som", "arrests_total")
_RIGHTS = "VICTIM_RIGHTS"
_MAY_REFUSE = ("REFUSED", "PARTIAL")


def operations_agree(tables: Tables) -> Iterator[Found]:
    """R60: an operation ends after it starts; arrests by crime stay within all arrests; countries within the total, else told."""
    operation, result = tables["operation"], tables["operation_result"]
    late = out_of_order(operation["start"], _precision(operation, "start"), operation["end"], _precision(operation, "end"))
    yield Found("operation", late, ("start", "end"))
    yield _arrests_by_crime(result)
    yield _countries_within_total(result)


def _precision(table: pd.DataFrame, name: str) -> pd.Series[str]:
    return table[f"{name}_prec"] if f"{name}_prec" in table else pd.Series("D", index=table.index)


def _bounds(result: pd.DataFrame) -> tuple[pd.Series[float], pd.Series[float]]:
    """Return the least and the most that each figure allows: ``about`` and its like allow any."""
    value = result["value"].astype("float64")
    exact, more = true(result["value_qual"].eq("EXACT")), true(result["value_qual"].eq("MORE_THAN"))
    return value.where(exact | more, 0.0).fillna(0.0), value.where(exact, np.inf).fillna(np.inf)


def _arrests_by_crime(result: pd.DataFrame) -> Found:
    """Find the arrests of a release whose parts by crime exceed the whole: any of the figures may be the wrong one."""
    low, high = _bounds(result)
    release = result.groupby([*_RELEASE, "iso3"], sort=False, dropna=False).ngroup()
    tip, som, total = (true(result["metric"].eq(name)) for name in _ARRESTS)
    least = _each(low[tip], release[tip]).add(_each(low[som], release[som]), fill_value=0.0)
    most = high[total].groupby(release[total]).max()
    wrong = most.index[most.lt(least.reindex(most.index).fillna(0.0))]
    return Found("operation_result", release.isin(wrong) & (tip | som | total), ("iso3", "metric", "value"))


def _each(values: pd.Series[float], release: pd.Series[int]) -> pd.Series[float]:
    return values.groupby(release).min()


def _countries_within_total(result: pd.DataFrame) -> Found:
    low, high = _bounds(result)
    metric = result.groupby([*_RELEASE, "metric"], sort=False, dropna=False).ngroup()
    is_total = true(result["iso3"].eq(TOTAL))
    added = low.where(~is_total, 0.0).groupby(metric).transform("sum")
    over = is_total & added.gt(high) & ~result["metric"].isin(_NOT_ADDED)
    texts = [f"{total:.15g} < {least:.15g}" if is_over else "" for total, least, is_over in zip(high, added, over, strict=True)]
    told = pd.Series(texts, index=result.index, dtype="object")
    return Found("operation_result", over, ("metric", "value"), only_warn=True, told=told)


def approximate_figures_are_whole(tables: Tables) -> Iterator[Found]:
    """R61: a figure that its source calls about, nearly or more than has no decimals."""
    result = tables["operation_result"]
    value = result["value"].astype("float64")
    rough = result["value_qual"].notna() & result["value_qual"].ne("EXACT")
    yield Found("operation_result", true(rough) & value.notna() & value.mod(1).ne(0), ("metric", "value", "value_qual"))


def nationalities_are_not_summed(tables: Tables) -> Iterator[Found]:
    """R62: all nationalities are no fewer than those of one country; a sum of those of all countries may be chance, so it is told."""
    result = tables["operation_result"]
    value = result["value"].astype("float64")
    release = result.groupby(_RELEASE, sort=False, dropna=False).ngroup()
    nationalities, is_total = true(result["metric"].eq("nationalities")), true(result["iso3"].eq(TOTAL))
    countries = value.where(nationalities & ~is_total & value.gt(0)).groupby(release)
    total = nationalities & is_total
    yield Found("operation_result", total & value.lt(countries.transform("max")), ("metric", "value"))
    summed = value.eq(countries.transform("sum")) & countries.transform("count").gt(1)
    yield Found("operation_result", total & summed, ("metric", "value"), only_warn=True)


def attendance_agrees(tables: Tables) -> Iterator[Found]:
    """R70: nobody attends more hours than there are, has a score after without one before, or is a mentor without completing."""
    part = tables["training_participation"]
    if "training_activity" in tables:
        hours = looked_up(part["act_id"], tables["training_activity"], "act_id", "hours")
        yield Found("training_participation", true(part["hours_attended"].gt(hours)), ("act_id", "hours_attended"))
    yield Found("training_participation", part["score_post"].notna() & part["score_pre"].isna(), ("score_pre", "score_post"))
    completed, mentor = (true(part[name].isin([True, "Y"])) for name in ("completed", "certified_mentor"))
    yield Found("training_participation", mentor & ~completed, ("certified_mentor", "completed"))


def training_on_rights(tables: Tables) -> Iterator[Found]:
    """R71: every activity has the module on the rights of victims."""
    activity, module = tables["training_activity"], tables["training_module"]
    with_rights = module.loc[true(module["module"].eq(_RIGHTS)), "act_id"]
    yield Found("training_activity", ~activity["act_id"].isin(with_rights), ("act_id",))


def training_has_hours(tables: Tables) -> Iterator[Found]:
    """F27: an activity lasts more than no hours."""
    activity = tables["training_activity"]
    yield Found("training_activity", true(activity["hours"].le(0)), ("hours",))


def scores_come_in_pairs(tables: Tables) -> Iterator[Found]:
    """F28: a score before and one after, or none."""
    part = tables["training_participation"]
    yield Found("training_participation", part["score_pre"].notna() ^ part["score_post"].notna(), ("score_pre", "score_post"))


def followup_comes_after(tables: Tables) -> Iterator[Found]:
    """F29: a follow-up takes place after the training."""
    followup = tables["training_followup"]
    yield Found("training_followup", true(followup["months_after"].le(0)), ("months_after",))


def refusals_have_grounds(tables: Tables) -> Iterator[Found]:
    """F25: a ground of refusal needs a refusal, whole or in part."""
    request = tables["coop_request"]
    refused = true(request["outcome"].isin(_MAY_REFUSE))
    yield Found("coop_request", request["ground_refused"].notna() & ~refused, ("outcome", "ground_refused"))


def declined_services_did_not_start(tables: Tables) -> Iterator[Found]:
    """F26: what a victim did not accept did not start."""
    protection = tables["protection"]
    yield Found("protection", true(protection["accepted"].eq("N")) & protection["started_on"].notna(), ("accepted", "started_on"))


CHECKS: Mapping[str, Check] = {
    "R60": operations_agree,
    "R61": approximate_figures_are_whole,
    "R62": nationalities_are_not_summed,
    "R70": attendance_agrees,
    "R71": training_on_rights,
    "F25": refusals_have_grounds,
    "F26": declined_services_did_not_start,
    "F27": training_has_hours,
    "F28": scores_come_in_pairs,
    "F29": followup_comes_after,
}
