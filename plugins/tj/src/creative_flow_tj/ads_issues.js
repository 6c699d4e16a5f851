// What the page says against an ads CSV. Takes {phrases, css}: the texts that stand above issues, and
// lists of CSS selectors (site.toml, [css.csv]). Returns the lines below such a text, the number of
// rows in a preview that is shown, and whether the page is busy.
({ phrases, css }) => {
  const visible = (element) =>
    element.getClientRects().length > 0 && getComputedStyle(element).visibility !== "hidden";
  const plain = (text) => (text || "").replace(/[\s’]+/g, " ").trim().toLowerCase();
  const wanted = phrases.map(plain);
  const says = (text) => wanted.some((phrase) => plain(text).includes(phrase));
  const lines = (element) =>
    element.innerText
      .split("\n")
      .map((line) => line.trim())
      .filter(Boolean);
  const shown = (selectors) => {
    for (const selector of selectors) {
      const found = [...document.querySelectorAll(selector)].filter(visible);
      if (found.length) return found;
    }
    return [];
  };

  // The innermost elements that say it.
  const places = [...document.body.querySelectorAll("*")]
    .filter((it) => !["SCRIPT", "STYLE", "TEMPLATE"].includes(it.tagName))
    .filter((it) => says(it.textContent) && visible(it) && says(it.innerText))
    .filter((it) => ![...it.children].some((child) => says(child.textContent) && visible(child)));
  let issues = places.flatMap(lines);
  // What only announces issues has them beside it, or around it.
  let [place] = places;
  if (place && plain(place.textContent).includes(wanted[0])) {
    for (let steps = 0; steps < 3 && lines(place).length < 2; steps += 1) {
      if (!place.parentElement || place.parentElement === document.body) break;
      place = place.parentElement;
    }
    issues = lines(place);
    const others = issues.filter((line) => !plain(line).includes(wanted[0]));
    if (others.length) issues = others;
  }
  return { issues, rows: shown(css.preview).length, busy: shown(css.busy).length > 0 };
};
