"""How an upload takes a site that has changed: seed by seed, against a drifting sandbox.

    python benchmarks/reliability/drift.py --to 60            the seeds 1 to 60
    python benchmarks/reliability/drift.py --from 61 --to 120 --json drift.json
    python benchmarks/reliability/drift.py --alone            each mutation by itself

For every seed, 5 small files of 2 ad formats go through a real headless Chromium into a library
that has some older creatives, one of them under the name of a file. What the run and its ledger say
is then compared with what the sandbox knows. A line tells for each seed whether the upload was

    completed     every file has the id that it ought to have
    closed        it stopped or left files open, said why, and everything it said is true
    overrun       it had not ended after --seconds, and was stopped
    crashed       it ended with an error that was not raised on purpose
    WRONG         an id is wrong, or a file arrived twice or in another ad format

The exit code is 1 if anything is WRONG, else 0.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import attrs
from PIL import Image

from creative_flow import CreativeFlowError, Report, Status, upload_async
from creative_flow.ledger import Ledger, Origin
from creative_flow.workspace import Workspace
from creative_flow_tj.sandbox import TjSandbox
from creative_flow_tj.sandbox.drift import CATALOGUE, drawn, drift_of
from creative_flow_tj.sandbox.seeds import seeds_of

FILES = (
    ("static_banner", (300, 250), "EN_Summer_F_Real_SFW_Generic_Ana_ID-1A2B3C01.png"),
    ("static_banner", (468, 60), "EN_Harbour_M_Real_SFW_Generic_Ben_ID-1A2B3C02.png"),
    ("static_banner", (970, 90), "DE_Winter_F_Anime_SFW_Generic_Cleo_ID-1A2B3C03.png"),
    ("native_image", (640, 360), "IMG_FR_Spring_F_Both_SFW_Generic_Dora_ID-1A2B3C04-IMG.png"),
    ("native_image", (640, 360), "IMG_EN_Forest_M_Real_SFW_Generic_Emil_ID-1A2B3C05-IMG.png"),
)
TAKEN = 1
"""Which of the files has a name that the library has already."""

OLDER = 30
"""How many other creatives each ad format has: more than a batch's snapshot needs to look at."""

SITE = {
    "captcha": "none",
    "list_seconds": 0.05,
    "file_seconds": 0.1,
    "batch_seconds": 0.1,
    "thumbnails": False,
}
WAITS = "[waits]\nsettle = 6\nappear = 6\nduplicate = 2\n"
VERDICTS = ("completed", "closed", "overrun", "crashed", "WRONG")
STOPPED_SECONDS = 10.0
"""How long a run that is stopped may take to end."""


@attrs.frozen
class Trial:
    """One site to try: a seed, or with ``only`` one mutation with that seed's details."""

    seed: int
    only: str = ""

    @property
    def mutations(self) -> tuple[str, ...]:
        """The names of what is changed."""
        return (self.only,) if self.only else tuple(mutation.name for mutation in drawn(self.seed))

    @property
    def settings(self) -> dict[str, object]:
        """The sandbox's settings."""
        return {**SITE, "drift": self.seed, "drift_only": self.only or "seeded"}


@attrs.frozen
class Result:
    """What became of one trial. ``faults`` says what is WRONG, ``message`` why it stopped."""

    trial: Trial
    verdict: str
    exit_code: int
    seconds: float
    message: str
    arrived: int
    faults: tuple[str, ...] = ()

    @property
    def line(self) -> str:
        """The result for people."""
        name = self.trial.only or f"seed {self.trial.seed}"
        told = "; ".join(self.faults) or self.message
        return (
            f"{name:<10} {self.verdict:<10} exit {self.exit_code:<4}{self.seconds:5.1f} s  "
            f"{self.arrived} arrived  {told}"
        ).rstrip()

    def as_json(self) -> dict[str, object]:
        """Return everything, with the drift in words."""
        drift = drift_of(self.trial.seed, self.trial.only)
        values = attrs.asdict(self)
        return {**values.pop("trial"), **values, "drift": drift.described if drift else ()}


async def try_one(trial: Trial, limit: float) -> Result:
    """Run one upload against one site, and compare. It is stopped after ``limit`` seconds."""
    sandbox = TjSandbox(settings=trial.settings)
    await sandbox.start()
    try:
        with tempfile.TemporaryDirectory(prefix="drift-") as folder:
            fill(sandbox)
            workspace = make_workspace(Path(folder), sandbox)
            paths = make_files(workspace.uploaded)
            started = time.monotonic()
            upload = asyncio.create_task(
                upload_async(
                    "tj", paths, workspace=workspace, live=True, headless=True, interactive=False
                )
            )
            await asyncio.wait([upload], timeout=limit)
            seconds = time.monotonic() - started
            ended = upload.done()
            upload.cancel()
            await asyncio.wait([upload], timeout=STOPPED_SECONDS)
            [outcome] = await asyncio.gather(upload, return_exceptions=True)
            return judge(trial, sandbox, workspace, outcome if ended else None, seconds)
    finally:
        await sandbox.stop()


def fill(sandbox: TjSandbox) -> None:
    """Put older creatives into the sandbox's library, the oldest with the name that is taken."""
    ad_format, _, taken = FILES[TAKEN]
    rows = [
        {"name": f"EN_Winter_F_Real_SFW_Generic_Zoe_{number}_{name}", "ad_format": name}
        for number in range(OLDER)
        for name in ("static_banner", "native_image", "native_video")
    ]
    rows.insert(0, {"name": Path(taken).stem, "ad_format": ad_format})
    sandbox.state.add_creatives(seeds_of({"creatives": rows}, sandbox.site.settings))


def make_workspace(folder: Path, sandbox: TjSandbox) -> Workspace:
    """Make a workspace that is aimed at the sandbox and waits less."""
    environ = {
        **os.environ,
        **sandbox.environment(),
        "CFU_STATE_DIR": str(folder / "state"),
        "TAKE_SCREENSHOTS": "False",
    }
    workspace = Workspace(folder / "work", environ=environ)
    workspace.prepare()
    workspace.overrides_file("tj").write_text(WAITS, encoding="utf-8")
    return workspace


def make_files(folder: Path) -> list[Path]:
    """Write the files to upload, each with a content of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, (_, size, name) in enumerate(FILES):
        Image.new("RGB", size, (40 * number, 90, 160)).save(folder / name)
    return [folder / name for _, _, name in FILES]


def judge(
    trial: Trial,
    sandbox: TjSandbox,
    workspace: Workspace,
    outcome: Report | BaseException | None,
    seconds: float,
) -> Result:
    """Say what a run was worth. ``outcome`` is its report or error, None if it was stopped."""
    report = outcome if isinstance(outcome, Report) else None
    faults = [*wrong_arrivals(sandbox), *wrong_ledger(sandbox, workspace)]
    faults += wrong_report(sandbox, report) if report else []
    exit_code, message = told(outcome)
    if faults:
        verdict = "WRONG"
    elif outcome is None:
        verdict = "overrun"
    elif report and complete(report):
        verdict = "completed"
    elif report or isinstance(outcome, CreativeFlowError):
        verdict = "closed"
    else:
        verdict = "crashed"
    arrived = len(sandbox.state.arrivals())
    return Result(trial, verdict, exit_code, seconds, message, arrived, tuple(faults))


def told(outcome: Report | BaseException | None) -> tuple[int, str]:
    """Return a run's exit code and the first line that says why it is not well."""
    if outcome is None:
        return 130, "It had not ended in time."
    if isinstance(outcome, CreativeFlowError):
        return outcome.exit_code, str(outcome)
    if isinstance(outcome, BaseException):
        return 70, f"{type(outcome).__name__}: {outcome}".partition("\n")[0]
    # A file that is not well says more than one that is, whatever that has to remark.
    remarks = sorted(outcome.outcomes, key=lambda each: each.status.is_well)
    reasons = [f"{each.status}: {each.error}" for each in remarks if each.error]
    return outcome.exit_code, outcome.error or next(iter(reasons), "")


def complete(report: Report) -> bool:
    """Whether every file ended as it ought to."""
    well = {name: {Status.SUCCESS} for _, _, name in FILES}
    well[FILES[TAKEN][2]] = {Status.DUPLICATE, Status.SKIPPED}
    ended = {outcome.name for outcome in report.outcomes if outcome.status in well[outcome.name]}
    return ended == set(well) and all(outcome.creative_id for outcome in report.outcomes)


def wrong_arrivals(sandbox: TjSandbox) -> list[str]:
    """Return what arrived twice, or in an ad format that it was not meant for."""
    meant = {name: ad_format for ad_format, _, name in FILES}
    arrivals = [arrival for arrival in sandbox.state.arrivals() if arrival.sha256]
    times = Counter(arrival.name for arrival in arrivals)
    twice = [f"{name} arrived {count} times" for name, count in times.items() if count > 1]
    strayed = [
        f"{arrival.name} went to {arrival.ad_format}"
        for arrival in arrivals
        if arrival.ad_format != meant.get(arrival.name)
    ]
    return twice + strayed


def wrong_report(sandbox: TjSandbox, report: Report) -> list[str]:
    """Return what a report says that is not so."""
    faults = []
    for outcome in report.outcomes:
        if not outcome.creative_id:
            if outcome.status is Status.SUCCESS:
                faults.append(f"{outcome.name} is a success without an id")
            continue
        found = sandbox.state.creative(outcome.creative_id)
        owner = (found.ad_format, found.name) if found else ("", "nothing")
        if owner != (outcome.ad_format, outcome.path.stem):
            faults.append(f"{outcome.name} got {outcome.creative_id}, which is {owner[1]}'s")
        elif found and outcome.status is Status.SUCCESS and not found.sha256:
            faults.append(f"{outcome.name} is a success with the id of an older creative")
    return faults


def wrong_ledger(sandbox: TjSandbox, workspace: Workspace) -> list[str]:
    """Return the ids in the ledger that are not those of the names beside them."""
    faults = []
    with Ledger.open(workspace.ledger_url) as ledger:
        for entry in ledger.entries("tj", "default"):
            found = sandbox.state.creative(entry.creative_id)
            name = Path(entry.name).stem if entry.origin is Origin.PROVED else entry.name
            if found is None or (found.ad_format, found.name) != (entry.ad_format, name):
                faults.append(f"the ledger has {entry.creative_id} as {entry.name}")
    return faults


def grouped(message: str) -> str:
    """Return a message without what differs from seed to seed, so that like ones count as one."""
    message = re.sub(r"http://\S+", "URL", message)
    message = re.sub(r"\S+\.(png|html|log)\b", "FILE", message)
    return re.sub(r"\d+", "N", message)[:110]


def print_table(results: Sequence[Result]) -> None:
    """Print shares, the slowest, the messages, and what each mutation did."""
    print(f"\n{len(results)} sites")
    for verdict in VERDICTS:
        of_it = [result.seconds for result in results if result.verdict == verdict]
        if of_it:
            share = len(of_it) / len(results)
            print(f"  {verdict:<10} {len(of_it):>4}  {share:>6.1%}  slowest {max(of_it):.1f} s")
    stopped = [result for result in results if result.verdict != "completed"]
    if not stopped:
        return
    print("\nwhat was said")
    for message, count in Counter(grouped(result.message) for result in stopped).most_common():
        print(f"  {count:>4}  {message}")
    print("\nmutation                     sites  stopped")
    seen = Counter(name for result in results for name in result.trial.mutations)
    rows = Counter(name for result in stopped for name in result.trial.mutations)
    for name, count in sorted(rows.items(), key=lambda row: (-row[1] / seen[row[0]], row[0])):
        weight = CATALOGUE[name].weight.value
        print(f"  {name:<26} {seen[name]:>5} {count:>8}  {count / seen[name]:>5.0%}  {weight}")


async def try_all(trials: Iterable[Trial], limit: float, file: Path | None) -> list[Result]:
    """Try one site after the other, telling each result at once, also in a file of JSON."""
    results: list[Result] = []
    for trial in trials:
        results.append(await try_one(trial, limit))
        print(results[-1].line, flush=True)
        if file:
            document = [result.as_json() for result in results]
            text = json.dumps(document, indent=1, ensure_ascii=False)
            await asyncio.to_thread(file.write_text, text, encoding="utf-8")
    return results


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the arguments, try the sites, print the table; return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--from", dest="first", type=int, default=1, help="the first seed (1)")
    parser.add_argument("--to", dest="last", type=int, default=20, help="the last seed (20)")
    parser.add_argument("--alone", nargs="*", metavar="MUTATION", help="each (or these) by itself")
    parser.add_argument("--seconds", type=float, default=90, help="limit for one upload (90)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every result there, too")
    given = parser.parse_args(arguments)
    seeds = range(given.first, given.last + 1)
    if given.alone is None:
        trials = [Trial(seed) for seed in seeds]
    else:
        names = given.alone or list(CATALOGUE)
        if unknown := set(names) - set(CATALOGUE):
            parser.error(f"no such mutation: {', '.join(sorted(unknown))}")
        trials = [Trial(given.first, name) for name in names]
    results = asyncio.run(try_all(trials, given.seconds, given.json))
    print_table(results)
    return 1 if any(result.verdict == "WRONG" for result in results) else 0


if __name__ == "__main__":
    sys.exit(main())
