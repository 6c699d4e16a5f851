"""Makes, from one reading of a film, a clip in memory and the picture for its still."""

from __future__ import annotations

from bisect import bisect_left
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from creative_flow.process.failing import ConversionError
from creative_flow.process.film import DEMUXERS, Film
from creative_flow.process.filters import pulled
from creative_flow.process.memory import MemoryFile
from creative_flow.process.pictures import Look, chain, glance, look_of
from creative_flow.process.sound import Sound

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import OutputContainer
    from av.filter import Graph
    from av.packet import Packet
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream
    from PIL.Image import Image

PRESET = "medium"
QUALITY = 20
"""H.264's constant rate factor: lower is better and larger."""

BLACK = 32
"""Luma (16 is black, 235 white) up to which a point counts as black."""

BLACK_SHARE = 0.98
"""A picture is black if so many of its points are."""

_FROM_HDR = "brought from high dynamic range to BT.709"
_LEAST_BITS_PER_SECOND = 40_000


@frozen
class Clip:
    """A clip of so many ``pictures``, and the picture for its still.

    ``notes`` are about the clip, ``still_notes`` about that picture.
    """

    data: bytearray
    still: Image
    pictures: int
    seconds: float
    notes: tuple[str, ...]
    still_notes: tuple[str, ...]


def make_clip(
    source: Path,
    file_type: str,
    *,
    width: int,
    height: int,
    seconds: float,
    threads: int,
    bits_per_second: float | None = None,
) -> Clip:
    """Make a clip of the first ``seconds`` of a film, or of all of it where it is shorter.

    ``bits_per_second`` bounds pictures and sound together, else the quality is constant. Raises
    `ConversionError`, and `OSError` and `av.FFmpegError` as they come.
    """
    import av

    data = bytearray()
    with (
        source.open("rb") as file,
        av.open(file, "r", format=DEMUXERS[file_type], metadata_errors="replace") as container,
        av.open(
            MemoryFile(data),
            "w",
            format="mp4",
            options={"movflags": "faststart"},
            io_open=lambda *_: MemoryFile(data),
        ) as target,
    ):
        film = Film(source, container, seconds=seconds, threads=threads)
        maker = _Maker(film, target, width, height, threads)
        notes = maker.run(seconds, bits_per_second)
        still = maker.still()
    if still is None:
        raise ConversionError(source, "it has no picture that can be read")
    return Clip(data, still, maker.count, float(film.end * film.tick), notes, maker.still_notes)


class _Maker:
    """The making of one clip."""

    def __init__(
        self, film: Film, target: OutputContainer, width: int, height: int, threads: int
    ) -> None:
        self._film = film
        self._target = target
        self._size = width, height
        self._threads = threads
        self._stream = target.add_stream("libx264", rate=film.rate)
        self._stream.width, self._stream.height = width, height
        self._stream.pix_fmt = "yuv420p"
        self._packets: list[Packet[VideoStream]] = []
        self._shown: list[int] = []
        self._chain: tuple[Look, Graph] | None = None
        self._glance: tuple[object, ...] = ()
        self._best: tuple[float, VideoFrame, Look] | None = None
        self._is_light = False
        self._was_hdr = False

    @property
    def count(self) -> int:
        """How many pictures the clip has."""
        return len(self._shown)

    def run(self, seconds: float, bits_per_second: float | None) -> tuple[str, ...]:
        """Read, decode, encode and mux; return what is worth a note about the clip."""
        notes = []
        heard, note = self._film.sound
        if note:
            notes.append(note)
        sound = Sound(heard, self._target, seconds) if heard is not None else None
        self._set_up(sound.bits_per_second if sound else 0, bits_per_second)
        for frame, at in self._film.pictures(sound):
            self._take(frame, at)
        self._empty_chain()
        self._packets += self._stream.encode(None)
        self._set_times()
        if sound is not None:
            sound.finish()
            if sound.damaged:
                notes.append("some of its sound is damaged and silent")
        self._mux(sound)
        if self._film.skipped:
            notes.append(f"{self._film.skipped} broken pictures at its start were left out")
        if self._was_hdr:
            notes.append(_FROM_HDR)
        return tuple(notes)

    @property
    def still_notes(self) -> tuple[str, ...]:
        """What is worth a note about the picture for the still."""
        notes = []
        if not self._is_light:
            notes.append("all of the film is black: the image is its brightest picture")
        if self._was_hdr:
            notes.append(_FROM_HDR)
        return tuple(notes)

    def still(self) -> Image | None:
        """Return the first picture that is not black, else the brightest, from the film itself."""
        from av.video.frame import VideoFrame

        if self._best is None:
            return None
        _, frame, look = self._best
        graph = chain(look, *self._size, threads=self._threads, still=True)
        graph.push(frame)
        graph.push(None)
        return next((_image(made, "RGB") for made in pulled(graph, VideoFrame)), None)

    def _set_up(self, sound_bits: int, bits_per_second: float | None) -> None:
        context = self._stream.codec_context
        context.time_base = self._film.tick
        context.thread_count = self._threads
        context.color_primaries = context.color_trc = context.colorspace = 1  # BT.709
        context.color_range = 1  # as broadcast: 16 to 235
        options = {"preset": PRESET, "profile": "high"}
        if bits_per_second is None:
            options["crf"] = str(QUALITY)
        else:
            bits = int(max(bits_per_second - sound_bits, _LEAST_BITS_PER_SECOND))
            context.bit_rate = bits
            options |= {"maxrate": str(bits), "bufsize": str(bits)}
        context.options = options

    def _take(self, frame: VideoFrame, at: int) -> None:
        if self._chain is None or self._glance != glance(frame):
            self._begin_chain(frame)
        frame.pts, frame.time_base = at, self._film.tick
        assert self._chain is not None  # noqa: S101 - it was just made, if need be
        self._chain[1].push(frame)
        self._encode(*self._chain, frame)

    def _begin_chain(self, frame: VideoFrame) -> None:
        """Make filters for a picture that may look otherwise than the one before it."""
        look = look_of(frame, self._film.video, self._film.tick)
        self._glance = glance(frame)
        if self._chain is None or self._chain[0] != look:
            self._empty_chain()
            self._chain = look, chain(look, *self._size, threads=self._threads)
            self._was_hdr = self._was_hdr or look.is_hdr

    def _empty_chain(self) -> None:
        """Get the pictures that filters hold back."""
        if self._chain is not None:
            self._chain[1].push(None)
            self._encode(*self._chain, None)

    def _encode(self, look: Look, graph: Graph, origin: VideoFrame | None) -> None:
        from av.video.frame import PictureType, VideoFrame

        tick = self._film.tick
        for frame in pulled(graph, VideoFrame):
            at = round((frame.pts or 0) * (frame.time_base or tick) / tick)
            if self._shown and at <= self._shown[-1]:
                continue
            self._shown.append(at)
            frame.pts, frame.time_base = at, tick
            frame.pict_type = PictureType.NONE  # else the encoder would repeat the film's choice
            if not self._is_light:
                self._consider(frame, origin, look)
            self._packets += self._stream.encode(frame)

    def _consider(self, frame: VideoFrame, origin: VideoFrame | None, look: Look) -> None:
        """Remember a picture if it is the first that is not black, or the brightest."""
        luma = _image(frame, "L").histogram()
        points = sum(luma)
        self._is_light = sum(luma[: BLACK + 1]) < points * BLACK_SHARE
        brightness = sum(value * count for value, count in enumerate(luma)) / points
        if not self._is_light and self._best is not None and brightness <= self._best[0]:
            return
        if origin is None or look.interlaced:
            # Filters hold interlaced pictures back: the film's own is another one by now.
            origin, look = frame, _finished(look, *self._size)
        self._best = brightness, origin, look

    def _set_times(self) -> None:
        """Say how long each picture is shown, so that the clip has the length it ought to have.

        Pictures are stored some places before they are shown, so the first are stored "too early":
        by as much as the last are shown after they were stored. An encoder can't foresee that.
        """
        following = [*self._shown[1:], max(self._film.end, self._shown[-1] + 1)]
        for packet in self._packets:
            shown = bisect_left(self._shown, packet.pts or 0)
            packet.duration = following[shown] - self._shown[shown]
        early = [packet for packet in self._packets if (packet.dts or 0) < 0]
        last = self._packets[-1]
        lead = following[-1] - (last.dts or 0) - (last.duration or 0)
        for place, packet in enumerate(early):
            packet.dts = place * lead // len(early) - lead

    def _mux(self, sound: Sound | None) -> None:
        def when(packet: Packet[VideoStream] | Packet[AudioStream]) -> Fraction:
            return (packet.dts or 0) * (packet.time_base or self._film.tick)

        for packet in sorted([*self._packets, *(sound.packets if sound else ())], key=when):
            self._target.mux(packet)


def _image(frame: VideoFrame, mode: str) -> Image:
    """Return the first plane of a picture: the luma, or all where the colours lie together."""
    from PIL import Image

    plane, size = frame.planes[0], (frame.width, frame.height)
    return Image.frombuffer(mode, size, bytes(plane), "raw", mode, plane.line_size, 1)


def _finished(look: Look, width: int, height: int) -> Look:
    """Return the look of what leaves the filters."""
    return evolve(
        look,
        width=width,
        height=height,
        pixels="yuv420p",
        aspect=Fraction(1),
        interlaced=False,
        turn=(1, 0, 0, 1),
        matrix=1,
        full_range=False,
        transfer=1,
        primaries=1,
    )
