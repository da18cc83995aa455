// One file on its way to the server, and the queue of all of them. The protocol is tus, by its official client.

const { Upload } = window.tus;
const PART = 8 * 2 ** 20; // Bytes: what a broken connection loses at most.
const DELAYS = [0, 1_000, 3_000, 6_000, 12_000]; // Milliseconds before each further try.
const AGAIN = 30_000; // Milliseconds before one that is lost begins anew.
const HASHED = 256 * 2 ** 20; // Bytes: a file is read into memory for its sha256.
const AT_ONCE = 3;
const WINDOW = 15_000; // Milliseconds over which the speed is measured.

const BUSY = new Set(["checking", "sending", "lost"]);
const OVER = new Set(["sent", "known", "cancelled"]);

// States: waiting → checking → sending → sent | known | failed; paused and lost go on, cancelled does not.
export class Sending extends EventTarget {
  state = "waiting";
  sent = 0; // Bytes.
  failure = ""; // A sentence, if the server said one.
  known = null; // { title, address } of the document that is there already.
  #site;
  #target;
  #upload = null;
  #timer = 0;

  // `target` has the addresses of a batch: { files, known }, or { files, url } to go on where the file stopped.
  constructor({ file, path }, target, site) {
    super();
    [this.file, this.path, this.#target, this.#site] = [file, path, target, site];
  }

  get busy() {
    return BUSY.has(this.state);
  }

  get over() {
    return OVER.has(this.state);
  }

  async start() {
    clearTimeout(this.#timer);
    if (!this.#upload) {
      this.#become("checking");
      const sha256 = await hexOf(this.file);
      const known = sha256 && this.#target.known ? await this.#ask(sha256) : null;
      if (this.state !== "checking") return;
      if (known) {
        this.known = known;
        this.#become("known");
        return;
      }
      this.#upload = new Upload(this.file, this.#options(sha256));
    }
    this.#become("sending");
    this.#upload.start();
  }

  pause() {
    this.#stop();
    this.#become("paused");
  }

  resume() {
    this.failure = "";
    this.#become("waiting");
  }

  cancel() {
    this.#stop();
    this.#upload?.abort(true).catch(() => {}); // What the server keeps of it expires by itself.
    this.#become("cancelled");
  }

  #stop() {
    clearTimeout(this.#timer);
    this.#upload?.abort();
  }

  // The document of these bytes, where the collection has one; null where it has none, or nobody can say.
  async #ask(sha256) {
    try {
      const response = await this.#site.post(this.#target.known, { path: this.path, size: this.file.size, sha256 });
      return response.ok ? (await response.json()).known : null;
    } catch {
      return null;
    }
  }

  #options(sha256) {
    return {
      endpoint: this.#target.files,
      uploadUrl: this.#target.url,
      chunkSize: PART,
      retryDelays: DELAYS,
      uploadDataDuringCreation: true,
      storeFingerprintForResuming: false, // The server knows what is unfinished, and whose it is.
      headers: { "X-CSRFToken": this.#site.token },
      metadata: {
        filename: this.file.name,
        relativePath: this.path,
        modified: String(this.file.lastModified),
        ...(sha256 && { sha256 }),
      },
      onProgress: (sent) => {
        this.sent = sent;
        this.#changed();
      },
      onSuccess: ({ lastResponse }) => {
        this.sent = this.file.size;
        this.#become(lastResponse.getHeader("Upload-Outcome") === "known" ? "known" : "sent");
      },
      onError: (error) => this.#failed(error.originalResponse),
    };
  }

  // What may pass is tried again for as long as the page is open.
  #failed(response) {
    const status = response?.getStatus() ?? 0;
    const said = response?.getHeader("Content-Type")?.startsWith("text/plain");
    this.failure = said ? response.getBody() : "";
    if (status && status < 500) {
      this.#become("failed");
      return;
    }
    this.#become("lost");
    const again = () => this.state === "lost" && this.start();
    this.#timer = setTimeout(again, AGAIN);
    window.addEventListener("online", again, { once: true });
  }

  #become(state) {
    this.state = state;
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}

export class Queue {
  all = [];
  #speeds = []; // [milliseconds, bytes sent in all]

  add(sending) {
    this.all.push(sending);
    sending.addEventListener("change", () => this.advance());
  }

  advance() {
    let room = AT_ONCE - this.all.filter((each) => each.busy).length;
    for (const sending of this.all) {
      if (room <= 0) return;
      if (sending.state !== "waiting") continue;
      room -= 1;
      sending.start();
    }
  }

  pause() {
    // First those that wait, so that none of them begins in the place of another.
    for (const sending of this.all) if (sending.state === "waiting") sending.pause();
    for (const sending of this.all) if (sending.busy) sending.pause();
  }

  resume() {
    for (const sending of this.all) if (sending.state === "paused") sending.resume();
  }

  cancel() {
    this.pause();
    for (const sending of this.all) if (!sending.over) sending.cancel();
  }

  // How far all of them are: files and bytes, and seconds left, which are null where nothing moves.
  progress() {
    const counted = this.all.filter((each) => each.state !== "cancelled");
    const done = counted.filter((each) => each.over).length;
    const failed = counted.filter((each) => each.state === "failed").length;
    const moving = counted.filter((each) => !["known", "failed"].includes(each.state));
    const size = moving.reduce((sum, each) => sum + each.file.size, 0);
    const sent = moving.reduce((sum, each) => sum + each.sent, 0);
    return { files: counted.length, done, failed, size, sent, seconds: this.#left(sent, size) };
  }

  get settled() {
    return this.all.every((each) => each.over || each.state === "failed");
  }

  get paused() {
    return this.all.some((each) => each.state === "paused") && !this.all.some((each) => each.busy);
  }

  #left(sent, size) {
    if (this.paused) {
      this.#speeds = [];
      return null;
    }
    const now = performance.now();
    this.#speeds.push([now, sent]);
    while (this.#speeds[0][0] < now - WINDOW) this.#speeds.shift();
    const [since, before] = this.#speeds[0];
    return sent > before ? ((size - sent) * (now - since)) / (sent - before) / 1_000 : null;
  }
}

// In hex; empty where the browser does not compute it, which is without HTTPS, or the file is large.
async function hexOf(file) {
  if (!crypto.subtle || file.size > HASHED) return "";
  try {
    const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
    return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
  } catch {
    return ""; // It cannot be read; sending it says so.
  }
}
