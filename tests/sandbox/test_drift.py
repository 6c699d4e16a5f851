"""The drifting site: reproducible, told in words, and still usable by somebody at a browser."""

from __future__ import annotations

import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import pytest
from playwright.async_api import Browser

from creative_flow.errors import SettingsError
from creative_flow_tj.sandbox import TjSandbox, pages
from creative_flow_tj.sandbox.app import ASSETS
from creative_flow_tj.sandbox.drift import CATALOGUE, COUNTS, Drift, describe, drawn, drift_of
from creative_flow_tj.sandbox.drift_change import Weight
from creative_flow_tj.sandbox.drift_rebuilds import site_classes, site_ids
from creative_flow_tj.sandbox.drift_tree import parse, write
from creative_flow_tj.sandbox.records import StoredCreative
from creative_flow_tj.sandbox.settings import Settings

from .person import IN_STREAM, NATIVE, Person
from .support import Connect, Start

in_a_loop = pytest.mark.asyncio(loop_scope="session")

SEEDS = range(1, 1001)
HOSTILE = "<b>\"Next\" & 'co'</b> {0} &amp;"


def creative(number: int, *, ad_format: str = "static_banner", name: str = "") -> StoredCreative:
    return StoredCreative(
        account="sandbox",
        ad_format=ad_format,
        name=name or f"EN_Summer_F_Real_SFW_Generic_Ana_ID-1A2B3C{number:02}",
        file_type="png",
        size=100,
        width=300,
        height=250,
        duration=None,
        seq=number,
        id=str(1_032_530_001 + 10 * number),
        created_at=0.0,
    )


def everything(settings: Settings) -> list[str]:
    """Return every page that the site may show, with lists of several pages and of none."""
    some = pages.CreativeList.of([creative(1), creative(2)], settings, page=2, total=70)
    ends = pages.CreativeList.of([creative(3)], settings, page=6, total=61)
    none = pages.CreativeList.of([], settings, page=1, total=0)
    return [
        pages.sign_in(settings, token="t", message=pages.wrong_credentials()),
        pages.missed_you(settings, token="t"),
        pages.dashboard("sandbox", settings),
        pages.media_library("sandbox", settings, page="p", first=some),
        *none.as_json().values(),
        *ends.as_json().values(),
    ]


PAGES = everything(Settings(account_name="menu"))
ALL = "\n".join(PAGES)


def as_sent(drift: Drift) -> str:
    """Return everything that a browser gets to see of the drifted site."""
    parts = [*map(drift.page, PAGES), drift.style(pages.web_file("site.css")), drift.table]
    return "\n".join(parts)


def looked_for(ending: str = ".js") -> set[str]:
    """Return the ids, classes and attributes that the site's scripts look for."""
    scripts = "\n".join(pages.web_file(name) for name in ASSETS if name.endswith(ending))
    selectors = re.findall(r'(?:find|findAll|closest)\([^"()]*"([^"]+)"', scripts)
    return {name for text in selectors for name in re.findall(r"[#.\[][\w-]+", text)}


class Names(HTMLParser):
    """Collects ids, classes and attributes as selectors name them."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            self.found.add(f"[{name}")
            if name == "id":
                self.found.add(f"#{value}")
            if name == "class":
                self.found |= {f".{each}" for each in (value or "").split()}


def names_in(html: str) -> set[str]:
    names = Names()
    names.feed(html)
    return names.found


@in_a_loop
async def test_no_seed_no_drift(start: Start, program: Connect) -> None:
    assert describe(0) == ()
    assert drift_of(0) is None
    client = program(await start())
    await client.sign_in()
    assert "/assets/drift/" not in (await client.get("/media-library")).body
    assert (await client.call("GET", "state")).body["drift"] == []


@in_a_loop
async def test_a_seed_makes_the_same_site_every_time_and_another_seed_another(
    start: Start, program: Connect
) -> None:
    seen = []
    for seed in (11, 11, 12):
        client = program(await start(drift=seed))
        answers = [await client.get("/sign-in"), await client.get("/assets/drift/site.css")]
        seen.append([re.sub(r'"[\w-]{16}"', '"token"', answer.body) for answer in answers])
        assert (await client.call("GET", "state")).body["drift"] == list(describe(seed))
    assert seen[0] == seen[1]
    assert seen[0] != seen[2]
    drift_of.cache_clear()
    again = describe(11)
    drift_of.cache_clear()
    assert describe(11) == again


ALL_SENT = as_sent(Drift({}))
HOOKS = looked_for() & names_in(ALL)


@pytest.mark.parametrize("seeds", [(1,), pytest.param((2, 3), marks=pytest.mark.slow)], ids=str)
@pytest.mark.parametrize("name", CATALOGUE)
def test_each_mutation_alone_changes_something_and_leaves_the_scripts_their_hooks(
    name: str, seeds: tuple[int, ...]
) -> None:
    for seed in seeds:
        drift = drift_of(seed, name)
        assert drift is not None
        assert [*drift.changes] == [name]
        change = drift.changes[name]
        assert change.words
        sent = as_sent(drift)
        behaves = change.settings or change.addresses or change.options
        assert behaves or sent.replace("/assets/drift/", "/assets/") != ALL_SENT
        table = {
            "#": change.ids,
            ".": change.classes,
            "[": change.attributes,
        }
        left = names_in(sent)
        for hook in HOOKS:
            now = hook[0] + table[hook[0]].get(hook[1:], hook[1:])
            assert now in left, f"{hook} is gone: scripts can't find {now}"


def test_the_scripts_hooks_are_seen_by_these_tests() -> None:
    assert {"#newImage", ".page-link", ".dz-preview", "[data-dz-name"} <= looked_for()
    assert looked_for() <= names_in(ALL) | {"#previewTemplate"}
    assert not re.findall(r"querySelector(?:All)?\([^)]*[#.\[]", "".join(SCRIPTS))


SCRIPTS = [pages.web_file(name) for name in ASSETS if name.endswith(".js") and name != "markup.js"]


def test_what_a_rebuild_renames_is_all_that_the_site_has() -> None:
    names = names_in(ALL)
    classes = {name[1:] for name in names if name.startswith(".")} - {"sandboxBanner"}
    assert classes <= set(site_classes())
    assert {name[1:] for name in names if name.startswith("#")} <= set(site_ids())
    drift = drift_of(3, "classes_without_meaning")
    assert drift is not None
    left = {name for name in names_in(as_sent(drift)) if name.startswith(".")}
    assert {name for name in left & names if not name.startswith(".dz-")} == {".sandboxBanner"}


def test_the_distribution_is_as_documented() -> None:
    counts = {weight: Counter[int]() for weight in Weight}
    for seed in SEEDS:
        found = drawn(seed)
        for weight in Weight:
            counts[weight][sum(mutation.weight is weight for mutation in found)] += 1
        assert len({mutation.part for mutation in found}) == len(found)
    for weight, shares in COUNTS.items():
        assert set(counts[weight]) == set(shares)
        for count, percent in shares.items():
            assert abs(counts[weight][count] / len(SEEDS) - percent / 100) < 0.05


def test_every_mutation_is_drawn_and_none_much_more_than_its_like() -> None:
    times = Counter(mutation.name for seed in SEEDS for mutation in drawn(seed))
    assert set(times) == set(CATALOGUE)
    for weight in Weight:
        like = [times[name] for name, each in CATALOGUE.items() if each.weight is weight]
        assert max(like) < 4 * min(like) + 10


def test_every_mutation_is_documented() -> None:
    assert all(re.fullmatch(r"[A-Z].{15,}\.", each.doc) for each in CATALOGUE.values())
    assert len({each.doc for each in CATALOGUE.values()}) == len(CATALOGUE)


@pytest.mark.parametrize("seed", range(1, 61))
def test_names_and_ids_stay_the_users_own(seed: int) -> None:
    """Whatever changes around them, the name is told whole and the id with all its digits."""
    shown = creative(7, name=HOSTILE)
    drift = drift_of(seed)
    assert drift is not None
    card = parse(drift.page(pages.card(shown, Settings())))
    told = [card.text, *(value or "" for each in card.walk() for value in each.attributes.values())]
    assert any(HOSTILE in text for text in told)
    assert any(shown.id in re.sub(r"[,.\s]", "", text) for text in told)
    assert not any("<b>" in write(each) for each in card.all(".creativeName") if each.tag != "b")


def test_a_piece_of_html_is_written_as_it_was_read() -> None:
    for page in PAGES:
        assert write(parse(write(parse(page)))) == write(parse(page))
        assert names_in(write(parse(page))) == names_in(page)
    text = '<p title="a &quot;b&quot; &lt;i&gt;" hidden>x &lt;y&gt; &amp;amp; z<br></p>'
    assert write(parse(text)) == text
    with pytest.raises(ValueError, match="not closed"):
        parse("<p><b></b>")
    with pytest.raises(ValueError, match="no open element"):
        parse("<p></div>")


@in_a_loop
async def test_pages_that_have_moved_are_found_under_their_old_address(
    start: Start, program: Connect
) -> None:
    for name, old in (("library_address", "/media-library"), ("landing_address", "/dashboard")):
        sandbox = await start(drift=1, drift_only=name)
        client = program(sandbox)
        await client.sign_in()
        drift = sandbox.site.drift
        assert drift is not None
        new = drift.addresses[old]
        async with client.http.get(f"{sandbox.url}{old}") as response:
            assert (response.status, response.url.path) == (200, new)
        assert f'href="{new}"' in (await client.get("/campaigns")).body
        await client.call("PATCH", "settings", {"drift_only": "page_size"})
        assert (await client.get(new)).status == 404


@in_a_loop
async def test_requests_that_have_moved_are_counted_and_can_fail_as_before(
    start: Start, program: Connect
) -> None:
    sandbox = await start(drift=1, drift_only="background_addresses")
    client = program(sandbox)
    await client.sign_in()
    drift = sandbox.site.drift
    assert drift is not None
    await client.call("POST", "faults", {"path": "list", "kind": "status", "status": 503})
    new = f"{drift.addresses['/media-library/list']}?ad_format=native_image"
    assert [(await client.get(new)).status for _ in range(2)] == [503, 200]
    assert (await client.call("GET", "requests")).body["list"] == 2
    assert (await client.get("/media-library/list?ad_format=native_image")).status == 404


@in_a_loop
async def test_the_controls_never_drift(start: Start, program: Connect) -> None:
    client = program(await start(drift=3, drift_only="classes_without_meaning"))
    body = (await client.get("/_sandbox/")).body
    assert 'class="greenButton"' in body
    assert 'href="/assets/site.css"' in body
    assert ".greenButton" in (await client.get("/assets/site.css")).body


def test_an_unknown_mutation_is_told_before_anything_starts() -> None:
    with pytest.raises(SettingsError, match="'drift_only' takes one of: seeded"):
        TjSandbox(settings={"drift_only": "everything"})


PERSONS_SEEDS = (3, 4, 5, 25, 29)
"""Another uploader; another list; news in the way; all ids; all classes, and pages that moved."""


@pytest.mark.browser
@pytest.mark.parametrize(
    "seed", [3, *(pytest.param(seed, marks=pytest.mark.slow) for seed in PERSONS_SEEDS[1:])]
)
@in_a_loop
async def test_a_person_still_finds_the_way(
    seed: int, start: Start, program: Connect, browser: Browser, samples: list[Path]
) -> None:
    sandbox = await start(drift=seed, cookie_banner=True)
    for ad_format in ("in_stream_video", "native_image", "native_video"):
        rows = [{"name": f"{ad_format} {n}", "ad_format": ad_format} for n in range(60)]
        await program(sandbox).call("POST", "library", {"creatives": rows})
    file = next(path for path in samples if path.parent.name == "Video")
    async with await browser.new_context() as context:
        page = await context.new_page()
        page.set_default_timeout(10_000)
        person = Person(page, sandbox)
        await person.sign_in()
        await person.open_library()
        await person.open_tab(IN_STREAM, "in_stream_video 59")
        await person.go_on("in_stream_video 59")
        await person.open_tab(NATIVE, "native_image 59")
        await person.choose_native_videos("native_video 59")
        await person.upload(file)
        await person.open_tab(IN_STREAM, "in_stream_video 59")
    assert person.failures == []
    [made] = sandbox.state.creatives(name=file.stem)
    assert made.ad_format == "native_video"
