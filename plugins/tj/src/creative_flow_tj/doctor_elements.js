// For each of `wanted` ({key, kind, pattern}): the element that a person would take for it, and ways to
// find exactly that one, some in Playwright's notation. The elements are remembered by key, so that
// those can be proved outside: window.__doctor[key] is all that a look leaves in the page.
const { wanted } = given;

const formOf = (element) => element.closest("form") || document.body;
const shown = (selector, root) => seen(selector, root)[0] || null;
const TYPED = "input:not([type]), input[type=text], input[type=email]";
const labelled = (input) => squeeze([...(input.labels || [])].map((it) => it.innerText).join(" "));
const kinds = {
  button: ({ pattern }) => clickables(pattern).filter((it) => !it.matches("label"))[0] || clickables(pattern)[0],
  browse: ({ pattern }) => clickables(pattern)[0],
  tab: ({ pattern }) => {
    const found = clickables(pattern).filter((it) => !it.matches("label") && !it.closest("[role=dialog]"));
    return found.find((it) => it.matches("[role=tab]")) || found[0];
  },
  sub_tab: ({ pattern }) => {
    const found = clickables(pattern).filter((it) => !it.closest("[role=dialog]"));
    const groups = query("input[type=radio]").flatMap((it) => [...(it.labels || [])]);
    return found.find((it) => groups.includes(it)) || null;
  },
  radio: ({ pattern }) => query("input[type=radio]").find((it) => words(pattern).test(labelled(it))),
  password: () => shown("input[type=password]"),
  username: () => {
    const password = shown("input[type=password]");
    const fields = password ? seen(TYPED, formOf(password)) : seen(TYPED);
    return password
      ? fields.filter((it) => it.compareDocumentPosition(password) & Node.DOCUMENT_POSITION_FOLLOWING).pop()
      : fields[0];
  },
  submit: ({ pattern }) => {
    const password = shown("input[type=password]");
    const root = password ? formOf(password) : document.body;
    const buttons = seen("button, input[type=submit], input[type=button], [role=button]", root);
    return buttons.find((it) => words(pattern).test(label(it))) || (password && buttons.length === 1 ? buttons[0] : null);
  },
  file: () => {
    const fields = query("input[type=file]").filter((it) => !/csv/i.test(it.accept));
    return fields.filter((it) => it.multiple).pop() || fields.pop();
  },
  csv_file: () => {
    const fields = query("input[type=file]");
    return fields.find((it) => /csv/i.test(it.accept)) || (fields.length === 1 ? fields[0] : null);
  },
  heading: ({ pattern }) =>
    ["h1", "h2", "[role=heading], legend, h3, h4"]
      .flatMap((way) => seen(way))
      .find((it) => words(pattern).test(squeeze(it.innerText))) || null,
};
const inWords = (element) => {
  const text = label(element);
  if (!text || text.length > SHORT || !/^[\x20-\x7e]+$/.test(text)) return [];
  const tag = element.localName;
  const role =
    element.getAttribute("role") ||
    (tag === "a" ? "link" : tag === "button" || /^(submit|button)$/.test(element.type || "") ? "button" : "");
  const found = role ? [[2, `role=${role}[name=${quoted(text)}]`]] : [];
  return [...found, [3, `${tag}:text-is(${quoted(text)})`], [3.5, `${tag}:has-text(${quoted(text)})`]];
};

window.__doctor = window.__doctor || {};
const answer = {};
for (const each of wanted) {
  const element = window.__doctor[each.key] || kinds[each.kind](each);
  window.__doctor[each.key] = element || null;
  if (!element) answer[each.key] = [];
  else if (each.kind === "heading") answer[each.key] = [squeeze(element.innerText)];
  else {
    const found = [...ways([element]), ...within(element), ...inWords(element)];
    answer[each.key] = [...new Set(found.sort((a, b) => a[0] - b[0]).map(([, way]) => way))];
  }
}
return answer;
