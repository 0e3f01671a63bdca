//! Two types of one name, in two modules. specta tells types apart by their place in the source, so no macro makes them.

pub mod left {
    use arbitrary::Arbitrary;
    use serde::{Deserialize, Serialize};
    use specta::Type;

    #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
    pub struct Item {
        pub value: u8,
        pub inner: Option<Inner>,
    }

    #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
    #[serde(tag = "type")]
    pub enum Inner {
        Some { value: u8 },
        Other,
    }
}

pub mod right {
    use arbitrary::Arbitrary;
    use serde::{Deserialize, Serialize};
    use specta::Type;

    #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
    pub struct Item {
        pub value: String,
        pub inner: Option<Inner>,
    }

    #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
    #[serde(tag = "type")]
    pub enum Inner {
        Some { value: String },
        Other,
    }
}
