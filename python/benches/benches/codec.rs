//! How long the codec takes: `cargo bench -p codec-bench`.

use std::hint::black_box;

use _native::codec::Decoder;
use codec_bench::WORK;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

fn small(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("codec");
    for (name, one) in WORK {
        group.bench_function(name, |bencher| bencher.iter(one));
    }
    group.finish();
}

/// A body that is read in pieces of 64 KiB.
fn large(criterion: &mut Criterion) {
    const BYTES: usize = 16_000_000;
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {BYTES}\r\n\r\n");
    let body = vec![7; BYTES];
    let mut group = criterion.benchmark_group("codec");
    group.throughput(Throughput::Bytes(BYTES as u64));
    group.bench_function("decode 16 MB", |bencher| {
        bencher.iter(|| {
            let mut decoder = Decoder::new(BYTES);
            decoder.receive(head.as_bytes()).expect("a valid head");
            for piece in body.chunks(64 * 1024) {
                decoder.receive(piece).expect("a valid body");
            }
            black_box(decoder.take_body())
        });
    });
    group.finish();
}

criterion_group!(benches, small, large);
criterion_main!(benches);
