"use strict";
// The upload panel: previews as Dropzone makes them, the requests behind them are the site's own.
{
  const panel = find("#uploadPanel");
  const zone = find(".dropzone", panel);
  const busy = find(".processingMessage", panel);
  const backdrop = document.createElement("div");
  backdrop.className = "modal-backdrop";
  panel.style.transition = `opacity ${config.panel_anim_s}s, transform ${config.panel_anim_s}s`;
  let input;
  let sending = 0;

  async function open() {
    if (config.clear_on_open) zone.querySelectorAll(".dz-preview").forEach((it) => it.remove());
    document.body.append(backdrop);
    panel.hidden = false;
    await pause(0.02);
    panel.classList.add("show");
  }

  async function close() {
    if (!panel.classList.contains("show")) return;
    panel.classList.remove("show");
    await pause(config.panel_anim_s);
    panel.hidden = true;
    backdrop.remove();
    if (config.reload_after === "close") reload();
  }

  // As Dropzone does: a new input after every choice.
  function makeInput() {
    input?.remove();
    input = Object.assign(document.createElement("input"), { type: "file", multiple: true });
    input.className = "dz-hidden-input";
    input.style.cssText = "visibility:hidden;position:absolute;width:0;height:0";
    input.onchange = () => {
      const files = [...input.files];
      makeInput();
      send(files.map((file) => ({ file, preview: makePreview(file) })));
    };
    (config.file_input === "panel" ? panel : document.body).append(input);
  }

  function makePreview(file) {
    const preview = document.createElement("div");
    preview.className = "dz-preview dz-file-preview";
    preview.innerHTML = '<div class="dz-image"><img data-dz-thumbnail></div>'
      + '<div class="dz-error-message"><span data-dz-errormessage></span></div>';
    if (["alt", "both"].includes(config.preview_names)) find("img", preview).alt = file.name;
    if (["text", "both"].includes(config.preview_names)) {
      const name = document.createElement("span");
      name.dataset.dzName = "";
      name.textContent = file.name;
      preview.prepend(name);
    }
    zone.append(preview);
    return preview;
  }

  function finish({ preview }, error) {
    preview.classList.add(error ? "dz-error" : "dz-success");
    if (error) find("[data-dz-errormessage]", preview).textContent = error;
    preview.classList.add("dz-complete");
    const gone = config.preview_removed_after_s;
    if (!error && gone !== null) setTimeout(() => preview.remove(), gone * 1000);
    return !error;
  }

  // Resolves to whether every file went well, as far as the page was told.
  async function sendTogether(items, format) {
    const body = new FormData();
    items.forEach(({ file }, n) => body.append(config.together ? `files[${n}]` : "file", file));
    items.forEach(({ preview }) => preview.classList.add("dz-processing"));
    let answer = await ask("POST", `/ajax/upload/${format}`, body);
    while (answer.status === 202) {
      await pause(0.1);
      answer = await ask("GET", answer.text);
    }
    let errors;
    try { errors = JSON.parse(answer.text).errors; } catch { /* a page, or nothing at all */ }
    if (answer.status === 401) {
      errors = items.map(() => "Unauthenticated.");
      sessionEnded();
    }
    const told = answer.status === 200 ? null : `Server responded with ${answer.status} code.`;
    errors ??= items.map(() => told);
    return items.map((item, n) => finish(item, errors[n])).every(Boolean);
  }

  const refused = ({ file }) => config.client_filter && !/\.(png|jpe?g|gif|mp4)$/i.test(file.name);

  async function send(items) {
    const format = adFormat;
    sending += 1;
    const ticking = setInterval(() => {
      busy.hidden = config.busy === "flicker" ? !busy.hidden : false;
    }, config.busy === "late" ? 300 : 90);
    if (config.busy !== "late") busy.hidden = false;
    const bad = items.filter(refused).map((item) => finish(item, "You can't upload this type."));
    const queue = items.filter((item) => !refused(item));
    let well = bad.length === 0;
    const worker = async () => {
      while (queue.length) {
        const next = queue.splice(0, config.together ? queue.length : 1);
        if (!await sendTogether(next, format)) well = false;
      }
    };
    await Promise.all(Array.from({ length: config.at_once }, worker));
    clearInterval(ticking);
    sending -= 1;
    busy.hidden = sending === 0;
    if (config.reload_after === "upload") reload();
    if (config.panel_close === "self" && well && sending === 0) close();
  }

  makeInput();
  find("#newImage").onclick = open;
  find(".greyButton", panel).onclick = () => input.click();
  find("[data-dismiss]", panel)?.addEventListener("click", close);
  if (config.panel_close === "escape") {
    addEventListener("keydown", (event) => { if (event.key === "Escape") close(); });
  }
}
