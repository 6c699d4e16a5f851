"""One file: read, given its ad format, held against the rules. Nothing else is looked at."""

from __future__ import annotations

from typing import Any

from creative_flow.choosing import choose
from creative_flow.creative import Creative, Outcome, Status
from creative_flow.ledger import Lookups
from creative_flow.platform import PlatformInfo, Uploader
from creative_flow.probe import NotMedia, extension_mismatch, probe
from creative_flow.uploading.files import ORIGINAL, Candidate
from creative_flow.uploading.items import Item


class Examiner:
    """Reads files. ``wanted`` is the ad format that the user named for all of them, if any."""

    def __init__(
        self, info: PlatformInfo, uploader: Uploader[Any], ledger: Lookups, wanted: str
    ) -> None:
        if wanted:
            info.ad_format(wanted)
        self._info = info
        self._uploader = uploader
        self._ledger = ledger
        self._wanted = wanted

    def examine(self, candidate: Candidate) -> Item:
        """Read one file, choose its ad format and hold it against the rules."""
        path = candidate.path

        def ends(status: Status, error: str, ad_format: str = "", size: int = 0) -> Item:
            return Item(
                path,
                outcome=Outcome(
                    path,
                    status,
                    ad_format=ad_format,
                    error=error,
                    size=size,
                    unique_id=candidate.unique_id,
                    native_pair_id=candidate.native_pair_id,
                ),
            )

        if path.name.startswith(ORIGINAL):
            return ends(Status.SKIPPED, "an original (ORG_) is kept, not uploaded")
        if not _is_text(str(path)):
            return ends(Status.REJECTED, "its path is not valid UTF-8; rename it")
        try:
            size = path.stat().st_size
            media = probe(path)
            if mismatch := extension_mismatch(path, media):
                return ends(Status.REJECTED, f"it {mismatch}; rename it", size=size)
            choice = choose(
                self._info.ad_formats,
                media,
                size,
                named=self._wanted or candidate.ad_format,
                claimed=lambda: self._uploader.claims(path),
            )
            if choice.ad_format is None:
                return ends(Status.REJECTED, choice.why_not, size=size)
            sha256 = self._ledger.sha256(path)
        except (FileNotFoundError, NotADirectoryError):
            return ends(Status.FILE_NOT_FOUND, "there is no such file")
        except NotMedia as error:
            return ends(Status.REJECTED, error.reason)
        except OSError as error:
            return ends(Status.FAILED, f"it can't be read: {error.strerror or error}")
        creative = Creative(
            path=path,
            ad_format=choice.ad_format.name,
            size=size,
            sha256=sha256,
            media=media,
            unique_id=candidate.unique_id,
            native_pair_id=candidate.native_pair_id,
            note="; ".join(finding.message for finding in choice.findings),
        )
        return Item(path, creative)


def _is_text(path: str) -> bool:
    """Say whether a path can be told to a browser, which knows no stray bytes."""
    return path.encode("utf-8", "replace").decode("utf-8") == path
