"""What a document says of its protection: the policy in a line, what is rounded, and how many cells are hidden for which reason."""

from __future__ import annotations

from collections.abc import Mapping

from turquesa_stats.disclosure.gate import REASONS, Origin, Withheld
from turquesa_stats.present import markdown, numbers
from turquesa_stats.reporting.case_tables import Register
from turquesa_stats.reporting.member_cases import holders
from turquesa_stats.reporting.report import Report
from turquesa_stats.schema.regions import is_region

STEP = 5
_METHOD = {"suppression": "withheld.by_suppression", "rounding": "withheld.by_rounding", "none": "withheld.by_none"}
_SPANS = {"none": "withheld.spans_none", "whole": "withheld.spans_whole", "all": "withheld.spans_all"}
_REASON = {
    "small": "withheld.small",
    "dominance": "withheld.dominance",
    "complement": "withheld.complement",
    "secondary": "withheld.secondary",
    "period": "withheld.period",
}


def told(withheld: Withheld) -> Mapping[str, int]:
    """
    Return how many cells are said to be hidden: of each reason and ``all``, to the nearest multiple of :data:`STEP`, without reasons of 0.

    The exact numbers would help an attacker: that one cell is dominated by one case, or that all hidden cells which may be small are.
    Neither fewer than 3 cells nor what is left of the total can be read from rounded numbers.

    Examples
    --------
    >>> told(Withheld(small=18, dominance=1, secondary=9))
    {'small': 20, 'secondary': 10, 'all': 30}
    """
    each = {reason: getattr(withheld, reason) for reason in REASONS} | {"all": withheld.total}
    rounded = {reason: STEP * ((count + STEP // 2) // STEP) for reason, count in each.items()}
    return {reason: count for reason, count in rounded.items() if count}


def certificate(report: Report) -> list[str]:
    """Return the paragraphs that tell the policy, and what is rounded or hidden by it."""
    words, limits = report.words, report.policy
    line = words(
        "withheld.certificate",
        audience=limits.audience,
        method=words(_METHOD[limits.method]),
        k_person=limits.k_person,
        k_accused=limits.k_accused,
        spans=words(_SPANS[limits.spans]),
    )
    hidden = words("made.disclosure", k_person=limits.k_person, k_accused=limits.k_accused, hidden=report.hidden)
    of = holders(report) if is_region(report.country) else [report] if report.has_cases else []
    if not of or (is_region(report.country) and limits.method != "rounding"):
        return [line, hidden]
    registers: tuple[Register, Register] = ("victims", "accused")
    victims, accused = (max(one.protection(register).base for one in of) for register in registers)
    said = [words("made.rounded_victims", base=victims, k_person=limits.k_person)] if victims else []
    said += [words("made.rounded_accused", base=accused, k_accused=limits.k_accused)] if accused else []
    return [line, *said, *([] if victims and accused else [hidden])]


def table(report: Report) -> list[str]:
    """Return the table of what is hidden in all reports of the country and period, by reason; nothing where nothing is to be said."""
    if not report.has_cases or not report.policy.protects:
        return []
    words, counted = report.words, told(report.withheld())
    rows = [[words(_REASON[reason]), numbers.integer(count, words)] for reason, count in counted.items() if reason != "all"]
    if not rows:
        return []
    rows.append([words("withheld.all"), numbers.integer(counted["all"], words)])
    header = [words("column.reason"), words("column.cells")]
    caption = words("caption.withheld", **report.place)
    if report.case_origin is Origin.SYNTHETIC:
        caption = words("caption.mark", mark=words("mark.synthetic"), caption=caption)
    return [markdown.table(header, rows, "lr", "withheld", caption, words("withheld.note", step=STEP))]
