// The table of ads, as a DataTable shows it: pages, their length, a search, and a line on the total.
// It behaves like the library of that name where the site shows it, and is no copy of it.

import { SelectTwo } from "./select2.js";

const LENGTHS = [10, 25, 50, 100];
const NEIGHBOURS = 1;
const SEARCH_MILLISECONDS = 200;

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

function id(name) {
  return document.getElementById(name);
}

export class AdsTable {
  #settings;
  #rows;
  #start = 0;
  #length;
  #search = "";
  #draw = 0;

  constructor(settings) {
    this.#settings = settings;
    this.#length = settings.per_page;
    this.#rows = settings.rows;
    this.head = id("adsTable").tHead;
    this.body = id("adsTable").tBodies[0];
    this.head.append(make("tr", {}, ...settings.columns.map((each) => make("th", {}, each.title))));
    this.#makeLengthControl();
    id("adsTable_paginate").addEventListener("click", (event) => this.#turn(event));
    let pause = 0;
    id("adsTable_filter").querySelector("input").addEventListener("input", (event) => {
      clearTimeout(pause);
      pause = setTimeout(() => {
        this.#search = event.target.value;
        this.#start = 0;
        this.#update();
      }, SEARCH_MILLISECONDS);
    });
    if (settings.mode === "server") this.#say("Loading...");
    this.#update();
  }

  // Asks for the ads anew; what stands there stays until they have come.
  async reload() {
    if (this.#settings.mode === "server") {
      await this.#update();
      return;
    }
    const answer = await this.#fetch({ start: 0, length: -1 });
    if (!answer) return;
    this.#rows = answer.data;
    this.#start = 0;
    this.#update();
  }

  async #update() {
    if (this.#settings.mode !== "server") {
      const wanted = this.#search.toLowerCase();
      const found = this.#rows.filter((row) => row.title.toLowerCase().includes(wanted));
      this.#show(found.slice(this.#start, this.#start + this.#length), found.length, this.#rows.length);
      return;
    }
    const query = { start: this.#start, length: this.#length, "search[value]": this.#search };
    const answer = await this.#fetch(query);
    if (answer) this.#show(answer.data, answer.recordsFiltered, answer.recordsTotal);
  }

  // Returns nothing if the request failed, or if a later one has overtaken it.
  async #fetch(query) {
    this.#draw += 1;
    const draw = this.#draw;
    id("adsTable_processing").hidden = false;
    let answer;
    let status = 0;
    try {
      const address = `${this.#settings.address}?${new URLSearchParams({ draw, ...query })}`;
      const response = await fetch(address);
      status = response.status;
      if (response.ok) answer = await response.json();
    } catch {
      // A connection that broke, or a page in place of JSON: told below, as any failure is.
    }
    if (draw !== this.#draw) return undefined;
    id("adsTable_processing").hidden = true;
    id("adsTable_message").hidden = true;
    if (!answer) this.#tell(status);
    return answer;
  }

  #tell(status) {
    const how = this.#settings.failure;
    if (how === "message") {
      id("adsTable_message").textContent = "The ads could not be loaded.";
      id("adsTable_message").hidden = false;
    } else if (how === "dialog") {
      window.alert("DataTables warning: table id=adsTable - Ajax error.");
    } else if (how === "sign_in" && status === 401) {
      window.location.assign("/sign-in");
    }
  }

  #show(rows, found, total) {
    id("adsTable_wrapper").hidden = total === 0 && this.#settings.none === "hidden";
    if (rows.length) this.body.replaceChildren(...rows.map((row, n) => this.#row(row, n)));
    else this.#say(this.#search ? "No matching records found" : "No data available in table");
    const first = rows.length ? this.#start + 1 : 0;
    const last = rows.length ? this.#start + rows.length : 0;
    const number = (value) => value.toLocaleString("en-US");
    const more = found === total ? "" : ` (filtered from ${number(total)} total entries)`;
    id("adsTable_info").textContent =
      `Showing ${number(first)} to ${number(last)} of ${number(found)} entries${more}`;
    this.#showPages(Math.max(1, Math.ceil(found / this.#length)));
  }

  #row(row, number) {
    const cells = this.#settings.columns.map(({ key, class: name }) => {
      const cell = make("td", { class: name });
      if (key === "checkbox") {
        cell.append(make("input", { type: "checkbox", class: "tableCheckbox", value: row.id }));
      } else if (key === "bid_status") {
        cell.append(make("div", { class: "campaignAdBidStatus" }, row.bid_status));
      } else if (key === "name") {
        cell.append(make("span", { title: row.title }, row.name));
      } else cell.append(row[key]);
      return cell;
    });
    return make("tr", { class: number % 2 ? "even" : "odd" }, ...cells);
  }

  #say(text) {
    const attributes = { class: "dataTables_empty", colspan: this.#settings.columns.length };
    this.body.replaceChildren(make("tr", { class: "odd" }, make("td", attributes, text)));
  }

  #showPages(last) {
    const page = Math.floor(this.#start / this.#length) + 1;
    const items = [this.#pageLink("Previous", page - 1, page <= 1)];
    let before = 0;
    for (let number = 1; number <= last; number += 1) {
      const shown = number === 1 || number === last || Math.abs(number - page) <= NEIGHBOURS;
      if (!shown) continue;
      if (number > before + 1) items.push(this.#pageLink("…", 0, true));
      items.push(this.#pageLink(String(number), number, false, number === page));
      before = number;
    }
    items.push(this.#pageLink("Next", page + 1, page >= last));
    id("adsTable_paginate").querySelector("ul").replaceChildren(...items);
  }

  #pageLink(text, page, disabled, active = false) {
    const marks = `${disabled ? " disabled" : ""}${active ? " active" : ""}`;
    const link = make("a", { class: "page-link", href: "#", "aria-controls": "adsTable" }, text);
    if (!disabled && !active) link.dataset.page = page;
    return make("li", { class: `paginate_button page-item${marks}` }, link);
  }

  #turn(event) {
    const link = event.target.closest(".page-link");
    if (!link) return;
    event.preventDefault();
    if (!link.dataset.page) return;
    this.#start = (Number(link.dataset.page) - 1) * this.#length;
    this.#update();
  }

  #makeLengthControl() {
    const how = this.#settings.length_control;
    if (how === "none") return;
    const options = LENGTHS.map((length) => make("option", { value: length }, String(length)));
    const select = make("select", { "aria-controls": "adsTable" }, ...options);
    select.value = String(this.#length);
    const label = make("label", {}, "Show ", select, " entries");
    id("adsTable_length").append(label);
    select.addEventListener("change", () => {
      this.#length = Number(select.value);
      this.#start = 0;
      this.#update();
    });
    if (how === "select2") new SelectTwo(select, "dt-length-1");
    else select.name = "adsTable_length";
  }
}
