"use strict";
// The library's tabs and list. Shared with panel.js: config, find, pause, ask, sessionEnded, reload.
const config = JSON.parse(document.getElementById("config").textContent);
const find = (selector, root = document) => root.querySelector(selector);
const pause = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));
const pageKey = crypto.randomUUID();

let adFormat = config.ad_format;
let pageNumber = 1;
let draw = 0;

const sectionOf = (format) => format.startsWith("native") ? "native" : format.replace(/_banner$/, "");
const nativeFormat = () => find("#native_rollover").checked ? "native_video" : "native_image";
const FORMATS = { static: "static_banner", video: "video_banner", in_stream_video: "in_stream_video" };
const formatOf = (section) => FORMATS[section] ?? nativeFormat();

// Resolves to { status, text }; status 0 when no answer came.
function ask(method, url, body) {
  if (config.transport === "fetch") {
    return fetch(url, { method, body, headers: { "X-Page": pageKey } })
      .then(async (answer) => ({ status: answer.status, text: await answer.text() }))
      .catch(() => ({ status: 0, text: "" }));
  }
  return new Promise((done) => {
    const request = new XMLHttpRequest();
    request.open(method, url);
    request.setRequestHeader("X-Page", pageKey);
    request.onload = () => done({ status: request.status, text: request.responseText });
    request.onerror = () => done({ status: 0, text: "" });
    request.send(body);
  });
}

function toast(text) {
  find("#toast").textContent = text;
  find("#toast").hidden = false;
}

function sessionEnded() {
  if (config.on_401 === "message") toast("Your session has expired.");
  if (config.on_401 === "navigate") location.reload();
}

const paneOf = (section) => find(config.panes === "single" ? "#libraryList" : `#${section}`);
const visiblePane = () => find("#libraryList, .tab-pane:not([hidden])");

function mark() {
  const chosen = sectionOf(adFormat);
  for (const tab of document.querySelectorAll("[role=tab]")) {
    const on = tab.id === `${chosen}_tab`;
    if (config.chosen_mark === "a") tab.classList.toggle("active", on);
    if (config.chosen_mark === "li") tab.parentElement.classList.toggle("active", on);
    if (config.chosen_mark === "aria") tab.setAttribute("aria-selected", String(on));
  }
  find("#nativeTypes").hidden = chosen !== "native";
}

function showWaiting() {
  const rows = find("[data-rows]", visiblePane());
  const shown = { loading_row: config.loading, empty_flash: config.empty, clear: "" };
  if (rows && config.while_loading !== "keep") rows.innerHTML = shown[config.while_loading];
}

const escapes = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
const escaped = (text) => text.replace(/[&<>"']/g, (sign) => escapes[sign]);
const card = (texts) => config.templates[adFormat]
  .replace(/\[\[(\w+)\]\]/g, (_, field) => escaped(texts[field]));

function show(answer) {
  const pane = paneOf(sectionOf(adFormat));
  if (config.list_data === "html") pane.innerHTML = answer.text;
  else {
    const { rows, pager } = JSON.parse(answer.text);
    find("[data-rows]", pane).innerHTML = rows.map(card).join("") || config.empty;
    find("[data-pager]", pane).innerHTML = pager;
  }
  for (const other of document.querySelectorAll(".tab-pane")) other.hidden = other !== pane;
}

function listFailed(status) {
  if (status === 401) return sessionEnded();
  const text = `Warning: the list could not be loaded (${status || "no answer"}).`;
  if (config.list_error === "alert") alert(text);
  if (config.list_error === "text") toast(text);
}

async function load(format, page) {
  const mine = ++draw;
  adFormat = format;
  pageNumber = page;
  mark();
  const waiting = setTimeout(showWaiting, config.linger_s * 1000);
  const [answer] = await Promise.all([
    ask("GET", `/ajax/library/${format}?p=${page}&_=${Date.now()}`), pause(config.linger_s),
  ]);
  clearTimeout(waiting);
  if (mine === draw && answer.status === 200) await pause(config.render_after_s);
  if (mine !== draw) return;
  if (answer.status !== 200) return listFailed(answer.status);
  try { show(answer); } catch (error) { listFailed(answer.status); }
}

function go(format, page = 1) {
  if (config.remember_tab) document.cookie = `library_tab=${format}; path=/`;
  if (config.tabs !== "query") return load(format, page);
  const kind = format === "native_video" ? 1 : 0;
  return location.assign(`/media-library?tab=${sectionOf(format)}&native_type=${kind}&p=${page}`);
}

const reload = () => load(adFormat, 1);

for (const tab of document.querySelectorAll("[role=tab]")) {
  const section = tab.id.replace(/_tab$/, "");
  tab.addEventListener("click", (event) => {
    if (config.tabs === "hash") return; // the address changes, and that is listened to
    event.preventDefault();
    if (section !== sectionOf(adFormat)) go(formatOf(section));
  });
}
for (const kind of document.querySelectorAll("[name=native_type]")) {
  kind.addEventListener("change", () => go(nativeFormat()));
}
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-page]");
  if (!link) return;
  event.preventDefault();
  if (link.getAttribute("aria-disabled") !== "true") go(adFormat, Number(link.dataset.page));
});
const hashSection = () => find(`${location.hash || "#none"}_tab`) && location.hash.slice(1);
if (config.tabs === "hash") {
  addEventListener("hashchange", () => {
    if (hashSection() && hashSection() !== sectionOf(adFormat)) go(formatOf(hashSection()));
  });
}

mark();
if (config.tabs === "hash" && hashSection() && hashSection() !== sectionOf(adFormat)) {
  load(formatOf(hashSection()), 1);
} else if (config.first_list === "xhr") {
  load(adFormat, Number(new URLSearchParams(location.search).get("p")) || 1);
}
