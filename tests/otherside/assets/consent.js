"use strict";
{
  const banner = document.getElementById("consent");
  if (banner && document.cookie.includes("consent=all")) banner.remove();
  else if (banner) {
    banner.querySelector("button").onclick = () => {
      document.cookie = "consent=all; path=/";
      banner.remove();
    };
  }
}
