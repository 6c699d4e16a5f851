"use strict";
{
  const config = JSON.parse(document.getElementById("config").textContent);
  const form = document.getElementById("signIn");
  const button = document.getElementById("submitBtn");
  let nonce = config.nonce;

  const watch = async () => {
    if (!button.hasAttribute("disabled")) return;
    const { solved } = await (await fetch(`/captcha/${nonce}`)).json();
    if (solved) button.removeAttribute("disabled");
    else setTimeout(watch, 60);
  };
  watch();

  if (config.fetch) {
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      button.setAttribute("disabled", "");
      const headers = { Accept: "application/json" };
      const body = new FormData(form);
      const answer = await (await fetch("/sign-in", { method: "POST", headers, body })).json();
      if (answer.go) return location.assign(answer.go);
      document.getElementById("problem").textContent = answer.problem;
      form.elements.captcha.value = nonce = answer.nonce;
      return watch();
    });
  }
}
