// The real server with an authority at its desk: `postfach demo`, as a rule without its story (`--pages`), with letters
// whose QR codes are read from the printed page.
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const START_SECONDS = 60;

/** Starts it, after the whole story if asked; answers the pages' address, its folder, and how to stop it. */
export async function startServer(program, letters, { story = false } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "postfach-e2e-"));
  const kept = join(folder, "demo");
  const arguments_ = ["--lang", "en", "demo", ...(story ? [] : ["--pages"]), "--letters", String(letters), "--keep", kept];
  const child = spawn(program, arguments_, { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  const pages = await new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`the server did not start:\n${said}`)), START_SECONDS * 1000);
    child.stderr.on("data", (piece) => {
      said += piece;
      const found = /In the browser:\s+(http:\/\/localhost:\d+)[^]*Stop with/.exec(said);
      if (found) {
        clearTimeout(late);
        resolve(found[1]);
      }
    });
    child.on("exit", () => reject(new Error(`the server ended:\n${said}`)));
  });
  return {
    pages,
    folder: kept,
    program,
    said: () => said,
    stop() {
      child.removeAllListeners("exit");
      const ended = new Promise((resolve) => child.on("exit", resolve));
      child.kill("SIGINT");
      return ended.then(() => rmSync(folder, { recursive: true, force: true }));
    },
  };
}

/** The web address in a letter's QR code, as a phone's camera would read it. */
export function addressInLetter(server, number) {
  const pdf = join(server.folder, `letter-${5000 + number}.pdf`);
  if (!existsSync(pdf)) throw new Error(`no ${pdf}`);
  const picture = join(server.folder, `letter-${number}`);
  execFileSync("pdftoppm", ["-r", "150", "-png", "-f", "1", "-l", "1", "-singlefile", pdf, picture]);
  return execFileSync("zbarimg", ["--quiet", "--raw", `${picture}.png`], { stdio: ["ignore", "pipe", "ignore"] }).toString().trim();
}

/** Lets the authority send with the command line, as a clerk would. */
export function authoritySends(server, ...more) {
  execFileSync(server.program, ["--home", join(server.folder, "authority"), "send", ...more], { stdio: "pipe" });
}
