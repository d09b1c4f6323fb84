// The devices of a mailbox: which there are, their names, adding and removing one.
//
// Invariant: removing renews the keys, so whoever was removed reads nothing that comes later; what it had read before,
// it keeps.

import type { VaultHolder } from "../../core/vaults/content.ts";
import type { UnixMillis, VerifyingKey } from "../../core/ids.ts";
import { type Sharing, holderOf, removeHolder, renameHolder, repair } from "../../client/devices.ts";
import { ownVault } from "../../vault/door.ts";
import { fill, h } from "../dom/element.ts";
import { button, field, heading, notice, paragraph, terms, waiting } from "../dom/parts.ts";
import { failure } from "../failure.ts";
import { date, t } from "../language.ts";
import { type Mailbox, openMailbox } from "../mailbox-state.ts";
import type { View } from "../shell.ts";
import { ownName, saveKeys } from "./entering.ts";

/** Longest name that a person gives a device, in characters. */
export const NAME_LENGTH = 60;

export function devicesView(mailbox: Mailbox, renewed: (mailbox: Mailbox) => void): View {
  const list = h("div", null, waiting());
  const said = h("div", { role: "status" });
  const page = new Devices(mailbox, renewed, list, said);
  page.load();
  return {
    title: t("Geräte", "Devices"),
    content: [
      paragraph(t("Auf diesen Geräten lässt sich Ihr Postfach öffnen.", "Your mailbox can be opened on these devices.")),
      said,
      list,
      h("div", { class: "actions" }, h("a", { href: "#/admit", class: "kern-btn kern-btn--primary" }, h("span", { class: "kern-label" }, t("Gerät hinzufügen", "Add a device")))),
    ],
  };
}

class Devices {
  constructor(
    private mailbox: Mailbox,
    private readonly renewed: (mailbox: Mailbox) => void,
    private readonly list: Element,
    private readonly said: Element,
  ) {}

  readonly shown = (error: unknown): void => fill(this.said, failure(error));

  load(): void {
    const { session, secrets, account } = this.mailbox;
    const own = ownVault(secrets.door);
    const made = (): VaultHolder => holderOf(own, "device", ownName(), account.since as UnixMillis);
    repair(session, own, made, account.issuer).then((found) => this.#show(found)).catch(this.shown);
  }

  #show({ holders }: Sharing): void {
    const own = ownVault(this.mailbox.secrets.door).key.verifyingKey;
    fill(this.list, h("ul", { class: "files" }, holders.map((holder) => h("li", null, this.#row(holder, holder.key === own)))));
    if (!holders.some(({ kind }) => kind === "sheet")) {
      this.list.append(notice("info", t("Für Ihr Wiederherstellungsblatt sind hier keine Schlüssel hinterlegt.", "No keys are kept here for your recovery sheet."),
        paragraph(t("Mit ihm bekommen Sie die Adresse zurück, aber keine alten Briefe.", "It brings the address back, but no old letters."))));
    }
  }

  #row(holder: VaultHolder, own: boolean): HTMLElement {
    const title = own ? t(`${holder.name} (dieses Gerät)`, `${holder.name} (this device)`) : holder.name;
    const box = h("section", { class: "facts" }, heading(2, title), terms([[t("Hinzugefügt am", "Added on"), date(holder.added)]]));
    if (holder.kind === "sheet") {
      box.append(paragraph(t("Es liegt auf Papier bei Ihnen. Ein neues bekommen Sie, wenn Sie es benutzen.", "It is with you on paper. You get a new one when you use it.")));
      return box;
    }
    if (own && this.mailbox.account.lock.kind === "passkey") {
      box.append(paragraph(t("Dazu gehört jedes Gerät, das diesen Passkey teilt.", "Every device that shares this passkey belongs to it.")));
    }
    const actions = h("div", { class: "actions" }, button(t(`${holder.name}: umbenennen`, `${holder.name}: rename`), () => this.#rename(box, holder), "secondary", this.shown));
    if (!own) actions.append(button(t(`${holder.name}: entfernen`, `${holder.name}: remove`), () => this.#askToRemove(box, holder), "secondary", this.shown));
    box.append(actions);
    return box;
  }

  #rename(box: Element, holder: VaultHolder): void {
    const name = field(t("Neuer Name", "New name"), undefined, { value: holder.name, maxlength: String(NAME_LENGTH) });
    const save = async (): Promise<void> => {
      const wanted = name.input.value.trim();
      name.complain(wanted === "" ? t("Bitte einen Namen eintippen.", "Please type a name.") : undefined);
      if (wanted === "") return;
      const { session, secrets } = this.mailbox;
      this.#show(await renameHolder(session, ownVault(secrets.door), holder.key, wanted));
    };
    fill(box, heading(2, holder.name), name.element, h("div", { class: "actions" }, button(t("Speichern", "Save"), save, "primary", this.shown)));
    name.input.focus();
  }

  #askToRemove(box: Element, holder: VaultHolder): void {
    fill(
      box,
      heading(2, t(`${holder.name} entfernen?`, `Remove ${holder.name}?`)),
      paragraph(t(
        "Ihre Schlüssel werden erneuert. Das entfernte Gerät liest keine neuen Briefe mehr. Was es schon gelesen hat, kann es behalten.",
        "Your keys are renewed. The removed device reads no new letters any more. What it has read already, it can keep.",
      )),
      h("div", { class: "actions" },
        button(t("Ja, entfernen", "Yes, remove"), () => this.#remove(holder.key), "primary", this.shown),
        button(t("Nein", "No"), () => this.load(), "tertiary")),
    );
  }

  async #remove(key: VerifyingKey): Promise<void> {
    const { session, secrets, account } = this.mailbox;
    let saved = { account, secrets };
    const removed = await removeHolder(session, ownVault(secrets.door), key, async (keys) => {
      saved = await saveKeys(account, secrets, keys);
    });
    this.mailbox = await openMailbox(saved.account, saved.secrets);
    this.renewed(this.mailbox);
    this.#show(removed.sharing);
    fill(this.said, notice("success", t("Das Gerät ist entfernt. Ihre Schlüssel sind erneuert.", "The device is removed. Your keys are renewed.")));
  }
}
