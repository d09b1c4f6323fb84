// Opening a mailbox: the letter's code, keys, a lock, the sheet, the authority's answer, consents.
//
//   code ──▶ keys made here ──▶ lock: passkey or passphrase ──saved──▶ sheet ──checked──▶ registered, claimed
//        ──the authority binds──▶ consents ──▶ mailbox
//
// Invariants: the code stays in this page; keys are saved before the server hears of them; every step is saved, so a
// closed page goes on where it was. Specification: docs/format/enrolment.md.

import { type Invitation, InvitationError, parseInvitation } from "../../core/enrolment/invitation.ts";
import { ActivationCode } from "../../core/enrolment/secret.ts";
import { PaperError } from "../../core/enrolment/paper.ts";
import { type NewParty, drawParty, learnService } from "../../client/enrol.ts";
import { systemEnvironment } from "../../client/ports.ts";
import type { Profile } from "../../client/session.ts";
import type { Account } from "../../vault/account.ts";
import { type Door, closeBox } from "../../vault/door.ts";
import { askToKeep } from "../../vault/persist.ts";
import { type Secrets, writeSecrets } from "../../vault/secrets.ts";
import { makeDoor } from "../devices/make-door.ts";
import { fill, h } from "../dom/element.ts";
import { button, field, heading, paragraph } from "../dom/parts.ts";
import { failure } from "../failure.ts";
import { t } from "../language.ts";
import { saveAccount } from "../mailbox-state.ts";
import type { View } from "../shell.ts";
import { authoritiesAt, type ListedAuthority } from "./authorities.ts";

export interface Enrolling {
  /** From the address in the QR code, if that led here. */
  readonly invitation: Invitation | undefined;
  /** The letter's code was read but is damaged. */
  readonly damaged: boolean;
  /** Keys are locked and saved. The code is needed once more for the claim. */
  readonly saved: (account: Account, secrets: Secrets, code: ActivationCode) => Promise<void>;
}

export function enrolView({ invitation, damaged, saved }: Enrolling): View {
  const place = h("div");
  const shown = (error: unknown): void => {
    place.querySelector(".kern-alert")?.remove();
    place.prepend(failure(error));
  };
  if (invitation === undefined) askForCode(place, damaged, (found) => lockKeys(place, found, saved, shown), shown);
  else lockKeys(place, invitation, saved, shown);
  return { title: t("Postfach eröffnen", "Open your mailbox"), content: place };
}

function askForCode(place: Element, damaged: boolean, next: (found: Invitation) => void, shown: (error: unknown) => void): void {
  const typed = field(
    t("Code aus dem Brief", "Code from the letter"),
    t("Acht Gruppen aus vier Zeichen. Groß oder klein ist gleich.", "Eight groups of four characters. Capitals or not does not matter."),
    { autocomplete: "off", autocapitalize: "characters", spellcheck: "false" },
  );
  const wrong = t("Der Code hat einen Tippfehler. Bitte noch einmal vom Brief abschreiben.", "The code has a typing error. Please copy it from the letter again.");
  const goOn = async (): Promise<void> => {
    const text = typed.input.value.trim();
    try {
      if (text.includes("#")) return next(parseInvitation(text));
      const code = ActivationCode.parse(text);
      typed.complain(undefined);
      chooseAuthority(place, code, await authoritiesAt(location.origin), next);
    } catch (error) {
      if (!(error instanceof PaperError) && !(error instanceof InvitationError)) throw error;
      typed.complain(wrong);
    }
  };
  fill(
    place,
    paragraph(t(
      "Ihre Behörde hat Ihnen einen Brief mit einem Code geschickt. Scannen Sie den QR-Code darin, oder tippen Sie den Code hier ein.",
      "Your authority has sent you a letter with a code. Scan the QR code in it, or type the code here.",
    )),
    typed.element,
    h("div", { class: "actions" }, button(t("Weiter", "Continue"), goOn, "primary", shown)),
  );
  if (damaged) typed.complain(wrong);
}

/** A typed code names neither authority nor operator: the person compares both with the letter. */
function chooseAuthority(place: Element, code: ActivationCode, listed: readonly ListedAuthority[], next: (found: Invitation) => void): void {
  const choices = listed.map(({ name, address, root }) =>
    h("li", null, heading(2, name), paragraph(t("Prüfzeichen: ", "Check characters: "), h("span", { class: "codes" }, (root.match(/.{4}/g) ?? []).join(" "))),
      button(t(`${name}: stimmt mit dem Brief überein`, `${name}: same as on the letter`), () => next({ service: location.origin, issuer: address, root, code }), "primary")),
  );
  fill(
    place,
    paragraph(t(
      "Wer hat Ihnen den Brief geschrieben? Vergleichen Sie auch die Prüfzeichen mit denen im Brief. Stimmen sie nicht, hören Sie auf und rufen Sie die Behörde an.",
      "Who wrote you the letter? Also compare the check characters with those on the letter. If they differ, stop and call the authority.",
    )),
    h("ul", { class: "files" }, choices),
  );
}

function lockKeys(place: Element, invitation: Invitation, saved: Enrolling["saved"], shown: (error: unknown) => void): void {
  // What is sent goes where this page came from, whatever a letter says.
  const here: Invitation = { ...invitation, service: location.origin };
  let drawing: Promise<{ profile: Profile; drawn: NewParty }> | undefined;
  const draw = async (): Promise<{ profile: Profile; drawn: NewParty }> => {
    const profile = await learnService(here, systemEnvironment);
    return { profile, drawn: drawParty(profile, systemEnvironment) };
  };
  const finish = async (door: Door): Promise<void> => {
    const { profile, drawn } = await (drawing ??= draw());
    const secrets: Secrets = { keys: drawn.keys, sheet: drawn.sheet, door };
    const account: Account = {
      address: drawn.address,
      profile: { ...profile, address: drawn.address },
      issuer: here.issuer,
      lock: closeBox(door, writeSecrets(secrets), systemEnvironment.random),
      stage: "sheet",
      first: drawn.statement.bytes,
      since: Date.now(),
    };
    await saveAccount(account);
    askToKeep();
    await saved(account, secrets, here.code);
  };
  makeDoor(
    place,
    t(
      "Ihre Schlüssel werden jetzt auf diesem Gerät gemacht. Nur Sie haben sie. Sie öffnen Ihr Postfach danach wie Ihr Gerät: mit Fingerabdruck, Gesicht oder PIN.",
      "Your keys are now made on this device. Only you have them. After that you open your mailbox like your device: with fingerprint, face or PIN.",
    ),
    async () => {
      drawing = draw();
      return (await drawing).drawn.address;
    },
    finish,
    shown,
  );
}
