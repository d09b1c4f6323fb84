// The letter with the code, as it is printed: the trust anchor of the system, in the same words as the command line's
// (src/paper/activation.rs).
//
// Invariant: it belongs on paper only, since it holds the secret; it asks for nothing and says that nobody ever asks
// for the code. German, whatever language the clerk works in. DIN 5008 form B: the address stands in the window.

import type { Entry, IssuedLetter } from "../../core/book/entry.ts";
import { postalLines } from "../../core/book/entry.ts";
import type { Letterhead } from "../../core/book/record.ts";
import { type Invitation, writeInvitation } from "../../core/enrolment/invitation.ts";
import { h } from "../dom/element.ts";
import { renderSVG } from "../views/qr.ts";

export interface CodeLetter {
  readonly authority: string;
  readonly letterhead: Letterhead | undefined;
  readonly person: Entry;
  readonly letter: IssuedLetter;
  readonly invitation: Invitation;
}

const long = new Intl.DateTimeFormat("de-DE", { dateStyle: "long", timeZone: "Europe/Berlin" });

function groups(text: string, perLine: number): HTMLElement {
  const all = text.split("-");
  const lines = Array.from({ length: Math.ceil(all.length / perLine) }, (_, line) => all.slice(line * perLine, (line + 1) * perLine).join(" "));
  return h("p", { class: "paper-code" }, lines.map((line, index) => [index > 0 ? h("br") : null, line]));
}

export function codeLetter({ authority, letterhead, person, letter, invitation }: CodeLetter): HTMLElement {
  const until = long.format(letter.expires - 1);
  const page = `${invitation.service}/enrol`;
  const bold = (text: string): HTMLElement => h("strong", null, text);
  const p = (...content: (string | HTMLElement)[]): HTMLElement => h("p", null, content);
  return h(
    "article",
    { class: "paper", lang: "de", "aria-label": `Brief an ${person.name}` },
    h("header", { class: "paper-head" }, bold(authority), [letterhead?.office ?? "", ...(letterhead?.lines ?? [])].filter((line) => line !== "").map((line) => h("span", null, line))),
    h("div", { class: "paper-envelope" },
      h("address", { class: "paper-window" }, h("small", null, letterhead?.returnLine ?? ""), postalLines(person).map((line) => h("span", null, line))),
      h("dl", { class: "paper-info" }, h("div", null, h("dt", null, "Ihr Zeichen"), h("dd", null, person.reference)), h("div", null, h("dt", null, "Datum"), h("dd", null, long.format(letter.issued))))),
    h("h2", null, "Ihr Zugang zu „Mein Postfach“"),
    p(`Guten Tag ${person.name},`),
    p("mit diesem Brief öffnen Sie Ihr digitales Postfach. Dort bekommen Sie unsere Briefe sicher auf Ihr Handy oder Ihren Computer. Nur Sie können die Briefe lesen. Das Postfach ist freiwillig und kostet Sie nichts. Wenn Sie nichts tun, schreiben wir Ihnen weiter auf Papier."),
    h("section", { class: "paper-panel" },
      h("div", null, h("h3", null, "Ihr Code"), groups(letter.code.toPaper(), 4), p("Der Code gilt ", bold(`bis zum ${until}`), ". Er funktioniert nur einmal.")),
      h("figure", null, renderSVG(writeInvitation(invitation), "QR-Code: öffnet die Seite des Postfachs mit dem Code, der daneben steht."), h("figcaption", null, "Zum Scannen"))),
    h("h3", null, "So öffnen Sie Ihr Postfach"),
    h("ol", null,
      h("li", null, "Richten Sie die Kamera Ihres Handys auf das Bild im Kasten. Oder tippen Sie am Computer diese Adresse ein: ", bold(page)),
      h("li", null, "Beim Scannen ist der Code schon da. Sonst tippen Sie ihn ab. Leerzeichen sind egal."),
      h("li", null, "Folgen Sie den Schritten auf dem Bildschirm. Zuletzt drucken Sie Ihr Ersatzblatt aus. Heben Sie es gut auf.")),
    h("h3", null, "Der Code ist geheim"),
    p(bold("Niemand wird Sie je nach dem Code fragen"), ": nicht am Telefon, nicht per E-Mail oder SMS, nicht an der Haustür. Auch wir nicht. Wer danach fragt, will Sie betrügen. Legen Sie auf. Rufen Sie uns dann an."),
    h("h3", null, "Sie haben diesen Brief nicht erwartet?"),
    p(`Dann müssen Sie nichts tun. Geben Sie den Brief niemandem. Nach dem ${until} ist der Code wertlos. Haben Sie Fragen? Wie Sie uns erreichen, steht oben auf Seite\u{a0}1.`),
    h("h3", null, "Die Prüfzahl"),
    p("Wenn Sie den Code eintippen, zeigt Ihr Gerät eine Prüfzahl. Sie muss genau so aussehen wie hier. Ist sie anders, hören Sie bitte auf und rufen Sie uns an. Beim Scannen prüft Ihr Gerät die Zahl selbst."),
    h("p", { class: "paper-label" }, "Prüfzahl des Betreibers"),
    groups((invitation.root.match(/.{4}/g) ?? []).join("-"), 8),
  );
}
