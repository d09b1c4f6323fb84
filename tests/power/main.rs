//! The power is cut while the real server works, again and again; nothing that it acknowledged is
//! lost, and it always starts.
//!
//! `make test-power` cuts a thousand times, and goes on where it was interrupted; the tests of
//! every day cut twenty times. Needs root, a loop device and ext4, and says so where one is missing.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod check;
mod disk;
mod load;
mod machine;
#[path = "../support/mod.rs"]
mod support;

use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use check::Seen;
use load::{Acknowledged, Mix, Sender};
use machine::Machine;

/// Cuts of the short form.
const SHORT: u32 = 20;
/// Cuts on one disk, before a new one begins.
const CUTS_A_DISK: u32 = 25;
/// Parties who send at the same time.
const SENDERS: usize = 4;
/// Things acknowledged before the last cut that are asked for again, beside all since.
const OLDER: usize = 24;

/// When the power goes.
#[derive(Debug, Clone, Copy)]
enum Moment {
    /// While mail of all kinds comes in.
    Load,
    /// While large attachments come in.
    Uploads,
    /// Around the very first requests after a start.
    FirstRequest,
    /// While the server starts.
    Start,
    /// While the server starts and rebuilds its index from the journal.
    Rebuild,
}

/// What was done so far; kept over interruptions by the long form.
#[derive(Debug, Default, serde::Serialize, serde::Deserialize)]
struct Tally {
    cuts: u32,
    acknowledged: usize,
    checked: usize,
    seconds: u64,
}

/// Numbers that a seed repeats (splitmix64).
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }
}

/// Says it even where the test passes.
fn say(text: &str) {
    let _ = writeln!(std::io::stderr(), "power: {text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_when_the_power_goes() {
    let cuts = std::env::var("POSTFACH_CUTS").map_or(SHORT, |cuts| cuts.parse().unwrap());
    let kept = std::env::var_os("POSTFACH_POWER_TALLY").map(PathBuf::from);
    let mut tally: Tally = kept
        .as_ref()
        .and_then(|path| serde_json::from_slice(&std::fs::read(path).ok()?).ok())
        .unwrap_or_default();
    let started = Instant::now();
    let before = tally.seconds;
    while tally.cuts < cuts {
        let seed = u64::from(tally.cuts) ^ u64::from_be_bytes(postfach::entropy::array());
        let machine = match Machine::new() {
            Ok(machine) => machine,
            Err(reason) => return say(&format!("skipped, no disk to cut the power of: {reason}")),
        };
        one_disk(
            machine,
            seed,
            cuts.min(tally.cuts + CUTS_A_DISK),
            &mut tally,
        )
        .await;
        tally.seconds = before + started.elapsed().as_secs();
        if let Some(path) = &kept {
            std::fs::write(path, serde_json::to_vec(&tally).unwrap()).unwrap();
        }
        say(&format!(
            "{} of {cuts} cuts, {} things acknowledged, {} checks of them, 0 lost, 0 failed starts, {} s",
            tally.cuts, tally.acknowledged, tally.checked, tally.seconds
        ));
    }
    assert!(
        tally.acknowledged > 0,
        "nothing was acknowledged between the cuts"
    );
}

/// Cuts the power of one machine until `until` is reached.
async fn one_disk(mut machine: Machine, seed: u64, until: u32, tally: &mut Tally) {
    let mut chance = Chance(seed);
    let mut seen = Seen::default();
    let mut all: Vec<Acknowledged> = Vec::new();
    let mut senders: Vec<Arc<Sender>> = Vec::new();
    let mut checked_to = 0;
    loop {
        start(&mut machine, seed, tally.cuts);
        for sender in &senders {
            sender.regain_power();
        }
        let moment = match (senders.len() < SENDERS, chance.below(10)) {
            (true, _) => Moment::Load,
            (_, 0 | 1) => Moment::Uploads,
            (_, 2 | 3) => Moment::FirstRequest,
            (_, 4) => Moment::Start,
            (_, 5) => Moment::Rebuild,
            _ => Moment::Load,
        };
        if let Some(sender) = senders.first() {
            let older = (0..OLDER.min(checked_to))
                .map(|_| usize::try_from(chance.below(checked_to as u64)).unwrap());
            let older: Vec<_> = older.collect();
            for n in older {
                tally.checked += seen.check(std::slice::from_ref(&all[n])).await;
            }
            seen.check_statements(sender, &all).await;
            tally.checked += seen.check(&all[checked_to..]).await;
            checked_to = all.len();
        }
        if tally.cuts == until {
            return;
        }
        let delay = Duration::from_millis(match moment {
            Moment::Load | Moment::Uploads => 20 + chance.below(600),
            Moment::FirstRequest => chance.below(25),
            Moment::Start | Moment::Rebuild => chance.below(150),
        });
        let new = match moment {
            Moment::Start | Moment::Rebuild => {
                machine.cut_power();
                if matches!(moment, Moment::Rebuild) {
                    std::fs::remove_dir_all(machine.data().join("store/index")).unwrap();
                }
                machine.spawn();
                tokio::time::sleep(delay).await;
                Vec::new()
            }
            Moment::Load | Moment::FirstRequest => {
                load(&mut machine, &mut senders, Mix::Everything, delay).await
            }
            Moment::Uploads => load(&mut machine, &mut senders, Mix::Large, delay).await,
        };
        machine.cut_power();
        tally.cuts += 1;
        tally.acknowledged += new.len();
        all.extend(new);
    }
}

fn start(machine: &mut Machine, seed: u64, cuts: u32) {
    machine.spawn();
    if let Err(said) = machine.wait_until_served() {
        panic!("the server does not start after {cuts} cuts (seed {seed}):\n{said}");
    }
}

/// Sends from all parties for a while, then cuts the power under them; what was acknowledged.
async fn load(
    machine: &mut Machine,
    senders: &mut Vec<Arc<Sender>>,
    mix: Mix,
    delay: Duration,
) -> Vec<Acknowledged> {
    let mut acknowledged = Vec::new();
    while senders.len() < SENDERS {
        let sender = Sender::register(machine, &mut acknowledged).await;
        senders.push(sender.expect("the power is still there"));
    }
    let like = machine.context();
    let work = senders.iter().map(|sender| {
        let like = like.clone();
        let context = move || postfach_crypto::statement::Context {
            time: postfach::clock::now(),
            blind: postfach_crypto::ids::Blind(postfach::entropy::array()),
            ..like.clone()
        };
        tokio::spawn(Arc::clone(sender).work(context, mix))
    });
    let work: Vec<_> = work.collect();
    tokio::time::sleep(delay).await;
    for sender in senders.iter() {
        sender.lose_power();
    }
    machine.disk.cut().unwrap();
    for work in work {
        acknowledged.extend(work.await.unwrap());
    }
    acknowledged
}
