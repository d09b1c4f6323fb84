// The first page: open a mailbox that is here, or make one.

import type { Account } from "../../vault/account.ts";
import { openByPasskey, openByPassphrase } from "../../vault/door.ts";
import { usePasskey } from "../../vault/passkey.ts";
import { type Secrets, readSecrets } from "../../vault/secrets.ts";
import { systemEnvironment } from "../../client/ports.ts";
import { fill, h } from "../dom/element.ts";
import { button, field, heading, link, paragraph, waiting } from "../dom/parts.ts";
import { failure } from "../failure.ts";
import { date, t } from "../language.ts";
import type { View } from "../shell.ts";

export function unlockView(accounts: readonly Account[], opened: (account: Account, secrets: Secrets) => Promise<void>): View {
  const place = h("div");
  const shown = (error: unknown): void => {
    place.querySelector(".kern-alert")?.remove();
    place.prepend(failure(error));
  };
  if (accounts.length === 0) {
    fill(
      place,
      paragraph(t(
        "Hier bekommen Sie Briefe von Ihrer Behörde: verschlüsselt, nur für Sie, mit Quittung für jeden Schritt.",
        "Here you get letters from your authority: encrypted, for you alone, with a receipt for every step.",
      )),
      paragraph(t("Sie brauchen den Brief Ihrer Behörde mit dem Code.", "You need the letter from your authority with the code.")),
      h("div", { class: "actions" }, h("a", { href: "#/enrol", class: "kern-btn kern-btn--primary" }, h("span", { class: "kern-label" }, t("Postfach eröffnen", "Open your mailbox")))),
      paragraph(link(t("Ich habe schon ein Postfach auf einem anderen Gerät oder ein Wiederherstellungsblatt", "I already have a mailbox on another device, or a recovery sheet"), "#/arrive")),
    );
    return { title: t("Willkommen", "Welcome"), content: place };
  }
  for (const [index, account] of accounts.entries()) {
    const several = t(`${index + 1}. Postfach (${account.address.slice(0, 16)}…)`, `Mailbox ${index + 1} (${account.address.slice(0, 16)}…)`);
    const box = h("section", { class: "facts" }, heading(2, accounts.length > 1 ? several : t("Ihr Postfach", "Your mailbox")),
      paragraph(t("Auf diesem Gerät seit ", "On this device since "), date(account.since)));
    box.append(account.lock.kind === "passkey" ? passkeyDoor(account, opened, shown) : passphraseDoor(account, opened, shown));
    place.append(box);
  }
  place.append(
    paragraph(link(t("Ein weiteres Postfach eröffnen", "Open another mailbox"), "#/enrol")),
    paragraph(link(t("Ein Postfach von einem anderen Gerät oder mit dem Wiederherstellungsblatt öffnen", "Open a mailbox from another device or with the recovery sheet"), "#/arrive")),
  );
  return { title: t("Aufschließen", "Unlock"), content: place };
}

type Opened = (account: Account, secrets: Secrets) => Promise<void>;

function passkeyDoor(account: Account, opened: Opened, shown: (error: unknown) => void): HTMLElement {
  const { lock } = account;
  const open = async (): Promise<void> => {
    if (lock.kind !== "passkey") return;
    const prf = await usePasskey(lock.credential, systemEnvironment.random);
    if (prf === undefined) throw new DOMException("no PRF output", "NotAllowedError");
    const { content, door } = openByPasskey(lock, prf);
    await opened(account, readSecrets(content, door));
  };
  return h("div", { class: "actions" }, button(t("Mit Passkey aufschließen", "Unlock with passkey"), open, "primary", shown));
}

function passphraseDoor(account: Account, opened: Opened, shown: (error: unknown) => void): HTMLElement {
  const typed = field(t("Passphrase", "Passphrase"), undefined, { type: "password", autocomplete: "current-password" });
  const form = h("form", { novalidate: true }, typed.element);
  const open = async (): Promise<void> => {
    const busy = waiting();
    form.append(busy);
    try {
      const { lock } = account;
      if (lock.kind !== "passphrase") return;
      const found = await openByPassphrase(lock, typed.input.value, systemEnvironment.random).catch(() => undefined);
      typed.complain(found === undefined ? t("Die Passphrase stimmt nicht.", "The passphrase is wrong.") : undefined);
      if (found !== undefined) await opened(account, readSecrets(found.content, found.door));
    } finally {
      busy.remove();
    }
  };
  const unlock = button(t("Aufschließen", "Unlock"), open, "primary", shown);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    unlock.click();
  });
  form.append(h("div", { class: "actions" }, unlock));
  return form;
}
