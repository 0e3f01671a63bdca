//! Types whose names Python, pydantic or the generated module have for something else.

use arbitrary::Arbitrary;
use serde::{Deserialize, Serialize};
use specta::Type;

/// One struct for each name.
macro_rules! named {
    ($($name:ident,)*) => {$(
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
        pub struct $name {
            pub value: u8,
        }
    )*};
}

named! {
    Field,
    BaseModel,
    Annotated,
    Literal,
    Commands,
    Events,
    Exception,
    ValueError,
    None,
    UUID,
    JsonValue,
    U16,
    Enum,
    TypeVar,
}
