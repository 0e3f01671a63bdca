use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a spare process has done ahead that stands ready as the next generation of a sidecar.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Standby {
    /// There is no spare.
    #[default]
    Off,
    /// It has imported what the last generation had imported from outside of the app's own folders.
    Imports,
    /// It has run the program until `serve`, and imported the app that `serve` names. It has run no lifespan.
    App,
}
