// Creating ads from a CSV: choosing the file, its check, the preview, and the confirmation.

function id(name) {
  return document.getElementById(name);
}

class Refused extends Error {
  constructor(message, issues) {
    super(message);
    this.issues = issues;
  }
}

export class MassCreation {
  #file;
  #preview;
  #round = 0;

  // settings: flow ("modal" or "button"), csv_sent, issues_in, csv_failure, confirm_says,
  // after_confirm; addresses: preview and confirm.
  constructor(settings, addresses, table) {
    this.settings = settings;
    this.addresses = addresses;
    this.table = table;
    this.input = id("massAdsCsv");
    this.modal = id("csvPreviewModal");
    this.previewButton = document.querySelector(".create-csv-preview-button");
    this.createButton = document.querySelector(".create-ads-from-csv-button");
    this.confirmButton = this.modal.querySelector("[data-confirm]");
    for (const radio of document.getElementsByName("ad_method")) {
      radio.addEventListener("change", () => {
        id("massCsv").hidden = radio.value !== "csv";
      });
    }
    // Choosing the same file once more has to count, too.
    this.input.addEventListener("click", () => {
      this.input.value = "";
    });
    this.input.addEventListener("change", () => this.#choose());
    this.previewButton.addEventListener("click", () => this.#showPreview());
    this.createButton.addEventListener("click", () => this.#confirm());
    this.confirmButton.addEventListener("click", () => this.#confirm());
    for (const closer of this.modal.querySelectorAll(".close, [data-cancel]")) {
      closer.addEventListener("click", () => this.#closeModal());
    }
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !this.modal.classList.contains("d-none")) this.#closeModal();
    });
    if (settings.flow === "button" && settings.csv_sent === "chosen") this.previewButton.remove();
  }

  async #choose() {
    this.#forget();
    [this.#file] = this.input.files;
    id("csvFileName").textContent = this.#file?.name ?? "";
    if (!this.#file) return;
    if (this.settings.csv_sent === "preview") this.previewButton.disabled = false;
    else if (await this.#check()) {
      this.previewButton.disabled = false;
      if (this.settings.flow === "button") this.#offerCreation(true);
    }
  }

  #forget() {
    this.#round += 1;
    this.#preview = undefined;
    this.previewButton.disabled = true;
    this.#offerCreation(false);
    id("csvIssues").hidden = true;
    id("csvDone").hidden = true;
  }

  #offerCreation(on) {
    this.createButton.classList.toggle("d-none", !on);
    this.createButton.disabled = false;
  }

  async #showPreview() {
    this.previewButton.disabled = true;
    const ready = this.#preview || (await this.#check());
    this.previewButton.disabled = false;
    if (!ready) return;
    if (this.settings.flow === "button") this.#offerCreation(true);
    else this.#openModal();
  }

  // Sends the file; returns whether there is a preview now. Of files chosen since, the last counts.
  async #check() {
    const round = this.#round;
    const form = new FormData();
    form.append("massAdsCsv", this.#file);
    const answer = await this.#ask(this.addresses.preview, form);
    if (!answer || round !== this.#round) return false;
    this.#preview = answer;
    return true;
  }

  #openModal() {
    const rows = this.#preview.rows.map((cells) => {
      const row = document.createElement("tr");
      for (const cell of cells) row.insertCell().textContent = cell;
      return row;
    });
    this.modal.querySelector("tbody").replaceChildren(...rows);
    id("csvPreviewCount").textContent = `${rows.length} ads will be created.`;
    this.confirmButton.disabled = false;
    this.confirmButton.hidden = false;
    this.createButton.classList.add("d-none");
    this.modal.classList.remove("d-none");
  }

  // What was not confirmed in the modal can be confirmed by the button in the page.
  #closeModal() {
    this.modal.classList.add("d-none");
    this.#offerCreation(Boolean(this.#preview));
  }

  async #confirm() {
    this.confirmButton.disabled = true;
    this.createButton.disabled = true;
    const body = JSON.stringify({ token: this.#preview.token });
    const answer = await this.#ask(this.addresses.confirm, body);
    this.confirmButton.disabled = false;
    this.createButton.disabled = false;
    if (answer) this.#finish();
  }

  #finish() {
    this.#forget();
    this.modal.classList.add("d-none");
    this.input.value = "";
    id("csvFileName").textContent = "";
    id("csvDone").hidden = !this.settings.confirm_says;
    if (this.settings.after_confirm === "table") this.table.reload();
    if (this.settings.after_confirm === "page") window.location.reload();
  }

  // Returns what is answered, or nothing if it fails; then the page tells, as its settings say.
  async #ask(address, body) {
    id("csvIssues").hidden = true;
    id("csvProcessing").classList.remove("d-none");
    try {
      const response = await fetch(address, { method: "POST", body });
      if (response.status === 422) {
        const { message, issues } = await response.json();
        throw new Refused(message, issues);
      }
      if (!response.ok) throw new Error(`The request was answered ${response.status}`);
      return await response.json();
    } catch (error) {
      if (error instanceof Refused) this.#tellIssues(error);
      else this.#tellFailure();
      return undefined;
    } finally {
      id("csvProcessing").classList.add("d-none");
    }
  }

  #tellIssues({ message, issues }) {
    const list = document.createElement("ul");
    for (const issue of issues) {
      const item = document.createElement("li");
      item.textContent = issue;
      list.append(item);
    }
    const head = document.createElement("p");
    head.textContent = message;
    const place = id("csvIssues");
    place.replaceChildren(head, list);
    place.hidden = false;
    if (this.settings.issues_in !== "modal") return;
    this.modal.querySelector("tbody").replaceChildren();
    id("csvPreviewCount").replaceChildren(...place.childNodes);
    place.hidden = true;
    this.confirmButton.hidden = true;
    this.modal.classList.remove("d-none");
  }

  #tellFailure() {
    if (this.settings.csv_failure === "message") {
      id("csvIssues").textContent = "Something went wrong. Please try again.";
      id("csvIssues").hidden = false;
    } else if (this.settings.csv_failure === "dialog") {
      window.alert("Something went wrong. Please try again.");
    }
  }
}
