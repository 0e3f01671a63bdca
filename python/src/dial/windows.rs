//! The host's named pipe.

use std::{convert::Infallible, io::ErrorKind, path::Path, sync::Arc};

use super::{Limit, NoAnswer};
use crate::pipe::{Operation, Pipe, is_end};

pub(super) const KIND: &str = "pipe";

/// No socket comes with a hello: the sidecar dials the connections that it serves on.
pub type Listener = Infallible;

/// The connection to the host.
#[derive(Debug)]
pub struct Line {
    pub(crate) reading: Operation,
    pub(crate) writing: Operation,
}

/// A line of the lease is a word, and the question is one of three.
const MOST_SAID: usize = 1024;

pub(super) fn connect(path: &Path, limit: &Limit) -> Result<Line, NoAnswer> {
    let pipe = loop {
        match Pipe::open(path, None, limit.left()?) {
            Ok(pipe) => break Arc::new(pipe),
            Err(error) => match error.kind() {
                // Another process was faster; `left` tells whether there is time to try again.
                ErrorKind::WouldBlock => {}
                ErrorKind::InvalidInput => return Err(NoAnswer::NoPath(path.to_owned(), error)),
                _ => return Err(NoAnswer::NoHost(path.to_owned(), error)),
            },
        }
    };
    Ok(Line {
        // Byte by byte: what follows the hello belongs to the lease.
        reading: Operation::new(pipe.clone(), 1)?,
        writing: Operation::new(pipe, MOST_SAID)?,
    })
}

pub(super) fn say(line: &mut Line, words: &[u8], limit: &Limit) -> Result<(), NoAnswer> {
    let writing = &mut line.writing;
    match writing
        .begin_write(&[words])
        .and_then(|()| writing.wait(limit.left().unwrap_or_default()))
    {
        Ok(Some(_)) => Ok(()),
        Ok(None) => Err(NoAnswer::Late(limit.timeout)),
        // A host that takes no more has perhaps said why.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        Err(error) => Err(NoAnswer::Io(error)),
    }
}

pub(super) fn receive(
    line: &mut Line,
    byte: &mut [u8; 1],
    limit: &Limit,
) -> Result<Option<Listener>, NoAnswer> {
    *byte = [read_byte(line, limit)?];
    Ok(None)
}

pub(super) fn read_byte(line: &mut Line, limit: &Limit) -> Result<u8, NoAnswer> {
    let reading = &mut line.reading;
    match reading.begin_read().and_then(|()| {
        let left = limit.left().unwrap_or_default();
        reading.wait(left)
    }) {
        Ok(Some(0)) => Err(NoAnswer::Ended),
        Ok(Some(_)) => Ok(reading.bytes()[0]),
        Ok(None) => Err(NoAnswer::Late(limit.timeout)),
        Err(error) if is_end(&error) => Err(NoAnswer::Ended),
        Err(error) => Err(NoAnswer::Io(error)),
    }
}
