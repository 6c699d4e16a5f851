"use strict";
// Without this program the page shows everything; with it, the files can be searched, chosen,
// sorted and turned over page by page. Words are only ever set as text.
document.documentElement.classList.add("busy");
document.addEventListener("DOMContentLoaded", () => {
  try {
    const table = document.querySelector("table.files");
    if (table) manage(table);
  } finally {
    document.documentElement.classList.remove("busy");
  }
});
document.addEventListener("error", (event) => {
  if (event.target instanceof HTMLImageElement) event.target.classList.add("gone");
}, true);

function manage(table) {
  const body = table.tBodies[0];
  const all = [...body.rows];
  const tools = document.querySelector(".tools");
  const [search, size, back, on, copy, copied, shown] =
    ["search", "size", "back", "on", "copy", "copied", "shown"]
      .map((id) => document.getElementById(id));
  const number = new Intl.NumberFormat("en");
  let ordered = all;
  let matching = all;
  let first = 0;
  let words;  // what is searched, of each row; gathered when the first letter is typed

  const fold = (text) => text.normalize("NFKC").toLowerCase();
  const chosen = () => tools.querySelector("input[name=choice]:checked").value;
  const perPage = () => Number(size.value) || Infinity;

  function choose() {
    const parts = fold(search.value).split(/\s+/).filter(Boolean);
    const wanted = chosen();
    if (parts.length && !words) {
      words = new Map(all.map((row) => [row, fold(row.textContent)]));
    }
    matching = ordered.filter((row) =>
      (!wanted || row.classList.contains(wanted)) &&
      parts.every((part) => words.get(row).includes(part)));
    first = 0;
    show();
  }

  function show() {
    const page = matching.slice(first, first + perPage());
    body.replaceChildren(...page);
    for (const row of page) label(row);
    const total = matching.length === all.length ? "" : ` (${number.format(all.length)} in all)`;
    shown.textContent = !page.length
      ? `No file matches${total}`
      : `${number.format(first + 1)}–${number.format(first + page.length)} of ` +
        `${number.format(matching.length)}${total}`;
    back.disabled = first === 0;
    on.disabled = first + page.length >= matching.length;
    copy.disabled = !ids().length;
  }

  // Where the rows are laid out as cards, some browsers forget that they are a table's.
  function label(row) {
    if (row.hasAttribute("role")) return;
    row.setAttribute("role", "row");
    for (const cell of row.cells) {
      cell.setAttribute("role", cell.tagName === "TH" ? "rowheader" : "cell");
    }
  }

  function turn(pages) {
    first = Math.max(0, first + pages * perPage());
    show();
    table.scrollIntoView({ block: "start" });
  }

  const ids = () => matching.map((row) => row.cells[6].textContent).filter(Boolean);

  async function copyIds() {
    const found = ids();
    const text = found.join("\n");
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const field = document.createElement("textarea");
      field.value = text;
      document.body.append(field);
      field.select();
      document.execCommand("copy");
      field.remove();
    }
    const said = `Copied ${number.format(found.length)} ID${found.length === 1 ? "" : "s"}`;
    copied.textContent = said;
    copy.textContent = said;
    setTimeout(() => { copy.textContent = "Copy IDs"; }, 2500);
  }

  const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
  const headings = [...table.tHead.rows[0].cells];

  function sortBy(index) {
    const was = headings[index].getAttribute("aria-sort");
    const now = { ascending: "descending", descending: null }[was];
    for (const heading of headings) heading.removeAttribute("aria-sort");
    if (now === null) {
      ordered = all;
    } else {
      headings[index].setAttribute("aria-sort", now || "ascending");
      const way = now ? -1 : 1;
      const keys = new Map(all.map((row) => [row, key(row.cells[index])]));
      ordered = [...all].sort((one, other) => {
        const a = keys.get(one);
        const b = keys.get(other);
        if (!a !== !b) return a ? -1 : 1;  // what is empty comes last, whichever way
        return way * collator.compare(a, b);
      });
    }
    choose();
  }

  function key(cell) {
    if (cell.hasAttribute("data-v")) return cell.getAttribute("data-v").replace(/^0$/, "");
    const name = cell.querySelector("bdi");
    return (name && cell.tagName === "TH" ? name : cell).textContent;
  }

  headings.forEach((heading, index) => {
    if (index === 0) return;
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = heading.textContent;
    button.addEventListener("click", () => sortBy(index));
    heading.replaceChildren(button);
  });
  table.setAttribute("role", "table");
  body.setAttribute("role", "rowgroup");
  search.addEventListener("input", choose);
  tools.addEventListener("change", (event) => {
    if (event.target.name === "choice" || event.target === size) choose();
  });
  back.addEventListener("click", () => turn(-1));
  on.addEventListener("click", () => turn(1));
  copy.addEventListener("click", copyIds);
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input[type=search], select, textarea");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      search.focus();
    } else if (event.key === "Escape" && event.target === search && search.value) {
      search.value = "";
      choose();
    }
  });
  // Paper has room for all that matches.
  let folded = [];
  window.addEventListener("beforeprint", () => {
    body.replaceChildren(...matching);
    folded = [...document.querySelectorAll("details:not([open])")];
    for (const each of folded) each.open = true;
  });
  window.addEventListener("afterprint", () => {
    for (const each of folded) each.open = false;
    show();
  });
  tools.hidden = false;
  document.documentElement.classList.add("able");
  show();
}
