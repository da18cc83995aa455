// Passkeys need a script and a browser that knows them; without, the pages offer the other ways.
"use strict";

if (window.PublicKeyCredential) {
  for (const form of document.querySelectorAll("form[data-passkey]")) form.hidden = false;
}

document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  for (const told of document.querySelectorAll("[data-passkey-failed]")) told.hidden = false;
});
