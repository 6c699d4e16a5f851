// The list of creatives: tabs, pages, and a reload in the background that leaves the old cards
// standing until the new ones are there.

import { address, closest, find, findAll, mark, marked, read, say } from "./markup.js";

const AD_FORMATS = {
  static: ["static_banner", "Static Banner"],
  video: ["video_banner", "Video Banner"],
  in_stream_video: ["in_stream_video", "In-Stream Video"],
  native0: ["native_image", "Native, Static Banner"],
  native1: ["native_video", "Native, Rollover"],
};

class ListFailure extends Error {
  constructor(status) {
    super(`The list request was answered ${status}`);
    this.status = status;
  }
}

export class CreativeList {
  #settings;
  #tab;
  #nativeType;
  #page = 1;
  #draw = 0;

  // onTarget() is called when another ad format has been chosen.
  constructor(settings, onTarget) {
    this.#settings = settings;
    this.onTarget = onTarget;
    this.loading = find("#creativesTable_processing");
    this.table = find("#creativesTable");
    this.rows = this.table.tBodies?.[0] ?? this.table;
    this.message = find("#listMessage");
    this.nativeTypes = find("#nativeTypes");
    this.tabs = findAll("#libraryTabs .tab");
    for (const tab of this.tabs) {
      tab.addEventListener("click", (event) => {
        event.preventDefault();
        this.#chooseTab(tab);
      });
    }
    this.#tab = read(this.tabs.find((tab) => marked(tab, "active")), "data-tab");
    this.#nativeType = this.nativeTypes.querySelector("input:checked, select").value;
    this.nativeTypes.addEventListener("change", (event) => {
      this.#nativeType = event.target.value;
      this.#changeTarget();
    });
    find("#listFoot").addEventListener("click", (event) => {
      const link = closest(event.target, ".page-link");
      if (!link) return;
      event.preventDefault();
      const page = read(link, "data-page");
      if (page) this.#show(Number(page));
    });
  }

  // The ad format whose list is chosen, and its title.
  get target() {
    return AD_FORMATS[this.#tab === "native" ? `native${this.#nativeType}` : this.#tab];
  }

  #chooseTab(tab) {
    if (read(tab, "data-tab") === this.#tab) return;
    for (const each of this.tabs) {
      mark(each, "active", each === tab);
      if (each.ariaSelected) each.ariaSelected = String(each === tab);
    }
    this.#tab = read(tab, "data-tab");
    this.nativeTypes.hidden = this.#tab !== "native";
    this.#changeTarget();
  }

  #changeTarget() {
    this.onTarget();
    this.#show(1);
  }

  #show(page) {
    this.#page = page;
    this.reload();
  }

  async reload() {
    this.#draw += 1;
    const draw = this.#draw;
    this.#showLoading(true);
    let list;
    let failure;
    try {
      list = await this.#fetch();
    } catch (error) {
      failure = error;
    }
    // An answer that a later request has overtaken is dropped.
    if (draw !== this.#draw) return;
    this.#showLoading(false);
    if (failure) this.#tell(failure);
    else this.#replace(list);
  }

  async #fetch() {
    const query = new URLSearchParams({ ad_format: this.target[0], page: this.#page });
    const response = await fetch(`${address("/media-library/list")}?${query}`);
    if (!response.ok) throw new ListFailure(response.status);
    return response.json();
  }

  #replace(list) {
    this.message.hidden = true;
    this.rows.innerHTML = list.rows;
    find("#emptySign").innerHTML = list.sign;
    find("#listFoot").innerHTML = list.foot;
  }

  #showLoading(on) {
    this.loading.hidden = !on || this.#settings.loading_sign !== "spinner";
    mark(this.table, "dimmed", on && this.#settings.loading_sign === "dimmed");
  }

  #tell(failure) {
    const how = this.#settings.list_failure;
    if (how === "message") {
      this.message.textContent = say("The list could not be loaded.");
      this.message.hidden = false;
    } else if (how === "dialog") {
      window.alert("DataTables warning: table id=creativesTable - Ajax error.");
    } else if (how === "sign_in" && failure.status === 401) {
      window.location.assign(address("/sign-in"));
    }
  }
}
