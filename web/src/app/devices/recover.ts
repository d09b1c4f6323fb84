// The recovery sheet opens a mailbox on this device: old mail is readable, the keys are new, and so is the sheet.
//
//   old sheet ──▶ its vault: old keys ──▶ new keys and new sheet drawn ──▶ door ──saved──▶ new sheet printed, checked
//      ──▶ key statement ──▶ vaults: this device and the new sheet, nobody else
//
// Invariants: the server hears of nothing before the new sheet was checked; every other device is out and is told so.

import { parseAddress } from "../../core/addresses/address.ts";
import { PaperError } from "../../core/enrolment/paper.ts";
import { RecoverySecret } from "../../core/enrolment/secret.ts";
import type { Address } from "../../core/ids.ts";
import type { VaultContent } from "../../core/vaults/content.ts";
import { vaultKeys } from "../../core/vaults/keys.ts";
import { verify } from "../../core/statement/signed.ts";
import { holderOf, writeVaults } from "../../client/devices.ts";
import { learnService } from "../../client/enrol.ts";
import { ForeignSheetError, LapsedRecoveryError, RefusedError } from "../../client/error.ts";
import { type Recovery, prepareRecovery, renewRecovery, submitKeys } from "../../client/keys.ts";
import { systemEnvironment } from "../../client/ports.ts";
import { type Profile, Session } from "../../client/session.ts";
import { NoVaultError } from "../../client/vaults.ts";
import type { Account } from "../../vault/account.ts";
import { type Door, closeBox, ownVault } from "../../vault/door.ts";
import { askToKeep } from "../../vault/persist.ts";
import { type Secrets, writeSecrets } from "../../vault/secrets.ts";
import { fill, h } from "../dom/element.ts";
import { button, field, heading, notice, paragraph, waiting } from "../dom/parts.ts";
import { t } from "../language.ts";
import { portsOf, saveAccount } from "../mailbox-state.ts";
import { authoritiesAt } from "../views/authorities.ts";
import { sheetContent } from "../views/sheet.ts";
import { failure } from "../failure.ts";
import type { View } from "../shell.ts";
import { type Arrived, type Step, contentAt } from "./arrive.ts";
import { ownName } from "./entering.ts";
import { makeDoor } from "./make-door.ts";
import { scanField } from "./scan.ts";

/** What a sheet leads to. */
interface Opened {
  readonly old: RecoverySecret;
  readonly profile: Profile & { readonly address: Address };
  readonly recovery: Recovery;
  readonly issuer: Address;
}

export function sheetSection(arrived: Arrived, step: Step, shown: (error: unknown) => void): HTMLElement {
  const typed = field(
    t("Geheimnis vom Wiederherstellungsblatt", "Secret on the recovery sheet"),
    t("Zehn Gruppen aus vier Zeichen. Groß oder klein ist gleich.", "Ten groups of four characters. Capitals or not does not matter."),
    { autocomplete: "off", autocapitalize: "characters", spellcheck: "false" },
  );
  const address = field(
    t("Adresse vom Blatt", "Address on the sheet"),
    t("Sie beginnt mit pf1. Nur nötig, wenn das Blatt nicht von diesen Seiten stammt.", "It begins with pf1. Only needed if the sheet was not made by these pages."),
    { autocomplete: "off", spellcheck: "false" },
  );
  address.element.hidden = true;
  const place = h("div");
  const open = async (): Promise<void> => {
    let old: RecoverySecret;
    try {
      old = RecoverySecret.parse(typed.input.value.trim());
      typed.complain(undefined);
    } catch (error) {
      if (!(error instanceof PaperError)) throw error;
      return typed.complain(t("Der Code hat einen Tippfehler. Bitte noch einmal vom Blatt abschreiben.", "The code has a typing error. Please copy it from the sheet again."));
    }
    const busy = waiting();
    place.append(busy);
    try {
      const found = await openSheet(old, address.element.hidden ? undefined : parseAddress(address.input.value.trim()));
      if (found !== undefined) return chooseDoor(found, arrived, step);
      address.element.hidden = false;
      address.complain(t("Zu diesem Blatt ist hier nichts hinterlegt. Prüfen Sie das Geheimnis, und tippen Sie auch die Adresse ein.", "Nothing is kept here for this sheet. Check the secret, and type the address as well."));
    } catch (error) {
      if (!(error instanceof ForeignSheetError)) throw error;
      shown(new NoVaultError("the sheet is not, or no longer, the one of this mailbox"));
    } finally {
      busy.remove();
    }
  };
  const noCode = t("Auf dem Bild ist kein lesbarer QR-Code. Halten Sie das Blatt gerade und gut beleuchtet.", "There is no readable QR code in the picture. Hold the sheet straight and well lit.");
  const scan = scanField(t("Oder den QR-Code vom Blatt fotografieren", "Or photograph the QR code on the sheet"), (text) => {
    if (text !== undefined) typed.input.value = text.split("-").join(" ");
    typed.complain(text === undefined ? noCode : undefined);
  }, shown);
  fill(place, typed.element, scan, address.element, h("div", { class: "actions" }, button(t("Mit dem Blatt öffnen", "Open with the sheet"), open, "primary", shown)));
  return h(
    "section",
    { class: "facts" },
    heading(2, t("Mit dem Wiederherstellungsblatt", "With the recovery sheet")),
    paragraph(t(
      "Für den Fall, dass Ihr Gerät verloren ist. Alle anderen Geräte werden dabei ausgeschlossen, und Sie bekommen ein neues Blatt.",
      "In case your device is lost. All other devices are shut out by this, and you get a new sheet.",
    )),
    place,
  );
}

/** Old keys, and new ones drawn; nothing where no vault belongs to this sheet and no address was given. */
async function openSheet(old: RecoverySecret, address: Address | undefined): Promise<Opened | undefined> {
  let content: VaultContent | undefined;
  try {
    content = await contentAt(vaultKeys({ kind: "sheet", secret: old }));
  } catch (error) {
    if (!(error instanceof NoVaultError)) throw error;
    if (address === undefined) return undefined;
  }
  const whose = content?.address ?? address;
  if (whose === undefined) return undefined;
  const [listed] = content === undefined ? await authoritiesAt(location.origin) : [];
  const root = content?.root ?? listed?.root;
  if (root === undefined) return undefined;
  const profile = { ...(await learnService({ service: location.origin, root }, systemEnvironment)), address: whose };
  const recovery = await prepareRecovery(profile, whose, old, await portsOf(whose), content?.openers ?? []);
  return { old, profile, recovery, issuer: content?.issuer ?? listed?.address ?? whose };
}

function chooseDoor(found: Opened, arrived: Arrived, step: Step): void {
  const place = h("div");
  const said = h("div", { role: "status" });
  const failed = (error: unknown): void => said.replaceChildren(failure(error));
  const { recovery, profile } = found;
  const finish = async (door: Door): Promise<void> => {
    const secrets: Secrets = { keys: recovery.keys, sheet: recovery.sheet, door };
    const account: Account = {
      address: profile.address,
      profile,
      issuer: found.issuer,
      lock: closeBox(door, writeSecrets(secrets), systemEnvironment.random),
      stage: "recovery",
      first: undefined,
      since: Date.now(),
    };
    await saveAccount(account);
    askToKeep();
    step(newSheetView(account, secrets, found, arrived));
  };
  step({
    title: t("Ihr Postfach ist gefunden", "Your mailbox was found"),
    content: [said, place],
  });
  const introduction = t(
    "Ihre Schlüssel werden erneuert. Wie soll das Postfach auf diesem Gerät aufgeschlossen werden?",
    "Your keys are renewed. How is the mailbox to be unlocked on this device?",
  );
  makeDoor(place, introduction, async () => profile.address, finish, failed);
}

function newSheetView(account: Account, secrets: Secrets, found: Opened, arrived: Arrived): View {
  const said = h("div", { role: "status" });
  const failed = (error: unknown): void => said.replaceChildren(failure(error));
  const { address, profile } = account;
  const checked = async (): Promise<void> => {
    const ports = await portsOf(address);
    const { statement } = await renewRecovery(profile, address, found.old, ports, found.recovery);
    const signed: Account = { ...account, first: statement.bytes };
    await saveAccount(signed);
    await arrived(...(await completeRecovery(signed, secrets)));
  };
  const content = sheetContent({ address, service: profile.service, root: profile.root, secret: found.recovery.sheet }, checked, failed);
  const replaced = notice(
    "info",
    t("Das ist Ihr neues Blatt. Das alte gilt nicht mehr, sobald Sie weitergehen.", "This is your new sheet. The old one no longer counts once you continue."),
    paragraph(t("Vernichten Sie das alte Blatt danach.", "Destroy the old sheet afterwards.")),
  );
  return { title: t("Ihr neues Wiederherstellungsblatt", "Your new recovery sheet"), content: [said, h("div", { class: "no-print" }, replaced), content] };
}

/** What the server no longer takes; a statement that it took before gets its receipt again. */
function lapsed(error: unknown): never {
  const over = error instanceof RefusedError && ["clock-out-of-range", "key-history", "other-log"].includes(error.code);
  throw over ? new LapsedRecoveryError(error.code, { cause: error }) : error;
}

/** Sends the signed recovery, and leaves keys to this device and the new sheet alone. Safe to repeat. */
export async function completeRecovery(account: Account, secrets: Secrets): Promise<[Account, Secrets]> {
  const { first } = account;
  const session = await Session.open(account.profile, secrets.keys, await portsOf(account.address));
  if (first !== undefined) await submitKeys(session, verify("key", first)).catch(lapsed);
  const now = session.now;
  const own = ownVault(secrets.door);
  const holders = [holderOf(own, "device", ownName(), now)];
  if (secrets.sheet !== undefined) {
    const sheet = vaultKeys({ kind: "sheet", secret: secrets.sheet });
    holders.push(holderOf(sheet, "sheet", t("Wiederherstellungsblatt", "Recovery sheet"), now));
  }
  await writeVaults(session, own, { holders, issuer: account.issuer });
  const done: Secrets = { ...secrets, sheet: undefined };
  const saved: Account = { ...account, stage: "done", first: undefined, lock: closeBox(secrets.door, writeSecrets(done), systemEnvironment.random) };
  await saveAccount(saved);
  return [saved, done];
}
