// `make demo` as people meet it: after the whole story, with its killed server and lying operator, the letter that it
// leaves opens a mailbox, and the authority answers.
import assert from "node:assert/strict";
import { allMail, enrol } from "../acts.mjs";
import { person } from "../browser.mjs";
import { startServer } from "../server.mjs";

export async function afterTheStoryALetterOpensAMailbox({ browser, server }) {
  const demo = await startServer(server.program, 1, { story: true });
  try {
    const { context, page, faults } = await person(browser, { authenticator: "prf" });
    await enrol({ page, server: demo, letter: 1 });
    await allMail(page);
    assert.deepEqual(faults, []);
    await context.close();
    const afterwards = demo.said().split("Stop with")[1];
    assert.match(afterwards, /^[^\n]*\s*$/, "the authority had trouble at its desk");
  } finally {
    await demo.stop();
  }
}
afterTheStoryALetterOpensAMailbox.letters = 0;
