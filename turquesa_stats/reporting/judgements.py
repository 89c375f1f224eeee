"""Blocks of an assessment's judgements: likelihood and confidence apart, what they rest on, what became of last year's."""

from __future__ import annotations

from typing import Any

import pandas as pd

from turquesa_stats.disclosure.gate import PublishableTable
from turquesa_stats.errors import DisclosureRefused
from turquesa_stats.present import blocks, markdown, numbers
from turquesa_stats.present.ladder import ladder
from turquesa_stats.present.wording import faults
from turquesa_stats.reporting import closing
from turquesa_stats.reporting.report import Report
from turquesa_stats.schema.checks import CHECKS
from turquesa_stats.schema.codes import code_list
from turquesa_stats.schema.likelihood import numbers_said, terms_of

Row = dict[Any, Any]
_UNPUBLISHED = ("R80", "R82")  # rules whose breach keeps a judgement off the page
_TEXTS = ("text", "gap", "watch")


def judgements(report: Report) -> pd.DataFrame:
    """
    Return the judgements of the report's region and year, each with its term of last year.

    Returns
    -------
    DataFrame
        The table ``judgement`` in the order of its numbers, with ``statement, gap, watch`` in the report's language, ``term_before,
        low_before, high_before`` (empty where new) and ``citation``.

    Raises
    ------
    DisclosureRefused
        If a judgement breaks a rule, or its words the wording rules, or a number stands in it: numbers go through disclosure control.
    """
    every = report.tables["judgement"]
    own = every[every["report_id"].eq(report.name) & every["area"].eq(report.country) & every["period"].eq(report.period.end.year)]
    _refuse_faults(own, report.language)
    before = every.set_index("jid")[["term", "low", "high"]].add_suffix("_before")
    cited = report.tables["source"].set_index("source_id")[["citation", "synthetic"]]
    told = own.join(before, on="changed_from").join(cited, on="source_id")
    texts = {to: told[f"{name}_{report.language}"] for to, name in zip(("statement", "gap", "watch"), _TEXTS, strict=True)}
    return told.assign(**texts).sort_values("number", ignore_index=True)


def _refuse_faults(own: pd.DataFrame, language: str) -> None:
    told = []
    for rule in _UNPUBLISHED:
        for found in CHECKS[rule]({"judgement": own}):
            told += [f"{jid} breaks rule {rule} in {', '.join(found.columns)}" for jid in own.loc[found.rows, "jid"]]
    for row in own.to_dict("records"):
        for name in _TEXTS:
            text = str(row[f"{name}_{language}"])
            told += [f"{row['jid']}, {name}_{language}: {fault}" for fault in faults(text, language)]
            told += [
                f"{row['jid']}, {name}_{language}: the number {number} is under no disclosure control" for number in numbers_said(text)
            ]
    if told:
        raise DisclosureRefused("; ".join(told) + "; mend the assessment's folder (turquesa lint) and import it again")


def _is_synthetic(rows: pd.DataFrame) -> bool:
    return bool(rows["synthetic"].fillna(False).any())


def opening(report: Report) -> list[str]:
    """Title and metadata; where the judgements are made up, a banner that says so."""
    parts = closing.front_matter(report)
    if _is_synthetic(judgements(report)):
        parts.append(markdown.notice(report.words("banner.assessment_synthetic"), "synthetic"))
    return parts


def key_judgements(report: Report) -> list[str]:
    """The ladder, every statement with its likelihood now and last year, and apart from it confidence, basis and what would change it."""
    words, rows = report.words, judgements(report)
    parts = [markdown.heading(words("section.key_judgements"), "key-judgements")]
    if rows.empty:
        return [*parts, words("judgement.none"), *report.gap("judgements")]
    scale = words.label("likelihood_scale", str(rows["scale"].iloc[0]))
    table = report.publish_official(rows)
    mark = words("mark.synthetic") if _is_synthetic(rows) else None
    under = blocks.note(table, words, ["note.ladder"])
    caption = _caption(report, "caption.ladder", mark)
    parts += [
        words("judgement.lead", scale=scale, label="@tbl-likelihood-scale"),
        blocks.figure(ladder(table, words, mark), table, "judgement-ladder", caption, under, words),
    ]
    likelihood = [
        ("number", "l", lambda row: str(row["number"])),
        ("judgement", "l", lambda row: row["statement"]),
        ("likelihood", "l", lambda row: _likelihood(report, row)),
        ("last_year", "l", lambda row: _before(report, row)),
    ]
    parts.append(
        blocks.data_table(table, likelihood, "judgements", _caption(report, "caption.judgements", mark), blocks.note(table, words), words)
    )
    return [*parts, *_basis(report, rows, mark), *_dropped(report, rows, mark)]


def _caption(report: Report, key: str, mark: str | None) -> str:
    text = report.words(key, **report.place)
    return report.words("caption.mark", mark=mark, caption=text) if mark else text


def _likelihood(report: Report, row: Row) -> str:
    low, high = (numbers.percent(row[end], report.words) for end in ("low", "high"))
    return report.words("judgement.likelihood", term=report.words.label("likelihood_term", row["term"]), low=low, high=high)


def _before(report: Report, row: Row) -> str:
    before = row["term_before"]
    return report.words.label("likelihood_term", before) if isinstance(before, str) else report.words("judgement.no_before")


def _sources_of(report: Report, rows: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each judgement and source it rests on."""
    basis = report.tables["judgement_basis"].rename(columns={"source_id": "row_source"})
    own = basis[basis["jid"].isin(rows["jid"])]
    return own.merge(report.tables["source"], left_on="basis_source_id", right_on="source_id")


def _basis(report: Report, rows: pd.DataFrame, mark: str | None) -> list[str]:
    words, named = report.words, _sources_of(report, rows)
    titles = named.sort_values("title").groupby("jid")["title"].agg("; ".join)
    table = report.publish_official(rows.assign(basis=rows["jid"].map(titles)))
    columns = [
        ("number", "l", lambda row: str(row["number"])),
        ("confidence", "l", lambda row: words.label("confidence", row["confidence"])),
        ("basis", "l", lambda row: row["basis"]),
        ("would_change", "l", lambda row: row["gap"]),
    ]
    under = blocks.note(table, words, ["note.confidence"])
    return [blocks.data_table(table, columns, "judgement-basis", _caption(report, "caption.judgement_basis", mark), under, words)]


def _dropped(report: Report, rows: pd.DataFrame, mark: str | None) -> list[str]:
    """Last year's judgements that none of this year follows."""
    words, every = report.words, report.tables["judgement"]
    earlier = every[every["report_id"].eq(report.name) & every["area"].eq(report.country) & every["period"].lt(report.period.end.year)]
    last = earlier[earlier["period"].eq(earlier["period"].max()) & ~earlier["jid"].isin(rows["changed_from"])]
    if last.empty:
        return []
    _refuse_faults(last, report.language)
    cited = report.tables["source"].set_index("source_id")[["citation"]]
    table = report.publish_official(last.join(cited, on="source_id").sort_values("number", ignore_index=True))
    columns = [
        ("number", "l", lambda row: str(row["number"])),
        ("judgement", "l", lambda row: row[f"text_{report.language}"]),
        ("likelihood", "l", lambda row: _likelihood(report, row)),
    ]
    text = _caption(report, "caption.judgements_dropped", mark)
    return [blocks.data_table(table, columns, "judgements-dropped", text, blocks.note(table, words), words)]


def of_section(report: Report, section: str) -> list[str]:
    """Return a paragraph: what the judgements of a section say now, and what they said last year."""
    words, said = report.words, []
    rows = judgements(report)
    for row in rows[rows["section"].eq(section)].to_dict("records"):
        now, before = words.label("likelihood_term", row["term"]), _before(report, row)
        if not isinstance(row["term_before"], str):
            said.append(words("judgement.new", number=row["number"], term=now))
        elif row["term_before"] == row["term"]:
            said.append(words("judgement.same", number=row["number"], term=now))
        else:
            said.append(words("judgement.changed", number=row["number"], term=now, earlier=before))
    if not said:
        return [words("judgement.none_here")]
    mark = f"**{words('mark.synthetic')}.** " if _is_synthetic(rows) else ""
    return [mark + " ".join([words("judgement.since_last"), *said])]


def outlook(report: Report) -> list[str]:
    """What to watch for signs that a judgement changes."""
    words, rows = report.words, judgements(report)
    parts = [markdown.heading(words("section.outlook"), "outlook")]
    if rows.empty:
        return [*parts, words("judgement.none")]
    table = report.publish_official(rows)
    columns = [
        ("number", "l", lambda row: str(row["number"])),
        ("section", "l", lambda row: words.label("assessment_section", row["section"])),
        ("watch", "l", lambda row: row["watch"]),
        ("likelihood", "l", lambda row: words.label("likelihood_term", row["term"])),
        ("last_year", "l", lambda row: _before(report, row)),
    ]
    mark = words("mark.synthetic") if _is_synthetic(rows) else None
    text = _caption(report, "caption.outlook", mark)
    return [*parts, words("outlook.text"), blocks.data_table(table, columns, "outlook", text, blocks.note(table, words), words)]


def annex(report: Report) -> list[str]:
    """The scale of likelihood, and the grade of every source in the scheme in which it was given."""
    words, rows = report.words, judgements(report)
    parts = [markdown.heading(words("section.annex"), "annex")]
    if rows.empty:
        return parts
    return [*parts, _scale(report, rows), words("grades.text"), _sources_since(report, rows), _grades(report, rows)]


def _sources_since(report: Report, rows: pd.DataFrame) -> str:
    """Say which sources the judgements rest on that last year's did not, and which they no longer do."""
    words, every = report.words, report.tables["judgement"]
    earlier = every[every["report_id"].eq(report.name) & every["area"].eq(report.country) & every["period"].eq(report.period.end.year - 1)]
    now, before = (dict(_sources_of(report, of)[["basis_source_id", "title"]].to_numpy()) for of in (rows, earlier))
    new, gone = ("; ".join(sorted(one[key] for key in set(one) - set(other))) for one, other in ((now, before), (before, now)))
    none = words("grades.no_source")
    return " ".join([words("judgement.since_last"), words("grades.since", new=new or none, gone=gone or none)])


def _scale(report: Report, rows: pd.DataFrame) -> str:
    words, scale = report.words, str(rows["scale"].iloc[0])
    terms = code_list("likelihood_term")
    named = words.label("likelihood_scale", scale)
    printed = [dict(terms.rows[term]) | {"term": term, "citation": named} for term in terms_of(scale)]
    table = report.publish_official(pd.DataFrame(printed))
    columns = [
        ("likelihood", "l", lambda row: words.label("likelihood_term", row["term"])),
        ("from", "r", lambda row: numbers.percent(float(row["low"]), words)),
        ("to", "r", lambda row: numbers.percent(float(row["high"]), words)),
    ]
    text = words("caption.likelihood_scale", scale=named)
    return blocks.data_table(table, columns, "likelihood-scale", text, blocks.note(table, words), words)


def _grades(report: Report, rows: pd.DataFrame) -> str:
    words = report.words
    named = _sources_of(report, rows).drop_duplicates("basis_source_id").sort_values("title", ignore_index=True)
    table: PublishableTable = report.publish_official(named)
    columns = [
        ("source", "l", lambda row: row["title"]),
        ("publisher", "l", lambda row: row["publisher"]),
        ("scheme", "l", lambda row: words.label("grade_scheme", row["grade_scheme"])),
        ("grade", "l", lambda row: row["grade"]),
        ("meaning", "l", lambda row: _meaning(report, row)),
    ]
    mark = words("mark.synthetic") if bool(named["synthetic"].any()) else None
    return blocks.data_table(
        table, columns, "source-grades", _caption(report, "caption.source_grades", mark), blocks.note(table, words), words
    )


def _meaning(report: Report, row: Row) -> str:
    parts = [report.words.label("grade_meaning", f"{row['grade_scheme']}_{letter}") for letter in str(row["grade"])]
    return "; ".join(parts)
