//! How a sidecar starts according to the configuration, with every path resolved.

#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, env::consts::EXE_SUFFIX, path::PathBuf};

use tauri::{AppHandle, Manager, Runtime};

use crate::{
    config::{Command, ConfigPath, Dev, Folder, Program, Spawn, Standby},
    error::{Kind, Result},
    supervisor::Launch,
};

/// Resolves the command and the working directory. Under `tauri dev`, those of `dev` come first, if it has any.
pub(crate) fn launch<R: Runtime>(app: &AppHandle<R>, spawn: Spawn) -> Result<Launch> {
    let (mut command, mut sha256) = ((spawn.command, Folder::Resources), spawn.sha256);
    let mut cwd = (spawn.cwd, Folder::Resources);
    let mut standby = spawn.standby;
    let mut sources = watched(app, &spawn.dev)?;
    if tauri::is_dev() {
        standby = spawn.dev.standby.unwrap_or(Standby::Imports);
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
        Program::File(path) => with_suffix(path.resolve(app, folder)?),
        Program::OnPath(name) => match beside_app(&name) {
            Some(file) => file,
            None if sha256.is_some() => {
                return Err(Kind::InvalidRequest(format!(
                    "`{name}` is looked up on PATH, so `sha256` cannot mean one file; give `command` as a path"
                ))
                .into());
            }
            None => name.into(),
        },
    };
    let arguments = arguments.into_iter().map(|word| expanded(app, word));
    let env = spawn.env.into_iter().map(|(name, value)| {
        let value = expanded(app, value)?;
        Ok((name, value))
    });
    let (cwd, folder) = cwd;
    let cwd = cwd.resolve(app, folder)?;
    sources.push(cwd.clone());
    Ok(Launch {
        program,
        arguments: arguments.collect::<Result<_>>()?,
        cwd,
        env: env.collect::<Result<_>>()?,
        keep_env: spawn.keep_env,
        directories: directories(app),
        sha256,
        ready_timeout: spawn.ready_timeout_ms.into(),
        stop_timeout: spawn.stop_timeout_ms.into(),
        restart: spawn.restart,
        watchdog: spawn.watchdog,
        dead_after: spawn.dead_after_ms.into(),
        standby,
        standby_without: spawn.standby_without,
        sources: sources
            .iter()
            .map(|path| path.display().to_string())
            .collect(),
    })
}

/// The program with that bare name in the directory of the app's own one, where Tauri puts what `bundle.externalBin` names.
fn beside_app(name: &str) -> Option<PathBuf> {
    let app = tauri::utils::platform::current_exe().ok()?;
    let file = with_suffix(app.with_file_name(name));
    file.is_file().then_some(file)
}

/// The file that a program's path means: on Windows, a name may lack its `.exe`.
fn with_suffix(file: PathBuf) -> PathBuf {
    let mut name = file.clone().into_os_string();
    name.push(EXE_SUFFIX);
    let named = PathBuf::from(name);
    if !file.is_file() && named.is_file() {
        named
    } else {
        file
    }
}

/// A word of the command, or a value of the environment. One that begins with one of Tauri's variables is a path.
fn expanded<R: Runtime>(app: &AppHandle<R>, word: String) -> Result<String> {
    match ConfigPath::with_variable(&word) {
        Some(path) => Ok(path.resolve(app, Folder::Resources)?.display().to_string()),
        None => Ok(word),
    }
}

/// The directories of the app, by the names under which the sidecar hears of them. Those that this system does not have are left
/// out. Tauri's resource directory is a verbatim path (`\\\\?\\C:\\…`) on Windows, in which a `/` is no separator.
fn directories<R: Runtime>(app: &AppHandle<R>) -> BTreeMap<&'static str, PathBuf> {
    let path = app.path();
    let all = [
        ("appData", path.app_data_dir()),
        ("appLocalData", path.app_local_data_dir()),
        ("appConfig", path.app_config_dir()),
        ("appCache", path.app_cache_dir()),
        ("appLog", path.app_log_dir()),
        ("resource", path.resource_dir()),
        ("temp", path.temp_dir()),
    ];
    let known = all.into_iter();
    known
        .filter_map(|(name, directory)| {
            Some((name, dunce::simplified(&directory.ok()?).to_owned()))
        })
        .collect()
}

/// The directories that are watched under `tauri dev`; none otherwise.
pub(crate) fn watched<R: Runtime>(app: &AppHandle<R>, dev: &Dev) -> Result<Vec<PathBuf>> {
    let reload = if tauri::is_dev() {
        &dev.reload[..]
    } else {
        &[]
    };
    let directories = reload.iter().map(|path| path.resolve(app, Folder::Start));
    directories.collect()
}
