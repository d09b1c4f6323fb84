// This device shows a code; another device, where the mailbox is open, lets it in.

import { JoiningCode } from "../../core/enrolment/secret.ts";
import type { VaultContent } from "../../core/vaults/content.ts";
import { vaultKeys } from "../../core/vaults/keys.ts";
import { settleIn } from "../../client/devices.ts";
import { systemEnvironment } from "../../client/ports.ts";
import { NoVaultError } from "../../client/vaults.ts";
import { type Door, ownVault } from "../../vault/door.ts";
import { fill, h } from "../dom/element.ts";
import { button, field, heading, paragraph, waiting } from "../dom/parts.ts";
import { t } from "../language.ts";
import { renderSVG } from "../views/qr.ts";
import { type Arrived, contentAt, keep, verified } from "./arrive.ts";
import { ownName } from "./entering.ts";
import { makeDoor } from "./make-door.ts";

/** How often this device asks whether it was let in, in milliseconds, and how often at most: ten minutes. */
const ASK_AGAIN = 2000;
const MAX_ASKS = 300;

/** Where the code leads when it is scanned with a device that is in. */
export function admitAddress(code: JoiningCode): string {
  return `${location.origin}/#/admit/${code.toPaper()}`;
}

export function joinSection(arrived: Arrived, shown: (error: unknown) => void): HTMLElement {
  const place = h("div");
  const show = async (): Promise<void> => {
    const code = JoiningCode.generate(systemEnvironment.random);
    fill(
      place,
      h("ol", { class: "steps" }, [
        t("Öffnen Sie Ihr Postfach auf dem anderen Gerät.", "Open your mailbox on the other device."),
        t("Gehen Sie dort zu „Geräte“ und dann zu „Gerät hinzufügen“.", "Go to “Devices” there and then to “Add a device”."),
        t("Tippen Sie dort diesen Code ein, oder scannen Sie ihn mit der Kamera des anderen Geräts. Zeigen Sie ihn niemandem sonst.", "Type this code there, or scan it with the other device's camera. Show it to nobody else."),
      ].map((step) => h("li", { class: "kern-body" }, step))),
      h("p", { class: "codes", id: "joining-code" }, code.toPaper().split("-").join(" ")),
      renderSVG(admitAddress(code), t("QR-Code zum Hinzufügen dieses Geräts", "QR code to add this device")),
      waiting(t("Wartet auf das andere Gerät …", "Waiting for the other device …")),
    );
    const content = await admitted(code, place);
    if (content === undefined) return fill(place, paragraph(t("Der Code ist abgelaufen.", "The code has expired.")), again());
    const { profile, session } = await verified(content);
    const name = field(t("Name dieses Geräts", "Name of this device"), t("So erkennen Sie es in der Liste Ihrer Geräte.", "So that you recognise it in the list of your devices."), { value: ownName(), maxlength: "60" });
    const choice = h("div");
    fill(place, paragraph(t("Das andere Gerät hat Sie eingelassen.", "The other device has let you in.")), name.element, choice);
    const finish = async (door: Door): Promise<void> => {
      const kept = await keep(content.address, profile, content, door);
      await settleIn(session, code, ownVault(door), name.input.value.trim() || ownName());
      await arrived(...kept);
    };
    const introduction = t("Wie soll das Postfach auf diesem Gerät aufgeschlossen werden?", "How is the mailbox to be unlocked on this device?");
    makeDoor(choice, introduction, async () => content.address, finish, shown);
    name.input.focus();
  };
  const again = (): HTMLElement => h("div", { class: "actions" }, button(t("Code zeigen", "Show a code"), () => void show().catch(shown), "primary", shown));
  place.append(again());
  return h(
    "section",
    { class: "facts" },
    heading(2, t("Mit einem Gerät, auf dem es offen ist", "With a device on which it is open")),
    paragraph(t("Dieses Gerät zeigt einen Code. Ihr anderes Gerät lässt es damit ein.", "This device shows a code. Your other device lets it in with that.")),
    place,
  );
}

/** Asks until the other device has let this one in; nothing once the code expired or the page was left. */
async function admitted(code: JoiningCode, place: Element): Promise<VaultContent | undefined> {
  const keys = vaultKeys({ kind: "joining", secret: code });
  for (let asked = 0; asked < MAX_ASKS && (asked === 0 || place.isConnected); asked += 1) {
    try {
      return await contentAt(keys);
    } catch (error) {
      if (!(error instanceof NoVaultError)) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN));
  }
  return undefined;
}
