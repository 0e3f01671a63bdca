//! Answers a process that dials the sidecar's address with a lease, with the token alone, or with a refusal. See
//! `docs/wire.md`.

use std::{
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde::Deserialize;
use tokio::{
    io::AsyncWriteExt,
    sync::{mpsc, oneshot, watch},
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
    /// A spare: the connection becomes the line on which it is called.
    Standby,
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

/// A spare that may dial once.
struct Expected {
    group: ProcessGroup,
    /// None once it has dialled.
    line: Option<oneshot::Sender<Dialled>>,
}

/// The connection of a spare, and which process has made it.
#[derive(Debug)]
pub(super) struct Dialled {
    pub stream: Stream,
    pub pid: Option<u32>,
}

/// What is being started whose group is not known yet.
#[derive(Default)]
struct Starting {
    generation: bool,
    spare: bool,
}

/// Which processes get what at the sidecar's address now. Between two generations all are refused.
#[derive(Default)]
pub(crate) struct Admission {
    grant: Mutex<Option<Grant>>,
    spare: Mutex<Option<Expected>>,
    /// A process may dial sooner than the host knows of its group.
    starting: watch::Sender<Starting>,
}

impl Admission {
    /// Lets all that dial wait for the process that is started now: until `open` or `close`.
    pub(super) fn begin(&self) {
        self.starting
            .send_modify(|starting| starting.generation = true);
    }

    /// Lets all that dial wait for the spare that is started now: until `expect_spare` or `forget_spare`.
    pub(super) fn begin_spare(&self) {
        self.starting.send_modify(|starting| starting.spare = true);
    }

    /// Lets the processes of that group in: all for calls, and one for the lease. The receiver gives the lease's connection.
    pub(super) fn open(&self, group: ProcessGroup, calls: Vec<u8>) -> oneshot::Receiver<Stream> {
        let (lease, dialled) = oneshot::channel();
        self.settle(Some(Grant {
            group,
            calls,
            lease: Some(lease),
            refusal: None,
        }));
        dialled
    }

    /// Lets the processes of that group in for calls; their lease is given already.
    pub(super) fn open_for_calls(&self, group: ProcessGroup, calls: Vec<u8>) {
        self.settle(Some(Grant {
            group,
            calls,
            lease: None,
            refusal: None,
        }));
    }

    /// Lets one process of that group be the spare, and none of another group any more. The receiver gives its connection.
    pub(super) fn expect_spare(&self, group: ProcessGroup) -> oneshot::Receiver<Dialled> {
        let (line, dialled) = oneshot::channel();
        let line = Some(line);
        self.settle_spare(Some(Expected { group, line }));
        dialled
    }

    /// The spare is a generation from now on, like any other, or has ended, and its number may be another group's.
    pub(super) fn forget_spare(&self) {
        self.settle_spare(None);
    }

    fn settle_spare(&self, expected: Option<Expected>) {
        *self.spare() = expected;
        self.starting.send_modify(|starting| starting.spare = false);
    }

    /// Takes the place for the spare's connection, if the process may be the spare.
    fn standby(&self, sidecar: &SidecarName, peer: &Peer) -> Result<oneshot::Sender<Dialled>> {
        let mut spare = self.spare();
        let expected = spare
            .as_mut()
            .filter(|spare| peer.check(&spare.group).is_ok());
        let line = expected.and_then(|expected| expected.line.take());
        line.ok_or_else(|| {
            Kind::Forbidden(format!(
                "sidecar `{sidecar}` waits for no such spare: the host starts one at a time, and one process of it dials"
            ))
            .into()
        })
    }

    /// Whether the process belongs to a spare that was not called yet.
    fn is_spare(&self, peer: &Peer) -> bool {
        let spare = self.spare();
        let expected = spare.as_ref();
        expected.is_some_and(|spare| peer.check(&spare.group).is_ok())
    }

    /// Lets no process in any more. Gives the reason why the last process was refused that the host had not started.
    pub(super) fn close(&self) -> Option<String> {
        self.settle(None)?.refusal
    }

    /// Gives the grant that was there before.
    fn settle(&self, grant: Option<Grant>) -> Option<Grant> {
        let before = mem::replace(&mut *self.lock(), grant);
        self.starting
            .send_modify(|starting| starting.generation = false);
        before
    }

    /// Waits while a process is being started.
    async fn settled(&self) {
        // The sender is this struct's own, so it cannot have gone.
        drop(
            self.starting
                .subscribe()
                .wait_for(|starting| !starting.generation && !starting.spare)
                .await,
        );
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
        self.grant.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn spare(&self) -> MutexGuard<'_, Option<Expected>> {
        self.spare.lock().unwrap_or_else(PoisonError::into_inner)
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
        self.admission.settled().await;
        let outcome = match role {
            Role::Standby => self.admission.standby(&self.sidecar, &peer).map(Answer::Standby),
            _ if self.admission.is_spare(&peer) => Err(Kind::Unavailable {
                sidecar: self.sidecar.to_string(),
                reason: "a spare that waits as the next generation calls nobody; call the host from the lifespan on"
                    .into(),
            }
            .into()),
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
            Ok(Answer::Standby(line)) => {
                let pid = peer.pid();
                drop(line.send(Dialled { stream, pid }));
            }
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
    Standby(oneshot::Sender<Dialled>),
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
