"""The record follows a list that changes while it is read: nothing lost, twice, or falsely gone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from creative_flow.creative import AdFormat, LibraryEntry
from creative_flow.errors import PageNotUnderstood, PlatformUnreachable, PluginBroken
from creative_flow.events import Event, Progressed
from creative_flow.ledger import KnownEntry
from creative_flow.platform import Library, LibraryPage

from .conftest import Put
from .shelf import PAGE, Shelf, ShelfSession, World

Events = st.lists(st.lists(st.integers(-1, 12), max_size=4), max_size=20)


Worlds = (st.integers(0, 16), st.booleans(), Events)
SHARED = [HealthCheck.function_scoped_fixture]  # an account of its own for each example


@settings(max_examples=20, suppress_health_check=SHARED)
@given(*Worlds)
def test_whatever_happens_between_pages_nothing_is_falsely_gone_and_rest_brings_it_in_line(
    put: Put, size: int, with_total: bool, events: list[list[int]]
) -> None:
    whatever_happens(put, size, with_total, events)


@pytest.mark.reliability
@pytest.mark.timeout(600)
@settings(max_examples=6 * settings().max_examples, suppress_health_check=SHARED)
@given(*Worlds)
def test_whatever_happens_between_pages_many_times(
    put: Put, size: int, with_total: bool, events: list[list[int]]
) -> None:
    whatever_happens(put, size, with_total, events)


def whatever_happens(put: Put, size: int, with_total: bool, events: list[list[int]]) -> None:
    world = World(list(range(size)), with_total)
    shelf = put(world)
    asyncio.run(shelf.walk())
    assert shelf.standing == set(world.entries)

    world.lasting = set(world.entries)
    world.events = events
    asyncio.run(shelf.walk())
    gone = {number for number, entry in shelf.entries().items() if not entry.stands}
    assert not gone & set(world.entries)
    assert world.lasting <= shelf.standing

    world.events = []
    asyncio.run(shelf.walk())
    assert shelf.standing == set(world.entries)


@pytest.mark.parametrize("with_total", [True, False])
async def test_each_page_is_asked_for_once(put: Put, with_total: bool) -> None:
    world = World(list(range(4 * PAGE + 1)), with_total)
    shelf = put(world)
    for walked in (await shelf.walk(), await shelf.walk()):
        assert (walked.pages, walked.walks, walked.complete) == (5, 1, True)
    assert world.asked == 10
    assert walked.new.count == 0


async def test_what_is_missing_is_looked_for_twice_and_then_marked_not_deleted(put: Put) -> None:
    world = World(list(range(20)))
    shelf = put(world)
    await shelf.walk()
    world.happen([7])

    walked = await shelf.walk()

    assert walked.walks == 2
    assert [change.creative_id for change in walked.removed.first] == ["7"]
    assert shelf.entries()[7].review_status == "removed"


async def test_what_had_slid_past_is_found_by_the_second_look(put: Put) -> None:
    world = World(list(range(20)), with_total=False)
    shelf = put(world)
    await shelf.walk()
    world.events = [[], [0]]  # the newest one goes: number 3 slides to the page that was read

    walked = await shelf.walk()

    assert walked.removed.count == 0
    assert {0, 3} <= shelf.standing  # that 0 is gone is for the next refresh to prove
    assert walked.walks == 2


async def test_what_slid_past_without_being_known_is_found_where_the_length_is_shown(
    put: Put,
) -> None:
    world = World(list(range(20)))
    world.events = [[], [0]]
    shelf = put(world)
    await shelf.walk()
    assert 3 in shelf.standing


async def test_what_comes_on_top_while_it_is_read_is_read_too(put: Put) -> None:
    for new in (1, PAGE, 4 * PAGE):
        world = World(list(range(3 * PAGE)))
        world.events = [[], [-1] * new]
        shelf = put(world)
        await shelf.walk()
        assert shelf.standing == set(world.entries)


async def test_what_an_upload_adds_meanwhile_is_not_marked_as_removed(put: Put) -> None:
    world = World(list(range(6)), with_total=False)
    shelf = put(world)
    await shelf.walk()
    world.happen([3])
    account = shelf.context.account
    uploaded = LibraryEntry("banner", "900", "uploaded")

    def upload(_: Event) -> None:
        shelf.ledger.add_entries("shelf", account, [KnownEntry.seen("shelf", account, uploaded)])

    walked = await shelf.walk(tell=upload)

    assert [change.creative_id for change in walked.removed.first] == ["3"]
    assert shelf.entries()[900].stands


async def test_a_status_follows_and_what_was_removed_may_come_back(put: Put) -> None:
    world = World(list(range(6)), statuses={1: "pending"})
    shelf = put(world)
    await shelf.walk()
    world.statuses[1] = "rejected"
    world.entries.remove(4)
    await shelf.walk()
    world.entries.insert(1, 4)
    world.statuses[4] = ""  # it is there again, though its status is not shown

    walked = await shelf.walk()

    assert shelf.entries()[1].review_status == "rejected"
    assert [change.creative_id for change in walked.back.first] == ["4"]
    assert shelf.entries()[4].stands


async def test_a_great_part_or_all_is_not_marked_without_anybody_agreeing(put: Put) -> None:
    asked: list[tuple[str, int, int]] = []

    def no(*question: object) -> bool:
        asked.append(question)  # type: ignore[arg-type]
        return False

    for size, left in ((30, 10), (3, 0)):
        world = World(list(range(size)))
        shelf = put(world)
        await shelf.walk()
        world.entries = world.entries[:left]
        walked = await shelf.walk(accept=no)
        assert walked.unseen == size - left
        assert "--accept-removed" in walked.why
        assert shelf.standing == set(range(size))
    assert asked == [("Banner", 20, 30), ("Banner", 3, 3)]


async def test_a_sync_reads_only_as_far_as_something_is_pending(put: Put) -> None:
    world = World(list(range(30)), statuses={1: "pending", 5: "pending"})
    shelf = put(world)
    await shelf.walk()
    world.asked = 0
    world.statuses = {1: "pending"}

    walked = await shelf.walk(unreviewed_only=True)

    assert world.asked == 2
    assert [(it.creative_id, it.now) for it in walked.reviewed.first] == [("5", "approved")]
    assert walked.waiting == 1
    world.entries.remove(1)
    walked = await shelf.walk(unreviewed_only=True)
    assert [change.creative_id for change in walked.removed.first] == ["1"]
    world.asked = 0
    assert (await shelf.walk(unreviewed_only=True)).walks == 0
    assert world.asked == 0


class Odd(Library[ShelfSession]):
    """A library that says something else than it should, or breaks off."""

    def __init__(self, shelf: Shelf, *pages: LibraryPage, failures: int = 0) -> None:
        super().__init__(shelf.context, shelf.platform.ids(shelf.context))
        self.given = pages
        self.failures = failures

    async def pages(self, session: ShelfSession, ad_format: AdFormat) -> AsyncIterator[LibraryPage]:
        for page in self.given:
            yield page
        if self.failures:
            self.failures -= 1
            raise PlatformUnreachable("The shelf does not answer.")


def page(*ids: int, last: bool = False, total: int | None = None) -> LibraryPage:
    entries = tuple(LibraryEntry("banner", str(it), f"name {it}") for it in ids)
    return LibraryPage(entries, last=last, total=total)


async def test_an_end_that_is_not_proved_is_no_end(put: Put) -> None:
    world = World(list(range(6)))
    shelf = put(world)
    await shelf.walk()

    with pytest.raises(PluginBroken, match="stopped reading Banner on page 1"):
        await shelf.walk(library=Odd(shelf, page(0, 1, 2)))
    with pytest.raises(PageNotUnderstood, match="holds 6 creatives"):
        await shelf.walk(library=Odd(shelf, page(0, 1, 2, last=True, total=6)))
    assert shelf.standing == set(range(6))


async def test_a_walk_that_breaks_off_keeps_what_was_seen_and_begins_again(put: Put) -> None:
    shelf = put(World([]))
    broken = Odd(shelf, page(0, 1, 2), failures=3)

    with pytest.raises(PlatformUnreachable):
        await shelf.walk(library=broken)

    assert shelf.standing == {0, 1, 2}
    assert broken.failures == 0


async def test_how_far_it_is_is_told_page_by_page(put: Put) -> None:
    told: list[Event] = []
    for with_total in (True, False):
        shelf = put(World(list(range(7)), with_total))
        await shelf.walk(tell=told.append)
        steps = [(it.done, it.of) for it in told if isinstance(it, Progressed)]
        assert steps == [(1, 3 if with_total else 2), (2, 3), (3, 3)]
        told.clear()
