// The mailbox's page begins here: which view stands at which place, and how an account comes to be open.
//
// Invariants: codes in an address are taken out of the address bar before anything else happens; keys live
// in memory until the page is left or locked; a locked page shows nothing of anybody.

import "./style.css";
import { InvitationError, parseInvitation } from "../core/enrolment/invitation.ts";
import type { ActivationCode } from "../core/enrolment/secret.ts";
import { statementHash } from "../core/ids.ts";
import { claimAnswer } from "../client/enrol.ts";
import { UnreachableError } from "../client/error.ts";
import { certifiedName } from "../client/mailbox.ts";
import { systemEnvironment } from "../client/ports.ts";
import type { Account } from "../vault/account.ts";
import type { Secrets } from "../vault/secrets.ts";
import { type Entered, enter } from "./devices/entering.ts";
import { claimWith } from "./devices/first.ts";
import { h } from "./dom/element.ts";
import { notice, paragraph, waiting } from "./dom/parts.ts";
import { failure } from "./failure.ts";
import { preferredLanguage, setLanguage, t } from "./language.ts";
import { lockTogether } from "./lock-tabs.ts";
import { type Mailbox, accounts, forgetAccount, openMailbox, saveAccount } from "./mailbox-state.ts";
import { Shell, type View } from "./shell.ts";
import { supported } from "./supported.ts";
import { keepOffline } from "./trusted.ts";
import { accessibilityView, imprintView, privacyView } from "./views/about.ts";
import { consentsView } from "./views/consents.ts";
import { enrolView } from "./views/enrol.ts";
import { inboxView } from "./views/inbox.ts";
import { letterView } from "./views/letter.ts";
import { replyView } from "./views/reply.ts";
import { settingsView } from "./views/settings.ts";
import { sheetContent } from "./views/sheet.ts";
import { unlockView } from "./views/unlock.ts";

/** How often a person who waits asks whether the authority has answered, in milliseconds. */
const ASK_AGAIN = 1500;

/** What led here, taken from the address before it can be seen, bookmarked or sent. */
function takeInvitation(): { address: string | undefined } {
  if (location.pathname !== "/enrol") return { address: undefined };
  const address = location.hash.length > 1 ? location.href : undefined;
  history.replaceState(null, "", "/#/enrol");
  return { address };
}

/** The code of a joining device, taken likewise. */
function takeCode(): string | undefined {
  const [, code] = /^#\/admit\/(.+)$/.exec(location.hash) ?? [];
  if (code !== undefined) history.replaceState(null, "", "/#/admit");
  return code;
}

class Page {
  readonly #shell: Shell;
  #mailbox: Mailbox | undefined;
  #authority = "";
  #invitation: string | undefined;
  #code: string | undefined;
  #checking = false;
  /** Steps of enrolment are shown at no place of their own. */
  #step: (() => void) | undefined;

  constructor(root: Element) {
    this.#invitation = takeInvitation().address;
    this.#shell = new Shell(
      root,
      () => (this.#mailbox === undefined || this.#step !== undefined ? [] : [
        { label: t("Posteingang", "Inbox"), route: "/" },
        { label: t("Geräte", "Devices"), route: "/devices" },
        { label: t("Einstellungen", "Settings"), route: "/settings" },
      ]),
      () => (this.#step ?? (() => void this.go()))(),
      () => {
        lockOthers();
        this.#lock();
      },
      () => this.#mailbox !== undefined,
    );
    const lockOthers = lockTogether(() => this.#lock());
    addEventListener("keys-refused", () => void this.#check());
    addEventListener("hashchange", () => {
      if (location.pathname === "/enrol" && location.hash.length > 1) this.#invitation = takeInvitation().address;
      this.#step = undefined;
      void this.go();
    });
  }

  #lock(): void {
    if (this.#mailbox === undefined) return;
    this.#mailbox = undefined;
    this.#step = undefined;
    location.hash = "#/";
    void this.go();
  }

  /** Shows what stands at the address's place. */
  async go(): Promise<void> {
    this.#code = takeCode() ?? this.#code;
    const [place = "", argument = ""] = location.hash.replace(/^#\//, "").split("/");
    try {
      const open = { imprint: imprintView, privacy: privacyView, accessibility: accessibilityView }[place];
      if (open !== undefined) return this.#shell.show(open());
      if (place === "enrol") return this.#enrol();
      if (place === "lost") return this.#shell.show((await import("./devices/lost.ts")).lostView());
      if (place === "arrive") {
        const { arriveView } = await import("./devices/arrive.ts");
        return this.#shell.show(arriveView((account, secrets) => this.#enter(account, secrets), (view) => this.#steps(view)));
      }
      if (this.#mailbox === undefined) return this.#shell.show(unlockView(await accounts(), (account, secrets) => this.#opened(account, secrets)));
      const hash = statementHash.parse(argument);
      if (place === "letter" && hash !== undefined) return this.#shell.show(letterView(this.#mailbox, hash));
      if (place === "reply" && hash !== undefined) return this.#shell.show(replyView(this.#mailbox, hash));
      if (place === "devices") return this.#shell.show((await import("./devices/list.ts")).devicesView(this.#mailbox, (renewed) => void (this.#mailbox = renewed)));
      if (place === "admit") return this.#shell.show((await import("./devices/admit.ts")).admitView(this.#mailbox, this.#code));
      if (place === "close") return this.#shell.show((await import("./views/close.ts")).closeView(this.#mailbox, (view) => this.#gone(view)));
      if (place === "export") return this.#shell.show((await import("./views/export.ts")).exportView(this.#mailbox));
      if (place === "settings") return this.#shell.show(settingsView(this.#mailbox, this.#authority, () => this.#left()));
      this.#shell.show(inboxView(this.#mailbox));
    } catch (error) {
      this.#shell.show({ title: t("Das hat nicht geklappt", "That did not work"), content: failure(error) });
    }
  }

  /** Shows a view that has no place of its own. */
  #steps(view: View): void {
    this.#step = () => this.#shell.show(view);
    this.#shell.show(view);
  }

  #left(): void {
    this.#mailbox = undefined;
    location.hash = "#/";
    void this.go();
  }

  /** Nothing of the mailbox is here any more. */
  #gone(view: View): void {
    this.#mailbox = undefined;
    history.replaceState(null, "", "#/");
    this.#steps(view);
  }

  #enrol(): void {
    let [invitation, damaged] = [undefined as ReturnType<typeof parseInvitation> | undefined, false];
    if (this.#invitation !== undefined) {
      try {
        invitation = parseInvitation(this.#invitation);
      } catch (error) {
        if (!(error instanceof InvitationError)) throw error;
        damaged = true;
      }
    }
    this.#shell.show(enrolView({ invitation, damaged, saved: (account, secrets, code) => this.#sheet(account, secrets, code) }));
  }

  async #opened(account: Account, secrets: Secrets): Promise<void> {
    if (account.stage === "sheet") return this.#sheet(account, secrets, undefined);
    if (account.stage === "answer") return this.#await(account, secrets);
    if (account.stage === "recovery") return this.#enter(...(await (await import("./devices/recover.ts")).completeRecovery(account, secrets)));
    await this.#enter(account, secrets);
  }

  /** The sheet is shown until it was checked; without the code at hand, the letter is asked for again. */
  async #sheet(account: Account, secrets: Secrets, code: ActivationCode | undefined): Promise<void> {
    const { sheet } = secrets;
    if (sheet === undefined || code === undefined) {
      // Nothing was sent yet: the enrolment begins anew with the letter, and takes the place of this one.
      location.hash = "#/enrol";
      return;
    }
    const { address, profile } = account;
    const show = (): void => {
      const place = h("div");
      place.append(h("div", null));
      const failed = (error: unknown): void => void place.firstElementChild?.replaceChildren(failure(error));
      const checked = (): Promise<void> => this.#claim(account, secrets, code);
      const content = sheetContent({ address, service: profile.service, root: profile.root, secret: sheet }, checked, failed);
      this.#shell.show({ title: t("Ihr Wiederherstellungsblatt", "Your recovery sheet"), content: [place, content] });
    };
    this.#step = show;
    show();
  }

  async #claim(account: Account, secrets: Secrets, code: ActivationCode): Promise<void> {
    await this.#await(...(await claimWith(account, secrets, code)));
  }

  /** Waits for the authority; the page may be closed meanwhile. */
  async #await(account: Account, secrets: Secrets): Promise<void> {
    let waits = true;
    const show = (): void => this.#shell.show({
      title: t("Die Behörde prüft", "The authority is checking"),
      content: [
        waiting(t("Die Behörde vergleicht Ihren Code mit ihrem Brief.", "The authority compares your code with its letter.")),
        paragraph(t("Das kann dauern. Sie können diese Seite schließen und später wieder aufschließen.", "This may take a while. You can close this page and unlock it later.")),
      ],
      leave: () => void (waits = false),
    });
    this.#step = () => {
      show();
      waits = true;
    };
    show();
    const mailbox = await openMailbox(account, secrets);
    this.#mailbox = mailbox;
    while (waits) {
      const answer = await claimAnswer(mailbox.session, account.issuer);
      if (answer?.answer === "bound") {
        const next: Account = { ...account, stage: "done", first: undefined };
        await saveAccount(next);
        this.#authority = await this.#nameOf(mailbox);
        return this.#consents({ ...mailbox, account: next });
      }
      if (answer?.answer === "refused") {
        this.#shell.show({ title: t("Die Behörde hat abgelehnt", "The authority refused"), content: notice(
          "warning",
          t("Der Code gilt nicht (mehr).", "The code does not count (any more)."),
          paragraph(t("Bitten Sie die Behörde um einen neuen Brief.", "Ask the authority for a new letter.")),
          paragraph(t("Kennung: ", "Code: "), answer.reason),
        ) });
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN));
    }
  }

  #consents(mailbox: Mailbox): void {
    const show = (): void => this.#shell.show(consentsView(mailbox, this.#authority, async () => {
      this.#step = undefined;
      this.#mailbox = mailbox;
      if (location.hash === "#/") await this.go();
      else location.hash = "#/";
    }));
    this.#step = show;
    show();
  }

  async #nameOf({ known, account }: Mailbox): Promise<string> {
    return certifiedName(await known.party(account.issuer), systemEnvironment.now()) ?? t("die Behörde", "the authority");
  }

  async #enter(account: Account, secrets: Secrets): Promise<void> {
    let entered: Entered;
    try {
      entered = await enter(account, secrets);
    } catch (error) {
      if (!(error instanceof UnreachableError) || account.stage !== "done") throw error;
      return this.#offline(account, secrets);
    }
    this.#step = undefined;
    await this.#entered(account, entered);
  }

  /** What was opened on this device can be read without the server. */
  async #offline(account: Account, secrets: Secrets): Promise<void> {
    const { offlineView } = await import("./views/offline.ts");
    const lock = (): void => {
      this.#step = undefined;
      void this.go();
    };
    const connect = async (): Promise<void> => this.#entered(account, await enter(account, secrets));
    this.#steps(offlineView(account, secrets, connect, lock));
  }

  async #entered(account: Account, entered: Entered): Promise<void> {
    if (entered.state === "removed") return this.#removed(account);
    const { mailbox } = entered;
    this.#authority = await this.#nameOf(mailbox);
    this.#mailbox = mailbox;
    const goOn = async (): Promise<void> => {
      this.#step = undefined;
      if (location.hash === "#/enrol" || location.hash === "#/arrive") location.hash = "#/";
      else await this.go();
    };
    if (entered.state === "open") return goOn();
    const { renewedView } = await import("./devices/lost.ts");
    this.#steps(renewedView(() => void goOn()));
  }

  async #removed(account: Account): Promise<void> {
    this.#mailbox = undefined;
    const { removedView } = await import("./devices/lost.ts");
    this.#steps(removedView(async () => {
      await forgetAccount(account);
      this.#step = undefined;
      await this.go();
    }));
  }

  /** The server refused the keys of an open mailbox: they were renewed, or this device was removed. */
  async #check(): Promise<void> {
    const mailbox = this.#mailbox;
    if (mailbox === undefined || this.#checking) return;
    this.#checking = true;
    try {
      const entered = await enter(mailbox.account, mailbox.secrets);
      // Refused for another reason: the view has said so.
      if (entered.state !== "open") await this.#entered(mailbox.account, entered);
    } finally {
      this.#checking = false;
    }
  }
}

setLanguage(preferredLanguage());
const dark = matchMedia("(prefers-color-scheme: dark)");
const colour = (): void => document.documentElement.setAttribute("data-kern-theme", dark.matches ? "dark" : "light");
dark.addEventListener("change", colour);
colour();
const root = document.getElementById("app");
if (root !== null && supported()) {
  void new Page(root).go();
  // After what the person waits for.
  addEventListener("load", () => void keepOffline());
}
