// The frame around every view: name, navigation, language, footer; where the focus goes when a view changes.
//
// Invariants: one `<h1>` a view, named in the title; after a change the focus is on it, so that screen readers begin
// there; views are chosen by what follows `#`, so the server never learns which letter is looked at.

import { fill, h, type Child } from "./dom/element.ts";
import { button } from "./dom/parts.ts";
import { type Language, language, setLanguage, t } from "./language.ts";

export interface View {
  readonly title: string;
  readonly content: Child;
  /** Called when another view takes its place. */
  readonly leave?: () => void;
}

export interface Place {
  readonly label: string;
  readonly route: string;
}

export class Shell {
  readonly #main = h("main", { id: "main", tabindex: "-1" });
  #view: View | undefined;

  constructor(
    private readonly root: Element,
    private readonly places: () => readonly Place[],
    private readonly changed: () => void,
    private readonly lock: (() => void) | undefined,
    private readonly unlocked: () => boolean,
  ) {}

  /** Shows a view in the frame. */
  show(view: View): void {
    this.#view?.leave?.();
    this.#view = view;
    document.title = `${view.title} – Mein Postfach`;
    const title = h("h1", { class: "kern-heading-large", tabindex: "-1", id: "title" }, view.title);
    fill(this.#main, title, view.content);
    fill(this.root, this.#skip(), this.#header(), this.#main, this.#footer());
    title.focus({ preventScroll: true });
    scrollTo(0, 0);
  }

  #skip(): HTMLElement {
    const skip = h("a", { class: "skip kern-link", href: "#main" }, t("Zum Inhalt", "Skip to content"));
    skip.addEventListener("click", (event) => {
      event.preventDefault();
      this.#main.focus();
    });
    return skip;
  }

  #header(): HTMLElement {
    const here = location.hash;
    const links = this.places().map(({ label, route }) =>
      h("li", null, h("a", { href: `#${route}`, class: "kern-link", "aria-current": here === `#${route}` ? "page" : null }, label)),
    );
    return h(
      "header",
      { class: "top" },
      h("a", { class: "brand", href: "#/" }, "Mein Postfach"),
      links.length === 0 ? null : h("nav", { "aria-label": t("Bereiche", "Sections") }, h("ul", null, links)),
      h("div", { class: "tools" }, this.#languages(), this.#locker()),
    );
  }

  #languages(): HTMLElement {
    const other: Language = language() === "de" ? "en" : "de";
    const change = button(other === "de" ? "Deutsch" : "English", () => {
      setLanguage(other);
      this.changed();
    }, "tertiary");
    change.lang = other;
    return change;
  }

  #locker(): HTMLElement | null {
    const { lock } = this;
    return lock !== undefined && this.unlocked() ? button(t("Abschließen", "Lock"), lock, "tertiary") : null;
  }

  #footer(): HTMLElement {
    // The desk has these views too; leaving its page would lock it.
    const page = location.pathname.startsWith("/desk") ? "" : "/";
    const to = (label: string, route: string): HTMLElement => h("li", null, h("a", { href: route, class: "kern-link" }, label));
    return h(
      "footer",
      { class: "bottom" },
      h("ul", null, [
        to(t("Impressum", "Imprint"), `${page}#/imprint`),
        to(t("Datenschutz", "Privacy"), `${page}#/privacy`),
        to(t("Barrierefreiheit", "Accessibility"), `${page}#/accessibility`),
        to(t("Nachweis prüfen", "Verify evidence"), "/verify"),
        to(t("Für Behörden", "For authorities"), "/desk"),
      ]),
    );
  }
}
