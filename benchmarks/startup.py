"""How long commands take that have nothing to do, against importing what draws their help.

    python -m benchmarks.startup

For comparison, the import of SQLAlchemy alone stands beside them.
"""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

from benchmarks.measuring import CFU, Line, folder, in_turn, ratio, run, say, table

TIMES = 15


def measure() -> list[Line]:
    """Start every command in turn, each time beside `python -c "import click"`."""
    with folder() as root:
        place = root / "workspace"
        uploaded = _nothing_to_do(place)
        upload = ("upload", str(uploaded), "--platform", "tj", "--workspace", str(place))
        commands = {
            "cfu --help": (*CFU, "--help"),
            "cfu platforms": (*CFU, "platforms", "--workspace", str(place)),
            "cfu upload, nothing to do": (*CFU, *upload),
            'python -c "import sqlalchemy"': (sys.executable, "-c", "import sqlalchemy"),
        }
        base = "import click"
        commands[base] = (sys.executable, "-c", base)
        ways = {name: partial(run, it) for name, it in commands.items()}
        say("startup: starting commands …")
        runs = in_turn(ways, TIMES, warm_up=2)
        return [
            Line(
                f'{name} : python -c "{base}"',
                ratio(runs[name].seconds, runs[base].seconds),
                detail=f"{runs[name].time * 1000:.0f} ms (fastest "
                f"{min(runs[name].seconds) * 1000:.0f}) : {runs[base].time * 1000:.0f} ms (fastest "
                f"{min(runs[base].seconds) * 1000:.0f}); {runs[name].peak / 1e6:.0f} MB",
            )
            for name in commands
            if name != base
        ]


def _nothing_to_do(place: Path) -> Path:
    """Make a workspace with one file, which is up already."""
    files = place.parent / "files"
    script = (
        "import sys; from pathlib import Path; from benchmarks.shelves import fill, make_files; "
        "place, files = Path(sys.argv[1]), Path(sys.argv[2]); make_files(files, 2); "
        "sorted(files.iterdir())[1].unlink(); fill(place, 10, files)"
    )
    run([sys.executable, "-c", script, str(place), str(files)])
    return files


def main() -> None:
    """Measure and print."""
    print(table(measure()))


if __name__ == "__main__":
    main()
