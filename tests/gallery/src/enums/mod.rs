//! Enums, in each of the forms that serde gives them.

pub mod adjacent;
pub mod external;
pub mod internal;
pub mod plain;
pub mod untagged;
