"""Where a run's time and memory went, rule by rule: python benchmarks/stages.py results/demo.

Reads the benchmark files that every job of the run left; prints jobs, wall seconds, CPU seconds
and the largest resident memory of each rule on the machine that ran it. With ``--gantt FILE`` it
draws when each job ran, and prints the jobs without which the end would have come sooner. That
takes a run from scratch, in one go and not copied: a job's end is the time of its benchmark file.
"""

import argparse
import os
import platform
from pathlib import Path

import matplotlib as mpl
import pandas as pd
from matplotlib.figure import Figure

DRAWN_APART = 7
"""Rules with a colour of their own: those that took longest."""
COLOURS = ("#4477aa", "#ee6677", "#228833", "#ccbb44", "#66ccee", "#aa3377", "#ee8866")
OTHERS, OTHERS_COLOUR = "everything else", "#bbbbbb"


def main() -> None:
    """Print one line a rule, longest first."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("results", type=Path, help="a run's folder, e.g. results/demo")
    parser.add_argument("--gantt", type=Path, metavar="FILE", help="picture to be drawn")
    options = parser.parse_args()
    jobs = read_jobs(options.results / "benchmarks")
    table = (
        jobs.groupby("rule")
        .agg(
            jobs=("s", "size"),
            wall_s=("s", "sum"),
            cpu_s=("cpu_time", "sum"),
            largest_rss_mib=("max_rss", "max"),
        )
        .sort_values("wall_s", ascending=False)
        .reset_index()
    )
    print(f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors")
    print(table.round(1).to_string(index=False))
    print(f"sum over {table['jobs'].sum()} jobs: {table['wall_s'].sum():.0f} s wall, ", end="")
    print(f"{table['cpu_s'].sum():.0f} s CPU, largest {table['largest_rss_mib'].max():.0f} MiB")
    if options.gantt:
        whole = jobs["end"].max() - jobs["start"].min()
        print(
            f"from the first job's start to the last one's end: {whole:.0f} s; one after the other"
        )
        for job in last_chain(jobs):
            print(
                f"  {job.start - jobs['start'].min():6.1f} s  {job.rule} {job.name} ({job.s:.1f} s)"
            )
        draw(jobs, list(table["rule"][:DRAWN_APART]), options.gantt)


def read_jobs(folder: Path) -> pd.DataFrame:
    """Return one row a job: rule, name, seconds, CPU seconds, MiB, start and end (s since 1970)."""
    rows = []
    for file in sorted(folder.rglob("*.tsv")):
        numbers = pd.read_csv(file, sep="\t")[["s", "cpu_time", "max_rss"]]
        row = numbers.apply(pd.to_numeric, errors="coerce").iloc[0].to_dict()
        rule = file.relative_to(folder).parts[0]
        rows.append({"rule": rule, "name": file.stem, **row, "end": file.stat().st_mtime})
    jobs = pd.DataFrame(rows)
    return jobs.assign(start=jobs["end"] - jobs["s"])


def last_chain(jobs: pd.DataFrame) -> list[tuple]:
    """Return the jobs that ended last before each other's start, from the first to the last job."""
    chain = [jobs.loc[jobs["end"].idxmax()]]
    while len(earlier := jobs[jobs["end"] <= chain[0]["start"]]):
        chain.insert(0, earlier.loc[earlier["end"].idxmax()])
    return list(pd.DataFrame(chain).itertuples(index=False))


def draw(jobs: pd.DataFrame, apart: list[str], file: Path) -> None:
    """Draw each job as a bar, in the first lane that is free."""
    colours = dict(zip(apart, COLOURS, strict=False))
    begin = jobs["start"].min()
    free: list[float] = []
    with mpl.rc_context({"font.size": 8, "svg.hashsalt": "taceflow"}):
        figure = Figure(figsize=(7.2, 2.2), layout="constrained")
        axes = figure.subplots()
        for job in jobs.sort_values("start").itertuples():
            lane = next((one for one, end in enumerate(free) if end <= job.start), len(free))
            free[lane : lane + 1] = [job.end]
            colour = colours.get(job.rule, OTHERS_COLOUR)
            axes.barh(lane, job.s, left=job.start - begin, color=colour, edgecolor="white", lw=0.3)
        for name, colour in {**colours, OTHERS: OTHERS_COLOUR}.items():
            axes.barh(0, 0, color=colour, label=name)
        axes.set_yticks(range(len(free)), [f"job {lane + 1}" for lane in range(len(free))])
        axes.set_xlabel("seconds since the first job's start")
        axes.spines[["top", "right"]].set_visible(False)
        figure.legend(loc="outside upper center", ncols=4, frameon=False)
        figure.savefig(file, dpi=200)


if __name__ == "__main__":
    main()
