"""Chains of FFmpeg's filters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from av.audio.frame import AudioFrame
    from av.filter import Graph
    from av.video.frame import VideoFrame

F = TypeVar("F", "AudioFrame", "VideoFrame")


def linked(steps: Sequence[tuple[str, str]], threads: int = 0) -> Graph:
    """Make a chain of filters, each given by its name and options, ready for use."""
    from av.filter import Graph

    graph = Graph()
    if threads:
        graph.threads = threads
    graph.link_nodes(*(graph.add(name, options or None) for name, options in steps)).configure()
    return graph


def pulled(graph: Graph, kind: type[F]) -> Iterator[F]:
    """Yield the frames that a chain has ready."""
    import av

    while True:
        try:
            frame = graph.pull()
        except (av.BlockingIOError, av.EOFError):
            return
        if isinstance(frame, kind):
            yield frame
