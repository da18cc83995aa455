// Reviewing by keyboard. Without this file the same buttons are clicked.
"use strict";

const items = [...document.querySelectorAll("[data-review]")];
let place = Math.max(0, items.findIndex((item) => `#${item.id}` === location.hash));

function stand(at) {
  place = Math.max(0, Math.min(at, items.length - 1));
  items[place]?.focus();
}

// After a decision the address names where the decided one stood; the last one of a page may be gone.
if (location.hash.startsWith("#at-")) {
  const wanted = Number(location.hash.slice(4)) - 1;
  stand(Number.isNaN(wanted) ? 0 : wanted);
}

document.addEventListener("focusin", (event) => {
  const item = event.target.closest("[data-review]");
  if (item) place = items.indexOf(item);
});

// A laxer label needs a reason: the key leads to it, and Enter there decides.
function choose(item, key) {
  const button = item.querySelector(`[data-key="${key}"]`);
  if (!button) return;
  const reason = item.querySelector("[name=reason]");
  if ("laxer" in button.dataset && !reason.value.trim()) {
    reason.dataset.choice = key;
    reason.focus();
  } else {
    button.click();
  }
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const item = items[place];
  if (event.target.matches("[name=reason][data-choice]")) {
    if (event.key === "Enter") {
      event.preventDefault();
      if (event.target.value.trim()) choose(item, event.target.dataset.choice);
    } else if (event.key === "Escape") {
      delete event.target.dataset.choice;
      stand(place);
    }
    return;
  }
  const busy = event.target.closest("input, textarea, select");
  if (busy && busy.type !== "checkbox") return;
  const key = event.key === "Enter" && event.target === item ? "c" : event.key;
  if (key === "j" || key === "k") {
    event.preventDefault();
    stand(place + (document.activeElement?.closest("[data-review]") ? (key === "j" ? 1 : -1) : 0));
  } else if (key === "u") {
    document.querySelector('[data-key="u"]')?.click();
  } else if (key === "x" && item) {
    item.querySelector("[type=checkbox]").click();
  } else if (/^[c1-4]$/.test(key) && item) {
    event.preventDefault();
    choose(item, key);
  }
});
