//! Two types of one name.

/// The same in two modules, with other fields.
macro_rules! twins {
    ($($module:ident: $value:ty,)*) => {$(
        pub mod $module {
            use arbitrary::Arbitrary;
            use serde::{Deserialize, Serialize};
            use specta::Type;

            #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
            pub struct Item {
                pub value: $value,
                pub inner: Option<Inner>,
            }

            #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
            #[serde(tag = "type")]
            pub enum Inner {
                Some { value: $value },
                Other,
            }
        }
    )*};
}

twins! {
    left: u8,
    right: String,
}
