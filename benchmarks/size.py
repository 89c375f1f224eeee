"""
Memory and time to import and validate a large register: ``python benchmarks/size.py [victims ...]``.

Makes registers of synthetic cases and victims as Parquet files in a temporary folder, imports each with the command line in a process of
its own, and prints its largest resident memory and its time. By default 0.5 and 5 million victims: below and above what is held whole.
"""

from __future__ import annotations

import os
import sys
import time
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from turquesa_stats.schema.codes import american_countries
from turquesa_stats.sources.demonstration import demonstration_register

LIMIT = 4.0  # GiB
_YEARS = tuple(range(2000, 2024))


def make(folder: Path, victims: int) -> None:
    """Write ``case.parquet`` and ``victim.parquet`` with so many victims."""
    rng, written, writers = np.random.default_rng(20261124), 0, {}
    while written < victims:
        case, victim = demonstration_register(date(2026, 1, 2), american_countries()[:20], _YEARS, rng)
        victim = victim.head(victims - written)
        case = case[case["case_id"].isin(victim["case_id"])]
        for name, table in (("case", case), ("victim", victim)):
            rows = pa.Table.from_pandas(table.drop(columns=["source_id"]), preserve_index=False)
            if name not in writers:
                writers[name] = pq.ParquetWriter(folder / f"{name}.parquet", rows.schema)
            writers[name].write_table(rows.cast(writers[name].schema))
        written += len(victim)
    for writer in writers.values():
        writer.close()


def measure(register: Path, workspace: Path) -> tuple[float, float]:
    """Return the largest resident memory in GiB and the seconds of an import."""
    command = [sys.executable, "-m", "turquesa_stats", "import", "tidy", str(register), "--into", str(workspace)]
    start = time.perf_counter()
    child = os.posix_spawn(command[0], command, os.environ)
    _, status, usage = os.wait4(child, 0)
    if status:
        raise SystemExit(f"the import of {register.name} failed")
    return usage.ru_maxrss / 2**20, time.perf_counter() - start


def main() -> None:
    """Print memory and time for each size, and how time grows from the smallest to the largest."""
    sizes = [int(size) for size in sys.argv[1:]] or [500_000, 5_000_000]
    seconds = []
    for size in sizes:
        with TemporaryDirectory(dir=os.environ.get("TMPDIR")) as folder:
            register = Path(folder) / "register"
            register.mkdir()
            make(register, size)
            memory, took = measure(register, Path(folder) / "workspace")
        seconds.append(took)
        verdict = "under" if memory < LIMIT else "OVER"
        print(f"{size:>10,} victims: {memory:5.2f} GiB ({verdict} {LIMIT:g}), {took:7.1f} s, {1e6 * took / size:6.1f} s a million")
    if len(sizes) > 1:
        growth = (seconds[-1] / seconds[0]) / (sizes[-1] / sizes[0])
        print(f"time per row at {sizes[-1]:,} = {growth:.2f} x that at {sizes[0]:,} (1 = linear)")


if __name__ == "__main__":
    main()
