// The key facts of a decision, made from the manifest's act: what is it, how much, until when, what can I do, whom
// do I ask. They are what the authority states; read aloud on demand.

import type { Act } from "../../core/envelope/manifest.ts";
import { h } from "../dom/element.ts";
import { button, heading, paragraph, terms } from "../dom/parts.ts";
import { day, language, money, t } from "../language.ts";
import { plain } from "../plain-text.ts";

function facts(act: Act): (readonly [string, string] | undefined)[] {
  const { remedy, amount } = act;
  return [
    [t("Was ist das?", "What is it?"), plain(act.kind)],
    [t("Aktenzeichen", "File number"), plain(act.fileNumber)],
    amount && [t("Betrag", "Amount"), money(amount.minorUnits, amount.currency)],
    remedy?.until === undefined ? undefined : [t("Frist bis", "Period ends"), day(remedy.until)],
    remedy && [t("Was kann ich tun?", "What can I do?"), `${plain(remedy.kind)}: ${plain(remedy.body, 300)} (${plain(remedy.period, 300)}; ${plain(remedy.rule)})`],
    act.contact === undefined ? undefined : [t("Wen frage ich?", "Whom do I ask?"), plain(act.contact, 300)],
  ];
}

export function factsCard(act: Act, sender: string): HTMLElement {
  const found = facts(act);
  const speak = (): void => {
    speechSynthesis.cancel();
    const text = found.filter((fact) => fact !== undefined).map(([term, what]) => `${term} ${what}.`).join(" ");
    const said = new SpeechSynthesisUtterance(text);
    said.lang = language();
    speechSynthesis.speak(said);
  };
  return h(
    "section",
    { class: "facts", "aria-labelledby": "facts-title" },
    h("div", { id: "facts-title" }, heading(2, t("Das Wichtigste", "At a glance"))),
    terms(found),
    paragraph(h("small", null, t(`Angaben von ${sender}, keine Rechtsberatung.`, `As stated by ${sender}; not legal advice.`))),
    "speechSynthesis" in window ? button(t("Vorlesen", "Read aloud"), speak, "tertiary") : null,
  );
}
