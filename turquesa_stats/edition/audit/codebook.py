"""What each published figure and table counts, by its label, and the words in four languages back to codes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from turquesa_stats.present.words import Words
from turquesa_stats.schema.codes import NOT_KNOWN, TOTAL, Language, code_list
from turquesa_stats.schema.tables import table_names, table_schema

WHOLE = "n"  # stands for the last code of a cell: all units with a known answer
VICTIMS = "victims"
GROUPS = ("WOMEN", "MEN", "GIRLS", "BOYS")
SEXES = ("F", "M")
STEPS = ("ENDED", "CONVICTED", "AS_CHARGED", "CUSTODY")
OUTCOMES = ("CONVICTED", "ACQUITTED", "OTHER_END")
FIELDS = ("sex", "age_status_exploit", "citizenship", "relation_recruiter", "victim_recruit_channel")
BANDS = ("Y0T8", "Y9T17", "Y18T20", "Y21T23", "Y24T26", "Y27T29", "Y30T38", "Y39T47", "Y_GE48")
TOGETHER = ("FORCE", "DECEPTION", "ABUSE", "FORCE+DECEPTION", "FORCE+ABUSE", "DECEPTION+ABUSE", "FORCE+DECEPTION+ABUSE", "OTHER")
SERVICE_STEPS, REQUEST_STEPS = ("OFFERED", "ACCEPTED", "DELIVERED"), ("ASKED", "ANSWERED", "DONE", "REFUSED")
COMPENSATION_STEPS, TRAINING_STEPS = ("KNOWN", "ORDERED", "PAID", "PAID_WHOLE"), ("COMPLETED", "CERTIFIED", "ACTIVE")
FOLLOWUPS, FOLLOWUP_STEPS, DIRECTIONS = ("M3", "M6", "M12"), ("TOLD", "APPLIED"), ("SENT", "RECEIVED")
SEVERAL_ROLES = "ROLE_SEVERAL"
REVIEW_STEPS = ("ALSO_VICTIM", "FOR_REVIEW")
BLOCS = ("NORTHERN_AMERICA", "CENTRAL_AMERICA", "CARIBBEAN", "SOUTH_AMERICA", "OUTSIDE", "XAA")
TECH_STAGES = ("RECRUIT", "TRANSIT", "CONTROL", "EXPLOIT", "PAYMENT")
LINKS = ("LINK_DOCUMENTS", "LINK_CYBER", "LINK_TERRORISM", "LINK_GOODS", "LINK_LAUNDERING")
REACHES = ("REACH_DOMESTIC", "REACH_SUBREGION", "REACH_AMERICAS", "REACH_INTO_AMERICAS", "REACH_OUT_OF_AMERICAS", "REACH_OUTSIDE")
_OF_WORDS = {"group": (*GROUPS, TOTAL), "step": STEPS, "outcome": OUTCOMES}
_STEPS = {  # axis -> its codes, called by the words step.CODE
    "request_step": REQUEST_STEPS,
    "direction": DIRECTIONS,
    "service_step": SERVICE_STEPS,
    "compensation_step": COMPENSATION_STEPS,
    "training_step": TRAINING_STEPS,
    "followup": FOLLOWUPS,
    "followup_step": FOLLOWUP_STEPS,
    "journey_reach": REACHES,
    "link": LINKS,
    "review_step": REVIEW_STEPS,
}
_ADULTS = {"F": "WOMEN", "M": "MEN", TOTAL: TOTAL}
_WITH_ALL = {"request_kind": "coop_kind", "trainee": "trainee_group"}  # axis -> its code list; all of them together are named too
ROUTE_COUNTRIES = (
    *("ARG", "BOL", "BRA", "CAN", "CHL", "COL", "CRI", "CUB", "DOM", "ECU", "GTM", "HND"),
    *("HTI", "MEX", "NIC", "PAN", "PER", "PRY", "SLV", "URY", "USA", "VEN", "XAA"),
)
_CLOSED = (
    {"sex": SEXES, "age": BANDS, "field": FIELDS, "together": TOGETHER}
    | {name: codes for name, codes in _OF_WORDS.items() if name != "group"}
    | {
        "group": GROUPS,
        "all": (TOTAL,),
        "everybody": (TOTAL,),
        "route_country": ROUTE_COUNTRIES,
        "person_group": (*GROUPS, TOTAL),
        "adult_sex": (*SEXES, TOTAL),
        "corridor": tuple(f"{start}>{end}" for start in BLOCS for end in BLOCS),
        "tech_stage": TECH_STAGES,
    }
    | _STEPS
)


@dataclass(frozen=True, slots=True)
class Publication:
    """
    One figure or table of counts of case-level records.

    Attributes
    ----------
    label : str
        As the page gives it.
    family : str
        What is counted; cells of several publications of one family are the same cells.
    axes : tuple of str
        Lists that its codes are of, in the order in which an item names them.
    order : tuple of int
        Place of each axis in the name of a cell.
    first : str
        Code that the label means without naming it, such as all groups.
    last : str
        Such a code at the end.
    accused : bool
        Whether it counts accused persons rather than victims.
    shape : str
        ``items`` (alt text), ``curves`` (alt text with a series an item), ``rows`` or ``cross`` (tables).
    is_share : bool
        Whether a printed share is count divided by n.
    """

    label: str
    family: str
    axes: tuple[str, ...]
    shape: Literal["items", "curves", "rows", "cross"] = "items"
    order: tuple[int, ...] = (0, 1)
    first: str = ""
    last: str = ""
    accused: bool = False
    is_share: bool = True

    def codes(self, named: Sequence[str]) -> tuple[str, ...]:
        """Return the codes of a cell in the order of its name."""
        placed = tuple(named[place] for place in self.order[: len(named)]) if len(named) > 1 else tuple(named)
        return (*((self.first,) if self.first else ()), *placed, *((self.last,) if self.last else ()))


PUBLICATIONS = {
    one.label: one
    for one in (
        Publication("fig-victim-groups", "groups", ("group",)),
        Publication("fig-victim-ages", "ages", ("sex", "age")),
        Publication("fig-detection", "detection", ("detect",)),
        Publication("fig-relation-cases", "relation", ("relation",)),
        Publication("fig-reach-cases", "reach", ("cross_border",)),
        Publication("fig-means-cases", "means", ("means",)),
        Publication("fig-means-together", "together", ("together",)),
        Publication("fig-exploitation-cases", "exploitation", ("exploitation",), first=TOTAL),
        Publication("fig-exploitation-group", "exploitation", ("exploitation", "group"), order=(1, 0)),
        Publication("tbl-exploitation-group", "exploitation", ("exploitation", "group"), "cross", (1, 0)),
        Publication("fig-recruitment-cases", "recruitment", ("recruit",), first=TOTAL),
        Publication("fig-recruitment-group", "recruitment", ("recruit", "group"), order=(1, 0)),
        Publication("tbl-recruitment-group", "recruitment", ("recruit", "group"), "cross", (1, 0)),
        Publication("tbl-completeness", "known", ("field",), "rows"),
        Publication("fig-attrition", "steps", ("step",), first=TOTAL, accused=True),
        Publication("tbl-attrition-sex", "steps", ("step", "sex"), "cross", (1, 0), accused=True),
        Publication("fig-time-to-outcome", "outcomes", ("outcome", "months"), "curves", accused=True, is_share=False),
        Publication("tbl-sentences", "sentences", ("sex",), "rows", accused=True, is_share=False),
        Publication("tbl-requests", "requests", ("request_kind", "request_step"), "cross", accused=True, is_share=False),
        Publication("tbl-request-directions", "directions", ("direction", "request_step"), "cross", accused=True, is_share=False),
        Publication("tbl-request-times", "request_times", ("direction",), "rows", accused=True, is_share=False),
        Publication("tbl-services", "services", ("protection", "service_step"), "cross", is_share=False),
        Publication("tbl-service-times", "service_times", ("protection",), "rows", is_share=False),
        Publication("tbl-compensation", "compensation", ("compensation_step",), "rows", accused=True, is_share=False),
        Publication("tbl-participants", "participants", ("trainee", "adult_sex"), "cross", is_share=False),
        Publication("tbl-training-steps", "training", ("training_step", "adult_sex"), "cross", (1, 0)),
        Publication("tbl-scores", "scores", ("adult_sex",), "rows", is_share=False),
        Publication("tbl-followup", "followup", ("followup", "followup_step"), "cross", is_share=False),
        Publication("tbl-smuggled-groups", "smuggled_groups", ("person_group",), "rows", is_share=False),
        Publication("tbl-smuggled-origins", "smuggled_origins", ("route_country",), "rows", is_share=False),
        Publication("tbl-smuggled-passages", "smuggled_passages", ("route_country",), "rows", is_share=False),
        Publication("tbl-smuggled-payment", "smuggled_payment", ("pay",), "rows", is_share=False),
        Publication("tbl-smuggling-fees", "smuggling_fees", ("all",), "rows", is_share=False),
        Publication("tbl-journey-origins", "journey_origins", ("route_country",), "rows", is_share=False),
        Publication("tbl-journey-reach", "journey_reach", ("journey_reach",), "rows", is_share=False),
        Publication("tbl-linked-tip", "linked_tip", ("link",), "rows", accused=True, is_share=False),
        Publication("tbl-linked-som", "linked_som", ("link",), "rows", accused=True, is_share=False),
        Publication("tbl-reviews", "reviews", ("review_step",), "rows", accused=True, is_share=False),
        Publication("tbl-since-victims", VICTIMS, ("everybody",), "rows", is_share=False),
        Publication("tbl-since-pandemic", VICTIMS, ("everybody",), "rows", is_share=False),
        Publication("tbl-since-victim-groups", "groups", ("group",), "rows", is_share=False),
        Publication("tbl-since-exploitation-cases", "exploitation", ("exploitation",), "rows", first=TOTAL, is_share=False),
        Publication("tbl-since-recruitment-cases", "recruitment", ("recruit",), "rows", first=TOTAL, is_share=False),
        Publication("tbl-since-means-cases", "means", ("means",), "rows", is_share=False),
        Publication("tbl-since-attrition", "steps", ("step",), "rows", first=TOTAL, accused=True, is_share=False),
        Publication("tbl-since-services", "services", ("protection",), "rows", last="DELIVERED", is_share=False),
        Publication("tbl-since-compensation", "compensation", ("compensation_step",), "rows", accused=True, is_share=False),
        Publication("tbl-since-request-directions", "directions", ("direction", "request_step"), "rows", accused=True, is_share=False),
        Publication("tbl-since-participants", "participants", ("trainee",), "rows", last=TOTAL, is_share=False),
        Publication("tbl-since-smuggled-passages", "smuggled_passages", ("route_country",), "rows", is_share=False),
        Publication("tbl-since-smuggling-corridors", "smuggling_corridors", ("corridor",), "rows", is_share=False),
        Publication("tbl-since-journey-origins", "journey_origins", ("route_country",), "rows", is_share=False),
        Publication("tbl-since-journey-reach", "journey_reach", ("journey_reach",), "rows", is_share=False),
        Publication("tbl-since-technology", "technology", ("tech_stage", "technology"), "rows", is_share=False),
        *(
            Publication(f"tbl-since-{name}-{crime}", f"{name}_{crime}", (axis,), "rows", accused=True, is_share=False)
            for name, axis in (("linked", "link"), ("structure", "group_type"), ("roles", "part"))
            for crime in ("tip", "som")
        ),
    )
}
SINCE = "tbl-since-"  # begins the label of a table of two years: each is the heading of its column
SINGLE_ANSWER = {"groups": "group", "detection": "detect", "relation": "relation", "reach": "cross_border", "together": "together"}
SEVERAL_ANSWERS = {"exploitation": "exploitation", "recruitment": "recruit", "means": "means"}
BY_GROUP = ("exploitation", "recruitment")
PAIRS = {"both": ("Y", "Y"), "deceived": ("Y", "N"), "sexual": ("N", "Y"), "neither": ("N", "N")}  # deceived; in sexual exploitation
ACTIVITIES = frozenset(
    {
        *("requests", "directions", "request_times", "services", "service_times", "compensation", "participants", "training", "scores"),
        *("followup", "smuggled_groups", "smuggled_origins", "smuggled_passages", "smuggled_payment", "smuggling_fees"),
        *("journey_origins", "journey_reach", "linked_tip", "linked_som", "reviews", "smuggling_corridors", "technology"),
        *("structure_tip", "structure_som", "roles_tip", "roles_som"),
    }
)
"""Families of the registers of activities and journeys."""
COUNT_COLUMN = (
    {"known": "column.known", "sentences": "column.persons", "request_times": "column.answered"}
    | dict.fromkeys(("linked_tip", "linked_som"), "column.cases")
    | dict.fromkeys(
        (
            *("service_times", "compensation", "scores", "smuggled_groups", "smuggled_origins", "smuggled_passages", "smuggled_payment"),
            *("smuggling_fees", "journey_origins", "journey_reach", "reviews"),
        ),
        "column.persons",
    )
)
SHARE_COLUMN = {"known": "column.share"}

ACCOUNT = "tbl-withheld"  # how many cells are hidden, by reason
REASONS = ("small", "dominance", "complement", "secondary", "period", "all")
ACCOUNT_STEP = 5  # to whose multiples its numbers are rounded: an exact one would help

# Published already by others, so that nothing on them is hidden by us: what they print joins no equation, as it counts other registers.
OFFICIAL = frozenset(
    {
        *(
            "fig-victims-by-year",
            "fig-victims-sex",
            "fig-victims-age",
            "fig-victims-sex-age",
            "fig-exploitation",
            "fig-exploitation-by-year",
            "fig-victims-indexed",
            "fig-stages-indexed",
            "fig-flows",
            "fig-map",
        ),
        *("fig-means", "fig-recruitment", "fig-relation", "fig-place", "fig-reach", "fig-stages", "fig-female-share", "fig-key-series"),
        *("tbl-citizenship", "tbl-stages", "tbl-stage-sex", "tbl-ratio", "tbl-key-facts", "tbl-operations", "tbl-conflicts"),
        *("tbl-other-periods", "tbl-agreement", "tbl-victims-sources", "tbl-missing"),
        *("tbl-region-coverage", "tbl-region-pandemic", "tbl-region-change", "tbl-region-breaks", "tbl-region-events"),
        *("tbl-region-contact", "tbl-region-forms", "tbl-region-routes", "tbl-region-displacement", "tbl-region-recruitment"),
        *(f"tbl-region-since-{name}" for name in ("contact", "encounters", "migrants", "investigations", "prosecutions", "convictions")),
        *("tbl-region-means", "tbl-region-sex", "tbl-region-age", "tbl-region-response", "tbl-likelihood-scale"),
        *(
            "tbl-operation-list",
            "tbl-operation-results",
            "fig-operation-years",
            "tbl-operation-arrests",
            "tbl-operation-country",
            "tbl-operation-networks",
        ),
        *("tbl-training-activities", "tbl-training-modules", "tbl-encounters", "tbl-deaths", "tbl-deaths-routes"),  # of courses and events
    }
)


def possible_codes(axis: str) -> tuple[str, ...]:
    """Return the codes that a cell of an axis can have: those a reader knows, whether a page shows them or not."""
    if axis in _CLOSED:
        return _CLOSED[axis]
    if axis == "part":
        return (*possible_codes("role"), SEVERAL_ROLES)
    if axis in _WITH_ALL:
        return (*possible_codes(_WITH_ALL[axis]), TOTAL)
    return tuple(code for code in code_list(axis).codes if code not in (*NOT_KNOWN, TOTAL))


@cache
def names(axis: str, language: str) -> dict[str, str]:
    """Return name -> code of an axis in a language; a name that two codes share stands for neither."""
    words = Words(language)
    codes = (*possible_codes(axis), TOTAL) if axis in {"group", "sex"} else possible_codes(axis)
    pairs = [(name_of(axis, code, words).casefold(), code) for code in codes]
    seen = [name for name, _ in pairs]
    return {name: code for name, code in pairs if seen.count(name) == 1}


def name_of(axis: str, code: str, words: Words) -> str:
    """Return what a page calls a code."""
    if axis in _OF_WORDS or axis == "person_group":
        return words(f"group.{code}" if axis == "person_group" else f"{axis}.{code}")
    if axis == "adult_sex" or (axis == "trainee" and code == TOTAL):
        return words(f"group.{_ADULTS[code]}")
    if axis in _STEPS or axis == "all" or (axis in _WITH_ALL and code == TOTAL):
        return words("step.ALL" if code == TOTAL else f"step.{code}")
    if axis in _WITH_ALL or axis == "route_country":
        return words.label(_WITH_ALL.get(axis, "area"), code)
    if axis in _NAMED:
        return _NAMED[axis](code, words)
    return words.label(axis, code)


_NAMED: dict[str, Callable[[str, Words], str]] = {  # axes whose names follow rules of their own
    "field": lambda code, words: _field_name(code, Language(words.language)),
    "together": lambda code, words: words.combination("means_kind", code),
    "everybody": lambda _, words: words("group._T"),
    "corridor": lambda code, words: words.corridor(code),
    "part": lambda code, words: words(f"step.{code}") if code == SEVERAL_ROLES else words.label("role", code),
}


def _field_name(field: str, language: Language) -> str:
    if field in table_names():
        return table_schema(field).title[language]
    return next(declared.label[language] for declared in table_schema("victim").fields if declared.name == field)


def read_codes(name: str, axes: Sequence[str], language: str) -> tuple[str, ...] | None:
    """
    Return the codes that an item's name stands for; None if it stands for none.

    Examples
    --------
    >>> read_codes("internet, form not stated, women", ("recruit", "group"), "en")
    ('ONLINE', 'WOMEN')
    """
    if len(axes) == 1:
        code = names(axes[0], language).get(name.strip().casefold())
        return None if code is None else (code,)
    for place in (place for place in range(len(name)) if name.startswith(", ", place)):
        left, right = read_codes(name[:place], axes[:1], language), read_codes(name[place + 2 :], axes[1:], language)
        if left and right:
            return (*left, *right)
    return None


def cells_of(publication: Publication) -> Iterator[tuple[str, ...]]:
    """Yield the codes of every cell that a publication could show; of curves none, as their months are those printed."""
    if publication.shape == "curves":
        return
    if len(publication.axes) == 1:
        extra = (TOTAL,) if publication.family == "sentences" else ()
        yield from (publication.codes((code,)) for code in (*possible_codes(publication.axes[0]), *extra))
        return
    for first in possible_codes(publication.axes[0]):
        yield from (publication.codes((first, second)) for second in possible_codes(publication.axes[1]))
