// German and English: every text stands in both where it is used, so neither can be forgotten.
//
// Invariant: the page's language is one of the two and stands in `<html lang>`. Dates and numbers follow it, in the
// time zone of German authorities, since legal days are theirs.

export type Language = "de" | "en";

let current: Language = "de";

export function language(): Language {
  return current;
}

export function setLanguage(next: Language): void {
  current = next;
  document.documentElement.lang = next;
}

/** The browser's own wish, German where it has none of ours. */
export function preferredLanguage(): Language {
  return navigator.languages.map((tag) => tag.slice(0, 2)).find((tag) => tag === "de" || tag === "en") === "en" ? "en" : "de";
}

/** The text in the page's language. */
export function t(german: string, english: string): string {
  return current === "de" ? german : english;
}

function locale(): string {
  return t("de-DE", "en-GB");
}

export function dateTime(millis: number): string {
  const form = new Intl.DateTimeFormat(locale(), { dateStyle: "long", timeStyle: "short", timeZone: "Europe/Berlin" });
  return form.format(millis);
}

export function date(millis: number): string {
  return new Intl.DateTimeFormat(locale(), { dateStyle: "medium", timeZone: "Europe/Berlin" }).format(millis);
}

/** A day written `YYYY-MM-DD`, with its weekday. */
export function day(text: string): string {
  const [year = 0, month = 1, dayOfMonth = 1] = text.split("-").map(Number);
  const form = new Intl.DateTimeFormat(locale(), { dateStyle: "full", timeZone: "UTC" });
  return form.format(Date.UTC(year, month - 1, dayOfMonth));
}

export function money(minorUnits: number, currency: string): string {
  try {
    return new Intl.NumberFormat(locale(), { style: "currency", currency }).format(minorUnits / 100);
  } catch {
    return `${(minorUnits / 100).toFixed(2)} ${currency}`;
  }
}

export function size(bytes: number): string {
  const units = ["B", "kB", "MB", "GB"];
  let [value, unit] = [bytes, 0];
  for (; value >= 1000 && unit < units.length - 1; unit += 1) value /= 1000;
  const form = new Intl.NumberFormat(locale(), { maximumFractionDigits: value < 10 && unit > 0 ? 1 : 0 });
  return `${form.format(value)} ${units[unit]}`;
}
