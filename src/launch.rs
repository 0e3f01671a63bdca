//! How a sidecar starts according to the configuration, with every path resolved.

#[cfg(test)]
mod tests;

use std::path::PathBuf;

use tauri::{AppHandle, Runtime};

use crate::{
    config::{Command, Folder, Program, Spawn},
    error::{Kind, Result},
    supervisor::Launch,
};

/// Resolves the command and the working directory. Under `tauri dev`, those of `dev` come first, if it has any.
pub(crate) fn launch<R: Runtime>(app: &AppHandle<R>, spawn: Spawn) -> Result<Launch> {
    let (mut command, mut sha256) = ((spawn.command, Folder::Resources), spawn.sha256);
    let mut cwd = (spawn.cwd, Folder::Resources);
    if tauri::is_dev() {
        if let Some(own) = spawn.dev.command {
            (command, sha256) = ((own, Folder::Start), None);
        }
        if let Some(own) = spawn.dev.cwd {
            cwd = (own, Folder::Start);
        }
    }
    let (
        Command {
            program, arguments, ..
        },
        folder,
    ) = command;
    let program = match program {
        Program::File(path) => path.resolve(app, folder)?,
        Program::OnPath(name) if sha256.is_some() => {
            return Err(Kind::InvalidRequest(format!(
                "`{name}` is looked up on PATH, so `sha256` cannot mean one file; give `command` as a path"
            ))
            .into());
        }
        Program::OnPath(name) => name.into(),
    };
    let (cwd, folder) = cwd;
    Ok(Launch {
        program,
        arguments,
        cwd: cwd.resolve(app, folder)?,
        env: spawn.env,
        keep_env: spawn.keep_env,
        sha256,
        ready_timeout: spawn.ready_timeout_ms.into(),
        restart: spawn.restart,
        watchdog: spawn.watchdog,
    })
}

/// The directories that are watched under `tauri dev`; none otherwise.
pub(crate) fn watched<R: Runtime>(app: &AppHandle<R>, spawn: &Spawn) -> Result<Vec<PathBuf>> {
    let reload = if tauri::is_dev() {
        &spawn.dev.reload[..]
    } else {
        &[]
    };
    let directories = reload.iter().map(|path| path.resolve(app, Folder::Start));
    directories.collect()
}
