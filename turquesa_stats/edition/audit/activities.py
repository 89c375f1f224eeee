"""How the published cells of requests, services, compensation, participants and journeys hang together."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import pairwise

from turquesa_stats.disclosure.statement_bounds import Statement
from turquesa_stats.edition.audit.codebook import (
    BLOCS,
    COMPENSATION_STEPS,
    DIRECTIONS,
    FOLLOWUPS,
    GROUPS,
    LINKS,
    REQUEST_STEPS,
    ROUTE_COUNTRIES,
    SERVICE_STEPS,
    SEXES,
    TECH_STAGES,
    TRAINING_STEPS,
    WHOLE,
    possible_codes,
)
from turquesa_stats.schema.codes import TOTAL, code_list

At = Callable[..., str]
_CRIMES = ("tip", "som")
_REST = "_REST"  # whoever no printed code counts


def activities(at: At, families: set[str]) -> Iterator[Statement]:
    """
    Yield what a reader knows of the cells of a country and period.

    Parameters
    ----------
    at : callable
        Codes -> name of a cell.
    families : set of str
        Families of the figures and tables that are there.
    """
    yield from _requests(at, families)
    yield from _rights(at, families)
    yield from _training(at, families)
    yield from _journeys(at, families)
    yield from _corridors(at, families)
    yield from _linked(at, families)
    yield from _actors(at, families)


def between_steps(at: At, labels: Collection[str]) -> set[str]:
    """Return the cells of those who reached one step and not the next, whom no table names and subtraction gives."""
    left = {at("services", kind, f"NOT_{step}") for kind in possible_codes("protection") for step in SERVICE_STEPS[1:]}
    paid = {at("compensation", f"NOT_{step}") for step in COMPENSATION_STEPS[1:]}
    taught = {at("training", sex, f"NOT_{step}") for sex in (*SEXES, TOTAL) for step in TRAINING_STEPS}
    of = {"tbl-services": left, "tbl-compensation": paid, "tbl-training-steps": taught}
    of |= {f"tbl-linked-{crime}": {at(f"linked_{crime}", f"NOT_{link}") for link in LINKS} for crime in _CRIMES}
    of["tbl-technology"] = {at("technology", stage, f"NOT_{code}") for stage in TECH_STAGES for code in possible_codes("technology")}
    of["tbl-reviews"] = {at("reviews", "NOT_FOR_REVIEW"), at("reviews", "NOT_ALSO_VICTIM")}
    since = {label.replace("tbl-since-", "tbl-") for label in labels}
    return {cell for label, cells in of.items() if label in since for cell in cells}


def _no_more(part: str, whole: str) -> Statement:
    return Statement.of({part: 1, whole: -1}, None, 0)


def _adds_up(parts: Sequence[str], whole: str) -> Statement:
    return Statement.of(dict.fromkeys(parts, 1) | {whole: -1}, 0, 0)


def _nested(cells: Sequence[str]) -> Iterator[Statement]:
    """Yield that each cell counts those of the one before but for some who stay behind."""
    for whole, part in pairwise(cells):
        before, _, step = part.rpartition("/")
        yield _adds_up([part, f"{before}/NOT_{step}"], whole)


def _answers(at: At, *codes: str) -> Iterator[Statement]:
    asked, answered, done, refused = (at(*codes, step) for step in REQUEST_STEPS)
    yield _no_more(answered, asked)
    yield _adds_up([done, refused], answered)


def _requests(at: At, families: set[str]) -> Iterator[Statement]:
    if "requests" in families:
        kinds = possible_codes("request_kind")
        for kind in kinds:
            yield from _answers(at, "requests", kind)
        for step in REQUEST_STEPS:
            parts = [at("requests", kind, step) for kind in (*kinds[:-1], _REST)]
            yield _adds_up(parts, at("requests", TOTAL, step))
    if "directions" in families:
        for direction in DIRECTIONS:
            yield from _answers(at, "directions", direction)
        for step in REQUEST_STEPS:
            yield _adds_up([at("directions", one, step) for one in DIRECTIONS], at("requests", TOTAL, step))
    if "request_times" in families:
        yield from (_adds_up([at("request_times", one)], at("directions", one, "ANSWERED")) for one in DIRECTIONS)


def _rights(at: At, families: set[str]) -> Iterator[Statement]:
    for kind in possible_codes("protection") if {"services", "service_times"} & families else ():
        steps = [at("services", kind, step) for step in SERVICE_STEPS]
        yield from _nested([at("services", WHOLE), *steps])
        yield _no_more(at("service_times", kind), steps[-1])
        yield Statement.of({at("service_times", kind): 1, steps[-1]: -1}, 0, 0, assumed=True)
    if "compensation" in families:
        yield from _nested([at("compensation", step) for step in COMPENSATION_STEPS])


def _training(at: At, families: set[str]) -> Iterator[Statement]:
    if "participants" in families:
        groups = possible_codes("trainee")
        for group in groups:
            yield _adds_up([at("participants", group, sex) for sex in SEXES], at("participants", group, TOTAL))
        for sex in (*SEXES, TOTAL):
            yield _adds_up([at("participants", group, sex) for group in (*groups[:-1], _REST)], at("participants", TOTAL, sex))
    if "training" in families:
        for sex in (*SEXES, TOTAL):
            yield from _nested([at("training", sex, step) for step in (WHOLE, *TRAINING_STEPS)])
            yield _adds_up([at("training", sex, WHOLE)], at("participants", TOTAL, sex))
        for step in TRAINING_STEPS:
            yield _adds_up([at("training", sex, step) for sex in SEXES], at("training", TOTAL, step))
    if "scores" in families:
        yield _adds_up([at("scores", sex) for sex in SEXES], at("scores", TOTAL))
        yield from (_no_more(at("scores", sex), at("participants", TOTAL, sex)) for sex in (*SEXES, TOTAL))
    if "followup" in families:
        for months in FOLLOWUPS:
            yield _no_more(at("followup", months, "APPLIED"), at("followup", months, "TOLD"))


def _journeys(at: At, families: set[str]) -> Iterator[Statement]:
    every = at("smuggled_groups", TOTAL)
    if "smuggled_groups" in families:
        yield _adds_up([at("smuggled_groups", group) for group in (*GROUPS, _REST)], every)
    if "smuggled_origins" in families:
        yield _adds_up([at("smuggled_origins", code) for code in (*ROUTE_COUNTRIES, _REST)], every)
    if "smuggled_passages" in families:
        yield from (_no_more(at("smuggled_passages", code), every) for code in ROUTE_COUNTRIES)
    if "smuggled_payment" in families:
        yield _adds_up([at("smuggled_payment", code) for code in (*possible_codes("pay"), _REST)], every)
    if "smuggling_fees" in families:
        yield _no_more(at("smuggling_fees", TOTAL), every)
    for family, codes in (("journey_origins", ROUTE_COUNTRIES), ("journey_reach", possible_codes("journey_reach"))):
        if family in families:
            yield _adds_up([at(family, code) for code in (*codes, _REST)], at(family, WHOLE))
    if {"journey_origins", "journey_reach"} <= families:
        yield _adds_up([at("journey_origins", WHOLE)], at("journey_reach", WHOLE))


def _linked(at: At, families: set[str]) -> Iterator[Statement]:
    """Yield that every case with a linked offence has each of these or not."""
    for family in (name for name in (f"linked_{crime}" for crime in _CRIMES) if name in families):
        for link in LINKS:
            yield _adds_up([at(family, link), at(family, f"NOT_{link}")], at(family, WHOLE))


def _actors(at: At, families: set[str]) -> Iterator[Statement]:
    """Yield that kinds of group and roles add up to those known, and what is known of technology and of victims among the accused."""
    for crime in _CRIMES:
        for name, axis in (("structure", "group_type"), ("roles", "part")):
            if f"{name}_{crime}" in families:
                yield _adds_up([at(f"{name}_{crime}", code) for code in possible_codes(axis)], at(f"{name}_{crime}", WHOLE))
    if "technology" in families:
        for stage in TECH_STAGES:
            for code in possible_codes("technology"):
                yield _adds_up([at("technology", stage, code), at("technology", stage, f"NOT_{code}")], at("technology", WHOLE))
    if "reviews" in families:
        yield from _nested([at("reviews", step) for step in (WHOLE, "ALSO_VICTIM", "FOR_REVIEW")])


def _corridors(at: At, families: set[str]) -> Iterator[Statement]:
    """Yield that the corridors out of a bloc add up to those who began in its countries, some ending nowhere known."""
    if "smuggling_corridors" not in families:
        return
    parts = [at("smuggling_corridors", f"{start}>{end}") for start in BLOCS for end in BLOCS]
    yield _adds_up([*parts, at("smuggling_corridors", _REST)], at("smuggled_groups", TOTAL))
    if "smuggled_origins" not in families:
        return
    subregion = code_list("area").column("m49_subregion")
    for bloc in BLOCS:
        out = [at("smuggling_corridors", f"{bloc}>{end}") for end in (*BLOCS, _REST)]
        began = [at("smuggled_origins", code) for code in ROUTE_COUNTRIES if (subregion[code] or code) == bloc]
        yield Statement.of(dict.fromkeys(out, 1) | dict.fromkeys([*began, at("smuggled_origins", f"{_REST}_{bloc}")], -1), 0, 0)
