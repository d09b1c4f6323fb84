// Locking and unlocking a desk on this device: by passkey where the browser has PRF, else by passphrase.

import type { Lock } from "../../vault/account.ts";
import { MIN_PASSPHRASE, openWithPasskey, openWithPassphrase, sealForPasskey, sealForPassphrase } from "../../vault/lock.ts";
import { createPasskey, passkeysPossible, usePasskey } from "../../vault/passkey.ts";
import { systemEnvironment } from "../../client/ports.ts";
import { fill, h } from "../dom/element.ts";
import { button, field, notice, paragraph, waiting } from "../dom/parts.ts";
import { t } from "../language.ts";

type Shown = (error: unknown) => void;

/** Asks how to lock `content`, and hands the lock over. */
export function askForLock(place: Element, name: string, content: Uint8Array, done: (lock: Lock) => Promise<void>, shown: Shown): void {
  const { random } = systemEnvironment;
  const byPasskey = async (): Promise<void> => {
    const passkey = await createPasskey(name, random);
    if (passkey === undefined) return askForPassphrase(place, true, content, done, shown);
    await done({ kind: "passkey", credential: passkey.credential, box: sealForPasskey(content, passkey.prf, random) });
  };
  if (!passkeysPossible()) return askForPassphrase(place, false, content, done, shown);
  fill(
    place,
    paragraph(t(
      "Schützen Sie den Zugang auf diesem Gerät. Danach schließen Sie auf wie Ihr Gerät: mit Fingerabdruck, Gesicht, Schlüssel oder PIN.",
      "Protect the access on this device. After that you unlock it like your device: with fingerprint, face, security key or PIN.",
    )),
    h("div", { class: "actions" },
      button(t("Mit Passkey schützen", "Protect with a passkey"), byPasskey, "primary", shown),
      button(t("Lieber mit Passphrase", "Rather with a passphrase"), () => askForPassphrase(place, false, content, done, shown), "tertiary", shown)),
  );
}

function askForPassphrase(place: Element, fallback: boolean, content: Uint8Array, done: (lock: Lock) => Promise<void>, shown: Shown): void {
  const first = field(
    t("Neue Passphrase für dieses Gerät", "New passphrase for this device"),
    t(`Mindestens ${MIN_PASSPHRASE} Zeichen, am besten vier Wörter. Sie verlässt dieses Gerät nicht.`, `At least ${MIN_PASSPHRASE} characters, best four words. It never leaves this device.`),
    { type: "password", autocomplete: "new-password" },
  );
  const second = field(t("Passphrase noch einmal", "Passphrase again"), undefined, { type: "password", autocomplete: "new-password" });
  const goOn = async (): Promise<void> => {
    const passphrase = first.input.value;
    const short = [...passphrase].length < MIN_PASSPHRASE;
    const differs = second.input.value !== passphrase;
    second.complain(differs ? t("Die beiden sind verschieden.", "The two differ.") : undefined);
    first.complain(short ? t("Zu kurz.", "Too short.") : undefined);
    if (short || differs) return;
    const busy = waiting();
    place.append(busy);
    try {
      await done({ kind: "passphrase", box: await sealForPassphrase(content, passphrase, systemEnvironment.random) });
    } finally {
      busy.remove();
    }
  };
  const next = button(t("Schützen und öffnen", "Protect and open"), goOn, "primary", shown);
  fill(
    place,
    fallback
      ? notice("info", t("Dieses Gerät kann Schlüssel nicht mit einem Passkey schützen.", "This device cannot protect keys with a passkey."), paragraph(t("Eine Passphrase schützt sie ebenso.", "A passphrase protects them as well.")))
      : null,
    formOf(next, first.element, second.element),
  );
  first.input.focus();
}

/** What opens a lock: a button, or a field for the passphrase. */
export function door(lock: Lock, label: string, opened: (content: Uint8Array) => Promise<void>, shown: Shown): HTMLElement {
  if (lock.kind === "passkey") {
    const open = async (): Promise<void> => {
      const prf = await usePasskey(lock.credential, systemEnvironment.random);
      if (prf === undefined) throw new DOMException("no PRF output", "NotAllowedError");
      await opened(openWithPasskey(lock.box, prf));
    };
    return h("div", { class: "actions" }, button(label, open, "primary", shown));
  }
  const typed = field(t("Passphrase", "Passphrase"), undefined, { type: "password", autocomplete: "current-password" });
  const open = async (): Promise<void> => {
    const content = await openWithPassphrase(lock.box, typed.input.value).catch(() => undefined);
    typed.complain(content === undefined ? t("Die Passphrase stimmt nicht.", "The passphrase is wrong.") : undefined);
    if (content !== undefined) await opened(content);
  };
  return formOf(button(label, open, "primary", shown), typed.element);
}

/** A form that the enter key sends by its button; the page itself sends nothing. */
export function formOf(send: HTMLButtonElement, ...fields: HTMLElement[]): HTMLFormElement {
  send.type = "submit";
  return h("form", { novalidate: true, onsubmit: (event) => event.preventDefault() }, fields, h("div", { class: "actions" }, send));
}
