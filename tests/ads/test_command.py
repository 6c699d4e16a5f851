"""Ads CSVs as users meet them: at the end of an upload, and by `cfu ads`."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from cli.acme import __file__ as acme
from cli.conftest import Terminal
from reliability.rehearsal import KILLED, rehearsal

HOOK = """

from creative_flow.ads import AdColumn, AdsCsv, AdSheet, Fill


class AcmeAds(AdsCsv):
    @property
    def sheets(self):
        if self.context.overrides_file.with_name("crash").exists():
            raise RuntimeError("out of order")
        link = AdColumn("Link", Fill.TEXT, "link", required=True, is_url=True)
        columns = (AdColumn("Name", Fill.NAME), link, AdColumn("Creative", Fill.CREATIVE_ID))
        return (AdSheet("banner", "Banner", columns, ad_format="banner"),)


@hookimpl
def creative_flow_ads_csv():
    return AcmeAds
"""
GOOD = '[default]\nlink = "https://shop.tld/?sub11={CampaignName}"\n'
UPLOAD = ("upload", "banners", "--platform", "acme", "--live")


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    made = Terminal(tmp_path)
    [module] = made.site.folder.glob("*acme.py")
    module.write_text(Path(acme).read_text("utf-8") + HOOK, encoding="utf-8")
    made.environ |= {"ACME_USERNAME": "ann", "ACME_PASSWORD": "right ${password}"}
    (made.workspace / "config").mkdir(parents=True)
    made.banner("EN_One.png", 1)
    return made


def ads_file(terminal: Terminal, text: str) -> Path:
    file = terminal.workspace / "config" / "acme_ads.toml"
    file.write_text(text, encoding="utf-8")
    return file


def csvs(terminal: Terminal) -> list[Path]:
    return sorted((terminal.workspace / "tracking" / "Upload_CSV").glob("*.csv"))


def test_a_live_upload_leaves_its_ads_csvs_and_names_them(terminal: Terminal) -> None:
    ads_file(terminal, GOOD)
    assert terminal.cfu(*UPLOAD[:-1]).code == 0
    assert csvs(terminal) == []
    done = terminal.cfu(*UPLOAD)
    assert done.code == 0, done.err
    [path] = csvs(terminal)
    assert path.read_text() == (
        "Name,Link,Creative\nEN_One,https://shop.tld/?sub11={CampaignName},1000000001\n"
    )
    assert f"Ads CSV: tracking/Upload_CSV/{path.name}\n" in done.out
    assert "Ads:" not in done.out

    again = terminal.cfu(*UPLOAD)
    assert "Ads" not in again.out
    assert csvs(terminal) == [path]


@pytest.mark.slow
def test_what_is_not_set_is_said_at_once_and_in_the_summary(terminal: Terminal) -> None:
    done = terminal.cfu(*UPLOAD)
    assert done.code == 0
    said = "Link is empty (1 ad). Set link in "
    assert said in done.err
    assert f"Ads: {said}" in done.out
    assert len(csvs(terminal)) == 1


@pytest.mark.slow
def test_a_mistake_in_what_ads_say_costs_no_outcome_and_can_be_mended(terminal: Terminal) -> None:
    file = ads_file(terminal, GOOD.replace("link", "lnik"))
    done = terminal.cfu(*UPLOAD)
    assert done.code == 0
    assert "1 success" in done.out
    assert f"No ads CSVs were written. {file}, line 2: [default] takes no lnik" in done.err
    assert csvs(terminal) == []

    ads_file(terminal, GOOD)
    mended = terminal.cfu("ads")
    assert mended.code == 0
    [path] = csvs(terminal)
    assert f"Ads CSV: tracking/Upload_CSV/{path.name}" in mended.out
    assert path.name.startswith("Batch")

    tail = path.name[len("Batch") :].split("_")[0]
    same = terminal.cfu("ads", f"Batch{tail}")
    assert same.code == 0
    assert "nothing has changed since they were made" in same.out
    assert csvs(terminal) == [path]


@pytest.mark.slow
def test_a_plugin_that_fails_at_it_costs_no_outcome(terminal: Terminal) -> None:
    (terminal.workspace / "config" / "crash").touch()
    done = terminal.cfu(*UPLOAD)
    assert done.code == 0
    assert "1 success" in done.out
    assert "can't be used: RuntimeError: out of order" in done.err
    assert terminal.cfu("ads").code == 6


def test_a_run_that_is_not_there_is_wrong_usage(terminal: Terminal) -> None:
    done = terminal.cfu("ads")
    assert (done.code, done.out) == (2, "")
    assert "No run of this workspace has brought anything up." in done.err
    done = terminal.cfu("ads", "20260102-030405-abcd")
    assert done.code == 2
    assert "There is no run '20260102-030405-abcd'." in done.err


@pytest.mark.browser
@pytest.mark.reliability
@pytest.mark.timeout(240)
async def test_killed_before_its_ads_a_run_has_them_from_the_next(tmp_path: Path) -> None:
    async with rehearsal(tmp_path / "place") as scene:
        samples = scene.sandbox.make_samples(scene.place / "uploaded")
        code, _ = await scene.cfu(fail_at="mirror.ads:before", seconds=200)
        assert code == KILLED
        code, said = await scene.cfu(seconds=100)
        assert code == 0, said
        folder = scene.place / "tracking" / "Upload_CSV"
        truth = {(it.ad_format, it.name): it.id for it in scene.sandbox.state.creatives()}
        [native] = [path for path in folder.glob("*_Native.csv") if path.name.count("_") == 3]
        [preroll] = [path for path in folder.glob("*_Preroll.csv") if path.name.count("_") == 3]
        assert f"Ads CSV: tracking/Upload_CSV/{native.name}" in said
        with native.open(newline="") as file:
            pairs = list(csv.DictReader(file))
        with preroll.open(newline="") as file:
            singles = list(csv.DictReader(file))
        by_stem = {path.stem: path for path in samples}
        assert (len(pairs), len(singles)) == (4, 6)
        for row in pairs:
            name = row["Ad Name"]
            base = name.rsplit("_", 1)[1].removesuffix("-VID")
            [half] = [stem for stem in by_stem if stem.endswith(f"{base}-IMG")]
            assert row["Video Creative ID"] == truth["native_video", name]
            assert row["Thumbnail Creative ID"] == truth["native_image", half]
        for row in singles:
            assert row["Creative ID"] == truth["in_stream_video", row["Ad Name"]]

        assert (await scene.cfu())[0] == 0
        assert len(list(folder.glob("*_Native.csv"))) == 1 + len(
            {row["Ad Name"].split("_")[2] for row in pairs}
        )
