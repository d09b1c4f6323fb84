// A mailbox that exists is opened on this device: by a passkey that devices share, by the code of a device that is
// already in, or by the recovery sheet.
//
// Invariants: nothing a vault says is used before the key history at the server confirmed it; keys are saved here before
// the server learns of new ones; after the sheet was used there is a new one. Specification: docs/format/vault.md.

import type { Address } from "../../core/ids.ts";
import { addressOf } from "../../core/addresses/address.ts";
import { type VaultContent, VaultError, checkCurrent } from "../../core/vaults/content.ts";
import { vaultKeys } from "../../core/vaults/keys.ts";
import { keysIn } from "../../client/devices.ts";
import { learnService } from "../../client/enrol.ts";
import { Http } from "../../client/http.ts";
import { systemEnvironment } from "../../client/ports.ts";
import { type Profile, Session } from "../../client/session.ts";
import { NoVaultError, fetchContent } from "../../client/vaults.ts";
import type { Account } from "../../vault/account.ts";
import { type Door, closeBox, passkeyDoor } from "../../vault/door.ts";
import { findPasskey, passkeysPossible } from "../../vault/passkey.ts";
import { askToKeep } from "../../vault/persist.ts";
import { type Secrets, writeSecrets } from "../../vault/secrets.ts";
import { h } from "../dom/element.ts";
import { button, heading, link, notice, paragraph } from "../dom/parts.ts";
import { failure } from "../failure.ts";
import { t } from "../language.ts";
import { portsOf, saveAccount } from "../mailbox-state.ts";
import type { View } from "../shell.ts";
import { joinSection } from "./join.ts";
import { sheetSection } from "./recover.ts";

export type Arrived = (account: Account, secrets: Secrets) => Promise<void>;

/** Shows another page of this flow, at no place of its own. */
export type Step = (view: View) => void;

export function arriveView(arrived: Arrived, step: Step): View {
  const said = h("div", { role: "status" });
  const shown = (error: unknown): void => said.replaceChildren(error instanceof NoVaultError ? unknownHere() : failure(error));
  return {
    title: t("Auf diesem Gerät öffnen", "Open on this device"),
    content: [
      paragraph(t("Sie haben schon ein Postfach, auf einem anderen Gerät. So öffnen Sie es auch hier:", "You already have a mailbox, on another device. This is how you open it here as well:")),
      said,
      passkeysPossible() ? passkeySection(arrived, shown) : null,
      joinSection(arrived, shown),
      sheetSection(arrived, step, shown),
      h("section", { class: "facts" }, heading(2, t("Gerät und Blatt sind weg", "Device and sheet are gone")),
        paragraph(link(t("Was jetzt zu tun ist", "What to do now"), "#/lost"))),
    ],
  };
}

function unknownHere(): HTMLElement {
  return notice(
    "warning",
    t("Damit lässt sich hier kein Postfach öffnen.", "No mailbox can be opened here with that."),
    paragraph(t(
      "Der Code ist falsch oder wurde ersetzt, oder das Gerät wurde entfernt. Prüfen Sie ihn, oder nehmen Sie einen anderen Weg.",
      "The code is wrong or was replaced, or the device was removed. Check it, or take another way.",
    )),
  );
}

function passkeySection(arrived: Arrived, shown: (error: unknown) => void): HTMLElement {
  const open = async (): Promise<void> => {
    const found = await findPasskey(systemEnvironment.random);
    if (found === undefined) throw new NoVaultError("no PRF output");
    const content = await contentAt(vaultKeys({ kind: "passkey", secret: found.prf }));
    if (found.user?.length === 32 && addressOf(found.user) !== content.address) throw new VaultError("foreign");
    const { profile } = await verified(content);
    await arrived(...(await keep(content.address, profile, content, passkeyDoor(found.credential, found.prf))));
  };
  return h(
    "section",
    { class: "facts" },
    heading(2, t("Mit Ihrem Passkey", "With your passkey")),
    paragraph(t("Wenn Ihre Geräte Passkeys teilen, zum Beispiel über Ihr Google- oder Apple-Konto.", "If your devices share passkeys, for example through your Google or Apple account.")),
    h("div", { class: "actions" }, button(t("Mit Passkey öffnen", "Open with passkey"), open, "primary", shown)),
  );
}

/** What a vault at this page's service holds. */
export async function contentAt(keys: ReturnType<typeof vaultKeys>): Promise<VaultContent> {
  const http = new Http(location.origin, systemEnvironment);
  await http.info();
  return (await fetchContent(http, keys)).content;
}

/** Connects with the keys of a content, which must be those in force. */
export async function verified(content: VaultContent): Promise<{ profile: Profile; session: Session }> {
  const learned = await learnService({ service: location.origin, root: content.root }, systemEnvironment);
  const profile: Profile = { ...learned, address: content.address };
  if (profile.origin !== content.origin) throw new VaultError("foreign");
  const session = await Session.open(profile, keysIn(content), await portsOf(content.address));
  const { party } = await session.party(content.address);
  checkCurrent(content, party);
  return { profile, session };
}

/** Saves a content's keys behind a door of this device. */
export async function keep(address: Address, profile: Profile, content: VaultContent, door: Door): Promise<[Account, Secrets]> {
  const secrets: Secrets = { keys: keysIn(content), sheet: undefined, door };
  const account: Account = {
    address,
    profile,
    issuer: content.issuer ?? address,
    lock: closeBox(door, writeSecrets(secrets), systemEnvironment.random),
    stage: "done",
    first: undefined,
    since: Date.now(),
  };
  await saveAccount(account);
  askToKeep();
  return [account, secrets];
}
