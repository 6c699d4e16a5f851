// The menu that holds the account's name, where it stands in a menu.

const button = document.getElementById("accountMenuButton");
const menu = document.getElementById("accountMenu");

button?.addEventListener("click", () => {
  menu.hidden = !menu.hidden;
  button.setAttribute("aria-expanded", String(!menu.hidden));
});
