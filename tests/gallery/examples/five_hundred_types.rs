//! `five_hundred_types <path>`: exports a Python module with 500 models, whose import `tests/bench/bindings.py` measures.
#![allow(missing_docs, reason = "they are all alike")]

use std::path::PathBuf;

use tauri::test::MockRuntime;
use tauri_plugin_sidecar_bridge::codegen::{Error, Python};
use tauri_specta::Builder;

/// Twenty structs in each module, and a function that registers them.
macro_rules! modules {
    ($($module:ident)*) => { $(modules! { @one $module
        Account Address Article Booking Category Comment Contact Customer Delivery Discount
        Employee Invoice Location Message Offer Payment Product Project Review Supplier
    })* };
    (@one $module:ident $($name:ident)*) => {
        mod $module {
            use std::collections::HashMap;

            use serde::{Deserialize, Serialize};
            use specta::Type;

            $(
                #[derive(Serialize, Deserialize, Type)]
                #[serde(rename_all = "camelCase")]
                pub struct $name {
                    first_number: u32,
                    some_text: String,
                    many_numbers: Vec<i64>,
                    perhaps: Option<f64>,
                    by_name: HashMap<String, bool>,
                    #[serde(default, skip_serializing_if = "Vec::is_empty")]
                    next: Vec<$name>,
                }
            )*

            pub fn register(builder: super::Builder<super::MockRuntime>) -> super::Builder<super::MockRuntime> {
                builder$(.typ::<$name>())*
            }
        }
    };
}

modules! { a b c d e f g h i j k l m n o p q r s t u v w x y }

fn main() -> Result<(), Error> {
    let path: PathBuf = std::env::args_os()
        .nth(1)
        .expect("usage: five_hundred_types <path>")
        .into();
    let modules = [
        a::register,
        b::register,
        c::register,
        d::register,
        e::register,
        f::register,
        g::register,
        h::register,
        i::register,
        j::register,
        k::register,
        l::register,
        m::register,
        n::register,
        o::register,
        p::register,
        q::register,
        r::register,
        s::register,
        t::register,
        u::register,
        v::register,
        w::register,
        x::register,
        y::register,
    ];
    let builder = modules
        .into_iter()
        .fold(Builder::new(), |builder, register| register(builder));
    builder.export(
        Python::default().command_line("scripts/bench bindings"),
        path,
    )
}
