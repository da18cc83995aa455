// Numbers as people read them, in the page's language.

const language = document.documentElement.lang;
const BYTES = ["kilobyte", "megabyte", "gigabyte"];
const SECONDS = { second: 1, minute: 60, hour: 3_600 };

export function bytes(count) {
  const kilobytes = Math.ceil(count / 1_024);
  const power = Math.min(Math.floor(Math.log2(Math.max(kilobytes, 1)) / 10), BYTES.length - 1);
  return measured(kilobytes / 1_024 ** power, BYTES[power], { maximumFractionDigits: 1 });
}

export function duration(seconds) {
  const unit = seconds < 90 ? "second" : seconds < 5_400 ? "minute" : "hour";
  return measured(Math.ceil(seconds / SECONDS[unit]), unit, { unitDisplay: "long" });
}

function measured(value, unit, options) {
  return new Intl.NumberFormat(language, { style: "unit", unit, ...options }).format(value);
}

// Fills “{names}” of a text that the page brought along.
export function say(text, values) {
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}
