"""How a decoded picture becomes one of the result: cropped, scaled, upright, in colours for all.

Pictures of high dynamic range (PQ, HLG) are brought to BT.709 as ITU-R BT.2390 proposes: what is
darker than a knee stays, what is brighter is rolled off towards the white of paper (203 cd/m2,
ITU-R BT.2408). FFmpeg's scaler does the colour spaces, its ``curves`` filter the roll-off.
"""

from __future__ import annotations

import struct
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING

from attrs import frozen

from creative_flow.process.filters import linked

if TYPE_CHECKING:
    from av.filter import Graph
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

# Of ITU-T H.273: matrix, transfer and primaries have numbers.
_BT709, _UNKNOWN, _BT601, _BT2020_NCL = 1, 2, 6, 9
_PQ, _HLG = 16, 18
_WIDE = {9, 11, 12}
"""Primaries of BT.2020, DCI-P3 and Display P3."""

_PAPER_WHITE = 203.0
_USUAL_PEAK = 1000.0
"""cd/m2 of the screens that most films of high dynamic range are made on."""

_HD = 720
"""Lines from which on pictures that don't say so are taken for BT.709, else BT.601."""

_TURNS = {(False, False): 0, (True, False): 1, (False, True): 2, (True, True): 3}
_UPRIGHT = (1, 0, 0, 1)


@frozen
class Look:
    """What a chain of filters depends on. A change of it in mid-stream needs another chain.

    ``turn`` holds the signs of the display matrix, ``peak`` is cd/m2 of the brightest white.
    """

    width: int
    height: int
    pixels: str
    time_base: Fraction
    aspect: Fraction
    interlaced: bool
    turn: tuple[int, int, int, int]
    matrix: int
    full_range: bool
    transfer: int
    primaries: int
    peak: float

    @property
    def is_turned(self) -> bool:
        """Whether width and height change places on the screen."""
        return self.turn[0] == 0

    @property
    def is_hdr(self) -> bool:
        """Whether it must be tone-mapped."""
        return self.transfer in {_PQ, _HLG}


def glance(frame: VideoFrame) -> tuple[object, ...]:
    """Return what tells cheaply whether a picture looks like the one before it.

    A frame whose side data were asked for is in a circle of references with them, and keeps its
    memory until the next garbage collection: so that is not done for each.
    """
    return (
        frame.width,
        frame.height,
        frame.format.name,
        frame.interlaced_frame,
        frame.colorspace,
        frame.color_range,
        frame.rotation,
    )


def look_of(frame: VideoFrame, stream: VideoStream, time_base: Fraction) -> Look:
    """Say how a decoded picture looks."""
    context = stream.codec_context
    is_rgb = frame.format.is_rgb
    matrix = 0 if is_rgb else int(frame.colorspace)
    if matrix in {0, _UNKNOWN} and not is_rgb:
        matrix = _BT709 if min(frame.width, frame.height) >= _HD else _BT601
        if int(context.color_primaries or 0) == 9:
            matrix = _BT2020_NCL
    return Look(
        width=frame.width,
        height=frame.height,
        pixels=frame.format.name,
        time_base=time_base,
        aspect=stream.sample_aspect_ratio or Fraction(1),
        interlaced=frame.interlaced_frame,
        turn=_turn(frame),
        matrix=matrix,
        full_range=is_rgb or int(frame.color_range) == 2 or frame.format.name.startswith("yuvj"),
        transfer=int(context.color_trc or _UNKNOWN),
        primaries=int(context.color_primaries or _UNKNOWN),
        peak=_peak(frame),
    )


def _turn(frame: VideoFrame) -> tuple[int, int, int, int]:
    """Return the signs of the display matrix's a, b, c, d, to the nearest quarter turn."""
    data = _side_data(frame, "DISPLAYMATRIX")
    if len(data) < 20:
        return _UPRIGHT
    a, b, _, c, d = struct.unpack_from("=5i", data)
    if abs(a) + abs(d) >= abs(b) + abs(c):
        return (-1 if a < 0 else 1, 0, 0, -1 if d < 0 else 1)
    return (0, -1 if b < 0 else 1, -1 if c < 0 else 1, 0)


def _peak(frame: VideoFrame) -> float:
    """Return the brightest white that the film says it has, in cd/m2.

    The layout is that of FFmpeg's ``AVMasteringDisplayMetadata``.
    """
    data = _side_data(frame, "MASTERING_DISPLAY_METADATA")
    if len(data) < 88:
        return _USUAL_PEAK
    above, below, _, has_luminance = struct.unpack_from("=4i", data, 72)
    if not has_luminance or not below:
        return _USUAL_PEAK
    return min(max(float(above / below), 2 * _PAPER_WHITE), 10_000.0)


def _side_data(frame: VideoFrame, name: str) -> bytes:
    from av.sidedata.sidedata import SideData

    found = frame.side_data.get(name)
    return bytes(found) if isinstance(found, SideData) else b""


def chain(look: Look, width: int, height: int, *, threads: int = 0, still: bool = False) -> Graph:
    """Make the filters that bring pictures of this look to ``width`` x ``height`` square pixels.

    What comes out is yuv420p in BT.709, or rgb24 if ``still``.
    """
    steps: list[tuple[str, str]] = [_declared(look)]
    if look.interlaced and not still:
        steps.append(("bwdif", "mode=send_frame:deint=interlaced"))
    steps += _framed(look, width, height)
    across, down = (height, width) if look.is_turned else (width, height)
    size = f"{across}:{down}:flags=bicubic" + ("+accurate_rnd+full_chroma_int" if still else "")
    to_709 = "out_color_matrix=bt709:out_range=tv"
    colours = "out_primaries=bt709:out_transfer=bt709:intent=relative_colorimetric"
    end = ("format", "rgb24" if still else "yuv420p")
    to_end = colours if still else f"{colours}:{to_709}"
    if look.is_hdr:
        to_pq = "out_transfer=smpte2084:out_primaries=bt2020:intent=relative_colorimetric"
        steps += [("scale", size), ("format", "yuv444p12le|gbrp12le")]
        steps += [("scale", to_pq), ("format", "gbrp12le")]
        steps += [("curves", f"all={_roll_off(look.peak)}:interp=pchip"), ("scale", to_end), end]
    elif look.primaries in _WIDE:
        steps += [("scale", size), ("format", "yuv444p12le|gbrp12le"), ("scale", to_end), end]
    else:
        steps += [("scale", size if still else f"{size}:{to_709}"), end]
    steps += _upright(look)
    steps.append(("setsar", "1"))

    start = (
        f"video_size={look.width}x{look.height}:pix_fmt={look.pixels}:pixel_aspect=1/1"
        f":time_base={look.time_base.numerator}/{look.time_base.denominator}"
    )
    source = ("buffer", f"{start}:{_buffer_colours(look)}")
    return linked([source, *steps, ("buffersink", "")], threads)


def _buffer_colours(look: Look) -> str:
    return f"colorspace={look.matrix}:range={'pc' if look.full_range else 'tv'}"


def _declared(look: Look) -> tuple[str, str]:
    """Say aloud what the film leaves open, so that each step means the same by it."""
    known = [_buffer_colours(look)]
    if look.is_hdr or look.primaries in _WIDE:
        transfer = look.transfer if look.transfer != _UNKNOWN else _BT709
        primaries = look.primaries if look.primaries != _UNKNOWN else 9
        known.append(f"color_trc={transfer}:color_primaries={primaries}")
    return "setparams", ":".join(known)


def _framed(look: Look, width: int, height: int) -> list[tuple[str, str]]:
    """Crop at the centre to the shape that ``width`` x ``height`` has on the screen."""
    shape = Fraction(height, width) if look.is_turned else Fraction(width, height)
    shape /= look.aspect
    across = max(1, min(look.width, round(look.height * shape)))
    down = max(1, min(look.height, round(look.width / shape)))
    if (across, down) == (look.width, look.height):
        return []
    return [("crop", f"{across}:{down}")]


def _upright(look: Look) -> list[tuple[str, str]]:
    """Turn and mirror as the film asks; what is small by now is turned quickly."""
    a, b, c, d = look.turn
    if look.is_turned:
        return [("transpose", str(_TURNS[c < 0, b < 0]))]
    return [("hflip", "")] * (a < 0) + [("vflip", "")] * (d < 0)


def _pq(luminance: float) -> float:
    """Return the signal, 0 to 1, for cd/m2 (SMPTE ST 2084)."""
    y = float((luminance / 10_000) ** (2610 / 16384))
    return float(((3424 / 4096 + 2413 / 128 * y) / (1 + 2392 / 128 * y)) ** (2523 / 32))


@cache
def _roll_off(peak: float) -> str:
    """Return the points of a curve, PQ to PQ, that ends at the white of paper (ITU-R BT.2390)."""
    top = _pq(peak)
    most = _pq(_PAPER_WHITE) / top
    knee = max(0.0, 1.5 * most - 0.5)
    points = {0.0: 0.0, round(knee * top / 2, 4): round(knee * top / 2, 4)}
    for step in range(33):
        along = step / 32
        bent = (
            (2 * along**3 - 3 * along**2 + 1) * knee
            + (along**3 - 2 * along**2 + along) * (1 - knee)
            + (3 * along**2 - 2 * along**3) * most
        )
        points[round((knee + along * (1 - knee)) * top, 4)] = round(bent * top, 4)
    points[1.0] = round(most * top, 4)
    return "'" + " ".join(f"{x:g}/{y:g}" for x, y in points.items()) + "'"
