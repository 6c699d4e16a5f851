"""Nothing is said to be gone unless that is proved, whatever happens between two pages."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from creative_flow.creative import LibraryEntry
from creative_flow.libraries.survey import Survey
from creative_flow.platform import LibraryPage

from .shelf import PAGE, World

Events = st.lists(st.lists(st.integers(-1, 12), max_size=5), max_size=14)
Worlds = st.builds(
    lambda size, with_total: World(list(range(size)), with_total), st.integers(0, 20), st.booleans()
)


def walk(world: World, events: list[list[int]]) -> Survey:
    """Read the list to its end, with events before each page; those left over stay."""
    survey = Survey()
    world.events = events
    while not survey.ended:
        survey.add(world.page(survey.pages + 1))
    return survey


@given(Worlds, Events)
def test_a_whole_walk_has_seen_all_that_stood_there_throughout(
    world: World, events: list[list[int]]
) -> None:
    world.lasting = set(world.entries)
    first = walk(world, events)
    stood = {str(it) for it in world.lasting}
    second = walk(world, events)

    if first.is_whole(second.seen):
        assert stood <= set(first.seen)
    elif not first.slid and not first.grew and set(first.seen) <= set(second.seen):
        raise AssertionError("a calm walk that was seen again in full counts as whole")


@given(Worlds, Events)
def test_what_comes_on_top_costs_no_entry_and_counts_none_twice(
    world: World, events: list[list[int]]
) -> None:
    before = {str(it) for it in world.entries}
    survey = walk(world, [[-1 for event in some if event < 6] for some in events])

    assert before <= set(survey.seen)
    assert len(survey.seen) == len(set(survey.seen))
    if survey.repeats:
        assert survey.grew


@given(Worlds)
def test_a_list_at_rest_is_whole_by_two_walks_and_by_one_if_its_length_is_shown(
    world: World,
) -> None:
    first, second = walk(world, []), walk(world, [])

    assert first.is_whole(second.seen)
    assert not first.grew
    assert not first.slid
    if world.with_total:
        assert first.is_whole(())


@given(st.integers(PAGE + 1, 20), st.integers(0, PAGE - 1))
def test_what_slides_past_is_known_by_the_length_that_is_shown(size: int, gone: int) -> None:
    world = World(list(range(size)), with_total=True)
    survey = walk(world, [[], [gone]])

    assert survey.slid
    assert not survey.is_whole(walk(world, []).seen)
    assert len(survey.seen) == size - 1


def test_pages_that_do_not_add_up_to_the_length_that_is_shown_prove_nothing() -> None:
    survey = Survey()
    entries = tuple(LibraryEntry("banner", str(it), "name") for it in range(PAGE))
    survey.add(LibraryPage(entries, last=True, total=PAGE + 1))

    assert survey.falls_short
    assert not survey.is_whole(survey.seen)


def test_a_page_that_came_short_in_the_middle_proves_nothing() -> None:
    survey = Survey()
    for ids in (("1", "2", "3"), ("4", "5"), ("7", "8", "9")):
        entries = tuple(LibraryEntry("banner", it, "name") for it in ids)
        survey.add(LibraryPage(entries, last=ids[0] == "7"))

    assert not survey.is_whole(survey.seen)
