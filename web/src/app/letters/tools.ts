// Above the list: search, filter, folders.
//
// Invariant: what is typed stays in this page. The choice is kept while the mailbox is open, so that whoever comes back
// from a letter finds the list as it was.

import { choice } from "../dom/choice.ts";
import { fill, h } from "../dom/element.ts";
import { button, field } from "../dom/parts.ts";
import { t } from "../language.ts";
import type { Mailbox } from "../mailbox-state.ts";
import { plain } from "../plain-text.ts";
import { type FolderFault, MAX_FOLDERS, MAX_NAME, type Place } from "./folders.ts";
import type { Filter, Selection } from "./selection.ts";

export function placeName(mailbox: Mailbox, place: Place): string {
  if (place === "inbox") return t("Posteingang", "Inbox");
  if (place === "archive") return t("Archiv", "Archive");
  return plain(mailbox.folders.all.find(({ number }) => number === place)?.name ?? "");
}

/** All places, as a list of choices offers them. */
export function places(mailbox: Mailbox): readonly (readonly [string, string])[] {
  const all: Place[] = ["inbox", "archive", ...mailbox.folders.all.map(({ number }) => number)];
  return all.map((place) => [String(place), placeName(mailbox, place)] as const);
}

export function toPlace(value: string): Place {
  return value === "inbox" || value === "archive" ? value : Number(value);
}

export function folderFault(fault: FolderFault): string {
  switch (fault) {
    case "empty": return t("Bitte einen Namen eintippen.", "Please type a name.");
    case "exists": return t("Diesen Ordner gibt es schon.", "That folder exists already.");
    case "too-many": return t(`Mehr als ${MAX_FOLDERS} Ordner gehen nicht.`, `No more than ${MAX_FOLDERS} folders.`);
  }
}

/** `changed` is told of every new selection. */
export function listTools(mailbox: Mailbox, changed: (selection: Selection) => void): HTMLElement {
  const set = (part: Partial<Selection>): void => {
    mailbox.selection = { ...mailbox.selection, ...part };
    changed(mailbox.selection);
  };
  const search = field(t("Suchen", "Search"), t("In Absender, Betreff, Text und Dateinamen der Briefe, die dieses Gerät gelesen hat.", "In senders, subjects, texts and file names of the letters that this device has read."), { type: "search", autocomplete: "off", spellcheck: "false" });
  search.input.value = mailbox.selection.query;
  search.input.addEventListener("input", () => set({ query: search.input.value }));
  const filters: [Filter, string][] = [["all", t("Alle", "All")], ["unread", t("Ungelesene", "Unread")], ["period", t("Frist läuft", "Period running")]];
  const filter = choice(t("Zeigen", "Show"), filters, mailbox.selection.filter);
  filter.input.addEventListener("change", () => set({ filter: filter.input.value as Filter }));
  const folderPlace = h("div", null);
  const drawFolders = (): void => {
    const place = choice(t("Ordner", "Folder"), places(mailbox), String(mailbox.selection.place));
    place.input.addEventListener("change", () => {
      set({ place: toPlace(place.input.value) });
      drawFolders();
      folderPlace.querySelector("select")?.focus();
    });
    fill(folderPlace, place.element, removal());
  };
  const removal = (): HTMLElement | null => {
    const { place } = mailbox.selection;
    if (typeof place !== "number") return null;
    return button(t(`Ordner „${placeName(mailbox, place)}“ auflösen`, `Dissolve the folder “${placeName(mailbox, place)}”`), async () => {
      await mailbox.folders.remove(place);
      set({ place: "inbox" });
      drawFolders();
      folderPlace.querySelector("select")?.focus();
    }, "tertiary");
  };
  drawFolders();
  return h("section", { class: "list-tools", "aria-label": t("Briefe finden", "Find letters") },
    h("search", null, search.element),
    h("details", { open: mailbox.selection.filter !== "all" || mailbox.selection.place !== "inbox" },
      h("summary", null, t("Filter und Ordner", "Filter and folders")),
      h("div", { class: "choices" }, filter.element, folderPlace)));
}

/** In a letter: where it lies, and putting it elsewhere. */
export function filing(mailbox: Mailbox, hash: Parameters<Mailbox["folders"]["placeOf"]>[0]): HTMLElement {
  const said = h("p", { class: "kern-body", role: "status" });
  const tools = h("div", null);
  const put = async (place: Place): Promise<void> => {
    await mailbox.folders.put(hash, place);
    draw();
    fill(said, t(`Der Brief liegt jetzt hier: ${placeName(mailbox, place)}.`, `The letter is here now: ${placeName(mailbox, place)}.`));
  };
  const draw = (): void => {
    const at = mailbox.folders.placeOf(hash);
    const to = choice(t("Ablegen in", "File in"), places(mailbox), String(at));
    to.input.addEventListener("change", () => {
      void put(toPlace(to.input.value)).then(() => tools.querySelector("select")?.focus());
    });
    const name = field(t("Neuer Ordner", "New folder"), undefined, { maxlength: String(MAX_NAME), autocomplete: "off" });
    const make = async (): Promise<void> => {
      const made = await mailbox.folders.make(name.input.value);
      name.complain(typeof made === "string" ? folderFault(made) : undefined);
      if (typeof made === "number") await put(made);
    };
    fill(tools,
      at === "inbox" ? h("div", { class: "actions" }, button(t("Archivieren", "Archive"), () => put("archive"), "secondary")) : null,
      to.element,
      h("details", null, h("summary", null, t("Neuen Ordner anlegen", "Make a new folder")), name.element, h("div", { class: "actions" }, button(t("Anlegen und ablegen", "Make it and file"), make, "secondary"))));
  };
  draw();
  return h("details", { class: "filing" }, h("summary", null, t("Ablegen", "File")), tools, said);
}
