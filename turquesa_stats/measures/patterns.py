"""Patterns of modus operandi: which means, controls and channels make a kind of case, and a map of means and purposes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from turquesa_stats.errors import MeasureRefused
from turquesa_stats.measures.cases import known, possible_answers
from turquesa_stats.measures.modus_operandi import CODES, Block, Tables, block
from turquesa_stats.methods.correspondence import CorrespondenceMap, correspondence
from turquesa_stats.methods.latent_classes import LatentClasses, latent_classes
from turquesa_stats.methods.multiple_response import answer_matrix

BLOCKS: tuple[Block, ...] = ("means", "control", "recruitment")
_RAREST = 0.05
_FEWEST = 10
_SEVERAL = 0.1


def items(tables: Tables, chosen: pd.DataFrame, blocks: Sequence[Block] = BLOCKS) -> pd.DataFrame:
    """
    Return the answers of victims to several blocks as yes-or-no items.

    Parameters
    ----------
    tables, chosen
        As in :func:`turquesa_stats.measures.modus_operandi.block`.
    blocks : sequence
        Blocks of questions; control is left out where the workspace holds none.

    Returns
    -------
    DataFrame
        One row a victim with a known answer to one block or more, one column ``block:code``: 1, 0, or missing where the block is not known
        (for children all means). Codes that fewer than 5 %, fewer than 10, or nearly all have, say nothing of patterns and are left out, as
        is ``NONE``, which the others say. Of a block to which fewer than 10 % gave several answers only the most frequent code stays, as
        answers that exclude one another would look like patterns.

    Raises
    ------
    MeasureRefused
        If none of the blocks is held.
    """
    parts = []
    held = [name for name in blocks if name != "control" or "victim_control" in tables]
    for name in held:
        answers = block(tables, chosen, name)
        answered = answers.loc[known(answers["code"]), ["victim_id", "code"]].set_axis(["unit", "answer"], axis=1)
        given = answer_matrix(answered, possible_answers(CODES[name])).astype(float)
        enough = max(_FEWEST, _RAREST * len(given))
        telling = [code for code in given.columns if code != "NONE" and enough <= given[code].sum() <= len(given) - enough]
        if (given[telling].sum(axis=1) > 1).mean() < _SEVERAL:
            telling = sorted(telling, key=lambda code: -given[code].sum())[:1]
        parts.append(given[telling].add_prefix(f"{name}:"))
    if not parts:
        raise MeasureRefused(f"none of the blocks {', '.join(blocks)} is held; import a source that has one")
    return pd.concat(parts, axis=1).dropna(how="all").sort_index()


def patterns(
    tables: Tables, chosen: pd.DataFrame, seed: int, blocks: Sequence[Block] = BLOCKS, most: int = 4, resamples: int = 200
) -> LatentClasses:
    """
    Find patterns of modus operandi: latent classes of victims by means, control and recruitment; clusters are cases.

    A pattern is a way of describing the records, not a kind of trafficker. ``membership`` names victims and is never published.

    Parameters
    ----------
    tables, chosen, blocks
        As in :func:`items`.
    seed, most, resamples
        As in :func:`turquesa_stats.methods.latent_classes.latent_classes`.

    Raises
    ------
    MeasureRefused
        As :func:`turquesa_stats.methods.latent_classes.latent_classes`.
    """
    answered = items(tables, chosen, blocks)
    of_case = chosen.drop_duplicates("victim_id").set_index("victim_id")["case_id"]
    return latent_classes(answered, seed, of_case.loc[answered.index].to_list(), most, resamples=resamples)


def pattern_profiles(
    tables: Tables, chosen: pd.DataFrame, seed: int, blocks: Sequence[Block] = BLOCKS, most: int = 4, resamples: int = 200
) -> pd.DataFrame:
    """
    Return the patterns as one table, which :func:`turquesa_stats.measures.splits.split` can run on any group of victims.

    Returns
    -------
    DataFrame
        ``pattern`` (1 the largest; 0 for the stability of all), ``block, code, count`` and the estimate; the size of a pattern has neither
        block nor code.
    """
    found = patterns(tables, chosen, seed, blocks, most, resamples)
    keys = found.profiles["item"].str.split(":", n=1, expand=True)
    profiles = found.profiles.assign(block=keys[0], code=keys[1]).drop(columns="item")
    sizes = found.sizes.assign(block="", code="")
    stability = pd.DataFrame([{"class": 0, "block": "", "code": "", "count": len(found.membership), **_as_row(found)}])
    table = pd.concat([stability, sizes, profiles], ignore_index=True).rename(columns={"class": "pattern"})
    return table[["pattern", "block", "code", "count", *(c for c in table.columns if c not in {"pattern", "block", "code", "count"})]]


def means_purpose_map(tables: Tables, chosen: pd.DataFrame) -> CorrespondenceMap:
    """
    Map means and forms of exploitation of adults (correspondence analysis): a victim counts in each pair of a means and a form.

    Describes the records; use :func:`turquesa_stats.measures.modus_operandi.means_by_purpose` for what chance allows.

    Raises
    ------
    MeasureRefused
        With fewer than 30 pairs, or fewer than two means or forms.
    """
    given = []
    for name in ("means", "purpose"):
        answers = block(tables, chosen, name)
        given.append(answers.loc[known(answers["code"]), ["victim_id", "code"]].drop_duplicates())
    both = given[0].merge(given[1], on="victim_id", suffixes=("_means", "_purpose"))
    counts = pd.crosstab(both["code_means"], both["code_purpose"])
    kept = correspondence(counts)
    people = both["victim_id"].nunique()
    return replace(kept, inertia=kept.inertia.assign(victims=people))


def _as_row(found: LatentClasses) -> dict[str, object]:
    one = found.stability
    return {
        "value": one.value,
        "low": one.low,
        "high": one.high,
        "n": one.n,
        "unit": one.unit,
        "method": one.method,
        "flag": one.flag.value,
    }
