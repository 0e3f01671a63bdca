//! What the programs share: each reads a line of words, measures, and answers with a line of JSON.

use std::{
    io::{BufRead, Write, stdin, stdout},
    time::{Duration, Instant},
};

use rustix::time::{ClockId, clock_gettime};
use serde::Serialize;

/// How long calls took.
#[expect(clippy::struct_field_names, reason = "the unit is part of the names")]
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Sample {
    times_ns: Vec<u128>,
    cpu_ns: i64,
    wall_ns: u128,
}

impl Sample {
    /// Measures this process while `work` goes on, which gives how long each call took.
    pub fn of(work: impl FnOnce() -> Vec<Duration>) -> Self {
        let (cpu, start) = (cpu_ns(), Instant::now());
        let times = work();
        let (wall_ns, cpu_ns) = (start.elapsed().as_nanos(), cpu_ns() - cpu);
        Self {
            times_ns: times.iter().map(Duration::as_nanos).collect(),
            cpu_ns,
            wall_ns,
        }
    }
}

/// So many calls, one after the other, and how long each took.
pub fn timed(calls: usize, mut call: impl FnMut()) -> Vec<Duration> {
    let one = |_| {
        let begun = Instant::now();
        call();
        begun.elapsed()
    };
    (0..calls).map(one).collect()
}

/// Answers each line of standard input with a sample, until it ends.
///
/// # Panics
/// If the other side is gone.
pub fn answer_lines(mut measure: impl FnMut(&[&str]) -> Sample) {
    for line in stdin().lock().lines() {
        let line = line.expect("text");
        let words: Vec<_> = line.split_whitespace().collect();
        let answer = serde_json::to_string(&measure(&words)).expect("plain JSON");
        writeln!(stdout(), "{answer}").expect("somebody reads");
    }
}

/// A number among the words.
///
/// # Panics
/// If it is none.
#[must_use]
pub fn number(word: &str) -> usize {
    word.parse().expect("a number")
}

fn cpu_ns() -> i64 {
    let now = clock_gettime(ClockId::ProcessCPUTime);
    now.tv_sec * 1_000_000_000 + now.tv_nsec
}
