// Parts of pages that look and behave alike everywhere: buttons, fields, notices.
//
// Invariants: every field has a label, every error is tied to its field and announced; a button that works is
// disabled until it is done, so that nothing is sent twice. Names of classes are KERN's.

import { t } from "../language.ts";
import { type Child, h } from "./element.ts";

export type Weight = "primary" | "secondary" | "tertiary";

/** A button; while its action runs it is disabled. What the action throws is the caller's (`failed`). */
export function button(
  label: string,
  action: () => unknown,
  weight: Weight = "secondary",
  failed: (error: unknown) => void = () => undefined,
): HTMLButtonElement {
  const element = h("button", { type: "button", class: `kern-btn kern-btn--${weight}` }, h("span", { class: "kern-label" }, label));
  element.addEventListener("click", () => {
    const focused = document.activeElement === element;
    element.disabled = true;
    Promise.resolve()
      .then(action)
      .catch(failed)
      .finally(() => {
        element.disabled = false;
        if (focused) keepFocus(element);
      });
  });
  return element;
}

/** Whoever works by keyboard goes on where they were: at the button, at the one drawn in its place, or in the view. */
function keepFocus(pressed: HTMLButtonElement): void {
  const active = document.activeElement;
  if (active !== null && active !== document.body) return; // the action moved it
  const alike = [...document.querySelectorAll<HTMLButtonElement>("main button")].find((other) => other.textContent === pressed.textContent);
  const next = pressed.isConnected ? pressed : (alike ?? document.querySelector<HTMLElement>("main"));
  next?.focus({ preventScroll: true });
}

export function link(label: string, href: string): HTMLAnchorElement {
  return h("a", { href, class: "kern-link" }, label);
}

export type Tone = "info" | "success" | "warning" | "danger";

/** A notice; warnings and dangers are announced at once. */
export function notice(tone: Tone, title: string, ...body: Child[]): HTMLElement {
  const role = tone === "danger" || tone === "warning" ? "alert" : "status";
  return h(
    "div",
    { class: `kern-alert kern-alert--${tone}`, role },
    h("div", { class: "kern-alert__header" }, h("span", { class: "kern-title notice-title" }, title)),
    body.length === 0 ? null : h("div", { class: "kern-alert__body" }, body),
  );
}

export interface Field {
  readonly element: HTMLElement;
  readonly input: HTMLInputElement | HTMLTextAreaElement;
  /** Shows what is wrong, or nothing. */
  complain(message: string | undefined): void;
}

let fields = 0;

export function field(
  label: string,
  hint: string | undefined,
  attributes: Record<string, string | boolean>,
  kind: "input" | "textarea" = "input",
): Field {
  fields += 1;
  const id = `field-${fields}`;
  const input = h(kind, {
    id,
    class: "kern-form-input__input",
    ...attributes,
    "aria-describedby": `${id}-hint ${id}-error`,
  });
  const error = h("p", { id: `${id}-error`, class: "kern-body field-error", role: "alert" });
  const element = h(
    "div",
    { class: "kern-form-input" },
    h("label", { class: "kern-label", for: id }, label),
    h("div", { id: `${id}-hint`, class: "kern-hint" }, hint ?? ""),
    input,
    error,
  );
  return {
    element,
    input,
    complain(message) {
      error.textContent = message ?? "";
      input.setAttribute("aria-invalid", String(message !== undefined));
      element.classList.toggle("kern-form-input--error", message !== undefined);
      if (message !== undefined) input.focus();
    },
  };
}

export interface Checkbox {
  readonly element: HTMLElement;
  readonly input: HTMLInputElement;
}

export function checkbox(label: string): Checkbox {
  fields += 1;
  const id = `field-${fields}`;
  const input = h("input", { id, type: "checkbox", class: "kern-form-check__checkbox" });
  const element = h("div", { class: "kern-form-check" }, input, h("label", { class: "kern-label", for: id }, label));
  return { element, input };
}

export function heading(level: 1 | 2 | 3, text: string): HTMLHeadingElement {
  const sizes = { 1: "large", 2: "medium", 3: "small" } as const;
  return h(`h${level}`, { class: `kern-heading-${sizes[level]}` }, text);
}

export function paragraph(...children: Child[]): HTMLParagraphElement {
  return h("p", { class: "kern-body" }, children);
}

/** Says that something is under way; announced politely. */
export function waiting(text = t("Einen Moment …", "One moment …")): HTMLElement {
  return h("p", { class: "kern-body waiting", role: "status" }, h("span", { class: "spinner", "aria-hidden": "true" }), text);
}

/** Terms with their explanations. */
export function terms(pairs: readonly (readonly [string, Child] | undefined)[]): HTMLDListElement {
  const found = pairs.filter((pair) => pair !== undefined);
  return h("dl", { class: "terms" }, found.map(([term, what]) => h("div", null, h("dt", null, term), h("dd", null, what))));
}
