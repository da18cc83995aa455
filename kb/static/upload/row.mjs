// The row of one file in the list of those that are sent.

import { bytes, say } from "./units.mjs";

const MOST_ROWS = 200; // More files are only counted until it is their turn.

// Shows the file in `list`, by clones of `template`, for as long as there is something to see of it.
export function follow(sending, list, template) {
  let element = null;
  const draw = () => {
    const { state, over } = sending;
    const many = list.children.length >= MOST_ROWS;
    if (state === "cancelled" || (over && many)) {
      element?.remove();
    } else if (element || state !== "waiting" || !many) {
      element ??= list.appendChild(made(sending, template));
      fill(element, sending, list.dataset);
    }
  };
  sending.addEventListener("change", draw);
  draw();
}

function made(sending, template) {
  const element = template.content.firstElementChild.cloneNode(true);
  element.querySelector("[data-path]").textContent = sending.path;
  element.querySelector("progress").setAttribute("aria-label", sending.path);
  for (const button of element.querySelectorAll("[data-do]")) {
    button.querySelector(".hidden").textContent = sending.path;
    button.addEventListener("click", () => act(button.dataset.do, sending, element));
  }
  return element;
}

function fill(element, { state, sent, file, failure, known }, texts) {
  for (const each of element.querySelectorAll("[data-when]")) {
    each.hidden = !each.dataset.when.split(" ").includes(state);
  }
  element.dataset.state = state;
  element.querySelector("progress").value = file.size ? sent / file.size : 1;
  element.querySelector("[data-bytes]").textContent = say(texts.of, { sent: bytes(sent), size: bytes(file.size) });
  const unexplained = state === "failed" ? texts.refused : "";
  element.querySelector("[data-failure]").textContent = failure || unexplained;
  if (known) {
    const link = element.querySelector("[data-document]");
    link.textContent = known.title;
    link.href = known.address;
  }
}

function act(verb, sending, element) {
  if (verb === "cancel") {
    // The keyboard goes on with the next file.
    const next = element.nextElementSibling ?? element.previousElementSibling;
    next?.querySelector("[data-do]:not([hidden])")?.focus();
  }
  sending[verb]();
}
