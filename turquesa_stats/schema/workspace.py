"""Workspaces: a folder of validated tables, what each import did with every row, and what the tables cover."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from turquesa_stats.errors import TurquesaError, UnknownParameter, nearest
from turquesa_stats.period import Period
from turquesa_stats.schema.codes import DEMONSTRATION_COUNTRY, code_list
from turquesa_stats.schema.custody import UNRESTRICTED, are_restricted, holds_restricted, is_private, make_private
from turquesa_stats.schema.location import project_root

if TYPE_CHECKING:
    import pandas as pd

COVERAGE = "coverage.json"
AUDIENCE_VARIABLE = "TURQUESA_AUDIENCE"  # environment variable that names the audience of reports
STATUS_VARIABLE = "TURQUESA_STATUS"  # environment variable that says whether reports are preliminary or final
FINAL, PRELIMINARY = "final", "preliminary"
WORKSPACE_VARIABLE = "TURQUESA_WORKSPACE"  # environment variable that names the workspace of reports
_ROWS_AT_ONCE = 250_000
CASE_TABLES = ("victim", "victim_element", "charge")


def check_status(status: str) -> str:
    """
    Return the status of an edition.

    Raises
    ------
    UnknownParameter
        If it is neither ``final`` nor ``preliminary``.
    """
    if status not in (FINAL, PRELIMINARY):
        raise UnknownParameter(f"status '{status}' does not exist; {nearest(status, (FINAL, PRELIMINARY))}")
    return status


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
        held = json.loads((self.folder / COVERAGE).read_text(encoding="utf-8"))
        if held.get("rules") == _coverage_rules():
            covered: dict[str, dict[str, list[str]]] = held["covered"]
            return covered
        found = _coverage({path.stem: path for path in self.data_files})  # imported by an earlier version, which counted other needs
        try:
            with replacing(self.folder) as staged:
                staged(COVERAGE).write_text(_covered_text(found), encoding="utf-8")
        except OSError:  # a workspace that cannot be written to can still be read
            pass
        return found

    def fingerprint(self) -> str:
        """Return a short hash of the data files."""
        digest = hashlib.sha256()
        for path in self.data_files:
            digest.update(path.name.encode() + path.read_bytes())
        return digest.hexdigest()[:16]

    def add(self, tables: Mapping[str, pd.DataFrame], files: Mapping[str, str] | None = None) -> None:
        """
        Write the tables of one import; rows of the same sources are replaced, all others kept.

        A workspace with records of persons or a restricted source is closed to all but its owner before anything is written.

        Parameters
        ----------
        tables : mapping
            Validated tables by name, pandas or Dask; a Dask table is written part by part.
        files : mapping, optional
            Further text files to write beside them, by relative path.
        """
        if are_restricted(tables) or holds_restricted(self.folder):
            make_private(self.folder)
        with replacing(self.folder) as staged:
            written = {name: staged(f"{name}.parquet") for name in tables}
            for name, table in tables.items():
                _write(table, self.folder / f"{name}.parquet", written[name])
            for relative, text in (files or {}).items():
                staged(relative).write_text(text, encoding="utf-8")
            now = {path.stem: path for path in self.data_files} | written
            staged(COVERAGE).write_text(_covered_text(_coverage(now)), encoding="utf-8")


def _write(table: Any, old: Path, new: Path) -> None:
    """Write a table after the rows of other sources that its older file has."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    kept = _of_others(old, _sources(table)) if old.is_file() else ()
    writer: pq.ParquetWriter | None = None
    for part in chain(kept, _parts(table)):
        rows = pa.Table.from_pandas(part, preserve_index=False)
        if writer is None:
            writer = pq.ParquetWriter(new, rows.schema)
        if rows.column_names != writer.schema.names:
            raise TurquesaError(f"{old}: was written by another version of turquesa; import its sources into a new folder")
        writer.write_table(rows.cast(writer.schema))
    if writer is not None:
        writer.close()


def _sources(table: Any) -> set[str]:
    import pandas as pd

    names = table["source_id"].unique()
    return set(names if isinstance(table, pd.DataFrame) else names.compute())


def _parts(table: Any) -> Iterator[pd.DataFrame]:
    import pandas as pd

    if isinstance(table, pd.DataFrame):
        yield table
    else:
        yield from (part.compute() for part in table.partitions)


def _of_others(old: Path, replaced: set[str]) -> Iterator[pd.DataFrame]:
    import pyarrow.parquet as pq

    for batch in pq.ParquetFile(old).iter_batches(batch_size=_ROWS_AT_ONCE):
        part = batch.to_pandas()
        others = part[~part["source_id"].isin(replaced)]
        if len(others):
            yield others


@contextmanager
def replacing(folder: Path) -> Iterator[Callable[[str], Path]]:
    """
    Write files of a folder under temporary names; move all into place only when every one is written.

    In a folder that its owner alone may read, so are the files.

    Parameters
    ----------
    folder : Path
        Made if it does not exist.

    Yields
    ------
    callable
        Relative path -> path to write to.
    """
    folder.mkdir(parents=True, exist_ok=True)
    pending: list[tuple[Path, Path]] = []
    private = is_private(folder)

    def staged(relative: str) -> Path:
        final = folder / relative
        final.parent.mkdir(parents=True, exist_ok=True, mode=0o700 if private else 0o777)
        temporary = final.with_name(f".{final.name}.partial")
        pending.append((temporary, final))
        return temporary

    try:
        yield staged
        for temporary, final in pending:
            if private:
                temporary.chmod(0o600)
            os.replace(temporary, final)
    finally:
        for temporary, _ in pending:
            temporary.unlink(missing_ok=True)


@cache
def _coverage_rules() -> str:
    """Return a hash of what decides which needs a workspace covers: the modules that count them and the code lists that they read."""
    schema = project_root() / "data" / "schema" / "codes"
    lists = [schema / f"{name}.csv" for name in ("area", "indicator", "region")]
    files = [Path(__file__), Path(__file__).with_name("activity_coverage.py"), *lists]
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in files)).hexdigest()[:16]


def _covered_text(covered: Mapping[str, Mapping[str, list[str]]]) -> str:
    return json.dumps({"rules": _coverage_rules(), "covered": covered}, indent=1)


def _coverage(files: Mapping[str, Path]) -> dict[str, dict[str, list[str]]]:
    import pandas as pd

    covered: dict[str, dict[str, set[str]]] = {}
    if "source" not in files:
        return {}
    source = pd.read_parquet(files["source"], columns=["source_id", "handling"])
    public = source.loc[source["handling"].eq(UNRESTRICTED), "source_id"]
    if "official_stat" in files:
        needed = ["source_id", "freq", "conflict", "obs_status", "indicator", "characteristic", "ref_area", "period_start", "exploitation"]
        stat = pd.read_parquet(files["official_stat"], columns=needed)
        stat = stat[stat["freq"].eq("A") & ~stat["conflict"] & stat["obs_status"].ne("O") & stat["source_id"].isin(public)]
        concept = stat["indicator"].map(code_list("indicator").column("concept"))
        for need, part in (("concept", concept), ("characteristic", stat["characteristic"])):
            for name, group in stat.groupby(part, observed=True):
                if need == "concept" or name != "_T":
                    _note(covered, f"official_stat.{name}", group["ref_area"], group["period_start"])
        exploited = stat[stat["exploitation"].ne("_T") & concept.eq("VICTIMS")]
        _note(covered, "official_stat.EXPLOITATION", exploited["ref_area"], exploited["period_start"])
    _note_judgements(covered, files, public)
    if "case" in files:
        case = pd.read_parquet(files["case"], columns=["case_id", "country_report", "opened_on", "source_id"])
        case = case[case["source_id"].isin(public)].drop(columns="source_id").set_index("case_id")
        for name in CASE_TABLES:
            if name in files and (name != "victim_element" or "victim" in files):
                link = "victim_id" if name == "victim_element" else "case_id"
                rows = pd.read_parquet(files[name], columns=[link])
                if link == "victim_id":
                    rows = rows.merge(pd.read_parquet(files["victim"], columns=["victim_id", "case_id"]), on="victim_id")
                of_case = case.reindex(rows["case_id"]).dropna()
                _note(covered, name, of_case["country_report"], of_case["opened_on"])
    _note_activities(covered, files, set(public))
    return {need: {country: sorted(years) for country, years in sorted(by.items())} for need, by in sorted(covered.items())}


def _note_judgements(covered: dict[str, dict[str, set[str]]], files: Mapping[str, Path], public: pd.Series[str]) -> None:
    import pandas as pd

    if "judgement" in files:
        judgement = pd.read_parquet(files["judgement"], columns=["area", "period", "source_id"])
        judgement = judgement[judgement["source_id"].isin(public)]
        _note(covered, "judgement", judgement["area"], pd.to_datetime(judgement["period"].astype("str"), format="%Y"))


def _note_activities(covered: dict[str, dict[str, set[str]]], files: Mapping[str, Path], public: set[str]) -> None:
    import pandas as pd

    from turquesa_stats.schema.activity_coverage import activity_coverage
    from turquesa_stats.schema.regions import AMERICAS

    ours = {code for code, row in code_list("area").rows.items() if row["m49_subregion"]} | {DEMONSTRATION_COUNTRY, AMERICAS}
    for need, countries, starts in activity_coverage(files, public):
        kept = countries.isin(ours) & starts.notna()
        _note(covered, need, countries[kept], pd.to_datetime(starts[kept]))


def _note(covered: dict[str, dict[str, set[str]]], need: str, countries: pd.Series[str], starts: pd.Series[pd.Timestamp]) -> None:
    pairs = countries.to_frame("country").assign(year=starts.dt.year).drop_duplicates()
    for country, year in zip(pairs["country"], pairs["year"], strict=True):
        covered.setdefault(need, {}).setdefault(country, set()).add(str(year))


def years_within(period: Period, years: list[str]) -> list[str]:
    """Return the years that touch a period."""
    return [year for year in years if period.start.year <= int(year) <= period.end.year]
