//! Commands that give back what they are given.

use std::collections::{BTreeMap, HashMap};

use bytes::Bytes;
use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;
use url::Url;
use uuid::Uuid;

use crate::{
    absence, collections, converted, documented,
    enums::{adjacent, external, internal, plain, untagged},
    flat, foreign,
    generics::{Both, Change, Either, Loaded, OneOrMany, Page, Uses, Wrapper},
    naming, numbers, pointers, python_names, structs, tasks, times, twins,
};

/// A command for each type, which takes one value and gives it back.
macro_rules! echo {
    ($($(#[$attribute:meta])* $name:ident: $value:ty,)*) => {$(
        $(#[$attribute])*
        #[tauri::command]
        #[specta::specta]
        pub(crate) fn $name(value: $value) -> $value {
            value
        }
    )*};
}

/// The same, async.
macro_rules! echo_async {
    ($($(#[$attribute:meta])* $name:ident: $value:ty,)*) => {$(
        $(#[$attribute])*
        #[tauri::command]
        #[specta::specta]
        pub(crate) async fn $name(value: $value) -> $value {
            value
        }
    )*};
}

echo! {
    /// Gives back a truth value.
    echo_bool: bool,
    echo_u8: u8,
    echo_i64: i64,
    echo_u64: u64,
    echo_f64: f64,
    echo_char: char,
    echo_text: String,
    echo_unit: (),
    echo_option: Option<u32>,
    echo_list: Vec<Option<structs::Point>>,
    echo_array: [u16; 4],
    echo_tuple: (u8, String, structs::Point),
    echo_map: BTreeMap<String, Vec<u8>>,
    echo_number_map: HashMap<u32, structs::Point>,
    echo_value: Value,
    echo_uuid: Uuid,
    echo_url: Url,
    echo_date: NaiveDate,
    echo_date_time: DateTime<Utc>,
    echo_bytes: Bytes,
}

echo! {
    /// Gives back a task.
    ///
    /// With all of its "children".
    echo_task: tasks::Task,
    echo_integers: numbers::Integers,
    echo_wide: numbers::Wide,
    echo_fractions: numbers::Fractions,
    echo_point: structs::Point,
    echo_user_id: structs::UserId,
    echo_mixed: structs::Mixed,
    echo_unit_struct: structs::Unit,
    echo_empty: structs::Empty,
    echo_patch: absence::Patch,
    echo_left_out: absence::LeftOut,
    echo_settings: absence::Settings,
    echo_lists: collections::Lists,
    echo_sets: collections::Sets,
    echo_by_number: collections::ByNumber,
    echo_by_other: collections::ByOther,
    echo_tree: pointers::Tree,
    echo_chain: pointers::Chain,
    echo_expression: pointers::Expression,
    echo_forest: pointers::Forest,
    echo_urgency: plain::Urgency,
    echo_sign_names: plain::SignNames,
    echo_mouse: external::Mouse,
    echo_odd_variants: external::OddVariants,
    echo_shape: internal::Shape,
    echo_message: internal::Message,
    echo_packet: adjacent::Packet,
    echo_setting: adjacent::Setting,
    echo_scalar: untagged::Scalar,
    echo_answers: untagged::Answers,
}

echo_async! {
    /// Gives back a page of numbers.
    echo_page: Page<u8>,
    echo_page_of_points: Page<structs::Point>,
    echo_either: Either<u8, String>,
    echo_both: Both<structs::Point, Option<bool>>,
    echo_loaded: Loaded<Page<String>>,
    echo_change: Change<i32>,
    echo_one_or_many: OneOrMany<structs::Point>,
    echo_wrapper: Wrapper<Vec<bool>>,
    echo_uses: Uses,
    echo_awkward: naming::Awkward,
    echo_keywords: naming::Keywords,
    echo_builtins: naming::Builtins,
    echo_signs: naming::Signs,
    echo_field: python_names::Field,
    echo_item: twins::left::Item,
    echo_other_item: twins::right::Item,
    echo_article: flat::Article,
    echo_envelope: flat::Envelope,
    echo_perhaps_placed: flat::PerhapsPlaced,
    echo_perhaps_both: flat::PerhapsBoth,
    echo_perhaps_sent: flat::PerhapsSent,
    echo_magazine: flat::Magazine,
    echo_celsius: converted::Celsius,
    echo_vector: converted::Vector,
    echo_not_empty: converted::NotEmpty,
    echo_outcomes: converted::Outcomes,
    echo_chrono: times::Chrono,
    echo_jiff: times::Jiff,
    echo_std_times: times::Std,
    echo_schedule: times::Schedule,
    echo_addresses: foreign::Addresses,
    echo_blobs: foreign::Blobs,
    echo_json: foreign::Json,
    echo_quotes: documented::Quotes,
    echo_ages: documented::Ages,
}
