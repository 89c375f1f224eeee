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

INK, MUTED, RULE = "#1d2b36", "#5b6b77", "#d5dde2"
PALETTE = ("#0b6e7f", "#d1661f", "#6a4c93", "#8a9a20", "#b3355a", "#4d4d4d")  # apart in grey and for the colour-blind
WIDTH = 7.0  # inches: the text width of a page
_DOTS_PER_INCH = 170


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
        }
    )


def canvas(height: float, columns: int = 1, **options: Any) -> tuple[Figure, list[Axes]]:
    """Return an empty figure of page width and its axes."""
    set_up()
    picture = Figure(figsize=(WIDTH, height), layout="constrained")
    axes = picture.subplots(1, columns, squeeze=False, **options)[0]
    return picture, list(axes)


def finish(picture: Figure, mark: str | None) -> bytes:
    """Return the figure as PNG without date or software in its metadata; ``mark`` is written across it."""
    if mark:
        picture.text(
            0.5, 0.5, mark.upper(), ha="center", va="center", rotation=18, fontsize=25, color=INK, alpha=0.13, weight="bold", zorder=10
        )
    buffer = BytesIO()
    picture.set_dpi(_DOTS_PER_INCH)
    canvas: Any = FigureCanvasAgg(picture)
    canvas.print_png(buffer, metadata={"Software": None})  # draws once; savefig draws twice
    return buffer.getvalue()
