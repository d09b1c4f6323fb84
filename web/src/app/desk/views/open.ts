// The desk's first page: unlock a desk that is here, or open one with the authority's key file.
//
//   key file ──passphrase──▶ keys ──operator's key: from profile.toml, or compared by the clerk──▶ the authority's
//   verified keys and certificate ──name, lock──▶ kept on this device
//
// Invariants: keys leave neither this page nor this device; the operator's root key is never believed because the
// server shows it; keys that the authority's key statement does not name are refused.

import { type KeyFile, KeyFileError, isSealed, readKeyFile, unsealKeyFile } from "../../../core/keyfile.ts";
import type { Address, VerifyingKey } from "../../../core/ids.ts";
import { keyBytes } from "../../../core/ids.ts";
import { SEED_BYTES } from "../../../core/keys/signing-key.ts";
import { MAX_PROFILE, type ProfileFile, readProfileFile } from "../../../core/profile-file.ts";
import { learnService } from "../../../client/enrol.ts";
import { Http } from "../../../client/http.ts";
import { certifiedName } from "../../../client/mailbox.ts";
import { MemorySpool, MemoryStore, systemEnvironment } from "../../../client/ports.ts";
import { type PrivateKeys, type Profile, Session } from "../../../client/session.ts";
import { type DeskAccount, type DeskSecrets, type PendingDesk, readDeskSecrets, writeDeskSecrets } from "../../../vault/desk.ts";
import { askToKeep } from "../../../vault/persist.ts";
import { fill, h } from "../../dom/element.ts";
import { button, checkbox, field, heading, link, notice, paragraph, terms } from "../../dom/parts.ts";
import { failure } from "../failure.ts";
import { date, t } from "../../language.ts";
import { plain } from "../../plain-text.ts";
import type { View } from "../../shell.ts";
import { askForLock, door, formOf } from "../locks.ts";
import { deskId, desks } from "../state.ts";

type Opened = (account: DeskAccount, secrets: DeskSecrets) => Promise<void>;

export function unlockDeskView(accounts: readonly DeskAccount[], pending: readonly PendingDesk[], opened: Opened, resumed: (pending: PendingDesk, content: Uint8Array) => Promise<void>): View {
  const place = h("div");
  const shown = complain(place);
  for (const account of accounts) {
    place.append(h("section", { class: "facts" },
      heading(2, account.authority),
      paragraph(t(`${account.clerk}, auf diesem Gerät seit ${date(account.since)}`, `${account.clerk}, on this device since ${date(account.since)}`)),
      door(account.lock, t("Schreibtisch aufschließen", "Unlock the desk"), (content) => opened(account, readDeskSecrets(content)), shown)));
  }
  for (const waiting of pending) {
    place.append(h("section", { class: "facts" },
      heading(2, t("Beitritt, noch nicht aufgenommen", "Joining, not admitted yet")),
      paragraph(t(`${waiting.clerk}, seit ${date(waiting.since)}`, `${waiting.clerk}, since ${date(waiting.since)}`)),
      door(waiting.lock, t("Beitritt fortsetzen", "Continue joining"), (content) => resumed(waiting, content), shown)));
  }
  place.append(
    paragraph(link(t("Schreibtisch mit Schlüsseldatei einrichten", "Set up a desk with a key file"), "#/open")),
    paragraph(link(t("Als neue Kollegin oder neuer Kollege beitreten", "Join as a new colleague"), "#/join")),
  );
  const text = t(
    "Der Schreibtisch ist für Behörden: Briefe verschlüsselt versenden, Quittungen sehen, Antworten lesen.",
    "The desk is for authorities: send letters encrypted, see receipts, read replies.",
  );
  return { title: accounts.length === 0 ? t("Schreibtisch der Behörde", "The authority's desk") : t("Aufschließen", "Unlock"), content: [accounts.length === 0 ? paragraph(text) : null, place] };
}

export function openDeskView(opened: Opened): View {
  const place = h("div");
  askForFiles(place, opened, complain(place));
  return { title: t("Schreibtisch einrichten", "Set up the desk"), content: place };
}

function complain(place: Element): (error: unknown) => void {
  return (error) => {
    place.querySelector(".kern-alert--warning, .kern-alert--danger")?.remove();
    place.prepend(failure(error));
  };
}

function askForFiles(place: Element, opened: Opened, shown: (error: unknown) => void): void {
  const keyFile = field(t("Schlüsseldatei", "Key file"), t("keys.age oder keys.txt aus dem Profilordner der Behörde. Sie bleibt auf diesem Gerät.", "keys.age or keys.txt from the authority's profile folder. It stays on this device."), { type: "file", accept: ".age,.txt" });
  const profileFile = field(t("Profil (freiwillig)", "Profile (voluntary)"), t("profile.toml aus demselben Ordner. Ohne sie vergleichen Sie gleich die Prüfzahl des Betreibers.", "profile.toml from the same folder. Without it you will compare the operator's check number."), { type: "file", accept: ".toml" });
  const passphrase = field(t("Passphrase der Schlüsseldatei", "Passphrase of the key file"), t("Nur bei keys.age nötig.", "Needed for keys.age only."), { type: "password", autocomplete: "off" });
  const goOn = async (): Promise<void> => {
    const file = (keyFile.input as HTMLInputElement).files?.[0];
    keyFile.complain(file === undefined ? t("Bitte die Schlüsseldatei wählen.", "Please choose the key file.") : undefined);
    if (file === undefined) return;
    const bytes = new Uint8Array(await file.arrayBuffer());
    let text = bytes;
    if (isSealed(bytes)) {
      const unsealed = await unsealKeyFile(bytes, passphrase.input.value.normalize("NFKC")).catch(() => undefined);
      passphrase.complain(unsealed === undefined ? t("Die Passphrase öffnet diese Datei nicht.", "The passphrase does not open this file.") : undefined);
      if (unsealed === undefined) return;
      text = unsealed as Uint8Array<ArrayBuffer>;
    }
    const keys = readOr(keyFile, () => readKeyFile(text));
    if (keys === undefined) return;
    const profile = await readProfile((profileFile.input as HTMLInputElement).files?.[0]);
    profileFile.complain(profile === "unreadable" ? t("Das ist kein Profil einer Behörde.", "That is no authority's profile.") : undefined);
    if (profile === "unreadable") return;
    const address = keys.address ?? profile?.address;
    keyFile.complain(address === undefined ? t("In der Datei fehlt die Adresse der Behörde. Bitte profile.toml dazu wählen.", "The file lacks the authority's address. Please choose profile.toml, too.") : undefined);
    if (address === undefined) return;
    const pinned = profile?.root;
    if (pinned !== undefined) await identify(place, keys, address, pinned, opened, shown);
    else await compareRoot(place, keys, address, opened, shown);
  };
  fill(
    place,
    paragraph(t(
      "Einmal die Schlüsseldatei der Behörde wählen. Danach schließen Sie mit Passkey oder Passphrase auf.",
      "Choose the authority's key file once. After that you unlock with a passkey or passphrase.",
    )),
    formOf(button(t("Weiter", "Continue"), goOn, "primary", shown), keyFile.element, passphrase.element, profileFile.element),
  );
}

function readOr(keyFile: ReturnType<typeof field>, read: () => KeyFile): KeyFile | undefined {
  try {
    const keys = read();
    const shared = keys.openers.length > 0;
    keyFile.complain(shared ? undefined : t("Diese Datei hat keinen Schlüssel zum Lesen. Bitte lassen Sie sich als Kollegin oder Kollege aufnehmen.", "This file has no key for reading. Please have yourself admitted as a colleague."));
    return shared ? keys : undefined;
  } catch (error) {
    if (!(error instanceof KeyFileError)) throw error;
    keyFile.complain(error.reason === "line"
      ? t(`Zeile ${error.line} ist kein Schlüssel. Die Datei ist beschädigt oder eine andere.`, `Line ${error.line} is no key. The file is damaged or another one.`)
      : t("Das ist keine Schlüsseldatei.", "That is no key file."));
    return undefined;
  }
}

async function readProfile(file: File | undefined): Promise<ProfileFile | "unreadable" | undefined> {
  if (file === undefined) return undefined;
  return file.size > MAX_PROFILE ? "unreadable" : (readProfileFile(await file.text()) ?? "unreadable");
}

/** Without a profile the clerk compares the operator's key with a source that is not this server. */
async function compareRoot(place: Element, keys: KeyFile, address: Address, opened: Opened, shown: (error: unknown) => void): Promise<void> {
  const info = await new Http(location.origin, systemEnvironment).info();
  const root = keyBytes.parse(info.root);
  if (root === undefined) throw new TypeError("no root key");
  const same = checkbox(t("Die Prüfzahl ist dieselbe wie in den Unterlagen des Betreibers.", "The check number is the same as in the operator's papers."));
  const next = button(t("Weiter", "Continue"), async () => (same.input.checked ? identify(place, keys, address, root, opened, shown) : same.input.focus()), "primary", shown);
  fill(
    place,
    heading(2, t("Prüfzahl des Betreibers vergleichen", "Compare the operator's check number")),
    paragraph(t("Vergleichen Sie diese Zahl mit der, die Ihnen der Betreiber auf anderem Weg gegeben hat. Ist sie anders, hören Sie auf und rufen Sie ihn an.", "Compare this number with the one that the operator gave you in another way. If it differs, stop and call the operator.")),
    h("p", { class: "codes" }, (root.match(/.{4}/g) ?? []).join(" ")),
    same.element,
    h("div", { class: "actions" }, next),
  );
  same.input.focus();
}

/** The keys must be ones that the authority's verified key history names. */
async function identify(place: Element, file: KeyFile, address: Address, root: VerifyingKey, opened: Opened, shown: (error: unknown) => void): Promise<void> {
  const learned = await learnService({ service: location.origin, root }, systemEnvironment);
  const profile: Profile = { ...learned, address };
  const keys: PrivateKeys = { identity: file.identities[0], signer: file.signers[0], openers: file.openers };
  const session = await Session.open(profile, keys, { environment: systemEnvironment, store: new MemoryStore(), spool: new MemorySpool() });
  const own = await session.party(address);
  const { payload } = own.party.current;
  const key = session.dailyKey.verifyingKey;
  if (payload.identity !== key && !payload.signers.some((grant) => grant.key === key)) {
    return fill(place, notice("danger", t("Diese Schlüssel gelten nicht mehr.", "These keys no longer count."), paragraph(t("Die Behörde hat ihre Schlüssel gewechselt oder dieses Recht beendet. Bitte die neueste Schlüsseldatei nehmen.", "The authority has changed its keys or ended this right. Please take the newest key file."))));
  }
  nameAndLock(place, { address, authority: certifiedName(own, session.now), profile, keys, opened, shown });
}

interface Found {
  readonly address: Address;
  readonly authority: string | undefined;
  readonly profile: Profile;
  readonly keys: PrivateKeys;
  readonly opened: Opened;
  readonly shown: (error: unknown) => void;
}

function nameAndLock(place: Element, { address, authority, profile, keys, opened, shown }: Found): void {
  const clerk = field(t("Ihr Name", "Your name"), t("So sehen ihn Kolleginnen und Kollegen. Bürgerinnen und Bürger sehen nur die Behörde.", "As colleagues see it. Citizens see the authority only."), { autocomplete: "name", maxlength: "100" });
  const called = authority === undefined ? t("Behörde ohne Beglaubigung", "authority without certificate") : plain(authority);
  const goOn = (): void => {
    const name = clerk.input.value.trim();
    clerk.complain(name === "" ? t("Bitte angeben.", "Please fill in.") : undefined);
    if (name === "") return;
    const secrets: DeskSecrets = { keys, vault: systemEnvironment.random(SEED_BYTES), device: systemEnvironment.random(SEED_BYTES) };
    keepDesk(place, { address, authority: called, clerk: name, profile, since: Date.now() }, secrets, opened, shown);
  };
  fill(
    place,
    authority === undefined
      ? notice("warning", t("Diese Behörde ist nicht beglaubigt.", "This authority is not certified."), paragraph(t("Bis der Betreiber sie beglaubigt, kann sie keine Briefe mit Code schreiben und nichts senden.", "Until the operator certifies it, it can neither write letters with codes nor send.")))
      : notice("success", t("Schlüssel geprüft", "Keys verified"), terms([[t("Behörde, beglaubigt vom Betreiber", "Authority, certified by the operator"), called], [t("Adresse", "Address"), address]])),
    formOf(button(t("Weiter", "Continue"), goOn, "primary", shown), clerk.element),
  );
  clerk.input.focus();
}

/** Locks the keys, keeps the desk on this device, and opens it. */
export function keepDesk(place: Element, account: Omit<DeskAccount, "lock">, secrets: DeskSecrets, opened: Opened, shown: (error: unknown) => void): void {
  askForLock(place, `${account.authority}: ${account.clerk}`, writeDeskSecrets(secrets), async (lock) => {
    const whole: DeskAccount = { ...account, lock };
    const me = (secrets.keys.signer ?? secrets.keys.identity)?.verifyingKey;
    if (me === undefined) throw new TypeError("a desk without a key");
    await (await desks()).saveAccount(deskId(account, me), whole);
    askToKeep();
    await opened(whole, secrets);
  }, shown);
}

