"""Runs in a ledger, as a live upload would have recorded them, and the files they were about."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path

from attrs import evolve
from PIL import Image, ImageDraw

from creative_flow.creative import Batch, Creative, Outcome, Snapshot, Status
from creative_flow.ledger import Ledger
from creative_flow.workspace import Workspace

PLATFORM = "tj"
NAME = "EN_Summer_F_Real_SFW_Generic_Ana_{}sec_ID-1A2B{:04X}"


def workspace(folder: Path, **settings: str) -> Workspace:
    """Return a workspace that is ready, and heeds nothing but these settings."""
    place = Workspace(folder, environ=settings)
    place.prepare()
    return place


def picture(path: Path, number: int, size: tuple[int, int] = (300, 250)) -> Path:
    """Draw an image of its own."""
    path.parent.mkdir(parents=True, exist_ok=True)
    drawn = Image.new("RGB", size, (40 * number % 256, 90 * number % 256, 160))
    drawing = ImageDraw.Draw(drawn)
    drawing.ellipse((20, 20, 60 + 10 * (number % 12), 120), fill=(250, 220, 120))
    drawn.save(path)
    return path


def outcome(path: Path, status: Status = Status.SUCCESS, **facts: object) -> Outcome:
    """Return an outcome of a file, with what is true of the file if it is there."""
    there = path.read_bytes() if path.is_file() else b""
    known: dict[str, object] = {
        "ad_format": "static_banner",
        "size": len(there),
        "sha256": hashlib.sha256(there).hexdigest() if there else "",
        "at": datetime.now(UTC),
    }
    return Outcome(path, status, **(known | facts))  # type: ignore[arg-type]


def record(
    place: Workspace,
    outcomes: Iterable[Outcome],
    *,
    login: str = "ana.buyer",
    error: str = "",
    finished: bool = True,
    account: str = "default",
) -> str:
    """Record a run with these outcomes, those with a batch number in batches; return its id."""
    found = list(outcomes)
    with Ledger.open(place.ledger_url) as ledger:
        run = ledger.start_run(PLATFORM, account, login=login, campaign="", total=len(found))
        sent = [it for it in found if it.batch is not None]
        for number, group in groupby(sent, key=lambda it: it.batch):
            _send(ledger, run, number or 0, list(group))
        ledger.record(run, [it for it in found if it.batch is None])
        if finished:
            ledger.finish_run(run, error=error)
    return run


def _send(ledger: Ledger, run: str, number: int, outcomes: Sequence[Outcome]) -> None:
    ad_format = outcomes[0].ad_format
    creatives = tuple(
        Creative(
            it.path,
            ad_format,
            it.size,
            it.sha256,
            unique_id=it.unique_id,
            native_pair_id=it.native_pair_id,
        )
        for it in outcomes
    )
    seen = Snapshot(ad_format, (), complete=True, taken_at=datetime.now(UTC))
    batch = ledger.write_intent(run, Batch(number, ad_format, creatives), seen, "")
    ledger.mark_sending(batch)
    ledger.finish_batch(batch, outcomes, [])


def many(folder: Path, number: int) -> list[Outcome]:
    """Return outcomes of files that need not be there; every eighth is rejected."""
    wrong = "size is {}x250 pixels, allowed: 300x250"
    return [
        outcome(
            folder / f"{NAME.format(index % 9, index)}.png",
            Status.SUCCESS if index % 8 else Status.REJECTED,
            creative_id=str(1_032_530_001 + 10 * index) if index % 8 else "",
            error="" if index % 8 else wrong.format(index),
            size=1_000 + 7 * index % 90_001,
            batch=1 + index // 500 if index % 8 else None,
            unique_id=f"ID-1A2B{index:04X}",
        )
        for index in range(number)
    ]


def one_of_each(place: Workspace) -> list[Outcome]:
    """Return outcomes of every status, with evidence, native pairs, notes and retries."""
    banners, native = place.uploaded / "banners", place.uploaded / "Native"
    shot = place.screenshots / "20260314-120000-000001Z-unknown_id.png"
    picture(shot, 5, (1280, 720))
    shot.with_suffix(".html").write_text("<p>nothing new here</p>")
    seen = tuple(f"data/screenshots/{shot.with_suffix(end).name}" for end in (".png", ".html"))
    found = [
        outcome(
            picture(banners / f"{NAME.format(4, index)}.png", index),
            creative_id=str(1_032_530_001 + 10 * index),
            batch=1,
            unique_id=f"ID-1A2B{index:04X}",
        )
        for index in range(1, 8)
    ]
    found[2] = evolve(found[2], retries=2)
    found[3] = evolve(found[3], note="type is webp, allowed as far as is known: gif, jpg, png")
    found[4] = evolve(
        found[4],
        status=Status.UNKNOWN_ID,
        creative_id="",
        error="two new entries bear this name: 1032530041, 1032530051",
        evidence=seen,
    )
    found[5] = evolve(found[5], status=Status.DUPLICATE, error="the platform has this name already")
    for index, (up, down) in enumerate([(True, True), (True, False)], start=1):
        base = f"ID-1A2B3C{index:02X}"
        for half, ad_format, well in (("VID", "native_video", up), ("IMG", "native_image", down)):
            end = "mp4" if half == "VID" else "png"
            path = native / f"{half}_EN_Summer_F_Real_SFW_Generic_Ana_{base}-{half}.{end}"
            if end == "png":
                picture(path, index, (640, 360))
            found.append(
                outcome(
                    path,
                    Status.SUCCESS if well else Status.REJECTED,
                    ad_format=ad_format,
                    creative_id=f"10325390{index}{1 if half == 'VID' else 2}" if well else "",
                    error="" if well else "file has 300,412 bytes, allowed: 300,000",
                    batch=(2 if half == "VID" else 3) if well else None,
                    **({"size": 24_000 + index} if half == "VID" else {}),
                    unique_id=f"{base}-{half}",
                    native_pair_id=base,
                )
            )
    found += [
        outcome(
            picture(banners / f"{NAME.format(6, index)}.png", index, (301, 250)),
            Status.REJECTED,
            error=f"size is 30{index}x250 pixels, allowed: 300x250, 950x250, 468x60",
        )
        for index in (1, 2)
    ]
    found += [
        outcome(banners / "gone.png", Status.FILE_NOT_FOUND, error="there is no such file"),
        outcome(
            picture(banners / f"{NAME.format(7, 1)}.png", 9),
            Status.SKIPPED,
            creative_id="1032520001",
            error="already uploaded",
        ),
        outcome(
            picture(banners / f"{NAME.format(7, 2)}.png", 10),
            Status.FAILED,
            error="the upload was refused: server error 500",
            evidence=seen[:1],
        ),
        outcome(picture(banners / f"{NAME.format(7, 3)}.png", 11), Status.PENDING),
    ]
    return sorted(found, key=lambda it: (it.batch is None, it.batch or 0))


def spread(place: Workspace, days: int) -> None:
    """Record runs over some days up to today."""
    for back in range(days, -1, -3):
        at = datetime.now(UTC) - timedelta(days=back)
        folder = place.uploaded / f"day{back}"
        found = [evolve(it, at=at, batch=None) for it in many(folder, 12 + 17 * back % 40)]
        record(place, found)
