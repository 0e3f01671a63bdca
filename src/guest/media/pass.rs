use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use tauri::ipc::CommandScope;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::BASE;
use crate::{
    error::{Error, Result},
    guest::{Jar, Rule},
    sidecar::Sidecar,
};

/// How many answers are on their way at once, to all pages: the host has each whole in memory.
const AT_ONCE: usize = 8;

/// What a page may get by URL from one sidecar, for as long as the page is there.
#[derive(Debug)]
pub(crate) struct Pass {
    /// The label of the page's webview.
    pub webview: String,
    /// The origin of the page.
    pub origin: String,
    /// The sidecar's name.
    pub name: String,
    pub sidecar: Sidecar,
    pub jar: Option<Arc<Jar>>,
    /// What the page may fetch.
    pub scope: CommandScope<Rule>,
    /// How long a request waits for a sidecar that does not serve yet.
    pub wait: Duration,
    /// Cancelled when the page is left.
    pub left: CancellationToken,
}

/// The passes of all pages, by their secrets.
#[derive(Clone)]
pub(crate) struct Passes {
    given: Arc<Mutex<HashMap<String, Arc<Pass>>>>,
    pub(super) turns: Arc<Semaphore>,
}

impl Default for Passes {
    fn default() -> Self {
        Self {
            given: Arc::default(),
            turns: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }
}

/// Shows no secret.
impl fmt::Debug for Passes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passes(..)")
    }
}

impl Passes {
    /// Gives a page a pass, and answers with the URL before the sidecar's paths. A page that asks again gets the same URL.
    pub(crate) fn give(&self, pass: Pass) -> Result<String> {
        let mut given = self.lock();
        let same = |old: &Pass| {
            old.webview == pass.webview && old.origin == pass.origin && old.name == pass.name
        };
        let old = given.iter().find(|(_, old)| same(old));
        let (secret, left) = match old {
            Some((secret, old)) => (secret.clone(), old.left.clone()),
            None => (secret()?, pass.left.clone()),
        };
        let url = format!("{BASE}/{secret}");
        // The scope may have grown: an app can add capabilities while it runs.
        given.insert(secret, Arc::new(Pass { left, ..pass }));
        Ok(url)
    }

    /// The pass with that secret, if a page of that webview has it.
    pub(super) fn of(&self, webview: &str, secret: &str) -> Option<Arc<Pass>> {
        let pass = self.lock().get(secret).cloned();
        pass.filter(|pass| pass.webview == webview)
    }

    /// Ends the passes of a webview whose page was left, and what is on its way by them.
    pub(crate) fn end(&self, webview: &str) {
        self.lock().retain(|_, pass| {
            let stays = pass.webview != webview;
            if !stays {
                pass.left.cancel();
            }
            stays
        });
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Arc<Pass>>> {
        self.given.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// 16 random bytes of the operating system.
fn secret() -> Result<String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)
        .map_err(|error| Error::io("asking the operating system for random bytes")(error.into()))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}
