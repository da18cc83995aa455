// The upload page: files are chosen, told apart, sent in parts, and followed. Without this file the form sends them whole.

import { chosen, dropped, refused } from "./folders.mjs";
import { follow } from "./row.mjs";
import { Queue, Sending } from "./sending.mjs";
import { bytes, duration, say } from "./units.mjs";

const MOST_NAMED = 20;
const DRAWN = 500; // Milliseconds between two looks at the progress.
const TOLD = 15_000; // Milliseconds between two sentences for screen readers.

const page = document.querySelector("[data-upload]");
const form = page.querySelector("form");
const part = (name) => page.querySelector(`[data-${name}]`);

/* --- The server --- */

const site = {
  token: form.elements.csrfmiddlewaretoken.value,

  async post(address, fields) {
    const body = new URLSearchParams(fields);
    return fetch(address, { method: "POST", body, headers: { "X-CSRFToken": this.token } });
  },
};

/* --- What was chosen --- */

let waiting = []; // { file, path } that the form has still to send.

const rules = { limit: Number(page.dataset.limit), extensions: new Set(page.dataset.extensions.split(" ")) };

function take(files) {
  const resumed = files.filter((each) => resume(each));
  const others = files.filter((each) => !resumed.includes(each));
  const left = others.filter((each) => refused(each, rules));
  const known = new Set(waiting.map(({ path }) => path));
  waiting.push(...others.filter((each) => !refused(each, rules) && !known.has(each.path)));
  showChosen();
  showLeft(left);
}

function showChosen() {
  const size = waiting.reduce((sum, { file }) => sum + file.size, 0);
  const chosenElement = part("chosen");
  chosenElement.hidden = !waiting.length;
  const text = waiting.length === 1 ? chosenElement.dataset.one : chosenElement.dataset.many;
  part("chosen-count").textContent = say(text, { count: waiting.length.toLocaleString(), size: bytes(size) });
  list(part("chosen-names"), waiting.map(({ path }) => path));
}

function showLeft(left) {
  const leftElement = part("left");
  leftElement.hidden = !left.length;
  list(
    part("left-names"),
    left.map((each) => say(leftElement.dataset[refused(each, rules)], { path: each.path })),
  );
}

function list(element, texts) {
  const shown = texts.slice(0, MOST_NAMED);
  if (texts.length > shown.length) {
    shown.push(say(page.dataset.more, { count: (texts.length - shown.length).toLocaleString() }));
  }
  element.replaceChildren(...shown.map((text) => Object.assign(document.createElement("li"), { textContent: text })));
}

for (const input of page.querySelectorAll("[data-drop] input[type=file]")) {
  input.addEventListener("change", () => {
    take(chosen(input.files));
    input.value = "";
  });
}

const drop = part("drop");
for (const name of ["dragover", "dragleave", "drop"]) {
  drop.addEventListener(name, (event) => {
    event.preventDefault();
    drop.classList.toggle("is-over", name === "dragover");
    if (name === "drop") dropped(event.dataTransfer).then(take);
  });
}

part("clear").addEventListener("click", () => {
  waiting = [];
  showChosen();
  form.querySelector("input[type=file]").focus();
});

/* --- What an earlier visit did not finish --- */

function resume({ file, path }) {
  const row = [...page.querySelectorAll("[data-unfinished]")].find(
    ({ dataset }) =>
      dataset.path === path &&
      Number(dataset.size) === file.size &&
      modified(dataset.metadata) === String(file.lastModified),
  );
  if (!row) return false;
  row.remove();
  part("unfinished-all").hidden = !page.querySelector("[data-unfinished]");
  send([{ file, path }], { files: row.dataset.files, url: row.dataset.url });
  return true;
}

function modified(metadata) {
  const pairs = metadata.split(",").map((pair) => pair.trim().split(" "));
  const found = pairs.find(([key]) => key === "modified");
  return found ? atob(found[1]) : "";
}

page.addEventListener("click", async (event) => {
  const row = event.target.closest("[data-forget]")?.closest("[data-unfinished]");
  if (!row) return;
  await window.tus.Upload.terminate(row.dataset.url, { headers: { "X-CSRFToken": site.token } });
  row.remove();
  part("unfinished-all").hidden = !page.querySelector("[data-unfinished]");
});

/* --- Sending --- */

const queue = new Queue();

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  showErrors(waiting.length ? {} : { documents: page.dataset.nothing });
  if (!waiting.length) return;
  const button = form.querySelector("[type=submit]");
  button.disabled = true;
  try {
    await begin();
  } catch {
    showErrors({ __all__: page.dataset.unreachable });
  } finally {
    button.disabled = false;
  }
});

// Makes the batch, and sends all that was chosen as its files. The reply has its addresses: { files, known, page }.
async function begin() {
  const { documents, ...said } = Object.fromEntries(new FormData(form));
  const about = { ...said, first: waiting[0].path, count: waiting.length };
  const response = await site.post(page.dataset.begin, about);
  if (response.redirected) location.reload(); // The session has ended.
  const reply = await response.json();
  if (!response.ok) {
    showErrors(reply.errors);
    return;
  }
  part("batch").href = reply.page;
  send(waiting, reply);
  waiting = [];
  showChosen();
  showLeft([]);
}

function showErrors(errors) {
  for (const place of form.querySelectorAll("[data-error]")) {
    place.textContent = errors[place.dataset.error] ?? "";
    place.hidden = !place.textContent;
  }
  form.querySelector("[data-error]:not([hidden])")?.scrollIntoView({ block: "nearest" });
}

function send(files, target) {
  for (const each of files) {
    const sending = new Sending(each, target, site);
    follow(sending, part("rows"), part("row"));
    queue.add(sending);
  }
  part("sending").hidden = false;
  part("batch").hidden = !part("batch").hasAttribute("href");
  queue.advance();
  watch();
}

for (const button of page.querySelectorAll("[data-all]")) {
  button.addEventListener("click", () => queue[button.dataset.all]());
}

/* --- How far all of them are --- */

let timer = 0;
let told = 0; // When the last sentence was said.
let done = 0; // Files.

function watch() {
  timer ||= setInterval(show, DRAWN);
  show();
}

function show() {
  const progress = queue.progress();
  const text = sentence(progress);
  part("summary").textContent = text;
  part("total").value = progress.size ? progress.sent / progress.size : 1;
  const { settled, paused } = queue;
  for (const [name, fits] of Object.entries({ pause: !paused, resume: paused, cancel: true })) {
    page.querySelector(`[data-all=${name}]`).hidden = settled || !fits;
  }
  if (progress.done !== done) htmx.trigger(document.body, "uploaded");
  done = progress.done;
  if (settled || performance.now() - told > TOLD) {
    part("told").textContent = text;
    told = performance.now();
  }
  if (settled) {
    clearInterval(timer);
    timer = 0;
  }
}

function sentence({ files, done, failed, size, sent, seconds }) {
  const values = {
    done: done.toLocaleString(),
    files: files.toLocaleString(),
    failed: failed.toLocaleString(),
    sent: bytes(sent),
    size: bytes(size),
    left: seconds === null ? "" : duration(seconds),
  };
  const { counted, moved, remaining, unsent } = part("summary").dataset;
  const parts = [counted, moved];
  if (failed) parts.push(unsent);
  if (!queue.settled && seconds !== null) parts.push(remaining);
  return parts.map((text) => say(text, values)).join(" · ");
}

window.addEventListener("beforeunload", (event) => {
  if (!queue.settled) event.preventDefault();
});

// From here on this file sends, and the form only says where to.
page.classList.add("is-scripted");
form.elements.documents.required = false;
for (const element of page.querySelectorAll("[data-scripted]")) element.hidden = false;
