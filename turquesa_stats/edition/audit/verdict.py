"""The verdict: which hidden cells fall, by what and where, how narrow the others are, and what was not understood."""

from __future__ import annotations

import json
import math
import multiprocessing
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path

import pandas as pd

from turquesa_stats.disclosure.attack import Found, How, attack, falls
from turquesa_stats.disclosure.statement_bounds import Statement
from turquesa_stats.edition.audit import comparisons, statements
from turquesa_stats.edition.audit.attribution import cells_named, given_away
from turquesa_stats.edition.audit.changes import found_by_comparing
from turquesa_stats.edition.audit.downloads import Row
from turquesa_stats.edition.audit.files import Heard, bundles, hear
from turquesa_stats.edition.audit.readings import RECORD_KEY, Reading, Readings
from turquesa_stats.edition.audit.rounding import unrounded
from turquesa_stats.edition.audit.statements import REST, Book, k_of
from turquesa_stats.errors import DisclosureRefused

_DO = {
    How.LEAK: "take the number out of this place, or hide it there too",
    How.SUBTRACTION: "hide one more part of the same sum, or its total or n",
    How.INTERVAL: "hide or round one more number of the same table, or its n",
    How.DIFFERENCE: "hide the cell in the other period, area or edition too, or one more part of both",
}


_NO_NUMBER = re.compile(r"https?://\S+|\b(19|20)\d{2}\b|\b\d{6,}\b")  # in a citation: addresses, years, seeds


@dataclass(frozen=True, slots=True)
class Fall:
    """A hidden cell that a reader finds: the place that gives it away or hides it, what is known of it, and what to do."""

    cell: str
    low: float
    high: float
    how: How
    k: int
    document: str
    place: str
    do: str


@dataclass(slots=True)
class Verdict:
    """
    What the audit found.

    Attributes
    ----------
    falls : list of Fall
        Hidden cells that are not protected.
    stands : list of Found
        Those that are, with what a reader knows of them.
    unclear : list of (file, place, text)
        Numbers and tables that the audit does not understand.
    unread : list of (file, why)
        What it could not read.
    disagreeing : list of (cell, places)
        Cells printed differently in two places, or contradicting the others.
    documents, shown : int
        How many files of documents were read, and how many cells they print.
    """

    falls: list[Fall] = field(default_factory=list)
    stands: list[Found] = field(default_factory=list)
    unclear: list[tuple[str, str, str]] = field(default_factory=list)
    unread: list[tuple[str, str]] = field(default_factory=list)
    disagreeing: list[tuple[str, str]] = field(default_factory=list)
    documents: int = 0
    shown: int = 0

    @property
    def passes(self) -> bool:
        """Whether nothing falls and everything was read and understood."""
        return not (self.falls or self.unclear or self.unread or self.disagreeing)

    def as_json(self) -> str:
        """Return the verdict as JSON; an infinite end is null."""

        def plain(one: Fall | Found) -> dict[str, object]:
            return {key: None if value == math.inf else value for key, value in asdict(one).items()}

        held = asdict(self) | {"passes": self.passes, "falls": [*map(plain, self.falls)], "stands": [*map(plain, self.stands)]}
        return json.dumps(held, ensure_ascii=False, indent=1) + "\n"


def audit(folder: Path, register: pd.DataFrame | None = None, jobs: int = 1) -> Verdict:
    """Attack an edition with what a reader can read of it; see :func:`examine`."""
    return examine(folder, register, jobs)[0]


def examine(folder: Path, register: pd.DataFrame | None = None, jobs: int = 1) -> tuple[Verdict, Book]:
    """
    Attack an edition with what a reader can read of it, and return also what it says, cell by cell.

    Parameters
    ----------
    folder : Path
        The rendered documents.
    register : DataFrame, optional
        Cells of earlier releases.
    jobs : int
        Processes.

    Raises
    ------
    DisclosureRefused
        If there is no document, or no page says which counts it hides.
    """
    files = bundles(folder) if folder.is_dir() else []
    heard = _hear_all(folder, files, jobs)
    documents = [one for each in heard for one in each.documents]
    if not documents:
        raise DisclosureRefused(
            f"{folder}: nothing to audit, no document is in it; give the folder that turquesa render or site wrote into"
        )
    rounded = unrounded(documents)
    book = Book.of(rounded.read)
    verdict = Verdict(documents=len(documents), shown=len(book.shown))
    verdict.unread = [one for each in heard for one in each.unread]
    verdict.unclear = [one for each in heard for one in each.unclear]
    limits = _limits(documents, book, folder)
    cited = _stray(documents, [one for each in heard for one in each.rows], book, limits, verdict)
    _printed_anyway(book, limits, verdict)
    verdict.falls += [_fall(one.cell, _ends_of(one), How.LEAK, k_of(one.cell, limits), one) for one in rounded.exact]
    verdict.disagreeing += list(rounded.differing.items())
    _attacked(book, limits, register, jobs, verdict, rounded.cells)
    verdict.falls += [one for one in cited if _may_be(one, book)]
    verdict.falls = sorted(dict.fromkeys(verdict.falls), key=lambda one: (one.cell, one.how, one.document, one.place))
    return verdict, book


def _hear_all(folder: Path, files: Sequence[Sequence[str]], jobs: int) -> list[Heard]:
    if jobs == 1 or len(files) < 4:
        return [hear(folder, names) for names in files]
    with ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("fork")) as pool:
        return list(pool.map(hear, [folder] * len(files), files, chunksize=4))


def _limits(documents: Sequence[Readings], book: Book, folder: Path) -> dict[str, int]:
    said: dict[str, int] = {}
    for one in documents:
        for name, k in one.limits.items():
            said[name] = max(k, said.get(name, 0))
    if not said and book.readings:
        raise DisclosureRefused(f"{folder}: no page says below which count it hides; the section on how a document was made must say so")
    return said


def _fall(cell: str, ends: tuple[float, float], how: How, k: int, where: Reading | tuple[str, str]) -> Fall:
    document, place = (where.document, where.place) if isinstance(where, Reading) else where
    return Fall(cell, ends[0], ends[1], how, k, document, place, _DO[how])


def _may_be(fall: Fall, book: Book) -> bool:
    """Whether a number in a citation can be the cell's count: a title may name "operation" and a number that no reader takes for it."""
    low, high = book.reached.get(fall.cell, (0.0, math.inf))
    return low <= fall.low <= high


def _stray(
    documents: Sequence[Readings], rows: Sequence[tuple[str, Row]], book: Book, limits: Mapping[str, int], verdict: Verdict
) -> list[Fall]:
    """Find out whose numbers stray texts give away, and return what citations seem to; what cannot be found out is not understood."""
    cited = []
    hidden = {place: sorted(statements.protected(*place, book)[0]) for place in list(book.labels)}
    everywhere = [cell for cells in hidden.values() for cell in cells]
    for one in documents:
        own = hidden.get((one.document.country, one.document.period.replace("/", "--")), [])
        for place, text in one.unclear:
            told = [] if RECORD_KEY.search(text) else given_away(text, own)
            verdict.falls += [
                _fall(cell, (number, number), How.LEAK, k_of(cell, limits), (one.document.path, f"{place}: {text[:80]}"))
                for cell, number in told
            ]
            verdict.unclear += [] if told else [(one.document.path, place, text[:300])]
        for place, text in one.cited:
            cited += [
                _fall(cell, (number, number), How.LEAK, k_of(cell, limits), (one.document.path, f"{place}: {text[:80]}"))
                for cell, number in given_away(_NO_NUMBER.sub(" ", text), own)
            ]
    for name, row in rows:
        _row(name, row, everywhere, book, limits, verdict)
    return cited


def _row(name: str, row: Row, hidden: Sequence[str], book: Book, limits: Mapping[str, int], verdict: Verdict) -> None:
    """A row of a download: it names its country, its period and a cell, or it is not understood."""
    text = "; ".join(f"{key}: {value}" for key, value in row.items())
    counts = {
        value for key, value in row.items() if value.replace(".0", "").isdigit() and key.casefold() not in {"year", "period", "time_period"}
    }
    if RECORD_KEY.search(text):
        verdict.unclear.append((name, "row of a record", text[:300]))
        return
    named = cells_named(row, [*hidden, *book.shown])
    for cell in (cell for cell in named if cell in set(hidden)):
        verdict.falls += [
            _fall(cell, (float(n), float(n)), How.LEAK, k_of(cell, limits), (name, f"row {text[:80]}")) for n in sorted(counts)[:1]
        ]
    if counts and not named:
        verdict.unclear.append((name, "row", text[:300]))


def _printed_anyway(book: Book, limits: Mapping[str, int], verdict: Verdict) -> None:
    """A number printed for a cell that another place hides, or one smaller than the pages say that they print."""
    for cell, every in book.readings.items():
        hidden = book.is_hidden(cell)
        for one in every:
            k = k_of(cell, limits)
            small = one.value.is_count and one.value.low < k and not cell.endswith("/n")
            if one.value.is_shown and (hidden or small or (cell.endswith("/n") and one.value.is_count and 1 <= one.value.low < k)):
                verdict.falls.append(_fall(cell, (one.value.low, one.value.high), How.LEAK, k, one))
    for cell, every in book.disagreeing().items():
        said = "; ".join(f"{one.document}, {one.place}: {one.value.low:g}" for one in every if one.value.is_shown)
        verdict.disagreeing.append((cell, said))


def _ends_of(one: Reading) -> tuple[float, float]:
    return (one.value.low, one.value.high) if math.isfinite(one.value.high) else (0.0, math.inf)


def _attacked(
    book: Book, limits: Mapping[str, int], register: pd.DataFrame | None, jobs: int, verdict: Verdict, rounded: Iterable[str] = ()
) -> None:
    hidden: set[str] = set()
    unnamed: set[str] = set(rounded)
    known = list(statements.printed(book)) + list(statements.horizons(book.readings))
    for country, period in sorted(book.labels):
        known += statements.structure(country, period, book.labels[country, period])
        more, further = statements.protected(country, period, book)
        hidden |= more
        unnamed |= further
    hidden |= {cell for cell in book.readings if book.is_hidden(cell)} - set(book.shown)
    cells = {cell for one in known for cell, _ in one.terms} | hidden
    over, between = comparisons.periods(cells)
    known += [*over, *comparisons.areas(cells)]
    if register is not None:
        before, changes = comparisons.editions(register, book.shown)
        known += before
        for one in changes:
            k = k_of(one.cell, limits)
            if one.by < k:
                where = book.readings[one.cell][0].document, f"change since {one.release}"
                verdict.falls.append(_fall(one.cell, (one.by, one.by), How.DIFFERENCE, k, where))
        verdict.falls += [
            _fall(
                one.cell,
                (one.low, one.high),
                How.DIFFERENCE,
                k_of(one.cell, limits),
                (_where(one.cell, book)[0], f"change since {one.release}"),
            )
            for one in found_by_comparing(register, book, limits)
        ]
    asked = {cell: k_of(cell, limits) for cell in sorted(hidden)}
    others = {cell: k_of(cell, limits) for cell in sorted((unnamed | between) - hidden)}
    loose = dict.fromkeys((cell for cell, (low, high) in book.shown.items() if low < high and cell not in others), 0)  # only a share
    for result, contradictions in _attack_all(known, asked, others | loose, jobs):
        for found in result:
            book.reached[found.cell] = (found.low, found.high)
            if found.cell not in loose:
                _judge(found, book, limits, verdict)
        verdict.disagreeing += [
            ("; ".join(part[:6]), f"what the pages say of {len(part)} cells cannot all be true") for part in contradictions
        ]


Result = tuple[tuple[Found, ...], tuple[tuple[str, ...], ...]]


def _attack_all(known: Sequence[Statement], asked: Mapping[str, int], others: Mapping[str, int], jobs: int) -> list[Result]:
    """Attack country by country, in processes; statements on several countries keep these together."""
    group: dict[str, str] = {}

    def root(country: str) -> str:
        while group.setdefault(country, country) != country:
            country = group[country]
        return country

    for one in known:
        first, *rest = {cell.partition("/")[0] for cell, _ in one.terms} or {""}
        for other in rest:
            group[root(other)] = root(first)
    own: dict[str, list[Statement]] = defaultdict(list)
    for one in known:
        own[root(one.terms[0][0].partition("/")[0])].append(one)
    marked: dict[str, dict[str, int]] = defaultdict(dict)
    unmarked: dict[str, dict[str, int]] = defaultdict(dict)
    for by_country, cells in ((marked, asked), (unmarked, others)):
        for cell, k in cells.items():
            by_country[root(cell.partition("/")[0])][cell] = k
    work = [(own[name], marked[name], unmarked[name]) for name in sorted({*own, *marked, *unmarked})]
    if jobs == 1 or len(work) < 2:
        return [_attack(one) for one in work]
    with ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("fork")) as pool:
        return list(pool.map(_attack, work))


def _attack(part: tuple[list[Statement], dict[str, int], dict[str, int]]) -> Result:
    result = attack(*part)
    return result.found, result.contradictions


def _judge(found: Found, book: Book, limits: Mapping[str, int], verdict: Verdict) -> None:
    k = k_of(found.cell, limits)
    wholes = {book.shown.get(one.whole) for one in book.readings.get(found.cell, ()) if one.whole}
    n = next((ends[0] for ends in wholes if ends is not None and ends[0] == ends[1]), None)
    rest = n is not None and falls(n - found.high, n - found.low, k, marked=False)
    if not (found.falls or rest):
        verdict.stands.append(found)
        return
    where = _where(found.cell, book)
    verdict.falls.append(_fall(found.cell, (found.low, found.high), found.how, k, where))


def _where(cell: str, book: Book) -> tuple[str, str]:
    every: Iterable[Reading] = book.readings.get(cell, ())
    marked = next((one for one in every if one.value.hidden), None)
    if marked is not None:
        return marked.document, marked.place
    country, period, family, *_ = cell.split("/")
    one = book.first.get((country, period, {"unknown": "known", REST: "steps"}.get(family, family)))
    return (one.document, f"{one.place} (not on the page)") if one is not None else (f"{country}, {period}", "not on any page")
