"""One look for all figures: one typeface, a palette that colour-blind readers and grey prints keep apart."""

from __future__ import annotations

from functools import cache
from io import BytesIO
from typing import Any

import matplotlib as mpl

mpl.use("Agg")

import font_source_sans_pro
import seaborn as sns
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

INK, MUTED, RULE = "#1d2b36", "#5b6b77", "#d5dde2"
PALETTE = ("#0b6e7f", "#b5500c", "#3b2c96", "#9c1f5c", "#7a5c00", "#22282e")  # dark enough to write in; apart in grey or by marker
WIDTH = 5.6  # inches: a little less than the text width of a page, so that type stays readable on a phone
_DOTS_PER_INCH = 170
_BAND, _WARNING, _PALE = 0.22, "#8a2b0b", "#fff3ec"  # height in inches and colours of the band that marks synthetic data


@cache
def set_up() -> None:
    """Register the typeface and set the look, once a process."""
    for face in ("SourceSansPro", "SourceSansProBold", "SourceSansProIt", "SourceSansProSemibold"):
        font_manager.fontManager.addfont(getattr(font_source_sans_pro, face))
    sns.set_theme(style="white", palette=PALETTE)
    mpl.rcParams.update(
        {
            "font.family": "Source Sans Pro",
            "font.size": 10.5,
            "text.color": INK,
            "axes.labelcolor": MUTED,
            "axes.edgecolor": RULE,
            "xtick.color": MUTED,
            "ytick.color": INK,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.spines.left": False,
            "svg.hashsalt": "turquesa",
            "text.parse_math": False,  # a name of data with two dollar signs is no formula
        }
    )


def canvas(height: float, columns: int = 1, lines: int = 1, **options: Any) -> tuple[Figure, list[Axes]]:
    """Return an empty figure of page width and its axes, line by line."""
    set_up()
    picture = Figure(figsize=(WIDTH, height), layout="constrained")
    axes = picture.subplots(lines, columns, squeeze=False, **options)
    return picture, list(axes.flat)


def finish(picture: Figure, mark: str | None) -> bytes:
    """
    Return the figure as PNG without date or software in its metadata.

    Parameters
    ----------
    picture : Figure
        The figure.
    mark : str, optional
        What is written in a band over it and faintly behind it: that its data are synthetic.
    """
    if mark:
        _mark(picture, mark)
    buffer = BytesIO()
    picture.set_dpi(_DOTS_PER_INCH)
    canvas: Any = FigureCanvasAgg(picture)
    canvas.print_png(buffer, metadata={"Software": None})  # draws once; savefig draws twice
    return buffer.getvalue()


def _mark(picture: Figure, mark: str) -> None:
    """Write the mark so that no number is covered, and that a part cut out still has some of it."""
    width, height = picture.get_size_inches()
    picture.set_size_inches(width, height + _BAND)
    share = _BAND / (height + _BAND)
    engine: Any = picture.get_layout_engine()
    engine.set(rect=(0, 0, 1, 1 - 1.25 * share))
    picture.add_artist(Rectangle((0, 1 - share), 1, share, transform=picture.transFigure, facecolor=_PALE, linewidth=0))
    across: dict[str, Any] = {"ha": "center", "va": "center", "weight": "bold"}
    picture.text(0.5, 1 - 0.52 * share, mark.upper(), color=_WARNING, fontsize=9, **across)
    picture.text(0.5, 0.5 - share / 2, mark.upper(), rotation=14, fontsize=22, color=INK, alpha=0.06, zorder=-1, **across)
    for axes in picture.axes:
        axes.patch.set_alpha(0)
