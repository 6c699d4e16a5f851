"""The ads CSVs of a run: what goes in, what the files are called, what is said aloud."""

from __future__ import annotations

import re

import pytest
from attrs import evolve

from creative_flow.adfiles import AdsFiles
from creative_flow.creative import Status
from creative_flow.errors import SettingsError, WorkspaceError
from creative_flow.ledger import Origin

from .conftest import SET, TJ, Office, image, in_stream, named, table, video

PREROLL = (
    "Ad Name,Target URL,Creative ID,Custom CTA Text,Custom CTA URL,Banner CTA Creative ID,"
    "Banner CTA Title,Banner CTA Subtitle,Banner CTA URL,Tracking Pixel"
)
NATIVE = (
    '"Ad Name","Target URL","Video Creative ID","Thumbnail Creative ID","Headline","Brand Name"'
)
URL = "https://go.shop.tld/l?a={BanID}&sub11={CampaignName}&x=%20y"


def test_the_files_bear_the_end_of_the_runs_id_and_its_local_time(office: Office) -> None:
    office.say(SET)
    run = office.run(in_stream(1))
    made = office.make(run)
    day, time, tail = run.run.split("-")
    assert [path.name for path in made.files] == [
        f"Batch{tail.upper()}_{day}_{time}_Preroll.csv",
        f"Batch{tail.upper()}_{day}_{time}_Summer_Preroll.csv",
    ]
    assert made.files[0].parent == office.workspace.tracking / "Upload_CSV"
    assert made.fresh
    assert made.remarks == ()


def test_a_preroll_file_has_exactly_the_columns_and_bytes_of_the_template(office: Office) -> None:
    office.say(SET + '[preroll]\ncta_text = "Go, now"\ncta_url = "https://go.shop.tld/?c={AdID}"\n')
    made = office.make(office.run(in_stream(1)))
    assert named(made, "Preroll.csv").read_bytes().decode() == (
        f"{PREROLL}\n"
        f'{in_stream(1)},{URL},1032530001,"Go, now",https://go.shop.tld/?c={{AdID}},,,,,\n'
    )


def test_a_native_file_has_every_field_quoted_and_one_row_per_pair(office: Office) -> None:
    office.say(SET)
    made = office.make(office.run(video(1), image(1)))
    assert named(made, "Native.csv").read_bytes().decode() == (
        f'{NATIVE}\n"{video(1)}","{URL}","1032530001","1032530011","All summer long","Ana & Co"\n'
    )


def test_a_pair_with_one_half_up_is_left_out_and_said_aloud(office: Office) -> None:
    office.say(SET)
    made = office.make(office.run(video(1), image(1), video(2), image(3)))
    assert len(table(named(made, "Native.csv"))) == 1
    [remark] = made.remarks
    assert "2 native pairs (ID-00000002 lacks its image, ID-00000003 lacks its video)" in remark


def test_a_pair_belongs_to_the_run_that_completed_it(office: Office) -> None:
    office.say(SET)
    first = office.run(video(1))
    assert office.make(first).files == ()
    second = office.run(image(1))
    [row] = table(named(office.make(second), "Native.csv"))
    assert (row["Video Creative ID"], row["Thumbnail Creative ID"]) == ("1032530001", "1032530011")
    again = office.make(first)
    assert again.files == ()
    assert "a later run completed it" in again.remarks[0]


def test_a_half_that_the_platform_was_seen_to_have_completes_a_pair(office: Office) -> None:
    office.say(SET)
    office.run(image(1), status=Status.SKIPPED, origin=Origin.PLATFORM)
    assert len(table(named(office.make(office.run(video(1))), "Native.csv"))) == 1


@pytest.mark.parametrize("account", ["other", "default"])
def test_a_half_on_another_account_completes_nothing(office: Office, account: str) -> None:
    office.say(SET)
    office.account = account
    office.run(image(1))
    office.account = "default"
    made = office.make(office.run(video(1)))
    assert bool(made.files) is (account == "default")


def test_an_id_on_the_users_word_is_not_proved(office: Office) -> None:
    office.say(SET)
    office.run(image(1), origin=Origin.USER)
    run = office.run(video(1), in_stream(2))
    office.run(in_stream(3), origin=Origin.USER)
    made = office.make(run)
    assert [path.name.split("_", 3)[3] for path in made.files] == [
        "Preroll.csv",
        "Summer_Preroll.csv",
    ]
    assert "ID-00000001 lacks its image" in made.remarks[0]


def test_what_was_forgotten_since_is_left_out(office: Office) -> None:
    office.say(SET)
    run = office.run(in_stream(1), in_stream(2))
    office.ledger.forget(TJ, "default", [("in_stream_video", "1032530001")])
    made = office.make(run)
    assert [row["Creative ID"] for row in table(named(made, "Preroll.csv"))] == ["1032530011"]
    assert f"1 creative ({in_stream(1)}.mp4)" in made.remarks[0]


def test_a_duplicate_with_its_id_is_advertised_and_what_was_skipped_is_not(office: Office) -> None:
    office.say(SET)
    assert office.make(office.run(in_stream(1), status=Status.DUPLICATE)).ads == 1
    assert office.make(office.run(in_stream(2), status=Status.SKIPPED)).ads == 0


def test_other_ad_formats_make_no_ads_and_no_noise(office: Office) -> None:
    run = office.ledger.start_run(TJ, "default", login="", campaign="", total=1)
    banner = office.outcome("EN_Banner", Status.SUCCESS)
    office.ledger.record(run, [evolve(banner, ad_format="static_banner")])
    assert office.make(office.live(run)) == AdsFiles()
    assert not office.workspace.upload_csv.exists()


def test_each_category_has_a_file_more_and_its_own_texts(office: Office) -> None:
    office.say(
        SET
        + '[category.Winter]\nheadline = "Snow"\n[category.winter.native]\nbrand = "Not this one"\n'
        + '[category.Winter.native]\nbrand = "Ice"\n'
    )
    made = office.make(
        office.run(video(1), image(1), video(2, "Winter"), image(2, "Winter"), in_stream(3, "Été"))
    )
    assert [path.name.split("_", 3)[3] for path in made.files] == [
        "Native.csv",
        "Preroll.csv",
        "Summer_Native.csv",
        "Winter_Native.csv",
        "Été_Preroll.csv",
    ]
    assert [(row["Headline"], row["Brand Name"]) for row in table(made.files[0])] == [
        ("All summer long", "Ana & Co"),
        ("Snow", "Ice"),
    ]
    assert table(named(made, "Winter_Native.csv")) == table(made.files[0])[1:]


def test_what_process_knows_of_a_category_counts_more_than_the_name(office: Office) -> None:
    office.say(SET)
    office.process(in_stream(1, "Beach"), "Sea")
    made = office.make(office.run(in_stream(1, "Beach"), "holiday clip"))
    assert [path.name.split("_", 3)[3] for path in made.files] == [
        "Preroll.csv",
        "Sea_Preroll.csv",
    ]
    assert len(table(made.files[0])) == 2


def test_a_category_cannot_lead_out_of_the_folder(office: Office) -> None:
    office.say(SET)
    office.process(in_stream(1), "../../x_y")
    made = office.make(office.run(in_stream(1)))
    assert made.files[1].name.endswith("_x-y_Preroll.csv")
    assert made.files[1].parent == office.workspace.upload_csv


def test_more_than_fifty_ads_go_into_several_numbered_files(office: Office) -> None:
    office.say(SET)
    names = [in_stream(number) for number in range(1, 121)]
    made = office.make(office.run(*names))
    overall = [path for path in made.files if "Summer" not in path.name]
    assert [path.name.split("_", 3)[3] for path in overall] == [
        "Preroll.csv",
        "Preroll_2.csv",
        "Preroll_3.csv",
    ]
    assert [len(table(path)) for path in overall] == [50, 50, 20]
    assert [row["Ad Name"] for path in overall for row in table(path)] == names


def test_no_file_is_larger_than_the_platform_takes(office: Office) -> None:
    office.say(SET)
    office.workspace.overrides_file(TJ).write_text("[ads.limits]\nbytes = 1000\nads = false\n")
    made = office.make(office.run(*(in_stream(number) for number in range(1, 31))))
    overall = [path for path in made.files if "Summer" not in path.name]
    sizes = [path.stat().st_size for path in overall]
    assert max(sizes) <= 1000
    assert min(sizes[:-1]) > 1000 - 150
    assert sum(len(table(path)) for path in overall) == 30


def test_a_long_name_is_cut_so_that_its_id_stays_and_that_is_said(office: Office) -> None:
    office.say(SET)
    names = [in_stream(number, "A-very-long-category-of-forty-letters-x") for number in (1, 2)]
    made = office.make(office.run(*names))
    short = [row["Ad Name"] for row in table(made.files[0])]
    assert [len(name) for name in short] == [64, 64]
    assert [name[-12:] for name in short] == ["_ID-00000001", "_ID-00000002"]
    [remark] = made.remarks
    assert remark.startswith("Ad Name of 2 ads had to be changed: was cut to 64 characters: EN_A-")


def test_a_long_headline_is_cut_at_a_word_and_that_is_said_with_its_place(office: Office) -> None:
    long = "Sunny days and warm nights " * 4
    office.say(SET.replace("All summer long", long))
    made = office.make(office.run(video(1), image(1)))
    [row] = table(named(made, "Native.csv"))
    assert row["Headline"] == " ".join([*["Sunny days and warm nights"] * 3, "Sunny"])
    [remark] = made.remarks
    assert remark.startswith(f"Headline was cut to 87 characters: {row['Headline']} (1 ad). ")
    assert remark.endswith("See headline in config/tj_ads.toml, line 4.")


def test_what_is_still_a_placeholder_is_said_with_where_to_set_it(office: Office) -> None:
    made = office.make(office.run(video(1), image(1), in_stream(2)))
    url = "https://example.com/?sub11={CampaignName}"
    wanted = (
        ("Target URL", url, "2 ads", "target_url"),
        ("Headline", "YOUR HEADLINE", "1 ad", "headline"),
        ("Brand Name", "YOUR BRAND", "1 ad", "brand"),
    )
    assert set(made.remarks) == {
        f"{heading} is still the placeholder {text} ({many}). "
        f"Set {key} in config/tj_ads.toml, or TJ_ADS_{key.upper()}."
        for heading, text, many, key in wanted
    }


def test_a_text_that_was_emptied_is_said_too(office: Office) -> None:
    office.say(SET.replace("All summer long", ""))
    made = office.make(office.run(video(1), image(1)))
    assert made.remarks[0].startswith("Headline is empty (1 ad). Set headline in ")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("=cmd() x", "cmd() x"),
        ("-beach", "beach"),
        ("@+=", "1032530001"),
        ("two\nlines", "two lines"),
        ("plain = good", "plain = good"),
    ],
)
def test_a_name_that_a_spreadsheet_would_run_loses_that(
    office: Office, name: str, shown: str
) -> None:
    office.say(SET)
    made = office.make(office.run(name))
    assert table(made.files[0])[0]["Ad Name"] == shown
    assert bool(made.remarks) is (name != shown)


def test_the_users_own_texts_stand_byte_for_byte(office: Office) -> None:
    office.say(SET.replace("All summer long", '+18: ünly “for” you,  1 \\"x\\" 🌞'))
    made = office.make(office.run(video(1), image(1)))
    assert table(made.files[0])[0]["Headline"] == '+18: ünly “for” you,  1 "x" 🌞'
    assert made.remarks == ()


def test_made_again_unchanged_nothing_is_written(office: Office) -> None:
    office.say(SET)
    run = office.run(in_stream(1))
    first = office.make(run)
    before = {path: path.stat().st_mtime_ns for path in office.workspace.upload_csv.iterdir()}
    second = office.make(run)
    assert (second.files, second.fresh) == (first.files, False)
    assert {p: p.stat().st_mtime_ns for p in office.workspace.upload_csv.iterdir()} == before


def test_made_again_with_other_texts_no_file_is_overwritten(office: Office) -> None:
    office.say(SET)
    run = office.run(in_stream(1))
    first = office.make(run)
    before = {path: path.read_bytes() for path in first.files}
    office.say(SET.replace("go.shop.tld", "new.shop.tld"))
    second = office.make(run)
    assert second.fresh
    assert not set(first.files) & set(second.files)
    assert {path: path.read_bytes() for path in first.files} == before
    assert "new.shop.tld" in second.files[0].read_text()
    tail = run.run[-4:].upper()
    assert all(re.match(rf"Batch{tail}_\d{{8}}_\d{{6}}_", path.name) for path in second.files)
    office.say(SET)
    assert office.make(run).files == first.files


def test_what_a_crash_left_of_a_set_is_completed(office: Office) -> None:
    office.say(SET)
    run = office.run(in_stream(1))
    first = office.make(run)
    kept = first.files[0].stat().st_mtime_ns
    first.files[1].unlink()
    (office.workspace.upload_csv / f".{first.files[1].name}.new").write_text("torn")
    second = office.make(run)
    assert (second.files, second.fresh) == (first.files, True)
    assert first.files[0].stat().st_mtime_ns == kept
    assert sorted(path.name for path in office.workspace.upload_csv.iterdir()) == sorted(
        path.name for path in first.files
    )


def test_what_a_killed_run_had_sent_is_in_the_next_ones_files_once(office: Office) -> None:
    office.say(SET)
    office.run(in_stream(1))
    office.run(in_stream(2), ends=False)
    after = office.run(in_stream(3))
    ids = [row["Creative ID"] for row in table(office.make(after).files[0])]
    assert ids == ["1032530011", "1032530021"]
    assert office.make(office.run(in_stream(4))).ads == 1


def test_what_a_run_settled_is_in_its_files(office: Office) -> None:
    office.say(SET)
    killed, found = office.interrupted(video(1))
    office.ledger.finish_run(killed, error="the browser was gone")
    run = office.run(image(1), ends=False)
    assert office.make(run).ads == 0
    office.settle(found)
    office.ledger.finish_run(run.run)
    assert office.make(run).ads == 1


def test_a_run_is_found_by_its_id_or_the_end_of_it(office: Office) -> None:
    run, front = office.run(in_stream(1)), office.ledger.brought_up()
    tail = run.run.rsplit("-", 1)[1]
    for name in (run.run, tail, tail.upper(), f" {run.run.upper()} "):
        assert front.runs(name) == (run,)
    for name in ("", "%", tail[1:], run.run[:-1]):
        assert front.runs(name) == ()


def test_the_last_run_is_the_newest_that_brought_something_up(office: Office) -> None:
    assert office.ledger.brought_up().last() is None
    run = office.run(in_stream(1))
    office.run(in_stream(2), status=Status.SKIPPED)
    office.run()
    assert office.ledger.brought_up().last() == run


def test_another_accounts_files_bear_its_name(office: Office) -> None:
    office.say(SET)
    office.account = "second"
    made = office.make(office.run(*(in_stream(number) for number in range(1, 52))))
    assert [path.name.split("_", 3)[3] for path in made.files] == [
        "Preroll_second.csv",
        "Preroll_second_2.csv",
        "Summer_Preroll_second.csv",
        "Summer_Preroll_second_2.csv",
    ]


def test_a_folder_that_cannot_be_written_is_one_line(office: Office) -> None:
    office.say(SET)
    run = office.run(in_stream(1))
    office.workspace.upload_csv.write_text("a file is in the way")
    with pytest.raises(WorkspaceError) as caught:
        office.make(run)
    assert "Upload_CSV" in caught.value.message
    assert f"cfu ads {run.run}" in caught.value.hint


def test_texts_that_the_platform_will_not_take_make_no_file(office: Office) -> None:
    office.say(SET.replace("https://go", "htps://go"))
    run = office.run(in_stream(1))
    with pytest.raises(SettingsError) as caught:
        office.make(run)
    assert caught.value.message.startswith(
        "target_url in config/tj_ads.toml, line 2: Target URL is 'htps://"
    )
    assert "http:// or https://" in caught.value.message
    assert not office.workspace.upload_csv.exists()


def test_a_rejected_creative_is_in_the_file_and_said(office: Office) -> None:
    office.say(SET)
    run = office.run(in_stream(1))
    [known] = office.ledger.entries(TJ, "default")
    seen = evolve(known, origin=Origin.PLATFORM, review_status="rejected")
    office.ledger.add_entries(TJ, "default", [seen])
    made = office.make(run)
    assert made.ads == 1
    assert f"rejected in review ({in_stream(1)}.mp4)" in made.remarks[0]


def test_a_category_that_looks_misspelt_is_said(office: Office) -> None:
    office.say(SET + '[category.Sumer]\nheadline = "x"\n[category.Winter]\nheadline = "y"\n')
    made = office.make(office.run(in_stream(1)))
    assert len(made.remarks) == 1
    assert made.remarks[0].startswith("[category.Sumer] in ")
    assert made.remarks[0].endswith("did you mean Summer?")
