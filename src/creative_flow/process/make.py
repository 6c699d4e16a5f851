"""Makes one source's files: written beside their place, flushed, verified, then named.

What is made lies under a name of its own until it is whole, so that a crash leaves either nothing
or a file that `sweep` takes away. The source is only read.
"""

from __future__ import annotations

import errno
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import evolve

from creative_flow.creative import Kind, NativePair
from creative_flow.durable import make_folder
from creative_flow.errors import CreativeFlowError
from creative_flow.failpoints import failpoint
from creative_flow.ledger.mirrors.disk import Stamp
from creative_flow.ledger.prepared import Part, Prepared
from creative_flow.moving import copy, digest, place
from creative_flow.probe import NotMedia, probe
from creative_flow.process.copying import Order, beside, clear
from creative_flow.process.facts import media_cells
from creative_flow.process.items import MADE_SUFFIXES, Target, Task

if TYPE_CHECKING:
    from creative_flow.process.workers import Workers


class NotMade(CreativeFlowError):
    """A file could not be made. The source stands as it was."""


async def make_pair(
    task: Task,
    workers: Workers,
    pair: NativePair,
    limits: Mapping[Part, int | None],
    threads: int,
) -> tuple[Prepared, ...]:
    """Make both halves of a native pair: the pair is whole, or not there.

    ``limits`` are the most bytes of each half, None for any; ``threads`` are how many a codec may
    have. Raises `NotMade`.
    """
    from creative_flow.process import pair as making

    video, image = task.target(Part.VIDEO), task.target(Part.IMAGE)
    temporaries = {Part.VIDEO: _beside(video.path), Part.IMAGE: _beside(image.path)}
    try:
        for target in (video, image):
            _clear(target.path)
        work = partial(
            making.make_pair,
            task.source.path,
            width=pair.width,
            height=pair.height,
            seconds=pair.seconds,
            max_image_bytes=limits[Part.IMAGE],
            max_video_bytes=limits[Part.VIDEO],
            media=task.media,
            video=temporaries[Part.VIDEO],
            image=temporaries[Part.IMAGE],
            threads=threads,
        )
        stills = (temporaries[Part.IMAGE], temporaries[Part.IMAGE].with_suffix(".jpg"))
        made = await workers.run_leaving((temporaries[Part.VIDEO], *stills), work)
        temporaries = {Part.VIDEO: made.video, Part.IMAGE: made.image}
        _check_unchanged(task)
        image = _with_suffix(image, made.image.suffix)
        rows = [
            _row(video, made.video, made.video_notes),
            _row(image, made.image, made.image_notes),
        ]
        with failpoint("process.place"):
            for target in (video, image):
                place(temporaries[target.row.part], target.path)
    except (CreativeFlowError, OSError) as error:
        for target in (video, image):
            _take_back(target.path)
        raise not_made(task, error) from error
    finally:
        for temporary in temporaries.values():
            _remove(temporary)
    return tuple(rows)


def make_one(task: Task) -> tuple[Prepared, ...]:
    """Compress or convert one source. Raises `NotMade`."""
    (target,) = task.targets
    temporary = _beside(target.path)
    try:
        _clear(target.path)
        temporary, notes = _fitted(task, temporary)
        _check_unchanged(task)
        target = _with_suffix(target, temporary.suffix)
        _clear(target.path, keep=temporary)
        row = _row(target, temporary, notes)
        with failpoint("process.place"):
            place(temporary, target.path)
    except (CreativeFlowError, OSError) as error:
        raise not_made(task, error) from error
    finally:
        _remove(temporary)
    return (row,)


def order(task: Task) -> Order:
    """Return what `copy_to` is to do for a source that is copied as it is."""
    (target,) = task.targets
    return Order(str(task.source.path), str(target.path), task.sha256, task.unnamed)


def copied(task: Task, size: int | OSError) -> tuple[Prepared, ...] | NotMade:
    """Return what came of an `order`, by the answer of `copy_to`: what was planned, now ready."""
    if isinstance(size, OSError):
        return not_made(task, size)
    (target,) = task.targets
    return (evolve(target.row, ready=True),)


def sweep(path: Path) -> None:
    """Take away what an interrupted run left of a file: the half of it, or the unrecorded whole."""
    for suffix in (path.suffix, *MADE_SUFFIXES):
        _beside(path.with_suffix(suffix)).unlink(missing_ok=True)
        path.with_suffix(suffix).unlink(missing_ok=True)


def _check_unchanged(task: Task) -> None:
    """Raise `NotMade` if a source is not any more what was made a file of."""
    if Stamp.of(task.source.path) != task.stamp:
        raise NotMade("it changed while it was processed.", hint="Run it again.")


def _fitted(task: Task, temporary: Path) -> tuple[Path, tuple[str, ...]]:
    """Write the picture smaller, or as another type; return the file and what is to be noted."""
    from creative_flow.process import compress

    source, media = task.source.path, task.media
    if task.max_bytes is not None:
        made = compress.fit_image(
            source, temporary, max_bytes=task.max_bytes, file_types=task.file_types, media=media
        )
        if made is None:
            copy(source, temporary, task.sha256)
            return temporary, ()
        return made.path, made.notes
    converted = compress.convert_type(source, temporary, media=media)
    return converted.path, converted.notes


def _beside(path: Path) -> Path:
    return Path(beside(str(path)))


def _clear(path: Path, keep: Path | None = None) -> None:
    """Make room for a file: its folder, and nothing of an interrupted attempt in its place."""
    make_folder(path.parent)
    for left in {path, _beside(path)} - {keep}:
        clear(str(left))


def _take_back(path: Path) -> None:
    """Remove one half of a pair, whichever type of picture it became."""
    suffixes = (".png", ".jpg") if path.suffix in {".png", ".jpg"} else (path.suffix,)
    for suffix in suffixes:
        _remove(path.with_suffix(suffix))


def _remove(path: Path) -> None:
    with suppress(OSError):  # what can't be removed is no half of ours, or is swept next time
        path.unlink(missing_ok=True)


def _with_suffix(target: Target, suffix: str) -> Target:
    path = target.path.with_suffix(suffix)
    facts = {**target.row.facts, "new_filename": path.name}
    relative = Path(target.row.path).with_suffix(suffix).as_posix()
    return Target(path, evolve(target.row, path=relative, facts=facts))


def _row(target: Target, made: Path, notes: tuple[str, ...]) -> Prepared:
    """Return the row of a finished file, with what its content says; it is read for that."""
    media = probe(made)
    if media.kind is Kind.VIDEO and media.seconds is None:
        raise NotMedia(made, "it has no duration")
    size = made.stat().st_size
    told = "; ".join(filter(None, (target.row.notes, *notes)))
    return evolve(
        target.row,
        sha256=digest(made),
        size=size,
        ready=True,
        facts={**target.row.facts, **media_cells(media, size)},
        notes=told,
    )


def not_made(task: Task, error: CreativeFlowError | OSError) -> NotMade:
    """Return why a file was not made, to stand beside its name."""
    if isinstance(error, NotMade):
        return error
    if isinstance(error, OSError):
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            return NotMade("the disk is full.", hint="Free some space and run it again.")
        return NotMade(f"it can't be made: {error.strerror or error}")
    reason = error.reason if isinstance(error, NotMedia) else error.message
    prefix = f"{str(task.source.path)!r} "
    return NotMade(reason.removeprefix(prefix), hint=error.hint)
