//! Contenders take turns, so that whatever else the machine does hits them alike.
//!
//! Each round runs every contender once, beginning with another one each time. Reported are medians: of each
//! contender's own rounds, and of the ratios within a round. A ratio above 1 means that we were faster.
//!
//! Absent: confidence intervals and outlier rules. The spread of the ratios is printed beside their median.

use serde::Serialize;
use std::time::{Duration, Instant};

/// One side of a comparison: prepares outside the clock, then returns what its timed part took.
pub struct Contender<'a> {
    /// As it stands in the table.
    pub name: &'static str,
    /// One turn.
    pub turn: Box<dyn FnMut() -> Duration + 'a>,
}

impl<'a> Contender<'a> {
    /// A contender with nothing to prepare.
    pub fn plain(name: &'static str, mut work: impl FnMut() + 'a) -> Self {
        Self::prepared(name, || (), move |()| work())
    }

    /// A contender whose `prepare` is not timed.
    pub fn prepared<T>(
        name: &'static str,
        mut prepare: impl FnMut() -> T + 'a,
        mut work: impl FnMut(T) + 'a,
    ) -> Self {
        let turn = move || {
            let input = prepare();
            let start = Instant::now();
            work(input);
            start.elapsed()
        };
        Self {
            name,
            turn: Box::new(turn),
        }
    }
}

/// What one turn amounts to.
#[derive(Debug, Clone, Copy)]
pub enum Amount {
    /// This many bytes went through; reported as megabytes (10⁶) a second.
    Bytes(u64),
    /// This many operations were done; reported as operations a second.
    Operations(u32),
}

/// One line of the report: we are the first contender.
#[derive(Debug, Serialize)]
pub struct Comparison {
    /// What was measured.
    pub what: String,
    /// Unit of every `rate`.
    pub unit: &'static str,
    /// Rounds, each with every contender.
    pub rounds: usize,
    /// Us first, then the peers.
    pub contenders: Vec<Figure>,
}

/// A contender's figures.
#[derive(Debug, Serialize)]
pub struct Figure {
    /// Its name.
    pub name: &'static str,
    /// Median rate, in the comparison's unit.
    pub rate: f64,
    /// How many times as fast we are: median, lower and upper quartile over the rounds. None for ourselves.
    pub ours_is_faster: Option<Ratio>,
}

/// A ratio with its spread.
#[derive(Debug, Serialize)]
pub struct Ratio {
    /// Median over the rounds.
    pub median: f64,
    /// Lower quartile.
    pub lower: f64,
    /// Upper quartile.
    pub upper: f64,
}

/// Runs `rounds` rounds of all contenders, of which the first is ours.
pub fn compare(
    what: &str,
    amount: Amount,
    rounds: usize,
    mut contenders: Vec<Contender<'_>>,
) -> Comparison {
    let mut times = vec![Vec::with_capacity(rounds); contenders.len()];
    for contender in &mut contenders {
        (contender.turn)(); // caches and branch predictors warm, pages present
    }
    for round in 0..rounds {
        for turn in 0..contenders.len() {
            let index = (round + turn) % contenders.len();
            times[index].push((contenders[index].turn)().as_secs_f64());
        }
    }
    let (unit, scale) = match amount {
        Amount::Bytes(bytes) => ("MB/s", bytes as f64 / 1e6),
        Amount::Operations(count) => ("1/s", f64::from(count)),
    };
    let figures = contenders
        .iter()
        .enumerate()
        .map(|(index, contender)| Figure {
            name: contender.name,
            rate: scale / quantile(&times[index], 0.5),
            ours_is_faster: (index > 0).then(|| ratio(&times[0], &times[index])),
        });
    Comparison {
        what: what.to_owned(),
        unit,
        rounds,
        contenders: figures.collect(),
    }
}

/// Their time over ours, round by round.
pub fn ratio(ours: &[f64], theirs: &[f64]) -> Ratio {
    let ratios: Vec<f64> = ours
        .iter()
        .zip(theirs)
        .map(|(ours, theirs)| theirs / ours)
        .collect();
    Ratio {
        median: quantile(&ratios, 0.5),
        lower: quantile(&ratios, 0.25),
        upper: quantile(&ratios, 0.75),
    }
}

/// The value below which a `share` of the values lies. The values must not be empty.
pub fn quantile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[((sorted.len() - 1) as f64 * share).round() as usize]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_above_one_means_we_are_faster() {
        let ratio = ratio(&[1.0, 2.0, 1.0], &[3.0, 6.0, 2.0]);
        assert_eq!((ratio.lower, ratio.median, ratio.upper), (3.0, 3.0, 3.0));
        assert_eq!(quantile(&[5.0, 1.0, 3.0], 0.5), 3.0);
    }

    #[test]
    fn contenders_take_turns() {
        let order = std::cell::RefCell::new(String::new());
        let contenders =
            ["a", "b"].map(|name| Contender::plain(name, || order.borrow_mut().push_str(name)));
        compare("turns", Amount::Operations(1), 2, contenders.into());
        assert_eq!(order.into_inner(), "ababba");
    }
}
