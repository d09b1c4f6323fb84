// Words of the desk that stand in more than one view.

import type { Status } from "../../core/book/entry.ts";
import type { Role } from "../../core/statement/key.ts";
import { t } from "../language.ts";

export function statusWords(status: Status): string {
  return {
    listed: t("noch kein Brief", "no letter yet"),
    issued: t("Brief mit Code unterwegs", "letter with code sent"),
    expired: t("Brief abgelaufen", "letter expired"),
    bound: t("verbunden", "connected"),
    withdrawn: t("zurückgenommen", "withdrawn"),
  }[status];
}

export function roleWords(role: Role): string {
  return {
    send: t("senden", "send"),
    register: t("Personen verbinden", "connect people"),
    read: t("Antworten lesen", "read replies"),
    administer: t("Rechte vergeben", "grant rights"),
  }[role];
}
