"""
The typeface of the pages: ``python -m design.typeface`` cuts Source Sans Pro down to the letters of the four languages.

The faces (18 KB each) stand within every page: it looks the same everywhere and asks no other machine for anything. The licence of the
original (SIL Open Font License) reserves its name for it: the cut faces have another, and keep the notice of the licence.
"""

from __future__ import annotations

import io
from pathlib import Path

import font_source_sans_pro
from fontTools import subset
from fontTools.ttLib import TTFont

TEMPLATES = Path(__file__).resolve().parent.parent / "turquesa_stats/render/templates"
FAMILY = "Turquesa Sans"
_FACES = {"regular": "Regular", "bold": "Bold"}
_LETTERS = (
    *range(0x20, 0x7F),
    *range(0xA0, 0x180),
    *range(0x2010, 0x2027),
    *(0x202F, 0x2030, 0x2039, 0x203A, 0x20AC, 0x2190, 0x2191, 0x2192, 0x2193, 0x2212, 0x2248, 0x2260, 0x2264, 0x2265),
)
_FEATURES = ["kern", "tnum", "lnum", "locl", "mark"]
_NAMED = {1: FAMILY, 4: FAMILY, 6: FAMILY.replace(" ", ""), 16: FAMILY}


def cut(name: str) -> bytes:
    """Return a face cut down, the same bytes whenever it is made."""
    face = TTFont(Path(font_source_sans_pro.__file__).parent / "files" / f"SourceSansPro-{name}.ttf", recalcTimestamp=False)
    cutter = subset.Subsetter(subset.Options(layout_features=_FEATURES, hinting=False, name_IDs=[0, 1, 2, 4, 6, 13, 14]))
    cutter.populate(unicodes=_LETTERS)
    cutter.subset(face)
    for record in face["name"].names:
        record.string = _NAMED.get(record.nameID, record.toUnicode())
    face.flavor = "woff"
    written = io.BytesIO()
    face.save(written)
    return written.getvalue()


if __name__ == "__main__":
    for weight, name in _FACES.items():
        (TEMPLATES / f"turquesa-sans-{weight}.woff").write_bytes(cut(name))
