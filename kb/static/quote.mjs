// Finding words in the texts of a page, although they are cut into lines there and their letters may be joined.

const SIGN = /[\p{L}\p{N}]/u;
const LEAST = 6; // Letters and digits of a line that is looked for by itself: shorter ones stand everywhere.

/**
 * Where the quote stands: [{ text, start, end }], one for each text that holds a part of it; empty when it is not there.
 * `before` is what stands before it, if that is known: it decides between places that read the same.
 * A quote that does not stand in one piece, like the head of a table and one of its rows, is found line by line.
 */
export function find(quote, texts, before = "") {
  const all = squeezed(texts);
  const whole = stretch(letters(quote), all, letters(before));
  if (whole.length) return whole;
  const lines = quote.split("\n").map(letters).filter((line) => line.length >= LEAST);
  return lines.flatMap((line) => stretch(line, all, ""));
}

const letters = (text) => squeezed([text]).letters;

// Only letters and digits, in small letters and without accents, each with the text and the place that it comes from.
function squeezed(texts) {
  const kept = [];
  const places = [];
  for (const [text, content] of texts.entries()) {
    let start = 0;
    for (const character of content) {
      const end = start + character.length;
      for (const sign of character.normalize("NFKD").toLowerCase()) {
        if (!SIGN.test(sign)) continue;
        kept.push(sign);
        for (let unit = 0; unit < sign.length; unit++) places.push({ text, start, end });
      }
      start = end;
    }
  }
  return { letters: kept.join(""), places };
}

function stretch(wanted, all, before) {
  if (!wanted) return [];
  const after = all.letters.indexOf(before + wanted);
  const at = after >= 0 ? after + before.length : all.letters.indexOf(wanted);
  return at >= 0 ? joined(all.places.slice(at, at + wanted.length)) : [];
}

function joined(places) {
  const parts = [];
  for (const { text, start, end } of places) {
    if (parts.at(-1)?.text === text) parts.at(-1).end = end;
    else parts.push({ text, start, end });
  }
  return parts;
}
