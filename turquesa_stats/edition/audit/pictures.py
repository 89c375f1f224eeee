"""Pictures measured: bars against the labelled ones, and what is written into the files."""

from __future__ import annotations

import io
import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from lxml import etree  # type: ignore[import-untyped]
from PIL import Image
from scipy import ndimage

from turquesa_stats.present.style import PALETTE

_CLOSE = 16  # difference of a colour channel that the mark across a figure makes
_SHARP = 1.2  # pixels or units by which a bar's end can be off
_MOST_LOST = 8.0  # pixels that a bar's pale edges take
_SILENT_CHUNKS = {"dpi", "gamma", "srgb", "icc_profile", "transparency", "interlace", "chromaticity", "aspect", "background"}
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e-?\d+)?")
Place = tuple[str, int]  # side and position along the axis
Ends = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of a chart: its colour, where it lies across the bars, and how long it is."""

    colour: str
    y: float
    length: float


def texts_in(kind: str, data: bytes) -> list[tuple[str, str]]:
    """Return the texts that a picture's file holds: chunks of a PNG; words, titles and comments of an SVG."""
    if kind == "image/svg+xml":
        root = etree.fromstring(data, parser=etree.XMLParser(resolve_entities=False, huge_tree=True))
        found = [("comment in a picture", (one.text or "").strip()) for one in root.iter(etree.Comment)]
        for one in root.iter(etree.Element):
            name = etree.QName(one).localname
            if (one.text or "").strip() and name != "style":
                found.append((f"{name} in a picture", " ".join((one.text or "").split())))
            found += [(f"{key} in a picture", value) for key, value in one.attrib.items() if key.startswith("data-") or key == "aria-label"]
        return found
    with Image.open(io.BytesIO(data)) as picture:
        picture.load()
        info = {str(key): str(value) for key, value in picture.info.items() if str(key).lower() not in _SILENT_CHUNKS}
        info |= {f"EXIF {key}": str(value) for key, value in picture.getexif().items()}
    return [(f"{key} in a picture", value) for key, value in info.items()]


def bars_in(kind: str, data: bytes) -> list[Bar]:
    """
    Return the bars of a chart: solid rectangles of one colour that begin on a common line.

    Parameters
    ----------
    kind : str
        Media type.
    data : bytes
        The picture.
    """
    boxes = _boxes_of_svg(data) if kind == "image/svg+xml" else _boxes_of_pixels(data)
    found = []
    for colour in sorted({colour for colour, *_ in boxes}):
        of_colour = [(left, right, top, bottom) for one, left, right, top, bottom in boxes if one == colour]
        common = [Counter(round(box[edge]) for box in of_colour).most_common(1)[0] for edge in (0, 1)]
        edge = 0 if common[0][1] >= common[1][1] else 1
        aligned = [box for box in of_colour if abs(box[edge] - common[edge][0]) <= _SHARP]
        thickness = float(np.median([bottom - top for _, _, top, bottom in aligned]))
        alike = [box for box in aligned if abs(box[3] - box[2] - thickness) <= max(2.0, 0.15 * thickness)]
        found += [Bar(colour, (top + bottom) / 2, right - left) for left, right, top, bottom in alike]
    return found


def _boxes_of_pixels(data: bytes) -> list[tuple[str, float, float, float, float]]:
    with Image.open(io.BytesIO(data)) as picture:
        pixels = np.asarray(picture.convert("RGB"), dtype=int)
    found = []
    for colour in PALETTE[:2]:
        wanted = np.array([int(colour[place : place + 2], 16) for place in (1, 3, 5)])
        mask = (np.abs(pixels - wanted) <= _CLOSE).all(axis=2)
        parts, _ = ndimage.label(mask)
        for number, (rows, columns) in enumerate(ndimage.find_objects(parts), start=1):
            height, width = rows.stop - rows.start, columns.stop - columns.start
            if height >= 14 and (parts[rows, columns] == number).mean() > 0.9 and width >= 2:
                found.append((colour, float(columns.start), float(columns.stop), float(rows.start), float(rows.stop)))
    return found


def _boxes_of_svg(data: bytes) -> list[tuple[str, float, float, float, float]]:
    root = etree.fromstring(data, parser=etree.XMLParser(resolve_entities=False, huge_tree=True))
    found = []
    for one in root.iter(etree.Element):
        colour = _fill(one)
        box = _rectangle(one)
        if box is not None and colour not in {"none", "white", "#ffffff", "#fff"}:
            found.append((colour, *box))
    return found


def _fill(element: etree._Element) -> str:
    for one in (element, *element.iterancestors()):
        styled = re.search(r"fill:\s*([^;]+)", one.get("style", ""))
        said = styled[1].strip() if styled else one.get("fill", "")
        if said:
            return said.lower()
    return "black"


def _rectangle(element: etree._Element) -> tuple[float, float, float, float] | None:
    name = etree.QName(element).localname
    if name == "rect":
        x, y, width, height = (float(_NUMBER.findall(element.get(key, "0"))[0]) for key in ("x", "y", "width", "height"))
        return x, x + width, y, y + height
    drawn = element.get("d", "") if name == "path" else ""
    if not drawn or re.search(r"[^MLHVZz\d\s.,e-]", drawn):
        return None
    values = [float(number) for number in _NUMBER.findall(drawn)]
    if re.search(r"[HV]", drawn) or len(values) not in {8, 10}:
        return None
    xs, ys = values[::2], values[1::2]
    if len({round(x, 3) for x in xs}) != 2 or len({round(y, 3) for y in ys}) != 2:
        return None
    return min(xs), max(xs), min(ys), max(ys)


def hidden_lengths(bars: Sequence[Bar], shown: Mapping[Place, float], places: Sequence[int], sides: Mapping[str, str]) -> dict[Place, Ends]:
    """
    Return the counts that bars without a printed number have, measured against those with one.

    Parameters
    ----------
    bars : sequence of Bar
        As drawn.
    shown : mapping
        (side, position) -> printed count.
    places : sequence of int
        Positions there are along the axis.
    sides : mapping
        Colour -> side.

    Returns
    -------
    dict
        (side, position) -> (lowest, highest count); empty where every bar has its number.

    Raises
    ------
    ValueError
        If there are more bars than numbers but no scale on which the numbered ones fit.
    """
    printed = {place: count for place, count in shown.items() if count > 0}
    known = [bar for bar in bars if bar.colour in sides]
    if len(known) <= len(printed):
        return {}
    ys = sorted({round(bar.y, 1) for bar in known})
    gaps = [after - before for before, after in pairwise(ys) if after - before > 3]
    step, first = min(gaps, default=1.0), ys[0]
    for turn in (-1, 1):
        for start in places:
            found = {(sides[bar.colour], start + turn * round((bar.y - first) / step)): bar.length for bar in known}
            scale = _scale(found, printed) if set(printed) <= set(found) else None
            if scale is not None and all(place in places for _, place in found):
                rest = {place: length for place, length in found.items() if place not in printed}
                return {place: _count(length, *scale) for place, length in rest.items()}
    raise ValueError(f"{len(known)} bars, {len(printed)} numbers")


def _count(length: float, scale: float, lost: float) -> Ends:
    return max(0, math.ceil((length - lost - _SHARP) / scale)), max(0, math.floor((length - lost + _SHARP) / scale))


def _scale(lengths: Mapping[Place, float], printed: Mapping[Place, float]) -> tuple[float, float] | None:
    """Return length a count and the length lost to the bars' edges, if one straight line fits all numbered bars."""
    if not printed:
        return None
    counts, sizes = np.array(list(printed.values())), np.array([lengths[place] for place in printed])
    scale, lost = np.polyfit(counts, sizes, 1) if len(set(counts)) > 1 else (sizes[0] / counts[0], 0.0)
    fits = scale > 0 and -_MOST_LOST <= lost <= _SHARP and bool(np.all(np.abs(scale * counts + lost - sizes) <= 2 * _SHARP))
    return (float(scale), float(lost)) if fits else None
