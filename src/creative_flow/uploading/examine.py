"""One file: read, given its ad format, held against the rules. Nothing else is looked at."""

from __future__ import annotations

from typing import Any

from creative_flow.creative import AdFormat, Creative, Finding, Media, Outcome, Status
from creative_flow.ledger import Ledger
from creative_flow.platform import PlatformInfo, Uploader
from creative_flow.probe import NotMedia, extension_mismatch, probe
from creative_flow.uploading.files import Candidate
from creative_flow.uploading.items import Item

_ORIGINAL = "ORG_"
"""How the names of files begin that were only the source of others."""


class Examiner:
    """Reads files. ``wanted`` is the ad format that the user named for all of them, if any."""

    def __init__(
        self, info: PlatformInfo, uploader: Uploader[Any], ledger: Ledger, wanted: str
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

        if path.name.startswith(_ORIGINAL):
            return ends(Status.SKIPPED, "an original (ORG_) is kept, not uploaded")
        if not _is_text(str(path)):
            return ends(Status.REJECTED, "its path is not valid UTF-8; rename it")
        try:
            size = path.stat().st_size
            media = probe(path)
            if mismatch := extension_mismatch(path, media):
                return ends(Status.REJECTED, f"it {mismatch}; rename it", size=size)
            ad_format, findings, why_not = self._choose(candidate, media, size)
            if ad_format is None:
                return ends(Status.REJECTED, why_not, size=size)
            sha256 = self._ledger.sha256(path)
        except (FileNotFoundError, NotADirectoryError):
            return ends(Status.FILE_NOT_FOUND, "there is no such file")
        except NotMedia as error:
            return ends(Status.REJECTED, error.reason)
        except OSError as error:
            return ends(Status.FAILED, f"it can't be read: {error.strerror or error}")
        creative = Creative(
            path=path,
            ad_format=ad_format.name,
            size=size,
            sha256=sha256,
            media=media,
            unique_id=candidate.unique_id,
            native_pair_id=candidate.native_pair_id,
            note="; ".join(finding.message for finding in findings),
        )
        return Item(path, creative)

    def _choose(
        self, candidate: Candidate, media: Media, size: int
    ) -> tuple[AdFormat | None, list[Finding], str]:
        """Return the ad format with its warnings, or None and the reason."""
        named = self._wanted or candidate.ad_format
        if named:
            chosen = [it for it in self._info.ad_formats if named.casefold() in _names(it)]
            if not chosen:
                known = ", ".join(it.name for it in self._info.ad_formats)
                return None, [], f"there is no ad format {named!r}; there are {known}"
        else:
            chosen = list(self._uploader.claims(candidate.path))
        formats = chosen or list(self._info.ad_formats)
        findings = {it.name: list(it.check(media, size)) for it in formats}
        fitting = [it for it in formats if not any(f.rejects for f in findings[it.name])]
        if len(fitting) == 1:
            return fitting[0], findings[fitting[0].name], ""
        if fitting:
            names = ", ".join(it.name for it in fitting)
            folder = (fitting[0].folders or (fitting[0].name,))[0]
            return (
                None,
                [],
                (
                    f"it fits {names}; say which with --ad-format, or put it into a folder "
                    f"named for it, such as {folder}"
                ),
            )
        of_kind = [it for it in formats if it.kind is media.kind] or formats
        reasons = "; ".join(
            f"{it.name}: " + ", ".join(map(_why, (f for f in findings[it.name] if f.rejects)))
            for it in of_kind
        )
        return None, [], reasons if chosen else f"no ad format takes it. {reasons}"


def _is_text(path: str) -> bool:
    """Say whether a path can be told to a browser, which knows no stray bytes."""
    return path.encode("utf-8", "replace").decode("utf-8") == path


def _names(ad_format: AdFormat) -> set[str]:
    return {ad_format.name.casefold(), ad_format.title.casefold()}


def _why(finding: Finding) -> str:
    return f"{finding.message} ({finding.setting} lifts it)" if finding.setting else finding.message
