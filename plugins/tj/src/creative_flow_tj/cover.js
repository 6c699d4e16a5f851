// What closes that which lies over an element, or null: a control in it that says one of the words.
(target, words) => {
  target.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
  const { left, top, width, height } = target.getBoundingClientRect();
  let cover = document.elementFromPoint(left + width / 2, top + height / 2);
  if (!cover || target.contains(cover) || cover.contains(target)) return null;
  while (cover.parentElement && !cover.parentElement.contains(target)) cover = cover.parentElement;

  const says = (control) =>
    [control.getAttribute("aria-label"), control.title, control.innerText, control.value]
      .map((text) => (typeof text === "string" ? text : "").trim().toLowerCase().replace(/[.!]$/, ""))
      .some((text) => words.includes(text));
  const controls = cover.querySelectorAll("button, a, [role='button'], input[type='button']");
  return [...controls].find((it) => it.getClientRects().length > 0 && says(it)) || null;
};
