"""`cfu campaigns upload` against a straight-line script with the same clicks, and its lanes.

    python -m benchmarks.campaigns [--times N] [--campaigns 40]

40 campaigns get 3 ads each. Both are whole processes that start a browser, sign in, and work in the
same sandbox, in turn; the sandbox forgets everything in between. Once it answers at once, once it
takes its time. The least that users know of the real site is 20 s for a campaign; 5 s leaves the
more to the programs: 2 s for the page, 1 s for the check of the CSV, 2 s for the creation.
"""

from __future__ import annotations

import argparse
import csv
import json
import shutil
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from benchmarks.measuring import CFU, Finished, Line, folder, in_turn, ratio, run, say, table
from benchmarks.site import Site, serving

CAMPAIGNS = 40
ADS = 3
TIMES = {"none": 3, "5 s": 1}
"""How often each is run: what mostly waits for the site differs little."""
LANES = 4
SLOW: Mapping[str, float] = {
    "campaign_page_seconds": 2,
    "preview_seconds": 1,
    "confirm_seconds": 2,
}
"""5 s of latency for a campaign."""
LATENCIES: Mapping[str, tuple[Mapping[str, float], float | None]] = {
    "none": ({}, None),
    "5 s": (SLOW, 1.15),
}
"""What the sandbox is told, and the largest ratio that is wanted: without latency, none is."""
_FAR = 1800.0
"""Seconds that a process may take."""


def measure(times: int | None = None, campaigns: int = CAMPAIGNS) -> list[Line]:
    """Put ads into campaigns in turn, with either latency; with one, in several lanes, too."""
    lines = []
    with folder() as root:
        for latency, (settings, most) in LATENCIES.items():
            say(f"campaigns: latency {latency} …")
            lines += _compare(root, latency, settings, most, times or TIMES[latency], campaigns)
    return lines


def _compare(
    root: Path,
    latency: str,
    settings: Mapping[str, float],
    most: float | None,
    times: int,
    campaigns: int,
) -> list[Line]:
    ways = {
        "cfu": partial(cfu, root=root, campaigns=campaigns),
        "straight": partial(straight, root=root, campaigns=campaigns),
    }
    if settings:
        more = ("--parallel", str(LANES))
        ways["lanes"] = partial(cfu, root=root, campaigns=campaigns, more=more)
    with serving({**settings, "campaigns": 0}) as site:
        runs = in_turn({name: partial(way, site) for name, way in ways.items()}, times, warm_up=0)
    one, other = runs["cfu"], runs["straight"]
    lines = [
        Line(
            f"cfu campaigns upload : straight-line script, {campaigns} campaigns, "
            f"latency {latency}",
            ratio(one.seconds, other.seconds),
            most=most,
            detail=f"{one.time:.1f} s : {other.time:.1f} s",
        )
    ]
    if "lanes" in runs:
        several = runs["lanes"]
        lines.append(
            Line(
                f"campaigns, throughput of --parallel {LANES} : 1, latency {latency}",
                ratio(one.seconds, several.seconds),
                least=3.3,
                detail=f"{several.time:.1f} s : {one.time:.1f} s",
            )
        )
    return lines


def cfu(site: Site, root: Path, campaigns: int, more: Sequence[str] = ()) -> Finished:
    """Put the ads in with `cfu` from a workspace that knows nothing; make sure of all of them."""
    place = root / "workspace"
    shutil.rmtree(place, ignore_errors=True)
    mapping = _prepared(site, root, campaigns)
    done = run(
        [
            *(*CFU, "campaigns", "upload", str(mapping), "--platform", "tj", "--live"),
            *("--workspace", str(place), "--headless", "--json", *more),
        ],
        environ={**site.environ, "CFU_STATE_DIR": str(place / "state")},
        limit=_FAR,
    )
    [report] = json.loads(done.output)["runs"]
    if [it["ads_created"] for it in report["campaigns"]] != [ADS] * campaigns:
        raise RuntimeError(f"not every campaign has its ads: {report}")
    _check(site, campaigns)
    return done


def straight(site: Site, root: Path, campaigns: int) -> Finished:
    """Put the ads in with the straight-line script; make sure that all are there."""
    mapping = _prepared(site, root, campaigns)
    command = [sys.executable, "-m", "benchmarks.straight_campaigns", str(mapping)]
    done = run(command, environ=site.environ, limit=_FAR)
    _check(site, campaigns)
    return done


def _prepared(site: Site, root: Path, campaigns: int) -> Path:
    """Have the site begin anew with campaigns that have no ads; return a mapping of them."""
    from creative_flow_tj.sandbox.campaigns.records import COLUMNS

    site.ask("reset", {})
    item = {"name": "a creative", "ad_format": "in_stream_video"}
    [creative] = site.ask("library", {"creatives": [item]})["ids"]
    wanted = [{"name": f"Campaign {n}", "kind": "pre_roll"} for n in range(campaigns)]
    ids: Sequence[str] = site.ask("campaigns", {"campaigns": wanted})["ids"]
    files = root / "files"
    files.mkdir(exist_ok=True)
    rows = [("campaign_id", "csv_filename", "campaign_name", "enabled")]
    for number, campaign_id in enumerate(ids):
        path = files / f"ads-{number}.csv"
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS["pre_roll"], restval="")
            writer.writeheader()
            for ad in range(ADS):
                writer.writerow(
                    {
                        "Ad Name": f"EN_Summer_F_Real_SFW_Generic_Ana_6sec_ID-{number:04X}{ad:04X}",
                        "Target URL": "https://go.ads-sample.net/?sub11=x&m={CampaignID}",
                        "Creative ID": creative,
                    }
                )
        rows.append((campaign_id, path.name, f"Campaign {number}", ""))
    mapping = files / "campaign_mapping.csv"
    with mapping.open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    return mapping


def _check(site: Site, campaigns: int) -> None:
    """Make sure that the site has each ad once."""
    there = [it["ad_count"] for it in site.ask("campaigns")["campaigns"]]
    if there != [ADS] * campaigns:
        raise RuntimeError(f"the site has {there} ads")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--times", type=int, help="how often each runs (default: 3, slow ones 1)")
    parser.add_argument("--campaigns", type=int, default=CAMPAIGNS)
    wanted = parser.parse_args()
    print(table(measure(wanted.times, wanted.campaigns)))


if __name__ == "__main__":
    main()
