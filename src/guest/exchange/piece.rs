use std::mem;

use bytes::Bytes;
use tokio::sync::mpsc::{self, error::TryRecvError};

use crate::error::{Error, Result};

/// The most bytes of a body that go to the page at once. Webviews take a piece on the main thread, and a larger one holds it up
/// for longer.
pub(super) const PIECE_BYTES: usize = 1024 * 1024;

/// What stands before the bytes of a piece: its number, as four bytes with the most significant first, and one byte that
/// says whether it is the last piece.
pub(super) const HEAD_BYTES: usize = 5;
const MORE: u8 = 0;
const LAST: u8 = 1;

/// What the page reads, made of the chunks that the sidecar sends.
#[derive(Debug)]
pub(super) struct Pieces {
    chunks: mpsc::Receiver<Result<Bytes>>,
    /// The most bytes of one piece.
    most: usize,
    /// What did not fit into the piece before.
    rest: Bytes,
    /// How many pieces the page was given.
    given: u32,
    /// What broke the chunks off, once the page was given what came before.
    failure: Option<Error>,
}

impl Pieces {
    pub(super) const fn new(chunks: mpsc::Receiver<Result<Bytes>>, most: usize) -> Self {
        Self {
            chunks,
            most,
            rest: Bytes::new(),
            given: 0,
            failure: None,
        }
    }

    /// Waits for a chunk, on a thread that may block. None at the end.
    pub(super) fn blocking_chunk(&mut self) -> Result<Option<Bytes>> {
        self.chunks.blocking_recv().transpose()
    }

    /// Waits for a chunk, and puts the chunks that have come already into the same piece, up to its most bytes.
    pub(super) async fn next(&mut self) -> Result<Vec<u8>> {
        if let Some(error) = self.failure.take() {
            return Err(error);
        }
        let first = if self.rest.is_empty() {
            self.chunks.recv().await
        } else {
            Some(Ok(mem::take(&mut self.rest)))
        };
        let number = self.given;
        self.given = number.wrapping_add(1);
        let mut piece = [&number.to_be_bytes()[..], &[MORE]].concat();
        let mut next = first;
        loop {
            match next {
                Some(Ok(mut bytes)) => {
                    let room = HEAD_BYTES + self.most - piece.len();
                    self.rest = bytes.split_off(bytes.len().min(room));
                    piece.extend_from_slice(&bytes);
                }
                Some(Err(error)) if piece.len() == HEAD_BYTES => return Err(error),
                Some(Err(error)) => {
                    self.failure = Some(error);
                    return Ok(piece);
                }
                None => piece[4] = LAST,
            }
            if is_last(&piece) || piece.len() >= HEAD_BYTES + self.most {
                return Ok(piece);
            }
            next = match self.chunks.try_recv() {
                Ok(more) => Some(more),
                Err(TryRecvError::Disconnected) => None,
                Err(TryRecvError::Empty) => return Ok(piece),
            };
        }
    }
}

/// Whether nothing follows a piece.
pub(super) fn is_last(piece: &[u8]) -> bool {
    piece[4] == LAST
}
