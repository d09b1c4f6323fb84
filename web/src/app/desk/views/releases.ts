// Letters that wait for a second clerk: looked at, released and sent, or given back.

import { envelopeId } from "../../../core/ids.ts";
import { nameOf } from "../../../core/book/record.ts";
import { fill, h } from "../../dom/element.ts";
import { button, link, notice, paragraph, waiting } from "../../dom/parts.ts";
import { failure } from "../failure.ts";
import { dateTime, t } from "../../language.ts";
import { plain } from "../../plain-text.ts";
import type { View } from "../../shell.ts";
import { removeDraft } from "../draft.ts";
import { count, empty, table } from "../parts.ts";
import { type Release, ReleaseError, fetchDraft, release, takeOff } from "../release.ts";
import { begin, forget } from "../sending.ts";
import type { Desk } from "../state.ts";
import { type Actions, showForRelease } from "./preview.ts";

function who(desk: Desk, key: Release["by"]): string {
  return plain(nameOf(desk.shared.record, key) ?? t("ehemalig", "former colleague"));
}

export function releasesView(desk: Desk): View {
  const place = h("div", null, waiting());
  const shown = (error: unknown): void => fill(place, failure(error));
  const draw = (): void => {
    const { releases } = desk.shared.record;
    if (releases.length === 0) return fill(place, empty(t("Nichts wartet auf Freigabe", "Nothing waits for release"), t("In der Vorschau eines Briefs gibt man ihn zur Freigabe.", "In the preview of a letter it is given for release.")));
    fill(place, table(count(releases.length, t("Brief", "letter"), t("Briefe", "letters")), [
      { head: t("Betreff", "Subject"), cell: ({ id, subject, released }) => (released === undefined ? link(plain(subject), `#/release/${id}`) : plain(subject)) },
      { head: t("Geschrieben von", "Written by"), cell: ({ by, at }) => `${who(desk, by)}, ${dateTime(at)}` },
      { head: t("Freigabe", "Release"), cell: ({ released }) => (released === undefined ? t("wartet", "waiting") : `${who(desk, released.by)}, ${dateTime(released.at)}`) },
      {
        head: t("Weiter", "Next"),
        cell: ({ id, by, released, subject }) => (by === desk.me && released === undefined ? button(t(`${plain(subject)}: zurückholen`, `${plain(subject)}: take back`), async () => {
          await takeOff(desk, id);
          location.hash = `#/write/${id}`;
        }, "tertiary", shown) : null),
      },
    ], [...releases].reverse()));
  };
  desk.shared.refresh().then(draw).catch(shown);
  return { title: t("Freigabe", "Release"), content: place };
}

export function releaseView(desk: Desk, argument: string): View {
  const place = h("div", { "aria-live": "polite" }, waiting(t("Der Brief wird geholt und geprüft …", "Fetching and checking the letter …")));
  const load = async (): Promise<void> => {
    const { releases } = await desk.shared.refresh();
    const found = releases.find(({ id }) => id === envelopeId.parse(argument));
    if (found === undefined || found.released !== undefined) return fill(place, gone());
    const draft = await fetchDraft(desk, found);
    await showForRelease(desk, draft, place, actionsFor(found, place));
  };
  load().catch((error: unknown) => fill(place, failure(error)));
  return { title: t("Brief freigeben", "Release a letter"), content: [paragraph(link(t("Zurück zur Liste", "Back to the list"), "#/releases")), place] };
}

function gone(): HTMLElement {
  return notice("info", t("Dieser Brief wartet nicht mehr.", "This letter waits no more."), paragraph(t("Jemand hat ihn freigegeben oder zurückgeholt.", "Somebody released it or took it back.")));
}

function actionsFor(found: Release, place: Element): Actions {
  return (desk, draft, people, shown) => {
    if (found.by === desk.me) return [notice("info", t("Freigeben muss jemand anderes.", "Somebody else has to release it."), paragraph(t("Sie haben diesen Brief geschrieben.", "You wrote this letter.")))];
    const send = async (): Promise<void> => {
      const sending = await begin(desk, draft, found.id);
      try {
        await release(desk, found.id);
      } catch (error) {
        if (!(error instanceof ReleaseError)) throw error;
        await forget(desk, draft.id);
        return fill(place, gone());
      }
      location.hash = `#/sending/${sending.draft.id}`;
    };
    const giveBack = async (): Promise<void> => {
      await takeOff(desk, found.id);
      await removeDraft(desk, draft.id);
      location.hash = "#/releases";
    };
    return [
      paragraph(t(`Geschrieben von ${who(desk, found.by)} am ${dateTime(found.at)}.`, `Written by ${who(desk, found.by)} on ${dateTime(found.at)}.`)),
      h("div", { class: "actions" },
        button(t(`Freigeben und senden an ${people}`, `Release and send to ${people}`), send, "primary", shown),
        button(t("Zurückgeben", "Give back"), giveBack, "secondary", shown)),
    ];
  };
}
