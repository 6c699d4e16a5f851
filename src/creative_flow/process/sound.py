"""Brings a film's sound into a clip: cut to length, in step with the pictures, AAC."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from creative_flow.process.filters import linked, pulled

if TYPE_CHECKING:
    from av.audio.frame import AudioFrame
    from av.audio.stream import AudioStream
    from av.container import OutputContainer
    from av.filter import Graph
    from av.packet import Packet
    from av.stream import Stream

BITS_PER_SECOND = {1: 96_000, 2: 160_000}
"""Of the encoded sound, by the number of channels."""

_KEPT_RATES = {32_000, 44_100, 48_000}
_OTHER_RATE = 48_000


class Sound:
    """Decodes one stream of sound and encodes it for the clip.

    Packets wait until `begin` says when the clip starts. Gaps become silence. ``packets`` is what
    there is to mux, ``damaged`` counts what could not be decoded.
    """

    def __init__(self, source: AudioStream, target: OutputContainer, seconds: float) -> None:
        self.source = source
        self._seconds = seconds
        channels = 1 if source.codec_context.channels == 1 else 2
        rate = source.codec_context.sample_rate
        self._rate = rate if rate in _KEPT_RATES else _OTHER_RATE
        self._layout = "mono" if channels == 1 else "stereo"
        self._stream = target.add_stream("aac", rate=self._rate, layout=self._layout)
        self._stream.codec_context.bit_rate = BITS_PER_SECOND[channels]
        self.bits_per_second = BITS_PER_SECOND[channels]
        self._waiting: list[Packet[Stream]] = []
        self._start: Fraction | None = None
        self._next = Fraction(0)
        self._graph: Graph | None = None
        self._form = ("", "", "")
        self.packets: list[Packet[AudioStream]] = []
        self.is_over = False
        self.damaged = 0

    def begin(self, start: Fraction) -> None:
        """Say at which second of the film the clip begins."""
        self._start = self._next = start
        for packet in self._waiting:
            self.take(packet)
        self._waiting.clear()

    def take(self, packet: Packet[Stream]) -> None:
        """Decode and encode one packet."""
        import av

        if self.is_over:
            return
        if self._start is None:
            self._waiting.append(packet)
            return
        try:
            frames = self.source.codec_context.decode(packet)
        except av.InvalidDataError:
            self.damaged += 1
            return
        for frame in frames:
            self._take_frame(frame, self._start)

    def finish(self) -> None:
        """Encode what is still held back."""
        if self._graph is None:
            return
        self._graph.push(None)
        self._drain(self._graph)
        self.packets += self._stream.encode(None)

    def _take_frame(self, frame: AudioFrame, start: Fraction) -> None:
        time_base = frame.time_base or self.source.time_base or Fraction(1, frame.sample_rate)
        at = frame.pts * time_base if frame.pts is not None else self._next
        self._next = at + Fraction(frame.samples, frame.sample_rate)
        if at >= start + Fraction(self._seconds):
            self.is_over = True
        if self._next <= start or self.is_over:
            return
        form = (str(frame.sample_rate), frame.format.name, frame.layout.name)
        if self._graph is None:
            self._graph, self._form = self._chain(*form), form
        if form != self._form:
            self.damaged += 1
            return
        frame.time_base = Fraction(1, frame.sample_rate)
        frame.pts = round((at - start) * frame.sample_rate)
        self._graph.push(frame)
        self._drain(self._graph)

    def _chain(self, rate: str, sample_format: str, layout: str) -> Graph:
        given = f"sample_rate={rate}:sample_fmt={sample_format}:channel_layout={layout}"
        wanted = f"sample_fmts=fltp:sample_rates={self._rate}:channel_layouts={self._layout}"
        return linked(
            [
                ("abuffer", f"time_base=1/{rate}:{given}"),
                ("aresample", "async=1:first_pts=0"),
                ("aformat", wanted),
                ("atrim", f"start=0:end={self._seconds:.6f}"),
                ("asetnsamples", "n=1024:p=0"),
                ("abuffersink", ""),
            ]
        )

    def _drain(self, graph: Graph) -> None:
        from av.audio.frame import AudioFrame

        for frame in pulled(graph, AudioFrame):
            frame.time_base = Fraction(1, self._rate)
            self.packets += self._stream.encode(frame)
