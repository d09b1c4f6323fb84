// What went wrong, in words: what happened, then what to do.
//
// Invariant: a server that contradicts signatures or itself is told apart from one that is away or refuses, and
// nothing of what it showed is used. Content that is not what was signed is never shown.

import { ContentError } from "../core/envelope/content.ts";
import { AnswerError, DishonestError, LapsedRecoveryError, NotDecryptableError, RefusedError, UnreachableError } from "../client/error.ts";
import { notice } from "./dom/parts.ts";
import { paragraph } from "./dom/parts.ts";
import { t } from "./language.ts";

interface Words {
  readonly tone: "warning" | "danger";
  readonly what: string;
  readonly next: string;
  /** For whoever helps. */
  readonly code: string | undefined;
}

function words(error: unknown): Words {
  if (error instanceof DishonestError) {
    return {
      tone: "danger",
      what: t("Warnung: Der Server hat etwas gezeigt, das nicht stimmen kann.", "Warning: the server showed something that cannot be true."),
      next: t(
        "Nichts davon wurde verwendet. Beide Fassungen sind als Beweis aufbewahrt. Wenden Sie sich an die Behörde, nicht über dieses Postfach.",
        "Nothing of it was used. Both versions are kept as proof. Contact the authority, but not through this mailbox.",
      ),
      code: error.lie.lie,
    };
  }
  if (error instanceof ContentError || error instanceof NotDecryptableError) {
    return {
      tone: "danger",
      what: t("Warnung: Der Inhalt ist nicht der, der unterschrieben wurde.", "Warning: the content is not what was signed."),
      next: t(
        "Er wird nicht gezeigt. Der Absender erfährt es und muss ihn noch einmal senden.",
        "It is not shown. The sender is told and has to send it again.",
      ),
      code: error instanceof ContentError ? error.reason : "not-decryptable",
    };
  }
  if (error instanceof UnreachableError) {
    return {
      tone: "warning",
      what: t("Der Server ist nicht erreichbar.", "The server cannot be reached."),
      next: t("Verbindung prüfen und noch einmal versuchen. Es ging nichts verloren.", "Check the connection and try again. Nothing was lost."),
      code: undefined,
    };
  }
  if (error instanceof LapsedRecoveryError) {
    return {
      tone: "warning",
      what: t("Die Erneuerung wurde zu lange unterbrochen.", "The renewal was interrupted for too long."),
      next: t(
        "Öffnen Sie das Postfach noch einmal mit dem alten Blatt. Das neue Blatt, das Sie schon haben, gilt nicht.",
        "Open the mailbox once more with the old sheet. The new sheet that you already have does not count.",
      ),
      code: undefined,
    };
  }
  if (error instanceof RefusedError) {
    // The page looks why: this device was removed, or the keys were renewed elsewhere.
    if (error.code === "not-allowed") dispatchEvent(new Event("keys-refused"));
    const { title, titleDe, detail, detailDe } = error.problem;
    return { tone: "warning", what: t(titleDe, title), next: t(detailDe, detail), code: error.code };
  }
  if (error instanceof AnswerError) {
    return {
      tone: "warning",
      what: t("Der Server hat unverständlich geantwortet.", "The server's answer could not be understood."),
      next: t("Später noch einmal versuchen.", "Try again later."),
      code: undefined,
    };
  }
  const away = error instanceof DOMException && (error.name === "NotAllowedError" || error.name === "AbortError");
  return {
    tone: "warning",
    what: away ? t("Der Vorgang wurde abgebrochen.", "It was cancelled.") : t("Das hat nicht geklappt.", "That did not work."),
    next: t("Bitte noch einmal versuchen.", "Please try again."),
    code: away || !(error instanceof Error) ? undefined : error.name,
  };
}

/** The notice for an error. */
export function failure(error: unknown): HTMLElement {
  const { tone, what, next, code } = words(error);
  const element = notice(tone, what, paragraph(next), code === undefined ? null : paragraph(t("Kennung: ", "Code: "), code));
  element.dataset["code"] = code ?? "";
  return element;
}
