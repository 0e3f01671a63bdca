//! A page's WebSocket to a sidecar.
//!
//! Messages travel between page and host like the pieces of a body. Each message is a frame: its kind as one byte, the
//! length of the rest as four bytes with the most significant first, then the text or the bytes. The rest of a close is its
//! code as two bytes, then its reason.

#[cfg(test)]
mod tests;

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::{Sink, SinkExt, Stream, StreamExt, stream};
use hyper::{
    HeaderMap, Uri,
    header::{HeaderValue, ORIGIN, SEC_WEBSOCKET_PROTOCOL},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tauri::async_runtime;
use tokio::time::timeout;
use tokio_tungstenite::{
    client_async_with_config,
    tungstenite::{
        self, Message, Utf8Bytes,
        client::IntoClientRequest,
        error::ProtocolError,
        handshake::{self, client::Request},
        protocol::{CloseFrame, WebSocketConfig, frame::coding::CloseCode},
    },
};
use tokio_util::sync::CancellationToken;

use super::{
    cookies::Jar,
    exchange::PageLink,
    fetch::{origin_of, to_headers},
};
use crate::{
    deadline::Deadline,
    error::{Error, Kind, Progress, Result},
    path,
    pool::{BoxError, Pool},
    sidecar::Sidecar,
    status::ended,
};

/// How long the host tries to send the close of a page that was left. The sidecar may hang, and nobody waits for the close.
const FAREWELL: Duration = Duration::from_secs(1);

/// The most bytes of messages that go to the page at once, as the page's own to the host. A message may have many more, and takes
/// several pieces then.
pub(crate) const PIECE_BYTES: usize = 512 * 1024;

const TEXT: u8 = 1;
const BINARY: u8 = 2;
const CLOSE: u8 = 3;

/// The WebSocket that a page opens.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "codegen", derive(specta::Type))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ConnectRequest {
    /// What the page calls this exchange, to read, write and cancel it.
    pub exchange: String,
    /// The sidecar's name; null stands for the only one.
    pub sidecar: Option<String>,
    /// Path and query.
    pub path: String,
    /// The subprotocols that the page speaks, the best first.
    pub protocols: Vec<String>,
    /// Names and values of the headers of the request.
    pub headers: Vec<(String, String)>,
    /// How long to wait for a sidecar that does not serve yet, in ms; null stands for the configured time.
    #[cfg_attr(feature = "codegen", specta(type = Option<f64>))]
    pub wait_ms: Option<u64>,
}

/// The WebSocket that was opened.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "codegen", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub(crate) struct ConnectResponse {
    /// The subprotocol that the sidecar chose; empty for none.
    pub protocol: String,
}

/// Opens a WebSocket, which the page then reads and writes through `page`.
pub(crate) async fn connect(
    sidecar: &Sidecar,
    jar: Option<&Jar>,
    head: &ConnectRequest,
    wait: Duration,
    mut page: PageLink,
) -> Result<ConnectResponse> {
    let opening = async {
        let mut status = sidecar.subscribe();
        let deadline = Some(Deadline::after(wait));
        let (generation, _in_flight) = sidecar.admitted(&mut status, deadline).await?;
        let Some(pool) = sidecar.pool() else {
            return Err(ended(&mut status).await);
        };
        let uri = path::parse(&head.path)?;
        let mut request = handshake(pool, jar, head, &uri)?;
        request.headers_mut().insert(ORIGIN, origin_of(sidecar)?);
        let limit = Some(sidecar.max_body_bytes());
        let config = WebSocketConfig::default()
            .max_message_size(limit)
            .max_frame_size(limit);
        let opened = async {
            let stream = pool.connect(generation, deadline).await?;
            let opened = client_async_with_config(request, stream, Some(config)).await;
            // A refusal may set cookies, too.
            if let Some(jar) = jar
                && let Some(headers) = headers_of(&opened)
            {
                jar.take_from(headers, &uri);
            }
            opened.map_err(|error| refused(sidecar, head, error))
        };
        tokio::select! {
            opened = opened => opened,
            error = ended(&mut status) => Err(error),
        }
    };
    let (socket, response) = page.unless_cancelled(opening).await?;
    let (sink, source) = socket.split();
    let name = sidecar.status().sidecar;
    let (written, cancelled) = (page.body(), page.cancelled());
    let reading = page.pump(incoming(source, name));
    async_runtime::spawn(async move {
        tokio::join!(reading, send(written, sink, cancelled));
    });
    let protocol = response.headers().get(SEC_WEBSOCKET_PROTOCOL);
    Ok(ConnectResponse {
        protocol: protocol
            .and_then(|protocol| protocol.to_str().ok())
            .unwrap_or_default()
            .to_owned(),
    })
}

/// The headers of the answer to a handshake, if there was an answer.
fn headers_of<T>(
    opened: &Result<(T, handshake::client::Response), tungstenite::Error>,
) -> Option<&HeaderMap> {
    match opened {
        Ok((_, response)) => Some(response.headers()),
        Err(tungstenite::Error::Http(response)) => Some(response.headers()),
        Err(_) => None,
    }
}

fn handshake(pool: &Pool, jar: Option<&Jar>, head: &ConnectRequest, uri: &Uri) -> Result<Request> {
    let invalid = |error: String| {
        Kind::InvalidRequest(format!(
            "`{}` cannot be asked for a WebSocket: {error}",
            head.path
        ))
    };
    let mut request = format!("ws://{}{uri}", pool.authority())
        .into_client_request()
        .map_err(|error| invalid(error.to_string()))?;
    for (name, value) in &to_headers(&head.headers)? {
        // Those of the handshake itself are set.
        if !request.headers().contains_key(name) {
            request.headers_mut().append(name, value.clone());
        }
    }
    if !head.protocols.is_empty() {
        let protocols = HeaderValue::try_from(head.protocols.join(", "));
        let protocols = protocols.map_err(|error| invalid(error.to_string()))?;
        request
            .headers_mut()
            .insert(SEC_WEBSOCKET_PROTOCOL, protocols);
    }
    if let Some(jar) = jar {
        jar.add_to(request.headers_mut(), uri);
    }
    Ok(request)
}

fn refused(sidecar: &Sidecar, head: &ConnectRequest, error: tungstenite::Error) -> Error {
    match error {
        tungstenite::Error::Http(response) => Kind::Answered {
            request: format!("the opening of a WebSocket at {}", head.path),
            status: response.status().as_u16(),
            data: None,
        }
        .into(),
        error => Kind::Transport {
            sidecar: sidecar.status().sidecar,
            progress: Progress::PerhapsCarriedOut,
            source: error.into(),
        }
        .into(),
    }
}

/// The sidecar's messages, as frames for the page. The last frame is the sidecar's close.
fn incoming<S>(source: S, sidecar: String) -> impl Stream<Item = Result<Bytes>> + Send
where
    S: Stream<Item = Result<Message, tungstenite::Error>> + Send + Unpin,
{
    stream::unfold(Some((source, sidecar)), async |open| {
        let (mut source, sidecar) = open?;
        loop {
            let source_error = match source.next().await {
                Some(Ok(Message::Text(text))) => {
                    let frame = framed(TEXT, &[text.as_bytes()]);
                    return Some((Ok(frame), Some((source, sidecar))));
                }
                Some(Ok(Message::Binary(bytes))) => {
                    return Some((Ok(framed(BINARY, &[&bytes])), Some((source, sidecar))));
                }
                Some(Ok(Message::Close(close))) if is_legal(close.as_ref()) => {
                    return Some((Ok(closed(close.as_ref())), None));
                }
                Some(Ok(Message::Close(_))) => ProtocolError::InvalidCloseSequence.into(),
                // The library answers pings itself.
                Some(Ok(_)) => continue,
                Some(Err(error)) => error,
                None => tungstenite::Error::ConnectionClosed,
            };
            let broken = Kind::Transport {
                sidecar,
                progress: Progress::PerhapsCarriedOut,
                source: source_error.into(),
            }
            .into();
            return Some((Err(broken), None));
        }
    })
}

/// Whether a server may close with that (RFC 6455, section 7.4). In place of what it may not, the library gives a close of its
/// own.
fn is_legal(close: Option<&CloseFrame>) -> bool {
    close.is_none_or(|close| {
        let replaced = close.code == CloseCode::Protocol && close.reason == "Protocol violation";
        close.code.is_allowed() && !replaced
    })
}

fn framed(kind: u8, parts: &[&[u8]]) -> Bytes {
    let payload = parts.concat();
    let length = u32::try_from(payload.len()).unwrap_or(u32::MAX);
    [&[kind], &length.to_be_bytes()[..], &payload]
        .concat()
        .into()
}

/// The frame of a close; the code 1005 stands for a close without one (RFC 6455, section 7.1.5).
fn closed(close: Option<&CloseFrame>) -> Bytes {
    let (code, reason) = close.map_or((1005, ""), |close| {
        (close.code.into(), close.reason.as_str())
    });
    framed(CLOSE, &[&code.to_be_bytes(), reason.as_bytes()])
}

/// Sends the page's messages to the sidecar. When the page is left, sends a close with the code 1001, as a browser does.
async fn send<P, S>(page: P, mut sink: S, cancelled: CancellationToken)
where
    P: Stream<Item = Result<Bytes, BoxError>>,
    S: Sink<Message, Error = tungstenite::Error> + Unpin,
{
    let writing = async {
        let mut page = std::pin::pin!(page);
        let mut frames = BytesMut::new();
        while let Some(Ok(piece)) = page.next().await {
            frames.extend_from_slice(&piece);
            for message in parse(&mut frames)? {
                sink.feed(message).await.ok()?;
            }
            sink.flush().await.ok()?;
        }
        Some(())
    };
    cancelled.run_until_cancelled(writing).await;
    // The outcome does not tell: the messages of a page that is left end, too.
    if cancelled.is_cancelled() {
        let leaving = CloseFrame {
            code: CloseCode::Away,
            reason: Utf8Bytes::default(),
        };
        drop(timeout(FAREWELL, sink.send(Message::Close(Some(leaving)))).await);
    }
}

/// Takes the messages of the whole frames out of what a page has written; `None` if the bytes are not frames.
fn parse(frames: &mut BytesMut) -> Option<Vec<Message>> {
    let mut messages = Vec::new();
    while let Some((&[kind, a, b, c, d], rest)) = frames.split_first_chunk::<5>() {
        let length = usize::try_from(u32::from_be_bytes([a, b, c, d])).ok()?;
        if rest.len() < length {
            break;
        }
        let mut payload = frames.split_to(5 + length).freeze().split_off(5);
        messages.push(match kind {
            TEXT => Message::Text(payload.try_into().ok()?),
            BINARY => Message::Binary(payload),
            CLOSE if payload.is_empty() => Message::Close(None),
            CLOSE if payload.len() >= 2 => {
                let code = payload.split_to(2);
                Message::Close(Some(CloseFrame {
                    code: u16::from_be_bytes([code[0], code[1]]).into(),
                    reason: payload.try_into().ok()?,
                }))
            }
            _ => return None,
        });
    }
    Some(messages)
}
