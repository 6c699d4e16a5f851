// The list of creatives: tabs, pages, and a reload in the background that leaves the old cards
// standing until the new ones are there.

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
  #tab = "static";
  #nativeType = "0";
  #page = 1;
  #draw = 0;

  // onTarget() is called when another ad format has been chosen.
  constructor(settings, onTarget) {
    this.#settings = settings;
    this.onTarget = onTarget;
    this.loading = document.getElementById("creativesTable_processing");
    this.table = document.getElementById("creativesTable");
    this.message = document.getElementById("listMessage");
    this.nativeTypes = document.getElementById("nativeTypes");
    for (const tab of document.querySelectorAll("#libraryTabs a.tab")) {
      tab.addEventListener("click", (event) => {
        event.preventDefault();
        this.#chooseTab(tab);
      });
    }
    for (const radio of this.nativeTypes.querySelectorAll("input")) {
      radio.addEventListener("change", () => {
        this.#nativeType = radio.value;
        this.#changeTarget();
      });
    }
    document.getElementById("listFoot").addEventListener("click", (event) => {
      const link = event.target.closest("a.page-link");
      if (!link) return;
      event.preventDefault();
      if (link.dataset.page) this.#show(Number(link.dataset.page));
    });
  }

  // The ad format whose list is chosen, and its title.
  get target() {
    return AD_FORMATS[this.#tab === "native" ? `native${this.#nativeType}` : this.#tab];
  }

  #chooseTab(tab) {
    if (tab.dataset.tab === this.#tab) return;
    document.querySelector("#libraryTabs a.active").classList.remove("active");
    tab.classList.add("active");
    this.#tab = tab.dataset.tab;
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
    const response = await fetch(`/media-library/list?${query}`);
    if (!response.ok) throw new ListFailure(response.status);
    return response.json();
  }

  #replace(list) {
    this.message.hidden = true;
    this.table.tBodies[0].innerHTML = list.rows;
    document.getElementById("emptySign").innerHTML = list.sign;
    document.getElementById("listFoot").innerHTML = list.foot;
  }

  #showLoading(on) {
    this.loading.hidden = !on || this.#settings.loading_sign !== "spinner";
    this.table.classList.toggle("dimmed", on && this.#settings.loading_sign === "dimmed");
  }

  #tell(failure) {
    const how = this.#settings.list_failure;
    if (how === "message") {
      this.message.textContent = "The list could not be loaded.";
      this.message.hidden = false;
    } else if (how === "dialog") {
      window.alert("DataTables warning: table id=creativesTable - Ajax error.");
    } else if (how === "sign_in" && failure.status === 401) {
      window.location.assign("/sign-in");
    }
  }
}
