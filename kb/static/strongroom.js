// Every page works without this file. It makes some of them quicker.
"use strict";

const SKELETON_AFTER = 200; // Milliseconds: what comes sooner needs no placeholder.

/* --- Asking: the page follows the answer while it is being written. --- */

function followAnswer(article) {
  const live = article.querySelector(".live");
  const text = live.querySelector(".prose-live");
  const sources = article.querySelector(".sources");
  const timer = setTimeout(() => live.classList.add("is-slow"), SKELETON_AFTER);
  article.querySelector(".write").hidden = true;
  live.hidden = false;

  const stream = new EventSource(article.dataset.stream);
  article.removeAttribute("data-stream");
  const finish = () => {
    clearTimeout(timer);
    stream.close();
  };
  stream.addEventListener("sources", (event) => {
    // Sources that come again mean that the text begins anew.
    text.textContent = "";
    sources.innerHTML = event.data;
  });
  stream.addEventListener("token", (event) => {
    clearTimeout(timer);
    live.classList.add("is-writing");
    text.textContent += event.data;
  });
  stream.addEventListener("progress", (event) => {
    clearTimeout(timer);
    swap(event.data);
  });
  stream.addEventListener("finished", (event) => {
    finish();
    swap(event.data);
  });
  stream.onerror = () => {
    // A connection that broke is made again by the browser, which says how far it had come.
    if (stream.readyState !== EventSource.CLOSED) return;
    finish();
    fetch(article.dataset.answer)
      .then((response) => (response.ok && !response.redirected ? response.text() : Promise.reject(response.status)))
      .then(swap)
      .catch(() => location.reload());
  };
}

// Each fragment takes the place of the element with its id.
function swap(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  for (const fresh of [...template.content.children]) {
    document.getElementById(fresh.id)?.replaceWith(fresh);
    htmx.process(fresh);
  }
}

document.addEventListener("submit", (event) => {
  if (event.target.matches("[data-follow]")) event.target.elements.follow.value = "1";
});

// An answer that is being written, on the page from the beginning or put there by htmx.
function followAnswers() {
  for (const article of document.querySelectorAll("[data-stream]")) followAnswer(article);
}

document.addEventListener("htmx:afterSettle", followAnswers);
followAnswers();

/* --- A number and its source light up together. --- */

function light(event, on) {
  const marked = event.target.closest?.("[data-marker]");
  if (!marked) return;
  const twins = marked.closest(".answer")?.querySelectorAll(`[data-marker="${marked.dataset.marker}"]`) ?? [];
  for (const twin of twins) twin.classList.toggle("lit", on);
}

for (const [name, on] of [["mouseover", true], ["mouseout", false], ["focusin", true], ["focusout", false]]) {
  document.addEventListener(name, (event) => light(event, on));
}

/* --- Keyboard: “/” goes to the search, Enter asks, Escape closes a menu. --- */

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select");
  if (event.key === "/" && !typing) {
    const search = document.querySelector('[data-shortcut="/"]');
    if (search?.offsetParent) {
      event.preventDefault();
      search.focus();
    }
  } else if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.target.matches(".ask-form textarea")) {
    event.preventDefault();
    event.target.form.requestSubmit();
  } else if (event.key === "Escape") {
    for (const menu of document.querySelectorAll(".menu[open]")) menu.open = false;
  }
});

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll(".menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

/* --- Results: arrows, or j and k, go from one to the next; Escape goes back to the field. --- */

const STEPS = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 };

document.addEventListener("keydown", (event) => {
  const field = document.querySelector(".page-search #q");
  if (!field || event.ctrlKey || event.metaKey || event.altKey) return;
  const results = [...document.querySelectorAll("[data-result]")].filter((link) => link.checkVisibility());
  const place = results.indexOf(document.activeElement);
  if (event.key === "Escape" && place >= 0) {
    field.focus();
  } else if (event.key in STEPS && mayWalk(event, field, place)) {
    event.preventDefault();
    const next = Math.min(place + STEPS[event.key], results.length - 1);
    (results[next] ?? field).focus();
  }
});

// Letters belong to whoever is typing, and arrows scroll the page unless they begin at the field or a result.
function mayWalk(event, field, place) {
  if (event.key.length === 1) return !event.target.closest("input, textarea, select");
  return place >= 0 || event.target === field;
}

// A search of which a result is opened was meant, also if it was never sent off with Enter.
document.addEventListener("click", (event) => {
  const form = document.getElementById("remember");
  if (form && event.target.closest("[data-result]")) navigator.sendBeacon(form.action, new FormData(form));
});

/* --- The cited words come into view. --- */

addEventListener("load", () => {
  document.querySelector(".passage-cited mark")?.scrollIntoView({ block: "center" });
});

/* --- Fragments --- */

// What a fragment asks about may have gone, or the session may have: the whole page says which.
document.addEventListener("htmx:responseError", (event) => {
  if ([403, 404].includes(event.detail.xhr.status)) location.reload();
});

// --- Lists of which some are chosen ---

for (const all of document.querySelectorAll("[data-select-all]")) {
  all.hidden = false;
  all.addEventListener("click", () => {
    const boxes = [...all.form.elements].filter((element) => element.type === "checkbox");
    const on = boxes.some((box) => !box.checked);
    for (const box of boxes) box.checked = on;
  });
}

// --- What is shown once ---

for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
    button.textContent = button.dataset.copied;
  });
}
