"""Kinds of means and which of them were used together against one person: the element of article 3 (a) in three families."""

from __future__ import annotations

from itertools import combinations

import pandas as pd

from turquesa_stats.estimate import ESTIMATE_COLUMNS
from turquesa_stats.measures.cases import known
from turquesa_stats.methods.multiple_response import answer_matrix, answer_shares
from turquesa_stats.schema.codes import code_list

KINDS = ("FORCE", "DECEPTION", "ABUSE")
"""
Kinds of means: force or any coercion; fraud or deception; abuse of power or vulnerability, or payment to who has control.

They are the order of words in the Palermo Protocol, article 3 (a); which code is of which kind says the column ``kind`` of the list.
"""
OTHER = "OTHER"
"""Other means and no means of a kind: where any is of a kind, other means add nothing."""
COMBINATIONS = (*("+".join(kinds) for size in range(1, len(KINDS) + 1) for kinds in combinations(KINDS, size)), OTHER)
"""Each person with a known means is in one of these: ``FORCE``, ..., ``FORCE+DECEPTION+ABUSE``, or ``OTHER``."""


def kind_of_means() -> dict[str, str]:
    """Return code -> kind of every means that is an answer."""
    return {code: kind for code, kind in code_list("means").column("kind").items() if kind}


def kinds_in(combination: str) -> tuple[str, ...]:
    """
    Return the kinds of which a combination is.

    Examples
    --------
    >>> kinds_in("FORCE+ABUSE"), kinds_in("OTHER")
    (('FORCE', 'ABUSE'), ())
    """
    return tuple(kind for kind in combination.split("+") if kind != OTHER)


def with_kind(kind: str) -> tuple[str, ...]:
    """
    Return the combinations in which a kind is: the persons against whom it was used are theirs, added up.

    Examples
    --------
    >>> with_kind("ABUSE")
    ('ABUSE', 'FORCE+ABUSE', 'DECEPTION+ABUSE', 'FORCE+DECEPTION+ABUSE')
    """
    return tuple(one for one in COMBINATIONS if kind in kinds_in(one))


def combination_of(answers: pd.DataFrame) -> pd.Series[str]:
    """
    Return the combination of kinds of each person.

    Parameters
    ----------
    answers : DataFrame
        ``victim_id, code`` (of the list ``means``), one row a person and code.

    Returns
    -------
    Series, (persons with a known means,)
        One of :data:`COMBINATIONS`, by ``victim_id``.
    """
    given = answers[known(answers["code"])]
    kind = given["code"].astype("object").map(kind_of_means())
    held = pd.DataFrame({one: kind.eq(one).groupby(given["victim_id"]).any() for one in KINDS}, dtype=bool)
    named = ["+".join(one for one, used in zip(KINDS, row, strict=True) if used) or OTHER for row in held.to_numpy()]
    return pd.Series(named, index=held.index, dtype="object")


def means_together(answers: pd.DataFrame) -> pd.DataFrame:
    """
    Return which kinds of means were used together.

    Parameters
    ----------
    answers : DataFrame
        ``victim_id, code, case_id`` of adults (block ``means`` of :func:`turquesa_stats.measures.modus_operandi.block`).

    Returns
    -------
    DataFrame
        ``code`` (each of :data:`COMBINATIONS`, those of nobody too), ``count`` and the share as estimate, the largest first; ``n`` = adults
        with a known means. Intervals allow for persons of one case being alike.
    """
    together = combination_of(answers)
    given = answer_matrix(pd.DataFrame({"unit": together.index, "answer": together.to_numpy()}), COMBINATIONS)
    case = answers.drop_duplicates("victim_id").set_index("victim_id")["case_id"]
    found = answer_shares(given, case.loc[given.index].to_list()).rename(columns={"answer": "code"})
    return found[["code", "count", *ESTIMATE_COLUMNS]].sort_values(["count", "code"], ascending=[False, True], ignore_index=True)
