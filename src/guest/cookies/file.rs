//! The cookies with an expiry, in a file, so that they outlast the app.

use std::{
    fs,
    io::{self, ErrorKind, Write},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use cookie_store::Cookie;
use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;
use tokio::{task::spawn_blocking, time::sleep};
use tokio_util::sync::CancellationToken;

use super::Jar;

/// How long a change waits for others before it is written: an app that sets a cookie with each answer writes once a second.
const PAUSE: Duration = Duration::from_secs(1);

/// The version of the file's format.
const VERSION: u32 = 1;

/// The file of one jar. Nobody but the user can read it, and a new one takes its place as a whole.
#[derive(Clone, Debug)]
pub(crate) struct CookieFile(PathBuf);

#[derive(Serialize)]
struct Written<'a> {
    version: u32,
    cookies: Vec<&'a Cookie<'static>>,
}

#[derive(Deserialize)]
struct Read {
    version: u32,
    cookies: Vec<Cookie<'static>>,
}

impl CookieFile {
    /// The file of that sidecar's cookies, in the app's data directory.
    pub(crate) fn of(sidecar: &str, data: &Path) -> Self {
        Self(data.join(format!("sidecar-bridge/{sidecar}-cookies.json")))
    }

    /// A jar with the cookies of the file; an empty one if there is no file, or none that can be read.
    pub(crate) fn load(&self) -> Jar {
        let jar = Jar::default();
        let read = match fs::read(&self.0) {
            Err(error) if error.kind() == ErrorKind::NotFound => return jar,
            read => read,
        };
        let cookies = read.and_then(|text| {
            let read: Read = serde_json::from_slice(&text)?;
            if read.version == VERSION {
                return Ok(read.cookies);
            }
            let version = read.version;
            Err(io::Error::other(format!("it has version {version}")))
        });
        match cookies {
            Ok(cookies) => cookies
                .into_iter()
                .for_each(|cookie| jar.lock().keep(cookie)),
            Err(error) => log::warn!("no cookies are taken from {}: {error}", self.0.display()),
        }
        jar
    }

    /// Writes the file whenever its cookies change from now on, and at last when the app stops.
    pub(crate) fn follow(
        self,
        jar: Arc<Jar>,
        stop: CancellationToken,
    ) -> impl Future<Output = ()> + Send {
        let mut written = text_of(&jar);
        async move {
            loop {
                let change = async {
                    jar.changed.notified().await;
                    sleep(PAUSE).await;
                };
                let stops = stop.run_until_cancelled(change).await.is_none();
                let text = text_of(&jar);
                if text != written {
                    written.clone_from(&text);
                    self.replace(text).await;
                }
                if stops {
                    return;
                }
            }
        }
    }

    async fn replace(&self, text: String) {
        let file = self.clone();
        let outcome = spawn_blocking(move || file.write(text.as_bytes())).await;
        if let Err(error) = outcome.unwrap_or_else(|panic| Err(panic.into())) {
            log::warn!("cookies cannot be kept in {}: {error}", self.0.display());
        }
    }

    fn write(&self, text: &[u8]) -> io::Result<()> {
        let directory = self.0.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(directory)?;
        // On Unix it has the mode 0600.
        let mut file = NamedTempFile::new_in(directory)?;
        file.write_all(text)?;
        file.as_file().sync_all()?;
        file.persist(&self.0)?;
        Ok(())
    }
}

fn text_of(jar: &Jar) -> String {
    let kept = jar.lock();
    let written = Written {
        version: VERSION,
        cookies: kept.lasting().collect(),
    };
    serde_json::to_string(&written).unwrap_or_default()
}
