"""Keeps the details of an unforeseen error, without secrets, for whoever is to look into it."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
import traceback
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from creative_flow.errors import CreativeFlowError


def write_crash(error: BaseException, workspace: Path) -> Path | None:
    """Write a traceback to a new file of its owner's, among the logs if there are any.

    Returns the file, or None if none could be written.
    """
    now = datetime.now().astimezone()
    about = f"creative-flow {version('creative-flow')}, Python {sys.version}, {platform.platform()}"
    trace = "".join(traceback.format_exception(error))
    content = _without_secrets(f"{now.isoformat()}\n{about}\n\n{trace}", workspace)
    logs = workspace / "tracking" / "upload_logs"
    for folder in (logs, Path(tempfile.gettempdir())):
        if folder.is_dir():
            try:
                handle, name = tempfile.mkstemp(".txt", f"crash_{now:%Y%m%d-%H%M%S}_", folder)
                with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
                    file.write(content)
            except OSError:
                continue
            return Path(name).resolve()
    return None


def _without_secrets(text: str, root: Path) -> str:
    from creative_flow.report.redact import Redactor
    from creative_flow.settings import Settings

    try:
        secrets = Settings(root / "config" / ".env", os.environ, {}).secrets()
    except CreativeFlowError:
        secrets = frozenset()
    return Redactor(secrets)(text)
