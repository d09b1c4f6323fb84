// One of several, chosen from a list.

import { h } from "./element.ts";

let choices = 0;

export interface Choice {
  readonly element: HTMLElement;
  readonly input: HTMLSelectElement;
}

/** One of several. */
export function choice(label: string, options: readonly (readonly [string, string])[], chosen: string): Choice {
  choices += 1;
  const id = `choice-${choices}`;
  const input = h("select", { id, class: "kern-form-input__input" }, options.map(([value, text]) => h("option", { value, selected: value === chosen }, text)));
  return { element: h("div", { class: "kern-form-input" }, h("label", { class: "kern-label", for: id }, label), input), input };
}
