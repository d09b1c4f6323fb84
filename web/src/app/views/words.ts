// What a citizen agrees to. The hash of the text shown stands in the signed consent, so it is written once.
// The same words are on the command line (src/cli/party.rs).

import type { ConsentClass } from "../../core/statement/consent.ts";
import { t } from "../language.ts";

export function consentText(consent: ConsentClass, authority: string): string {
  return consent === "notification"
    ? t(
        `Ich bin einverstanden, dass ${authority} mir Bescheide über dieses Postfach bekannt gibt. Ein Bescheid gilt dann auch als bekannt gegeben, wenn ich ihn nicht lese. Ich kann das jederzeit widerrufen.`,
        `I agree that ${authority} notifies me of decisions through this mailbox. A decision then counts as notified even if I do not read it. I can revoke this at any time.`,
      )
    : t(
        `Ich bin ausdrücklich einverstanden, dass ${authority} mir Schriftstücke über dieses Postfach förmlich zustellt. Fristen können dann auch laufen, wenn ich sie nicht lese. Ich kann das jederzeit widerrufen.`,
        `I expressly agree that ${authority} formally serves documents on me through this mailbox. Periods may then run even if I do not read them. I can revoke this at any time.`,
      );
}
