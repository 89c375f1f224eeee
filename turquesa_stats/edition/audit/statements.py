"""The statements that a reader can write down about the cells of an edition: parts and wholes, periods, areas, earlier editions."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise

from turquesa_stats.disclosure.attack import counts_printed_as
from turquesa_stats.disclosure.statement_bounds import Statement
from turquesa_stats.edition.audit.activities import activities, between_steps
from turquesa_stats.edition.audit.codebook import (
    BANDS,
    BY_GROUP,
    FIELDS,
    GROUPS,
    OUTCOMES,
    PAIRS,
    PUBLICATIONS,
    SEVERAL_ANSWERS,
    SEXES,
    SINGLE_ANSWER,
    STEPS,
    TOGETHER,
    VICTIMS,
    WHOLE,
    cells_of,
    possible_codes,
)
from turquesa_stats.edition.audit.readings import Reading
from turquesa_stats.schema.codes import TOTAL, code_list

_HALF = Fraction(1, 200)  # half of the last printed place of a per cent
_MINORS = BANDS[:2]
_NO_SEX = "_U"
REST = "unreached"  # family of those who did not reach a step
_ACCUSED = (
    *("steps", "outcomes", "sentences", "requests", "directions", "request_times", "compensation", "linked_tip", "linked_som", REST),
    *("structure_tip", "structure_som", "roles_tip", "roles_som", "reviews"),
)


@dataclass(slots=True)
class Book:
    """
    What an edition says, cell by cell.

    Attributes
    ----------
    readings : dict
        Cell -> all places that say something of it.
    shown : dict
        Cell -> (lowest, highest) count printed, where a number is printed.
    labels : dict
        (country, period) -> labels of the figures and tables seen.
    first : dict
        (country, period, family) -> the first place that says something of it.
    reached : dict
        Cell without a printed count -> its ends as the attack found them, once it is over.
    """

    readings: dict[str, list[Reading]] = field(default_factory=lambda: defaultdict(list))
    shown: dict[str, tuple[float, float]] = field(default_factory=dict)
    labels: dict[tuple[str, str], set[str]] = field(default_factory=lambda: defaultdict(set))
    first: dict[tuple[str, str, str], Reading] = field(default_factory=dict)
    reached: dict[str, tuple[float, float]] = field(default_factory=dict)

    @classmethod
    def of(cls, readings: Iterable[Reading]) -> Book:
        """Return the book of all readings."""
        book = cls()
        for one in readings:
            book.readings[one.cell].append(one)
            country, period, family, *_ = one.cell.split("/")
            if one.place in PUBLICATIONS:
                book.labels[country, period].add(one.place)
                book.first.setdefault((country, period, family), one)
            if one.value.is_shown:
                low, high = book.shown.get(one.cell, (0.0, math.inf))
                book.shown[one.cell] = max(low, one.value.low), min(high, one.value.high)
        return book

    def is_hidden(self, cell: str) -> bool:
        """Whether a page prints the word for hidden there."""
        return any(one.value.hidden for one in self.readings.get(cell, ()))

    def disagreeing(self) -> dict[str, list[Reading]]:
        """Return the cells of which places print different counts."""
        return {cell: self.readings[cell] for cell, (low, high) in self.shown.items() if low > high}


def k_of(cell: str, limits: Mapping[str, int]) -> int:
    """Return the smallest count that may be printed of a cell, as the pages say."""
    return limits["k_accused" if cell.split("/")[2] in _ACCUSED else "k_person"]


def printed(book: Book) -> Iterator[Statement]:
    """Yield what is printed of each cell: its count, and its share of a whole; the whole first, as a share needs it."""
    for cell, (low, high) in book.shown.items():
        if low <= high and (low > 0 or math.isfinite(high)):
            yield Statement.of({cell: 1}, int(low), int(high) if math.isfinite(high) else None)
    for cell, every in book.readings.items():
        for one in every:
            if one.value.hidden and math.isfinite(one.value.high):
                yield Statement.of({cell: 1}, int(one.value.low), int(one.value.high))
            if one.whole and not math.isnan(one.value.share):
                yield from _shares(one, book)
            elif "/outcomes/" in cell and not math.isnan(one.value.share):
                most = Fraction(round(100 * one.value.share), 100) + _HALF  # with persons still pending, the curve lies above the share
                yield Statement.of({cell: 1, _cohort(cell): -most}, None, 0)


def _cohort(cell: str) -> str:
    return "/".join((*cell.split("/")[:2], "steps", TOTAL, WHOLE))


def _shares(one: Reading, book: Book) -> Iterator[Statement]:
    share = Fraction(round(100 * one.value.share), 100)
    yield Statement.of({one.cell: 1, one.whole: -(share - _HALF)}, 0, None)
    yield Statement.of({one.cell: 1, one.whole: -(share + _HALF)}, None, 0)
    count, n = book.shown.get(one.cell, (0.0, math.inf)), book.shown.get(one.whole, (0.0, math.inf))
    if n[0] == n[1]:
        count = count[0], min(count[1], n[1])
    elif count[0] == count[1] and share > _HALF:
        n = count[0], math.ceil(count[0] / float(share - _HALF)) + 1.0
    else:
        return
    if count[0] > count[1] or not math.isfinite(n[1]):
        return
    ends = counts_printed_as(one.value.share, one.value.share_low, one.value.share_high, count, n)
    if ends is not None:
        for cell, (low, high) in zip((one.cell, one.whole), ends, strict=True):
            yield Statement.of({cell: 1}, int(low), int(high))


@dataclass(frozen=True, slots=True)
class _Place:
    """The cells of one country and period."""

    country: str
    period: str

    def __call__(self, *codes: str) -> str:
        return "/".join((self.country, self.period, *codes))


def structure(country: str, period: str, labels: set[str]) -> Iterator[Statement]:
    """
    Yield how the cells of a country and period hang together, for the figures and tables that are there.

    Parameters
    ----------
    country, period : str
        Which.
    labels : set of str
        Labels seen.
    """
    at = _Place(country, period)
    families = {PUBLICATIONS[label].family for label in labels}
    yield from _wholes(at, families)
    if {"groups", "ages"} <= families:
        yield from _ages_and_groups(at)
    for family in BY_GROUP:
        if family in families:
            yield from _by_group(at, family)
    if {"steps", "outcomes", "sentences"} & families:
        yield from _justice(at, families)
    yield from activities(at, families)


def _wholes(at: _Place, families: set[str]) -> Iterator[Statement]:
    for family, axis in SINGLE_ANSWER.items():
        if family in families:
            yield _sum([at(family, code) for code in possible_codes(axis)], at(family, WHOLE))
            yield _no_more(at(family, WHOLE), at(VICTIMS))
    for family, axis in SEVERAL_ANSWERS.items():
        if family in families:
            first = (TOTAL,) if family in BY_GROUP else ()
            yield from _several([at(family, *first, code) for code in possible_codes(axis)], at(family, *first, WHOLE))
            yield _no_more(at(family, *first, WHOLE), at(VICTIMS))
    if "ages" in families:
        yield _sum([at("ages", sex, band) for sex in SEXES for band in BANDS], at("ages", WHOLE))
        yield _no_more(at("ages", WHOLE), at(VICTIMS))
    if "means" in families:  # adults: women, men, or of a group that is not known
        yield Statement.of(
            {at("means", WHOLE): 1, at("groups", "WOMEN"): -1, at("groups", "MEN"): -1, at(VICTIMS): -1, at("groups", WHOLE): 1}, None, 0
        )
        yield from _association(at)
        yield from _together(at)
    if "known" in families:
        yield from _known(at, families)


def _association(at: _Place) -> Iterator[Statement]:
    """Yield that adults whose means and purpose are known are deceived or not, and in sexual exploitation or not."""
    pair = {codes: at("association", *codes) for codes in PAIRS.values()}
    yield _sum([*pair.values()], at("association", WHOLE))
    yield _no_more(at("association", WHOLE), at("means", WHOLE))
    deceived, others = ({pair[answer, other]: 1 for other in ("Y", "N")} for answer in ("Y", "N"))
    yield Statement.of(deceived | {at("means", "MNS_DECEPTION"): -1}, None, 0)
    yield Statement.of(others | {at("means", "MNS_DECEPTION"): 1, at("means", WHOLE): -1}, None, 0)
    yield Statement.of({pair["Y", "Y"]: 1, pair["N", "Y"]: 1, at("exploitation", TOTAL, "PUR_SEXUAL"): -1}, None, 0)


def _together(at: _Place) -> Iterator[Statement]:
    """Yield that a means is of a kind: no more persons have it than the kind, and whoever has the kind has one of its means at least."""
    yield Statement.of({at("together", WHOLE): 1, at("means", WHOLE): -1}, 0, 0)
    kind_of = {code: kind for code, kind in code_list("means").column("kind").items() if kind}
    for kind in dict.fromkeys(kind_of.values()):
        having = {at("together", one): 1 for one in TOGETHER if kind in one.split("+")}
        means = [at("means", code) for code, of in kind_of.items() if of == kind]
        if kind != "OTHER":  # other means may stand beside any kind
            yield from (Statement.of(having | {cell: -1}, 0, None) for cell in means)
        yield Statement.of(having | dict.fromkeys(means, -1), None, 0)


def _known(at: _Place, families: set[str]) -> Iterator[Statement]:
    for name in FIELDS:
        yield Statement.of({at("known", name): 1, at("unknown", name): 1, at(VICTIMS): -1}, 0, 0)
    for family, name in (("relation", "relation_recruiter"), ("recruitment", "victim_recruit_channel")):
        if family in families:
            whole = at(family, *((TOTAL,) if family in BY_GROUP else ()), WHOLE)
            yield Statement.of({at("known", name): 1, whole: -1}, 0, 0)
    if "groups" in families:
        yield _no_more(at("groups", WHOLE), at("known", "sex"))
        yield _no_more(at("groups", WHOLE), at("known", "age_status_exploit"))
        both = {at("known", "sex"): 1, at("known", "age_status_exploit"): 1, at(VICTIMS): -1, at("groups", WHOLE): -1}
        yield Statement.of(both, None, 0)
    if "ages" in families:
        yield _no_more(at("ages", WHOLE), at("known", "sex"))


def _ages_and_groups(at: _Place) -> Iterator[Statement]:
    """Yield that a person registered as a child was a child when exploited, and an adult then is an adult now."""
    for sex, adult, child in (("F", "WOMEN", "GIRLS"), ("M", "MEN", "BOYS")):
        without_group = {at(VICTIMS): -1, at("groups", WHOLE): 1}
        yield Statement.of({at("ages", sex, band): 1 for band in _MINORS} | {at("groups", child): -1} | without_group, None, 0)
        without_age = {at(VICTIMS): -1, at("ages", WHOLE): 1}
        older = {at("ages", sex, band): -1 for band in BANDS if band not in _MINORS}
        yield Statement.of({at("groups", adult): 1} | older | without_age, None, 0)


def _by_group(at: _Place, family: str) -> Iterator[Statement]:
    wholes = {at(family, group, WHOLE): 1 for group in GROUPS}
    for code in possible_codes(SEVERAL_ANSWERS[family]):
        parts = {at(family, group, code): 1 for group in GROUPS}
        yield Statement.of(parts | {at(family, TOTAL, code): -1}, None, 0)
        rest = {cell: -factor for cell, factor in parts.items()} | wholes | {at(family, TOTAL, code): 1, at(family, TOTAL, WHOLE): -1}
        yield Statement.of(rest, None, 0)  # those outside the groups are no more than the units outside
    yield Statement.of(wholes | {at(family, TOTAL, WHOLE): -1}, None, 0)
    for group in GROUPS:
        yield from _several([at(family, group, code) for code in possible_codes(SEVERAL_ANSWERS[family])], at(family, group, WHOLE))
        yield _no_more(at(family, group, WHOLE), at("groups", group))


def _justice(at: _Place, families: set[str]) -> Iterator[Statement]:
    sexes = (TOTAL, *SEXES, _NO_SEX)
    for sex in sexes:
        nested = [("AS_CHARGED", "CONVICTED"), ("CUSTODY", "CONVICTED"), ("CONVICTED", "ENDED"), ("ENDED", WHOLE)]
        yield from (_no_more(at("steps", sex, part), at("steps", sex, more)) for part, more in nested)
    for sex in (TOTAL, *SEXES):
        for step in STEPS:
            yield Statement.of({at(REST, sex, step): 1, at("steps", sex, step): 1, at("steps", sex, WHOLE): -1}, 0, 0)
    for step in (*STEPS, WHOLE):
        yield _sum([at("steps", sex, step) for sex in sexes[1:]], at("steps", TOTAL, step))
    if "sentences" in families:
        yield _sum([at("sentences", sex) for sex in sexes[1:]], at("sentences", TOTAL))
        for sex in sexes:
            yield Statement.of({at("sentences", sex): 1, at("steps", sex, "CUSTODY"): -1}, 0, 0, assumed=True)


def horizons(cells: Iterable[str]) -> Iterator[Statement]:
    """Yield that ends only add up with time, and that no more end than have ended."""
    months: dict[tuple[str, str], set[str]] = defaultdict(set)
    for cell in cells:
        country, period, family, *codes = cell.split("/")
        if family == "outcomes":
            months[country, period].add(codes[1])
    for (country, period), known in months.items():
        at, ordered = _Place(country, period), sorted(known)
        for outcome in OUTCOMES:
            yield from (_no_more(at("outcomes", outcome, before), at("outcomes", outcome, after)) for before, after in pairwise(ordered))
        yield Statement.of({at("outcomes", one, ordered[-1]): 1 for one in OUTCOMES} | {at("steps", TOTAL, "ENDED"): -1}, None, 0)
        yield _no_more(at("outcomes", "CONVICTED", ordered[-1]), at("steps", TOTAL, "CONVICTED"))


def _sum(parts: Sequence[str], whole: str) -> Statement:
    return Statement.of(dict.fromkeys(parts, 1) | {whole: -1}, 0, 0)


def _no_more(part: str, whole: str) -> Statement:
    return Statement.of({part: 1, whole: -1}, None, 0)


def _several(parts: Sequence[str], whole: str) -> Iterator[Statement]:
    yield from (_no_more(part, whole) for part in parts)
    yield Statement.of(dict.fromkeys(parts, 1) | {whole: -1}, 0, None)


def protected(country: str, period: str, book: Book) -> tuple[set[str], set[str]]:
    """
    Return the cells that the pages of a country and period hide, and those that no page names but that must not be learnt either.

    A code of a list that a page leaves out is hidden: a reader knows the list. Unnamed are wholes that are not printed, persons of
    unknown sex, and records without an answer.
    """
    at, hidden, unnamed = _Place(country, period), set(), set()
    labels = book.labels[country, period]
    for label in labels:
        publication = PUBLICATIONS[label]
        hidden |= {at(publication.family, *codes) for codes in cells_of(publication)}
        if publication.is_share and publication.family != "known":
            above = {codes[:-1] for codes in cells_of(publication)} if publication.family != "ages" else {()}
            unnamed |= {at(publication.family, *codes, WHOLE) for codes in above}
    if "tbl-completeness" in labels:
        unnamed |= {at("unknown", name) for name in FIELDS}
    for label, shown in (("fig-attrition", (TOTAL,)), ("tbl-attrition-sex", SEXES)):
        unnamed |= {at(REST, sex, step) for sex in shown for step in STEPS if label in labels}
    if "tbl-attrition-sex" in labels:
        unnamed |= {at("steps", _NO_SEX, step) for step in (*STEPS, WHOLE)}
    if "tbl-sentences" in labels:
        unnamed.add(at("sentences", _NO_SEX))
    unnamed |= between_steps(at, labels)
    prefix = at("")
    hidden |= {cell for cell in book.readings if cell.startswith(prefix) and book.is_hidden(cell)}
    return hidden - set(book.shown), unnamed - set(book.shown) - hidden
