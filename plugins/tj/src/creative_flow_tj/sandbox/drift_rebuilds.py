"""Heavy mutations: a whole family of names, or the way a part is built, is another."""

# ruff: noqa: D401  a mutation's line says what the site is like

from __future__ import annotations

import hashlib
import re
from functools import cache
from importlib.resources import files
from random import Random

from creative_flow_tj.sandbox.drift_change import Catalogue, Change
from creative_flow_tj.sandbox.drift_hooks import LIST_STYLE, no_table
from creative_flow_tj.sandbox.drift_tree import Element

REBUILDS = Catalogue()

_LIBRARY = re.compile(r"dz-|page-|pagination$|paginate_|dataTable|disabled$|active$|mb-")
"""Names that libraries gave; they stay when the site's own build changes."""

_NOT_THE_SITES = frozenset({"sandboxBanner"})
_WRITTEN_BY_CODE = frozenset(
    {"page-item", "paginate_button", "dimensions", "fileType", "accountName"}
)
_CONTROLS = ("control.html", "knob.html", "arrival_row.html")


def _web_texts(ending: str) -> str:
    folder = files(__package__).joinpath("web")
    names = [item for item in folder.iterdir() if item.name.endswith(ending)]
    return "\n".join(
        item.read_text(encoding="utf-8") for item in names if item.name not in _CONTROLS
    )


@cache
def site_classes() -> tuple[str, ...]:
    """Return every class that the site's pages have, scripts' included."""
    quoted = re.findall(r'class="([^"$]*)', _web_texts(".html"))
    scripts = re.findall(r'\b(?:mark|marked|className)\([^"()]*"([\w-]+)"', _web_texts(".js"))
    styles = re.sub(r"\{[^}]*\}", "{}", _web_texts(".css").partition("/* Controls */")[0])
    found = {name for names in quoted for name in names.split()}
    found |= {*scripts, *re.findall(r"\.([A-Za-z][\w-]*)", styles), *_WRITTEN_BY_CODE}
    return tuple(sorted(found - _NOT_THE_SITES))


@cache
def site_ids() -> tuple[str, ...]:
    """Return every id that the site's pages have."""
    return tuple(sorted(set(re.findall(r' id="([^"$]+)"', _web_texts(".html")))))


def _own_classes() -> list[str]:
    return [name for name in site_classes() if not _LIBRARY.match(name)]


def _hash(salt: str, name: str, length: int = 5) -> str:
    return hashlib.sha256(f"{salt} {name}".encode()).hexdigest()[:length]


def _kebab(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name).replace("_", "-").lower()


@REBUILDS.heavy("class names")
def classes_with_hashes(luck: Random) -> Change:
    """The site's own classes end with a hash, as CSS modules have them."""
    salt = str(luck.getrandbits(32))
    form = luck.choice(["{}_{}", "{}__{}", "Media_{}__{}"])
    classes = {name: form.format(name, _hash(salt, name)) for name in _own_classes()}
    words = f"own classes like .{classes['creativeContainer']}"
    return Change(words=words, classes=classes)


@REBUILDS.heavy("class names")
def classes_without_meaning(luck: Random) -> Change:
    """Every class but those of the upload library is a hash, as CSS in scripts makes them."""
    salt = str(luck.getrandbits(32))
    form = luck.choice(["css-{}", "sc-{}", "x{}"])
    names = [name for name in site_classes() if not name.startswith("dz-")]
    classes = {name: form.format(_hash(salt, name, 7)) for name in names}
    return Change(words=f"classes like .{classes['creativeContainer']}", classes=classes)


@REBUILDS.heavy("class names")
def names_in_another_style(luck: Random) -> Change:
    """Classes and ids are written with hyphens, perhaps after a prefix."""
    prefix = luck.choice(["", "tj-", "adv-"])
    classes = {name: f"{prefix}{_kebab(name)}" for name in _own_classes()}
    ids = {name: f"{prefix}{_kebab(name)}" for name in site_ids()}
    words = f"names like .{classes['creativeContainer']} and #{ids['newImage']}"
    return Change(words=words, classes=classes, ids=ids)


@REBUILDS.heavy()
def ids_made_up(luck: Random) -> Change:
    """Every id is one that a framework makes up."""
    stem, first = luck.choice(["ember", "mat-", "react-aria-"]), luck.randrange(100, 900)
    ids = {name: f"{stem}{first + 3 * number}" for number, name in enumerate(site_ids())}
    return Change(words=f"ids like #{ids['newImage']}", ids=ids)


@REBUILDS.heavy()
def another_uploader(luck: Random) -> Change:
    """Another library than Dropzone uploads the files: its names are others."""
    stem, ended = luck.choice(
        [("upload-item", "is-done"), ("filepond--item", "ended"), ("uppy-file", "is-complete")]
    )
    states = {
        "dz-processing": "is-uploading",
        "dz-success": "is-success",
        "dz-error": "is-failed",
        "dz-complete": ended,
        "dz-hidden-input": f"{stem}-input",
        "dz-drag-hover": "is-over",
    }
    parts = [name for name in site_classes() if name.startswith("dz-") and name not in states]
    classes = states | {name: f"{stem}-{name.removeprefix('dz-')}" for name in parts}
    classes |= {"dz-preview": stem, "dropzone": f"{stem}-zone"}
    hooks = ("name", "size", "thumbnail", "uploadprogress", "errormessage")
    attributes = {f"data-dz-{name}": f"data-{stem}-{name}" for name in hooks}
    words = f".dz-preview is .{stem}, .dz-success is .is-success, .dz-complete is .{ended}"
    return Change(words=words, classes=classes, attributes=attributes)


@REBUILDS.heavy("tags of lists")
def another_list(luck: Random) -> Change:
    """Another library than DataTables lists the creatives: no table, other names, a new pager."""
    stem = luck.choice(["grid", "mediaGrid"])
    rebuild = no_table("div", "div")

    def edit(root: Element) -> None:
        rebuild(root)
        for pager in root.all(".pagination"):
            pager.tag = "nav"
            for item in pager.all("li"):
                item.tag = "span"
            for link in pager.all(".page-link"):
                link.tag = "button"
                link.attributes.pop("href", None)
                link.attributes["type"] = "button"
                if link.parent and "disabled" in link.parent.classes:
                    link.attributes["disabled"] = None

    old = [name for name in site_classes() if re.match(r"page-|pagina|dataTable|emptyLib", name)]
    classes = {name: f"{stem}-{_kebab(name).replace('data-tables-', '')}" for name in old}
    ids = {name: f"{stem}-{_kebab(name)}" for name in site_ids() if name.startswith("creatives")}
    style = f"{LIST_STYLE} .page-link {{ font: inherit; cursor: pointer; }}"
    words = f"no table, .page-link is a <button>, .{classes['page-link']}"
    return Change(words=words, edit=edit, classes=classes, ids=ids, style=style)
