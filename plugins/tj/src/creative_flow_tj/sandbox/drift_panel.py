"""Medium mutations of the upload panel, the site's addresses, and what stands in the way."""

# ruff: noqa: D401  a mutation's line says what the site is like

from __future__ import annotations

from random import Random

from creative_flow_tj.sandbox.drift_change import Catalogue, Change
from creative_flow_tj.sandbox.drift_hooks import PLAIN_BUTTON
from creative_flow_tj.sandbox.drift_tree import Element

PANEL = Catalogue()

LIBRARY_ADDRESSES = ("/creatives", "/media", "/library/creatives")
LANDING_ADDRESSES = ("/home", "/overview", "/account/start")
LIST_ADDRESSES = ("/api/creatives", "/ajax/media/list")
UPLOAD_ADDRESSES = ("/api/creatives/upload", "/ajax/media/upload")


@PANEL.medium("upload button")
def upload_button_id(luck: Random) -> Change:
    """The button that opens the upload panel has another id."""
    name = luck.choice(["uploadCreatives", "addCreative", "btn-upload"])

    def edit(root: Element) -> None:
        for button in root.all("#newImage"):
            button.attributes.pop("data-gtm-index", None)

    return Change(words=f"#newImage is #{name}", ids={"newImage": name}, edit=edit)


@PANEL.medium("tag of upload button")
def upload_button_tag(luck: Random) -> Change:
    """What opens the upload panel is a link."""
    role = luck.random() < 0.5

    def edit(root: Element) -> None:
        for button in root.all("#newImage"):
            button.tag = "a"
            button.attributes.pop("type", None)
            button.attributes["href"] = "#upload"
            if role:
                button.attributes["role"] = "button"

    words = f"the upload button is a link{' with the role of a button' * role}"
    return Change(words=words, edit=edit)


@PANEL.medium("panel")
def panel_ids(luck: Random) -> Change:
    """The upload panel and its drop zone have other ids and classes."""
    stem = luck.choice(["uploader", "mediaUpload"])
    ids = {"uploadPanel": f"{stem}Panel", "dropzone": f"{stem}Zone", "previews": f"{stem}Files"}
    classes = {"uploadPanel": f"{stem}Overlay", "uploadBox": f"{stem}Box"}
    return Change(words=f"#uploadPanel is #{stem}Panel", ids=ids, classes=classes)


@PANEL.medium("tag of panel")
def panel_as_dialog(luck: Random) -> Change:
    """The upload panel is a <dialog>, or says that it is modal."""
    modal = luck.random() < 0.5

    def edit(root: Element) -> None:
        for box in root.all(".uploadBox"):
            if modal:
                box.attributes["aria-modal"] = "true"
            box.attributes.pop("role", None)
            box.tag = "dialog"
            box.attributes["open"] = None

    words = f"the panel is a <dialog>{' that says it is modal' * modal}"
    style = "dialog { position: static; margin: 0; color: inherit; }"
    return Change(words=words, edit=edit, style=style)


@PANEL.medium()
def panel_close(luck: Random) -> Change:
    """The upload panel is closed in another way."""
    how = luck.choice(["escape", "none_needed"])
    return Change(words=f"panel closes by: {how}", settings={"panel_close": how})


@PANEL.medium("close control")
def close_class(luck: Random) -> Change:
    """The upload panel's close control has another class and no label for readers."""
    name = luck.choice(["btn-close", "dismiss", "modalClose"])

    def edit(root: Element) -> None:
        for close in root.all(".close"):
            close.attributes.pop("aria-label", None)

    return Change(words=f".close is .{name}, without a label", classes={"close": name}, edit=edit)


@PANEL.medium("tag of browse")
def browse_as_button(luck: Random) -> Change:
    """What chooses files is a button or a link."""
    tag = luck.choice(["button", "a"])

    def edit(root: Element) -> None:
        zone = root.first("#dropzone")
        for browse in zone.all(".smallButton") if zone else ():
            browse.tag = tag
            browse.attributes.pop("tabindex", None)
            if tag == "button":
                browse.attributes.pop("role", None)
                browse.attributes["type"] = "button"
            else:
                browse.attributes["href"] = "#"

    return Change(words=f"browse is a <{tag}>", edit=edit)


@PANEL.medium("class of browse")
def button_classes(luck: Random) -> Change:
    """Buttons have other classes."""
    stem = luck.choice(["btn", "button"])
    classes = {
        "smallButton": f"{stem}--small",
        "greyButton": f"{stem}--secondary",
        "greenButton": f"{stem}--primary",
    }
    return Change(words=f"buttons' classes begin with .{stem}--", classes=classes)


@PANEL.medium()
def busy_classes(luck: Random) -> Change:
    """The message of files in progress has other classes."""
    name = luck.choice(["uploadStatus", "progress-message"])
    classes = {"processingMessage": name, "customMessage": f"{name}-text"}
    return Change(words=f".processingMessage is .{name}", classes=classes)


@PANEL.medium()
def file_error_class(luck: Random) -> Change:
    """What tells why a file failed has another class."""
    name = luck.choice(["upload-error", "fileError"])
    return Change(words=f".dz-error-message is .{name}", classes={"dz-error-message": name})


@PANEL.medium()
def file_name_hook(luck: Random) -> Change:
    """Name and size of a file in progress stand elsewhere in its preview."""
    name = luck.choice(["upload-name", "fileName"])
    attributes = {"data-dz-name": "data-file-name", "data-dz-size": "data-file-size"}
    classes = {"dz-filename": name, "dz-details": f"{name}-box"}
    return Change(words=f".dz-filename is .{name}", classes=classes, attributes=attributes)


@PANEL.medium("file input")
def file_input_place(luck: Random) -> Change:
    """The hidden file input stands elsewhere and has another class."""
    name = luck.choice(["file-input", "uploadInput"])
    return Change(
        words=f"the file input is in the panel, .{name}",
        classes={"dz-hidden-input": name},
        settings={"file_input_in": "panel"},
    )


@PANEL.medium("file input")
def file_input_on_demand(luck: Random) -> Change:
    """There is a file input only when files are being chosen."""
    return Change(words="no file input before browse is clicked", options={"inputOnDemand": True})


@PANEL.medium()
def other_file_input(luck: Random) -> Change:
    """The library has another file input, for something else."""
    first = luck.random() < 0.5

    def edit(root: Element) -> None:
        creatives = root.first("#creatives")
        if creatives is None or creatives.parent is None:
            return
        field = Element("input", type="file", accept=".csv", name="tags", class_="tagsFile")
        box = Element("form", class_="importTags").add(
            Element("label").add("Import tags from CSV ", field)
        )
        (creatives.parent.put_first if first else creatives.put_after)(box)

    where = "above all" if first else "below the list"
    return Change(words=f"a file input for a CSV {where}", edit=edit)


@PANEL.medium()
def library_address(luck: Random) -> Change:
    """The library has another address; the old one leads there."""
    address = luck.choice(LIBRARY_ADDRESSES)
    return Change(words=f"/media-library is {address}", addresses={"/media-library": address})


@PANEL.medium()
def landing_address(luck: Random) -> Change:
    """Signing in leads to a page with another address."""
    address = luck.choice(LANDING_ADDRESSES)
    return Change(words=f"/dashboard is {address}", addresses={"/dashboard": address})


@PANEL.medium()
def background_addresses(luck: Random) -> Change:
    """The background requests of the library have other addresses; the old ones are gone."""
    number = luck.randrange(2)
    addresses = {
        "/media-library/list": LIST_ADDRESSES[number],
        "/media-library/upload": UPLOAD_ADDRESSES[number],
    }
    words = f"lists come from {LIST_ADDRESSES[number]}, uploads go to {UPLOAD_ADDRESSES[number]}"
    return Change(words=words, addresses=addresses)


_ONCE = """
const news = document.querySelector(".announcement");
news.hidden = document.cookie.includes("news_seen=1");
news.querySelector("button").addEventListener("click", () => {
  document.cookie = "news_seen=1; path=/; max-age=31536000; samesite=lax";
  news.hidden = true;
});
"""


@PANEL.medium()
def announcement(luck: Random) -> Change:
    """Something new is announced over the library, until it is dismissed for good."""
    button = luck.choice(["Got it", "Not now", "Dismiss"])

    def edit(root: Element) -> None:
        main = root.first("main")
        if main is None or not root.first("#creatives"):
            return
        box = Element("div", class_="box").add(
            Element("h2").add("What's new"),
            Element("p").add("Reports have moved to their own page."),
            Element("button", type="button").add(button),
        )
        main.add(Element("div", class_="announcement", role="dialog", aria_label="News").add(box))
        main.add(Element("script", type="module").add(_ONCE))

    style = (
        ".announcement { position: fixed; inset: 0; z-index: 25; display: grid;"
        " place-items: center; background: rgb(20 26 35 / 55%); }"
        f" .announcement button {{ {PLAIN_BUTTON} text-decoration: underline; }}"
    )
    return Change(words=f"news over the library, {button!r} dismisses", edit=edit, style=style)
