// The list of creatives as it stands in the page. Takes {css, mark, idPattern, want}; css holds lists
// of CSS selectors by name (site.toml, [css.list]). What is wanted:
//   "state"  everything that can be read, at once; cards that bear the mark and still have the same
//            id are counted, since they are what stood there when the mark was set
//   "mark"   mark the cards that stand there now
//   "next"   the link to the next page, or null
({ css, mark, idPattern, want }) => {
  const visible = (element) =>
    element.getClientRects().length > 0 && getComputedStyle(element).visibility !== "hidden";
  const all = (selectors) =>
    selectors.flatMap((selector) => [...document.querySelectorAll(selector)]).filter(visible);
  const best = (selectors) => {
    for (const selector of selectors) {
      const found = all([selector]);
      if (found.length) return found;
    }
    return [];
  };
  const inside = (root, selectors) => {
    for (const selector of selectors) {
      const found = root.querySelector(selector);
      if (found) return found;
    }
    return null;
  };
  const text = (element) => (element ? element.textContent.trim() : "");
  // What only screen readers tell is no part of a name; what is merely cut off is.
  const readAloud = (node) => {
    if (node.nodeType !== Node.ELEMENT_NODE) return false;
    const { width, height } = node.getBoundingClientRect();
    return getComputedStyle(node).position === "absolute" && width <= 1 && height <= 1;
  };
  const shown = (node) =>
    node.nodeType === Node.TEXT_NODE
      ? node.nodeValue
      : [...node.childNodes].map((it) => (readAloud(it) ? "" : shown(it))).join("");
  const attribute = (root, names) => {
    for (const name of names) {
      const holder = root.hasAttribute(name) ? root : root.querySelector(`[${name}]`);
      if (holder) return holder.getAttribute(name).trim();
    }
    return "";
  };

  const found = best(css.card);
  // A card within a card is one card that matches twice.
  const cards = found.filter((card) => !found.some((it) => it !== card && it.contains(card)));
  const idOf = (card) => attribute(card, css.id_attributes);

  const words = (element) =>
    [element.textContent, element.getAttribute("aria-label"), element.rel]
      .map((word) => (word || "").trim().toLowerCase())
      .flatMap((word) => [word, ...word.split(/\s+/)]);
  const links = all(css.next);
  const named = (known) =>
    links.find((link) => known.some((word) => words(link).includes(word))) || null;
  const next = named(css.next_words);

  if (want === "next") return next;
  if (want === "mark") {
    for (const card of cards) card.__listMark = `${mark} ${idOf(card)}`;
    return cards.length;
  }

  const disabled = (element) => css.disabled.some((selector) => element.matches(selector));
  const isId = new RegExp(`\\b${idPattern}\\b`);
  const holders = all(css.id_attributes.map((name) => `[${name}]`));
  const hasId = (holder) => css.id_attributes.some((it) => isId.test(holder.getAttribute(it) || ""));
  const info = best(css.info).map(text).join(" ");
  const total = /\bof\s+([\d.,]*\d)/.exec(info);
  const range = /(\d[\d.,]*)\s*(?:to|-|–|—)\s*(\d[\d.,]*)\s+of\b/.exec(info);
  const number = (digits) => Number(digits.replace(/\D/g, ""));
  const off = (link) => disabled(link) || disabled(link.parentElement);
  const here = (link) => css.current.some((it) => link.matches(it) || link.parentElement.matches(it));
  const previous = named(css.previous_words);
  const current = links.find((link) => here(link) && /^\d+$/.test(text(link)));
  const pager = all(css.pager).length > 0;
  const begins = () => {
    if (range) return number(range[1]) <= 1;
    if (previous) return off(previous);
    return current ? text(current) === "1" : !next && !pager;
  };
  return {
    cards: cards.map((card) => {
      const name = inside(card, css.name);
      return {
        id: idOf(card),
        id_text: text(inside(card, css.id)),
        title: (name && name.getAttribute("title")) || "",
        name: name ? shown(name) : "",
        dimensions: text(inside(card, css.dimensions)),
        file_type: text(inside(card, css.file_type)),
        review_status:
          attribute(card, css.review_status_attributes) || text(inside(card, css.review_status)),
        review_reason:
          attribute(card, css.review_reason_attributes) || text(inside(card, css.review_reason)),
      };
    }),
    marked: mark
      ? cards.filter((card) => card.__listMark === `${mark} ${idOf(card)}`).length
      : 0,
    empty: all(css.empty).some((sign) => !cards.some((card) => sign.contains(card))),
    // Ids in a page without cards: there is a list, and it is not understood.
    unread: cards.length === 0 && (isId.test(document.body.innerText) || holders.some(hasId)),
    loading: all(css.loading).length > 0,
    next: next ? { disabled: off(next) } : null,
    begins: begins(), // whether this is said, or has to be, the first page
    pager,
    total: total ? number(total[1]) : null,
    range: range ? [number(range[1]), number(range[2])] : null,
  };
};
