// A second authority at the demo's server, certified by its operator: nobody but the browser works at its desk.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Makes its keys with the command line and has them certified; answers where its files are. */
export function foundAuthority(server, name, ags = "09373155") {
  const home = join(server.folder, `authority-${ags}`);
  const demo = readFileSync(join(server.folder, "authority", "profile.toml"), "utf8");
  const value = (key) => new RegExp(`^${key} = "([^"]*)"$`, "m").exec(demo)?.[1] ?? "";
  const run = (...more) => execFileSync(server.program, ["--home", home, ...more], { stdio: ["ignore", "pipe", "pipe"], encoding: "utf8" });
  const service = ["--service", value("service"), "--ca", value("ca_file")];
  run("key", "new", ...service, "--root", value("operator_root"), "--key-file", "machine", "--sheet", join(server.folder, `sheet-${ags}.pdf`));
  const address = /^address = "([^"]*)"$/m.exec(readFileSync(join(home, "profile.toml"), "utf8"))?.[1];
  execFileSync(server.program, ["operator", "certify", "--keys", join(server.folder, "operator", "keys"), ...service, "--address", address, "--name", name, "--ags", ags], { stdio: "pipe" });
  return { name, address, keys: join(home, "keys.txt"), profile: join(home, "profile.toml"), run };
}
