// A page of a campaign: the guide that may lie over it, the table of ads, and creating ads.

import "../menu.js";
import { AdsTable } from "./ads_table.js";
import { MassCreation } from "./csv.js";

function json(id) {
  const element = document.getElementById(id);
  return element && JSON.parse(element.textContent);
}

const guide = document.getElementById("pendo-base");
guide?.querySelector("._pendo-close-guide").addEventListener("click", () => {
  document.cookie = "guide_closed=1; path=/; samesite=lax";
  guide.remove();
});

const table = new AdsTable(json("adsTableSettings"));
const csvSettings = json("csvSettings");
if (csvSettings) new MassCreation(csvSettings, json("csvAddresses"), table);
