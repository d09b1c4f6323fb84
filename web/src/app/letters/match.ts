// Finding letters by words, however they are written: case, accents and the spelling of umlauts make no difference.

/** "Müller" is found as mueller and as muller. */
function spellings(text: string): readonly [string, string] {
  const lower = text.toLowerCase().replaceAll("ß", "ss");
  const bare = (from: string): string => from.normalize("NFKD").replace(/\p{M}/gu, "");
  const composed = lower.normalize("NFC");
  return [bare(composed.replaceAll("ä", "ae").replaceAll("ö", "oe").replaceAll("ü", "ue")), bare(composed)];
}

/** What is searched in, prepared once. */
export type Haystack = readonly [string, string];

export const haystack = (...texts: readonly string[]): Haystack => spellings(texts.join("\n"));

/** Whether every word of `query` occurs, in any order. */
export function matcher(query: string): (haystack: Haystack) => boolean {
  const words = query.trim().split(/\s+/).filter((word) => word !== "").map(spellings);
  return ([germanised, bare]) => words.every(([first, second]) => germanised.includes(first) || bare.includes(second));
}
