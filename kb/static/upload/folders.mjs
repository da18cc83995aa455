// What somebody dropped or chose → files with their paths: { file, path }.

export function chosen(files) {
  return Array.from(files, (file) => ({ file, path: file.webkitRelativePath || file.name }));
}

// Call it in the event itself: the browser takes the entries away afterwards.
export async function dropped(transfer) {
  const entries = Array.from(transfer.items, (item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.length) return chosen(transfer.files);
  return (await Promise.all(entries.map(walk))).flat();
}

async function walk(entry) {
  if (entry.isFile) {
    const file = await new Promise((resolve) => entry.file(resolve, () => resolve(null)));
    return file ? [{ file, path: entry.fullPath.replace(/^\//, "") }] : []; // It cannot be read.
  }
  const found = [];
  for (const inside of await entriesOf(entry.createReader())) found.push(...(await walk(inside)));
  return found;
}

// A reader gives about a hundred at a time, and none at the end.
async function entriesOf(reader) {
  const all = [];
  for (;;) {
    const some = await new Promise((resolve) => reader.readEntries(resolve, () => resolve([])));
    if (!some.length) return all;
    all.push(...some);
  }
}

// Why a file is not worth sending: "hidden", "format", "empty" or "size"; "" if it is.
export function refused({ file, path }, { limit, extensions }) {
  const name = path.split("/").pop();
  if (path.split("/").some((part) => part.startsWith(".")) || name === "Thumbs.db") return "hidden";
  const extension = name.includes(".") ? name.split(".").pop().toLowerCase() : "";
  if (extension && !extensions.has(extension)) return "format";
  if (file.size === 0) return "empty";
  return file.size > limit ? "size" : "";
}
