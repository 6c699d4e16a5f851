"""What is read from a page's exchanges with its server."""

from __future__ import annotations

import pytest

from creative_flow_tj.traffic import Exchange

ABORTED = "net::ERR_ABORTED"


@pytest.mark.parametrize(
    ("status", "failure", "answered", "unserved"),
    [
        (200, "", True, False),
        (None, ABORTED, False, False),  # the page did not want it any more
        (None, "net::ERR_CONNECTION_RESET", False, True),
        (200, "net::ERR_CONTENT_LENGTH_MISMATCH", False, True),
        (403, "", False, True),
        (429, ABORTED, False, True),
        (500, ABORTED, False, True),  # the page saw the status, and left the answer unread
    ],
)
def test_a_question_that_came_to_nothing_is_told_from_an_answer(
    status: int | None, failure: str, answered: bool, unserved: bool
) -> None:
    exchange = Exchange(1, "GET", "http://site/list", "fetch", status=status)
    exchange.over, exchange.failure = True, failure

    assert exchange.answered is answered
    assert exchange.unserved is unserved
    assert exchange.troubled is (unserved and status not in {403, 429})
