// Where a person is told by e-mail that a letter waits; nothing of the letter is in that mail.

import { currentContact } from "../../client/contact.ts";
import { setContact } from "../../client/enrol.ts";
import type { Session } from "../../client/session.ts";
import { fill, h } from "../dom/element.ts";
import { button, field, heading, notice, paragraph, waiting } from "../dom/parts.ts";
import { failure } from "../failure.ts";
import { language, t } from "../language.ts";

export function contactSection(session: Session): HTMLElement {
  const place = h("div", null, waiting());
  const said = h("div", { role: "status" });
  const shown = (error: unknown): void => fill(said, failure(error));
  const load = async (): Promise<void> => {
    const email = (await currentContact(session))?.email;
    const typed = field(
      t("E-Mail-Adresse", "E-mail address"),
      t("In der E-Mail steht nur, dass ein Brief da ist. Nicht von wem und nicht worüber.", "The e-mail only says that a letter is there. Not from whom and not about what."),
      { type: "email", autocomplete: "email", value: email ?? "" },
    );
    const change = async (wanted: string | undefined): Promise<void> => {
      await setContact(session, wanted, language());
      await load();
      fill(said, notice("success", wanted === undefined ? t("Sie bekommen keine E-Mails mehr.", "You get no more e-mails.") : t("Gespeichert.", "Saved.")));
    };
    const save = async (): Promise<void> => {
      const wanted = typed.input.value.trim();
      const fits = wanted !== "" && typed.input.checkValidity();
      typed.complain(fits ? undefined : t("Bitte eine E-Mail-Adresse eintippen.", "Please type an e-mail address."));
      if (fits) await change(wanted);
    };
    fill(
      place,
      paragraph(email === undefined ? t("Sie werden zurzeit nicht benachrichtigt.", "You are not told at present.") : t(`Neue Briefe werden angekündigt an ${email}.`, `New letters are announced to ${email}.`)),
      typed.element,
      h("div", { class: "actions" },
        button(t("E-Mail-Adresse speichern", "Save e-mail address"), save, "secondary", shown),
        email === undefined ? null : button(t("Keine E-Mails mehr", "No more e-mails"), () => change(undefined), "tertiary", shown)),
    );
  };
  load().catch(shown);
  return h("section", null, heading(2, t("Benachrichtigung", "Being told")), said, place);
}
