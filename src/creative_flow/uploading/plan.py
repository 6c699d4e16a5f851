"""The plan: what of the files is to be sent as what, and why the rest is not.

Nothing here needs a network. A dry run ends with the plan; a live run carries it out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from attrs import evolve, frozen

from creative_flow.creative import AdFormat, Batch, Creative, Finding, Media, Outcome, Status
from creative_flow.ledger import Attempt, Intent, KnownEntry, Ledger, Origin
from creative_flow.platform import Context, Uploader
from creative_flow.probe import NotMedia, extension_mismatch, probe
from creative_flow.uploading.files import Candidate

_ORIGINAL = "ORG_"
"""How the names of files begin that were only the source of others."""

_NOT_WELL = frozenset({Status.FAILED, Status.REJECTED})
"""How what is not taken up again by itself ended when it was sent."""

_ON_WHOSE_WORD = {
    Origin.PROVED: "uploaded from here",
    Origin.PLATFORM: "seen on the platform",
    Origin.USER: "by a row of yours",
}


@frozen
class Options:
    """What the user asked for.

    ``retry`` takes up again what was sent earlier and failed; ``limit`` is how many files are sent
    at most.
    """

    ad_format: str = ""
    force: bool = False
    retry: bool = False
    limit: int | None = None


@frozen
class Item:
    """One file's place in the plan.

    ``outcome`` is final where it is set. Else ``creative`` is to be sent; with ``look_first`` only
    if the platform, asked first, does not have its name; with ``intent`` only once it is settled
    what became of an earlier sending. ``left`` marks what failed in an earlier run and is not taken
    up again.
    """

    path: Path
    creative: Creative | None = None
    outcome: Outcome | None = None
    look_first: bool = False
    intent: Intent | None = None
    left: bool = False


@frozen
class Plan:
    """All files of a run, in order, and the batches in which they are to be sent."""

    items: tuple[Item, ...]
    batches: tuple[Batch, ...]

    @property
    def to_settle(self) -> tuple[Item, ...]:
        """The files of which it is open whether they were sent earlier."""
        return tuple(item for item in self.items if item.intent and not item.outcome)

    @property
    def to_look_up(self) -> tuple[Creative, ...]:
        """The creatives whose names the platform must be asked for first."""
        return tuple(
            item.creative
            for item in self.items
            if item.creative and item.look_first and not item.outcome
        )

    @property
    def files(self) -> int:
        """How many files are to be sent."""
        return sum(len(batch.creatives) for batch in self.batches)

    @property
    def size(self) -> int:
        """How many bytes are to be sent."""
        return sum(batch.size for batch in self.batches)


class Planner:
    """Makes the plan of one run. What was read of a file is kept, so planning again is cheap."""

    def __init__(
        self,
        context: Context,
        uploader: Uploader,  # type: ignore[type-arg]
        ledger: Ledger,
        options: Options,
        looked_at: Callable[[int, int], None] = lambda _done, _of: None,
    ) -> None:
        self._context = context
        self._info = context.info
        self._uploader = uploader
        self._ledger = ledger
        self._options = options
        self._looked_at = looked_at
        self._read: dict[Path, Item] = {}
        if options.ad_format:
            self._info.ad_format(options.ad_format)

    def plan(self, candidates: Sequence[Candidate]) -> Plan:
        """Look at every file and at what the ledger knows; raise only what concerns all of them."""
        items = []
        for done, candidate in enumerate(candidates, start=1):
            if candidate.path not in self._read:
                self._read[candidate.path] = self._examine(candidate)
            items.append(self._read[candidate.path])
            self._looked_at(done, len(candidates))
        items = self._against_ledger(items)
        items = self._apart(items)
        items = self._within_limit(items)
        return Plan(tuple(items), tuple(self._cut(items)))

    # ── One file ─────────────────────────────────────────────────────────────────────────────────

    def _examine(self, candidate: Candidate) -> Item:
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
        named = self._options.ad_format or candidate.ad_format
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

    # ── All files together ───────────────────────────────────────────────────────────────────────

    def _apart(self, items: Iterable[Item]) -> list[Item]:
        """Let only the first of several files with one name, or one content, go on."""
        names: dict[tuple[str, str], Path] = {}
        contents: dict[tuple[str, str], Path] = {}
        kept = []
        for item in items:
            it = item.creative
            if it is None or item.outcome:
                kept.append(item)
                continue
            same_name = names.setdefault((it.ad_format, it.key), it.path)
            same_content = contents.setdefault((it.ad_format, it.sha256), it.path)
            if same_name != it.path:
                why = f"{same_name} of this run has the same name in {it.ad_format}; rename one"
                kept.append(_ended(item, Status.REJECTED, why))
            elif same_content != it.path and not self._options.force:
                why = f"{same_content} of this run has the same content"
                kept.append(_ended(item, Status.SKIPPED, why))
            else:
                kept.append(item)
        return kept

    def _against_ledger(self, items: Iterable[Item]) -> list[Item]:
        """Hold every creative against what the account is known to have, and what is open."""
        items = list(items)
        creatives = [item.creative for item in items if item.creative and not item.outcome]
        platform, account = self._context.platform, self._context.account
        by_content = self._ledger.by_content(platform, account, {it.sha256 for it in creatives})
        by_name, attempts = {}, {}
        for ad_format in self._info.ad_formats:
            keys = {it.key for it in creatives if it.ad_format == ad_format.name}
            where = (platform, account, ad_format.name)
            by_name[ad_format.name] = self._ledger.by_name(*where, keys)
            attempts[ad_format.name] = self._ledger.last_attempts(*where, keys)
        open_intents = {
            (intent.ad_format, value): intent
            for intent in self._ledger.open_intents(platform, account)
            if intent.sending_began_at is not None
            for value in (intent.key, intent.sha256)
        }
        judged = []
        for item in items:
            it = item.creative
            if it is None or item.outcome or self._options.force:
                judged.append(item)
                continue
            same_name = by_name[it.ad_format].get(it.key, ())
            same_content = [
                entry for entry in by_content.get(it.sha256, ()) if entry.ad_format == it.ad_format
            ]
            item = _against_library(item, it, same_name, same_content)  # noqa: PLW2901
            intent = open_intents.get((it.ad_format, it.key)) or open_intents.get(
                (it.ad_format, it.sha256)
            )
            attempt = attempts[it.ad_format].get(it.key)
            if item.outcome:
                judged.append(item)
            elif intent:
                judged.append(evolve(item, intent=intent))
            elif attempt and not self._options.retry:
                judged.append(_unless_it_failed(item, it, attempt))
            else:
                judged.append(item)
        return judged

    def _within_limit(self, items: Sequence[Item]) -> list[Item]:
        """Put off what is beyond ``--limit``; the halves of a native pair stay together."""
        limit = self._options.limit
        if limit is None:
            return list(items)
        halves: defaultdict[str, int] = defaultdict(int)
        for item in items:
            if item.creative and not item.outcome and item.creative.native_pair_id:
                halves[item.creative.native_pair_id] += 1
        left, taken, kept = limit, set[str](), []
        for item in items:
            it = item.creative
            if it is None or item.outcome:
                kept.append(item)
                continue
            pair = it.native_pair_id
            needs = halves[pair] if pair else 1
            if pair in taken:
                kept.append(item)
            elif needs <= left:
                left -= needs
                taken |= {pair} if pair else set()
                kept.append(item)
            else:
                why = f"beyond --limit {limit}; run again to go on"
                if needs > limit:
                    why = f"a native pair is {needs} files, and --limit is {limit}"
                kept.append(_ended(item, Status.PENDING, why))
        return kept

    def _cut(self, items: Iterable[Item]) -> Iterable[Batch]:
        """Group what is to be sent by ad format and cut it into batches."""
        groups: defaultdict[str, list[Creative]] = defaultdict(list)
        for item in items:
            if item.creative and not item.outcome and not item.intent:
                groups[item.creative.ad_format].append(item.creative)
        number, most = 0, self._info.batch_size
        for ad_format in self._info.ad_formats:
            group = groups[ad_format.name]
            for start in range(0, len(group), most):
                number += 1
                yield Batch(number, ad_format.name, tuple(group[start : start + most]))


def _against_library(
    item: Item,
    creative: Creative,
    same_name: Sequence[KnownEntry],
    same_content: Sequence[KnownEntry],
) -> Item:
    """Hold a creative against the entries that bear its name or have its content."""
    named = [entry for entry in same_name if entry.stands]
    equal = [entry for entry in named if entry.sha256 == creative.sha256]
    unread = [entry for entry in named if not entry.sha256]
    if equal or unread:
        there = equal or unread
        ids = sorted({entry.creative_id for entry in there})
        why = f"already there ({_ON_WHOSE_WORD[there[0].origin]})"
        if len(ids) > 1:
            why = f"already there, {len(ids)} times: Creative IDs {', '.join(ids)}"
        return _ended(item, Status.SKIPPED, why, ids[0] if len(ids) == 1 else "")
    if named:
        why = f"the name is taken by Creative ID {named[0].creative_id}, with other content"
        return _ended(item, Status.REJECTED, f"{why}; rename the file, or use --force")
    twins = [entry for entry in same_content if entry.stands]
    if twins:
        why = f"already there under another name: {twins[0].name}"
        return _ended(item, Status.SKIPPED, why, twins[0].creative_id)
    return evolve(item, look_first=any(entry.forgotten for entry in same_name))


def _unless_it_failed(item: Item, creative: Creative, attempt: Attempt) -> Item:
    """Leave out what was sent in an earlier run, as it is now, and failed."""
    if attempt.sha256 != creative.sha256 or attempt.status not in _NOT_WELL:
        return item
    why = f"left out: {attempt.status} in run {attempt.run} ({attempt.error})"
    ended = _ended(item, attempt.status, f"{why}; --retry-failed takes it up again")
    return evolve(ended, left=True)


def _ended(item: Item, status: Status, error: str, creative_id: str = "") -> Item:
    """Give a file its outcome."""
    outcome = outcome_of(item.creative, status, error, creative_id) if item.creative else None
    return evolve(item, outcome=outcome)


def outcome_of(
    creative: Creative, status: Status, error: str = "", creative_id: str = ""
) -> Outcome:
    """Return a creative's outcome, with all that is known of the creative."""
    return Outcome(
        path=creative.path,
        status=status,
        ad_format=creative.ad_format,
        creative_id=creative_id,
        error=error,
        size=creative.size,
        sha256=creative.sha256,
        unique_id=creative.unique_id,
        native_pair_id=creative.native_pair_id,
        note=creative.note,
    )


def _is_text(path: str) -> bool:
    """Say whether a path can be told to a browser, which knows no stray bytes."""
    return path.encode("utf-8", "replace").decode("utf-8") == path


def _names(ad_format: AdFormat) -> set[str]:
    return {ad_format.name.casefold(), ad_format.title.casefold()}


def _why(finding: Finding) -> str:
    return f"{finding.message} ({finding.setting} lifts it)" if finding.setting else finding.message
