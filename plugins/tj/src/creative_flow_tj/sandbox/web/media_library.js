// The media library: its list, its upload panel, and how the one follows the other.

import "./menu.js";
import { Dropzone } from "./dropzone.js";
import { CreativeList } from "./list.js";
import { find, say } from "./markup.js";

const settings = JSON.parse(find("#pageSettings").textContent);
const list = new CreativeList(settings, showTarget);

const panel = find("#uploadPanel");
const busyMessage = find(".processingMessage", panel);
let busyTimer = 0;

// How long the message is gone between two files if it comes and goes with each.
const GAP_MILLISECONDS = 60;

const dropzone = new Dropzone(find("#dropzone"), settings, {
  target: () => list.target[0],
  started() {
    clearTimeout(busyTimer);
    if (settings.busy_message === "steady") showBusy(true);
    if (settings.busy_message === "per_file") {
      busyTimer = setTimeout(() => showBusy(true), GAP_MILLISECONDS);
    }
  },
  finished(succeeded) {
    if (settings.busy_message === "per_file") {
      clearTimeout(busyTimer);
      showBusy(false);
    }
    if (succeeded && settings.list_refresh === "each_success") list.reload();
  },
  queueEmpty() {
    busyTimer = setTimeout(() => {
      showBusy(false);
      if (settings.list_refresh === "queue_complete") list.reload();
    }, settings.batch_seconds * 1000);
  },
});

function showBusy(on) {
  busyMessage.hidden = !on;
}

function showTarget() {
  find("#uploadTarget").textContent = say(list.target[1]);
}

function openPanel() {
  showTarget();
  if (!settings.previews_kept && !dropzone.busy) dropzone.clear();
  panel.hidden = false;
}

function closePanel() {
  panel.hidden = true;
  if (settings.list_refresh === "panel_closed") list.reload();
}

find("#newImage").addEventListener("click", openPanel);
find(".close", panel).addEventListener("click", closePanel);
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && settings.panel_close === "escape" && !panel.hidden) closePanel();
});

if (settings.first_list === "background") list.reload();
