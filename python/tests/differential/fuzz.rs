//! The loop that all fuzzers share.

use std::{
    any::Any,
    collections::BTreeMap,
    env,
    fmt::Debug,
    panic::{AssertUnwindSafe, catch_unwind},
    str::FromStr,
    time::Instant,
};

use fastrand::Rng;

use crate::mutation::minimise;

/// What a check found: nothing (`None`), a difference that is right (its reason), or a fault (its kind).
pub type Finding = Result<Option<&'static str>, String>;

/// How many cuts a smaller input is tried with before it counts as right.
const TRIES: u64 = 40;

/// Checks many inputs, prints how often each reason was met, and fails with one small input of each kind of fault.
pub fn fuzz(
    what: &str,
    default_inputs: usize,
    generate: impl Fn(&mut Rng) -> Vec<u8>,
    check: impl Fn(&[u8], &mut Rng) -> Finding,
) {
    let seed = variable("SIDECAR_BRIDGE_FUZZ_SEED").unwrap_or_else(|| fastrand::u64(..));
    let inputs = variable("SIDECAR_BRIDGE_FUZZ_INPUTS").unwrap_or(default_inputs);
    println!("{what}: SIDECAR_BRIDGE_FUZZ_SEED={seed} SIDECAR_BRIDGE_FUZZ_INPUTS={inputs}");

    let check = |bytes: &[u8], rng: &mut Rng| {
        catch_unwind(AssertUnwindSafe(|| check(bytes, rng)))
            .unwrap_or_else(|panic| Err(panic_text(&*panic)))
    };
    let mut rng = Rng::with_seed(seed);
    let mut reasons = BTreeMap::<_, usize>::new();
    let mut faults = BTreeMap::<_, (usize, Vec<u8>)>::new();
    let start = Instant::now();
    for _ in 0..inputs {
        let input = generate(&mut rng);
        match check(&input, &mut rng) {
            Ok(None) => {}
            Ok(Some(reason)) => *reasons.entry(reason).or_default() += 1,
            Err(kind) => {
                let (count, smallest) = faults.entry(kind).or_insert((0, input.clone()));
                *count += 1;
                if input.len() < smallest.len() {
                    *smallest = input;
                }
            }
        }
    }
    println!("{what}: {:.1?}", start.elapsed());
    for (reason, count) in &reasons {
        println!("{count:>9}  {reason}");
    }
    for (kind, (count, input)) in &mut faults {
        let fails = |bytes: &[u8]| {
            (0..TRIES).any(|seed| check(bytes, &mut Rng::with_seed(seed)).as_ref() == Err(kind))
        };
        *input = minimise(std::mem::take(input), fails);
        println!(
            "{count:>9}  FAULT: {kind}\n           b\"{}\"",
            input.escape_ascii()
        );
    }
    assert!(
        faults.is_empty(),
        "{} kinds of faults in {what}, seed {seed}",
        faults.len()
    );
}

fn variable<T: FromStr<Err: Debug>>(name: &str) -> Option<T> {
    let text = env::var(name).ok()?;
    Some(text.parse().expect("the variable is a number"))
}

fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    format!("a panic: {}", text.unwrap_or_default())
}
