// What went wrong at the desk, in words: what happened, then what to do. Everything else as on all pages.

import { BookError } from "../../core/book/book.ts";
import { VaultError } from "../../core/vaults/content.ts";
import { NotFoundError } from "../../client/error.ts";
import { DamagedVaultError, VaultChangedError } from "../../client/vaults.ts";
import { notice, paragraph } from "../dom/parts.ts";
import { failure as general } from "../failure.ts";
import { t } from "../language.ts";
import { plain } from "../plain-text.ts";
import { ReleaseError } from "./release.ts";
import { RecipientError } from "./sending.ts";
import { SharedError } from "./shared.ts";
import { DeskEndedError } from "./state.ts";

/** What happened, and what to do. */
function words(error: unknown): readonly [string, string] | undefined {
  if (error instanceof SharedError) {
    return {
      older: [t("Warnung: Der Server zeigt einen älteren Stand als zuvor.", "Warning: the server shows an older state than before."), t("Nichts davon wurde verwendet. Sagen Sie es dem Betreiber, nicht über dieses Postfach.", "Nothing of it was used. Tell the operator, but not through this mailbox.")],
      busy: [t("Andere haben gleichzeitig geändert.", "Others changed it at the same time."), t("Bitte noch einmal versuchen.", "Please try again.")],
      gone: [t("Die Schlüssel der Behörde wurden erneuert.", "The authority's keys were renewed."), t("Bitte abschließen und neu aufschließen. Entwürfe bleiben.", "Please lock and unlock again. Drafts stay.")],
      full: [t("Das gemeinsame Adressbuch ist voll.", "The common address book is full."), t("Bitte Personen entfernen oder ein eigenes Register mit der Befehlszeile nutzen.", "Please remove people, or use a register of your own with the command line.")],
    }[error.reason] as [string, string];
  }
  if (error instanceof DeskEndedError && error.reason === "keys") {
    return [t("Die Behörde liest mit einem neuen Schlüssel, der hier noch fehlt.", "The authority reads with a new key that is still missing here."), t("Wer den Hauptschlüssel hat, muss den Schreibtisch einmal aufschließen, mit der neuesten Schlüsseldatei. Danach geht es hier weiter.", "Whoever has the main key must unlock the desk once, with the newest key file. Then it goes on here.")];
  }
  if (error instanceof DeskEndedError) {
    return [t("Ihr Zugang wurde beendet.", "Your access has ended."), t("Fragen Sie die Person, die bei Ihnen Rechte vergibt. Mit einem neuen Code können Sie wieder aufgenommen werden.", "Ask the person who grants rights in your office. With a new code you can be admitted again.")];
  }
  if (error instanceof ReleaseError && error.reason === "forged") {
    return [t("Dieser Brief ist nicht von der Person unterschrieben, die in der Liste steht.", "This letter is not signed by the person named in the list."), t("Geben Sie ihn nicht frei. Sprechen Sie mit der Person und mit denen, die Rechte vergeben.", "Do not release it. Talk to that person and to those who grant rights.")];
  }
  if (error instanceof RecipientError) {
    return [t(`${plain(error.reference)} hat kein geprüftes Postfach.`, `${plain(error.reference)} has no verified mailbox.`), t("Es wurde nichts gesendet. Bitte aus dem Brief nehmen oder einen neuen Brief mit Code schreiben.", "Nothing was sent. Please take them out of the letter, or write a new letter with a code.")];
  }
  if (error instanceof BookError) {
    return [t(`Das Adressbuch lässt das nicht zu: ${plain(error.reference)}`, `The address book does not allow this: ${plain(error.reference)}`), t("Bitte die Person im Adressbuch ansehen; vielleicht hat jemand sie gerade geändert.", "Please look at the person in the address book; somebody may have just changed it.")];
  }
  if (error instanceof VaultError || error instanceof DamagedVaultError || error instanceof VaultChangedError) {
    return [t("Die verschlossenen Schlüssel passen nicht zum neuesten Stand der Behörde.", "The sealed keys do not fit the authority's newest state."), t("Bitte noch einmal versuchen. Bleibt es so, lassen Sie sich neu aufnehmen.", "Please try again. If it stays like this, have yourself admitted again.")];
  }
  if (error instanceof NotFoundError) return [t("Das ist nicht mehr da.", "That is no longer there."), t("Bitte die Liste neu öffnen.", "Please open the list again.")];
  return undefined;
}

export function failure(error: unknown): HTMLElement {
  const found = words(error);
  if (found === undefined) return general(error);
  const element = notice("warning", found[0], paragraph(found[1]));
  element.dataset["code"] = error instanceof Error ? error.name : "";
  return element;
}
