// The table of a campaign's ads as it stands in the page. Takes {css, idPattern, want}; css holds
// lists of CSS selectors by name (site.toml, [css.ads]). What is wanted:
//   "state"  everything that can be read, at once, or null where there is no such table
//   "next"   the link to the next page, or null
({ css, idPattern, want }) => {
  const visible = (element) =>
    element.getClientRects().length > 0 && getComputedStyle(element).visibility !== "hidden";
  const best = (root, selectors) => {
    for (const selector of selectors) {
      const found = [...root.querySelectorAll(selector)];
      if (found.length) return found;
    }
    return [];
  };
  const plain = (text) => (text || "").replace(/\s+/g, " ").trim().toLowerCase();
  const text = (element) => (element ? element.textContent.trim() : "");

  const next =
    best(document, css.next)
      .filter(visible)
      .find((it) =>
        [it.textContent, it.getAttribute("aria-label")].some((word) =>
          css.next_words.includes(plain(word)),
        ),
      ) || null;
  if (want === "next") return next;

  const [table] = best(document, css.table);
  if (!table) return null;
  // A table that scrolls may keep its headings in another one beside it.
  const heads = [...table.querySelectorAll("thead th, thead td")].map((it) => plain(text(it)));
  const column = (words) => {
    for (const word of words) {
      const place = heads.indexOf(word);
      if (place >= 0) return place;
    }
    return -1;
  };
  const nameColumn = column(css.name_words);
  const creativeColumn = column(css.creative_words);
  const cell = (row, selectors, place) =>
    best(row, selectors)[0] || (place >= 0 ? row.cells[place] : undefined);
  const isId = new RegExp(`(?<![0-9])(?:${idPattern})(?![0-9])`, "g");
  const rows = best(table, css.row).filter((row) => !best(row, css.none).length && row.cells.length);
  const number = (digits) => Number(digits.replace(/\D/g, ""));
  const info = best(document, css.info).map(text).join(" ");
  const total = /\bof\s+([\d.,\u00a0\u202f]*\d)/.exec(info);
  const range = /(\d[\d.,\u00a0\u202f]*)\s*(?:to|-|–|—)\s*(\d[\d.,\u00a0\u202f]*)\s+of\b/.exec(info);
  const disabled = (element) => css.disabled.some((selector) => element.matches(selector));
  return {
    ads: rows.map((row) => {
      const name = cell(row, css.name, nameColumn);
      const titled = name && (name.title ? name : name.querySelector("[title]"));
      return {
        name: name ? text(name) : null,
        title: titled ? titled.title : "",
        creatives: text(cell(row, css.creative, creativeColumn)).match(isId) || [],
      };
    }),
    total: total ? number(total[1]) : null,
    range: range ? [number(range[1]), number(range[2])] : null,
    filtered: /\bfiltered\b/i.test(info),
    loading: best(document, css.loading).some(visible),
    next: next ? !(disabled(next) || disabled(next.parentElement)) : null,
  };
};
