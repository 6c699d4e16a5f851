"""Mutations of the cards: light ones of what they show, medium ones of their hooks."""

# ruff: noqa: D401  a mutation's line says what the site is like

from __future__ import annotations

from random import Random

from creative_flow_tj.sandbox.drift_change import Catalogue, Change, salt_of, shuffled
from creative_flow_tj.sandbox.drift_tree import Element

CARDS = Catalogue()


def cards(root: Element) -> list[Element]:
    """Return the creatives' cards in a page or a piece of a list."""
    return root.all(".creativeContainer")


@CARDS.light()
def wrapped_cards(luck: Random) -> Change:
    """Each card stands in one or two elements more."""
    depth = luck.choice([1, 2])

    def edit(root: Element) -> None:
        for card in cards(root):
            card.wrap(*(Element("div", class_=name) for name in ("col", "cardShell")[:depth]))

    style = ".col, .cardShell { height: 100%; }"
    return Change(words=f"{depth} more elements around each card", edit=edit, style=style)


@CARDS.light("inside of cards")
def wrapped_card_parts(luck: Random) -> Change:
    """Name, id and the rest stand one level deeper in the card."""
    tag = luck.choice(["div", "section"])

    def edit(root: Element) -> None:
        for card in cards(root):
            card.wrap_children(Element(tag, class_="cardBody"))

    style = ".cardBody { display: flex; flex-wrap: wrap; gap: 4px 8px; width: 100%; }"
    return Change(words=f"a <{tag}> around everything in a card", edit=edit, style=style)


@CARDS.light("inside of cards")
def card_parts_in_rows(luck: Random) -> Change:
    """Each part of a card stands in a row of its own."""
    tag = luck.choice(["div", "p"])

    def edit(root: Element) -> None:
        for card in cards(root):
            for part in card.elements:
                if part.tag != "div":
                    part.wrap(Element(tag, class_="cardRow"))

    style = ".cardRow { flex: 0 0 100%; margin: 0; }"
    return Change(words=f"a <{tag}> around each part of a card", edit=edit, style=style)


@CARDS.light()
def order_in_cards(luck: Random) -> Change:
    """The parts of a card stand in another order."""
    salt = salt_of(luck)

    def edit(root: Element) -> None:
        for card in cards(root):
            card.reorder(lambda _, part: shuffled(salt, part.get("class")))

    return Change(words="the parts of a card in another order", edit=edit)


@CARDS.light("text of ids")
def id_with_word(luck: Random) -> Change:
    """Ids are shown with a sign or word before them."""
    form = luck.choice(["#{}", "ID {}", "ID: {}", "Creative ID: {}", "({})"])

    def edit(root: Element) -> None:
        for shown in root.all(".bannerId"):
            shown.children = [form.format(shown.text)]

    return Change(words=f"ids shown like {form.format('1032530511')!r}", edit=edit)


@CARDS.light("text of ids")
def id_in_groups(luck: Random) -> Change:
    """Ids are shown with their digits in groups, as numbers are."""
    sign = luck.choice([",", "\u00a0", "."])

    def edit(root: Element) -> None:
        for shown in root.all(".bannerId"):
            shown.children = [f"{int(shown.text):,}".replace(",", sign)]

    return Change(words=f"ids shown like {f'{1032530511:,}'.replace(',', sign)!r}", edit=edit)


@CARDS.light("inside of names")
def name_in_markup(luck: Random) -> Change:
    """Names have markup around or in them."""
    form = luck.choice(["b", "span span", "wbr"])

    def edit(root: Element) -> None:
        for label in root.all(".creativeName"):
            if form == "wbr":
                pieces = label.text.split("_")
                label.children = [pieces[0]]
                for piece in pieces[1:]:
                    label.add("_", Element("wbr"), piece)
            else:
                for tag in form.split():
                    label.wrap_children(Element(tag, class_="nameText"))

    return Change(words=f"<{form}> in the names", edit=edit)


@CARDS.light()
def name_said_again(luck: Random) -> Change:
    """A card tells its name in another place, too."""
    place = luck.choice(["alt", "tooltip", "link"])

    def edit(root: Element) -> None:
        for card in cards(root):
            name = "".join(label.text for label in card.all(".creativeName"))
            if place == "alt":
                for picture in card.all("img"):
                    picture.attributes["alt"] = name
            elif place == "tooltip":
                card.attributes["title"] = name
            else:
                card.add(
                    Element("a", class_="rename", href="#", aria_label=f"Rename {name}").add("✎")
                )

    return Change(words=f"names told again by {place}", edit=edit)


@CARDS.light()
def other_number(luck: Random) -> Change:
    """A card tells another number besides the id."""
    kind = luck.choice(["account", "moment", "views"])

    def edit(root: Element) -> None:
        for card in cards(root):
            if kind == "account":
                card.add(Element("span", class_="owner").add("Account 1000482210"))
            elif kind == "moment":
                card.attributes["data-uploaded"] = "1763642400"
                card.add(Element("time", datetime="2025-11-20").add("20 Nov 2025"))
            else:
                card.add(Element("span", class_="views").add("0 impressions · 24130 px²"))

    return Change(words=f"another number on each card: {kind}", edit=edit)


@CARDS.light()
def names_cut_by_style(luck: Random) -> Change:
    """Long names are cut by the style sheet, in one line or two."""
    lines = luck.choice([1, 2])
    style = (
        ".creativeName { display: -webkit-box; overflow: hidden; -webkit-box-orient: vertical;"
        f" -webkit-line-clamp: {lines}; }}"
    )
    return Change(words=f"names cut to {lines} lines by the style sheet", style=style)


# Hooks


@CARDS.medium("class of cards")
def card_classes(luck: Random) -> Change:
    """Cards have other classes."""
    first, second = luck.choice(
        [("mediaCard", "globalMediaCard"), ("creativeItem", "listItem"), ("creative-card", "card")]
    )
    classes = {"creativeContainer": first, "globalCreativeContainer": second}
    return Change(words=f".creativeContainer is .{first}", classes=classes)


@CARDS.medium("tag of cards")
def card_tags(luck: Random) -> Change:
    """Cards are other elements."""
    tag = luck.choice(["article", "section"])

    def edit(root: Element) -> None:
        for card in cards(root):
            card.tag = tag

    return Change(words=f"cards are <{tag}>", edit=edit)


@CARDS.medium("class of names")
def name_class(luck: Random) -> Change:
    """The name on a card has another class."""
    name = luck.choice(["creativeTitle", "mediaName", "card-title"])
    return Change(words=f".creativeName is .{name}", classes={"creativeName": name})


@CARDS.medium("tag of names")
def name_tag(luck: Random) -> Change:
    """The name on a card is another element."""
    tag = luck.choice(["div", "span", "h3", "p", "strong"])

    def edit(root: Element) -> None:
        for label in root.all(".creativeName"):
            label.tag = tag

    return Change(words=f"names are <{tag}>", edit=edit, style=".creativeName { margin: 0; }")


@CARDS.medium()
def no_name_title(luck: Random) -> Change:
    """The name on a card has no title."""

    def edit(root: Element) -> None:
        for label in root.all(".creativeName"):
            label.attributes.pop("title", None)

    return Change(words="no title on names", edit=edit)


@CARDS.medium("inside of names")
def name_read_aloud(luck: Random) -> Change:
    """The name on a card has a word before it that only screen readers tell."""
    word = luck.choice(["Name: ", "Creative "])

    def edit(root: Element) -> None:
        for label in root.all(".creativeName"):
            label.put_first(Element("span", class_="sr-only").add(word))

    style = ".sr-only { position: absolute; width: 1px; height: 1px; overflow: hidden; }"
    return Change(words=f"an unseen {word!r} before names", edit=edit, style=style)


@CARDS.medium("class of ids")
def id_class(luck: Random) -> Change:
    """The id on a card has another class."""
    name = luck.choice(["creativeId", "mediaId", "card-id"])
    return Change(words=f".bannerId is .{name}", classes={"bannerId": name})


@CARDS.medium("tag of ids")
def id_tag(luck: Random) -> Change:
    """The id on a card is another element."""
    tag = luck.choice(["b", "small", "code", "div"])

    def edit(root: Element) -> None:
        for shown in root.all(".bannerId"):
            shown.tag = tag

    return Change(words=f"ids are <{tag}>", edit=edit)


@CARDS.medium("places of ids")
def id_attribute(luck: Random) -> Change:
    """The attribute with a card's id has another name."""
    name = luck.choice(["data-creative-id", "data-banner-id", "data-key"])
    return Change(words=f"data-id is {name}", attributes={"data-id": name})


@CARDS.medium("places of ids")
def no_id_attribute(luck: Random) -> Change:
    """A card has its id as text only."""

    def edit(root: Element) -> None:
        for card in cards(root):
            card.attributes.pop("data-id", None)

    return Change(words="no data-id on cards", edit=edit)


@CARDS.medium("places of ids")
def no_id_text(luck: Random) -> Change:
    """A card has its id in the attribute and in the address of a link only."""

    def edit(root: Element) -> None:
        for shown in root.all(".bannerId"):
            number = "".join(filter(str.isdigit, shown.text))
            shown.put_after(Element("a", href=f"/creative/{number}/stats").add("Statistics"))
            shown.remove()

    return Change(words="no id as text on cards", edit=edit)


@CARDS.medium("review status")
def status_attribute(luck: Random) -> Change:
    """The attribute with a card's review status has another name."""
    name = luck.choice(["data-status", "data-approval", "data-review"])
    return Change(words=f"data-review-status is {name}", attributes={"data-review-status": name})


@CARDS.medium("review status")
def no_status_attribute(luck: Random) -> Change:
    """A card tells its review status as text only."""

    def edit(root: Element) -> None:
        for element in root.all("[data-review-status]"):
            del element.attributes["data-review-status"]

    return Change(words="no data-review-status", edit=edit)


@CARDS.medium()
def detail_classes(luck: Random) -> Change:
    """Dimensions, type and review status on a card have other classes."""
    form = luck.choice(["card-{}", "meta_{}"])
    old = {"dimensions": "size", "fileType": "type", "reviewStatus": "status"}
    classes = {name: form.format(word) for name, word in old.items()}
    return Change(words=f"details' classes like .{classes['dimensions']}", classes=classes)
