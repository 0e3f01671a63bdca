use std::{fs::File, io, path::Path};

use sha2::{Digest, Sha256};
use tokio::task::spawn_blocking;

use super::spawn::Launch;
use crate::{
    config::Sha256Digest,
    error::{Error, Kind, Result},
};

/// Checks the program of a sidecar, if a digest is configured.
///
/// # Errors
/// As [`check`].
pub(super) async fn check_program(launch: &Launch) -> Result<()> {
    let Some(expected) = launch.sha256.clone() else {
        return Ok(());
    };
    let program = launch.program.clone();
    let checked = spawn_blocking(move || check(&program, &expected)).await;
    checked
        .map_err(io::Error::from)
        .map_err(Error::io("checking its SHA-256"))?
}

/// Checks that a program is the file that the configuration means. This finds a damaged or wrongly updated file, and a file
/// that was replaced while the app did not run. It does not protect against a replacement after the check: a process that can
/// do that can also start programs itself.
///
/// # Errors
/// When the program cannot be read, or has another digest.
fn check(program: &Path, expected: &Sha256Digest) -> Result<()> {
    let shown = program.display();
    let found = digest(program).map_err(Error::io(format!("reading {shown} for its SHA-256")))?;
    if found == *expected {
        return Ok(());
    }
    Err(Kind::WrongDigest {
        program: shown.to_string(),
        expected: expected.to_string(),
        found: found.to_string(),
    }
    .into())
}

fn digest(program: &Path) -> io::Result<Sha256Digest> {
    let mut hash = Sha256::new();
    io::copy(&mut File::open(program)?, &mut hash)?;
    Ok(Sha256Digest(hash.finalize().into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_very_file_passes() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), "abc").expect("written");
        // FIPS 180-2, appendix B.1.
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        let expected = Sha256Digest::try_from(abc.to_owned()).expect("64 digits");
        check(file.path(), &expected).expect("the same");
        std::fs::write(file.path(), "abd").expect("written");
        let error = check(file.path(), &expected)
            .expect_err("another")
            .to_string();
        assert!(
            error.contains(abc) && error.contains("has the SHA-256"),
            "{error}"
        );
        check(Path::new("/no/such/program"), &expected).expect_err("not there");
    }
}
