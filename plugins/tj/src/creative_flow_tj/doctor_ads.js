// What became of each list of selectors of [css.ads], as doctor_list.js tells it of the library's list:
// by name the rank of the way that works, -1 for missing, null for what could not show, and why.
const { css, idPattern, patterns } = given;

const parts = {};
const set = (name, rank, more = {}) => {
  parts[name] = { rank, needed: false, why: "", better: [], ...more };
};
const unseen = (name, why) => set(name, null, { why });
const rankIn = (root, name) => css[name].findIndex((way) => query(way, root).length > 0);
const rankOfWord = (texts, name) => css[name].findIndex((word) => texts.includes(word));
const plain = (text) => squeeze(text).toLowerCase();
const none = "there is no table of ads to look at";

// ── The table, and the line that says which rows of how many it shows ─────────────────────────────

const headings = (table) => [...table.querySelectorAll("thead th, thead td")];
const ofAds = (table) =>
  headings(table).some((it) => words(patterns.name).test(squeeze(it.textContent))) &&
  !table.closest("[role=dialog], dialog");
const tableRank = rankIn(document, "table");
const table = tableRank < 0 ? seen("table").find(ofAds) : query(css.table[tableRank])[0];
const first = (way) => query(way)[0] === table;
set("table", tableRank, {
  needed: true,
  better: table && tableRank !== 0 ? best([...ways([table], () => ""), ...within(table)], first) : [],
});

const RANGE = /\d[\d.,]*\s*(to|-|–|—)\s*\d[\d.,]*\s+of\s+([\d.,]*\d)/;
const infoRank = rankIn(document, "info");
const lines = smallest(seen("body *").filter((it) => RANGE.test(it.textContent)));
const info = infoRank < 0 ? lines[0] : query(css.info[infoRank])[0];
set("info", infoRank, {
  needed: true,
  better: info && infoRank !== 0 ? best([...ways([info]), ...within(info)], (way) => query(way)[0] === info) : [],
});
const told = RANGE.exec(info ? info.textContent : "");
const total = told ? Number(told[2].replace(/\D/g, "")) : 0;

// ── Its rows ──────────────────────────────────────────────────────────────────────────────────────

const noneRank = table ? rankIn(table, "none") : -1;
const rowRank = table ? rankIn(table, "row") : -1;
const bodies = table ? [...table.tBodies].flatMap((it) => [...it.rows]) : [];
const row = total > 0 && noneRank < 0 ? bodies[0] : null;
if (!table) unseen("row", none);
else if (!row) unseen("row", "the campaign has no ads");
else {
  const better = rowRank === 0 ? [] : best([[1, "tbody > tr"]], (way) => query(way, table).includes(row));
  set("row", rowRank, { needed: true, better });
}
if (table && !row && total === 0) set("none", noneRank, { better: [] });
else unseen("none", table ? "the campaign has ads" : none);

// A cell is found by its class, or below a heading that is known.
const heads = table ? headings(table) : [];
const titles = heads.map((it) => plain(it.textContent));
for (const [cells, known, needed] of [["name", "name_words", true], ["creative", "creative_words", false]]) {
  const wordRank = rankOfWord(titles, known);
  const guess = heads.find((it) => words(patterns[cells]).test(squeeze(it.textContent)));
  if (!table) {
    unseen(cells, none);
    unseen(known, none);
    continue;
  }
  const cellRank = row ? rankIn(row, cells) : -1;
  if (cellRank >= 0) set(cells, cellRank);
  else unseen(cells, row ? "the heading above it says it" : "the campaign has no ads");
  if (wordRank >= 0) set(known, wordRank);
  else if (cellRank >= 0) unseen(known, "the cells are found without their heading");
  else if (!needed && !guess) unseen(known, "the table may have no such column");
  else set(known, -1, { needed, better: guess ? [plain(guess.textContent)] : [] });
}

// ── What shows now and then ───────────────────────────────────────────────────────────────────────

const loading = rankIn(document, "loading");
if (loading >= 0) set("loading", loading);
else unseen("loading", "shows only while the table loads");
const nextRank = rankIn(document, "next");
const links = nextRank < 0 ? [] : query(css.next[nextRank]);
const more = row && total > bodies.length;
const why = "all ads are on one page";
const turns = links.filter((it) => rankOfWord([plain(it.textContent), plain(it.getAttribute("aria-label"))], "next_words") >= 0);
if (nextRank >= 0 || more) set("next", nextRank, { needed: !!more });
else unseen("next", why);
if (turns.length) set("next_words", rankOfWord(turns.map((it) => plain(it.textContent)), "next_words"));
else if (more) set("next_words", -1, { needed: true });
else unseen("next_words", why);
const off = turns.flatMap((it) => [it, it.parentElement]);
const offRank = css.disabled.findIndex((way) => off.some((it) => it.matches(way)));
if (offRank >= 0) set("disabled", offRank);
else unseen("disabled", more ? "the table has more pages" : why);
return parts;
