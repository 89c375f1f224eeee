"""The typeface of the pages: faces cut down to the letters of the four languages, small enough to stand within each page."""

from __future__ import annotations

import io
from base64 import b64encode
from functools import cache
from pathlib import Path

_FACES = {400: "Regular", 700: "Bold"}
_LETTERS = (
    *range(0x20, 0x7F),
    *range(0xA0, 0x180),
    *range(0x2010, 0x2027),
    *(0x202F, 0x2030, 0x2039, 0x203A, 0x20AC, 0x2190, 0x2191, 0x2192, 0x2193, 0x2212, 0x2248, 0x2260, 0x2264, 0x2265),
)
_FEATURES = ["kern", "tnum", "lnum", "locl", "mark"]


def folder() -> Path:
    """Return the folder of the typeface's files."""
    import font_source_sans_pro

    return Path(font_source_sans_pro.__file__).parent / "files"


@cache
def rules() -> str:
    """Return the CSS that holds the faces, the same bytes whenever it is made; half a second once a process."""
    return "\n".join(
        f'@font-face {{ font-family: "Source Sans Pro"; font-weight: {weight}; font-display: swap; '
        f"src: url(data:font/woff;base64,{b64encode(_cut(name)).decode('ascii')}) format('woff'); }}"
        for weight, name in _FACES.items()
    )


def _cut(name: str) -> bytes:
    from fontTools import subset
    from fontTools.ttLib import TTFont

    face = TTFont(folder() / f"SourceSansPro-{name}.ttf", recalcTimestamp=False)
    options = subset.Options(layout_features=_FEATURES, hinting=False, name_IDs=[0, 1, 2, 13, 14])  # its licence goes with it
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=_LETTERS)
    cutter.subset(face)
    face.flavor = "woff"
    written = io.BytesIO()
    face.save(written)
    return written.getvalue()
