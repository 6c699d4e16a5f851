// What marks the tab at `index` of `tabs` as the chosen one: the rank in css.chosen, and better ways.
const { css, tabs, index } = given;

const marks = (css) => tabs.map((tab) => tab.matches(css) || !!tab.parentElement?.matches(css));
const says = (css) => {
  const marked = marks(css);
  return marked[index] && marked.filter(Boolean).length === 1;
};
const rank = css.chosen.findIndex(says);
const own = [tabs[index], tabs[index].parentElement].filter(Boolean);
const found = own.flatMap((it) => [
  ...[...it.attributes]
    .filter(({ name, value }) => /^(aria-|data-)/.test(name) && lasting(value))
    .map(({ name, value }) => [1, `[${CSS.escape(name)}=${quoted(value)}]`]),
  ...[...it.classList].map((name) => [madeUp(name) ? 8 : 4, `.${CSS.escape(name)}`]),
]);
return { rank, better: best(found, says) };
