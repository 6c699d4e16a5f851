"""Law 1 against a library that grows, shrinks and is read page by page while it does."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import example, given
from hypothesis import strategies as st

from creative_flow.creative import LibraryEntry, Snapshot
from creative_flow.proof import Walk

NOON = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)
NAMES = ("Ana", "Ben", "Cleo")


def entry(creative_id: str, name: str = "Ana") -> LibraryEntry:
    return LibraryEntry("static_banner", creative_id, name)


def entries(*ids: str) -> tuple[LibraryEntry, ...]:
    return tuple(entry(creative_id) for creative_id in ids)


def snapshot(*ids: str, complete: bool) -> Snapshot:
    return Snapshot("static_banner", entries(*ids), complete, NOON)


def found(listed: tuple[LibraryEntry, ...]) -> list[str]:
    return [it.creative_id for it in listed]


class Library:
    """A list, newest first, in which other people add and remove things at any time."""

    def __init__(self, page_size: int, data: st.DataObject) -> None:
        self.listed: list[LibraryEntry] = []
        self.ever: set[str] = set()
        self._page_size = page_size
        self._draw = data.draw

    @property
    def ids(self) -> frozenset[str]:
        return frozenset(it.creative_id for it in self.listed)

    def grow(self, most: int = 3) -> None:
        """Let files come in; their ids are those of no order at all."""
        count = self._draw(st.integers(0, most))
        numbers = st.integers(10, 999).map(str).filter(lambda number: number not in self.ever)
        for _ in range(count):
            creative_id = self._draw(numbers)
            self.ever.add(creative_id)
            self.listed.insert(0, entry(creative_id, self._draw(st.sampled_from(NAMES))))

    def shrink(self, most: int = 2) -> None:
        for _ in range(self._draw(st.integers(0, most))):
            if self.listed:
                del self.listed[self._draw(st.integers(0, len(self.listed) - 1))]

    def read(self, before: Snapshot | None, pages: int) -> Walk:
        """Walk through the newest pages while others go on."""
        walk = Walk(before)
        for number in range(pages):
            here = self.listed[number * self._page_size : (number + 1) * self._page_size]
            last = (number + 1) * self._page_size >= len(self.listed)
            walk.add(here, last=last)
            if last:
                break
            self.grow(most=self._page_size)
            self.shrink()
        return walk


@given(st.data())
def test_what_stood_there_is_never_new_and_what_came_later_is_never_old(
    data: st.DataObject,
) -> None:
    library = Library(data.draw(st.integers(1, 4)), data)
    library.grow(most=12)
    stood_before = library.ids
    read = library.read(None, pages=data.draw(st.integers(1, 6)))
    before = Snapshot("static_banner", read.entries, read.ended, NOON)
    known_so_far = set(library.ever)

    library.grow(most=6)
    library.shrink()
    walk = library.read(before, pages=data.draw(st.integers(1, 8)))

    came_later = library.ever - known_so_far
    for name in NAMES:
        new, old, unproved = walk.new(name), walk.old(name), walk.unproved(name)
        assert not stood_before & set(found(new))
        assert not came_later & set(found(old))
        assert sorted(found((*new, *old, *unproved))) == sorted(
            it.creative_id for it in walk.entries if it.name == name
        )


@given(st.data())
def test_in_a_quiet_library_every_new_entry_is_proved(data: st.DataObject) -> None:
    ids = data.draw(st.lists(st.integers(10, 99).map(str), unique=True, min_size=1))
    count = data.draw(st.integers(0, len(ids) - 1))
    new, old = ids[:count], ids[count:]
    seen = data.draw(st.integers(1, len(old)))
    walk = Walk(snapshot(*old[:seen], complete=seen == len(old)))
    size = data.draw(st.integers(1, 12))
    for start in range(0, len(ids), size):
        walk.add(entries(*ids[start : start + size]), last=start + size >= len(ids))

    assert found(walk.new("Ana")) == new
    assert found(walk.old("Ana")) == old
    assert walk.anchored
    assert walk.in_order


@given(st.permutations(["21", "22", "23", "24"]), st.integers(0, 4))
@example(["21", "23", "22", "24"], 0)
def test_a_list_in_another_order_proves_nothing(order: list[str], at: int) -> None:
    walk = Walk(snapshot("21", "22", "23", "24", complete=False))
    walk.add(entries(*order[:at], "99", *order[at:]), last=False)

    untouched = order == ["21", "22", "23", "24"] and at == 0
    assert found(walk.new("Ana")) == (["99"] if untouched else [])


def test_what_somebody_removed_meanwhile_leaves_the_rest_provable() -> None:
    walk = Walk(snapshot("23", "22", "21", complete=False))
    walk.add([entry("31"), entry("23", "Ben"), entry("21", "Ben")], last=False)

    assert found(walk.new("Ana")) == ["31"]


def test_without_a_snapshot_nothing_is_new_and_all_is_old() -> None:
    walk = Walk(None)
    walk.add(entries("11", "12"), last=True)

    assert walk.new("Ana") == ()
    assert found(walk.old("Ana")) == ["11", "12"]


def test_below_the_whole_snapshot_everything_is_old() -> None:
    walk = Walk(snapshot("21", "22", complete=False))
    walk.add([entry("31"), entry("21", "Ben"), entry("22", "Ben")], last=False)
    walk.add([entry("12"), entry("11", "Ben")], last=True)

    assert found(walk.new("Ana")) == ["31"]
    assert found(walk.old("Ana")) == ["12"]


def test_a_list_that_moved_by_more_than_a_page_while_it_was_read_proves_nothing() -> None:
    walk = Walk(snapshot("21", "22", complete=False))
    walk.add(entries("21", "22"), last=False)
    walk.add(entries("33", "21"), last=False)  # 31, 32, 33 came in between

    assert found(walk.unproved("Ana")) == ["33"]


def test_what_slid_past_the_reader_of_several_pages_is_not_taken_for_new() -> None:
    # When 21 was removed between the first page and the second, 23 slid to the first.
    walk = Walk(snapshot("21", "22", "24", complete=True))
    walk.add(entries("22", "23"), last=False)
    walk.add(entries("24"), last=True)

    assert walk.new("Ana") == ()


def test_of_a_list_that_was_one_page_what_was_not_there_is_new_wherever_it_stands() -> None:
    walk = Walk(snapshot("21", "22", complete=True))
    walk.add(entries("22", "31", "21"), last=True)

    assert found(walk.new("Ana")) == ["31"]


def test_names_are_told_apart_by_what_a_page_can_show() -> None:
    walk = Walk(snapshot(complete=True))
    walk.add([entry("31", "Bänner  one"), entry("32", "banner one")], last=True)

    assert found(walk.new("Bänner one")) == ["31"]
