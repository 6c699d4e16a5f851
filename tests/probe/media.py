"""Makes small real media files for the tests, each of its own noise."""

from __future__ import annotations

import random
from fractions import Fraction
from pathlib import Path

import av
from PIL import Image

CONTAINERS = {
    "mp4": ("mp4", "libx264", "h264"),
    "mov": ("mov", "libx264", "h264"),
    "avi": ("avi", "mpeg4", "mpeg4"),
    "webm": ("webm", "libvpx", "vp8"),
    "mkv": ("matroska", "libx264", "h264"),
    "flv": ("flv", "flv1", "flv1"),
    "wmv": ("asf", "wmv2", "wmv2"),
}
"""For each type of video: the container's name, an encoder, and the name of its codec."""


def make_image(path: Path, size: tuple[int, int] = (300, 250), *, orientation: int = 0) -> Path:
    """Write an image of the type that the path's extension says."""
    noise = random.Random(7).randbytes(size[0] * size[1] * 3)
    image = Image.frombytes("RGB", size, noise)
    exif = image.getexif()
    if orientation:
        exif[0x0112] = orientation
    image.save(path, exif=exif)
    return path


def make_video(
    path: Path,
    file_type: str,
    *,
    size: tuple[int, int] = (64, 48),
    frames: int = 60,
    rotation: int = 0,
    options: dict[str, str] | None = None,
) -> Path:
    """Write a video of 25 frames a second."""
    container_name, encoder, _ = CONTAINERS[file_type]
    source = random.Random(7)
    with av.open(path, "w", format=container_name, options=options or {}) as container:
        stream = container.add_stream(encoder, rate=25)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        if rotation:
            stream.set_display_rotation(rotation)
        for number in range(frames):
            frame = av.VideoFrame(*size, "yuv420p")
            for plane in frame.planes:
                plane.update(source.randbytes(plane.buffer_size))
            frame.pts = number
            frame.time_base = Fraction(1, 25)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def make_sound(path: Path) -> Path:
    """Write an mp4 that has sound and no picture."""
    with av.open(path, "w", format="mp4") as container:
        stream = container.add_stream("aac", rate=44100)
        assert isinstance(stream, av.AudioStream)
        for number in range(20):
            frame = av.AudioFrame("fltp", "stereo", 1024)
            for plane in frame.planes:
                plane.update(bytes(plane.buffer_size))
            frame.sample_rate = 44100
            frame.pts = number * 1024
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path
