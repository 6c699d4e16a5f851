// What lies over an element. Without words: whether anything does. With words: what closes it, a control
// in it that says one of them, or null. With a part of something that stands beside the element: what
// closes that, whatever lies over the element. What stands in an element that matches one of apart is
// that one's own: the × of a file's preview removes the file.
(target, { words, part, apart = [] } = {}) => {
  target.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
  const { left, top, width, height } = target.getBoundingClientRect();
  let cover = part || document.elementFromPoint(left + width / 2, top + height / 2);
  const free = !cover || target.contains(cover) || cover.contains(target);
  if (!words) return !free;
  if (free) return null;
  while (cover.parentElement && !cover.parentElement.contains(target)) cover = cover.parentElement;

  const says = (control) =>
    [control.getAttribute("aria-label"), control.title, control.innerText, control.value]
      .map((text) => (typeof text === "string" ? text : "").trim().toLowerCase().replace(/[.!]$/, ""))
      .some((text) => words.includes(text));
  const controls = cover.querySelectorAll("button, a, [role='button'], input[type='button']");
  const itsOwn = (control) => !apart.some((css) => control.closest(css));
  return [...controls].find((it) => it.getClientRects().length > 0 && itsOwn(it) && says(it)) || null;
};
