// What became of each list of selectors of [css.list]: by name the rank of the way that works, -1 for
// missing, null for what could not show, and why; whether it is needed; and ways that work better.
const { css, idPattern, pageSize, patterns } = given;

// ── The list: its cards ──────────────────────────────────────────────────────────────────────────

const isId = new RegExp(`^${idPattern}$`);
const anId = new RegExp(`\\b${idPattern}\\b`, "g");
const idsIn = (text) => [...new Set((text || "").match(anId) || [])];
const ownText = (element) =>
  squeeze([...element.childNodes].filter((it) => it.nodeType === Node.TEXT_NODE).map((it) => it.data).join(" "));
const outermost = (elements) =>
  elements.filter((it) => !elements.some((other) => other !== it && other.contains(it)));

const DIMENSIONS = /^\d{2,4}\s*[x×]\s*\d{2,4}$/i;
const plain = (text) =>
  DIMENSIONS.test(text) || words(patterns.file_type).test(text) || words(patterns.review_status).test(text) ||
  /^[\d\s.,:/-]*(b|kb|mb|gb|s|sec)?$/i.test(text) || idsIn(text).length > 0;

// The texts of a block that may be a name.
const names = (block) =>
  [block, ...query("*", block)].filter((it) => {
    const text = ownText(it);
    return text.length > 2 && !plain(text) && !it.closest("button, a, select, script, style, template");
  });

// The blocks that hold one Creative ID each, as chains from the element that shows it outwards.
const blocks = () => {
  const inside = new Map(); // element -> the ids in it
  const bearers = [];
  for (const element of query("body *")) {
    const found = idsIn(ownText(element));
    for (const { value } of element.attributes) if (isId.test(value)) found.push(value);
    const ids = [...new Set(found)];
    if (ids.length !== 1 || !visible(element)) continue;
    bearers.push([element, ids[0]]);
    for (let it = element; it; it = it.parentElement) {
      if (!inside.has(it)) inside.set(it, new Set());
      inside.get(it).add(ids[0]);
    }
  }
  const chains = new Map(); // outermost element with one id -> chain
  for (const [element, id] of bearers) {
    const chain = [];
    for (let it = element; it !== document.body && inside.get(it).size === 1; it = it.parentElement) chain.push(it);
    const root = chain[chain.length - 1];
    if (root && (chains.get(root)?.chain.length ?? 0) < chain.length) chains.set(root, { id, chain });
  }
  const groups = new Map(); // where in the page -> chains
  for (const { id, chain } of chains.values()) {
    const path = [];
    for (let it = chain[chain.length - 1]; it; it = it.parentElement) path.push(it.localName);
    const key = path.join();
    groups.set(key, [...(groups.get(key) || []), { id, chain }]);
  }
  const sorted = [...groups.values()].sort((a, b) => b.length - a.length);
  return sorted.find((group) => group.some(({ chain }) => chain.some((it) => names(it).length))) || [];
};

const cardWays = () => {
  const group = blocks();
  if (!group.length) return [];
  const wanted = new Set(group.map(({ id }) => id));
  const holds = (way) => {
    const cards = outermost(seen(way));
    const ids = cards.map((card) => [
      ...new Set([...idsIn(card.innerText), ...[card, ...query("*", card)].flatMap((it) => [...it.attributes].map(({ value }) => value).filter((it) => isId.test(it)))]),
    ]);
    return cards.length === wanted.size && ids.every((it) => it.length === 1 && wanted.has(it[0]));
  };
  const found = [];
  const outer = group.map(({ chain }) => chain[chain.length - 1]);
  const common = (text) => outer.length > 1 && outer.every((it) => names(it).some((other) => ownText(other) === text));
  const named = (block) =>
    names(block).some((it) => {
      const text = ownText(it);
      return !common(text) && (outer.length > 1 || /[\d_]/.test(text) || text.length > 11 || it.title);
    });
  // The smallest blocks that have a name; a single one has no neighbours that end it.
  const least = Math.max(0, ...group.map(({ chain }) => chain.findIndex(named)));
  const levels = Math.min(...group.map(({ chain }) => chain.length)) - 1;
  const most = group.length > 1 ? levels : Math.min(levels, least + 3);
  for (let level = least; level <= most; level += 1) {
    const cards = group.map(({ chain }) => chain[Math.min(level, chain.length - 1)]);
    const idWays = ways(group.map(({ chain }) => chain[0])).sort((a, b) => a[0] - b[0]);
    const has = idWays.length && idWays[0][0] < 5 ? idWays[0][1] : "";
    for (const [price, way] of ways(cards, (tag) => (has ? `${tag}:has(${has})` : ""))) {
      const byId = /\[(data-[^\]=]+)\]$/.exec(way);
      const bonus = byId && cards.every((it) => isId.test(it.getAttribute(byId[1]) || "")) ? 0.5 : 0;
      found.push([price - bonus + level / 1000, way]);
    }
  }
  return best(found, holds);
};

// ── The list: all of it ──────────────────────────────────────────────────────────────────────────

const parts = {};
const set = (key, rank, { needed = false, why = "", better = [] } = {}) => {
  parts[key] = { rank, needed, why, better };
};
const MISSING = -1;
const UNSEEN = null;

const cardRank = css.card.findIndex((way) => seen(way).length);
const offered = cardRank > 0 || cardRank < 0 ? cardWays() : [];
const cards = outermost(seen(cardRank >= 0 ? css.card[cardRank] : offered[0] || "card-that-is-none"));
const ids = idsIn(document.body.innerText);
if (cardRank >= 0 || offered.length) set("card", cardRank, { needed: true, better: offered });
else if (ids.length) set("card", MISSING, { needed: true, why: "there are Creative IDs on the page" });
else set("card", UNSEEN, { needed: true, why: "the list is empty" });

const attribute = (root, name) => {
  const holder = root.hasAttribute(name) ? root : query(`[${CSS.escape(name)}]`, root)[0];
  return holder ? holder.getAttribute(name).trim() : "";
};
// Worst rank over all cards at which a selector gives something that passes the test.
const rankIn = (selectors, test) => {
  const ranks = cards.map((card) => {
    const rank = selectors.findIndex((way) => query(way, card).length);
    return rank >= 0 && test(query(selectors[rank], card)[0]) ? rank : MISSING;
  });
  return ranks.includes(MISSING) ? MISSING : Math.max(...ranks);
};
const anyRankIn = (selectors) =>
  selectors.findIndex((way) => cards.some((card) => query(way, card).length));
const recognized = (test) =>
  cards.map((card) => query("*", card).find((it) => test(ownText(it))) || null);
const partWays = (found) => {
  const there = found.filter(Boolean);
  if (!there.length) return [];
  return best(ways(there), (way) =>
    cards.every((card, n) => (query(way, card)[0] || null) === found[n]));
};
const attributeWays = (test) => {
  const count = new Map();
  for (const card of cards) {
    for (const it of [card, ...query("*", card)]) {
      for (const { name, value } of it.attributes) if (test(value)) count.set(name, it === card ? 0 : 1);
    }
  }
  return [...count]
    .map(([name, depth]) => [(name.startsWith("data-") ? 0 : 2) + depth + (madeUp(name) ? 5 : 0), name])
    .filter(([, name]) => cards.every((card) => test(attribute(card, name))))
    .sort((a, b) => a[0] - b[0])
    .map(([, name]) => name)
    .slice(0, MANY);
};
const theName = (card) => {
  const rest = names(card).filter((it) => it !== card || !it.children.length);
  const elsewhere = (text) => cards.length > 1 && cards.every((other) => names(other).some((it) => ownText(it) === text));
  const score = (it) => {
    const text = ownText(it);
    const title = squeeze(it.getAttribute("title"));
    return (title && title.startsWith(text.replace(/(…|\.\.\.)$/, "")) ? 1000 : 0) + text.length - (elsewhere(text) ? 500 : 0);
  };
  return rest.sort((a, b) => score(b) - score(a))[0] || null;
};

if (cards.length) {
  const byAttribute = css.id_attributes.findIndex((name) => cards.every((card) => isId.test(attribute(card, name))));
  const byText = rankIn(css.id, (it) => idsIn(it.textContent).length === 1);
  set("id_attributes", byAttribute, { needed: byText < 0, better: attributeWays((it) => isId.test(it)) });
  set("id", byText, { needed: byAttribute < 0, better: partWays(recognized((it) => idsIn(it).length === 1)) });
  const name = rankIn(css.name, (it) => squeeze(it.textContent) || it.title);
  set("name", name, { needed: true, better: name === 0 ? [] : partWays(cards.map(theName)) });
  const optional = {
    dimensions: (it) => DIMENSIONS.test(it),
    file_type: (it) => words(patterns.file_type).test(it),
    review_status: (it) => words(patterns.review_status).test(it),
  };
  for (const [key, test] of Object.entries(optional)) {
    const rank = anyRankIn(css[key]);
    const better = rank === 0 ? [] : partWays(recognized(test));
    const shown = rank >= 0 || better.length > 0;
    set(key, shown ? rank : UNSEEN, { better, why: shown ? "" : "the cards show none" });
  }
  const status = css.review_status_attributes.findIndex((name) => cards.some((card) => attribute(card, name)));
  const better = status === 0 ? [] : attributeWays((it) => words(patterns.review_status).test(it));
  const told = status >= 0 || better.length > 0;
  set("review_status_attributes", told ? status : UNSEEN, { better, why: told ? "" : "the cards have none" });
  const why = "no card says why it was rejected";
  const reason = anyRankIn(css.review_reason);
  const marked = css.review_reason_attributes.findIndex((name) => cards.some((card) => attribute(card, name)));
  set("review_reason", reason < 0 ? UNSEEN : reason, { why: reason < 0 ? why : "" });
  set("review_reason_attributes", marked < 0 ? UNSEEN : marked, { why: marked < 0 ? why : "" });
  set("empty", UNSEEN, { why: "this list is not empty" });
} else {
  const why = ids.length ? "no card is recognized" : "the list is empty";
  for (const key of ["id_attributes", "id", "name"]) set(key, UNSEEN, { needed: true, why });
  for (const key of ["dimensions", "file_type", "review_status_attributes", "review_status", "review_reason_attributes", "review_reason"]) set(key, UNSEEN, { why });
  const rank = css.empty.findIndex((way) => seen(way).length);
  const sign = rank < 0 && !ids.length
    ? smallest(seen("body *").filter((it) => words(patterns.empty).test(ownText(it))))[0]
    : null;
  if (rank >= 0) set("empty", rank);
  else if (sign) set("empty", MISSING, { better: best(ways([sign]), (way) => seen(way).length === 1 && seen(way)[0] === sign) });
  else set("empty", UNSEEN, { why: ids.length ? why : "the empty list shows no sign" });
}

// ── The list: its foot ───────────────────────────────────────────────────────────────────────────

const said = (element) =>
  [element.textContent, element.getAttribute("aria-label"), element.rel]
    .map((word) => (word || "").trim().toLowerCase())
    .flatMap((word) => [word, ...word.split(/\s+/)])
    .filter(Boolean);
const leads = (link, known) => known.findIndex((word) => said(link).includes(word));
const infos = css.info.map((way) => seen(way).map((it) => it.textContent).join(" "));
const info = infos.findIndex(Boolean);
const total = /\bof\s+([\d.,]*\d)/.exec(infos[info] || "");
const count = total ? Number(total[1].replace(/\D/g, "")) : null;
set("info", info >= 0 ? info : UNSEEN, { why: info >= 0 ? "" : "the list shows no total" });
const pager = css.pager.findIndex((way) => seen(way).length);
set("pager", pager >= 0 ? pager : UNSEEN, { why: pager >= 0 ? "" : "the list shows no pages" });
const loading = css.loading.findIndex((way) => query(way).length);
set("loading", loading >= 0 ? loading : UNSEEN, { why: loading >= 0 ? "" : "shows only while a list is loading" });

const known = css.next.flatMap((way, rank) => seen(way).map((link) => [rank, link])).filter(([, link]) => leads(link, css.next_words) >= 0);
const full = count === null ? cards.length >= pageSize : count > cards.length;
const guess = known.length ? known[0][1] : full ? clickables(patterns.next).filter((it) => !isPlain(it))[0] || null : null;
if (!guess) {
  const lost = cards.length > 0 && count !== null && count > cards.length;
  const why = lost ? `${cards.length} of ${count} are shown` : cards.length ? "the list has one page" : "there is no list to turn";
  set("next", lost ? MISSING : UNSEEN, { needed: true, why });
  set("next_words", UNSEEN, { needed: true, why });
  set("disabled", UNSEEN, { why });
} else {
  const word = leads(guess, css.next_words);
  const rank = css.next.findIndex((way) => seen(way).includes(guess));
  const spoken = said(guess).sort((a, b) => a.length - b.length);
  const taught = word >= 0 ? css.next_words : [...css.next_words, spoken[0]];
  const first = (way) => seen(way).find((link) => leads(link, taught) >= 0) === guess;
  const around = [...ways([guess]), ...within(guess), [5.5, `${guess.parentElement.localName} > ${guess.localName}`]];
  set("next", rank, { needed: true, better: rank === 0 ? [] : best(around, first) });
  set("next_words", word, { needed: true, better: word < 0 ? spoken.slice(0, 1) : [] });
  const bears = (way) => (it) => it.matches(way) || !!it.parentElement?.matches(way);
  const off = css.disabled.findIndex((way) => bears(way)(guess));
  // What the link or the element around it bears, and the links with numbers don't.
  const numbers = seen("a, button").filter((it) => /^\d+$/.test(squeeze(it.innerText)));
  const signs = [guess, guess.parentElement]
    .flatMap((it) => [
      ...[...it.classList].map((name) => `.${CSS.escape(name)}`),
      ...[...it.attributes]
        .filter(({ name, value }) => /^(aria-|data-|tabindex|disabled)/.test(name) && lasting(value))
        .map(({ name, value }) => `[${CSS.escape(name)}=${quoted(value)}]`),
    ])
    .filter((way) => !numbers.some(bears(way)));
  const meant = (way) => [words(patterns.disabled).test(way) ? 1 : 4, way];
  if (off >= 0) set("disabled", off, { needed: true });
  else if (count === null || count > cards.length) {
    set("disabled", UNSEEN, { why: "the list has more pages" });
    parts.disabled.wrong = signs; // what a link bears that does lead on says nothing
  } else set("disabled", MISSING, { needed: true, better: best(signs.map(meant), () => true) });
}
return parts;
