// The sign-in page: the cookie banner, and a captcha stand-in that enables the button.

const POLL_MILLISECONDS = 1000;

const banner = document.getElementById("cookieBanner");
const captcha = document.getElementById("captcha");
const button = document.getElementById("submitBtn");
const form = document.querySelector("form[data-captcha-token]");
const address = `/sign-in/captcha?token=${encodeURIComponent(form.dataset.captchaToken)}`;

if (banner) {
  banner.hidden = document.cookie.includes("cookies_accepted=1");
  document.getElementById("acceptCookies").addEventListener("click", () => {
    document.cookie = "cookies_accepted=1; path=/; max-age=31536000; samesite=lax";
    banner.hidden = true;
  });
}

function showSolved() {
  captcha.classList.add("solved");
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
  if (captcha.classList.contains("solved")) return;
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
