"""What is hidden of a country's counts of persons: decided once for all its tables, years and spans, whatever document shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from turquesa_stats.disclosure.gate import Verdict, Withheld
from turquesa_stats.disclosure.linked_suppression import suppress_linked
from turquesa_stats.disclosure.linked_tables import LinkedTables, linked_tables
from turquesa_stats.disclosure.policy import Person, Policy
from turquesa_stats.disclosure.register import Attribute, Key, Margin, plain_key
from turquesa_stats.disclosure.rounding import NoRounding, controlled_rounding
from turquesa_stats.disclosure.unsafe import Rule
from turquesa_stats.errors import DisclosureRefused, MeasureRefused
from turquesa_stats.measures import registers
from turquesa_stats.measures.cohort import OUTCOMES
from turquesa_stats.measures.demographics import AGE_BANDS
from turquesa_stats.measures.means_kinds import COMBINATIONS, KINDS, OTHER, kind_of_means, kinds_in
from turquesa_stats.period import Period
from turquesa_stats.reporting.case_tables import BOTH_SEXES, CASE_TABLES, NEITHER_SEX, NOT_CONVICTED, CaseTable, Codes, Register, Row
from turquesa_stats.schema.codes import UNKNOWN

PERSON: Mapping[Register, Person] = {"victims": Person.VICTIM, "accused": Person.ACCUSED}
PROTECTED_BY = (
    *("case", "victim", "victim_element", "victim_recruit_channel", "accused", "case_accused", "charge", "charge_event", "sentence"),
    *("official_stat", "source"),
)
"""Tables that decide what is hidden."""
_OFFICIAL_SEX = {"_T": (), "F": ("F",), "M": ("M",)}
_SPAN_WEIGHT = 0.3  # a span is told by its years where these are shown
_LEAST_WEIGHT = 0.01
_MOST_CROSSED = 3  # means of one kind: the cross of five takes minutes instead of seconds, and hid as many combinations
_WHOLE_WEIGHT = 3.0  # without what a table is a share of, none of its shares can be printed


@dataclass(frozen=True)
class Protection:
    """
    What may be printed of one register of a country.

    Attributes
    ----------
    counts : mapping of Key to int
        Every cell of every table, year and span, hidden ones too. Not for print.
    hidden : mapping of Key to str
        Cells not to be printed, and why: ``small``, ``dominance``, ``complement`` or ``secondary``.
    attributes : mapping of str to Attribute
        The characteristics.
    periods : tuple of str
        Years and spans of which cells may be printed at all.
    rounded : mapping of Key to int
        What is printed instead of each count, where the register is rounded; nothing of it is hidden then.
    base : int
        What it is rounded to; 0 where it is not.
    """

    counts: Mapping[Key, int]
    hidden: Mapping[Key, str]
    attributes: Mapping[str, Attribute]
    periods: tuple[str, ...]
    rounded: Mapping[Key, int] = field(default_factory=dict, repr=False)
    base: int = 0

    def verdicts(self, name: str, rows: pd.DataFrame, period: Period) -> list[Verdict]:
        """
        Return what may be shown of each row of a table.

        Raises
        ------
        DisclosureRefused
            If a row counts persons otherwise than the register, so that what is hidden was decided for another number.
        """
        from turquesa_stats.reporting.activity_tables import EVERY_TABLE

        table = EVERY_TABLE[name]
        if str(period) not in self.periods:
            return [Verdict("period", "period")] * len(rows)
        return [self._verdict(name, table, row, str(period)) for row in rows.to_dict("records")]

    def counted(self, name: str, period: Period) -> pd.DataFrame:
        """Return the rows of a table with ``count`` and ``n``, not yet protected; none where nothing of the period may be printed."""
        from turquesa_stats.reporting.activity_tables import EVERY_TABLE

        table = EVERY_TABLE[name]
        if str(period) not in self.periods:
            return pd.DataFrame()

        def count(codes: Codes) -> int:
            return self.counts[plain_key([*codes.items(), ("period", str(period))], self.attributes)]

        return pd.DataFrame([{**row, "count": count(table.cell(row)), "n": count(table.whole(row))} for row in table.rows])

    def _verdict(self, name: str, table: CaseTable, row: Row, period: str) -> Verdict:
        cell, whole = (plain_key([*codes(row).items(), ("period", period)], self.attributes) for codes in (table.cell, table.whole))
        for key, count in ((cell, row["count"]), (whole, row["n"])):
            if self.counts.get(key) != count:
                raise DisclosureRefused(
                    f"table {name}, {period}: {key} counts {count} persons here and {self.counts.get(key)} in the register; "
                    "mend turquesa_stats/measures/registers.py or reporting/case_tables.py so that they count the same"
                )
        if self.base:
            return Verdict(rounded=(self.rounded[cell], self.rounded[whole]))
        return Verdict(self._reason(table, row, cell, period), self.hidden.get(whole, ""))

    def _reason(self, table: CaseTable, row: Row, cell: Key, period: str) -> str:
        """Return why a cell is hidden; one hidden because what it leaves of its whole is small has that reason."""
        reason = self.hidden.get(cell, "")
        if reason != "secondary" or table.rest is None:
            return reason
        rest = plain_key([*table.rest(row).items(), ("period", period)], self.attributes)
        return "complement" if self.hidden.get(rest) == "complement" else reason

    def withheld(self, register: Register, period: Period) -> Withheld:
        """
        Return how many cells of a period are hidden in all tables of the register together, by reason, each cell once.

        It is the same for every report of the period: what two reports say cannot be subtracted to learn the reasons of one table.
        """
        if not self.counts or (self.base and str(period) in self.periods):
            return Withheld()
        found: dict[object, Verdict] = {}
        for table in CASE_TABLES.values():
            for row in table.rows if table.register == register else ():
                if str(period) not in self.periods:
                    found[tuple(table.cell(row).items())] = Verdict("period")
                    continue
                cell, whole = (
                    plain_key([*codes(row).items(), ("period", str(period))], self.attributes) for codes in (table.cell, table.whole)
                )
                if cell in self.counts and not found.get(cell, Verdict()).reason:
                    found[cell] = Verdict(self._reason(table, row, cell, str(period)), self.hidden.get(whole, ""))
        return Withheld.of(found.values())


def protect_register(
    tables: Mapping[str, pd.DataFrame],
    country: str,
    register: Register,
    policy: Policy,
    official: pd.DataFrame | None = None,
    secret: str = "",
) -> Protection:
    """
    Decide what is hidden of one register of a country, or what is printed instead of its counts.

    Under a policy of rounding all tables of the register are rounded together. Where no such rounding is found or it cannot be proven to
    leave every count open enough, as where a public figure gives one away, the whole register is suppressed instead: never are both mixed.

    Parameters
    ----------
    tables : mapping
        Tables of a workspace.
    country : str
        ISO 3166 alpha-3.
    register : {"victims", "accused"}
        Whose counts.
    policy : Policy
        Limits of the audience.
    official : DataFrame, optional
        Official figures of the country that anyone can read (``official_stat``): where one may count the same persons, an attacker has it.
    secret : str
        Of rounding (:func:`turquesa_stats.disclosure.secret.rounding_secret`); used by policies that round.
    """
    years = registers.victim_years(tables, country) if register == "victims" else registers.accused_years(tables, country)
    spans = spans_of(years, policy)
    by_year, repeated = _units(tables, country, register, years, spans)
    if by_year.empty:
        return Protection({}, {}, {}, ())
    attributes = _attributes(register, years, spans)
    margins = [margin for name, table in CASE_TABLES.items() if table.register == register for margin in margins_of(table, years, spans)]
    of = {one.name: one for one in attributes}
    keys = {plain_key([(a, margin.codes[a][0]) for a in margin.attributes], of) for margin in margins}
    offsets = _offsets(repeated, keys, of)
    linked = linked_tables(
        by_year,
        attributes,
        margins,
        offsets=offsets,
        known=_public_knowledge(official, by_year, years, policy) if register == "victims" else {},
        impossible=_impossible(register, by_year),
        clusters="case_id",
    )
    return decided(linked, of, (*years, *spans), policy, PERSON[register], secret)


def decided(
    linked: LinkedTables, attributes: Mapping[str, Attribute], periods: tuple[str, ...], policy: Policy, person: Person, secret: str
) -> Protection:
    """Return what may be printed of linked tables: rounded where the policy rounds and that is safe, otherwise without what is hidden."""
    counts = {key: int(count) for key, count in zip(linked.keys, linked.counts, strict=True)}
    base = policy.base(person)
    rounded = _rounded(linked, base, secret) if base else {}
    hidden = {} if rounded else _hidden(linked, policy, person)
    return Protection(counts, hidden, attributes, periods, rounded, base if rounded else 0)


def _rounded(linked: LinkedTables, base: int, secret: str) -> dict[Key, int]:
    """Return the rounded counts; none where they cannot be found or proven safe."""
    try:
        found = controlled_rounding(linked, base, secret)
    except NoRounding:
        return {}
    return {key: round(count) for key, count in zip(linked.keys, found.rounded, strict=True)} if found.is_proven else {}


def _hidden(linked: LinkedTables, policy: Policy, person: Person) -> dict[Key, str]:
    """Return the cells not to be printed, and why."""
    if not policy.protects:
        return {}
    found = suppress_linked(linked, Rule(policy.k(person), policy.zeros == "hidden", policy.dominance))
    hidden = {key: "secondary" for key, is_hidden in zip(linked.keys, found.hidden, strict=True) if is_hidden}
    return hidden | dict(zip(found.unsafe["key"], found.unsafe["reason"], strict=True))


def spans_of(years: Sequence[str], policy: Policy) -> dict[str, frozenset[str]]:
    """Return the spans of years that are published, each with its years."""
    if len(years) < 2 or policy.spans == "none":
        return {}
    ends = [(0, len(years) - 1)] if policy.spans == "whole" else [(i, j) for i in range(len(years)) for j in range(i + 1, len(years))]
    return {f"{years[i]}/{years[j]}": frozenset(years[i : j + 1]) for i, j in ends}


def _units(
    tables: Mapping[str, pd.DataFrame], country: str, register: Register, years: Sequence[str], spans: Mapping[str, frozenset[str]]
) -> tuple[pd.DataFrame, dict[str, pd.DataFrame]]:
    """Return the persons of each year, and for each span those who are counted once in it and several times in its years."""
    units = registers.victim_units_of if register == "victims" else registers.accused_units_of
    key = "victim_id" if register == "victims" else "accused_id"
    names = [*years, *spans]
    if not names:
        return pd.DataFrame(), {}
    try:
        found = dict(zip(names, units(tables, country, [Period.parse(name) for name in names]), strict=True))
    except MeasureRefused:  # a register that cannot be followed is refused by its blocks too, with the reason: nothing of it is printed
        return pd.DataFrame(), {}
    every = pd.concat([found[year].assign(period=year) for year in years], ignore_index=True)
    return every, {span: every[every["period"].isin(spans[span]) & ~every[key].isin(found[span][key])] for span in spans}


def margins_of(table: CaseTable, years: Sequence[str], spans: Mapping[str, frozenset[str]]) -> list[Margin]:
    """Return a table's cells, and what follows from them, in each year and span."""
    found = []
    for row in table.rows:
        cells = [(table.cell(row), 1.0), (table.whole(row), _WHOLE_WEIGHT / len(table.rows))]
        for codes, weight in cells:
            for periods, worth in ((tuple(years), weight), (tuple(spans), weight * _SPAN_WEIGHT)):
                if periods:
                    found.append(_margin(codes, periods, worth))
        left_over = table.left_over(row) if table.left_over else ()
        found += [_margin(codes, (*years, *spans), _LEAST_WEIGHT) for codes in left_over]
        if table.rest is not None:
            rest = table.rest(row)
            every = (*years, *spans)
            whole = {name: (code,) for name, code in table.whole(row).items()}
            shown = {name: whole.get(name, ("_T",)) for name in rest}
            found.append(
                Margin(("period", *rest), {"period": every, **shown}, _LEAST_WEIGHT, {n: (c,) for n, c in rest.items() if (c,) != shown[n]})
            )
    return found


def _margin(codes: Codes, periods: tuple[str, ...], weight: float) -> Margin:
    return Margin(("period", *codes), {"period": periods, **{name: (code,) for name, code in codes.items()}}, weight)


def _attributes(register: Register, years: Sequence[str], spans: Mapping[str, frozenset[str]]) -> list[Attribute]:
    def answers(name: str, leaves: Sequence[str], **sums: Sequence[str]) -> Attribute:
        every = {registers.KNOWN: leaves} | sums
        return Attribute(name, (*leaves, UNKNOWN), {code: frozenset(parts) for code, parts in every.items()})

    period = Attribute("period", tuple(years), spans)
    yes_no = (registers.YES, registers.NO)
    sex = answers("sex", registers.answer_codes("sex"), **{BOTH_SEXES: ("F", "M"), NEITHER_SEX: ("_O", UNKNOWN)})
    if register == "accused":
        until = {f"UNTIL_{name}": frozenset(registers.MONTHS[: place + 1]) for place, name in enumerate(registers.MONTHS)}
        months = {code: parts for code, parts in until.items() if len(parts) > 1}
        terms = (registers.TERM, registers.UNTIMED)
        custody = Attribute("custodial", (*terms, registers.NO), {registers.YES: frozenset(terms)})
        others = frozenset({registers.PENDING, *OUTCOMES} - {"CONVICTED"})
        ends = Attribute("end", (*OUTCOMES, registers.PENDING), {"_ENDED": frozenset(OUTCOMES), NOT_CONVICTED: others})
        first = {"UNTIL_" + registers.MONTHS[0]: frozenset(registers.MONTHS[:1])}
        by = Attribute("months", (*registers.MONTHS, registers.LATER, registers.PENDING), months | first)
        return [period, sex, ends, by, Attribute("as_charged", yes_no), custody]
    single = [answers(name, registers.answer_codes(codes)) for name, codes in registers.SINGLE.items()]
    known = [Attribute(name, (registers.KNOWN, UNKNOWN)) for name in ("citizenship", *registers.SEVERAL) if name != "means"]
    means = answers("means", COMBINATIONS)
    flags = [Attribute(f"{name}.{code}", yes_no) for name, codes in registers.SEVERAL.items() for code in registers.answer_codes(codes)]
    return [period, sex, answers("age", AGE_BANDS), *single, *known, means, *flags]


def _impossible(register: Register, units: pd.DataFrame) -> list[Key]:
    """
    Return what cannot be: an answer of somebody of whom none is known, custody of somebody not convicted, an end of somebody waiting.

    Where nobody has a sentence for life, a reader who knows that has the persons in custody from those with a term.
    """
    if register == "victims":
        flags = [(name, f"{name}.{code}") for name, codes in registers.SEVERAL.items() for code in registers.answer_codes(codes)]
        return [*(((name, UNKNOWN), (flag, registers.YES)) for name, flag in flags), *_of_kinds()]
    free = [("end", end) for end in ("ACQUITTED", "OTHER_END", registers.PENDING)]
    held = [("as_charged", registers.YES), *(("custodial", term) for term in (registers.TERM, registers.UNTIMED))]
    convicted = [(end, flag) for end in free for flag in held]
    timed = [] if units["custodial"].eq(registers.UNTIMED).any() else [(("custodial", registers.UNTIMED),)]
    waiting = [(("end", registers.PENDING), ("months", month)) for month in (*registers.MONTHS, registers.LATER)]
    ended = [(("end", end), ("months", registers.PENDING)) for end in OUTCOMES]
    return [*convicted, *timed, *waiting, *ended]


def _of_kinds() -> list[Key]:
    """
    Return what cannot be of means and their kinds: a means without its kind, and a kind without any of its means.

    The second needs the cross of all means of the kind, and is left to the audit where these are too many.
    """
    kinds = kind_of_means()
    found: list[Key] = []
    for kind in (*KINDS, OTHER):
        codes = [code for code, of in kinds.items() if of == kind]
        for combination in COMBINATIONS:
            if kind in kinds_in(combination) or combination == kind:
                if len(codes) <= _MOST_CROSSED:
                    found.append((("means", combination), *((f"means.{code}", registers.NO) for code in codes)))
            elif kind != OTHER:  # other means may stand beside any kind
                found += [(("means", combination), (f"means.{code}", registers.YES)) for code in codes]
    return found


def _offsets(repeated: Mapping[str, pd.DataFrame], keys: set[Key], attributes: Mapping[str, Attribute]) -> dict[Key, float]:
    """Return by how much each count of a span is less than that of its years, as a person is counted once in it."""
    found: dict[Key, float] = {}
    for span, rows in repeated.items():
        plain = attributes["period"].plain(span)
        for key in keys if len(rows) else ():
            if dict(key).get("period", "_T") == plain:
                held = pd.Series(data=True, index=rows.index)
                for name, code in key:
                    held &= rows[name].isin(attributes[name].members(code))
                if held.any():
                    found[key] = -float(held.sum())
    return found


def _public_knowledge(
    official: pd.DataFrame | None, units: pd.DataFrame, years: Sequence[str], policy: Policy
) -> dict[Key, tuple[float, float]]:
    """Return the official yearly totals, in all and by sex, that the register's count agrees with: an attacker takes them for it."""
    if official is None or official.empty or not policy.protects:
        return {}
    rows = official[official["period_start"].dt.year.astype("str").isin(list(years)) & official["obs_upper"].notna()]
    found: dict[Key, tuple[float, float]] = {}
    for row in rows.to_dict("records"):
        codes = _OFFICIAL_SEX.get(row["sex"])
        if codes is None:
            continue
        chosen = units["period"].eq(str(row["period_start"].year)) & (units["sex"].isin(codes) if codes else True)
        low, high = float(row["obs_lower"]), float(row["obs_upper"])
        key = tuple(sorted([("period", str(row["period_start"].year)), *(("sex", code) for code in codes)]))
        if low <= chosen.sum() <= high:
            before = found.get(key, (low, high))
            found[key] = (max(low, before[0]), min(high, before[1]))
    return found
