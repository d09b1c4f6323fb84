//! One machine with the program, an operator's server on it, and profiles of its parties.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use postfach::server::tls;
use serde_json::Value;
use tempfile::TempDir;

pub const ORIGIN: &str = "postfach.example/2026";
pub const TOWN: &str = "Markt Musterdorf";
const PROGRAM: &str = env!("CARGO_BIN_EXE_postfach");

/// A working folder with the operator's keys, certificates and a server.
pub struct Machine {
    folder: TempDir,
    port: u16,
    pub root: String,
    server: Option<Child>,
}

/// What a command printed, and how it ended.
#[derive(Debug)]
pub struct Transcript {
    pub exit: i32,
    pub out: String,
    pub err: String,
}

impl Machine {
    /// Operator's keys and certificates; the server is not started.
    pub fn prepared() -> Self {
        let _ = tls::provider().install_default();
        let folder = tempfile::tempdir().unwrap();
        let now = postfach::clock::now();
        tls::make_local_authority(&folder.path().join("tls"), &["localhost"], now).unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = port.local_addr().unwrap().port();
        let mut machine = Self {
            folder,
            port,
            root: String::new(),
            server: None,
        };
        std::fs::create_dir(machine.path("data")).unwrap();
        let made = machine
            .run(&[
                "operator",
                "init",
                "--keys",
                "data/keys",
                "--origin",
                ORIGIN,
                "--json",
            ])
            .done();
        made["root"].as_str().unwrap().clone_into(&mut machine.root);
        let configuration = format!(
            "data = \"data\"\norigin = \"{ORIGIN}\"\npublic_authority = \"localhost:{port}\"\n\
             listen = \"127.0.0.1:{port}\"\nmetrics_listen = \"127.0.0.1:0\"\n\
             [tls]\ncertificate = \"tls/server.pem\"\nkey = \"tls/server-key.pem\"\n"
        );
        machine.write("postfach.toml", configuration.as_bytes());
        machine
    }

    /// The same, with the server running and the town certified.
    pub fn with_town() -> Self {
        let mut machine = Self::prepared();
        machine.serve();
        machine
            .new_keys("town", &["--name", TOWN, "--key-file", "machine"])
            .done();
        machine.certify("town", TOWN);
        machine
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.path(name), bytes).unwrap();
    }

    pub fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap()
    }

    pub fn service(&self) -> String {
        format!("https://localhost:{}", self.port)
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .env("HOME", self.folder.path())
            .env("LANG", "C.UTF-8")
            .env("POSTFACH_LANG", "en")
            .stdin(Stdio::null());
        command
    }

    /// Runs a command to its end.
    pub fn run(&self, arguments: &[&str]) -> Transcript {
        Transcript::of(self.command(arguments).output().unwrap())
    }

    /// Runs a command for a profile.
    pub fn of(&self, profile: &str, arguments: &[&str]) -> Transcript {
        self.run(&[&["--home", profile], arguments].concat())
    }

    /// Runs a command for a profile and reads its result as JSON.
    #[track_caller]
    pub fn json(&self, profile: &str, arguments: &[&str]) -> Value {
        self.of(profile, &[&["--json"], arguments].concat()).done()
    }

    /// Runs a command with this on its standard input.
    pub fn fed(&self, profile: &str, arguments: &[&str], input: &str) -> Transcript {
        let arguments = [&["--home", profile], arguments].concat();
        let mut child = self
            .command(&arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(input.as_bytes()).unwrap();
        drop(stdin);
        Transcript::of(child.wait_with_output().unwrap())
    }

    /// Starts the server and waits until it says that it serves.
    pub fn serve(&mut self) {
        let mut child = self
            .command(&["serve", "--config", "postfach.toml"])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let started = lines
            .by_ref()
            .map_while(Result::ok)
            .any(|line| line.contains("serves on"));
        self.server = Some(child);
        assert!(started, "the server does not start");
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
    }

    /// Kills the server: no goodbye, no flush.
    pub fn kill_server(&mut self) {
        if let Some(mut server) = self.server.take() {
            server.kill().unwrap();
            server.wait().unwrap();
        }
    }

    /// Tells the server to stop, and waits until it has.
    pub fn stop_server(&mut self) {
        if let Some(mut server) = self.server.take() {
            let told = Command::new("kill").arg(server.id().to_string()).status();
            assert!(told.unwrap().success());
            assert!(server.wait().unwrap().success());
        }
    }

    pub fn new_keys(&self, profile: &str, more: &[&str]) -> Transcript {
        let sheet = format!("{profile}-sheet.pdf");
        let service = self.service();
        let base = [
            "--json",
            "key",
            "new",
            "--service",
            &service,
            "--root",
            &self.root,
            "--ca",
            "tls/authority.pem",
            "--sheet",
            &sheet,
        ];
        self.of(profile, &[&base, more].concat())
    }

    #[track_caller]
    pub fn certify(&self, profile: &str, name: &str) {
        let shown = self.json(profile, &["key", "show"]);
        let (address, service) = (shown["address"].as_str().unwrap(), self.service());
        self.run(&[
            "--json",
            "operator",
            "certify",
            "--keys",
            "data/keys",
            "--service",
            &service,
            "--ca",
            "tls/authority.pem",
            "--address",
            address,
            "--name",
            name,
            "--ags",
            "09373151",
        ])
        .done();
    }

    /// Adds people by CSV, the first of them by the reference given here.
    #[track_caller]
    pub fn import(&self, references: &[&str]) {
        // As Excel writes it: a byte order mark, semicolons, CR LF.
        let mut csv = "\u{feff}Kassenzeichen;Name;Geburtsdatum;Straße;PLZ;Ort\r\n".to_owned();
        for reference in references {
            csv += &format!(
                "{reference};Zoë Größmüller {reference};05.03.1971;Lindenstr. 2;12345;Musterdorf\r\n"
            );
        }
        self.write("people.csv", csv.as_bytes());
        let imported = self.json("town", &["book", "import", "people.csv"]);
        assert_eq!(imported["added"], references.len());
    }

    /// Writes the letter to a reference and reads the web address out of its QR code.
    #[track_caller]
    pub fn letter(&self, reference: &str) -> String {
        let name = format!("letter-{reference}.pdf");
        self.json("town", &["letter", "--ref", reference, "-o", &name]);
        self.scan(&name)
    }

    /// What the QR code on the first page of a PDF says.
    #[track_caller]
    pub fn scan(&self, pdf: &str) -> String {
        let image = self.path(&format!("{pdf}.scan"));
        let drawn = Command::new("pdftoppm")
            .args(["-r", "150", "-f", "1", "-l", "1", "-png", "-singlefile"])
            .args([&self.path(pdf), &image])
            .output()
            .expect("pdftoppm runs; tests/tools/install installs it");
        assert!(drawn.status.success());
        let scanned = Command::new("zbarimg")
            .args(["-q", "--raw"])
            .arg(image.with_extension("scan.png"))
            .output()
            .expect("zbarimg runs; tests/tools/install installs it");
        String::from_utf8(scanned.stdout).unwrap().trim().to_owned()
    }

    /// A citizen enrols with the letter, and the authority binds her.
    #[track_caller]
    pub fn enrol(&self, profile: &str, reference: &str) {
        let link = self.letter(reference);
        let sheet = format!("{profile}-sheet.pdf");
        let enrolled = self.fed(
            profile,
            &[
                "--json",
                "party",
                "enrol",
                "--letter",
                "-",
                "--ca",
                "tls/authority.pem",
                "--name",
                "Zoë Größmüller",
                "--key-file",
                "machine",
                "--sheet",
                &sheet,
            ],
            &link,
        );
        assert_eq!(enrolled.done()["state"], "waiting");
        self.json("town", &["party", "bind"]);
    }

    #[track_caller]
    pub fn consent(&self, profile: &str) {
        for class in ["notification", "service"] {
            self.json(profile, &["party", "consent", "--class", class, "--yes"]);
        }
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        self.kill_server();
    }
}

impl Transcript {
    fn of(output: Output) -> Self {
        Self {
            exit: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// The result as JSON, of a command that succeeded.
    #[track_caller]
    pub fn done(self) -> Value {
        assert_eq!(self.exit, 0, "{self:?}");
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// What was printed by a command that succeeded.
    #[track_caller]
    pub fn said(self) -> String {
        assert_eq!(self.exit, 0, "{self:?}");
        self.out
    }

    /// Asserts how a command failed, in the form of `--json`, and returns what it says.
    #[track_caller]
    pub fn failed(self, exit: i32) -> Value {
        assert_eq!(self.exit, exit, "{self:?}");
        assert!(self.out.is_empty() || exit == 1, "{self:?}");
        let last = self.err.lines().last().unwrap_or_default();
        let failure: Value =
            serde_json::from_str(last).unwrap_or_else(|error| panic!("{error}: {self:?}"));
        assert_eq!(failure["exit"], exit);
        for field in ["what", "next"] {
            assert!(!failure[field].as_str().unwrap().is_empty());
        }
        failure
    }
}

/// Whether a file has no rights for anybody but its owner.
pub fn private(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(path).unwrap().permissions().mode() & 0o077 == 0
}
