"""Reads the start of a film, once: its pictures with their times, and its sound's packets."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from creative_flow.process.failing import ConversionError

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.packet import Packet
    from av.stream import Stream
    from av.video.frame import VideoFrame

    from creative_flow.process.sound import Sound

DEMUXERS = {
    "avi": "avi",
    "flv": "flv",
    "mkv": "matroska",
    "mov": "mov",
    "mp4": "mov",
    "webm": "matroska",
    "wmv": "asf",
}
"""The reader of each type. It is never left to be guessed: some would open other files."""

_USUAL_RATE = Fraction(30)
_MOST_RATE = 240
_BEHIND_SECONDS = 5
"""How far sound may stand behind the pictures that it belongs to."""


class Film:
    """The first ``seconds`` of an open film, counted from its first whole picture.

    Once `pictures` has ended, ``end`` is the length in ticks of ``tick`` seconds each, and
    ``skipped`` how many pictures at the start were broken.
    """

    def __init__(
        self, source: Path, container: InputContainer, *, seconds: float, threads: int
    ) -> None:
        from av.stream import Disposition

        self._source = source
        self._container = container
        videos = container.streams.video
        found = [each for each in videos if Disposition.attached_pic not in each.disposition]
        if not found:
            raise ConversionError(source, "there is no video in it")
        self.video = found[0]
        self.video.thread_type = "AUTO"
        self.video.codec_context.thread_count = threads
        self.tick = self.video.time_base or Fraction(1, 90_000)
        self.rate = self.video.average_rate or self.video.guessed_rate or _USUAL_RATE
        if not 1 <= self.rate <= _MOST_RATE:
            self.rate = _USUAL_RATE
        self._limit = round(Fraction(seconds) / self.tick)
        self._behind = round(_BEHIND_SECONDS / self.tick)
        self.end = 0
        self.skipped = 0
        self._first: int | None = None
        self._next = 0

    @property
    def sound(self) -> tuple[AudioStream | None, str]:
        """The stream of sound that players choose, or why there is none."""
        from av.audio.stream import AudioStream

        found = self._container.streams.best("audio", related=self.video)
        if not isinstance(found, AudioStream):
            return None, "no sound"
        if not found.codec_context or not found.codec_context.sample_rate:
            return None, "its sound can't be read, the clip has none"
        return found, ""

    def pictures(self, sound: Sound | None) -> Iterator[tuple[VideoFrame, int]]:
        """Yield each picture and when it is shown, in ticks from the first.

        ``sound`` gets what belongs to it on the way. Raises `ConversionError` if there is no
        picture or one in the middle is damaged.
        """
        last, is_over = -1, False
        for packet in self._container.demux([self.video, *([sound.source] if sound else ())]):
            if packet.stream is not self.video:
                if sound is not None:
                    sound.take(packet)
            elif is_over:
                if (packet.pts or 0) - (self._first or 0) > self._limit + self._behind:
                    break
            else:
                for frame in self._decoded(packet):
                    at = self._time_of(frame)
                    if self._first is None:
                        at = self._begin(at, sound)
                    if at >= self._limit:
                        is_over = True
                        break
                    if at > last:
                        last = at
                        yield frame, at
            if is_over and (sound is None or sound.is_over):
                break
        if last < 0:
            raise ConversionError(self._source, "it has no picture that can be read")
        self.end = self._limit if is_over else min(self._next, self._limit)

    def _begin(self, at: int, sound: Sound | None) -> int:
        """Count from here, the first whole picture's time."""
        self._first = at
        self._next -= at
        if sound is not None:
            sound.begin(at * self.tick)
        return 0

    def _decoded(self, packet: Packet[Stream]) -> list[VideoFrame]:
        import av

        try:
            frames = self.video.codec_context.decode(packet if packet.size else None)
        except av.EOFError:
            return []
        except av.InvalidDataError as error:
            self._damaged(error.strerror or "")
            return []
        whole = []
        for frame in frames:
            if frame.is_corrupt:
                self._damaged("a picture is incomplete")
            else:
                whole.append(frame)
        return whole

    def _damaged(self, reason: str) -> None:
        """Leave out what is broken before the first whole picture; later on nothing may be."""
        if self._first is not None:
            at = float(self._next * self.tick)
            raise ConversionError(
                self._source, f"it is damaged {at:.1f} s after its start ({reason})"
            )
        self.skipped += 1

    def _time_of(self, frame: VideoFrame) -> int:
        """Return when a picture is shown, in ticks, and foresee when the next one will be."""
        at = self._next
        if frame.pts is not None:
            time_base = frame.time_base or self.tick
            at = frame.pts if time_base == self.tick else round(frame.pts * time_base / self.tick)
            at -= self._first or 0
        length = frame.duration if frame.time_base == self.tick else 0
        self._next = at + (length or round(1 / self.rate / self.tick))
        return at
