//! Talking to a person or a script: results to standard output, everything else to standard error.
//!
//! Invariants: with `--json`, standard output has one JSON value a line and nothing else; a pipe
//! that the reader closes is no error and never a panic. The work goes on silently then, since a
//! submission must still be noted after `| head` has gone.
//!
//! Absent: what is said. Verbs say it, in both languages (`cli::lang`).

use std::io::{self, BufRead, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use serde::Serialize;

use crate::cli::error::{Exit, Failure};
use crate::cli::lang::{self, Language, text};
use crate::cli::printable::printable_json;

/// How often progress says a line where there is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(5);

/// Form of results.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Output {
    /// For people.
    Text,
    /// One JSON value a line.
    Json,
}

/// How much is said besides results.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Volume {
    /// What is being done.
    Normal,
    /// Warnings and errors only.
    Quiet,
}

/// Who answers questions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answers {
    /// The person at the terminal.
    Ask,
    /// `--yes`: yes to everything.
    Yes,
}

/// What the command line says about talking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Manner {
    /// Which language.
    pub lang: Language,
    /// Form of results.
    pub output: Output,
    /// How much is said.
    pub volume: Volume,
    /// Who answers.
    pub answers: Answers,
}

/// The two streams and how to use them; clones share them.
#[derive(Clone)]
pub struct Ui(Arc<Shared>);

struct Shared {
    manner: Manner,
    paint: Paint,
    bars: Option<MultiProgress>,
    results: Stream,
    talk: Stream,
}

/// A stream that falls silent when its reader is gone.
struct Stream {
    to: Mutex<Box<dyn Write + Send>>,
    closed: AtomicBool,
}

/// Whether talk is coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Paint {
    Colour,
    Plain,
}

const BOLD: &str = "1";
const RED: &str = "1;31";
const YELLOW: &str = "33";
const GREEN: &str = "32";

impl Ui {
    /// Talks on the process's streams; colour and bars only on a terminal (and as NO_COLOR and
    /// TERM=dumb ask).
    #[must_use]
    pub fn on_terminal(manner: Manner, variable: impl Fn(&str) -> Option<String>) -> Self {
        let terminal = io::stderr().is_terminal();
        let asked_plain = variable("NO_COLOR").is_some_and(|value| !value.is_empty())
            || variable("TERM").is_some_and(|value| value == "dumb");
        let bars = terminal && manner.output == Output::Text && manner.volume == Volume::Normal;
        Self(Arc::new(Shared {
            manner,
            paint: if terminal && !asked_plain {
                Paint::Colour
            } else {
                Paint::Plain
            },
            bars: bars.then(MultiProgress::new),
            results: Stream::new(io::stdout()),
            talk: Stream::new(io::stderr()),
        }))
    }

    /// Talks on streams of the caller's, without colour and bars.
    #[must_use]
    pub fn on_streams(
        manner: Manner,
        results: impl Write + Send + 'static,
        talk: impl Write + Send + 'static,
    ) -> Self {
        Self(Arc::new(Shared {
            manner,
            paint: Paint::Plain,
            bars: None,
            results: Stream::new(results),
            talk: Stream::new(talk),
        }))
    }

    /// The person's language.
    #[must_use]
    pub fn lang(&self) -> Language {
        self.0.manner.lang
    }

    /// The form of results.
    #[must_use]
    pub fn output(&self) -> Output {
        self.0.manner.output
    }

    /// Says what is being done.
    pub fn say(&self, line: impl AsRef<str>) {
        if self.0.manner.volume == Volume::Normal {
            self.talk(line.as_ref());
        }
    }

    /// Says that something went well, in green.
    pub fn good(&self, line: impl AsRef<str>) {
        self.say(self.paint(GREEN, line.as_ref()));
    }

    /// Says a heading.
    pub fn heading(&self, line: impl AsRef<str>) {
        self.say(self.paint(BOLD, line.as_ref()));
    }

    /// Says something that the person should look at, also when quiet.
    pub fn warn(&self, line: impl AsRef<str>) {
        let line = line.as_ref();
        let line = text!(self.lang(), "Achtung: {line}", "warning: {line}");
        self.talk(&self.paint(YELLOW, &line));
    }

    /// Says why the command ends.
    pub fn fail(&self, failure: &Failure) {
        match self.output() {
            Output::Json => self.talk(&failure.to_json()),
            Output::Text => {
                let text = failure.to_text(self.lang());
                let (what, next) = text.split_once('\n').unwrap_or((&text, ""));
                self.talk(&format!("{}\n{next}", self.paint(RED, what)));
            }
        }
    }

    /// Gives a result: `value` as JSON, or what `human` makes of it. Texts of strangers in the
    /// latter must be [`printable`](crate::cli::printable::printable).
    pub fn result<T: Serialize + ?Sized>(&self, value: &T, human: impl FnOnce() -> String) {
        let text = match self.output() {
            Output::Json => {
                let json = serde_json::to_string(value).expect("results have string keys only");
                printable_json(&json)
            }
            Output::Text => human(),
        };
        self.print(text.as_bytes());
        if !text.ends_with('\n') {
            self.print(b"\n");
        }
    }

    /// Gives raw bytes as the result, such as a file asked for with `-o -`.
    pub fn print(&self, bytes: &[u8]) {
        self.aside(|| self.0.results.write(bytes));
    }

    /// Asks a yes-or-no question; no is the default.
    ///
    /// # Errors
    /// A usage [`Failure`] where nobody is there to answer.
    pub fn confirm(&self, question: &str) -> Result<bool, Failure> {
        if self.0.manner.answers == Answers::Yes {
            return Ok(true);
        }
        if !io::stdin().is_terminal() {
            return Err(Failure::new(
                Exit::Usage,
                text!(
                    self.lang(),
                    "Frage ohne Antwort, weil niemand am Terminal ist: {question}",
                    "nobody is at the terminal to answer: {question}"
                ),
                text!(self.lang(), "mit --yes zustimmen", "agree with --yes"),
            ));
        }
        let choice = text!(self.lang(), "[j/N]", "[y/N]");
        self.0
            .talk
            .write(format!("{question} {choice} ").as_bytes());
        let mut answer = String::new();
        // Nothing, not even an end of input, means yes.
        let _ = io::stdin().lock().read_line(&mut answer);
        Ok(is_yes(&answer))
    }

    /// Shows the progress of `total` bytes; ends when dropped.
    #[must_use]
    pub fn progress(&self, label: &str, total: u64) -> Progress {
        let quiet = self.0.manner.volume == Volume::Quiet || self.output() == Output::Json;
        let display = match &self.0.bars {
            _ if quiet => Display::Nothing,
            Some(bars) => Display::Bar(bars.add(bar(label, total))),
            None => Display::Lines(Mutex::new(Instant::now())),
        };
        Progress {
            ui: self.clone(),
            label: label.to_owned(),
            total,
            done: AtomicU64::new(0),
            display,
        }
    }

    fn talk(&self, line: &str) {
        self.aside(|| self.0.talk.write(format!("{line}\n").as_bytes()));
    }

    /// Moves bars out of the way while something is written.
    fn aside(&self, write: impl FnOnce()) {
        match &self.0.bars {
            Some(bars) => bars.suspend(write),
            None => write(),
        }
    }

    fn paint(&self, colour: &str, text: &str) -> String {
        match self.0.paint {
            Paint::Colour => format!("\x1b[{colour}m{text}\x1b[0m"),
            Paint::Plain => text.to_owned(),
        }
    }
}

impl Stream {
    fn new(to: impl Write + Send + 'static) -> Self {
        Self {
            to: Mutex::new(Box::new(to)),
            closed: AtomicBool::new(false),
        }
    }

    fn write(&self, bytes: &[u8]) {
        if self.closed.load(Ordering::Relaxed) {
            return;
        }
        let mut to = self.to.lock().unwrap_or_else(PoisonError::into_inner);
        if to.write_all(bytes).and_then(|()| to.flush()).is_err() {
            self.closed.store(true, Ordering::Relaxed);
        }
    }
}

/// Progress of one long piece of work; may be told from several threads.
pub struct Progress {
    ui: Ui,
    label: String,
    total: u64,
    done: AtomicU64,
    display: Display,
}

enum Display {
    Bar(ProgressBar),
    /// When the last line was said.
    Lines(Mutex<Instant>),
    Nothing,
}

impl Progress {
    /// `bytes` more are done.
    pub fn add(&self, bytes: u64) {
        let done = self.done.fetch_add(bytes, Ordering::Relaxed) + bytes;
        self.show(done);
    }

    /// `bytes` are done altogether, as after a resumed upload.
    pub fn set(&self, bytes: u64) {
        self.done.store(bytes, Ordering::Relaxed);
        self.show(bytes);
    }

    fn show(&self, done: u64) {
        match &self.display {
            Display::Bar(bar) => bar.set_position(done),
            Display::Lines(last) => {
                let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
                if last.elapsed() >= LINE_EVERY {
                    *last = Instant::now();
                    let lang = self.ui.lang();
                    let (done, total) = (lang::bytes(lang, done), lang::bytes(lang, self.total));
                    let label = &self.label;
                    self.ui.say(text!(
                        lang,
                        "{label}: {done} von {total}",
                        "{label}: {done} of {total}"
                    ));
                }
            }
            Display::Nothing => (),
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Display::Bar(bar) = &self.display {
            bar.finish_and_clear();
        }
    }
}

fn bar(label: &str, total: u64) -> ProgressBar {
    const TEMPLATE: &str =
        "{msg} {wide_bar} {decimal_bytes}/{decimal_total_bytes} {decimal_bytes_per_sec} {eta}";
    let style = ProgressStyle::with_template(TEMPLATE).expect("the template is a constant");
    ProgressBar::new(total)
        .with_style(style)
        .with_message(label.to_owned())
}

fn is_yes(answer: &str) -> bool {
    let answer = answer.trim().to_lowercase();
    matches!(answer.as_str(), "j" | "ja" | "y" | "yes")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A stream that can be read afterwards.
    #[derive(Clone, Default)]
    struct Captured(Arc<Mutex<Vec<u8>>>);

    impl Captured {
        fn text(&self) -> String {
            String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
        }
    }

    impl Write for Captured {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// A pipe whose reader is gone.
    struct Closed;

    impl Write for Closed {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn manner(output: Output) -> Manner {
        Manner {
            lang: Language::German,
            output,
            volume: Volume::Normal,
            answers: Answers::Yes,
        }
    }

    #[test]
    fn results_and_talk_do_not_mix() {
        let (out, err) = (Captured::default(), Captured::default());
        let ui = Ui::on_streams(manner(Output::Text), out.clone(), err.clone());
        ui.say("ich sende");
        ui.warn("Frist");
        ui.result(&1, || "gesendet".to_owned());
        assert_eq!(out.text(), "gesendet\n");
        assert_eq!(err.text(), "ich sende\nAchtung: Frist\n");
    }

    #[test]
    fn json_is_one_value_a_line() {
        let (out, err) = (Captured::default(), Captured::default());
        let ui = Ui::on_streams(manner(Output::Json), out.clone(), err.clone());
        ui.result(&[1, 2], || unreachable!("not for people"));
        ui.progress("Datei", 10).add(10);
        ui.fail(&Failure::new(Exit::Usage, "a", "b"));
        assert_eq!(out.text(), "[1,2]\n");
        assert_eq!(err.text().lines().count(), 1);
        assert!(err.text().contains("\"exit\":2"));
    }

    #[test]
    fn a_closed_pipe_is_silence() {
        let ui = Ui::on_streams(manner(Output::Text), Closed, Closed);
        ui.say("a");
        ui.result(&1, || "b".to_owned());
        ui.result(&1, || "c".to_owned());
        assert!(ui.confirm("sicher?").is_ok_and(|yes| yes));
    }

    #[test]
    fn only_a_clear_yes_is_yes() {
        assert!(is_yes("J\n") && is_yes(" yes "));
        assert!(!is_yes("") && !is_yes("jein") && !is_yes("n"));
    }
}
