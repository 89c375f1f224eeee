"""How it is done: means, control, recruitment, relation to the trafficker, technology and sector, and which of these go together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

import pandas as pd

from turquesa_stats.errors import MeasureRefused, nearest
from turquesa_stats.estimate import Estimate
from turquesa_stats.measures.cases import elements, known, possible_answers, recruitment, several_answers, single_answer
from turquesa_stats.methods.association import cramers_v
from turquesa_stats.methods.co_occurrence import co_occurrence
from turquesa_stats.methods.multiple_response import answer_matrix, compare_answers

Tables = Mapping[str, pd.DataFrame]
Block = Literal["means", "control", "recruitment", "purpose"]
CODES: dict[Block, str] = {"means": "means", "control": "control", "recruitment": "recruit", "purpose": "exploitation"}
FEWEST_IN_PAIR = 10


def block(tables: Tables, chosen: pd.DataFrame, name: Block) -> pd.DataFrame:
    """
    Return the answers of some victims to one block of questions.

    Parameters
    ----------
    tables : mapping
        Tables of a workspace.
    chosen : DataFrame
        Victims (:func:`turquesa_stats.measures.cases.victims`) or any part of them.
    name : {"means", "control", "recruitment", "purpose"}
        Means are those of adults only: children need none (Palermo Protocol, article 3 (c)).

    Returns
    -------
    DataFrame
        ``victim_id, code, case_id``, one row a victim and code, unknown codes too.

    Raises
    ------
    MeasureRefused
        If there is no such block, or its table is not held.
    """
    if name not in get_args(Block):
        raise MeasureRefused(f"there is no block '{name}'; {nearest(name, get_args(Block))}")
    if name == "recruitment":
        return recruitment(tables, chosen)
    if name == "control":
        return _linked(tables, chosen, "victim_control")
    if name == "purpose":
        return elements(tables, chosen, "PUR")
    return elements(tables, chosen[chosen["age_status_exploit"].eq("ADULT")], "MNS")


def means_of_adults(tables: Tables, chosen: pd.DataFrame) -> pd.DataFrame:
    """
    Return the means used against adult victims (indicator A17); children need none (Palermo Protocol, article 3 (c)).

    Returns
    -------
    DataFrame
        ``code, count`` and the share as estimate; ``n`` = adult victims with at least one known means. Shares add to more than 100 %.
    """
    return several_answers(block(tables, chosen, "means"), "means")


def control(tables: Tables, chosen: pd.DataFrame) -> pd.DataFrame:
    """
    Return how victims were kept under control.

    Returns
    -------
    DataFrame
        ``code, count`` and the share as estimate; ``n`` = victims with at least one known answer, ``NONE`` among them.

    Raises
    ------
    MeasureRefused
        If no control is held.
    """
    return several_answers(block(tables, chosen, "control"), "control")


def recruitment_channel(tables: Tables, chosen: pd.DataFrame) -> pd.DataFrame:
    """Return how victims were recruited (indicator A14): ``code, count`` and the share as estimate; a victim may give several."""
    return several_answers(block(tables, chosen, "recruitment"), "recruit")


def relation(chosen: pd.DataFrame) -> pd.DataFrame:
    """Return who recruited victims (indicator A15): ``code, count`` and the share as estimate; ``n`` = victims of whom it is known."""
    return single_answer(chosen, "relation_recruiter", "relation")


def sector(chosen: pd.DataFrame) -> pd.DataFrame:
    """Return the sector of work in which victims were exploited; ``n`` = victims who were exploited in a known one."""
    return single_answer(chosen, "sector", "sector")


def technology_by_stage(tables: Tables, chosen: pd.DataFrame) -> pd.DataFrame:
    """
    Return the technology used against victims at each stage (indicator A16).

    Returns
    -------
    DataFrame
        ``stage, code, count`` and the share as estimate; ``n`` = victims with at least one known answer for the stage, ``NONE`` among them.

    Raises
    ------
    MeasureRefused
        If no technology is held.
    """
    used = _linked(tables, chosen, "victim_technology")
    parts = [several_answers(used[used["stage"].eq(stage)], "technology").assign(stage=stage) for stage in possible_answers("tech_stage")]
    found = pd.concat([part for part in parts if len(part)] or parts, ignore_index=True)
    return found[["stage", *(name for name in found.columns if name != "stage")]]


def answers_by_group(tables: Tables, chosen: pd.DataFrame, name: Block, by: str = "sex") -> pd.DataFrame:
    """
    Return the shares of the answers to a block in groups of victims, and whether the groups differ.

    Parameters
    ----------
    tables, chosen, name
        As in :func:`block`.
    by : str
        Column of ``chosen`` whose known values are the groups.

    Returns
    -------
    DataFrame
        As :func:`turquesa_stats.methods.multiple_response.compare_answers`; clusters are cases, p-values adjusted over all answers.

    Raises
    ------
    MeasureRefused
        If fewer than two groups have a known answer.
    """
    of_victim = chosen.loc[known(chosen[by])].set_index("victim_id")
    given = _given(block(tables, chosen, name), name)
    given = given[given.index.isin(of_victim.index)]
    return compare_answers(given, of_victim.loc[given.index, by].to_list(), of_victim.loc[given.index, "case_id"].to_list())


def control_together(tables: Tables, chosen: pd.DataFrame) -> pd.DataFrame:
    """
    Return which means of control go together (indicator A18).

    Returns
    -------
    DataFrame
        As :func:`turquesa_stats.methods.co_occurrence.co_occurrence`, over pairs of means of control that 10 victims or more were under;
        clusters are cases. ``NONE`` is in no pair.

    Raises
    ------
    MeasureRefused
        If no control is held, or no two means are frequent enough.
    """
    given = _frequent(_given(block(tables, chosen, "control"), "control"))
    return co_occurrence(given, cluster=_cases(chosen, given))


def means_by_purpose(tables: Tables, chosen: pd.DataFrame) -> pd.DataFrame:
    """
    Return how each means goes with each form of exploitation among adults (indicator A19).

    Returns
    -------
    DataFrame
        As :func:`turquesa_stats.methods.co_occurrence.co_occurrence`, ``first`` a means and ``second`` a form that 10 adults or more have,
        among adults of whom both are known; clusters are cases.

    Raises
    ------
    MeasureRefused
        If no means and no form are frequent enough.
    """
    means, purposes = (_given(block(tables, chosen, name), name) for name in ("means", "purpose"))
    both = means.index.intersection(purposes.index)
    means, purposes = _frequent(means.loc[both]), _frequent(purposes.loc[both])
    return co_occurrence(means, purposes, cluster=_cases(chosen, means))


def means_and_purpose(tables: Tables, chosen: pd.DataFrame) -> tuple[Estimate, float] | None:
    """
    Return how strongly deception goes with the form of exploitation among adults (indicator A19): Cramér's V and p-value.

    One row a victim: deceived or not, sexual exploitation or another form; clusters are cases. None where the data cannot answer.
    """
    both = _deceived_and_sexual(tables, chosen)
    try:
        return cramers_v(both["deceived"].to_numpy(int), both["sexual"].to_numpy(int), _cases(chosen, both))
    except MeasureRefused:
        return None


def deception_by_purpose(tables: Tables, chosen: pd.DataFrame) -> pd.DataFrame:
    """
    Return the counts behind :func:`means_and_purpose`: what can be published of these decides whether the strength can.

    Returns
    -------
    DataFrame
        ``deceived, sexual`` (Y or N), ``count`` of adults and ``n``, those whose means and purpose are known; four rows.
    """
    both = _deceived_and_sexual(tables, chosen)
    answers = [("Y", True), ("N", False)]
    rows = [
        {"deceived": one, "sexual": other, "count": int((both["deceived"].eq(had) & both["sexual"].eq(was)).sum())}
        for one, had in answers
        for other, was in answers
    ]
    return pd.DataFrame(rows).assign(n=len(both))


def _deceived_and_sexual(tables: Tables, chosen: pd.DataFrame) -> pd.DataFrame:
    means, purposes = (_given(block(tables, chosen, name), name) for name in ("means", "purpose"))
    both = means.index.intersection(purposes.index)
    found = pd.DataFrame({"deceived": means.loc[both, "MNS_DECEPTION"], "sexual": purposes.loc[both, "PUR_SEXUAL"]})
    return found.astype("bool")


def _linked(tables: Tables, chosen: pd.DataFrame, table: str) -> pd.DataFrame:
    if table not in tables:
        raise MeasureRefused(f"no table {table} is held; import a source that has it, or leave this measure out")
    return tables[table].merge(chosen[["victim_id", "case_id"]], on="victim_id")


def _given(answers: pd.DataFrame, name: Block) -> pd.DataFrame:
    answered = answers.loc[known(answers["code"]), ["victim_id", "code"]].set_axis(["unit", "answer"], axis=1)
    return answer_matrix(answered, possible_answers(CODES[name]))


def _frequent(given: pd.DataFrame) -> pd.DataFrame:
    frequent = [code for code in given.columns if code != "NONE" and FEWEST_IN_PAIR <= given[code].sum() <= len(given) - FEWEST_IN_PAIR]
    return given[frequent]


def _cases(chosen: pd.DataFrame, given: pd.DataFrame) -> list[str]:
    return chosen.drop_duplicates("victim_id").set_index("victim_id")["case_id"].loc[given.index].to_list()
