// Uploads as a Dropzone does them: a hidden file input, a preview for each file, a few requests at
// a time. It behaves like the library of that name where the site shows it, and is no copy of it.

import { address, className, find, mark, marked, option, say } from "./markup.js";

const UNITS = ["b", "KB", "MB", "GB"];

function readableSize(bytes) {
  let unit = 0;
  let size = bytes;
  while (size >= 1000 && unit < UNITS.length - 1) {
    size /= 1000;
    unit += 1;
  }
  return `${Number(size.toFixed(1))} ${UNITS[unit]}`;
}

export class Dropzone {
  #settings;
  #queue = [];
  #sending = 0;

  // events: target() gives the ad format for files chosen now; started(), finished(succeeded) and
  // queueEmpty() tell of the uploads.
  constructor(element, settings, events) {
    this.#settings = settings;
    this.element = element;
    this.events = events;
    this.previews = find("#previews", element);
    this.template = find("#previewTemplate");
    const browse = find(".smallButton", element);
    browse.addEventListener("click", (event) => {
      event.preventDefault();
      this.#browse();
    });
    browse.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      this.#browse();
    });
    element.addEventListener("dragover", (event) => {
      event.preventDefault();
      mark(element, "dz-drag-hover");
    });
    element.addEventListener("dragleave", () => mark(element, "dz-drag-hover", false));
    element.addEventListener("drop", (event) => {
      event.preventDefault();
      mark(element, "dz-drag-hover", false);
      this.#add([...event.dataTransfer.files]);
    });
    if (!option("inputOnDemand")) this.#makeInput();
  }

  get busy() {
    return this.#sending > 0 || this.#queue.length > 0;
  }

  clear() {
    this.previews.replaceChildren();
  }

  #browse() {
    if (option("inputOnDemand")) this.#makeInput();
    this.input.click();
  }

  #makeInput() {
    this.input?.remove();
    this.input = document.createElement("input");
    this.input.type = "file";
    this.input.multiple = true;
    this.input.className = className("dz-hidden-input");
    this.input.tabIndex = -1;
    this.input.setAttribute("aria-label", say("Files to upload"));
    const place = this.#settings.file_input_in === "panel" ? this.element : document.body;
    place.append(this.input);
    this.input.addEventListener("change", () => {
      const chosen = [...this.input.files];
      if (option("inputOnDemand")) this.input.remove();
      else this.#makeInput();
      this.#add(chosen);
    });
  }

  #add(files) {
    const { files_at_once: most, max_file_bytes: largest } = this.#settings;
    files.forEach((file, index) => {
      const preview = this.#makePreview(file);
      if (most && index >= most) this.#fail(preview, say("You can not upload any more files."));
      else if (file.size > largest) {
        this.#fail(preview, say("File is too big. The limit is {0}.", readableSize(largest)));
      } else this.#queue.push({ file, preview, adFormat: this.events.target() });
    });
    this.#process();
  }

  #makePreview(file) {
    const copy = this.template.content.cloneNode(true);
    const preview = find(".dz-preview", copy);
    find("[data-dz-name]", preview).textContent = file.name;
    find("[data-dz-size]", preview).textContent = readableSize(file.size);
    if (file.type.startsWith("image/")) {
      const picture = find("[data-dz-thumbnail]", preview);
      const address = URL.createObjectURL(file);
      picture.addEventListener("load", () => URL.revokeObjectURL(address));
      picture.addEventListener("error", () => URL.revokeObjectURL(address));
      picture.src = address;
      mark(preview, "dz-file-preview", false);
      mark(preview, "dz-image-preview");
    }
    this.previews.append(copy);
    return preview;
  }

  #process() {
    while (this.#queue.length && this.#sending < this.#settings.parallel_uploads) {
      this.#send(this.#queue.shift());
    }
  }

  #send({ file, preview, adFormat }) {
    this.#sending += 1;
    mark(preview, "dz-processing");
    this.events.started();

    const form = new FormData();
    form.append("ad_format", adFormat);
    form.append("page", this.#settings.page);
    form.append("name", file.name);
    form.append("file", file, file.name);

    const request = new XMLHttpRequest();
    request.open("POST", address("/media-library/upload"));
    request.timeout = this.#settings.upload_timeout_seconds * 1000;
    request.upload.addEventListener("progress", (event) => {
      const share = event.total ? (100 * event.loaded) / event.total : 100;
      find("[data-dz-uploadprogress]", preview).style.width = `${share}%`;
    });
    request.addEventListener("load", () => {
      if (request.status >= 200 && request.status < 300) this.#succeed(preview);
      else this.#fail(preview, this.#reason(request));
      this.#done(marked(preview, "dz-success"));
    });
    const broken = (reason) => () => {
      this.#fail(preview, reason);
      this.#done(false);
    };
    request.addEventListener("error", broken(say("Server responded with {0} code.", 0)));
    request.addEventListener(
      "timeout",
      broken(say("Request timedout after {0} seconds", this.#settings.upload_timeout_seconds)),
    );
    request.send(form);
  }

  #reason(request) {
    try {
      const { error } = JSON.parse(request.responseText);
      if (error) return error;
    } catch {
      // no JSON: the status has to do
    }
    return say("Server responded with {0} code.", request.status);
  }

  #succeed(preview) {
    mark(preview, "dz-success");
    mark(preview, "dz-complete");
  }

  #fail(preview, reason) {
    find("[data-dz-errormessage]", preview).textContent = reason;
    mark(preview, "dz-error");
    mark(preview, "dz-complete");
  }

  #done(succeeded) {
    this.#sending -= 1;
    this.events.finished(succeeded);
    this.#process();
    if (!this.busy) this.events.queueEmpty();
  }
}
