use std::{
    collections::VecDeque,
    fs::File,
    io::{self, Read},
    path::Path,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;
use futures_util::{Stream, stream};
use tauri::{async_runtime, utils::mime_type::MimeType};
use tokio::sync::mpsc;
use uuid::Uuid;

use super::{ChosenFiles, Telling};
use crate::{
    error::{Error, Kind, Result},
    pool::BoxError,
};

/// How many bytes are read at once.
const PIECE_BYTES: usize = 256 * 1024;
/// How many pieces are read in advance.
const AHEAD: usize = 2;

/// A form of fields and files, which is read from the disk while it is sent.
///
/// Source: HTML Standard, "multipart/form-data encoding algorithm".
#[derive(Debug)]
pub(crate) struct Form {
    boundary: String,
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
    /// A file, and how many of its bytes are sent.
    File(File, u64),
}

impl Form {
    /// Opens all files of a form: those are names of fields with paths, which a page may name.
    ///
    /// # Errors
    /// `permission_denied` for a path that the page may not name; `not_found` for one without a file, `failed_precondition` for one
    /// that is no file.
    pub(crate) fn open(
        chosen: &ChosenFiles,
        fields: &[(String, String)],
        files: &[(String, String)],
    ) -> Result<Self> {
        let mut form = Self::new();
        for (name, value) in fields {
            let (name, value) = (escaped(&with_crlf(name)), with_crlf(value));
            form.add_text(&format!("; name=\"{name}\"\r\n\r\n{value}"));
        }
        for (name, path) in files {
            // A link has the name that the person saw.
            let shown = Path::new(path).file_name().unwrap_or_default();
            form.add_file(name, &shown.to_string_lossy(), &chosen.find(path)?)?;
        }
        let end = format!("--{}--\r\n", form.boundary);
        form.add(Part::Bytes(end.into()));
        Ok(form)
    }

    fn new() -> Self {
        Self {
            boundary: format!("----sidecar-bridge-{}", Uuid::new_v4().simple()),
            parts: VecDeque::new(),
            length: 0,
            failure: Failure::default(),
        }
    }

    fn add(&mut self, part: Part) {
        self.length += match &part {
            Part::Bytes(bytes) => bytes.len() as u64,
            Part::File(_, length) => *length,
        };
        self.parts.push_back(part);
    }

    fn add_text(&mut self, rest: &str) {
        let boundary = &self.boundary;
        let text = format!("--{boundary}\r\nContent-Disposition: form-data{rest}\r\n");
        self.add(Part::Bytes(text.into()));
    }

    fn add_file(&mut self, name: &str, file_name: &str, path: &Path) -> Result<()> {
        let (file, length) = open(path).map_err(failed)?;
        let kind = MimeType::parse_from_uri_with_fallback(
            &file_name.to_lowercase(),
            MimeType::OctetStream,
        );
        let (name, file_name) = (escaped(&with_crlf(name)), escaped(file_name));
        let boundary = &self.boundary;
        let head = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{file_name}\"\r\nContent-Type: \
             {kind}\r\n\r\n"
        );
        self.add(Part::Bytes(head.into()));
        self.add(Part::File(file, length));
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
        let (pieces, read) = mpsc::channel(AHEAD);
        let (mut parts, failure, length) = (self.parts, self.failure, self.length);
        async_runtime::spawn_blocking(move || {
            for part in parts.drain(..) {
                let outcome = part.read(|bytes| pieces.blocking_send(Ok(bytes)).is_ok());
                match outcome {
                    Ok(true) => {}
                    // Nobody takes more.
                    Ok(false) => return,
                    Err(error) => {
                        let told = BoxError::from(error.to_string());
                        failure.set(failed(error).into());
                        let _ = pieces.blocking_send(Err(told));
                        return;
                    }
                }
            }
        });
        let taken = (read, Telling::new(tell));
        Box::pin(stream::unfold(
            taken,
            move |(mut read, mut telling)| async move {
                let piece = read.recv().await?;
                if let Ok(bytes) = &piece {
                    telling.add(bytes.len());
                    if telling.done_bytes == length {
                        telling.end();
                    }
                }
                Some((piece, (read, telling)))
            },
        ))
    }
}

impl Part {
    /// Gives all bytes to `send`, until that refuses some, and tells whether it took all.
    fn read(self, mut send: impl FnMut(Bytes) -> bool) -> io::Result<bool> {
        let (mut file, mut left) = match self {
            Self::Bytes(bytes) => return Ok(send(bytes)),
            Self::File(file, length) => (file, length),
        };
        while left > 0 {
            let most = usize::try_from(left).map_or(PIECE_BYTES, |left| left.min(PIECE_BYTES));
            let mut piece = vec![0; most];
            let read = file.read(&mut piece)?;
            if read == 0 {
                return Err(io::Error::new(
                    io::ErrorKind::UnexpectedEof,
                    "it became shorter while it was sent",
                ));
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

/// Opens a file, and gives its length. Anything else would have no end, or no bytes.
fn open(path: &Path) -> io::Result<(File, u64)> {
    // Before it is opened: to open a pipe waits for somebody who writes.
    if !path.metadata()?.is_file() {
        return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is no file"));
    }
    let file = File::open(path)?;
    let length = file.metadata()?.len();
    Ok((file, length))
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
