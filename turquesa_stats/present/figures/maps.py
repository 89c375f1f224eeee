"""Maps: where a country lies, and of which citizenship the persons are whom it detected. Countries only, never a place within one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, PathPatch, Rectangle
from matplotlib.path import Path

from turquesa_stats.disclosure.gate import PublishableTable
from turquesa_stats.present import numbers
from turquesa_stats.present.figures.marks import SMALL, SMALLEST, Picture, Row, mark_of, rows_of, said, wrapped
from turquesa_stats.present.outlines import outlines, place
from turquesa_stats.present.style import INK, MUTED, PALETTE, WIDTH, canvas, finish
from turquesa_stats.present.words import Words
from turquesa_stats.schema.codes import code_list

_LAND, _BORDER, _SEA = "#dde2e5", "white", "#f4f8f9"
_LARGEST = 50  # persons for whom a disc has its full size where nobody has more
_MOST_NAMED = 14
_MARGIN = 0.22  # of the width, left and right of a map, for names
Extent = tuple[float, float, float, float]  # west, south, east, north


def is_on_map(code: str) -> bool:
    """Whether a country or territory has an outline."""
    return code in outlines()


def locator(table: PublishableTable, code: str, words: Words) -> Picture:
    """
    Draw a country among its neighbours, small.

    Parameters
    ----------
    table : PublishableTable
        Names the source of the outlines; no number of it is drawn.
    code : str
        ISO 3166 alpha-3.
    words : Words
        The language.

    Returns
    -------
    bytes, str
        The PNG and its alt text.
    """
    mark = mark_of(table, words)
    west, south, east, north = outlines()[code].bounds
    size = max(east - west, 1.35 * (north - south), 14.0)
    x, y = (west + east) / 2, (south + north) / 2
    picture, axes = _map((x - 1.25 * size, y - 0.42 * size, x + 1.25 * size, y + 0.42 * size), {code: PALETTE[0]})
    if max(east - west, north - south) < 2.5:
        axes.plot(x, y, "o", markersize=26, markerfacecolor="none", markeredgecolor=PALETTE[0], markeredgewidth=2)
    _name_neighbours(axes, code, words)
    return finish(picture, mark), words("alt.map", country=words.country(code))


def _name_neighbours(axes: Axes, code: str, words: Words) -> None:
    """Write the names of the larger neighbours where they cover neither the country nor each other."""
    west, east = axes.get_xlim()
    south, north = axes.get_ylim()
    frame, taken = shapely.box(west, south, east, north), [outlines()[code]]
    shown = {other: shapely.intersection(land, frame) for other, land in outlines().items() if other in code_list("area").codes}
    for other, land in sorted(shown.items(), key=lambda item: -item[1].area):
        if other == code or land.area < 0.004 * frame.area:
            continue
        text = wrapped(words.country(other), 14)
        lines = text.split("\n")
        tall, wide = 0.075 * (north - south) * len(lines), 0.0105 * (east - west) * max(map(len, lines))
        at = max(getattr(land, "geoms", [land]), key=lambda part: part.area).representative_point()
        room = shapely.box(at.x - wide / 2, at.y - tall / 2, at.x + wide / 2, at.y + tall / 2)
        if frame.contains(room) and not any(room.intersects(other_room) for other_room in taken):
            taken.append(room)
            axes.text(at.x, at.y, text, fontsize=SMALLEST, color=MUTED, ha="center", va="center", linespacing=1.0)


def flows(table: PublishableTable, code: str, words: Words) -> Picture:
    """
    Draw who was detected in a country by citizenship: a disc at each country of citizenship, its area by the number, and an arc.

    Parameters
    ----------
    table : PublishableTable
        ``counterpart_area`` (citizenship) with ``count_low`` and ``count_high``; others than those on the map are left to the table.
    code : str
        Country of detection.
    words : Words
        The language.

    Returns
    -------
    bytes, str
        The PNG and its alt text.
    """
    rows = [row for row in rows_of(table) if is_on_map(row["counterpart_area"]) and row["count_high"] > 0]
    rows = sorted(rows, key=lambda row: -row["count_high"])[:_MOST_NAMED]
    shown = {row["counterpart_area"]: PALETTE[0] for row in rows if row["counterpart_area"] != code}
    west, south, east, north = extent = _around([code, *shown])
    height = min(4.4, max(2.2, (1 - 2 * _MARGIN) * WIDTH * (north - south) / (east - west)))
    picture, axes = _map(extent, dict.fromkeys(shown, "#b9d6db") | {code: "#f3d3bd"}, height)
    picture.set_layout_engine("none")
    axes.set_position((_MARGIN, 0.01, 1 - 2 * _MARGIN, 0.98))
    most = max(_LARGEST, *(row["count_high"] for row in rows))
    target = place(code)
    for row in rows:
        at, known = place(row["counterpart_area"]), row["count_low"] == row["count_high"]
        own = row["counterpart_area"] == code
        colour = PALETTE[1] if own else PALETTE[0]
        if not own:
            bend = 0.22 if at[0] < target[0] else -0.22
            line = {"linewidth": 0.8 + 2.6 * (row["count_high"] / most) ** 0.5, "alpha": 0.55, "linestyle": "-" if known else (0, (2, 1.5))}
            axes.add_patch(
                FancyArrowPatch(at, target, arrowstyle="-|>", mutation_scale=9, connectionstyle=f"arc3,rad={bend}", color=colour, **line)
            )
        diameter = 4 + 16 * (row["count_high"] / most) ** 0.5
        face = colour if known else "white"
        axes.plot(*at, "s" if own else "o", markersize=diameter, color=colour, markerfacecolor=face, alpha=0.85, markeredgewidth=1.2)
    _name_places(axes, rows, code, words)
    spoken = [(words.country(row["counterpart_area"]), numbers.part(row, words)) for row in rows]
    return finish(picture, mark_of(table, words)), words("alt.flows", country=words.country(code), items=said(spoken, words))


def _name_places(axes: Axes, rows: Sequence[Row], code: str, words: Words) -> None:
    """Write names and numbers left and right of the map, by latitude, each joined to its place."""
    west, east = axes.get_xlim()
    south, north = axes.get_ylim()
    places = {row["counterpart_area"]: place(row["counterpart_area"]) for row in rows}
    middle = float(np.median([x for x, _ in places.values()]))
    sides: dict[bool, list[Row]] = {True: [], False: []}
    for row in sorted(rows, key=lambda row: places[row["counterpart_area"]][1]):
        sides[places[row["counterpart_area"]][0] <= middle].append(row)
    for is_left, held in sides.items():
        gap = (north - south) * 0.105
        levels = [max(places[row["counterpart_area"]][1], south + gap / 2) for row in held]
        for i in range(1, len(levels)):
            levels[i] = max(levels[i], levels[i - 1] + gap)
        over = max(0.0, levels[-1] - (north - gap / 2)) if levels else 0.0
        for i in range(len(levels) - 1, -1, -1):
            levels[i] = min(levels[i], levels[i + 1] - gap if i + 1 < len(levels) else levels[i] - over)
        for row, y in zip(held, levels, strict=True):
            x = west if is_left else east
            at = places[row["counterpart_area"]]
            own = row["counterpart_area"] == code
            axes.plot([x, at[0]], [y, at[1]], color=MUTED, linewidth=0.5, alpha=0.7)
            text = f"{wrapped(words.country(row['counterpart_area']), 18)} {numbers.part(row, words)}"
            axes.annotate(
                text,
                (x, y),
                (-4 if is_left else 4, 0),
                textcoords="offset points",
                ha="right" if is_left else "left",
                va="center",
                fontsize=SMALL,
                color=INK,
                weight="bold" if own else "normal",
                annotation_clip=False,
            )


def _around(codes: Sequence[str]) -> Extent:
    """Return the part of the map that holds some countries."""
    bounds = np.array([outlines()[code].intersection(_near(place(code))).bounds for code in codes])
    west, south = (float(edge) for edge in bounds[:, :2].min(axis=0))
    east, north = (float(edge) for edge in bounds[:, 2:].max(axis=0))
    pad = 0.06 * max(east - west, north - south, 8.0)
    return west - pad, south - pad, east + pad, north + pad


def _near(at: tuple[float, float]) -> shapely.Polygon:
    """Return the surroundings of a point: of a vast country only what lies around its middle is sure to be shown."""
    return shapely.box(at[0] - 18, at[1] - 16, at[0] + 18, at[1] + 16)


def _map(extent: Extent, coloured: dict[str, str], height: float = 2.1) -> tuple[Figure, Axes]:
    west, south, east, north = extent
    picture, (axes,) = canvas(height)
    patches, colours = [], []
    for code, land in outlines().items():
        a, b, c, d = land.bounds
        if c < west or a > east or d < south or b > north:
            continue
        for polygon in land.geoms:
            rings = [np.asarray(ring.coords) for ring in (polygon.exterior, *polygon.interiors)]
            patches.append(PathPatch(Path.make_compound_path(*(Path(ring, closed=True) for ring in rings))))
            colours.append(coloured.get(code, _LAND))
    axes.add_patch(Rectangle((west, south), east - west, north - south, color=_SEA, linewidth=0, zorder=0))
    axes.add_collection(PatchCollection(patches, facecolors=colours, edgecolors=_BORDER, linewidths=0.6))
    axes.set_xlim(west, east)
    axes.set_ylim(south, north)
    axes.set_aspect("equal", adjustable="box")
    axes.set_axis_off()
    return picture, axes
