// The time from provision to the end of the period for an appeal as a picture: a bar with numbered days, and what the
// numbers mean beside it.
//
// Invariant: the picture shows nothing that its list does not say, so it is hidden from screen readers. Days that are
// not certain are called possible. Absent: how the days are found (core/deadline).

import type { Day } from "../../core/deadline/day.ts";
import { dayOf } from "../../core/deadline/day.ts";
import type { Finding } from "../../core/deadline/finding.ts";
import { h } from "../dom/element.ts";
import { day, t } from "../language.ts";

const NAMESPACE = "http://www.w3.org/2000/svg";
const DAY = 86_400_000;
/** Size of the drawing, in its own units. */
const WIDTH = 320;
const HEIGHT = 44;
const EDGE = 14;
/** Circles keep at least this distance. */
const APART = 2 * EDGE;

interface Point {
  readonly day: Day;
  readonly words: string;
}

function points(provided: Day, { verdict, appeal }: Finding): Point[] {
  const found: Point[] = [{ day: provided, words: t("bereitgestellt", "made available") }];
  if (verdict.code === "served-on") found.push({ day: verdict.day, words: t("gilt als bekannt gegeben", "counts as served") });
  const possible = verdict.code === "open" ? verdict.candidates[0] : undefined;
  if (possible !== undefined) found.push({ day: possible, words: t("kann als bekannt gegeben gelten", "may count as served") });
  if (appeal.kind === "not-computed") return found;
  const ends = appeal.periods.flatMap((period) => period.ends).sort();
  const [first] = ends;
  const last = ends.at(-1);
  if (first !== undefined) found.push({ day: first, words: first === last ? t("die Frist endet", "the period ends") : t("die Frist endet frühestens", "the period ends at the earliest") });
  return found;
}

function drawing(name: string, attributes: Record<string, string | number>, text = ""): SVGElement {
  const element = document.createElementNS(NAMESPACE, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  element.textContent = text;
  return element;
}

/** Nothing where there is no period to show. */
export function periodPicture(provided: number, finding: Finding, now = Date.now()): HTMLElement | null {
  const shown = points(dayOf(provided), finding);
  const [from, to] = [Date.parse(shown[0]?.day ?? ""), Date.parse(shown.at(-1)?.day ?? "")];
  if (shown.length < 2 || !(to > from)) return null;
  const today = dayOf(now);
  const place = (at: Day): number => EDGE + (WIDTH - 2 * EDGE) * Math.min(1, Math.max(0, (Date.parse(at) - from) / (to - from)));
  const middle = HEIGHT / 2;
  const svg = document.createElementNS(NAMESPACE, "svg");
  svg.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
  svg.setAttribute("aria-hidden", "true");
  svg.append(
    drawing("line", { class: "bar", x1: EDGE, x2: WIDTH - EDGE, y1: middle, y2: middle }),
    drawing("line", { class: "gone", x1: EDGE, x2: place(today), y1: middle, y2: middle }),
  );
  const left = Math.round((to - Date.parse(today)) / DAY);
  if (left > 0) svg.append(drawing("line", { class: "today", x1: place(today), x2: place(today), y1: 0, y2: HEIGHT }));
  let before = -APART;
  for (const [index, point] of shown.entries()) {
    const room = WIDTH - EDGE - APART * (shown.length - 1 - index);
    const x = Math.min(Math.max(place(point.day), before + APART), room);
    before = x;
    svg.append(drawing("circle", { cx: x, cy: middle, r: 11 }), drawing("text", { x, y: middle + 5 }, String(index + 1)));
  }
  const remaining = left < 0
    ? t("Dieser Tag ist vorbei.", "That day has passed.")
    : left === 0
      ? t("Das ist heute.", "That is today.")
      : t(`Heute ist die gestrichelte Linie: noch ${left} ${left === 1 ? "Tag" : "Tage"}.`, `Today is the dashed line: ${left} ${left === 1 ? "day" : "days"} left.`);
  return h("figure", { class: "period" }, svg,
    h("figcaption", null, h("ol", null, shown.map((point) => h("li", null, `${day(point.day)}: ${point.words}`))), remaining));
}
