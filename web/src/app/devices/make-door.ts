// How a mailbox is to be unlocked on this device from now on: a passkey, or a passphrase where there is none with PRF.

import type { Address } from "../../core/ids.ts";
import { addressBytes } from "../../core/addresses/address.ts";
import { systemEnvironment } from "../../client/ports.ts";
import { type Door, passkeyDoor, passphraseDoor } from "../../vault/door.ts";
import { MIN_PASSPHRASE } from "../../vault/lock.ts";
import { createPasskey, passkeysPossible } from "../../vault/passkey.ts";
import { fill, h } from "../dom/element.ts";
import { button, field, notice, paragraph, waiting } from "../dom/parts.ts";
import { t } from "../language.ts";

type Made = (door: Door) => Promise<void>;

/** Asks for a door in `place`; `address` is whose mailbox it is, which a shared passkey remembers. */
export function makeDoor(place: Element, introduction: string, address: () => Promise<Address>, made: Made, shown: (error: unknown) => void): void {
  const withPasskey = async (): Promise<void> => {
    const passkey = await createPasskey("Mein Postfach", systemEnvironment.random, addressBytes(await address()));
    if (passkey === undefined) return askForPassphrase(place, true, made, shown);
    await made(passkeyDoor(passkey.credential, passkey.prf));
  };
  if (!passkeysPossible()) return askForPassphrase(place, false, made, shown);
  fill(
    place,
    paragraph(introduction),
    h("div", { class: "actions" },
      button(t("Mit Passkey schützen", "Protect with a passkey"), withPasskey, "primary", shown),
      button(t("Lieber mit Passphrase", "Rather with a passphrase"), () => askForPassphrase(place, false, made, shown), "tertiary"),
    ),
  );
}

function askForPassphrase(place: Element, fallback: boolean, made: Made, shown: (error: unknown) => void): void {
  const first = field(
    t("Passphrase", "Passphrase"),
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
    const busy = waiting(t("Schlüssel werden gemacht …", "Keys are being made …"));
    place.append(busy);
    try {
      await made(await passphraseDoor(passphrase, systemEnvironment.random));
    } finally {
      busy.remove();
    }
  };
  fill(
    place,
    fallback
      ? notice("info", t("Dieses Gerät kann Schlüssel nicht mit einem Passkey schützen.", "This device cannot protect keys with a passkey."), paragraph(t("Eine Passphrase schützt sie ebenso.", "A passphrase protects them as well.")))
      : null,
    h("form", { novalidate: true, onsubmit: (event) => event.preventDefault() }, first.element, second.element,
      h("div", { class: "actions" }, button(t("Weiter", "Continue"), goOn, "primary", shown))),
  );
}
