"""Workspaces: a folder of validated tables, what each import did with every row, and what the tables cover."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from turquesa_stats.errors import TurquesaError
from turquesa_stats.period import Period
from turquesa_stats.schema.codes import code_list

if TYPE_CHECKING:
    import pandas as pd

COVERAGE = "coverage.json"
CASE_TABLES = ("victim", "victim_element", "charge")


@dataclass(frozen=True, slots=True)
class Workspace:
    """A folder with one Parquet file per validated table."""

    folder: Path

    @property
    def data_files(self) -> list[Path]:
        """The files whose content decides every number."""
        return sorted(self.folder.glob("*.parquet"))

    def tables(self) -> dict[str, pd.DataFrame]:
        """
        Read all tables; official figures are an empty table where none were imported.

        Raises
        ------
        TurquesaError
            If the folder is no workspace.
        """
        import pandas as pd

        self.check()
        found = {path.stem: pd.read_parquet(path) for path in self.data_files}
        if "official_stat" not in found:
            from turquesa_stats.schema.validation import empty_table

            found["official_stat"] = empty_table("official_stat")
        return found

    def check(self) -> None:
        """
        Refuse a folder that is no workspace.

        Raises
        ------
        TurquesaError
            If no import has written to it.
        """
        if not (self.folder / COVERAGE).is_file():
            raise TurquesaError(
                f"{self.folder} is not a workspace (no {COVERAGE}); make one: turquesa import SOURCE FILE --into {self.folder}"
            )

    def coverage(self) -> dict[str, dict[str, list[str]]]:
        """Return need -> country -> years: what reports can be made (``official_stat.VICTIMS``, ``victim`` ...)."""
        self.check()
        covered: dict[str, dict[str, list[str]]] = json.loads((self.folder / COVERAGE).read_text(encoding="utf-8"))
        return covered

    def fingerprint(self) -> str:
        """Return a short hash of the data files."""
        digest = hashlib.sha256()
        for path in self.data_files:
            digest.update(path.name.encode() + path.read_bytes())
        return digest.hexdigest()[:16]

    def add(self, tables: Mapping[str, pd.DataFrame], files: Mapping[str, str] | None = None) -> None:
        """
        Write the tables of one import; rows of the same sources are replaced, all others kept.

        Parameters
        ----------
        tables : mapping
            Validated tables by name.
        files : mapping, optional
            Further text files to write beside them, by relative path.
        """
        import pandas as pd

        merged = dict(tables)
        for name, new in tables.items():
            path = self.folder / f"{name}.parquet"
            if path.is_file():
                old = pd.read_parquet(path)
                kept = old[~old["source_id"].isin(set(new["source_id"]))]
                merged[name] = pd.concat([kept, new], ignore_index=True) if len(kept) else new
        self.folder.mkdir(parents=True, exist_ok=True)
        others = {path.stem: pd.read_parquet(path) for path in self.data_files if path.stem not in merged}
        covered = json.dumps(_coverage({**others, **merged}), indent=1)
        with replacing(self.folder) as staged:
            for name, table in merged.items():
                table.to_parquet(staged(f"{name}.parquet"), index=False)
            for relative, text in (files or {}).items():
                staged(relative).write_text(text, encoding="utf-8")
            staged(COVERAGE).write_text(covered, encoding="utf-8")


@contextmanager
def replacing(folder: Path) -> Iterator[Callable[[str], Path]]:
    """
    Write under temporary names; move all into place only when every one is written.

    Parameters
    ----------
    folder : Path
        Made if it does not exist.

    Yields
    ------
    callable
        Relative path -> path to write to.
    """
    pending: list[tuple[Path, Path]] = []

    def staged(relative: str) -> Path:
        final = folder / relative
        final.parent.mkdir(parents=True, exist_ok=True)
        temporary = final.with_name(f".{final.name}.partial")
        pending.append((temporary, final))
        return temporary

    try:
        yield staged
        for temporary, final in pending:
            os.replace(temporary, final)
    finally:
        for temporary, _ in pending:
            temporary.unlink(missing_ok=True)


def _coverage(tables: Mapping[str, pd.DataFrame]) -> dict[str, dict[str, list[str]]]:
    covered: dict[str, dict[str, set[str]]] = {}
    if "official_stat" in tables:
        stat = tables["official_stat"]
        stat = stat[stat["freq"].eq("A") & ~stat["conflict"] & stat["obs_status"].ne("O")]
        concept = stat["indicator"].map(code_list("indicator").column("concept"))
        for need, part in (("concept", concept), ("characteristic", stat["characteristic"])):
            for name, group in stat.groupby(part, observed=True):
                if need == "concept" or name != "_T":
                    _note(covered, f"official_stat.{name}", group["ref_area"], group["period_start"])
        exploited = stat[stat["exploitation"].ne("_T") & concept.eq("VICTIMS")]
        _note(covered, "official_stat.EXPLOITATION", exploited["ref_area"], exploited["period_start"])
    if "case" in tables:
        case = tables["case"].set_index("case_id")
        for name in CASE_TABLES:
            if name in tables:
                rows = tables[name]
                if "case_id" not in rows:
                    rows = rows.merge(tables["victim"][["victim_id", "case_id"]], on="victim_id")
                of_case = case.loc[rows["case_id"]]
                _note(covered, name, of_case["country_report"], of_case["opened_on"])
    return {need: {country: sorted(years) for country, years in sorted(by.items())} for need, by in sorted(covered.items())}


def _note(covered: dict[str, dict[str, set[str]]], need: str, countries: pd.Series[str], starts: pd.Series[pd.Timestamp]) -> None:
    for country, year in sorted(set(zip(countries, starts.dt.year, strict=True))):
        covered.setdefault(need, {}).setdefault(country, set()).add(str(year))


def years_within(period: Period, years: list[str]) -> list[str]:
    """Return the years that touch a period."""
    return [year for year in years if period.start.year <= int(year) <= period.end.year]
