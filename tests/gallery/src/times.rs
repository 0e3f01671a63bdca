//! Points in time and durations, of the standard library and of three crates.

use std::time::{Duration, SystemTime};

use arbitrary::{Arbitrary, Unstructured};
use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use jiff::{SignedDuration, Timestamp, Zoned, civil};
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::generate::{self, maybe, some};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Std {
    #[arbitrary(with = generate::duration)]
    pub duration: Duration,
    #[arbitrary(with = generate::system_time)]
    pub time: SystemTime,
    #[arbitrary(with = |u: &mut Unstructured<'_>| maybe(u, generate::duration))]
    pub perhaps: Option<Duration>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Chrono {
    #[arbitrary(with = generate::utc)]
    pub utc: DateTime<Utc>,
    #[arbitrary(with = generate::with_offset)]
    pub with_offset: DateTime<FixedOffset>,
    #[arbitrary(with = generate::naive)]
    pub naive: NaiveDateTime,
    #[arbitrary(with = generate::naive_date)]
    pub date: NaiveDate,
    #[arbitrary(with = generate::naive_time)]
    pub time: NaiveTime,
    pub weekday: chrono::Weekday,
    pub month: chrono::Month,
    #[arbitrary(with = |u: &mut Unstructured<'_>| maybe(u, generate::utc))]
    pub perhaps: Option<DateTime<Utc>>,
    #[arbitrary(with = |u: &mut Unstructured<'_>| some(u, generate::naive_date))]
    pub dates: Vec<NaiveDate>,
    #[arbitrary(with = generate::time_delta)]
    pub delta: TimeDelta,
    #[arbitrary(with = |u: &mut Unstructured<'_>| maybe(u, generate::time_delta))]
    pub perhaps_delta: Option<TimeDelta>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Time {
    #[arbitrary(with = |u: &mut Unstructured<'_>| generate::offset_date_time(u).map(time::OffsetDateTime::date))]
    pub date: time::Date,
    #[arbitrary(with = |u: &mut Unstructured<'_>| generate::offset_date_time(u).map(time::OffsetDateTime::time))]
    pub time: time::Time,
    #[arbitrary(with = generate::offset_date_time)]
    pub moment: time::OffsetDateTime,
    #[arbitrary(with = |u: &mut Unstructured<'_>| generate::offset_date_time(u).map(time::OffsetDateTime::weekday))]
    pub weekday: time::Weekday,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Jiff {
    #[arbitrary(with = generate::timestamp)]
    pub timestamp: Timestamp,
    #[arbitrary(with = generate::civil)]
    pub civil: civil::DateTime,
    #[arbitrary(with = generate::civil_date)]
    pub date: civil::Date,
    #[arbitrary(with = generate::civil_time)]
    pub time: civil::Time,
    #[arbitrary(with = generate::zoned)]
    pub zoned: Zoned,
    #[arbitrary(with = |u: &mut Unstructured<'_>| maybe(u, generate::timestamp))]
    pub perhaps: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct JiffSpan {
    #[arbitrary(with = generate::signed_duration)]
    pub duration: SignedDuration,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Moment(#[arbitrary(with = generate::utc)] pub DateTime<Utc>);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Birthday(#[arbitrary(with = generate::naive_date)] pub NaiveDate);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Timeout(#[arbitrary(with = generate::duration)] pub Duration);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
#[serde(tag = "type")]
pub enum Schedule {
    Once {
        #[arbitrary(with = generate::utc)]
        at: DateTime<Utc>,
    },
    Daily {
        #[arbitrary(with = generate::naive_time)]
        at: NaiveTime,
        #[arbitrary(with = generate::duration)]
        for_: Duration,
    },
}
