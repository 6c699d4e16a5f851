"""Light mutations: wrappers, order, and other blocks."""

# ruff: noqa: D401  a mutation's line says what the site is like

from __future__ import annotations

from random import Random

from creative_flow_tj.sandbox.drift_change import Catalogue, Change, salt_of, shuffled
from creative_flow_tj.sandbox.drift_tree import Element

LAYOUT = Catalogue()


@LAYOUT.light()
def wrapped_tabs(luck: Random) -> Change:
    """The tabs stand in a navigation, their texts in elements of their own."""
    tag = luck.choice(["span", "b"])

    def edit(root: Element) -> None:
        if tabs := root.first("#libraryTabs"):
            tabs.wrap(Element("nav", aria_label="Formats"), Element("div", class_="tabScroller"))
            for tab in tabs.all(".tab"):
                tab.wrap_children(Element(tag, class_="tabText"))

    return Change(words=f"a navigation around the tabs, a <{tag}> in each", edit=edit)


@LAYOUT.light()
def wrapped_panel(luck: Random) -> Change:
    """The upload panel has more elements inside."""
    depth = luck.choice([1, 2, 3])

    def edit(root: Element) -> None:
        if zone := root.first("#dropzone"):
            zone.wrap(*(Element("div", class_=f"uploadLayer{n}") for n in range(depth)))
            for hint in zone.all(".dropHint"):
                hint.wrap_children(Element("div", class_="dropHintInner"))

    return Change(words=f"{depth} more elements around the drop zone", edit=edit)


@LAYOUT.light()
def wrapped_previews(luck: Random) -> Change:
    """Each file's preview stands in an element more."""
    tag = luck.choice(["div", "section"])

    def edit(root: Element) -> None:
        for preview in root.all(".dz-preview"):
            preview.wrap(Element(tag, class_="previewRow"))

    return Change(words=f"a <{tag}> around each preview", edit=edit)


@LAYOUT.light()
def wrapped_pages(luck: Random) -> Change:
    """The content of every page stands in more elements, as a new layout brings them."""
    names = luck.choice([("app",), ("app", "layout"), ("root", "shell", "view")])

    def edit(root: Element) -> None:
        if main := root.first("main"):
            main.wrap_children(Element("div", class_=names[-1]))
            main.wrap(*(Element("div", class_=name) for name in names[:-1]))

    return Change(words=f"{len(names)} more elements around every page", edit=edit)


@LAYOUT.light()
def fields_in_groups(luck: Random) -> Change:
    """The fields of the sign-in form stand beside their labels, not in them."""
    name = luck.choice(["formGroup", "field", "form-row"])

    def edit(root: Element) -> None:
        form = root.first("[data-captcha-token]")
        for label in form.all("label") if form else ():
            for field in label.all("input"):
                label.wrap(Element("div", class_=name))
                field.attributes["id"] = label.attributes["for"] = f"field-{field.get('name')}"
                label.put_after(field.remove())

    style = f".{name} {{ margin-bottom: 14px; }} .signIn .{name} label {{ margin: 0; }}"
    return Change(words=f"labels and fields side by side in .{name}", edit=edit, style=style)


@LAYOUT.light()
def order_of_attributes(luck: Random) -> Change:
    """Attributes stand in another order."""
    salt = salt_of(luck)

    def edit(root: Element) -> None:
        for element in root.walk():
            names = sorted(element.attributes, key=lambda name: shuffled(salt, name))
            element.attributes = {name: element.attributes[name] for name in names}

    return Change(words="attributes in another order", edit=edit)


@LAYOUT.light()
def order_of_tabs(luck: Random) -> Change:
    """The tabs stand in another order; the one that is open at first stays."""
    order = luck.sample(["static", "video", "in_stream_video", "native"], 4)

    def edit(root: Element) -> None:
        if tabs := root.first("#libraryTabs"):
            found = {
                tab.get("data-tab"): item for item in tabs.elements for tab in item.all(".tab")
            }
            tabs.children = [found[name] for name in order]

    return Change(words=f"tabs in the order {', '.join(order)}", edit=edit)


@LAYOUT.light()
def first_tab(luck: Random) -> Change:
    """The library opens with another tab."""
    first = luck.choice(["video", "in_stream_video", "native"])

    def edit(root: Element) -> None:
        for tab in root.all("[data-tab]"):
            tab.attributes["class"] = "tab active" if tab.get("data-tab") == first else "tab"
        if first == "native" and (types := root.first("#nativeTypes")):
            types.attributes.pop("hidden", None)

    words = f"the library opens with the tab {first}"
    return Change(words=words, edit=edit, settings={"first_list": "background"})


@LAYOUT.light()
def order_on_sign_in(luck: Random) -> Change:
    """The sign-in page has its parts in another order, and more of them."""
    more = luck.choice(["remember", "forgot", "both"])

    def edit(root: Element) -> None:
        form = root.first("[data-captcha-token]")
        if form is None:
            return
        if more != "forgot":
            box = Element("input", type="checkbox", name="remember", value="1")
            form.add(Element("label", class_="remember").add(box, " Keep me signed in"))
        if more != "remember":
            form.add(Element("a", href="/sign-in").add("Forgot your password?"))
        banner, main = root.first("#cookieBanner"), root.first("main")
        if banner and main:
            main.add(banner.remove())

    return Change(
        words=f"cookie banner last, more in the sign-in form ({more})",
        edit=edit,
        style=".signIn .remember input { width: auto; } .signIn .remember { margin-top: 14px; }",
    )


@LAYOUT.light()
def order_in_library(luck: Random) -> Change:
    """The upload panel or the foot of the list stands elsewhere in the page."""
    panel_last, foot_first = luck.choice([(True, False), (False, True), (True, True)])

    def edit(root: Element) -> None:
        panel, foot, main = root.first("#uploadPanel"), root.first("#listFoot"), root.first("main")
        if panel and main and panel_last:
            main.add(panel.remove())
        if foot and foot.parent and foot_first:
            foot.parent.put_first(foot.remove())

    where = "panel at the end" * panel_last, "foot of the list above it" * foot_first
    return Change(words=", ".join(filter(None, where)), edit=edit)


@LAYOUT.light()
def page_size(luck: Random) -> Change:
    """A page lists another number of creatives."""
    size = luck.choice([8, 10, 16, 20, 24, 50])
    return Change(words=f"{size} cards a page", settings={"cards_per_page": size})


@LAYOUT.light()
def search_and_filters(luck: Random) -> Change:
    """The library has a search field, a filter or both above its list."""
    parts = luck.choice([("search",), ("filter",), ("search", "filter")])

    def edit(root: Element) -> None:
        creatives = root.first("#creatives")
        if creatives is None:
            return
        bar = Element("div", class_="listTools")
        if "search" in parts:
            bar.add(Element("input", type="search", placeholder="Search by name or ID"))
        if "filter" in parts:
            options = ("All statuses", "Pending", "Approved", "Rejected")
            bar.add(Element("select", aria_label="Status").add(*map(_option, options)))
        creatives.put_before(bar)

    style = ".listTools { display: flex; gap: 10px; margin-top: 12px; }"
    return Change(words=f"above the list: {', '.join(parts)}", edit=edit, style=style)


def _option(text: str) -> Element:
    return Element("option").add(text)


@LAYOUT.light()
def more_blocks(luck: Random) -> Change:
    """The library has other blocks around it, some with words that it uses itself."""
    kind = luck.choice(["guide", "crumbs", "footer"])

    def edit(root: Element) -> None:
        main = root.first("main")
        if main is None or not root.first("#creatives"):
            return
        if kind == "guide":
            link = Element("a", href="/dashboard").add("How to upload native creatives")
            main.put_first(Element("aside", class_="box").add("New here? ", link))
        elif kind == "crumbs":
            home = Element("a", href="/dashboard").add("Home")
            main.put_first(Element("nav", aria_label="Path").add(home, " / Media Library"))
        else:
            terms = Element("a", href="/dashboard").add("Upload rules")
            main.add(Element("footer").add("© Traffic Stand-in · ", terms))

    return Change(words=f"another block in the library: {kind}", edit=edit)


@LAYOUT.light()
def capitals(luck: Random) -> Change:
    """The style sheet shows buttons or tabs in capitals."""
    what = luck.choice([".tab", ".greenButton", ".page-link"])
    style = f"{what} {{ text-transform: uppercase; }}"
    return Change(words=f"{what} in capitals", style=style)


@LAYOUT.light()
def pager_without_numbers(luck: Random) -> Change:
    """The pager has no page numbers, only the way forth and back, perhaps to the ends."""
    ends = luck.random() < 0.5

    def edit(root: Element) -> None:
        for pager in root.all(".pagination"):
            items = pager.elements
            pager.children = [items[0], items[-1]]
            if ends and len(items) > 3 and "disabled" not in items[-1].classes:
                last = items[-2]
                last.attributes["class"] = "paginate_button page-item"
                for link in last.all(".page-link"):
                    link.children = ["Last"]
                pager.add(last)

    return Change(words=f"no page numbers{', but a way to the end' * ends}", edit=edit)
