// What all looks at a page share: which elements are seen, what a person reads on them, and ways to
// find them. The first part of a function whose argument is `given`; see scripts.py.
const MANY = 12; // ways that are offered for one thing
const SHORT = 40; // characters of a label that a person reads at a glance

const visible = (element) =>
  element.getClientRects().length > 0 && getComputedStyle(element).visibility !== "hidden";
const squeeze = (text) => (text || "").replace(/\s+/g, " ").trim();
const query = (selector, root = document) => {
  try {
    return [...root.querySelectorAll(selector)];
  } catch {
    return []; // no valid CSS: it finds nothing
  }
};
const seen = (selector, root = document) => query(selector, root).filter(visible);
const words = (pattern) => new RegExp(pattern, "i");

// ── Ways to find elements, the ones that last before those that a build makes up ──────────────────

const madeUp = (name) =>
  /^(css|sc|jss|svelte)-/i.test(name) ||
  name.split(/[-_]+|(?<=[a-z])(?=[A-Z])/).some(
    (part) =>
      /^\d{3,}$/.test(part) ||
      (part.length > 4 && ((/\d/.test(part) && /[a-z]/i.test(part)) || !/[aeiouy]/i.test(part))),
  );
const lasting = (value) => value.length <= SHORT && /^[\x20-\x7e]+$/.test(value) && !/\d{4}/.test(value);
const quoted = (value) => `"${value.replace(/["\\]/g, "\\$&")}"`;
const RANKED = [
  /^data-(test|qa|cy)/, /^data-/, /^name$/, /^for$/, /^type$/, /^value$/, /^aria-label$/,
  /^placeholder$/, /^role$/, /^rel$/, /^href$/, /^autocomplete$/, /^itemprop$/,
];
const usable = (element, name) => {
  if (name === "type") return element.localName === "input" && element.type !== "file";
  if (name === "value") return /^(submit|button|radio)$/.test(element.type || "");
  if (name === "href") return /^#./.test(element.getAttribute(name));
  return true;
};

// Yields [price, selector] for what all of the elements have in common; `bare` makes a selector of
// nothing but the tag, or "" where that would be too little.
const ways = (elements, bare = (tag) => tag) => {
  const [first] = elements;
  const all = (test) => elements.every(test);
  const tag = all((it) => it.localName === first.localName) ? CSS.escape(first.localName) : "";
  const found = [];
  if (elements.length === 1 && first.id) {
    found.push([madeUp(first.id) ? 9 : 0, `#${CSS.escape(first.id)}`]);
  }
  for (const { name, value } of first.attributes) {
    const rank = RANKED.findIndex((it) => it.test(name));
    if (rank < 0 || !usable(first, name) || !all((it) => it.hasAttribute(name))) continue;
    const price = (madeUp(name) ? 7 : 1) + rank / 100;
    const escaped = CSS.escape(name);
    if (lasting(value) && !madeUp(value) && all((it) => it.getAttribute(name) === value)) {
      found.push([price + 0.2, `${tag}[${escaped}=${quoted(value)}]`]);
    }
    if (name.startsWith("data-")) found.push([price, `${tag}[${escaped}]`]);
  }
  const classes = [...first.classList].filter((it) => all((other) => other.classList.contains(it)));
  for (const name of classes) {
    found.push([madeUp(name) ? 8 : 4, `${tag}.${CSS.escape(name)}`]);
    for (const other of classes) {
      if (other > name) found.push([madeUp(name + other) ? 8.5 : 4.5, `${tag}.${CSS.escape(name)}.${CSS.escape(other)}`]);
    }
  }
  if (elements.length === 1 && first.type === "file" && first.multiple) {
    found.push([2, 'input[type="file"][multiple]']);
  }
  if (tag && bare(tag)) found.push([5, bare(tag)]);
  return found;
};
// The same for one element, by way of what is around it.
const within = (element) => {
  const around = element.parentElement && element.parentElement.closest("[id]:not(body)");
  if (!around || madeUp(around.id)) return [];
  return ways([element]).map(([price, way]) => [price + 1, `#${CSS.escape(around.id)} ${way}`]);
};
const best = (found, holds) => {
  const sorted = found.filter(([, way]) => holds(way)).sort((a, b) => a[0] - b[0]);
  return [...new Set(sorted.map(([, way]) => way))].slice(0, MANY);
};

// ── What a person reads ───────────────────────────────────────────────────────────────────────────

const label = (element) =>
  squeeze(element.getAttribute("aria-label")) ||
  (element.localName === "input" ? squeeze(element.value || element.placeholder) : "") ||
  squeeze(element.innerText);
const CLICKABLE =
  "button, a, [role=button], [role=tab], [role=link], label, input[type=submit], input[type=button], [onclick], [tabindex], span, li, div";
const smallest = (elements) =>
  elements.filter((it) => !elements.some((other) => other !== it && it.contains(other)));
const isPlain = (it) => !it.matches("button, a, label, input, [role=button], [role=tab], [role=link]");
// What a person would click, buttons and links before what is only styled as one.
const clickables = (pattern) => {
  const found = seen(CLICKABLE).filter((it) => {
    const text = label(it);
    return text && text.length <= SHORT && words(pattern).test(text);
  });
  const real = found.filter((it) => !isPlain(it));
  return real.length ? smallest(real) : smallest(found);
};
