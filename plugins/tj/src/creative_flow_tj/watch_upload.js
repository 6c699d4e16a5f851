// Watches what becomes of the files that are about to be handed to the page. Takes {css, want}; css
// holds lists of CSS selectors by name (site.toml, [css.previews]). What is wanted:
//   "start"  remember the previews that stand there, and note every one that comes from now on. An
//            observer sees a preview even if the page removes it at once.
//   "state"  what is known now: one entry per new preview, and whether the page says it is busy
({ css, want }) => {
  const matches = (element, selectors) => selectors.some((selector) => element.matches(selector));
  const inside = (root, selectors) => {
    for (const selector of selectors) {
      const found = root.querySelector(selector);
      if (found) return found;
    }
    return null;
  };
  const visible = (element) => element.getClientRects().length > 0;

  if (want === "start") {
    const before = new Set(css.preview.flatMap((it) => [...document.querySelectorAll(it)]));
    const previews = new Map();
    const note = (preview) => {
      if (before.has(preview)) return;
      const known = previews.get(preview) || { name: "", success: false, error: false, complete: false, message: "", sent: 0 };
      const name = inside(preview, css.name);
      const image = preview.querySelector("img[alt]");
      const message = inside(preview, css.message);
      const sent = inside(preview, css.sent);
      previews.set(preview, {
        name: (name && name.textContent.trim()) || (image && image.alt.trim()) || known.name,
        success: known.success || matches(preview, css.success),
        error: known.error || matches(preview, css.error),
        complete: known.complete || matches(preview, css.complete),
        message: (message && message.textContent.replace(/\s+/g, " ").trim()) || known.message,
        sent: (sent && parseFloat(sent.style.width)) || known.sent,
      });
    };
    const noteIn = (node) => {
      if (!(node instanceof Element)) return;
      for (const selector of css.preview) {
        if (node.matches(selector)) note(node);
        const around = node.closest(selector);
        if (around) note(around);
        node.querySelectorAll(selector).forEach(note);
      }
    };
    const observer = new MutationObserver((changes) => {
      for (const change of changes) {
        noteIn(change.target);
        change.addedNodes.forEach(noteIn);
      }
    });
    observer.observe(document, {
      subtree: true, childList: true, attributes: true, characterData: true,
      attributeFilter: ["class", "style"],
    });
    window.__uploadWatch = { previews, note };
    return true;
  }

  const watch = window.__uploadWatch;
  if (!watch) return null; // the page was loaded anew
  for (const preview of watch.previews.keys()) if (preview.isConnected) watch.note(preview);
  return {
    previews: [...watch.previews.values()],
    busy: css.busy.some((it) => [...document.querySelectorAll(it)].some(visible)),
  };
};
