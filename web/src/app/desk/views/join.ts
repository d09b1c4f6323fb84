// Joining a desk as a new colleague: keys made here, a code shown to an administrator, then the vault awaited.
//
// Invariants: the keys never leave this device; the authority that the vault names is compared by its number before
// anything is kept. The page may be closed meanwhile: what waits lies locked on this device.

import { authorityNumber, codeNumber, readClerkCode, signVault, writeClerkCode } from "../../../core/book/clerk-code.ts";
import { utf8 } from "../../../core/codec/bytes.ts";
import { SEED_BYTES, SigningKey } from "../../../core/keys/signing-key.ts";
import { type VaultContent, checkCurrent } from "../../../core/vaults/content.ts";
import { vaultKeys } from "../../../core/vaults/keys.ts";
import { learnService } from "../../../client/enrol.ts";
import { Http } from "../../../client/http.ts";
import { certifiedName } from "../../../client/mailbox.ts";
import { MemorySpool, MemoryStore, systemEnvironment } from "../../../client/ports.ts";
import { Session } from "../../../client/session.ts";
import { NoVaultError, fetchContent } from "../../../client/vaults.ts";
import { type DeskAccount, type DeskSecrets, type PendingDesk, readDeskSecrets, writeDeskSecrets } from "../../../vault/desk.ts";
import { fill, h } from "../../dom/element.ts";
import { button, checkbox, field, heading, notice, paragraph, terms, waiting } from "../../dom/parts.ts";
import { failure } from "../failure.ts";
import { t } from "../../language.ts";
import { saveAs } from "../../letter/save.ts";
import { plain } from "../../plain-text.ts";
import type { View } from "../../shell.ts";
import { askForLock, formOf } from "../locks.ts";
import { deskId, desks } from "../state.ts";

type Opened = (account: DeskAccount, secrets: DeskSecrets) => Promise<void>;

/** How often the vault is looked for while the page waits, in milliseconds. */
const LOOK = 2500;

const pendingId = (secrets: DeskSecrets): string => `join.${secrets.keys.signer?.verifyingKey.slice(0, 16) ?? ""}`;

export function joinView(opened: Opened): View {
  const place = h("div");
  const { random } = systemEnvironment;
  let waits = true;
  const shown = (error: unknown): void => {
    place.querySelector(".kern-alert--warning, .kern-alert--danger")?.remove();
    place.prepend(failure(error));
  };
  const name = field(t("Ihr Name", "Your name"), t("So sehen ihn Kolleginnen und Kollegen.", "As colleagues see it."), { autocomplete: "name", maxlength: "100" });
  const goOn = (): void => {
    const clerk = name.input.value.trim();
    name.complain(clerk === "" ? t("Bitte angeben.", "Please fill in.") : undefined);
    if (clerk === "") return;
    const secrets: DeskSecrets = { keys: { signer: SigningKey.fromSeed(random(SEED_BYTES)), openers: [] }, vault: random(SEED_BYTES), device: random(SEED_BYTES) };
    askForLock(place, `${t("Schreibtisch", "Desk")}: ${clerk}`, writeDeskSecrets(secrets), async (lock) => {
      const own = vaultKeys({ kind: "device", secret: secrets.vault });
      const { signer } = secrets.keys;
      if (signer === undefined) throw new TypeError("a clerk without a key");
      const code = writeClerkCode({ name: clerk, signer: signer.verifyingKey, vault: signVault(signer, own.key.verifyingKey, own.identity.recipient) });
      const pending: PendingDesk = { pending: true, clerk, code, lock, since: Date.now() };
      await (await desks()).saveAccount(pendingId(secrets), pending);
      await waitForVault(place, pending, secrets, opened, () => waits);
    }, shown);
  };
  fill(
    place,
    paragraph(t("Auf diesem Gerät werden Schlüssel gemacht, die nur Sie haben. Jemand mit dem Recht dazu nimmt Sie dann auf.", "Keys are made on this device that only you have. Somebody with the right to do so then admits you.")),
    formOf(button(t("Weiter", "Continue"), goOn, "primary", shown), name.element),
  );
  return { title: t("Als Kollegin oder Kollege beitreten", "Join as a colleague"), content: place, leave: () => void (waits = false) };
}

/** Goes on with a desk that waits to be admitted. */
export function resumeJoin(pending: PendingDesk, content: Uint8Array, opened: Opened): View {
  const place = h("div");
  let waits = true;
  void waitForVault(place, pending, readDeskSecrets(content), opened, () => waits);
  return { title: t("Als Kollegin oder Kollege beitreten", "Join as a colleague"), content: place, leave: () => void (waits = false) };
}

async function waitForVault(place: Element, pending: PendingDesk, secrets: DeskSecrets, opened: Opened, waits: () => boolean): Promise<void> {
  const code = readClerkCode(pending.code);
  if (code === undefined) throw new TypeError("a damaged code");
  const state = h("div", { "aria-live": "polite" }, waiting(t("Es wird auf die Aufnahme gewartet …", "Waiting to be admitted …")));
  const shownCode = field(t("Ihr Code", "Your code"), t("Schicken Sie ihn an jemanden, der Rechte vergibt. Er ist nicht geheim.", "Send it to somebody who grants rights. It is not secret."), { readonly: true, spellcheck: "false" }, "textarea");
  shownCode.input.value = pending.code;
  const copied = h("span", { role: "status" });
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(pending.code);
    fill(copied, t("Kopiert.", "Copied."));
  };
  fill(
    place,
    shownCode.element,
    h("div", { class: "actions" }, button(t("Code kopieren", "Copy the code"), copy, "primary", () => shownCode.input.select()), button(t("Code als Datei speichern", "Save the code as a file"), () => saveAs(utf8(pending.code), "code.txt", "text/plain"), "secondary"), copied),
    heading(2, t("Ihre Prüfzahl", "Your check number")),
    paragraph(t("Diese Zahl muss genau so auf dem Gerät der Person stehen, die Sie aufnimmt:", "This number must be exactly the same on the device of the person who admits you:")),
    h("p", { class: "codes", id: "code-number" }, codeNumber(code)),
    state,
  );
  const own = vaultKeys({ kind: "device", secret: secrets.vault });
  const http = new Http(location.origin, systemEnvironment);
  while (waits()) {
    try {
      const { content } = await fetchContent(http, own);
      return await recognise(place, pending, secrets, content, opened);
    } catch (error) {
      if (!(error instanceof NoVaultError)) return fill(state, failure(error));
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK));
  }
}

/** The vault is there: the authority in it is verified, and recognised by the clerk. */
async function recognise(place: Element, pending: PendingDesk, secrets: DeskSecrets, content: VaultContent, opened: Opened): Promise<void> {
  const learned = await learnService({ service: location.origin, root: content.root }, systemEnvironment);
  const profile = { ...learned, address: content.address };
  const session = await Session.open(profile, { ...secrets.keys, openers: content.openers }, { environment: systemEnvironment, store: new MemoryStore(), spool: new MemorySpool() });
  const own = await session.party(content.address);
  checkCurrent(content, own.party);
  const name = certifiedName(own, session.now) ?? t("Behörde ohne Beglaubigung", "authority without certificate");
  const said = h("div", { role: "status" });
  const same = checkbox(t("Die Zahl ist dieselbe.", "The number is the same."));
  const enter = async (): Promise<void> => {
    if (!same.input.checked) return same.input.focus();
    const signer = secrets.keys.signer?.verifyingKey;
    if (signer === undefined) throw new TypeError("a clerk without a key");
    const account: DeskAccount = { address: content.address, authority: plain(name), clerk: pending.clerk, profile, lock: pending.lock, since: Date.now() };
    const base = await desks();
    await base.saveAccount(deskId(account, signer), account);
    await base.removeAccount(pendingId(secrets));
    await opened(account, secrets);
  };
  fill(
    place,
    notice("success", t("Sie sind aufgenommen.", "You are admitted."), terms([[t("Behörde, beglaubigt vom Betreiber", "Authority, certified by the operator"), plain(name)]])),
    paragraph(t("Vergleichen Sie diese Zahl mit der auf dem Gerät der Person, die Sie aufgenommen hat. Ist sie anders, hören Sie auf.", "Compare this number with the one on the device of the person who admitted you. If it differs, stop.")),
    h("p", { class: "codes", id: "authority-number" }, authorityNumber(content.address, content.root)),
    same.element,
    said,
    h("div", { class: "actions" }, button(t("Schreibtisch öffnen", "Open the desk"), enter, "primary", (error) => fill(said, failure(error)))),
  );
  same.input.focus();
}
