use std::{
    collections::VecDeque,
    fs::{File, Metadata},
    io::{self, Read},
    path::Path,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use tauri::{async_runtime, utils::mime_type::MimeType};
use tokio::sync::mpsc;
use uuid::Uuid;

use super::{ChosenFiles, Telling, require_file};
use crate::{
    error::{Error, Kind, Result},
    pool::BoxError,
};

/// How many bytes are read at once.
const PIECE_BYTES: usize = 256 * 1024;
/// How many pieces are read in advance.
const AHEAD: usize = 2;

/// A form of fields and files, which is read from the disk while it is sent. One of its files is open then, and none before: a process
/// has few descriptors, on macOS 256, while forms wait for their turn, and have many files.
///
/// Source: HTML Standard, "multipart/form-data encoding algorithm".
#[derive(Debug)]
pub(crate) struct Form {
    boundary: String,
    chosen: ChosenFiles,
    parts: VecDeque<Part>,
    length: u64,
    failure: Failure,
}

/// Why a form could not be read to its end.
#[derive(Clone, Debug, Default)]
pub(crate) struct Failure(Arc<Mutex<Option<Error>>>);

#[derive(Debug)]
enum Part {
    Bytes(Bytes),
    /// The path of a file, and what is known of the file, whose length is what is sent.
    File(String, Metadata),
}

impl Form {
    /// Makes a form whose files can be read: those are names of fields with paths, which a page may name.
    ///
    /// # Errors
    /// `permission_denied` for a path that the page may not name; `not_found` for one without a file, `failed_precondition` for one
    /// that is no file.
    pub(crate) fn open(
        chosen: &ChosenFiles,
        fields: &[(String, String)],
        files: &[(String, String)],
    ) -> Result<Self> {
        let mut form = Self::new(chosen.clone());
        for (name, value) in fields {
            let (name, value) = (escaped(&with_crlf(name)), with_crlf(value));
            form.add_text(&format!("; name=\"{name}\"\r\n\r\n{value}"));
        }
        for (name, path) in files {
            form.add_file(name, path)?;
        }
        let end = format!("--{}--\r\n", form.boundary);
        form.add(Part::Bytes(end.into()));
        Ok(form)
    }

    fn new(chosen: ChosenFiles) -> Self {
        Self {
            boundary: format!("----sidecar-bridge-{}", Uuid::new_v4().simple()),
            chosen,
            parts: VecDeque::new(),
            length: 0,
            failure: Failure::default(),
        }
    }

    fn add(&mut self, part: Part) {
        self.length += match &part {
            Part::Bytes(bytes) => bytes.len() as u64,
            Part::File(_, known) => known.len(),
        };
        self.parts.push_back(part);
    }

    fn add_text(&mut self, rest: &str) {
        let boundary = &self.boundary;
        let text = format!("--{boundary}\r\nContent-Disposition: form-data{rest}\r\n");
        self.add(Part::Bytes(text.into()));
    }

    fn add_file(&mut self, name: &str, path: &str) -> Result<()> {
        let (_, known) = open(&self.chosen.find(path)?).map_err(failed)?;
        // A link has the name that the person saw.
        let file_name = Path::new(path).file_name().unwrap_or_default();
        let file_name = file_name.to_string_lossy();
        let kind = MimeType::parse_from_uri_with_fallback(
            &file_name.to_lowercase(),
            MimeType::OctetStream,
        );
        let (name, file_name) = (escaped(&with_crlf(name)), escaped(&file_name));
        let boundary = &self.boundary;
        let head = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{file_name}\"\r\nContent-Type: \
             {kind}\r\n\r\n"
        );
        self.add(Part::Bytes(head.into()));
        self.add(Part::File(path.to_owned(), known));
        self.add(Part::Bytes("\r\n".into()));
        Ok(())
    }

    /// The type of the whole.
    pub(crate) fn content_type(&self) -> String {
        format!("multipart/form-data; boundary={}", self.boundary)
    }

    /// How many bytes the whole has.
    pub(crate) const fn length(&self) -> u64 {
        self.length
    }

    /// Why the form could not be read to its end, once it could not.
    pub(crate) fn failure(&self) -> Failure {
        self.failure.clone()
    }

    /// The bytes of the form. Tells how many of them were taken so far, and the end with the last ones: a connection that has sent
    /// as many as it has announced asks for no more.
    pub(crate) fn into_stream(
        self,
        tell: impl FnMut(u64) + Send + 'static,
    ) -> Pin<Box<dyn Stream<Item = Result<Bytes, BoxError>> + Send>> {
        // Nothing is read, and no thread waits, before somebody takes the first piece.
        Box::pin(stream::once(async { self.read(tell) }).flatten())
    }

    fn read(
        self,
        tell: impl FnMut(u64) + Send + 'static,
    ) -> impl Stream<Item = Result<Bytes, BoxError>> + Send {
        let (pieces, read) = mpsc::channel(AHEAD);
        let (chosen, parts, failure, length) = (self.chosen, self.parts, self.failure, self.length);
        async_runtime::spawn_blocking(move || {
            for part in parts {
                let outcome = part.read(&chosen, |bytes| pieces.blocking_send(Ok(bytes)).is_ok());
                match outcome {
                    Ok(true) => {}
                    // Nobody takes more.
                    Ok(false) => return,
                    Err(error) => {
                        let told = BoxError::from(error.to_string());
                        failure.set(error);
                        let _ = pieces.blocking_send(Err(told));
                        return;
                    }
                }
            }
        });
        let taken = (read, Telling::new(tell));
        stream::unfold(taken, move |(mut read, mut telling)| async move {
            let piece = read.recv().await?;
            if let Ok(bytes) = &piece {
                telling.add(bytes.len());
                // The connection asks for no more than that.
                if telling.done_bytes == length {
                    telling.end();
                }
            }
            Some((piece, (read, telling)))
        })
    }
}

impl Part {
    /// Gives all bytes to `send`, until that refuses some, and tells whether it took all.
    fn read(self, chosen: &ChosenFiles, mut send: impl FnMut(Bytes) -> bool) -> Result<bool> {
        let (path, known) = match self {
            Self::Bytes(bytes) => return Ok(send(bytes)),
            Self::File(path, known) => (path, known),
        };
        let (mut file, now) = open(&chosen.find(&path)?).map_err(failed)?;
        if is_another(&now, &known) {
            return Err(failed(changed("another file has taken its place")).into());
        }
        let mut left = known.len();
        while left > 0 {
            let most = usize::try_from(left).map_or(PIECE_BYTES, |left| left.min(PIECE_BYTES));
            let mut piece = vec![0; most];
            let read = file.read(&mut piece).map_err(failed)?;
            if read == 0 {
                return Err(failed(changed("it became shorter")).into());
            }
            piece.truncate(read);
            left -= read as u64;
            if !send(piece.into()) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

impl Failure {
    fn set(&self, error: Error) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
    }

    pub(crate) fn take(&self) -> Option<Error> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Opens a file, and gives what is known of it. Anything else would have no end, or no bytes.
fn open(path: &Path) -> io::Result<(File, Metadata)> {
    // Before it is opened: to open a pipe waits for somebody who writes.
    require_file(&path.metadata()?)?;
    let file = File::open(path)?;
    let known = file.metadata()?;
    Ok((file, known))
}

/// Whether a file is not the one that was there before. One that has grown is sent as far as it was known.
#[cfg(unix)]
fn is_another(now: &Metadata, before: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (now.dev(), now.ino()) != (before.dev(), before.ino())
}

/// Whether a file may be another one than the one that was there before, of which a part would be sent.
#[cfg(not(unix))]
fn is_another(now: &Metadata, before: &Metadata) -> bool {
    now.len() > before.len()
}

fn changed(how: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, how)
}

fn failed(source: io::Error) -> Kind {
    Kind::File {
        attempt: "the file cannot be sent",
        source,
    }
}

fn with_crlf(text: &str) -> String {
    text.replace("\r\n", "\n")
        .replace('\r', "\n")
        .replace('\n', "\r\n")
}

fn escaped(name: &str) -> String {
    name.replace('\r', "%0D")
        .replace('\n', "%0A")
        .replace('"', "%22")
}
