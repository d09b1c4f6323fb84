//! The tables that a run prints, and the same figures as JSON.

use crate::audit::AuditReport;
use crate::file::FileReport;
use crate::measure::{Comparison, Ratio};
use serde::Serialize;
use std::fmt::Write as _;

/// Everything one run measured.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Processor, cores, system.
    pub machine: String,
    /// In-process comparisons.
    pub comparisons: Vec<Comparison>,
    /// A whole log, if it was asked for.
    pub audit: Option<AuditReport>,
    /// Whole files, if they were asked for.
    pub file: Option<FileReport>,
}

impl Report {
    /// Markdown tables, as they stand in docs/benchmarks.md.
    pub fn table(&self) -> String {
        let mut out = format!("{}\n", self.machine);
        if !self.comparisons.is_empty() {
            out.push_str("\n| what | who | rate | we are faster by |\n|---|---|---:|---|\n");
        }
        for comparison in &self.comparisons {
            for figure in &comparison.contenders {
                let rate = format!("{} {}", thousands(figure.rate), comparison.unit);
                line(
                    &mut out,
                    &[
                        &comparison.what,
                        figure.name,
                        &rate,
                        &times(figure.ours_is_faster.as_ref()),
                    ],
                );
            }
        }
        if let Some(audit) = &self.audit {
            let _ = writeln!(
                out,
                "\nA log of {} entries was audited in {:.1} s with a peak of {}.",
                thousands(audit.entries as f64),
                audit.seconds,
                mebibytes(audit.peak_memory)
            );
        }
        if let Some(file) = &self.file {
            out.push_str("\n| one file, one recipient | who | wall | rate | processor | peak memory | we are faster by |\n|---|---|---:|---:|---:|---:|---|\n");
            for figure in &file.figures {
                let what = format!("{} {} MiB", figure.direction, figure.bytes >> 20);
                let wall = format!("{:.2} s", figure.wall_seconds);
                let rate = format!(
                    "{} MB/s",
                    thousands(figure.bytes as f64 / 1e6 / figure.wall_seconds)
                );
                let processor = format!("{:.2} s", figure.processor_seconds);
                let memory = mebibytes(figure.peak_memory);
                let faster = times(figure.ours_is_faster.as_ref());
                line(
                    &mut out,
                    &[
                        &what,
                        &figure.name,
                        &wall,
                        &rate,
                        &processor,
                        &memory,
                        &faster,
                    ],
                );
            }
            let _ = writeln!(
                out,
                "\nA process that does nothing has a peak of {}.",
                mebibytes(file.memory_floor)
            );
        }
        out
    }
}

/// What the figures were measured on, as far as the system tells.
pub fn machine() -> String {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let processor = read("/proc/cpuinfo")
        .lines()
        .find_map(|line| {
            line.strip_prefix("model name")?
                .split_once(": ")
                .map(|(_, name)| name.to_owned())
        })
        .unwrap_or_else(|| std::env::consts::ARCH.to_owned());
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let kernel = read("/proc/sys/kernel/osrelease");
    format!(
        "{processor}, {cores} cores, {} {}",
        std::env::consts::OS,
        kernel.trim()
    )
}

/// Appends a row of a Markdown table.
pub(crate) fn line(out: &mut String, cells: &[&str]) {
    let _ = writeln!(out, "| {} |", cells.join(" | "));
}

fn times(ratio: Option<&Ratio>) -> String {
    ratio.map_or_else(String::new, |ratio| {
        format!(
            "{:.2}× ({:.2}–{:.2})",
            ratio.median, ratio.lower, ratio.upper
        )
    })
}

/// Bytes as mebibytes.
pub(crate) fn mebibytes(bytes: u64) -> String {
    format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20))
}

/// A whole number with thin groups of three digits.
pub(crate) fn thousands(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            out.push(' ');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(
            [thousands(7.4), thousands(1234.0), thousands(1_234_567.0)],
            ["7", "1 234", "1 234 567"]
        );
    }
}
