"""Planning against more and more known creatives: time, memory and slope; and the naive way.

    python -m benchmarks.plan [--sizes 1000 10000 100000 1000000]

For each size a workspace is made with a real ledger of so many creatives and its library CSV. Then
fresh processes plan 1,000 files, half of which are known, and make a dry run of 10 files with
`cfu`; the sizes take turns. Files are planned for the first time, when all are read, and once more,
when the ledger knows what is in them and what they look like. Beside it stands how it is often
done: `pandas.read_csv`, `iterrows` into a dict, and a look at every known name for every file.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from benchmarks.measuring import CFU, Finished, Line, Runs, folder, in_turn, ratio, run, say, table

SIZES = (1_000, 10_000, 100_000, 1_000_000)
FILES, FEW = 1_000, 10
TIMES = 7
MOST_SLOPE = 1.2
MOST_SECONDS = 0.5
# What a setting of the user's own would change.
PLAIN = {"CFU_DATABASE_URL": "", "TJ_USERNAME": "", "TJ_PASSWORD": ""}

_PLAN = """
import json, sys, time
from creative_flow.cli.running import run_upload
import creative_flow.uploading, PIL.PngImagePlugin, sqlite3, creative_flow_tj.uploader
from creative_flow import upload
began = time.perf_counter()
report = upload("tj", [sys.argv[1]], workspace=sys.argv[2])
seconds = time.perf_counter() - began
skipped = sum(outcome.status == "skipped" for outcome in report.outcomes)
print(json.dumps({"seconds": seconds, "files": len(report.outcomes), "skipped": skipped}))
"""
_NAIVE = """
import json, sys, time
from pathlib import Path
began = time.perf_counter()
import pandas
known = {}
for _, row in pandas.read_csv(sys.argv[2], dtype=str).iterrows():
    known[row["creative_id"]] = row
skipped = 0
for path in sorted(Path(sys.argv[1]).iterdir()):
    for row in known.values():
        if row["filename"] == path.name:
            skipped += 1
            break
    if time.perf_counter() - began > float(sys.argv[3]):
        break
seconds = time.perf_counter() - began
print(json.dumps({"seconds": seconds, "skipped": skipped, "until": path.name}))
"""
_NAIVE_LIMIT = 150.0
"""Seconds after which the naive way is stopped, and counts as having taken that long."""


def measure(sizes: Sequence[int] = SIZES) -> list[Line]:
    """Make the shelves and measure on them. Takes some minutes with the largest of them."""
    from benchmarks.shelves import make_files

    with folder() as root:
        many, few = root / "many", root / "few"
        making = [sys.executable, "-c", _making(make_files.__module__)]
        run([*making, str(many), str(FILES), "0"])
        few.mkdir()
        for path in sorted(many.iterdir())[:: FILES // FEW]:
            (few / path.name).write_bytes(path.read_bytes())
        for size in sizes:
            say(f"plan: making a ledger of {size:,} creatives …")
            place = str(root / str(size))
            run([sys.executable, "-m", "benchmarks.shelves", place, str(size), str(many)])
        say("plan: planning files that nobody has seen …")
        editions = [root / f"edition {number}" for number in range(1, TIMES + 2)]
        for number, edition in enumerate(editions, start=1):
            run([*making, str(edition), str(FILES), str(number)])
        unseen = {size: iter(editions) for size in sizes}
        first = in_turn(
            {it: partial(_plan_next, unseen[it], root / str(it)) for it in sizes}, TIMES
        )
        say("plan: planning …")
        plans = in_turn({it: partial(_plan, many, root / str(it)) for it in sizes}, TIMES)
        dry = in_turn({it: partial(_dry_run, few, root / str(it)) for it in sizes}, TIMES)
        lines = [
            *_slope(f"plan {FILES:,} files for the first time", first),
            *_slope(f"plan {FILES:,} files once more", plans),
            *_dry_lines(dry),
        ]
        return [*lines, *_naive(sizes, plans, many, root)]


def _making(module: str) -> str:
    return (
        f"import sys; from pathlib import Path; from {module} import make_files; "
        "make_files(Path(sys.argv[1]), *map(int, sys.argv[2:]))"
    )


def _plan(files: Path, place: Path) -> Finished:
    """Plan in a fresh process; the time is that of the plan alone, its imports being done."""
    done = run([sys.executable, "-c", _PLAN, str(files), str(place)], environ=PLAIN)
    found = json.loads(done.output.splitlines()[-1])
    if (found["files"], found["skipped"]) != (FILES, FILES // 2):
        raise RuntimeError(f"the plan is not as it ought to be: {found}")
    return Finished(found["seconds"], done.peak, done.output)


def _plan_next(editions: Iterator[Path], place: Path) -> Finished:
    return _plan(next(editions), place)


def _dry_run(files: Path, place: Path) -> Finished:
    return run(
        [*CFU, "upload", str(files), "--platform", "tj", "--workspace", str(place)], environ=PLAIN
    )


def _slope(what: str, plans: Mapping[int, Runs]) -> list[Line]:
    least = min(plans)
    one = plans[least]
    return [
        line
        for size, plan in plans.items()
        if size != least
        for line in (
            Line(
                f"{what}, {size:,} known : {least:,} known, time",
                ratio(plan.seconds, one.seconds),
                most=MOST_SLOPE,
                detail=f"{plan.time:.3f} s : {one.time:.3f} s, fastest "
                f"{min(plan.seconds):.3f} s : {min(one.seconds):.3f} s",
            ),
            Line(
                f"{what}, {size:,} known : {least:,} known, memory",
                ratio(plan.peaks, one.peaks),
                most=MOST_SLOPE,
                detail=f"{plan.peak / 1e6:.0f} MB : {one.peak / 1e6:.0f} MB",
            ),
        )
    ]


def _dry_lines(dry: Mapping[int, Runs]) -> list[Line]:
    return [
        Line(
            f"dry run of {FEW} files, {size:,} known, process start included",
            runs.time,
            most=MOST_SECONDS,
            unit=" s",
            detail=f"{runs.time:.3f} s, fastest {min(runs.seconds):.3f} s, "
            f"{runs.peak / 1e6:.0f} MB",
        )
        for size, runs in dry.items()
    ]


def _naive(sizes: Sequence[int], plans: dict[int, Runs], files: Path, root: Path) -> list[Line]:
    lines = []
    for size in sizes:
        say(f"plan: the naive way with {size:,} creatives …")
        csv = root / str(size) / "tracking" / "TJ_Creative_Library.csv"
        try:
            done = run([sys.executable, "-c", _NAIVE, str(files), str(csv), str(_NAIVE_LIMIT)])
        except RuntimeError as error:
            if "No module named 'pandas'" not in str(error):
                raise
            say("plan: pandas is not installed (`make bench` does that): no naive way")
            return []
        found = json.loads(done.output.splitlines()[-1])
        whole = found["skipped"] == FILES // 2
        lines.append(
            Line(
                f"the naive way : this one, {size:,} known, time",
                found["seconds"] / plans[size].time,
                detail=f"{'' if whole else 'more than '}{found['seconds']:.1f} s, "
                f"{done.peak / 1e6:.0f} MB : {plans[size].time:.2f} s, "
                f"{plans[size].peak / 1e6:.0f} MB",
            )
        )
    return lines


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES))
    print(table(measure(parser.parse_args().sizes)))


if __name__ == "__main__":
    main()
