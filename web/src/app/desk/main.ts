// The desk's page begins here: which view stands at which place, and how a desk comes to be open.
//
// Invariants: keys live in memory until the page is left or locked; a locked page shows nothing of anybody; views
// that a clerk has no right to are not offered. Heavy views are loaded when they are opened.

import "../style.css";
import "./desk.css";
import type { DeskAccount, DeskSecrets, PendingDesk } from "../../vault/desk.ts";
import { failure } from "./failure.ts";
import { preferredLanguage, setLanguage, t } from "../language.ts";
import { type Place, Shell, type View } from "../shell.ts";
import { supported } from "../supported.ts";
import { accessibilityView, imprintView, privacyView } from "../views/about.ts";
import { type Desk, deskAccounts, openDesk, pendingDesks } from "./state.ts";
import { openDeskView, unlockDeskView } from "./views/open.ts";

/** How long nobody may work before the desk is locked, in milliseconds. */
const IDLE = 30 * 60_000;

class DeskPage {
  readonly #shell: Shell;
  #desk: Desk | undefined;
  /** A view that is ready after another was asked for is not shown. */
  #turn = 0;

  constructor(root: Element) {
    this.#shell = new Shell(root, () => this.#places(), () => void this.go(), () => this.#lock(), () => this.#desk !== undefined);
    addEventListener("hashchange", () => void this.go());
    this.#lockWhenIdle();
  }

  #places(): readonly Place[] {
    const desk = this.#desk;
    if (desk === undefined) return [];
    const places: (Place | false)[] = [
      { label: t("Adressbuch", "Address book"), route: "/" },
      desk.may("send") && { label: t("Schreiben", "Write"), route: "/drafts" },
      (desk.shared.record.fourEyes === true || desk.shared.record.releases.length > 0) && { label: t("Freigabe", "Release"), route: "/releases" },
      { label: t("Gesendet", "Sent"), route: "/sent" },
      desk.may("read") && { label: t("Eingang", "Received"), route: "/replies" },
      desk.may("register") && { label: t("Anträge", "Requests"), route: "/claims" },
      { label: t("Kollegium", "Colleagues"), route: "/team" },
      { label: t("Einstellungen", "Settings"), route: "/settings" },
    ];
    return places.filter((place) => place !== false);
  }

  /** The place stays, so that unlocking leads back to it. */
  #lock(): void {
    this.#desk = undefined;
    void this.go();
  }

  #left(): void {
    this.#desk = undefined;
    location.hash = "#/";
    void this.go();
  }

  /** A desk that nobody works at is locked; drafts stay, and what is being sent is finished first. */
  #lockWhenIdle(): void {
    let last = Date.now();
    for (const sign of ["keydown", "pointerdown", "input"]) addEventListener(sign, () => (last = Date.now()), { passive: true });
    setInterval(() => {
      const busy = document.querySelector("progress:not([hidden])") !== null;
      if (this.#desk !== undefined && !busy && Date.now() - last > IDLE) this.#lock();
    }, IDLE / 30);
  }

  async #opened(account: DeskAccount, secrets: DeskSecrets): Promise<void> {
    this.#desk = await openDesk(account, secrets);
    if (["#/open", "#/join"].includes(location.hash)) location.hash = "#/";
    else await this.go();
  }

  /** Goes on with joining. */
  async #resumed(pending: PendingDesk, content: Uint8Array): Promise<void> {
    const { resumeJoin } = await import("./views/join.ts");
    this.#shell.show(resumeJoin(pending, content, (account, secrets) => this.#opened(account, secrets)));
  }

  /** After the keys were renewed. */
  async #reopen(): Promise<void> {
    const desk = this.#desk;
    if (desk === undefined) return;
    this.#desk = await openDesk(desk.account, desk.secrets);
    await this.go();
  }

  /** Shows what stands at the address's place. */
  async go(): Promise<void> {
    const [place = "", argument = "", more = ""] = location.hash.replace(/^#\/?/, "").split("/").map(decodeURIComponent);
    this.#turn += 1;
    const turn = this.#turn;
    try {
      const view = await this.#view(place, argument, more);
      if (turn === this.#turn) this.#shell.show(view);
      else view.leave?.();
    } catch (error) {
      this.#shell.show({ title: t("Das hat nicht geklappt", "That did not work"), content: failure(error) });
    }
  }

  async #view(place: string, argument: string, more: string): Promise<View> {
    const open = { imprint: imprintView, privacy: privacyView, accessibility: accessibilityView }[place];
    if (open !== undefined) return open();
    const opened = (account: DeskAccount, secrets: DeskSecrets): Promise<void> => this.#opened(account, secrets);
    if (place === "open") return openDeskView(opened);
    if (place === "join") return (await import("./views/join.ts")).joinView(opened);
    const desk = this.#desk;
    if (desk === undefined) return unlockDeskView(await deskAccounts(), await pendingDesks(), opened, (pending, content) => this.#resumed(pending, content));
    switch (place) {
      case "person":
        return (await import("./views/person.ts")).personView(desk, argument);
      case "new":
        return (await import("./views/person.ts")).newPersonView(desk);
      case "letters":
        return (await import("./views/letters.ts")).lettersView(desk, argument);
      case "claims":
        return (await import("./views/claims.ts")).claimsView(desk);
      case "team":
        return (await import("./views/team.ts")).teamView(desk, () => this.#reopen());
      case "settings":
        return (await import("./views/settings.ts")).settingsView(desk, () => this.#left());
      case "drafts":
        return (await import("./views/drafts.ts")).draftsView(desk);
      case "write":
        return (await import("./views/write.ts")).writeView(desk, argument, more);
      case "preview":
        return (await import("./views/preview.ts")).previewView(desk, argument);
      case "sending":
        return (await import("./views/sending.ts")).sendingView(desk, argument);
      case "sent": {
        const { sentLetterView, sentView } = await import("./views/sent.ts");
        return argument === "" ? sentView(desk) : sentLetterView(desk, argument);
      }
      case "unread":
        return (await import("./views/unread.ts")).unreadView(desk);
      case "replies": {
        const { repliesView, replyReadView } = await import("./views/replies.ts");
        return argument === "" ? repliesView(desk) : replyReadView(desk, argument);
      }
      case "releases":
        return (await import("./views/releases.ts")).releasesView(desk);
      case "release":
        return (await import("./views/releases.ts")).releaseView(desk, argument);
      case "import":
        return (await import("./views/import.ts")).importView(desk);
      default:
        return (await import("./views/book.ts")).bookView(desk);
    }
  }
}

setLanguage(preferredLanguage());
const dark = matchMedia("(prefers-color-scheme: dark)");
const colour = (): void => document.documentElement.setAttribute("data-kern-theme", dark.matches ? "dark" : "light");
dark.addEventListener("change", colour);
colour();
const root = document.getElementById("app");
if (root !== null && supported()) void new DeskPage(root).go();
