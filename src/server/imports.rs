//! The route by which a sidecar says what its spare may import ahead.

use std::{collections::HashSet, sync::Arc};

use axum::{extract::State, http::StatusCode};
use schemars::JsonSchema;
use serde::Deserialize;
use tauri::Runtime;

use super::{Context, payload::Payload};
use crate::error::Result;

/// What `POST /v1/imports` takes: what a generation has imported that is not the app's own.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Imports {
    /// The last words of the command, which name the program and its arguments: `["main.py", "--verbose"]`.
    pub program: Vec<String>,
    /// The names of the modules, in the order of their imports.
    pub modules: Vec<String>,
    /// The folder of the environment in which they are: `/home/ada/ledger/.venv`. An older package does not say.
    pub environment: Option<String>,
}

impl Imports {
    /// Whether a spare that has imported those others lacks something of these, or has it from elsewhere.
    fn has_more_than(&self, others: &Self) -> bool {
        let known: HashSet<&String> = others.modules.iter().collect();
        self.program != others.program
            || self.environment != others.environment
            || self.modules.iter().any(|name| !known.contains(name))
    }
}

/// `POST /v1/imports`: the sidecar says what it has imported. The last word counts, and is news only if there is more in it.
pub(super) async fn note<R: Runtime>(
    State(context): State<Arc<Context<R>>>,
    payload: Payload,
) -> Result<StatusCode> {
    let imports: Imports = payload.json()?;
    context.imports.send_if_modified(|known| {
        let is_news = known
            .as_ref()
            .is_none_or(|known| imports.has_more_than(known));
        *known = Some(Arc::new(imports));
        is_news
    });
    Ok(StatusCode::NO_CONTENT)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(program: &str, modules: &[&str]) -> Imports {
        Imports {
            program: vec![program.to_owned()],
            modules: modules.iter().map(|&name| name.to_owned()).collect(),
            environment: Some("/srv/.venv".into()),
        }
    }

    #[test]
    fn only_what_a_spare_lacks_is_news() {
        let before = told("main.py", &["json", "numpy"]);
        let elsewhere = Imports {
            environment: Some("/srv/.cache/uv/main".into()),
            ..before.clone()
        };
        for (now, is_news) in [
            (told("main.py", &["numpy", "json"]), false),
            (told("main.py", &["json"]), false),
            (told("main.py", &["json", "numpy", "pandas"]), true),
            (told("other.py", &["json", "numpy"]), true),
            (elsewhere, true),
        ] {
            assert_eq!(now.has_more_than(&before), is_news, "{now:?}");
        }
    }
}
