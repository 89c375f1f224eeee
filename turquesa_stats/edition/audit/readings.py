"""What a page says of which cell: the codebook applied to its figures, tables, notes and sentences."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from turquesa_stats.edition.audit import written
from turquesa_stats.edition.audit.codebook import (
    ACCOUNT,
    ACCOUNT_STEP,
    COUNT_COLUMN,
    GROUPS,
    OFFICIAL,
    PAIRS,
    PUBLICATIONS,
    REASONS,
    SHARE_COLUMN,
    SINCE,
    VICTIMS,
    WHOLE,
    Publication,
    names,
    read_codes,
)
from turquesa_stats.edition.audit.record import Block, Page
from turquesa_stats.edition.audit.sentences import citations, said_in, sizes, unexplained
from turquesa_stats.edition.audit.values import NOTHING, Value, read_value, whole
from turquesa_stats.present.words import Words
from turquesa_stats.schema.codes import TOTAL
from turquesa_stats.schema.regions import countries_of, is_region

_BEHIND = "data-"
_ALTS = ("alt.dots", "alt.heat", "alt.curves", "alt.pyramid", "alt.lines", "alt.panels", "alt.funnel", "alt.upset")
_PROGRAMS = re.compile(r"^(width=device-width, initial-scale=1(\.0)?|Microsoft Word [\d.]+)$")
RECORD_KEY = re.compile(r"\b[a-z]{2}_[0-9a-f]{16}\b")


@dataclass(frozen=True, slots=True)
class Document:
    """Which document of the edition: path, language, country and period."""

    path: str
    language: str
    country: str
    period: str

    def cell(self, *codes: str) -> str:
        """Return the name of a cell: country/period/family/codes, the same in every language, report and format."""
        return "/".join((self.country, self.period.replace("/", "--"), *codes))


@dataclass(frozen=True, slots=True)
class Reading:
    """What one place says of one cell; ``whole`` is the cell that a share is of, empty where it is of none."""

    cell: str
    value: Value
    whole: str
    accused: bool
    document: str
    place: str


@dataclass(slots=True)
class Readings:
    """
    All that a document says.

    Attributes
    ----------
    read : list of Reading
        Of cells.
    unclear : list of (place, text)
        Numbers that nothing in the codebook explains.
    cited : list of (place, text)
        Sources cited, which may say anything.
    limits : dict
        Smallest counts that the page says it prints: ``k_person``, ``k_accused``; and what it says counts are rounded to the multiples of:
        ``base_person``, ``base_accused``, where it does.
    drawn : dict
        Label -> the picture of a figure.
    """

    document: Document
    read: list[Reading] = field(default_factory=list)
    unclear: list[tuple[str, str]] = field(default_factory=list)
    cited: list[tuple[str, str]] = field(default_factory=list)
    limits: dict[str, int] = field(default_factory=dict)
    drawn: dict[str, tuple[tuple[str, bytes], ...]] = field(default_factory=dict)

    def add(self, publication: Publication, codes: Sequence[str], value: Value, place: str = "") -> None:
        """Note what is said of the cell with some codes."""
        of = self._whole(publication, codes) if publication.is_share else ""
        cell = self.document.cell(publication.family, *codes)
        self.read.append(Reading(cell, value, of, publication.accused, self.document.path, place or publication.label))
        if not math.isnan(value.n) and of:
            self.read.append(Reading(of, Value(value.n, value.n), "", publication.accused, self.document.path, publication.label))

    def _whole(self, publication: Publication, codes: Sequence[str]) -> str:
        return self.document.cell(VICTIMS) if publication.family == "known" else self.whole_of(publication, codes)

    def whole_of(self, publication: Publication, codes: Sequence[str]) -> str:
        """Return the cell of all units with a known answer."""
        above = codes[:-1] if publication.family != "ages" else ()
        return self.document.cell(publication.family, *above, WHOLE)


def readings_of(page: Page, document: Document) -> Readings:
    """
    Return what a page says.

    Parameters
    ----------
    page : Page
        As read from its file.
    document : Document
        Which it is.
    """
    found = Readings(document)
    page, of_members = _members_apart(page, document)
    for country, own in of_members.items():
        heard = readings_of(own, replace(document, country=country))
        found.read += heard.read
        found.unclear += heard.unclear
        found.cited += heard.cited
    words = Words(document.language)
    label, cites, notes = "", False, " ".join(block.text for block in page.blocks if block.kind == "note")
    for place, block in enumerate(page.blocks):
        if block.kind == "table" and block.label.startswith(_BEHIND):
            _behind(block, page, found)
        elif block.kind in {"figure", "table"}:
            label = block.label
            _published(block, found)
        elif block.kind == "note":
            _note(block.text, label, found)
        else:
            cites = (cites or words.raw("made.sources") in block.text) and words.raw("made.again").partition("{")[0] not in block.text
            if cites and words.raw("made.sources") not in block.text:
                found.cited.append(("sources", block.text))
            elif block.text not in notes:
                coming = next((one.label for one in page.blocks[place:] if one.kind in {"figure", "table"}), "")
                _sentence(block.text, coming, found)
    for place_of, text in page.aside:
        if not _PROGRAMS.match(text):
            _explain(text, place_of, "text", found)
    return found


def _members_apart(page: Page, document: Document) -> tuple[Page, dict[str, Page]]:
    """
    Return a region's page without its countries' own tables, and those of each country with the note under each.

    A table of counts of a country's records has the country in its label: its cells are those of the country's own reports.
    """
    if not is_region(document.country):
        return page, {}
    left: list[Block] = []
    of: dict[str, list[Block]] = {}
    under = ""
    for block in page.blocks:
        label, _, code = block.label.rpartition("-")
        own = block.kind == "table" and code.upper() in countries_of(document.country) and label in {*PUBLICATIONS, *OFFICIAL}
        if block.kind != "note":
            under = code.upper() if own else ""
        (of.setdefault(under, []) if under else left).append(replace(block, label=label) if own else block)
    return replace(page, blocks=left), {country: replace(page, blocks=blocks, aside=[]) for country, blocks in of.items()}


def _explain(text: str, place: str, kind: str, found: Readings) -> None:
    words = Words(found.document.language)
    title = f"{words.country(found.document.country)}, {found.document.period}"
    left = unexplained(text.removesuffix(title), found.document.language, kind)
    if left or RECORD_KEY.search(text):
        found.unclear.append((place, left or text))


def _published(block: Block, found: Readings) -> None:
    if block.pictures:
        found.drawn[block.label] = block.pictures
    if block.label in OFFICIAL:
        return
    if block.label == ACCOUNT:
        _account(block, found)
        return
    if block.label in written.WRITTEN:
        unclear, sources = written.split(block, found.document.language)
        found.unclear += [(block.label, text) for text in unclear]
        found.cited += [(block.label, text) for text in sources]
        return
    publication = PUBLICATIONS.get(block.label)
    if publication is None:
        found.unclear.append((block.label or block.kind, f"{block.kind} '{block.label}' is not in the codebook of the audit"))
    elif block.kind == "figure":
        _alt(block.text, publication, found)
    elif publication.shape == "cross":
        _cross(block, publication, found)
    elif block.label.startswith(SINCE):
        _years(block, publication, found)
    else:
        _rows(block, publication, found)


def _account(block: Block, found: Readings) -> None:
    """Read how many cells are hidden by reason: only in coarse steps, as exact numbers help to tell which hidden cells are small."""
    words = Words(found.document.language)
    reasons = {words.raw(f"withheld.{reason}") for reason in REASONS}
    for row in block.rows:
        value = read_value(row[-1], words.language)
        if len(row) != 2 or row[0] not in reasons or value is None or not value.is_count or value.low % ACCOUNT_STEP:
            found.unclear.append((block.label, " | ".join(row)))


def _behind(block: Block, page: Page, found: Readings) -> None:
    """A table behind a figure says what the figure's alt text says, item by item, or it is not understood."""
    between = Words(found.document.language).raw("alt.item").replace("{name}", "").replace("{value}", "")
    figure = block.label.removeprefix(_BEHIND)
    alts = [one.text for one in page.blocks if one.kind == "figure" and one.label == f"fig-{figure}"]
    for row in block.rows:
        if not any(between.join(row).replace('"', "'") in alt for alt in alts):
            found.unclear.append((block.label, " | ".join(row)))


def _alt(text: str, publication: Publication, found: Readings) -> None:
    words = Words(found.document.language)
    for key in _ALTS:
        opening, _, closing = words.raw(key).partition("{items}")
        before, opened, items = text.partition(opening)
        if opened:
            _explain(before, f"alt text of {publication.label}", "text", found)
            items, closed, after = items.rpartition(closing)
            if not closed or after.strip():
                found.unclear.append((f"alt text of {publication.label}", after or items))
            for item in items.split("; "):
                _item(item, publication, found)
            return
    found.unclear.append((f"alt text of {publication.label}", text))


def _item(item: str, publication: Publication, found: Readings) -> None:
    language = found.document.language
    between = Words(language).raw("alt.item").replace("{name}", "").replace("{value}", "")
    name, _, text = item.partition(between) if publication.shape == "curves" else item.rpartition(between)
    if publication.shape == "curves":
        outcome = read_codes(name, publication.axes[:1], language)
        points = [re.fullmatch(r"(\d+): (.+)", point) for point in text.split(", ")]
        for point in points:
            value = read_value(point[2], language) if point else None
            if outcome is None or point is None or value is None:
                found.unclear.append((publication.label, item))
            else:
                found.add(publication, (*outcome, point[1].zfill(3)), value)
        return
    named, value = read_codes(name, publication.axes, language), read_value(text, language)
    if text.strip() == NOTHING:
        return
    if named is None or value is None:
        found.unclear.append((publication.label, item))
    else:
        found.add(publication, publication.codes(named), value)


def _cross(block: Block, publication: Publication, found: Readings) -> None:
    language = found.document.language
    across = [read_codes(name, publication.axes[1:], language) for name in block.header[1:]]
    for row in block.rows:
        down = read_codes(row[0], publication.axes[:1], language)
        for text, column in zip(row[1:], across, strict=False):
            value = read_value(text, language)
            if text == NOTHING:
                continue
            if down is None or column is None or value is None or len(row) != len(block.header):
                found.unclear.append((publication.label, " | ".join(row)))
            else:
                found.add(publication, publication.codes((*down, *column)), value)


def _years(block: Block, publication: Publication, found: Readings) -> None:
    """Read a table of two years: each is the heading of its column, and the last column is the ratio of what stands in the two."""
    document = found.document
    years = [name for name in block.header[1:-1] if re.fullmatch(r"\d{4}", name)]
    for row in block.rows:
        named = read_codes(row[0], publication.axes, document.language)
        values = [read_value(text, document.language) for text in row[1:-1]]
        if named is None or None in values or len(years) != len(block.header) - 2 or len(row) != len(block.header):
            found.unclear.append((publication.label, " | ".join(row)))
            continue
        codes = () if publication.family == VICTIMS else publication.codes(named)
        for year, value in zip(years, values, strict=True):
            if value is not None:
                of_year = Readings(replace(document, period=year))
                of_year.add(publication, codes, value)
                found.read += of_year.read


def _rows(block: Block, publication: Publication, found: Readings) -> None:
    words = Words(found.document.language)
    wanted = {words.raw(columns[publication.family]) for columns in (COUNT_COLUMN, SHARE_COLUMN) if publication.family in columns}
    for row in block.rows:
        named = read_codes(row[0], publication.axes, words.language)
        values = [read_value(text, words.language) for name, text in zip(block.header, row, strict=False) if name in wanted]
        if named is None or not values or None in values or len(row) != len(block.header):
            found.unclear.append((publication.label, " | ".join(row)))
            continue
        for value in values:
            if value is not None:
                found.add(publication, publication.codes(named), value)


def _note(text: str, label: str, found: Readings) -> None:
    document = found.document
    _explain(text, f"note under {label}", "note", found)
    found.cited.append((f"note under {label}", citations(text, document.language)))
    publication, said = PUBLICATIONS.get(label), sizes(text, document.language)
    if publication is None or not said:
        return
    if re.fullmatch(r"[\d.,\u202f\u00a0]+", said):
        above = (publication.first,) if publication.first else (TOTAL,) if publication.label == "tbl-attrition-sex" else ()
        if publication.family in {"known", "outcomes"}:
            cell = document.cell(VICTIMS) if publication.family == "known" else document.cell("steps", TOTAL, WHOLE)
        else:
            cell = document.cell(publication.family, *above, WHOLE)
        found.read.append(Reading(cell, _exactly(said), "", publication.accused, document.path, f"note under {label}"))
        return
    of_group = names("group", document.language)
    for part in said.split(", "):
        name, _, size = part.rpartition(" ")
        group = of_group.get(name.casefold())
        if group is None or group not in GROUPS or not re.fullmatch(r"[\d.,\u202f\u00a0]+", size):
            found.unclear.append((f"note under {label}", f"n = {said}"))
        else:
            cell = document.cell(publication.family, group, WHOLE)
            found.read.append(Reading(cell, _exactly(size), "", publication.accused, document.path, f"note under {label}"))


def _exactly(text: str) -> Value:
    return Value(whole(text), whole(text))


def _sentence(text: str, coming: str, found: Readings) -> None:
    document, place = found.document, f"sentence: {text[:60]}"
    _explain(text, "sentence", "text", found)
    for said in said_in(text, document.language):
        places = said.places
        match said.key:
            case "victims.cases":
                _direct((VICTIMS,), _exactly(places["count"]), False, place, found)
            case "victims.cases_hidden":
                _direct((VICTIMS,), Value(hidden=True), False, place, found)
            case "cohort.text":
                for codes, name in (((TOTAL, WHOLE), "count"), ((TOTAL, "ENDED"), "ended"), ((TOTAL, "CONVICTED"), "convicted")):
                    _direct(("steps", *codes), _exactly(places[name]), True, place, found)
            case "association.text":
                _direct(("association", WHOLE), _exactly(places["n"]), False, place, found)
            case "association.counts":
                for name, codes in PAIRS.items():
                    _direct(("association", *codes), _exactly(places[name]), False, place, found)
            case "made.disclosure" | "made.rounded_victims" | "made.rounded_accused":
                _limits(places, found)
            case _:
                _largest(places, coming, found)


def _limits(places: Mapping[str, str], found: Readings) -> None:
    """Note which counts are said to be hidden, and to what those of the same persons are said to be rounded."""
    limits = {name: whole(places[name]) for name in ("k_person", "k_accused") if name in places}
    found.limits |= limits
    if "base" in places:
        found.limits |= {name.replace("k_", "base_"): whole(places["base"]) for name in limits}


def _direct(codes: Sequence[str], value: Value, accused: bool, place: str, found: Readings) -> None:
    found.read.append(Reading(found.document.cell(*codes), value, "", accused, found.document.path, place))


def _largest(places: dict[str, str], coming: str, found: Readings) -> None:
    publication = PUBLICATIONS.get(coming)
    if publication is None:
        return
    for name, share in _pairs(places):
        named, value = read_codes(name, publication.axes, found.document.language), read_value(share, found.document.language)
        if named is None or value is None:
            found.unclear.append(("sentence", f"{name}, {share}"))
        else:
            found.add(publication, publication.codes(named), value, f"sentence before {coming}")


def _pairs(places: dict[str, str]) -> Iterable[tuple[str, str]]:
    if "share" in places:
        return [(places["name"], places["share"])]
    return [(places["first"], places["first_share"]), (places["second"], places["second_share"])]
