//! `instructions <form> <count>`: does that so often, for `tests/bench/test_instructions.py` to count the instructions.
//! Without arguments it says which forms there are.

use codec_bench::WORK;

fn main() {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [wanted, count] = arguments.as_slice() else {
        for (name, _) in WORK {
            println!("{name}");
        }
        return;
    };
    let found = WORK.into_iter().find(|(name, _)| name == wanted);
    let (_, one) = found.expect("a form that there is");
    for _ in 0..count.parse().expect("a number") {
        one();
    }
}
