//! Grants the sidecar every command of the gallery.

use std::{collections::BTreeMap, env, error::Error, fs, path::Path};

use tauri_build::{AppManifest, Attributes};

const COMMANDS: &str = "src/commands";

fn main() {
    if let Err(error) = build() {
        println!("cargo::error={error:#}");
    }
}

fn build() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={COMMANDS}");
    // One permission for all of them: one name on the wire is none that Tauri could call a permission by.
    let permissions = format!(
        "[[permission]]\nidentifier = \"allow-all-commands\"\ncommands.allow = {:?}\n",
        commands()?
    );
    let directory = Path::new(&env::var("OUT_DIR")?).join("permissions");
    fs::create_dir_all(&directory)?;
    fs::write(directory.join("all-commands.toml"), permissions)?;
    let pattern = directory.join("*").display().to_string().leak();
    let manifest = AppManifest::new().permissions_path_pattern(pattern);
    tauri_build::try_build(Attributes::new().app_manifest(manifest))?;
    Ok(())
}

/// The names on the wire of what `collect_commands!` lists.
fn commands() -> Result<Vec<String>, Box<dyn Error>> {
    let renamed = renamed()?;
    let list = fs::read_to_string(Path::new(COMMANDS).join("mod.rs"))?;
    let list = list.split_once("collect_commands![").ok_or("no commands")?;
    let list = list.1.split_once(']').ok_or("no end of the commands")?.0;
    let items = list.split(',').map(str::trim);
    let names = items.filter(|item| !item.is_empty()).map(|item| {
        let function = item.split("::<").next().unwrap_or(item);
        let name = function.rsplit("::").next().unwrap_or(function);
        renamed
            .get(name)
            .cloned()
            .unwrap_or_else(|| name.to_owned())
    });
    Ok(names.collect())
}

/// The commands that have another name on the wire, by their functions.
fn renamed() -> Result<BTreeMap<String, String>, Box<dyn Error>> {
    let mut renamed = BTreeMap::new();
    for file in fs::read_dir(COMMANDS)? {
        let text = fs::read_to_string(file?.path())?;
        for rest in text.split("tauri::command(rename = \"").skip(1) {
            let (wire, rest) = rest.split_once('"').ok_or("no end of a name")?;
            let function = rest.split_once("fn ").ok_or("no function")?.1;
            let end = function.find(['<', '(']).ok_or("no arguments")?;
            renamed.insert(function[..end].to_owned(), wire.to_owned());
        }
    }
    Ok(renamed)
}
