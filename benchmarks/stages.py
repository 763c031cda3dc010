"""Where a run's time and memory went, rule by rule: python benchmarks/stages.py results/demo.

Reads the benchmark files that every job of the run left; prints jobs, wall seconds, CPU seconds
and the largest resident memory of each rule on the machine that ran it.
"""

import argparse
import os
import platform
from pathlib import Path

import pandas as pd


def main() -> None:
    """Print one line a rule, longest first."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("results", type=Path, help="a run's folder, e.g. results/demo")
    folder = parser.parse_args().results / "benchmarks"
    rows = []
    for rule in sorted(folder.iterdir()):
        jobs = pd.concat([pd.read_csv(file, sep="\t") for file in sorted(rule.rglob("*.tsv"))])
        numbers = jobs[["s", "cpu_time", "max_rss"]].apply(pd.to_numeric, errors="coerce")
        total = numbers.sum()
        rows.append((rule.name, len(jobs), total["s"], total["cpu_time"], numbers["max_rss"].max()))
    columns = ["rule", "jobs", "wall_s", "cpu_s", "largest_rss_mib"]
    table = pd.DataFrame(rows, columns=columns).sort_values("wall_s", ascending=False)
    print(f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors")
    print(table.round(1).to_string(index=False))
    print(f"sum over {table['jobs'].sum()} jobs: {table['wall_s'].sum():.0f} s wall, ", end="")
    print(f"{table['cpu_s'].sum():.0f} s CPU, largest {table['largest_rss_mib'].max():.0f} MiB")


if __name__ == "__main__":
    main()
