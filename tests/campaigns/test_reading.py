"""The mapping and the ads CSVs: everything that is wrong is told at once, by file, line, column."""

from __future__ import annotations

import csv
from collections.abc import Collection, Mapping
from pathlib import Path

import pytest
from attrs import evolve, field, frozen

from creative_flow import registry
from creative_flow.ads import AdsCsv
from creative_flow.campaigns.items import AdFile, AdRow, Reading, Wish
from creative_flow.campaigns.parts import encode, parts_of
from creative_flow.campaigns.reading import Reader
from creative_flow.errors import UsageError
from creative_flow.ledger import KnownEntry, Origin
from creative_flow.workspace import Workspace
from sandbox.ads import csv_of

URL = "https://go.ads-sample.net/?sub11={CampaignName}"
GOOD = {"Ad Name": "a", "Target URL": URL, "Creative ID": "1032530511"}
NATIVE = {
    "Ad Name": "n",
    "Target URL": URL,
    "Video Creative ID": "1032530511",
    "Thumbnail Creative ID": "1032530521",
    "Headline": "H",
    "Brand Name": "B",
}


@frozen
class Desk:
    """Files to be read."""

    folder: Path
    ads: AdsCsv
    known: dict[str, str] = field(factory=lambda: {"1032530511": "approved"})
    """Review statuses by Creative ID."""

    def csv(self, name: str, *rows: Mapping[str, str], kind: str = "pre_roll") -> Path:
        path = self.folder / "csvs" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(csv_of(kind, *rows))
        return path

    def mapping(self, text: str) -> Path:
        path = self.folder / "campaign_mapping.csv"
        path.write_text(text)
        return path

    def read(self, wish: Wish) -> Reading:
        def look_up(ids: Collection[str]) -> dict[str, tuple[KnownEntry, ...]]:
            return {it: (self._entry(it),) for it in ids if it in self.known}

        return Reader(self.ads, "[0-9]+", {"csvs/": self.folder / "csvs"}, look_up).read(wish)

    def read_mapping(self, text: str, *campaigns: str) -> Reading:
        head = "campaign_id,csv_filename,campaign_name,enabled\n"
        return self.read(Wish(self.mapping(head + text), campaigns=campaigns))

    def problems(self, *rows: Mapping[str, str], kind: str = "pre_roll") -> tuple[str, ...]:
        path = self.csv("a.csv", *rows, kind=kind)
        return self.read(Wish(ads=path, campaigns=["1"])).problems

    def _entry(self, creative_id: str) -> KnownEntry:
        status = self.known[creative_id]
        names = ("tj", "default", "in_stream_video", creative_id, "a", "a")
        return KnownEntry(*names, review_status=status, origin=Origin.PLATFORM)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    workspace = Workspace(tmp_path / "workspace", environ={})
    workspace.prepare()
    used = registry.load("tj", workspace.overrides_file("tj"))
    context = workspace.context(
        "tj", used.info, "default", headless=True, interactive=False, notify=print
    )
    ads = used.ads_csv(context)
    assert ads is not None
    return Desk(tmp_path, ads)


def test_what_is_enabled_is_read_in_order(desk: Desk) -> None:
    desk.csv("a.csv", GOOD)
    desk.csv("n.csv", NATIVE, kind="native")
    text = "12,a.csv,Twelve,\n11,n.csv,,yes\n13,missing.csv,,FALSE\n\n"
    reading = desk.read_mapping(text)
    assert reading.problems == ()
    assert [(it.campaign_id, it.name) for it in reading.items] == [("12", "Twelve"), ("11", "")]
    assert [it.file.sheet.name for it in reading.items] == ["preroll", "native"]
    assert reading.items[1].file.rows[0].ad.creative_ids == ("1032530511", "1032530521")


def test_a_mapping_that_a_spreadsheet_has_saved_is_read(desk: Desk) -> None:
    desk.csv("a.csv", GOOD)
    path = desk.mapping("")
    text = "\ufeffCampaign ID;CSV Filename;enabled\r\n1013000001,0;a.csv;1\r\n"
    path.write_bytes(text.encode())
    [item] = desk.read(Wish(path)).items
    assert item.campaign_id == "1013000001"


def test_everything_that_is_wrong_is_told_at_once(desk: Desk) -> None:
    desk.csv("a.csv", GOOD, {**GOOD, "Target URL": "ftp://x", "Creative ID": "1.03E+09"})
    text = "1,a.csv,,\nx,a.csv,,\n2,b.csv,,\n1,a.csv,,\n3,,,\n4,a.csv,,maybe\n"
    problems = desk.read_mapping(text).problems
    wanted = (
        "a.csv, line 3, Target URL: it is 'ftp://x': it must begin with http:// or https://",
        "a.csv, line 3, Creative ID: it is '1.03E+09', which is no Creative ID",
        "campaign_mapping.csv, line 3, campaign_id: 'x' is no campaign's id",
        "campaign_mapping.csv, line 4, csv_filename: there is no file 'b.csv'",
        "campaign_mapping.csv, line 5, campaign_id: campaign 1 stands in line 2 already",
        "campaign_mapping.csv, line 6, csv_filename: no ads CSV is named",
        "campaign_mapping.csv, line 7, enabled: 'maybe' is neither yes nor no",
    )
    assert len(problems) == len(wanted)
    for found, start in zip(problems, wanted, strict=True):
        assert found.startswith(start)
    assert problems[3].endswith(", neither beside the mapping nor in csvs/")


def test_a_file_without_its_columns_is_told(desk: Desk) -> None:
    with pytest.raises(UsageError, match="campaign_id,csv_filename"):
        desk.read(Wish(desk.mapping("id,file\n1,a.csv\n")))
    path = desk.folder / "odd.csv"
    path.write_text("Ad Name,Target URL\na,b\n")
    [problem] = desk.read(Wish(ads=path, campaigns=["1"])).problems
    assert problem.startswith("odd.csv, line 1: its columns are not those of an ads CSV; for ")


def test_a_mapping_in_which_nothing_is_to_be_done_is_wrong(desk: Desk) -> None:
    desk.csv("a.csv", GOOD)
    assert desk.read_mapping("").problems == ("campaign_mapping.csv: it names no campaign",)
    off = "1,a.csv,,no\n"
    why = ("campaign_mapping.csv: no campaign in it is enabled",)
    assert desk.read_mapping(off).problems == why


def test_an_id_that_a_spreadsheet_has_rounded_is_told_as_that(desk: Desk) -> None:
    desk.csv("a.csv", GOOD)
    [problem] = desk.read_mapping("1.013E+09,a.csv,,\n").problems
    assert problem.endswith(
        "'1.013E+09' is no campaign's id: a spreadsheet has rounded it, write its digits again"
    )


def test_what_all_ads_say_is_warned_of_once(desk: Desk) -> None:
    rows = [{**NATIVE, "Ad Name": name, "Headline": "YOUR HEADLINE"} for name in "abc"]
    rows[0]["Brand Name"] = "YOUR BRAND"
    desk.known["1032530521"] = "approved"
    path = desk.csv("n.csv", *rows, kind="native")
    assert desk.read(Wish(ads=path, campaigns=["1"])).warnings == (
        "n.csv, Headline: it is still the placeholder YOUR HEADLINE (3 ads, the first in line 2)",
        "n.csv, line 2, Brand Name: it is still the placeholder YOUR BRAND",
    )


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ({"Ad Name": "x" * 65}, "line 2, Ad Name: it has 65 characters, allowed: 64"),
        ({"Ad Name": ""}, "line 2, Ad Name: it is empty"),
        ({"Target URL": ""}, "line 2, Target URL: it is empty"),
        ({"Creative ID": ""}, "line 2, Creative ID: it is empty"),
        ({"Custom CTA URL": "nowhere"}, "line 2, Custom CTA URL: it is 'nowhere'"),
    ],
)
def test_a_cell_that_will_not_be_taken_is_wrong(
    desk: Desk, cells: dict[str, str], told: str
) -> None:
    [problem] = desk.problems({**GOOD, **cells})
    assert problem.startswith(f"a.csv, {told}")


def test_the_same_ad_twice_is_wrong_and_the_same_name_is_odd(desk: Desk) -> None:
    other = {**GOOD, "Creative ID": "1032530521"}
    [problem] = desk.problems(GOOD, other, GOOD)
    assert problem == "a.csv, line 4, Ad Name: it is the same ad as in line 2"
    reading = desk.read(Wish(ads=desk.csv("b.csv", GOOD, other), campaigns=["1"]))
    assert reading.problems == ()
    assert any("can't be told apart" in warning for warning in reading.warnings)


def test_creatives_that_are_not_known_or_rejected_are_warned_of(desk: Desk) -> None:
    desk.known["1032530521"] = "rejected"
    rows = [{**GOOD, "Ad Name": it, "Creative ID": it} for it in ("1032530521", "1032530531")]
    warnings = desk.read(Wish(ads=desk.csv("a.csv", *rows), campaigns=["1"])).warnings
    assert [it.split(":", 1)[1][:33] for it in warnings] == [
        " 1 creative is rejected in review",
        " 1 creative is not known to the l",
    ]


def test_only_the_campaigns_that_are_named_are_taken(desk: Desk) -> None:
    desk.csv("a.csv", GOOD)
    text = "1,a.csv,,\n2,old.csv,,no\n2,a.csv,,\n4,a.csv,,no\n"
    reading = desk.read_mapping(text, "2", "3", "4")
    assert [it.campaign_id for it in reading.items] == ["2"]
    assert reading.problems == (
        "campaign_mapping.csv: campaign 3 is not in it",
        "campaign_mapping.csv, line 5, enabled: campaign 4 is not enabled",
    )


def test_a_cell_too_few_is_told(desk: Desk) -> None:
    path = desk.csv("a.csv", GOOD)
    path.write_text(path.read_text() + "x,y\n")
    [problem] = desk.read(Wish(ads=path, campaigns=["1"])).problems
    assert problem == "a.csv, line 3: it has 2 cells, 10 are wanted"


def test_many_ads_are_cut_into_files_that_the_site_takes(desk: Desk) -> None:
    rows = [{**NATIVE, "Ad Name": f"n{number}"} for number in range(120)]
    [item] = desk.read(Wish(ads=desk.csv("n.csv", *rows, kind="native"), campaigns=["1"])).items
    parts = list(parts_of(item.file.sheet, item.file.rows))
    assert [len(part.rows) for part in parts] == [50, 50, 20]
    assert [row for part in parts for row in part.rows] == list(item.file.rows)
    head, first = parts[2].data.decode().splitlines()[:2]
    assert head.startswith('"Ad Name","Target URL"')
    assert next(csv.reader([first]))[0] == "n100"


def test_no_file_is_larger_than_the_site_takes(desk: Desk) -> None:
    sheet = next(it for it in desk.ads.sheets if it.name == "preroll")
    assert sheet.most_bytes is not None
    sheet = evolve(sheet, most_bytes=evolve(sheet.most_bytes, value=700))
    [item] = desk.read(
        Wish(
            ads=desk.csv("a.csv", *({**GOOD, "Ad Name": f"a{n}"} for n in range(20))),
            campaigns=["1"],
        )
    ).items
    parts = list(parts_of(sheet, item.file.rows))
    assert all(len(part.data) <= 700 for part in parts)
    assert sum(len(part.rows) for part in parts) == 20
    assert all(part.data == encode(sheet, [it.cells for it in part.rows]) for part in parts)


def test_another_cell_is_another_digest(desk: Desk) -> None:
    def file(*rows: Mapping[str, str]) -> AdFile:
        [item] = desk.read(Wish(ads=desk.csv("a.csv", *rows), campaigns=["1"])).items
        return item.file

    one = file(GOOD)
    assert file(GOOD).digest == one.digest
    assert file({**GOOD, "Target URL": f"{URL}&a=1"}).digest != one.digest
    assert all(isinstance(row, AdRow) for row in one.rows)
