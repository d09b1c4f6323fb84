// Parts that the desk needs beyond those of all pages: tables that become lists on a phone, choices, groups of fields.
//
// Invariant: a table stays a table for screen readers, whatever its layout (explicit roles).

import { type Child, fill, h } from "../dom/element.ts";
import { button, heading, paragraph } from "../dom/parts.ts";
import { t } from "../language.ts";

/** Rows that are shown before "more" is pressed. */
const FIRST_ROWS = 100;

export interface Column<Row> {
  readonly head: string;
  readonly cell: (row: Row) => Child;
}

/** A table with its caption; the first column names the row. */
export function table<Row>(caption: string, columns: readonly Column<Row>[], rows: readonly Row[]): HTMLElement {
  const place = h("div");
  const draw = (shown: number): void => {
    const body = rows.slice(0, shown).map((row) =>
      h("tr", { role: "row" }, columns.map(({ cell }, index) =>
        index === 0 ? h("th", { role: "rowheader", scope: "row" }, cell(row)) : h("td", { role: "cell" }, cell(row)))));
    fill(
      place,
      h("table", { class: "desk-table", role: "table" },
        h("caption", null, caption),
        h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, columns.map(({ head }) => h("th", { role: "columnheader", scope: "col" }, head)))),
        h("tbody", { role: "rowgroup" }, body)),
      rows.length > shown
        ? h("div", { class: "actions" }, button(t(`Mehr zeigen (noch ${rows.length - shown})`, `Show more (${rows.length - shown} left)`), () => {
            draw(shown + FIRST_ROWS);
            place.querySelectorAll<HTMLElement>("tbody a, tbody button, tbody input")[shown]?.focus();
          }))
        : null,
    );
  };
  draw(FIRST_ROWS);
  return place;
}

/** Fields that belong together. */
export function group(legend: string, ...content: Child[]): HTMLFieldSetElement {
  return h("fieldset", { class: "group" }, h("legend", null, legend), content);
}

/** A link that looks like a button. */
export function action(label: string, href: string, weight: "primary" | "secondary" = "secondary"): HTMLAnchorElement {
  return h("a", { class: `kern-btn kern-btn--${weight}`, href }, h("span", { class: "kern-label" }, label));
}

/** What is shown where a list is empty: why, and what to do next. */
export function empty(title: string, next: string): HTMLElement {
  return h("section", { class: "facts" }, heading(2, title), paragraph(next));
}

/** A number with its noun, in the right form. */
export function count(number: number, one: string, many: string): string {
  return `${number} ${number === 1 ? one : many}`;
}
