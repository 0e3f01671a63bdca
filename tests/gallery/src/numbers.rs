//! Numbers, letters and truth values.

use std::{
    num::{NonZeroI64, NonZeroU8, NonZeroU128, NonZeroUsize},
    ops::{Range, RangeInclusive},
};

use arbitrary::{Arbitrary, Result, Unstructured};
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::generate::{finite, finite_single, maybe, some};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Integers {
    pub i8: i8,
    pub i16: i16,
    pub i32: i32,
    pub i64: i64,
    pub isize: isize,
    pub u8: u8,
    pub u16: u16,
    pub u32: u32,
    pub u64: u64,
    pub usize: usize,
}

/// All of 128 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Wide {
    pub signed: i128,
    pub unsigned: u128,
    pub perhaps: Option<u128>,
}

/// Types of 128 bits with numbers of 64.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct WideButSmall {
    #[arbitrary(with = |u: &mut Unstructured<'_>| i64::arbitrary(u).map(i128::from))]
    pub signed: i128,
    #[arbitrary(with = |u: &mut Unstructured<'_>| u64::arbitrary(u).map(u128::from))]
    pub unsigned: u128,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct NeverZero {
    pub small: NonZeroU8,
    pub large: NonZeroI64,
    pub wide: NonZeroU128,
    pub sized: Option<NonZeroUsize>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Fractions {
    #[arbitrary(with = finite_single)]
    pub single: f32,
    #[arbitrary(with = finite)]
    pub double: f64,
    #[arbitrary(with = |u: &mut Unstructured<'_>| maybe(u, finite))]
    pub perhaps: Option<f64>,
    #[arbitrary(with = |u: &mut Unstructured<'_>| some(u, finite))]
    pub several: Vec<f64>,
}

/// NaN and the infinities too, which serde writes as null and does not read again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type, Arbitrary)]
pub struct AnyFractions {
    #[arbitrary(with = rarely_finite)]
    pub first: f64,
    #[arbitrary(with = rarely_finite)]
    pub second: f64,
    #[arbitrary(with = rarely_finite_single)]
    pub single: f32,
    #[arbitrary(with = |u: &mut Unstructured<'_>| maybe(u, rarely_finite))]
    pub perhaps: Option<f64>,
    #[arbitrary(with = |u: &mut Unstructured<'_>| some(u, rarely_finite))]
    pub several: Vec<f64>,
}

fn rarely_finite_single(u: &mut Unstructured<'_>) -> Result<f32> {
    Ok(match u.int_in_range(0..=2_u8)? {
        0 => f32::NAN,
        1 => f32::NEG_INFINITY,
        _ => u.arbitrary()?,
    })
}

fn rarely_finite(u: &mut Unstructured<'_>) -> Result<f64> {
    Ok(match u.int_in_range(0..=5_u8)? {
        0 => f64::NAN,
        1 => f64::INFINITY,
        2 => f64::NEG_INFINITY,
        _ => u.arbitrary()?,
    })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Atoms {
    pub letter: char,
    pub yes: bool,
    pub nothing: (),
    pub perhaps_letter: Option<char>,
    pub perhaps_yes: Option<bool>,
    pub perhaps_nothing: Option<()>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Bounds {
    pub half_open: Range<u32>,
    pub closed: RangeInclusive<i8>,
}

#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    Type,
    Arbitrary,
)]
pub struct Count(pub u64);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Huge(pub u128);

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Ratio(#[arbitrary(with = finite)] pub f64);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Letter(pub char);
