//! Whole files: 1 GiB to one recipient, each side as a process of its own.
//!
//! The recipient is X25519, the only kind that all sides know. All read the same files and write new ones in the same
//! folder; what a peer wrote is compared with the original once. Wall time is from start to exit, processor time and
//! peak memory are the kernel's account of that process (wait4).
//!
//! Peak memory has a floor: a process begins as a copy of this one. It is measured with `true` and reported.

use crate::measure::{Ratio, quantile, ratio};
use postfach_crypto::age::X25519Identity;
use rand_core::CryptoRng;
use serde::Serialize;
use std::error::Error;
use std::fs::{self, File};
use std::io::{BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;
use wait4::Wait4;

/// One side's figures for one direction.
#[derive(Debug, Serialize)]
pub struct FileFigure {
    /// `encrypt` or `decrypt`.
    pub direction: &'static str,
    /// Program.
    pub name: String,
    /// Bytes of plaintext.
    pub bytes: u64,
    /// Median wall time in seconds.
    pub wall_seconds: f64,
    /// Median processor time, user and system, in seconds.
    pub processor_seconds: f64,
    /// Largest resident memory of any round, in bytes.
    pub peak_memory: u64,
    /// How many times as fast we are by wall time; none for ourselves.
    pub ours_is_faster: Option<Ratio>,
}

/// All figures of one run.
#[derive(Debug, Serialize)]
pub struct FileReport {
    /// Both directions, us first in each.
    pub figures: Vec<FileFigure>,
    /// Peak memory of a process that does nothing, in bytes.
    pub memory_floor: u64,
}

/// How to run a program in one direction.
struct Program {
    name: String,
    path: PathBuf,
    arguments: fn(&Paths) -> Vec<String>,
}

/// Arguments' values: the key and the files of one call.
struct Paths {
    recipient: String,
    identity_file: String,
    input: String,
    output: String,
}

#[derive(Debug, Clone, Copy)]
struct Usage {
    wall: f64,
    processor: f64,
    memory: u64,
}

/// Runs `rounds` rounds on a file of `bytes` bytes below `folder`. `rage` is the path of that program.
pub fn run(
    rounds: usize,
    bytes: u64,
    folder: &Path,
    rage: &Path,
    rng: &mut impl CryptoRng,
) -> Result<FileReport, Box<dyn Error>> {
    let folder = tempfile::tempdir_in(folder)?;
    let at = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    let identity = X25519Identity::generate(rng);
    fs::write(at("identity"), identity.to_secret_string().as_bytes())?;
    fill(Path::new(&at("plain")), bytes, rng)?;

    let (encrypting, decrypting) = programs(rage)?;
    let mut paths = Paths {
        recipient: identity.recipient().to_string(),
        identity_file: at("identity"),
        input: at("plain"),
        output: at("sealed"),
    };
    let encrypted = turns(rounds, &encrypting, &paths)?;

    // Everyone opens the same file, which the first program, ours, made; and opens it to the same bytes.
    once(&encrypting[0], &paths)?;
    (paths.input, paths.output) = (at("sealed"), at("opened"));
    for program in &decrypting {
        once(program, &paths)?;
        if !same(Path::new(&at("plain")), Path::new(&at("opened")))? {
            return Err(format!("{} did not give back the same bytes", program.name).into());
        }
        fs::remove_file(at("opened"))?;
    }
    let decrypted = turns(rounds, &decrypting, &paths)?;

    let mut figures = summarise("encrypt", bytes, &encrypting, &encrypted);
    figures.extend(summarise("decrypt", bytes, &decrypting, &decrypted));
    let nothing = Program {
        name: "nothing".to_owned(),
        path: "true".into(),
        arguments: |_| Vec::new(),
    };
    let memory_floor = once(&nothing, &paths)?.memory;
    Ok(FileReport {
        figures,
        memory_floor,
    })
}

/// Who encrypts and who decrypts, us first. The peers don't sync, so we are compared without it; our usual way of
/// decrypting, which does, has a line of its own.
fn programs(rage: &Path) -> Result<(Vec<Program>, Vec<Program>), Box<dyn Error>> {
    let ours = std::env::current_exe()?;
    let program = |name: &str, path: &Path, arguments| Program {
        name: name.to_owned(),
        path: path.to_owned(),
        arguments,
    };
    let mut encrypting = vec![program("postfach", &ours, |paths| {
        strings(&[
            "age-file",
            "encrypt",
            &paths.recipient,
            &paths.input,
            &paths.output,
        ])
    })];
    let mut decrypting = vec![
        program("postfach", &ours, |paths| {
            strings(&[
                "age-file",
                "decrypt",
                &paths.identity_file,
                &paths.input,
                &paths.output,
            ])
        }),
        program("postfach, synced and renamed", &ours, |paths| {
            strings(&[
                "age-file",
                "receive",
                &paths.identity_file,
                &paths.input,
                &paths.output,
            ])
        }),
    ];
    for (name, path) in [("rage", rage), ("age (Go)", Path::new("age"))] {
        let version = Command::new(path)
            .arg("--version")
            .output()
            .map_err(|error| {
                format!(
                    "{}: {error}; run tests/tools/install --bench",
                    path.display()
                )
            })?;
        let version = String::from_utf8_lossy(&version.stdout);
        let name = format!(
            "{name} {}",
            version.split_whitespace().last().unwrap_or("?")
        );
        encrypting.push(program(&name, path, |paths| {
            strings(&["-r", &paths.recipient, "-o", &paths.output, &paths.input])
        }));
        decrypting.push(program(&name, path, |paths| {
            strings(&[
                "-d",
                "-i",
                &paths.identity_file,
                "-o",
                &paths.output,
                &paths.input,
            ])
        }));
    }
    Ok((encrypting, decrypting))
}

fn strings(arguments: &[&str]) -> Vec<String> {
    arguments
        .iter()
        .map(|&argument| argument.to_owned())
        .collect()
}

/// Usages by program, then by round. Programs take turns; outside the clock, outputs are removed and everything still
/// unwritten reaches the disk, so that nobody pays for what another left behind.
fn turns(
    rounds: usize,
    programs: &[Program],
    paths: &Paths,
) -> Result<Vec<Vec<Usage>>, Box<dyn Error>> {
    let mut usages = vec![Vec::with_capacity(rounds); programs.len()];
    let input = File::open(&paths.input)?;
    for round in 0..rounds {
        for turn in 0..programs.len() {
            let index = (round + turn) % programs.len();
            rustix::fs::syncfs(&input)?;
            usages[index].push(once(&programs[index], paths)?);
            fs::remove_file(&paths.output)?;
        }
    }
    Ok(usages)
}

fn once(program: &Program, paths: &Paths) -> Result<Usage, Box<dyn Error>> {
    let arguments = (program.arguments)(paths);
    let start = Instant::now();
    let child = Command::new(&program.path)
        .args(arguments)
        .stdin(Stdio::null())
        .spawn()?;
    let end = child.wait4()?;
    let wall = start.elapsed().as_secs_f64();
    if !end.status.success() {
        return Err(format!("{}: {}", program.name, end.status).into());
    }
    Ok(Usage {
        wall,
        processor: (end.rusage.utime + end.rusage.stime).as_secs_f64(),
        memory: end.rusage.maxrss,
    })
}

fn summarise(
    direction: &'static str,
    bytes: u64,
    programs: &[Program],
    usages: &[Vec<Usage>],
) -> Vec<FileFigure> {
    let walls =
        |index: usize| -> Vec<f64> { usages[index].iter().map(|usage| usage.wall).collect() };
    let figure = |(index, program): (usize, &Program)| FileFigure {
        direction,
        name: program.name.clone(),
        bytes,
        wall_seconds: quantile(&walls(index), 0.5),
        processor_seconds: quantile(
            &usages[index]
                .iter()
                .map(|usage| usage.processor)
                .collect::<Vec<_>>(),
            0.5,
        ),
        peak_memory: usages[index]
            .iter()
            .map(|usage| usage.memory)
            .max()
            .unwrap_or_default(),
        ours_is_faster: (index > 0).then(|| ratio(&walls(0), &walls(index))),
    };
    programs.iter().enumerate().map(figure).collect()
}

/// Writes `bytes` random bytes.
fn fill(path: &Path, bytes: u64, rng: &mut impl CryptoRng) -> Result<(), Box<dyn Error>> {
    let mut file = BufWriter::new(File::create(path)?);
    let mut block = vec![0; 1 << 16];
    let mut left = bytes;
    while left > 0 {
        let now = left.min(block.len() as u64) as usize;
        rng.fill_bytes(&mut block[..now]);
        file.write_all(&block[..now])?;
        left -= now as u64;
    }
    Ok(file.flush()?)
}

fn same(one: &Path, other: &Path) -> Result<bool, Box<dyn Error>> {
    if fs::metadata(one)?.len() != fs::metadata(other)?.len() {
        return Ok(false);
    }
    let (mut one, mut other) = (
        BufReader::new(File::open(one)?),
        BufReader::new(File::open(other)?),
    );
    let (mut a, mut b) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    loop {
        let length = one.read(&mut a)?;
        other.read_exact(&mut b[..length])?;
        if length == 0 || a[..length] != b[..length] {
            return Ok(length == 0);
        }
    }
}
