// Statutory public holidays of the sixteen Länder, by municipality.
//
// One row of the table is one holiday: when it is, where, and in which years. Where a holiday depends on the
// municipality and the municipality's status is not known, the answer is "unsure", never a guess. 24 and 31 December
// are not holidays. Absent: lists of municipalities; their status is an argument. Holidays before FIRST_DAY.
//
// Specification: docs/legal-dates.md, "Holidays"; the same table is crypto/src/deadline/holidays.rs.

import { type Day, constantDay, daysSinceMonday, isWeekend, minusDays, newDay, plusDays, yearOf } from "./day.ts";

/** The table is complete from here on. */
export const FIRST_DAY = constantDay("2017-01-01");

/** Augsburg keeps 8 August (BayFTG Art. 1(2)). */
const AUGSBURG = "09761000";
/** All municipalities of the district Eichsfeld keep Corpus Christi (by secondary sources). */
const EICHSFELD = "16061";
/** Parts of these districts keep it too: Wartburgkreis, Unstrut-Hainich; in Saxony Bautzen. */
const PARTLY_CORPUS_CHRISTI = ["16063", "16064", "14625"];

/** The Länder by the first two digits of the official municipality key (AGS). */
const SCHLESWIG_HOLSTEIN = 1;
const HAMBURG = 2;
const LOWER_SAXONY = 3;
const BREMEN = 4;
const NORTH_RHINE_WESTPHALIA = 5;
const HESSE = 6;
const RHINELAND_PALATINATE = 7;
const BADEN_WUERTTEMBERG = 8;
const BAVARIA = 9;
const SAARLAND = 10;
const BERLIN = 11;
const BRANDENBURG = 12;
const MECKLENBURG_VORPOMMERN = 13;
const SAXONY = 14;
const SAXONY_ANHALT = 15;
const THURINGIA = 16;

/** An official municipality key: two to eight digits from Land to municipality. */
export type Ags = string & { readonly brand: "ags" };

export function parseAgs(text: string): Ags | undefined {
  const land = /^[0-9]{2,8}$/.test(text) ? Number(text.slice(0, 2)) : 0;
  return land >= 1 && land <= THURINGIA ? (text as Ags) : undefined;
}

export function landOf(ags: Ags): number {
  return Number(ags.slice(0, 2));
}

/** What is known of a holiday that only some municipalities of a Land keep. */
export type Local = "kept" | "not-kept" | "unknown";

/** A municipality, and what was stated about its local holidays. */
export interface Place {
  readonly ags: Ags;
  /** 15 August, in Bavaria only. */
  readonly assumption: Local;
  /** Corpus Christi, in Saxony and Thuringia only. */
  readonly corpusChristi: Local;
}

/** A municipality of whose local holidays nothing is stated. */
export function placeOf(ags: Ags): Place {
  return { ags, assumption: "unknown", corpusChristi: "unknown" };
}

/** Every holiday; the order is that in which dependencies are listed. */
export const HOLIDAYS = [
  "new-year",
  "epiphany",
  "womens-day",
  "good-friday",
  "easter-sunday",
  "easter-monday",
  "labour-day",
  "liberation-day",
  "ascension",
  "whit-sunday",
  "whit-monday",
  "corpus-christi",
  "uprising-of-1953",
  "augsburg-peace",
  "assumption",
  "childrens-day",
  "german-unity",
  "reformation",
  "all-saints",
  "repentance",
  "christmas-day",
  "second-christmas-day",
] as const;

export type Holiday = (typeof HOLIDAYS)[number];

type When = (year: number) => Day | undefined;
type Where = (place: Place | undefined) => Local;

const fixed =
  (month: number, dayOfMonth: number): When =>
  (year) =>
    newDay(year, month, dayOfMonth);
const afterEaster =
  (days: number): When =>
  (year) => {
    const sunday = easter(year);
    return sunday === undefined ? undefined : plusDays(sunday, days);
  };
const wednesdayBefore23November: When = (year) => {
  const last = newDay(year, 11, 22);
  return last === undefined ? undefined : minusDays(last, (daysSinceMonday(last) + 5) % 7);
};

const everywhere: Where = () => "kept";
const atPlace =
  (holds: (place: Place) => Local): Where =>
  (place) =>
    place === undefined ? "unknown" : holds(place);
const inLands = (...lands: number[]): Where =>
  atPlace((place) => (lands.includes(landOf(place.ags)) ? "kept" : "not-kept"));
const inMunicipality = (ags: string): Where => atPlace((place) => within(place.ags, ags));
/** Augsburg is among the municipalities with a Catholic majority. */
const catholicBavaria = atPlace((place) => {
  if (landOf(place.ags) !== BAVARIA) return "not-kept";
  if (place.assumption !== "unknown") return place.assumption;
  return within(place.ags, AUGSBURG) === "kept" ? "kept" : "unknown";
});
const corpusChristiPlaces = atPlace((place) => {
  if (landOf(place.ags) !== SAXONY && landOf(place.ags) !== THURINGIA) return "not-kept";
  if (place.corpusChristi !== "unknown") return place.corpusChristi;
  if (within(place.ags, EICHSFELD) === "kept") return "kept";
  const areas = [...PARTLY_CORPUS_CHRISTI, EICHSFELD];
  return areas.every((area) => within(place.ags, area) === "not-kept") ? "not-kept" : "unknown";
});

/** Whether the key lies in the area; a key shorter than the area's may reach beyond it. */
function within(ags: Ags, area: string): Local {
  if (ags.startsWith(area)) return "kept";
  return area.startsWith(ags) ? "unknown" : "not-kept";
}

/** Holiday, when, where, first and last year. */
type Row = readonly [Holiday, When, Where, number?, number?];

/** The holidays. A new one is one row. */
const TABLE: readonly Row[] = [
  ["new-year", fixed(1, 1), everywhere],
  ["epiphany", fixed(1, 6), inLands(BADEN_WUERTTEMBERG, BAVARIA, SAXONY_ANHALT)],
  ["womens-day", fixed(3, 8), inLands(BERLIN), 2019],
  ["womens-day", fixed(3, 8), inLands(MECKLENBURG_VORPOMMERN), 2023],
  ["good-friday", afterEaster(-2), everywhere],
  ["easter-sunday", afterEaster(0), inLands(BRANDENBURG)],
  ["easter-monday", afterEaster(1), everywhere],
  ["labour-day", fixed(5, 1), everywhere],
  ["liberation-day", fixed(5, 8), inLands(BERLIN), 2020, 2020],
  ["liberation-day", fixed(5, 8), inLands(BERLIN), 2025, 2025],
  ["ascension", afterEaster(39), everywhere],
  ["whit-sunday", afterEaster(49), inLands(BRANDENBURG)],
  ["whit-monday", afterEaster(50), everywhere],
  [
    "corpus-christi",
    afterEaster(60),
    inLands(BADEN_WUERTTEMBERG, BAVARIA, HESSE, NORTH_RHINE_WESTPHALIA, RHINELAND_PALATINATE, SAARLAND),
  ],
  ["corpus-christi", afterEaster(60), corpusChristiPlaces],
  ["uprising-of-1953", fixed(6, 17), inLands(BERLIN), 2028, 2028],
  ["augsburg-peace", fixed(8, 8), inMunicipality(AUGSBURG)],
  ["assumption", fixed(8, 15), inLands(SAARLAND)],
  ["assumption", fixed(8, 15), catholicBavaria],
  ["childrens-day", fixed(9, 20), inLands(THURINGIA), 2019],
  ["german-unity", fixed(10, 3), everywhere, 1990],
  [
    "reformation",
    fixed(10, 31),
    inLands(BRANDENBURG, MECKLENBURG_VORPOMMERN, SAXONY, SAXONY_ANHALT, THURINGIA),
  ],
  ["reformation", fixed(10, 31), everywhere, 2017, 2017],
  ["reformation", fixed(10, 31), inLands(BREMEN, HAMBURG, LOWER_SAXONY, SCHLESWIG_HOLSTEIN), 2018],
  [
    "all-saints",
    fixed(11, 1),
    inLands(BADEN_WUERTTEMBERG, BAVARIA, NORTH_RHINE_WESTPHALIA, RHINELAND_PALATINATE, SAARLAND),
  ],
  ["repentance", wednesdayBefore23November, inLands(SAXONY)],
  ["christmas-day", fixed(12, 25), everywhere],
  ["second-christmas-day", fixed(12, 26), everywhere],
];

/** What a day is, as far as periods ask; `unsure` is a holiday in some places, and which is ours is not known. */
export type DayKind =
  | { readonly kind: "working" | "weekend" }
  | { readonly kind: "holiday" | "unsure"; readonly holiday: Holiday };

/** What the day is at the place; without a place, what it may be in Germany. */
export function dayKind(of: Day, place: Place | undefined): DayKind {
  if (isWeekend(of)) return { kind: "weekend" };
  const year = yearOf(of);
  let unsure: Holiday | undefined;
  for (const [holiday, when, where, from = 1, until = Number.POSITIVE_INFINITY] of TABLE) {
    if (year < from || until < year || when(year) !== of) continue;
    const local = where(place);
    if (local === "kept") return { kind: "holiday", holiday };
    if (local === "unknown") unsure = holiday;
  }
  return unsure === undefined ? { kind: "working" } : { kind: "unsure", holiday: unsure };
}

/** Easter Sunday of the Gregorian calendar (Meeus, Jones, Butcher). */
export function easter(year: number): Day | undefined {
  const [century, ofCentury] = [Math.floor(year / 100), year % 100];
  const golden = year % 19;
  const moonCorrection = Math.floor((century - Math.floor((century + 8) / 25) + 1) / 3);
  const epact = (19 * golden + century - Math.floor(century / 4) - moonCorrection + 15) % 30;
  const toSunday = (32 + 2 * (century % 4) + 2 * Math.floor(ofCentury / 4) - epact - (ofCentury % 4)) % 7;
  const late = Math.floor((golden + 11 * epact + 22 * toSunday) / 451);
  const fromMarch = epact + toSunday - 7 * late + 114;
  return newDay(year, Math.floor(fromMarch / 31), (fromMarch % 31) + 1);
}
