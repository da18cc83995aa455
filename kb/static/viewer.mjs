// The pages of a PDF: each is drawn when it comes near, with the quote marked on it.

import { getDocument, GlobalWorkerOptions, RenderingCancelledException, TextLayer } from "./vendor/pdfjs/pdf.min.mjs";
import { find } from "./quote.mjs";

const VENDOR = new URL("./vendor/pdfjs/", import.meta.url).href;
const PIECE = 2 ** 18; // Bytes of the file that are asked for at once.
const SHARPEST = 2; // Pixels of a canvas for each of the page's: more costs memory and shows nothing.
const ZOOM = 1.25;
const [SMALLEST, LARGEST] = [0.5, 4]; // Times the width that is there.

GlobalWorkerOptions.workerSrc = `${VENDOR}pdf.worker.min.mjs`;

const viewer = document.querySelector("[data-viewer]");
const sheetsElement = viewer.querySelector("[data-sheets]");
const field = viewer.querySelector("[data-page]");

/* --- One page --- */

class Sheet {
  #pdf;
  #drawing = null;
  #rendering = null;
  #round = 0; // Of being drawn and let go.
  #texts = []; // The elements of its text layer, while it is drawn.
  marks = []; // Of its texts: { text, start, end }.

  constructor(pdf, number, shape) {
    this.#pdf = pdf;
    this.number = number;
    this.element = Object.assign(document.createElement("div"), { className: "sheet" });
    this.element.style.aspectRatio = shape;
  }

  async page() {
    return this.#pdf.getPage(this.number);
  }

  async texts() {
    const content = await (await this.page()).getTextContent();
    return content.items.filter((item) => item.str !== undefined).map((item) => item.str);
  }

  // Does nothing when it is drawn already.
  draw() {
    this.#drawing ??= this.#draw().catch((error) => {
      if (!(error instanceof RenderingCancelledException)) throw error;
    });
    return this.#drawing;
  }

  async #draw() {
    const round = this.#round;
    const page = await this.page();
    const content = await page.getTextContent();
    if (round !== this.#round) return;
    const size = page.getViewport({ scale: 1 });
    this.element.style.aspectRatio = shapeOf(size);
    const viewport = page.getViewport({ scale: this.element.clientWidth / size.width });
    this.element.style.setProperty("--total-scale-factor", viewport.scale);
    const canvas = canvasFor(viewport);
    const layer = Object.assign(document.createElement("div"), { className: "textLayer" });
    this.element.replaceChildren(canvas, layer);
    this.#rendering = page.render({ canvas, viewport: viewport.clone({ scale: viewport.scale * sharpness() }) });
    const text = new TextLayer({ textContentSource: content, container: layer, viewport });
    await Promise.all([this.#rendering.promise, text.render()]);
    this.#texts = text.textDivs;
    this.showMarks();
  }

  // Its marks as they are now, in place of those that are shown; nothing while it is not drawn.
  showMarks() {
    for (const shown of this.element.querySelectorAll("mark")) {
      const text = shown.parentElement;
      shown.replaceWith(...shown.childNodes);
      text.normalize();
    }
    if (!this.#texts.length) return;
    for (const mark of this.marks.toReversed()) highlight(this.#texts[mark.text], mark);
  }

  letGo() {
    this.#round += 1;
    this.#rendering?.cancel();
    this.#drawing = null;
    this.#texts = [];
    this.element.replaceChildren();
  }
}

const shapeOf = ({ width, height }) => `${width} / ${height}`;
const sharpness = () => Math.min(devicePixelRatio || 1, SHARPEST);

function canvasFor({ width, height }) {
  const size = { width: Math.floor(width * sharpness()), height: Math.floor(height * sharpness()) };
  const canvas = Object.assign(document.createElement("canvas"), size);
  canvas.setAttribute("aria-hidden", "true");
  return canvas;
}

function highlight(element, { start, end }) {
  const range = document.createRange();
  range.setStart(element.firstChild, start);
  range.setEnd(element.firstChild, end);
  range.surroundContents(document.createElement("mark"));
}

/* --- All pages --- */

async function open() {
  const pdf = await getDocument({
    url: viewer.dataset.file,
    rangeChunkSize: PIECE,
    disableAutoFetch: true,
    disableStream: true,
    wasmUrl: `${VENDOR}wasm/`,
    standardFontDataUrl: `${VENDOR}fonts/`,
    useSystemFonts: false,
  }).promise;
  const shape = shapeOf((await pdf.getPage(1)).getViewport({ scale: 1 }));
  const sheets = Array.from({ length: pdf.numPages }, (_, index) => new Sheet(pdf, index + 1, shape));
  sheetsElement.replaceChildren(...sheets.map((sheet) => sheet.element));
  return sheets;
}

// The page that holds the first mark, once all pages that may hold one know theirs; undefined when none does.
async function mark(sheets, quote, before) {
  const texts = [];
  for (const sheet of sheets) {
    for (const [text, content] of (await sheet.texts()).entries()) texts.push({ sheet, text, content });
  }
  const parts = find(quote, texts.map(({ content }) => content), before);
  for (const { text, start, end } of parts) {
    const origin = texts[text];
    origin.sheet.marks.push({ text: origin.text, start, end });
  }
  return parts.length ? texts[parts[0].text].sheet : undefined;
}

function drawWhatIsNear(sheets) {
  const byElement = new Map(sheets.map((sheet) => [sheet.element, sheet]));
  const near = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        if (isIntersecting) byElement.get(target).draw();
        else byElement.get(target).letGo();
      }
    },
    { rootMargin: "100% 0px" },
  );
  const middle = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        if (isIntersecting && document.activeElement !== field) field.value = byElement.get(target).number;
      }
    },
    { rootMargin: "-50% 0px" },
  );
  for (const { element } of sheets) {
    near.observe(element);
    middle.observe(element);
  }
}

/* --- Turning and zooming --- */

function steering(sheets, toTheQuote) {
  const bar = viewer.querySelector("[data-bar]");
  viewer.querySelector("[data-count]").textContent = sheets.length;
  field.max = sheets.length;
  let zoom = 1;

  const turn = (number) => {
    const target = Math.min(Math.max(number, 1), sheets.length);
    field.value = target;
    sheets[target - 1].element.scrollIntoView();
  };
  const turns = {
    first: () => turn(1),
    previous: () => turn(Number(field.value) - 1),
    next: () => turn(Number(field.value) + 1),
    quote: toTheQuote,
  };
  const resize = (wanted) => {
    const here = sheets[Number(field.value) - 1];
    zoom = Math.min(Math.max(wanted, SMALLEST), LARGEST);
    sheetsElement.style.setProperty("--zoom", zoom);
    for (const sheet of sheets) if (sheet.element.firstChild) redraw(sheet);
    here.element.scrollIntoView();
  };
  const zooms = { out: () => resize(zoom / ZOOM), fit: () => resize(1), in: () => resize(zoom * ZOOM) };
  const keys = {
    j: turns.next, k: turns.previous, ArrowRight: turns.next, ArrowLeft: turns.previous,
    "+": zooms.in, "-": zooms.out, 0: zooms.fit,
  };

  bar.addEventListener("click", ({ target }) => {
    const { turn: way, zoom: change } = target.closest("button")?.dataset ?? {};
    (turns[way] ?? zooms[change])?.();
  });
  field.addEventListener("change", () => turn(Number(field.value) || 1));
  document.addEventListener("keydown", (event) => {
    const busy = event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select");
    if (busy || !(event.key in keys)) return;
    event.preventDefault();
    keys[event.key]();
  });
  let width = viewer.clientWidth;
  new ResizeObserver(() => {
    if (viewer.clientWidth === width) return;
    width = viewer.clientWidth;
    resize(zoom);
  }).observe(viewer);
  bar.hidden = false;
}

function redraw(sheet) {
  sheet.letGo();
  return sheet.draw();
}

async function showMark(sheet) {
  sheet.element.scrollIntoView(); // A page that is not near is let go.
  await sheet.draw();
  sheet.element.querySelector("mark")?.scrollIntoView({ block: "center", inline: "center" });
}

/* --- From the address to the mark --- */

const say = (what, said = true) => (document.querySelector(`[data-${what}]`).hidden = !said);

// Marks the words on the pages that may hold them: the page to show, and the one that they were found on, if any.
async function seek(sheets, { quote, before = "", first = 1, last = first }) {
  const marked = quote ? await mark(sheets.slice(first - 1, last), quote, before) : undefined;
  return { quote, marked, number: marked?.number ?? Number(first) };
}

async function show({ quote, marked }) {
  if (marked) await showMark(marked);
  say("found", Boolean(quote && marked));
  say("unfound", Boolean(quote && !marked));
}

async function start() {
  const sheets = await open();
  let place = await seek(sheets, viewer.dataset);
  steering(sheets, () => showMark(place.marked));
  if (place.number > 1) sheets[place.number - 1]?.element.scrollIntoView();
  drawWhatIsNear(sheets);
  await show(place);

  // Other words than those of the address, when the page beside says so.
  viewer.addEventListener("place", async ({ detail }) => {
    for (const sheet of sheets) sheet.marks = [];
    place = await seek(sheets, detail);
    for (const sheet of sheets) sheet.showMarks();
    if (!place.marked) sheets[place.number - 1]?.element.scrollIntoView();
    await show(place);
  });
}

start().catch((error) => {
  say("failed");
  console.warn(error);
});
