// Uploads as a Dropzone does them: a hidden file input, a preview for each file, a few requests at
// a time. It behaves like the library of that name where the site shows it, and is no copy of it.

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
    this.previews = element.querySelector("#previews");
    this.template = document.getElementById("previewTemplate");
    const browse = element.querySelector("span.smallButton");
    browse.addEventListener("click", () => this.input.click());
    browse.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") this.input.click();
    });
    element.addEventListener("dragover", (event) => {
      event.preventDefault();
      element.classList.add("dz-drag-hover");
    });
    element.addEventListener("dragleave", () => element.classList.remove("dz-drag-hover"));
    element.addEventListener("drop", (event) => {
      event.preventDefault();
      element.classList.remove("dz-drag-hover");
      this.#add([...event.dataTransfer.files]);
    });
    this.#makeInput();
  }

  get busy() {
    return this.#sending > 0 || this.#queue.length > 0;
  }

  clear() {
    this.previews.replaceChildren();
  }

  #makeInput() {
    this.input?.remove();
    this.input = document.createElement("input");
    this.input.type = "file";
    this.input.multiple = true;
    this.input.className = "dz-hidden-input";
    this.input.tabIndex = -1;
    this.input.setAttribute("aria-label", "Files to upload");
    const place = this.#settings.file_input_in === "panel" ? this.element : document.body;
    place.append(this.input);
    this.input.addEventListener("change", () => {
      const chosen = [...this.input.files];
      this.#makeInput();
      this.#add(chosen);
    });
  }

  #add(files) {
    const { files_at_once: most, max_file_bytes: largest } = this.#settings;
    files.forEach((file, index) => {
      const preview = this.#makePreview(file);
      if (most && index >= most) this.#fail(preview, "You can not upload any more files.");
      else if (file.size > largest) {
        this.#fail(preview, `File is too big. The limit is ${readableSize(largest)}.`);
      } else this.#queue.push({ file, preview, adFormat: this.events.target() });
    });
    this.#process();
  }

  #makePreview(file) {
    const preview = this.template.content.firstElementChild.cloneNode(true);
    preview.querySelector("[data-dz-name]").textContent = file.name;
    preview.querySelector("[data-dz-size]").textContent = readableSize(file.size);
    if (file.type.startsWith("image/")) {
      const picture = preview.querySelector("[data-dz-thumbnail]");
      const address = URL.createObjectURL(file);
      picture.addEventListener("load", () => URL.revokeObjectURL(address));
      picture.addEventListener("error", () => URL.revokeObjectURL(address));
      picture.src = address;
      preview.classList.replace("dz-file-preview", "dz-image-preview");
    }
    this.previews.append(preview);
    return preview;
  }

  #process() {
    while (this.#queue.length && this.#sending < this.#settings.parallel_uploads) {
      this.#send(this.#queue.shift());
    }
  }

  #send({ file, preview, adFormat }) {
    this.#sending += 1;
    preview.classList.add("dz-processing");
    this.events.started();

    const form = new FormData();
    form.append("ad_format", adFormat);
    form.append("page", this.#settings.page);
    form.append("name", file.name);
    form.append("file", file, file.name);

    const request = new XMLHttpRequest();
    request.open("POST", "/media-library/upload");
    request.timeout = this.#settings.upload_timeout_seconds * 1000;
    request.upload.addEventListener("progress", (event) => {
      const share = event.total ? (100 * event.loaded) / event.total : 100;
      preview.querySelector("[data-dz-uploadprogress]").style.width = `${share}%`;
    });
    request.addEventListener("load", () => {
      if (request.status >= 200 && request.status < 300) this.#succeed(preview);
      else this.#fail(preview, this.#reason(request));
      this.#done(preview.classList.contains("dz-success"));
    });
    const broken = (reason) => () => {
      this.#fail(preview, reason);
      this.#done(false);
    };
    request.addEventListener("error", broken("Server responded with 0 code."));
    request.addEventListener(
      "timeout",
      broken(`Request timedout after ${this.#settings.upload_timeout_seconds} seconds`),
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
    return `Server responded with ${request.status} code.`;
  }

  #succeed(preview) {
    preview.classList.add("dz-success", "dz-complete");
  }

  #fail(preview, reason) {
    preview.querySelector("[data-dz-errormessage]").textContent = reason;
    preview.classList.add("dz-error", "dz-complete");
  }

  #done(succeeded) {
    this.#sending -= 1;
    this.events.finished(succeeded);
    this.#process();
    if (!this.busy) this.events.queueEmpty();
  }
}
