"""What the uploader reports of each file: the page's word where it counts, else "unclear"."""

from __future__ import annotations

import pytest

from creative_flow.platform import SendReport, Verdict
from upload.stage import WatchedSite

from .sender import Sender

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

IMPATIENT = """<script>
const patient = window.fetch;
window.fetch = (address, options = {}) => {
  if (options.method !== "POST") return patient(address, options);
  return patient(address, { ...options, signal: AbortSignal.timeout(200) });
};
</script>"""


def verdicts(report: SendReport) -> list[str]:
    return [result.verdict.value for result in report.results]


async def test_files_are_accepted_after_the_gate_and_their_progress_is_told(
    sender: Sender, site: WatchedSite
) -> None:
    before = len(site.arrivals())

    report = await sender.send("a", "b", "c")

    assert verdicts(report) == ["accepted"] * 3
    assert sender.arrived_at_gate == [before]
    assert sender.progress[-1][0] == 3
    assert report.evidence == ()


async def test_a_gate_that_stays_shut_lets_nothing_through(
    sender: Sender, site: WatchedSite
) -> None:
    before = len(site.arrivals())

    async def shut() -> None:
        raise TimeoutError("somebody else has the account")

    with pytest.raises(TimeoutError):
        await sender.send("shut", gate=shut)

    assert len(site.arrivals()) == before


async def test_a_refusal_has_the_pages_reason_and_evidence(
    sender: Sender, site: WatchedSite
) -> None:
    site.knobs.preview_names = "text"

    report = await sender.send("wide", size=(301, 250))

    assert verdicts(report) == ["refused"]
    assert report.results[0].reason == "Dimensions 301x250 are not supported."
    assert report.evidence


async def test_what_the_page_says_in_silence_is_accepted(sender: Sender, site: WatchedSite) -> None:
    site.knobs.preview_removed_after_s = 0.05
    await sender.send("again")
    assert verdicts(await sender.send("again")) == ["accepted"]


@pytest.mark.parametrize("how", ["500", "reset"])
async def test_where_the_server_failed_the_pages_word_is_unclear(
    sender: Sender, site: WatchedSite, how: str
) -> None:
    site.knobs.at_once = 1
    site.fail_next("upload", how, after_keeping=True)  # type: ignore[arg-type]

    report = await sender.send(f"kept {how}", f"good {how}")

    assert verdicts(report) == ["unclear", "accepted"]
    assert report.evidence
    assert not report.login_lost


async def test_what_the_page_itself_broke_off_is_unclear(sender: Sender, site: WatchedSite) -> None:
    site.knobs.processing_s = 0.6
    site.rewrite = lambda page: page.replace("<main>", f"{IMPATIENT}<main>")

    report = await sender.send("impatient")

    assert verdicts(report) == ["unclear"]
    assert "impatient.png" in {arrival.filename for arrival in site.arrivals()}


@pytest.mark.parametrize(
    ("names", "together"), [("none", False), ("none", True), ("both", True), ("alt", False)]
)
async def test_previews_without_names_are_believed_where_all_say_the_same(
    sender: Sender, site: WatchedSite, names: str, together: bool
) -> None:
    site.knobs.preview_names = names  # type: ignore[assignment]
    site.knobs.together = together

    report = await sender.send(f"x {names} {together}", f"y {names} {together}")

    assert verdicts(report) == ["accepted", "accepted"]


async def test_a_login_that_ends_while_sending_is_told(sender: Sender, site: WatchedSite) -> None:
    async def expire() -> None:
        site.expire_sessions()

    report = await sender.send("lost", gate=expire)

    assert report.login_lost
    assert {result.verdict for result in report.results} == {Verdict.UNCLEAR}
