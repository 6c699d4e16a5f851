"""Medium mutations of sign-in, tabs and lists: one hook is renamed, rebuilt or gone."""

# ruff: noqa: D401  a mutation's line says what the site is like

from __future__ import annotations

from random import Random

from creative_flow_tj.sandbox.drift_change import Catalogue, Change, Edit
from creative_flow_tj.sandbox.drift_tree import Element

HOOKS = Catalogue()

PLAIN_BUTTON = "border: 0; background: none; font: inherit; cursor: pointer;"


# Sign-in


@HOOKS.medium("submit button")
def submit_button_id(luck: Random) -> Change:
    """The button that signs in has another id."""
    name = luck.choice(["loginBtn", "signInButton", "login-submit"])
    return Change(words=f"#submitBtn is #{name}", ids={"submitBtn": name})


@HOOKS.medium("submit tag")
def submit_as_button(luck: Random) -> Change:
    """What signs in is a <button>, not an <input>."""
    keeps_id = luck.random() < 0.5

    def edit(root: Element) -> None:
        if submit := root.first("#submitBtn"):
            submit.tag = "button"
            submit.add(submit.attributes.pop("value", "") or "")

    ids = {} if keeps_id else {"submitBtn": "sign-in"}
    words = f"the submit is a <button>{'' if keeps_id else ' with another id'}"
    style = ".signIn form > button { width: 100%; }"
    return Change(words=words, edit=edit, ids=ids, style=style)


@HOOKS.medium()
def form_field_names(luck: Random) -> Change:
    """The fields of the sign-in form have other names."""
    user, password = luck.choice(
        [("email", "pwd"), ("login[user]", "login[password]"), ("identifier", "secret")]
    )

    def edit(root: Element) -> None:
        for field in root.all("input"):
            name = field.get("name")
            field.attributes.update({"name": fields[name]} if name in fields else {})

    fields = {"username": user, "password": password}
    return Change(words=f"fields named {user!r} and {password!r}", edit=edit, fields=fields)


@HOOKS.medium()
def no_placeholders(luck: Random) -> Change:
    """The fields of the sign-in form have labels only."""

    def edit(root: Element) -> None:
        form = root.first("[data-captcha-token]")
        for field in form.all("input") if form else ():
            field.attributes.pop("placeholder", None)

    return Change(words="no placeholders in the sign-in form", edit=edit)


# Tabs


@HOOKS.medium()
def tab_ids(luck: Random) -> Change:
    """The tabs have other ids."""
    form = luck.choice(["tab-{}", "{}Tab", "media_{}"])
    names = ("static", "video", "in_stream_video", "native")
    ids = {f"{name}_tab": form.format(name) for name in names}
    return Change(words=f"tabs' ids like #{ids['native_tab']}", ids=ids)


@HOOKS.medium("tag of tabs")
def tabs_as_buttons(luck: Random) -> Change:
    """The tabs are buttons with the role of tabs."""

    def edit(root: Element) -> None:
        tabs = root.first("#libraryTabs")
        if tabs is None:
            return
        tabs.attributes["role"] = "tablist"
        for tab in tabs.all(".tab"):
            tab.tag = "button"
            tab.attributes.pop("href", None)
            chosen = "active" in tab.classes
            tab.attributes |= {
                "type": "button",
                "role": "tab",
                "aria-selected": str(chosen).lower(),
            }
            if tab.parent:
                tab.parent.attributes["role"] = "presentation"

    style = f".tab {{ {PLAIN_BUTTON} border-bottom: 3px solid transparent; }}"
    return Change(words="tabs are <button role=tab>", edit=edit, style=style)


@HOOKS.medium()
def tab_addresses(luck: Random) -> Change:
    """The tabs have other addresses."""
    form = luck.choice(["/media-library?tab={}", "#tab-{}", "#"])

    def edit(root: Element) -> None:
        for tab in root.all(".tab"):
            if "href" in tab.attributes:
                tab.attributes["href"] = form.format(tab.get("data-tab"))

    return Change(words=f"tabs lead to {form.format('native')!r}", edit=edit)


@HOOKS.medium("native inputs")
def native_input_names(luck: Random) -> Change:
    """The radio buttons under the tab Native have other ids and another name."""
    ids, name = luck.choice(
        [
            ({"native_static": "native_image", "native_rollover": "native_video"}, "creative_kind"),
            ({"native_static": "nativeTypeImage", "native_rollover": "nativeTypeVideo"}, "type"),
        ]
    )

    def edit(root: Element) -> None:
        for types in root.all("#nativeTypes"):
            for radio in types.all("input"):
                radio.attributes["name"] = name

    words = f"native radios named {name!r}, #{ids['native_static']} …"
    return Change(words=words, ids=ids, edit=edit)


@HOOKS.medium("native labels")
def native_labels_apart(luck: Random) -> Change:
    """The radio buttons under the tab Native stand beside their labels."""

    def edit(root: Element) -> None:
        for types in root.all("#nativeTypes"):
            for label in types.all("label"):
                for radio in label.all("input"):
                    label.attributes["for"] = radio.get("id")
                    label.put_before(radio.remove())

    return Change(words="native radios beside their labels", edit=edit)


@HOOKS.medium("native labels")
def native_types_as_select(luck: Random) -> Change:
    """The two kinds of native creatives are chosen in a list box."""

    def edit(root: Element) -> None:
        for types in root.all("#nativeTypes"):
            box = Element("select", id="native_type", name="native_type", aria_label="Native type")
            for label in types.all("label"):
                radio = label.all("input")[0]
                box.add(Element("option", value=radio.get("value")).add(label.text.strip()))
            types.children = [box]

    return Change(words="native kinds in a <select>", edit=edit)


# The list


@HOOKS.medium("tags of lists")
def table_as_list(luck: Random) -> Change:
    """The list is no table any more."""
    tags = luck.choice([("ul", "li"), ("div", "div")])
    return Change(words=f"the list is a <{tags[0]}>", edit=no_table(*tags), style=LIST_STYLE)


LIST_STYLE = (
    "#creativesTable:not(table) { display: grid; gap: 14px; margin: 0; padding: 0;"
    " list-style: none; grid-template-columns: repeat(auto-fill, minmax(256px, 1fr)); }"
)


def no_table(outer: str, inner: str) -> Edit:
    """Return an edit that makes a list of other elements out of the table."""

    def edit(root: Element) -> None:
        if table := root.first("#creativesTable"):
            table.tag = outer
            for body in table.all("tbody"):
                body.unwrap()
        for row in [row for row in root.all("tr") if row.all("td")]:
            row.tag = inner
            for cell in row.all("td"):
                if cell.attributes:
                    cell.tag = "div"
                else:
                    cell.unwrap()

    return edit


@HOOKS.medium()
def list_ids(luck: Random) -> Change:
    """The list, its foot and its messages have other ids."""
    stem = luck.choice(["mediaTable", "creatives-list", "DataTables_Table_0"])
    ids = {
        "creativesTable": stem,
        "creativesTable_info": f"{stem}_info",
        "creativesTable_processing": f"{stem}_processing",
        "creatives": f"{stem}_section",
    }
    return Change(words=f"the list's ids begin with #{stem}", ids=ids)


@HOOKS.medium("class of pager")
def pager_classes(luck: Random) -> Change:
    """The links to other pages have other classes."""
    link, item = luck.choice([("paginate_link", "dt-paging-item"), ("pager__link", "pager__item")])
    classes = {"page-link": link, "page-item": item, "paginate_button": f"{item}-button"}
    return Change(words=f".page-link is .{link}", classes=classes)


@HOOKS.medium("tags of pager")
def pager_as_buttons(luck: Random) -> Change:
    """The links to other pages are buttons."""
    keeps_class = luck.random() < 0.5

    def edit(root: Element) -> None:
        for link in root.all(".page-link"):
            link.tag = "button"
            link.attributes.pop("href", None)
            link.attributes["type"] = "button"
            item = link.parent
            if item and "disabled" in item.classes:
                link.attributes["disabled"] = None
                if not keeps_class:
                    _drop_class(item, "disabled")

    words = f"the pager has buttons{'' if keeps_class else ', disabled by attribute alone'}"
    style = ".page-link { font: inherit; cursor: pointer; }"
    return Change(words=words, edit=edit, style=style)


def _drop_class(element: Element, name: str) -> None:
    element.attributes["class"] = " ".join(each for each in element.classes if each != name)


@HOOKS.medium("end of pager")
def pager_end(luck: Random) -> Change:
    """The last page is told otherwise: no way forth, or one that is disabled for readers."""
    gone = luck.random() < 0.5

    def edit(root: Element) -> None:
        for item in root.all(".page-item"):
            if "disabled" not in item.classes:
                continue
            if gone:
                item.remove()
            else:
                _drop_class(item, "disabled")
                for link in item.all(".page-link"):
                    link.attributes |= {"aria-disabled": "true", "tabindex": "-1"}

    words = "no link where there is no page" if gone else "ends told by aria-disabled"
    return Change(words=words, edit=edit)


@HOOKS.medium()
def empty_sign_classes(luck: Random) -> Change:
    """The sign of an empty list has other classes."""
    name = luck.choice(["empty-state", "noResults"])
    classes = {"emptyLibrary": name, "dataTables_empty": f"{name}-row"}
    return Change(words=f".emptyLibrary is .{name}", classes=classes)
