// A list box that is drawn with elements of its own, as a select2 does it.
// It behaves like the library of that name where the site shows it, and is no copy of it.

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

export class SelectTwo {
  constructor(select, name) {
    this.select = select;
    this.name = name;
    select.id = name;
    select.tabIndex = -1;
    select.setAttribute("aria-hidden", "true");
    select.classList.add("select2-hidden-accessible");
    const attributes = { class: "select2-selection__rendered", id: `select2-${name}-container` };
    this.rendered = make("span", { ...attributes, role: "textbox", "aria-readonly": "true" });
    this.selection = make(
      "span",
      {
        class: "select2-selection select2-selection--single",
        role: "combobox",
        "aria-haspopup": "true",
        "aria-expanded": "false",
        "aria-labelledby": `select2-${name}-container`,
        tabindex: "0",
      },
      this.rendered,
    );
    const container = make(
      "span",
      { class: "select2 select2-container", dir: "ltr" },
      make("span", { class: "selection" }, this.selection),
    );
    select.after(container);
    this.selection.addEventListener("click", (event) => {
      event.preventDefault();
      if (this.dropdown) this.close();
      else this.open();
    });
    this.selection.addEventListener("keydown", (event) => this.#press(event));
    document.addEventListener("click", (event) => {
      if (!container.contains(event.target) && !this.dropdown?.contains(event.target)) this.close();
    });
    select.addEventListener("change", () => this.#render());
    this.#render();
  }

  open() {
    const options = [...this.select.options].map((option) => {
      const chosen = option.value === this.select.value;
      const item = make(
        "li",
        {
          class: `select2-results__option${chosen ? " select2-results__option--highlighted" : ""}`,
          role: "option",
          "aria-selected": String(chosen),
        },
        option.text,
      );
      item.addEventListener("click", (event) => {
        event.preventDefault();
        this.close();
        this.select.value = option.value;
        this.select.dispatchEvent(new Event("change", { bubbles: true }));
      });
      return item;
    });
    const list = make(
      "ul",
      { class: "select2-results__options", role: "listbox", id: `select2-${this.name}-results` },
      ...options,
    );
    const results = make("span", { class: "select2-results" }, list);
    const inside = make("span", { class: "select2-dropdown select2-dropdown--below" }, results);
    this.dropdown = make("span", { class: "select2-container select2-container--open" }, inside);
    const place = this.selection.getBoundingClientRect();
    this.dropdown.style.position = "absolute";
    this.dropdown.style.left = `${place.left + window.scrollX}px`;
    this.dropdown.style.top = `${place.bottom + window.scrollY}px`;
    document.body.append(this.dropdown);
    this.selection.setAttribute("aria-expanded", "true");
  }

  close() {
    this.dropdown?.remove();
    this.dropdown = undefined;
    this.selection.setAttribute("aria-expanded", "false");
  }

  #press(event) {
    if (event.key === "Escape") this.close();
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    if (!this.dropdown) this.open();
  }

  #render() {
    const text = this.select.selectedOptions[0]?.text ?? "";
    this.rendered.textContent = text;
    this.rendered.title = text;
  }
}
