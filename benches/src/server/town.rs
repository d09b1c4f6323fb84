//! A town for the load: a real server as a process of its own, one certified authority, and citizens bound to it.
//!
//! Everybody registers as in real life, over HTTPS; only the letter with the code is left out: these people were bound at
//! the counter. The server runs with its built-in settings, but for the connections that one address may have.

use super::Failed;
use super::drive::{Line, Wire, each};
use postfach::api::COSE;
use postfach::client::certify::certify;
use postfach::client::enrol::{NewParty, learn_service, note_address};
use postfach::client::profile::{KeyFileKind, Profile, ProfileKind, Settings};
use postfach::client::session::{Session, new_context};
use postfach::entropy::{array, entropy};
use postfach::server::operator::{certification_key, init_operator, load_operator};
use postfach::server::tls::make_local_authority;
use postfach_crypto::age::{HybridRecipient, Recipients};
use postfach_crypto::ids::{Address, PersonCommitment, StatementHash, UnixMillis};
use postfach_crypto::keys::SigningKey;
use postfach_crypto::operator::Operator;
use postfach_crypto::party::Party;
use postfach_crypto::statement::{
    AssuranceLevel, Binding, BindingMethod, KeyStatement, ListHead, Signed,
};
use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

const ORIGIN: &str = "postfach.bench.invalid/2026";
const DAY: u64 = 24 * 60 * 60 * 1000;
/// Connections from this machine: every worker's, and the clients that register and read.
const CONNECTIONS_PER_ADDRESS: usize = 1024;
/// How long the server may take to start, and how often it is asked.
const START_TIMEOUT: Duration = Duration::from_secs(60);
const START_POLL: Duration = Duration::from_millis(50);
/// Statements that are under way at once while people register.
const REGISTERING: usize = 64;

/// The server's process; ended when dropped.
pub struct ServerProcess(Child);

impl ServerProcess {
    pub fn id(&self) -> u32 {
        self.0.id()
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Who sends.
pub struct Authority {
    pub address: Address,
    pub key: SigningKey,
    pub keys: StatementHash,
    pub head: ListHead,
}

/// Who receives.
pub struct Citizen {
    pub party: NewParty,
    pub keys: StatementHash,
    pub recipients: Vec<HybridRecipient>,
    pub binding: StatementHash,
    /// The last notice that was prepared for them.
    pub last: Option<StatementHash>,
    /// All notices that were prepared for them, with what each says.
    pub expected: Vec<(StatementHash, String)>,
}

impl Citizen {
    pub fn recipients(&self) -> Recipients {
        Recipients::Hybrid(self.recipients.clone())
    }
}

/// Server, authority and citizens.
pub struct Town {
    pub server: ServerProcess,
    pub line: Line,
    pub settings: Settings,
    pub operator: Operator,
    pub authority: Authority,
    pub citizens: Vec<Citizen>,
    folder: PathBuf,
}

impl Town {
    /// Starts the server in an empty folder and registers everybody.
    pub async fn found(program: &Path, folder: &Path, citizens: usize) -> Result<Self, Failed> {
        let data = folder.join("operator");
        let keys = data.join("keys");
        std::fs::create_dir(&data)?;
        init_operator(&keys, ORIGIN, postfach::clock::now(), &mut entropy())?;
        let tls = make_local_authority(
            &folder.join("tls"),
            &["localhost", "127.0.0.1"],
            postfach::clock::now(),
        )?;
        let port = free_port()?;
        let server = start(program, folder, &data, port)?;
        let service = format!("https://localhost:{port}");
        answers(&service, &tls.authority, &folder.join("server.log")).await?;
        let loaded = load_operator(&keys)?;
        let mut settings = Settings {
            kind: ProfileKind::Authority,
            key_file: KeyFileKind::Permissions,
            service,
            origin: ORIGIN.to_owned(),
            epoch: loaded.epoch,
            operator_root: loaded.operator.root(),
            address: None,
            name: None,
            ca_file: Some(tls.authority.clone()),
        };
        let authority = authority(&settings, &folder.join("authority"), &keys).await?;
        settings.kind = ProfileKind::Citizen;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let line = Line::new(address, &tls.authority)?;
        let mut town = Self {
            server,
            line,
            settings,
            operator: loaded.operator,
            authority,
            citizens: Vec::new(),
            folder: folder.to_owned(),
        };
        town.register(citizens).await?;
        Ok(town)
    }

    /// The folder of the server's store.
    pub fn store(&self) -> PathBuf {
        self.folder.join("operator").join("store")
    }

    /// The citizen's own client, with an empty profile.
    pub async fn session(&self, citizen: usize) -> Result<Session, Failed> {
        let party = &self.citizens[citizen].party;
        let home = self.folder.join(format!("citizen-{citizen}"));
        open(&self.settings, &home, party).await
    }

    /// An empty folder for what a citizen saves.
    pub fn saved(&self, citizen: usize) -> Result<PathBuf, Failed> {
        let folder = self.folder.join(format!("saved-{citizen}"));
        std::fs::create_dir(&folder)?;
        Ok(folder)
    }

    async fn register(&mut self, citizens: usize) -> Result<(), Failed> {
        let mut parties = Vec::with_capacity(citizens);
        let mut statements = Vec::with_capacity(citizens);
        for _ in 0..citizens {
            let party = NewParty::generate();
            statements.push(party.key_statement(new_context(&self.settings))?);
            parties.push(party);
        }
        let bindings: Vec<_> = statements
            .iter()
            .map(|keys| self.binding(keys))
            .collect::<Result<_, _>>()?;
        let bytes = statements.iter().map(|keys| keys.bytes().to_vec());
        self.post_all(bytes.collect()).await?;
        let bytes = bindings.iter().map(|binding| binding.bytes().to_vec());
        self.post_all(bytes.collect()).await?;
        for ((party, keys), binding) in parties.into_iter().zip(statements).zip(bindings) {
            let hash = keys.hash();
            self.citizens.push(Citizen {
                party,
                keys: hash,
                recipients: Party::start(keys)?.recipients(),
                binding: binding.hash(),
                last: None,
                expected: Vec::new(),
            });
        }
        Ok(())
    }

    fn binding(&self, keys: &Signed<KeyStatement>) -> Result<Signed<Binding>, Failed> {
        let binding = Binding {
            context: new_context(&self.settings),
            issuer: self.authority.address,
            address: keys.address,
            key_statement: keys.hash(),
            claim: None,
            person: PersonCommitment(array()),
            method: BindingMethod::Counter,
            assurance: AssuranceLevel::High,
            until: None,
            ext: None,
        };
        Ok(Signed::sign(binding, &self.authority.key)?)
    }

    async fn post_all(&self, statements: Vec<Vec<u8>>) -> Result<(), Failed> {
        let all = Arc::new(statements);
        let wires = self.line.open(Wire::Http2, 2, REGISTERING).await?;
        each(wires, |mut sender, worker, workers| {
            let all = Arc::clone(&all);
            async move {
                for statement in all.iter().skip(worker).step_by(workers) {
                    let answer = sender.post("/v1/statements", COSE, statement.clone().into());
                    let (status, body) = answer.await?;
                    if !status.is_success() {
                        let said = String::from_utf8_lossy(&body).into_owned();
                        let said = format!("a registration was refused: {said}");
                        return Err(Failed::from(said));
                    }
                }
                Ok(())
            }
        })
        .await?;
        Ok(())
    }
}

async fn authority(settings: &Settings, home: &Path, keys: &Path) -> Result<Authority, Failed> {
    let party = NewParty::generate();
    let session = open(settings, home, &party).await?;
    let statement = party.key_statement(session.context())?;
    session.register(&statement).await?;
    let key = certification_key(keys)?;
    let until = UnixMillis(postfach::clock::now().0 + 365 * DAY);
    let code = "09373155".parse()?;
    let name = "Markt Postbauer-Heng";
    certify(settings, &key, party.address, name, code, until).await?;
    Ok(Authority {
        address: party.address,
        key: party.keys.identity()?.clone(),
        keys: statement.hash(),
        head: Party::start(statement)?.head(),
    })
}

async fn open(settings: &Settings, home: &Path, party: &NewParty) -> Result<Session, Failed> {
    let (mut profile, lock) = Profile::create(home, settings.clone())?;
    drop(lock);
    note_address(&mut profile, party.address)?;
    Ok(Session::open(profile, party.keys.clone()).await?)
}

fn start(program: &Path, folder: &Path, data: &Path, port: u16) -> Result<ServerProcess, Failed> {
    let tls = folder.join("tls");
    let settings = [
        format!("origin={ORIGIN}"),
        format!("public_authority=localhost:{port}"),
        "metrics_listen=127.0.0.1:0".to_owned(),
        // Here the whole load comes from one address, and submissions carry no request signature.
        format!("limits.unauthenticated_per_address={CONNECTIONS_PER_ADDRESS}"),
        format!("tls.certificate={}", tls.join("server.pem").display()),
        format!("tls.key={}", tls.join("server-key.pem").display()),
    ];
    let mut command = Command::new(program);
    command
        .args(["--quiet", "serve", "--data"])
        .arg(data)
        .args(["--listen", &format!("127.0.0.1:{port}")]);
    for setting in settings {
        command.args(["--set", &setting]);
    }
    let child = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(File::create(folder.join("server.log"))?)
        .spawn()
        .map_err(|error| format!("{}: {error}; build it first", program.display()))?;
    Ok(ServerProcess(child))
}

/// Waits until the server answers.
async fn answers(service: &str, ca: &Path, log: &Path) -> Result<(), Failed> {
    let started = Instant::now();
    loop {
        match learn_service(service, Some(ca), None).await {
            Ok(_) => return Ok(()),
            Err(_) if started.elapsed() < START_TIMEOUT => tokio::time::sleep(START_POLL).await,
            Err(error) => {
                let log = std::fs::read_to_string(log).unwrap_or_default();
                return Err(format!("the server does not start: {error}\n{log}").into());
            }
        }
    }
}

fn free_port() -> std::io::Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    Ok(listener.local_addr()?.port())
}
