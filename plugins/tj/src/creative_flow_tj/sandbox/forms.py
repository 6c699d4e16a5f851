"""Reading the forms that pages send."""

from __future__ import annotations

from urllib.parse import parse_qsl

from aiohttp import web

MAX_FIELDS = 1000


async def form_fields(request: web.Request) -> dict[str, str]:
    """Return the fields of an url-encoded form; what is no such form has none."""
    body = (await request.read()).decode("utf-8", "replace")
    try:
        return dict(parse_qsl(body, keep_blank_values=True, max_num_fields=MAX_FIELDS))
    except ValueError:
        return {}
