//! The variables that a sidecar does not inherit: they are meant for the app alone, and break another program.

use std::ffi::OsStr;

/// Variables with which the dynamic loader and Python find code: ld.so(8), dyld(1), python(1). Variables that AppImage sets
/// for the program inside: AppRun.c of AppImageKit and its documentation, "Environment variables". Variables that PyInstaller
/// gives to its own children: `PyInstaller`'s "run-time information".
const NOT_INHERITED: [&str; 20] = [
    "APPDIR",
    "APPIMAGE",
    "ARGV0",
    "DYLD_FRAMEWORK_PATH",
    "DYLD_INSERT_LIBRARIES",
    "DYLD_LIBRARY_PATH",
    "GI_TYPELIB_PATH",
    "LD_LIBRARY_PATH",
    "LD_PRELOAD",
    "OWD",
    "PERLLIB",
    "PYTHONEXECUTABLE",
    "PYTHONHOME",
    "PYTHONPATH",
    "PYTHONPLATLIBDIR",
    "PYTHONSTARTUP",
    "PYTHONUSERBASE",
    "VIRTUAL_ENV",
    "_MEIPASS2",
    "__PYVENV_LAUNCHER__",
];
const NOT_INHERITED_PREFIX: &str = "_PYI_";

/// The variables of this process that a sidecar does not inherit.
pub(super) fn left_out(keep: &[String]) -> Vec<String> {
    let names = std::env::vars_os().map(|(name, _)| name);
    let names = names.filter(|name| is_left_out(name, keep));
    names.filter_map(|name| name.into_string().ok()).collect()
}

/// Whether a sidecar does not inherit this variable of its host. `keep` names variables that it inherits all the same.
pub(super) fn is_left_out(name: &OsStr, keep: &[String]) -> bool {
    let Some(name) = name.to_str() else {
        return false;
    };
    let listed = NOT_INHERITED.iter().any(|other| is_same(name, other))
        || name
            .get(..NOT_INHERITED_PREFIX.len())
            .is_some_and(|begin| is_same(begin, NOT_INHERITED_PREFIX));
    listed && !keep.iter().any(|kept| is_same(kept, name))
}

/// Whether two names mean the same variable. On Windows their case does not matter.
fn is_same(name: &str, other: &str) -> bool {
    if cfg!(windows) {
        name.eq_ignore_ascii_case(other)
    } else {
        name == other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_breaks_another_python_is_left_out_unless_it_is_wanted() {
        for (name, left_out) in [
            ("LD_LIBRARY_PATH", true),
            ("PYTHONHOME", true),
            ("_PYI_ARCHIVE_FILE", true),
            ("PYTHONPATH", false),
            ("PATH", false),
            ("HOME", false),
            ("PYTHONUNBUFFERED", false),
            ("PythonHome", cfg!(windows)),
            ("_pyi_archive_file", cfg!(windows)),
            ("PythonPath", false),
        ] {
            let keep = ["PYTHONPATH".to_owned()];
            assert_eq!(is_left_out(OsStr::new(name), &keep), left_out, "{name}");
        }
    }
}
