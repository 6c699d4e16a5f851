// The menu that holds the account's name, where it stands in a menu.

import { find } from "./markup.js";

const button = find("#accountMenuButton");
const menu = find("#accountMenu");

button?.addEventListener("click", () => {
  menu.hidden = !menu.hidden;
  button.setAttribute("aria-expanded", String(!menu.hidden));
});
