"""The plan: what of the files is to be sent as what, and why the rest is not.

Nothing here needs a network. A dry run ends with the plan; a live run carries it out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from attrs import evolve

from creative_flow.creative import Batch, Creative, Status
from creative_flow.ledger import Attempt, KnownEntry, Lookups, Origin
from creative_flow.platform import Context, Uploader
from creative_flow.uploading.alike import Alike, Thresholds
from creative_flow.uploading.examine import Examiner
from creative_flow.uploading.files import Candidate
from creative_flow.uploading.items import Item, Options, Plan, ended, with_note

_NOT_WELL = frozenset({Status.FAILED, Status.REJECTED})
"""How what is not taken up again by itself ended when it was sent."""

_ON_WHOSE_WORD = {
    Origin.PROVED: "uploaded from here",
    Origin.PLATFORM: "seen on the platform",
    Origin.USER: "by a row of yours",
}


class Planner:
    """Makes the plan of one run. What was read of a file is kept, so planning again is cheap.

    ``similar`` says what counts as alike; without it nothing is compared by its look.
    """

    def __init__(
        self,
        context: Context,
        uploader: Uploader[Any],
        ledger: Lookups,
        options: Options,
        looked_at: Callable[[int, int], None] = lambda _done, _of: None,
        compared: Callable[[int, int], None] = lambda _done, _of: None,
        similar: Thresholds | None = None,
        needed: Callable[[], None] | None = None,
    ) -> None:
        """``needed`` is told that a file needs the platform, as soon as that is known of one."""
        self._context = context
        self._info = context.info
        self._examiner = Examiner(context.info, uploader, ledger, options.ad_format)
        self._ledger = ledger
        self._options = options
        self._looked_at = looked_at
        self._compared = compared
        self._similar = similar
        self._needed = needed
        self._read: dict[Path, Item] = {}

    def plan(self, candidates: Sequence[Candidate]) -> Plan:
        """Look at every file and at what the ledger knows; raise only what concerns all of them."""
        items: list[Item] = []
        told, held_against = False, 0
        for done, candidate in enumerate(candidates, start=1):
            if candidate.path not in self._read:
                self._read[candidate.path] = self._examiner.examine(candidate)
            items.append(self._read[candidate.path])
            self._looked_at(done, len(candidates))
            # In growing portions: asking the ledger about each file by itself would cost more.
            if self._needed and not told and done > 2 * held_against:
                fresh = self._against_ledger(items[held_against:])
                held_against = done
                if told := any(item.creative and not item.outcome for item in fresh):
                    self._needed()
        items = self._against_ledger(items)
        items = self._apart(items)
        items = self._noting_other_accounts(items)
        items = self._without_similar(items)
        items = self._within_limit(items)
        return Plan(tuple(items), tuple(self._cut(items)))

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
                kept.append(ended(item, Status.REJECTED, why))
            elif same_content != it.path and not self._options.force:
                why = f"{same_content} of this run has the same content"
                kept.append(ended(item, Status.SKIPPED, why))
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

    def _noting_other_accounts(self, items: Sequence[Item]) -> list[Item]:
        """Note what another account of the platform has: that keeps nothing from being sent."""
        place = (self._context.platform, self._context.account)
        going = {it.creative.sha256 for it in items if it.creative and not it.outcome}
        there = self._ledger.elsewhere(*place, going)
        noted = []
        for item in items:
            it = item.creative
            others = [entry for entry in there.get(it.sha256, ()) if entry.stands] if it else []
            if it and others and not item.outcome:
                first = others[0]
                note = (
                    f"the same content is up on account {first.account!r} as {first.name}, "
                    f"Creative ID {first.creative_id}"
                )
                noted.append(evolve(item, creative=with_note(it, note)))
            else:
                noted.append(item)
        return noted

    def _without_similar(self, items: list[Item]) -> list[Item]:
        """Note, or leave out, what looks like something that is up or is about to go."""
        if self._similar is None:
            return items
        alike = Alike(self._context, self._ledger, self._similar)
        return alike.judge(items, skip=self._options.skip_similar, step=self._compared)

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
                kept.append(ended(item, Status.PENDING, why))
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
        return ended(item, Status.SKIPPED, why, ids[0] if len(ids) == 1 else "")
    if named:
        why = f"the name is taken by Creative ID {named[0].creative_id}, with other content"
        return ended(item, Status.REJECTED, f"{why}; rename the file, or use --force")
    twins = [entry for entry in same_content if entry.stands]
    if twins:
        why = f"already there under another name: {twins[0].name}"
        return ended(item, Status.SKIPPED, why, twins[0].creative_id)
    return evolve(item, look_first=any(entry.forgotten for entry in same_name))


def _unless_it_failed(item: Item, creative: Creative, attempt: Attempt) -> Item:
    """Leave out what was sent in an earlier run, as it is now, and failed."""
    if attempt.sha256 != creative.sha256 or attempt.status not in _NOT_WELL:
        return item
    why = f"left out: {attempt.status} in run {attempt.run} ({attempt.error})"
    out = ended(item, attempt.status, f"{why}; --retry-failed takes it up again")
    if out.outcome:
        out = evolve(out, outcome=evolve(out.outcome, evidence=attempt.evidence))
    return evolve(out, left=True)
