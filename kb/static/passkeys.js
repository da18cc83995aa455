// Passkeys need a script, a browser that knows them, and a host name; without, the pages offer the other ways.
"use strict";

const ADDRESS = /^[\d.]+$|:/; // IPv4 or IPv6: a passkey cannot be bound to one (WebAuthn Level 3, 5.1.3).

if (window.PublicKeyCredential && !ADDRESS.test(location.hostname)) {
  for (const form of document.querySelectorAll("form[data-passkey]")) form.hidden = false;
  for (const told of document.querySelectorAll("[data-no-passkey]")) told.hidden = true;
}

document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  for (const told of document.querySelectorAll("[data-passkey-failed]")) told.hidden = false;
});
