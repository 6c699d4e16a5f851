"""A small tree of HTML: parsed from what the templates give, changed, and written again."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator
from html.parser import HTMLParser

_VOID = frozenset({"meta", "link", "img", "input", "br", "hr", "wbr"})
_VERBATIM = frozenset({"script", "style"})


class Element:
    """An element with its attributes and children. The root of a tree has no tag.

    An attribute without a value, such as ``hidden``, has None. Children are elements and texts.
    """

    def __init__(self, tag: str, /, **attributes: str | None) -> None:
        self.tag = tag
        # Python keeps these words for itself: for_ and class_ stand for them.
        self.attributes = {
            name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()
        }
        self.children: list[Element | str] = []
        self.parent: Element | None = None

    # Reading

    def get(self, attribute: str) -> str:
        """Return an attribute's value, "" if there is none."""
        return self.attributes.get(attribute) or ""

    @property
    def classes(self) -> list[str]:
        """The names in the attribute ``class``."""
        return self.get("class").split()

    @property
    def text(self) -> str:
        """All the text inside."""
        parts = (child if isinstance(child, str) else child.text for child in self.children)
        return "".join(parts)

    @property
    def elements(self) -> list[Element]:
        """The children that are elements."""
        return [child for child in self.children if isinstance(child, Element)]

    def walk(self) -> Iterator[Element]:
        """Give every element inside, parents first; changes do not disturb it."""
        for child in self.elements:
            yield child
            yield from child.walk()

    def all(self, name: str) -> list[Element]:
        """Return the elements inside with a class (".x"), id ("#x"), attribute ("[x]") or tag."""
        return list(filter(_matcher(name), self.walk()))

    def first(self, name: str) -> Element | None:
        """Return the first of `all`."""
        return next(filter(_matcher(name), self.walk()), None)

    # Changing

    def add(self, *children: Element | str) -> Element:
        """Put children at the end; return this element."""
        for child in children:
            self.insert(len(self.children), child)
        return self

    def insert(self, place: int, child: Element | str) -> None:
        """Put a child before the one that has that place now."""
        if isinstance(child, Element):
            child.parent = self
        self.children.insert(place, child)

    def put_first(self, child: Element | str) -> None:
        """Put a child before all others."""
        self.insert(0, child)

    def put_before(self, sibling: Element) -> None:
        """Put a new element before this one."""
        if self.parent is not None:
            self.parent.insert(self.parent.children.index(self), sibling)

    def put_after(self, sibling: Element) -> None:
        """Put a new element after this one."""
        if self.parent is not None:
            self.parent.insert(self.parent.children.index(self) + 1, sibling)

    def remove(self) -> Element:
        """Take this element out of its parent; return it."""
        if self.parent is not None:
            self.parent.children.remove(self)
            self.parent = None
        return self

    def wrap(self, *wrappers: Element) -> None:
        """Put elements around this one, the first outermost."""
        for wrapper in wrappers:
            self.put_before(wrapper)
            wrapper.add(self.remove())

    def wrap_children(self, wrapper: Element) -> None:
        """Put an element around everything inside this one."""
        children, self.children = self.children, []
        wrapper.add(*children)
        self.add(wrapper)

    def unwrap(self) -> None:
        """Put this element's children in its place."""
        if self.parent is None:
            return
        place, parent = self.parent.children.index(self), self.parent
        self.remove()
        for child in reversed(self.children):
            parent.insert(place, child)

    def reorder(self, key: Callable[[int, Element], object]) -> None:
        """Sort the child elements by a key of number and element; texts go last."""
        texts = [child for child in self.children if isinstance(child, str)]
        numbered = sorted(enumerate(self.elements), key=lambda pair: key(*pair))  # type: ignore[arg-type, return-value]
        self.children = [*(element for _, element in numbered), *texts]


def _matcher(name: str) -> Callable[[Element], bool]:
    bare = name.strip(".#[]")
    if name.startswith("."):
        return lambda element: bare in element.classes
    if name.startswith("#"):
        return lambda element: element.get("id") == bare
    if name.startswith("["):
        return lambda element: bare in element.attributes
    return lambda element: element.tag == bare


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("")
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag)
        element.attributes.update(attrs)
        self._open[-1].add(element)
        if tag not in _VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        if self._open[-1].tag != tag:
            raise ValueError(f"</{tag}> ends no open element of this HTML")
        self._open.pop()

    def handle_data(self, data: str) -> None:
        self._open[-1].add(data)

    def handle_decl(self, decl: str) -> None:
        doctype = Element("!")
        doctype.add(f"<!{decl}>")
        self._open[-1].add(doctype)


def parse(text: str) -> Element:
    """Return the tree of a page or a piece of one. Raises ValueError if a tag is not closed."""
    builder = _Builder()
    builder.feed(text)
    builder.close()
    if builder._open != [builder.root]:
        raise ValueError(f"<{builder._open[-1].tag}> is not closed in this HTML")
    return builder.root


def write(element: Element) -> str:
    """Return an element as HTML; of a root, what is in it."""
    if element.tag == "!" or element.tag in _VERBATIM:
        inside = element.text
    else:
        inside = "".join(
            html.escape(child, quote=False) if isinstance(child, str) else write(child)
            for child in element.children
        )
    if element.tag in {"", "!"}:
        return inside
    attributes = "".join(
        f" {name}" if value is None else f' {name}="{html.escape(value)}"'
        for name, value in element.attributes.items()
    )
    end = "" if element.tag in _VOID else f"</{element.tag}>"
    return f"<{element.tag}{attributes}>{inside}{end}"
