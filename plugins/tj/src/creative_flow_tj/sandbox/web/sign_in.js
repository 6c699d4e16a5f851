// The sign-in page: the cookie banner, and a captcha stand-in that enables the button.

import { find, mark, marked, read } from "./markup.js";

const POLL_MILLISECONDS = 1000;

const banner = find("#cookieBanner");
const captcha = find("#captcha");
const button = find("#submitBtn");
const form = find("[data-captcha-token]");
const address = `/sign-in/captcha?token=${encodeURIComponent(read(form, "data-captcha-token"))}`;

if (banner) {
  banner.hidden = document.cookie.includes("cookies_accepted=1");
  find("#acceptCookies").addEventListener("click", () => {
    document.cookie = "cookies_accepted=1; path=/; max-age=31536000; samesite=lax";
    banner.hidden = true;
  });
}

function showSolved() {
  mark(captcha, "solved");
  captcha.setAttribute("aria-checked", "true");
  button.removeAttribute("disabled");
}

async function ask(method) {
  try {
    const response = await fetch(address, { method });
    return response.ok && (await response.json()).solved;
  } catch {
    return false; // the sandbox may be restarting; the next poll asks again
  }
}

async function poll() {
  if (marked(captcha, "solved")) return;
  if (await ask("GET")) showSolved();
  else setTimeout(poll, POLL_MILLISECONDS);
}

async function solve() {
  if (await ask("POST")) showSolved();
}

if (captcha) {
  captcha.addEventListener("click", solve);
  captcha.addEventListener("keydown", (event) => {
    if (event.key === " " || event.key === "Enter") {
      event.preventDefault();
      solve();
    }
  });
  setTimeout(poll, POLL_MILLISECONDS);
}
