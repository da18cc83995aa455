// Mending passages by keyboard, and the page beside that follows. Without this file the same buttons are clicked.
"use strict";

const chunks = [...document.querySelectorAll("[data-chunk]")];
const viewer = document.querySelector("[data-viewer]");
const beside = matchMedia("(min-width: 1001px)"); // From here on pages and passages stand side by side.
let at = -1; // The one that the keys are for.

function stand(place) {
  chunks[Math.max(0, Math.min(place, chunks.length - 1))]?.focus();
}

// The original shows where the passage stands.
function follow(chunk) {
  if (!beside.matches) return;
  if (viewer) {
    const { first, last } = chunk.dataset;
    const quote = chunk.querySelector("[data-words]").textContent;
    viewer.dispatchEvent(new CustomEvent("place", { detail: { quote, first, last } }));
    return;
  }
  const number = chunk.id.replace("chunk-", "");
  for (const passage of document.querySelectorAll(".chunks-text .passage")) {
    passage.classList.toggle("passage-cited", passage.id === `original-${number}`);
  }
  const pane = document.querySelector(".chunks-text");
  const passage = document.getElementById(`original-${number}`);
  if (passage) pane.scrollTop += passage.getBoundingClientRect().top - pane.getBoundingClientRect().top - 24;
}

document.addEventListener("focusin", (event) => {
  const chunk = event.target.closest("[data-chunk]");
  const place = chunks.indexOf(chunk);
  if (!chunk || place === at) return;
  at = place;
  follow(chunk);
});

// What the key leads to: a button is clicked, a part that unfolds is unfolded and entered.
function press(key) {
  const scope = key === "u" ? document : chunks[at];
  const target = scope?.querySelector(`[data-key="${key}"]`);
  if (!target) return false;
  target.click();
  const unfolded = target.closest("details[open]");
  if (target.matches("summary")) unfolded?.querySelector("textarea, select")?.focus();
  return true;
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const open = event.target.closest("[data-chunk] details[open]");
  if (event.key === "Escape" && open) {
    open.open = false;
    stand(at);
    return;
  }
  if (event.target.closest("input, textarea, select, [data-viewer]")) return;
  if (event.key === "j" || event.key === "k") {
    event.preventDefault();
    stand(at < 0 ? 0 : at + (event.key === "j" ? 1 : -1));
  } else if (/^[esmxu]$/.test(event.key) && press(event.key)) {
    event.preventDefault();
  }
});

// A cut at the cursor, in characters as the server counts them. It cuts what is saved, so that unsaved words come first.
for (const button of document.querySelectorAll("[data-cut]")) {
  const { form } = button;
  const text = form.elements.text;
  const choices = form.querySelector("select[name=at]");
  const cut = document.createElement("button");
  Object.assign(cut, { type: "submit", name: "do", value: "split", hidden: true });
  form.append(cut);
  button.hidden = false;
  text.addEventListener("input", () => (button.disabled = text.value !== text.defaultValue));
  button.addEventListener("click", () => {
    const place = Object.assign(document.createElement("input"), { type: "hidden", name: "at" });
    place.value = [...text.value.slice(0, text.selectionStart)].length;
    choices?.remove();
    form.append(place);
    form.requestSubmit(cut);
  });
}

chunks.find((chunk) => `#${chunk.id}` === location.hash)?.focus();
