"""What has become of a cohort as time passes."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pandas as pd

from turquesa_stats.disclosure.gate import PublishableTable
from turquesa_stats.present import numbers
from turquesa_stats.present.figures.marks import MARKERS, SMALL, Picture, colour_of, mark_of, name_ends, rows_of, said, share_axis
from turquesa_stats.present.style import canvas, finish
from turquesa_stats.present.words import Words

_HEIGHT = 3.1  # inches


def curves(table: PublishableTable, name: Callable[[str], str], words: Words) -> Picture:
    """
    Draw cumulative shares as steps at the months that are published, with bands; a hidden month leaves a gap.

    Parameters
    ----------
    table : PublishableTable
        ``outcome, months`` and a share as estimate.
    name : callable
        Outcome -> label.
    words : Words
        The language.

    Returns
    -------
    bytes, str
        The PNG and its alt text.
    """
    frame = pd.DataFrame(rows_of(table))
    picture, (axes,) = canvas(_HEIGHT)
    top = float(np.nanmax(frame["high"]))
    spoken, ends = [], []
    months = sorted(frame["months"].unique())
    for place, (outcome, points) in enumerate(frame.groupby("outcome", sort=False)):
        colour, title = colour_of(place), name(str(outcome))
        records = points.sort_values("months").to_dict("records")
        for before, after in pairwise(records):
            if pd.isna(before["value"]) or pd.isna(after["value"]):
                continue
            span = [before["months"], after["months"]]
            axes.fill_between(span, [before["low"]] * 2, [before["high"]] * 2, color=colour, alpha=0.16, linewidth=0)
            axes.plot([span[0], span[1], span[1]], [before["value"], before["value"], after["value"]], color=colour, linewidth=1.4)
        shown = [row for row in records if pd.notna(row["value"])]
        for row in shown:
            axes.plot([row["months"]] * 2, [row["low"], row["high"]], color=colour, linewidth=3.5, alpha=0.35, solid_capstyle="butt")
            axes.plot(row["months"], row["value"], MARKERS[place], color=colour, markersize=6)
        if shown:
            ends.append((float(shown[-1]["value"]), f"{title}: {numbers.percent(shown[-1]['value'], words)}", colour))
        spoken.append((title, ", ".join(f"{row['months']}: {numbers.share(row, words)}" for row in records)))
    share_axis(axes, min(1.0, 1.08 * top), words, "axis.cohort_share", along="y")
    name_ends(axes, ends, min(1.0, 1.08 * top), _HEIGHT - 0.6, 20)
    axes.set_xlim(0, months[-1] + 1)
    axes.set_xticks(months)
    axes.tick_params(axis="x", labelsize=SMALL)
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel(words("axis.months"), fontsize=SMALL)
    return finish(picture, mark_of(table, words)), words("alt.curves", items=said(spoken, words))
