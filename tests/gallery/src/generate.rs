//! Values of types that `arbitrary` does not make itself, or makes of more than Python can hold.
//!
//! Points in time and durations are whole microseconds, of the years 2 to 9998: one year is left at both ends, so that
//! they have a place in every time zone.

use std::time::{Duration, SystemTime};

use arbitrary::{Arbitrary, Result, Unstructured};
use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use jiff::{SignedDuration, Timestamp, Zoned, tz};
use serde_json::{Map, Number, Value};
use url::Url;

const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;
/// The first and the last microsecond since 1970.
const TIMES: std::ops::RangeInclusive<i64> = -62_104_060_800 * SECOND..=253_370_764_799 * SECOND;
/// A million days.
const LONGEST: i64 = 1_000_000 * DAY;
const NAMES: [&str; 6] = [
    "example.org",
    "a.b.c",
    "localhost",
    "127.0.0.1",
    "[::1]",
    "bücher.example",
];

pub fn maybe<'a, T>(
    u: &mut Unstructured<'a>,
    make: impl Fn(&mut Unstructured<'a>) -> Result<T>,
) -> Result<Option<T>> {
    if u.arbitrary()? {
        make(u).map(Some)
    } else {
        Ok(None)
    }
}

pub fn some<'a, T, C: FromIterator<T>>(
    u: &mut Unstructured<'a>,
    make: impl Fn(&mut Unstructured<'a>) -> Result<T>,
) -> Result<C> {
    let length = u.int_in_range(0..=4_u8)?;
    (0..length).map(|_| make(u)).collect()
}

/// A number that JSON has.
pub fn finite(u: &mut Unstructured<'_>) -> Result<f64> {
    Ok(Some(f64::arbitrary(u)?)
        .filter(|number| number.is_finite())
        .unwrap_or(-0.5))
}

pub fn finite_single(u: &mut Unstructured<'_>) -> Result<f32> {
    Ok(Some(f32::arbitrary(u)?)
        .filter(|number| number.is_finite())
        .unwrap_or(0.1))
}

fn since_1970(u: &mut Unstructured<'_>) -> Result<i64> {
    u.int_in_range(TIMES)
}

pub fn utc(u: &mut Unstructured<'_>) -> Result<DateTime<Utc>> {
    let time = DateTime::from_timestamp_micros(since_1970(u)?);
    time.ok_or(arbitrary::Error::IncorrectFormat)
}

pub fn with_offset(u: &mut Unstructured<'_>) -> Result<DateTime<FixedOffset>> {
    let offset = FixedOffset::east_opt(u.int_in_range(-1439..=1439)? * 60);
    let offset = offset.ok_or(arbitrary::Error::IncorrectFormat)?;
    Ok(utc(u)?.with_timezone(&offset))
}

pub fn naive(u: &mut Unstructured<'_>) -> Result<NaiveDateTime> {
    utc(u).map(|time| time.naive_utc())
}

pub fn naive_date(u: &mut Unstructured<'_>) -> Result<NaiveDate> {
    naive(u).map(|time| time.date())
}

pub fn naive_time(u: &mut Unstructured<'_>) -> Result<NaiveTime> {
    naive(u).map(|time| time.time())
}

pub fn time_delta(u: &mut Unstructured<'_>) -> Result<chrono::TimeDelta> {
    u.int_in_range(-LONGEST..=LONGEST)
        .map(chrono::TimeDelta::microseconds)
}

pub fn offset_date_time(u: &mut Unstructured<'_>) -> Result<time::OffsetDateTime> {
    let time = time::OffsetDateTime::from_unix_timestamp_nanos(i128::from(since_1970(u)?) * 1000);
    time.map_err(|_| arbitrary::Error::IncorrectFormat)
}

pub fn timestamp(u: &mut Unstructured<'_>) -> Result<Timestamp> {
    Timestamp::from_microsecond(since_1970(u)?).map_err(|_| arbitrary::Error::IncorrectFormat)
}

pub fn zoned(u: &mut Unstructured<'_>) -> Result<Zoned> {
    let offset = tz::Offset::from_seconds(u.int_in_range(-1439..=1439)? * 60);
    let offset = offset.map_err(|_| arbitrary::Error::IncorrectFormat)?;
    Ok(timestamp(u)?.to_zoned(tz::TimeZone::fixed(offset)))
}

pub fn civil(u: &mut Unstructured<'_>) -> Result<jiff::civil::DateTime> {
    Ok(tz::Offset::UTC.to_datetime(timestamp(u)?))
}

pub fn civil_date(u: &mut Unstructured<'_>) -> Result<jiff::civil::Date> {
    civil(u).map(jiff::civil::DateTime::date)
}

pub fn civil_time(u: &mut Unstructured<'_>) -> Result<jiff::civil::Time> {
    civil(u).map(jiff::civil::DateTime::time)
}

pub fn signed_duration(u: &mut Unstructured<'_>) -> Result<SignedDuration> {
    u.int_in_range(-LONGEST..=LONGEST)
        .map(SignedDuration::from_micros)
}

pub fn duration(u: &mut Unstructured<'_>) -> Result<Duration> {
    u.int_in_range(0..=LONGEST.unsigned_abs())
        .map(Duration::from_micros)
}

pub fn system_time(u: &mut Unstructured<'_>) -> Result<SystemTime> {
    let since = u.int_in_range(0..=TIMES.end().unsigned_abs())?;
    Ok(SystemTime::UNIX_EPOCH + Duration::from_micros(since))
}

pub fn bytes<T: From<Vec<u8>>>(u: &mut Unstructured<'_>) -> Result<T> {
    Vec::arbitrary(u).map(T::from)
}

pub fn address(u: &mut Unstructured<'_>) -> Result<Url> {
    let (name, text): (_, String) = (u.choose(&NAMES)?, u.arbitrary()?);
    let address = match u.int_in_range(0..=4_u8)? {
        0 => format!("https://{name}/{text}"),
        1 => format!("http://{name}:{}/?{text}#{text}", u16::arbitrary(u)?),
        2 => format!("ftp://user:{}@{name}", text.len()),
        3 => format!("mailto:someone@{name}"),
        _ => format!("https://{name}"),
    };
    Url::parse(&address).map_err(|_| arbitrary::Error::IncorrectFormat)
}

pub fn number(u: &mut Unstructured<'_>) -> Result<Number> {
    Ok(match u.int_in_range(0..=2_u8)? {
        0 => i64::arbitrary(u)?.into(),
        1 => u64::arbitrary(u)?.into(),
        _ => Number::from_f64(finite(u)?).ok_or(arbitrary::Error::IncorrectFormat)?,
    })
}

pub fn json(u: &mut Unstructured<'_>) -> Result<Value> {
    nested_json(u, 4)
}

pub fn json_object(u: &mut Unstructured<'_>) -> Result<Map<String, Value>> {
    some(u, |u| Ok((u.arbitrary()?, nested_json(u, 3)?)))
}

fn nested_json(u: &mut Unstructured<'_>, depth: u8) -> Result<Value> {
    let last = if depth == 0 { 3 } else { 5 };
    Ok(match u.int_in_range(0..=last)? {
        0_u8 => Value::Null,
        1 => Value::Bool(u.arbitrary()?),
        2 => Value::Number(number(u)?),
        3 => Value::String(u.arbitrary()?),
        4 => Value::Array(some(u, |u| nested_json(u, depth - 1))?),
        _ => Value::Object(some(u, |u| {
            Ok((u.arbitrary()?, nested_json(u, depth - 1)?))
        })?),
    })
}
