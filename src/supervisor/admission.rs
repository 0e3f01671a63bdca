//! Answers a process that dials the sidecar's address with a lease, with the token alone, or with a refusal. See
//! `docs/wire.md`.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Deserialize;
use tokio::{
    io::AsyncWriteExt,
    sync::{mpsc, oneshot},
    time::timeout,
};

use super::{
    accept,
    lease::PROTOCOL,
    order::{Joining, Order},
};
use crate::{
    config::SidecarName,
    endpoint::{Accepted, Listener, Peer, ProcessGroup, Stream},
    error::{Error, Kind, Problem, Result},
};

/// The longest request, in bytes. Requests have a few dozen bytes.
const MAX_REQUEST_BYTES: usize = 1024;

/// The first line that a process sends: its request.
#[derive(Deserialize)]
struct Request {
    protocol: u32,
    role: Role,
}

/// What a process wants to be.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
enum Role {
    /// The sidecar: the connection becomes its lease.
    Serve,
    /// A process that only calls the host, such as a worker process of the sidecar.
    Calls,
    /// A sidecar that was started by hand, in development.
    Join,
}

/// Which processes the present generation lets in, and what they get.
struct Grant {
    group: ProcessGroup,
    /// The hello of a process that only calls.
    calls: Vec<u8>,
    /// Takes the connection that becomes the lease. None once there is a lease.
    lease: Option<oneshot::Sender<Stream>>,
    /// Why the last process was refused that the host had not started.
    refusal: Option<String>,
}

/// Which processes get what at the sidecar's address now. Between two generations all are refused.
#[derive(Default)]
pub(crate) struct Admission(Mutex<Option<Grant>>);

impl Admission {
    /// Lets the processes of that group in: all for calls, and one for the lease. The receiver gives the lease's connection.
    pub(super) fn open(&self, group: ProcessGroup, calls: Vec<u8>) -> oneshot::Receiver<Stream> {
        let (lease, dialled) = oneshot::channel();
        let lease = Some(lease);
        *self.lock() = Some(Grant {
            group,
            calls,
            lease,
            refusal: None,
        });
        dialled
    }

    /// Lets the processes of that group in for calls; their lease is given already.
    pub(super) fn open_for_calls(&self, group: ProcessGroup, calls: Vec<u8>) {
        let lease = None;
        *self.lock() = Some(Grant {
            group,
            calls,
            lease,
            refusal: None,
        });
    }

    /// Lets no process in any more. Gives the reason why the last process was refused that the host had not started.
    pub(super) fn close(&self) -> Option<String> {
        self.lock().take()?.refusal
    }

    /// Takes the place for the lease's connection, if the process may have the lease.
    fn lease(&self, sidecar: &SidecarName, peer: &Peer) -> Result<oneshot::Sender<Stream>> {
        let mut grant = self.lock();
        let grant = admitted(grant.as_mut(), sidecar, peer)?;
        grant.lease.take().ok_or_else(|| {
            Kind::Forbidden(format!(
                "a process of sidecar `{sidecar}` serves already, and each generation has one that does; in another \
                 process call the host with `sidecar_bridge.get_host()`"
            ))
            .into()
        })
    }

    /// The hello of a process that only calls.
    fn calls(&self, sidecar: &SidecarName, peer: &Peer) -> Result<Vec<u8>> {
        let mut grant = self.lock();
        Ok(admitted(grant.as_mut(), sidecar, peer)?.calls.clone())
    }

    fn lock(&self) -> MutexGuard<'_, Option<Grant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The grant, if the process at the other end is one that the host started.
fn admitted<'a>(
    grant: Option<&'a mut Grant>,
    sidecar: &SidecarName,
    peer: &Peer,
) -> Result<&'a mut Grant> {
    let grant = grant.ok_or_else(|| Kind::Unavailable {
        sidecar: sidecar.to_string(),
        reason: "no generation of it lives; the process that asks was left behind".into(),
    })?;
    if let Err(reason) = peer.check(&grant.group) {
        grant.refusal = Some(reason.clone());
        return Err(Kind::Forbidden(reason).into());
    }
    Ok(grant)
}

/// Answers the processes that dial one sidecar's address.
pub(crate) struct Reception {
    pub sidecar: SidecarName,
    pub admission: Arc<Admission>,
    /// Takes sidecars that were started by hand. None outside of development.
    pub joining: Option<mpsc::Sender<Order>>,
}

impl Reception {
    /// Answers for as long as the future is polled. A process that sends nothing keeps no other process out.
    pub(crate) async fn receive(self, listener: Listener) {
        let reception = Arc::new(self);
        let answer = |accepted| {
            let reception = reception.clone();
            async move { reception.answer(accepted).await }
        };
        accept::each(listener, answer).await;
    }

    async fn answer(&self, accepted: Accepted) {
        let Accepted { mut stream, peer } = accepted;
        let role = match timeout(accept::FIRST_LINE, request(&mut stream)).await {
            Ok(Ok(role)) => role,
            Ok(Err(error)) => return refuse(&mut stream, &error).await,
            Err(_elapsed) => return log::debug!("a process dialled and said nothing"),
        };
        let outcome = match role {
            Role::Serve => self
                .admission
                .lease(&self.sidecar, &peer)
                .map(Answer::Lease),
            Role::Calls => self
                .admission
                .calls(&self.sidecar, &peer)
                .map(Answer::Hello),
            Role::Join => self.joining().map(Answer::Join),
        };
        match outcome {
            // This fails only when the generation has ended, which waited for the connection.
            Ok(Answer::Lease(lease)) => drop(lease.send(stream)),
            Ok(Answer::Hello(hello)) => {
                if let Err(error) = stream.write_all(&hello).await {
                    log::debug!("a process went before it read its hello: {error}");
                }
            }
            Ok(Answer::Join(orders)) => {
                let group = peer.process_group();
                let joining = Order::Join(Joining { stream, group });
                drop(orders.send(joining).await);
            }
            Err(error) => {
                log::warn!("sidecar `{}`: refused a process: {error}", self.sidecar);
                refuse(&mut stream, &error).await;
            }
        }
    }

    fn joining(&self) -> Result<&mpsc::Sender<Order>> {
        self.joining.as_ref().ok_or_else(|| {
            Kind::Forbidden(
                "a sidecar that is started by hand joins under `tauri dev` alone; start the app with it".into(),
            )
            .into()
        })
    }
}

/// What a process gets.
enum Answer<'a> {
    Lease(oneshot::Sender<Stream>),
    Hello(Vec<u8>),
    Join(&'a mpsc::Sender<Order>),
}

/// Reads the request of a process, and no byte after its line.
async fn request(stream: &mut Stream) -> Result<Role> {
    let line = accept::line(stream, MAX_REQUEST_BYTES)
        .await
        .map_err(|error| {
            Kind::InvalidRequest(format!("the first line is no request for a lease: {error}"))
        })?;
    let request: Request = serde_json::from_slice(&line).map_err(|error| {
        Kind::InvalidRequest(format!(
            "the first line is no request for a lease ({error}); say {{\"protocol\":{PROTOCOL},\"role\":\"serve\"}}"
        ))
    })?;
    if request.protocol == PROTOCOL {
        Ok(request.role)
    } else {
        Err(Kind::InvalidRequest(format!(
            "the host speaks protocol {PROTOCOL} and this process {}; install versions of the plugin and the package \
             that belong together",
            request.protocol
        ))
        .into())
    }
}

async fn refuse(stream: &mut Stream, error: &Error) {
    let mut line = serde_json::to_vec(&Problem::from(error)).expect("a problem is plain JSON");
    line.push(b'\n');
    if let Err(error) = stream.write_all(&line).await {
        log::debug!("a process went before it read its refusal: {error}");
    }
}

#[cfg(test)]
mod tests;
