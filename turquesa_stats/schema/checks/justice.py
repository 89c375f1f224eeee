"""Checks of the way of a charge through justice: the order of its stages, what a conviction needs, who is counted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from turquesa_stats.schema.checks.charges import looked_up, of_charge, true
from turquesa_stats.schema.checks.found import Check, Found, Tables
from turquesa_stats.schema.codes import code_list
from turquesa_stats.schema.dates import earliest, latest, out_of_order

_APPEAL, _FINAL = "APPEAL", "FINAL"


def _convicts(event: pd.DataFrame) -> pd.Series[bool]:
    convicting = [code for code, yes in code_list("decision").column("convicts").items() if yes == "Y"]
    return true(event["decision"].isin(convicting))


def stages_in_order(tables: Tables) -> Iterator[Found]:
    """
    R40: no stage is reached, for certain, before an earlier one was reached for the first time.

    Appeals stand apart: a pre-trial decision can be appealed against, and a trial repeated after an appeal is no error.
    """
    event = tables["charge_event"].reset_index(drop=True)
    order = event["stage"].map({code: int(place) for code, place in code_list("stage").column("order").items()})
    days = pd.DataFrame(
        {
            "charge": event["charge_id"],
            "order": order,
            "from": earliest(event["date"], event["date_prec"]),
            "to": latest(event["date"], event["date_prec"]),
        }
    )[event["stage"].ne(_APPEAL) & order.notna()]
    first = days.groupby(["charge", "order"])["from"].min().sort_index()
    reached = first.groupby(level="charge").cummax().groupby(level="charge").shift()
    before = pd.MultiIndex.from_frame(days[["charge", "order"]])
    late = pd.Series(reached.reindex(before).to_numpy(), index=days.index).gt(days["to"]).reindex(event.index, fill_value=False)
    yield Found("charge_event", late.set_axis(tables["charge_event"].index), ("stage", "date", "date_prec"))


def convictions_after_charges(tables: Tables) -> Iterator[Found]:
    """R41: a conviction needs a charge, filed before; on the same day only told, as some procedures are that short."""
    event, charge = tables["charge_event"], tables["charge"]
    convicts = _convicts(event)
    filed, precision = (of_charge(event["charge_id"], charge, name) for name in ("filed_on", "filed_on_prec"))
    before = out_of_order(filed, precision, event["date"], event["date_prec"])
    same_day = earliest(filed, precision) >= latest(event["date"], event["date_prec"])
    yield Found("charge_event", convicts & ~event["charge_id"].isin(charge["charge_id"]), ("charge_id", "decision"))
    yield Found("charge_event", convicts & before, ("decision", "date", "date_prec"))
    yield Found("charge_event", convicts & same_day & ~before, ("decision", "date", "date_prec"), only_warn=True)


def lesser_convictions_name_the_first_charge(tables: Tables) -> Iterator[Found]:
    """R42: a conviction of a lesser offence stands on a charge reduced from another one, of another offence."""
    event, charge = tables["charge_event"], tables["charge"]
    lesser = true(event["decision"].eq("CONV_LESSER"))
    first = of_charge(event["charge_id"], charge, "reduced_from")
    offence, first_offence = of_charge(event["charge_id"], charge, "iccs"), of_charge(first, charge, "iccs")
    yield Found("charge_event", lesser & ~first.isin(charge["charge_id"]), ("charge_id", "decision"))
    yield Found("charge_event", lesser & true(offence.eq(first_offence)), ("charge_id", "decision"))


def sentences_need_convictions(tables: Tables) -> Iterator[Found]:
    """R43: a sentence needs a conviction on its charge; outside what the law allows it is told and kept."""
    sentence, event = tables["sentence"], tables["charge_event"]
    convicted = event.loc[_convicts(event), "charge_id"]
    yield Found("sentence", ~sentence["charge_id"].isin(convicted), ("charge_id", "kind"))
    if "legal_framework" not in tables or "charge" not in tables:
        return
    legal_id = of_charge(sentence["charge_id"], tables["charge"], "legal_id")
    shortest, longest = (looked_up(legal_id, tables["legal_framework"], "legal_id", name) for name in ("min_months", "max_months"))
    served = sentence["months_custodial"]
    in_custody = true(sentence["kind"].eq("CUSTODY"))
    yield Found("sentence", in_custody & true(served.lt(shortest)), ("kind", "months_custodial"), only_warn=True)
    yield Found("sentence", true(served.gt(longest)), ("kind", "months_custodial"), only_warn=True)


def final_without_open_appeal(tables: Tables) -> Iterator[Found]:
    """
    R45: nothing is final while an appeal is open.

    An appeal is open at a final event that it does not certainly follow, unless it was decided, perhaps, between the two.
    """
    event = tables["charge_event"]
    days = pd.DataFrame({"from": earliest(event["date"], event["date_prec"]), "to": latest(event["date"], event["date_prec"])})
    days = days.assign(charge=event["charge_id"], position=range(len(event)))
    appeal, pending = true(event["stage"].eq(_APPEAL)), true(event["decision"].eq("PENDING"))
    opened = days[appeal & pending].rename(columns={"from": "opened_from", "to": "opened_to"}).drop(columns="position")
    decided = days[appeal & ~pending].rename(columns={"from": "decided_from", "to": "decided_to"}).drop(columns="position")
    opened = opened.assign(appeal=range(len(opened)))
    met = days[true(event["stage"].eq(_FINAL))].merge(opened, on="charge")
    met = met[~(met["opened_from"] > met["to"])]
    ends = met.merge(decided, on="charge")
    ends = ends[~(ends["opened_from"] > ends["decided_to"]) & ~(ends["decided_from"] > ends["to"])]
    closed = pd.MultiIndex.from_frame(ends[["position", "appeal"]])
    still_open = met[~pd.MultiIndex.from_frame(met[["position", "appeal"]]).isin(closed)]
    hit = days["position"].isin(still_open["position"])
    yield Found("charge_event", hit, ("stage", "date", "decision"))
    if "sentence" in tables:
        sentence = tables["sentence"]
        undecided = opened.merge(decided, on="charge")
        undecided = undecided[~(undecided["opened_from"] > undecided["decided_to"])]
        pending_charges = opened.loc[~opened["appeal"].isin(undecided["appeal"]), "charge"]
        yield Found("sentence", true(sentence["final"]) & sentence["charge_id"].isin(pending_charges), ("charge_id", "final"))


def persons_counted_once(tables: Tables) -> Iterator[Found]:
    """
    R46: a person counts once a stage and case, whatever the number of charges.

    Found are the rows that add no person: of several, the convicting one counts where there is one, else the first.
    """
    event, charge = tables["charge_event"].reset_index(drop=True), tables["charge"]
    row = pd.DataFrame(
        {
            "case": of_charge(event["charge_id"], charge, "case_id"),
            "person": of_charge(event["charge_id"], charge, "accused_id"),
            "stage": event["stage"],
            "later": ~_convicts(event),
            "date": earliest(event["date"], event["date_prec"]),
            "charge": event["charge_id"],
        }
    )
    ordered = row[row["case"].notna() & row["person"].notna()].sort_values(["later", "date", "charge"], kind="stable")
    again = ordered.duplicated(["case", "person", "stage"]).reindex(event.index, fill_value=False)
    yield Found("charge_event", again.set_axis(tables["charge_event"].index), ("charge_id", "stage", "decision"))


def convicted_victims(tables: Tables) -> Iterator[Found]:
    """R47: persons convicted although they are victims too: their conviction is for review under the principle of non-punishment."""
    accused, charge, event = tables["accused"], tables["charge"], tables["charge_event"]
    convicted = charge.loc[charge["charge_id"].isin(event.loc[_convicts(event), "charge_id"]), "accused_id"]
    yield Found("accused", true(accused["also_victim"].eq("Y")) & accused["accused_id"].isin(convicted), ("also_victim",))


CHECKS: Mapping[str, Check] = {
    "R40": stages_in_order,
    "R41": convictions_after_charges,
    "R42": lesser_convictions_name_the_first_charge,
    "R43": sentences_need_convictions,
    "R45": final_without_open_appeal,
    "R46": persons_counted_once,
    "R47": convicted_victims,
}
