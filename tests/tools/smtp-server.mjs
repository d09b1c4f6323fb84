// A real mail server on loopback for the notification tests.
//
//   node smtp-server.mjs '{"certificate": "server.pem", "key": "server-key.pem", "secure": false, "mute": false}'
//
// The first line on standard output is {"port": n}; each mail that was taken is one more: {from, to, secure, user,
// message}. What happens to a mail is in its recipient's name: "refuse…" gets 550, "grey…" 451 once and then 250,
// "hang…" no answer to RCPT; all others are taken. With "mute" nobody is greeted, with "quarrel" every return path gets
// 554. Ends with its standard input.

import { readFileSync } from "node:fs";
import { SMTPServer } from "smtp-server";

const options = JSON.parse(process.argv[2] ?? "{}");
const say = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);
const error = (code, text) => Object.assign(new Error(text), { responseCode: code });
const greylisted = new Set();

const server = new SMTPServer({
  secure: options.secure === true,
  ...(options.certificate
    ? { cert: readFileSync(options.certificate), key: readFileSync(options.key) }
    : { disabledCommands: ["STARTTLS"] }),
  authOptional: options.user === undefined,
  allowInsecureAuth: false,
  onAuth: ({ username, password }, _session, done) =>
    username === options.user && password === options.password
      ? done(null, { user: username })
      : done(error(535, "wrong password")),
  onConnect: (_session, done) => {
    if (!options.mute) done();
  },
  onMailFrom: (_address, _session, done) => done(options.quarrel ? error(554, "not with you") : null),
  onRcptTo: ({ address }, _session, done) => {
    if (address.startsWith("refuse")) return done(error(550, `no such user ${address}`));
    if (address.startsWith("hang")) return undefined;
    if (address.startsWith("grey") && !greylisted.has(address)) {
      greylisted.add(address);
      return done(error(451, "try again later"));
    }
    return done();
  },
  onData: (stream, session, done) => {
    const chunks = [];
    stream.on("data", (chunk) => chunks.push(chunk));
    stream.on("end", () => {
      say({
        from: session.envelope.mailFrom.address,
        to: session.envelope.rcptTo.map(({ address }) => address),
        secure: session.secure,
        user: session.user ?? null,
        message: Buffer.concat(chunks).toString("latin1"),
      });
      done();
    });
  },
});
server.on("error", () => {});
server.listen(options.port ?? 0, "127.0.0.1", () => say({ port: server.server.address().port }));
process.stdin.on("end", () => process.exit(0)).resume();
