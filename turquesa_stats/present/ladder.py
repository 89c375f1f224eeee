"""The ladder of key judgements: likelihood as a bar on the scale from 0 to 100 %, confidence in words beside it, last year's mark."""

from __future__ import annotations

from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter

from turquesa_stats.disclosure.gate import PublishableTable
from turquesa_stats.errors import DisclosureRefused
from turquesa_stats.present import numbers
from turquesa_stats.present.style import INK, MUTED, PALETTE, RULE, canvas, finish
from turquesa_stats.present.words import Words


def ladder(table: PublishableTable, words: Words, mark: str | None) -> tuple[bytes, str]:
    """
    Draw the judgements one below the other.

    Parameters
    ----------
    table : PublishableTable
        Rows with ``number, section, term, low, high, confidence, term_before, low_before, high_before``; the last three empty where new.
    words : Words
        The language.
    mark : str, optional
        Written across the picture.

    Returns
    -------
    bytes, str
        The PNG and its alt text.
    """
    if not isinstance(table, PublishableTable):
        raise DisclosureRefused(f"a figure takes a PublishableTable, not a {type(table).__name__}; pass it through protect()")
    rows = table.frame.to_dict("records")
    picture, (axes,) = canvas(1.2 + 0.44 * len(rows))
    spoken, names = [], []
    for place, row in enumerate(rows):
        y = len(rows) - 1 - place
        axes.barh(y, row["high"] - row["low"], left=row["low"], height=0.46, color=PALETTE[0], zorder=3)
        if isinstance(row["term_before"], str):
            ends = [row["low_before"], row["high_before"]]
            axes.plot(ends, [y - 0.36, y - 0.36], color=PALETTE[1], linewidth=3, solid_capstyle="butt", zorder=4)
        confidence = words("ladder.confidence", confidence=words.label("confidence", row["confidence"]))
        axes.annotate(confidence, (1.0, y), xytext=(8, 0), textcoords="offset points", va="center", color=INK, fontsize=9.5)
        names.append(f"{row['number']}  {words.label('assessment_section', row['section'])}")
        spoken.append(words("alt.item", name=str(row["number"]), value=_value(row, words)))
    axes.set_xlim(0, 1)
    axes.set_ylim(-0.7, len(rows) - 0.4)
    axes.set_yticks(range(len(rows)), list(reversed(names)))
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1])
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: numbers.percent(value, words)))
    axes.grid(axis="x", color=RULE, linewidth=0.6)
    axes.set_xlabel(words("axis.likelihood"))
    keys = [Patch(color=colour, label=words(key)) for colour, key in ((PALETTE[0], "ladder.now"), (PALETTE[1], "ladder.before"))]
    axes.legend(handles=keys, loc="lower left", bbox_to_anchor=(0, 1), ncols=1, frameon=False, fontsize=9.5, labelcolor=MUTED, borderpad=0)
    return finish(picture, mark), words("alt.ladder", items="; ".join(spoken))


def _value(row: dict[object, object], words: Words) -> str:
    now = words.label("likelihood_term", str(row["term"]))
    before = (
        words.label("likelihood_term", str(row["term_before"])) if isinstance(row["term_before"], str) else words("judgement.no_before")
    )
    return words("alt.judgement", now=now, before=before, confidence=words.label("confidence", str(row["confidence"])))
