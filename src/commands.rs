//! The guest's border: parse, delegate, return.

use hyper::{Method, Uri};
use tauri::{
    Manager, Runtime, State, async_runtime,
    ipc::{self, Channel, CommandArg, CommandItem, CommandScope, InvokeError},
    webview::ResolvedScope,
};
use tokio_util::sync::CancellationToken;

use crate::{
    bridge::SidecarBridge,
    error::{Error, Kind, Result},
    guest::{
        self, ChosenFiles, ConnectRequest, ConnectResponse, DownloadRequest, FetchRequest,
        FetchResponse, Form, Key, Pass, Rule, UploadRequest, WriteRequest, join, judge, split,
    },
    output::OutputLine,
    path,
    status::Status,
};

/// Answers with the status of a sidecar; without a name, of the only one. It has no path, and nothing that the sidecar wrote.
#[tauri::command]
#[cfg_attr(feature = "codegen", specta::specta)]
#[expect(
    clippy::needless_pass_by_value,
    reason = "Tauri hands over commands' arguments by value"
)]
pub(crate) fn status(bridge: State<'_, SidecarBridge>, sidecar: Option<String>) -> Result<Status> {
    let sidecar = bridge.sidecar_or_only(sidecar.as_deref())?;
    Ok(sidecar.status().for_pages())
}

/// Answers with the first status of a sidecar after the one of that revision, as soon as there is one, in an exchange of the page:
/// who waits gives up with `cancel`, and with the page.
#[tauri::command]
pub(crate) async fn next_status(
    bridge: State<'_, SidecarBridge>,
    page: Page,
    exchange: String,
    sidecar: Option<String>,
    revision: u32,
) -> Result<Status> {
    let sidecar = bridge.sidecar_or_only(sidecar.as_deref())?;
    let link = bridge.pages().exchanges.begin(page.key(exchange))?;
    let next = async { Ok(sidecar.0.status.after(revision).await.for_pages()) };
    link.unless_cancelled(next).await
}

/// Answers with the status of a sidecar and all that is known of its end: paths, and the last lines of stderr.
#[tauri::command]
#[cfg_attr(feature = "codegen", specta::specta)]
#[expect(
    clippy::needless_pass_by_value,
    reason = "Tauri hands over commands' arguments by value"
)]
pub(crate) fn diagnose(
    bridge: State<'_, SidecarBridge>,
    sidecar: Option<String>,
) -> Result<Status> {
    Ok(bridge.sidecar_or_only(sidecar.as_deref())?.status())
}

/// Answers with the last lines that a sidecar wrote, oldest first.
#[tauri::command]
#[cfg_attr(feature = "codegen", specta::specta)]
#[expect(
    clippy::needless_pass_by_value,
    reason = "Tauri hands over commands' arguments by value"
)]
pub(crate) fn logs(
    bridge: State<'_, SidecarBridge>,
    sidecar: Option<String>,
) -> Result<Vec<OutputLine>> {
    Ok(bridge.sidecar_or_only(sidecar.as_deref())?.logs())
}

/// Starts a sidecar that was stopped or has failed, and answers once it serves.
#[tauri::command]
#[cfg_attr(feature = "codegen", specta::specta)]
pub(crate) async fn start(bridge: State<'_, SidecarBridge>, sidecar: Option<String>) -> Result<()> {
    bridge.sidecar_or_only(sidecar.as_deref())?.start().await
}

/// Ends a sidecar, and answers once it has ended.
#[tauri::command]
#[cfg_attr(feature = "codegen", specta::specta)]
pub(crate) async fn stop(bridge: State<'_, SidecarBridge>, sidecar: Option<String>) -> Result<()> {
    bridge.sidecar_or_only(sidecar.as_deref())?.stop().await
}

/// Ends a sidecar if it lives, starts its next generation, and answers once that serves.
#[tauri::command]
#[cfg_attr(feature = "codegen", specta::specta)]
pub(crate) async fn restart(
    bridge: State<'_, SidecarBridge>,
    sidecar: Option<String>,
) -> Result<()> {
    bridge.sidecar_or_only(sidecar.as_deref())?.restart().await
}

/// The label of the webview that a command comes from.
pub(crate) struct Page(String);

impl Page {
    fn key(self, exchange: String) -> Key {
        Key {
            webview: self.0,
            exchange,
        }
    }
}

impl<'de, R: Runtime> CommandArg<'de, R> for Page {
    fn from_command(command: CommandItem<'de, R>) -> std::result::Result<Self, InvokeError> {
        Ok(Self(command.message.webview_ref().label().to_owned()))
    }
}

/// What a page may fetch. Its own scope judges the command that fetches; here it judges another one.
pub(crate) struct FetchScope(Option<ResolvedScope<Rule>>);

impl FetchScope {
    fn judge(&self, sidecar: &str, method: &Method, uri: &Uri) -> Result<()> {
        let Some(scope) = &self.0 else {
            return Err(Kind::Forbidden(
                "this window may not fetch, and so it reads no cookies, saves nothing and sends no files; grant \
                 `sidecar-bridge:fetch` in its capability"
                    .into(),
            )
            .into());
        };
        judge(scope.command_scope(), sidecar, method, uri)
    }
}

impl<'de, R: Runtime> CommandArg<'de, R> for FetchScope {
    fn from_command(command: CommandItem<'de, R>) -> std::result::Result<Self, InvokeError> {
        let webview = command.message.webview_ref();
        let scope = webview.resolve_command_scope("sidecar-bridge", "fetch");
        scope
            .map(Self)
            .map_err(|error| InvokeError::from(Error::from(error)))
    }
}

impl<'de, R: Runtime> CommandArg<'de, R> for ChosenFiles {
    fn from_command(command: CommandItem<'de, R>) -> std::result::Result<Self, InvokeError> {
        Ok(Self::of(command.message.webview_ref().app_handle()))
    }
}

/// Answers with the names and values of the cookies that a request to a path would carry and that code of a page may read, if
/// the page may fetch that path.
#[tauri::command]
pub(crate) async fn cookies(
    bridge: State<'_, SidecarBridge>,
    scope: FetchScope,
    sidecar: Option<String>,
    path: String,
) -> Result<Vec<(String, String)>> {
    let name = bridge.sidecar_or_only(sidecar.as_deref())?.status().sidecar;
    let uri = path::parse(&path)?;
    scope.judge(&name, &Method::GET, &uri)?;
    let jar = bridge.pages().jar(&name);
    Ok(jar.map(|jar| jar.readable(&uri)).unwrap_or_default())
}

/// Passes a page's request on to a sidecar, if the scope allows it. One frame each way, see `guest::frame`.
#[tauri::command]
pub(crate) async fn fetch(
    bridge: State<'_, SidecarBridge>,
    page: Page,
    scope: CommandScope<Rule>,
    request: ipc::Request<'_>,
) -> Result<ipc::Response> {
    let (head, body) = split::<FetchRequest>(&request)?;
    let sidecar = bridge.sidecar_or_only(head.sidecar.as_deref())?;
    let name = sidecar.status().sidecar;
    let (method, uri) = head.target()?;
    judge(&scope, &name, &method, &uri)?;
    let pages = bridge.pages();
    let link = pages.exchanges.begin(page.key(head.exchange.clone()))?;
    let wait = pages.wait(head.wait_ms);
    let answer = guest::fetch(&sidecar, pages.jar(&name), head, body, wait, link);
    let (head, body) = answer.await?;
    Ok(ipc::Response::new(join(&head, &body)))
}

/// Passes a page's request on to a sidecar, if the scope of `fetch` allows it, and answers with the head of the answer. [`save`] is
/// for the rest.
#[tauri::command]
pub(crate) async fn download(
    bridge: State<'_, SidecarBridge>,
    page: Page,
    scope: FetchScope,
    chosen: ChosenFiles,
    request: ipc::Request<'_>,
) -> Result<FetchResponse> {
    let (DownloadRequest { request: head, to }, body) = split(&request)?;
    let sidecar = bridge.sidecar_or_only(head.sidecar.as_deref())?;
    let name = sidecar.status().sidecar;
    let (method, uri) = head.target()?;
    scope.judge(&name, &method, &uri)?;
    if let Some(path) = to {
        chosen.find(&path)?;
    }
    let pages = bridge.pages();
    let link = pages.exchanges.begin(page.key(head.exchange.clone()))?;
    let wait = pages.wait(head.wait_ms);
    guest::download(&sidecar, pages.jar(&name), head, body, wait, link).await
}

/// Saves the answer of a download as a file that the page may name, and tells how many bytes there are so far. Answers with their
/// number once the whole file is there.
#[tauri::command]
pub(crate) async fn save(
    bridge: State<'_, SidecarBridge>,
    page: Page,
    chosen: ChosenFiles,
    exchange: String,
    path: String,
    on_progress: Channel<u64>,
) -> Result<u64> {
    let mut taken = bridge.pages().exchanges.take(page.key(exchange))?;
    // The end of the app waits for this, so that nothing is left of a file that is not whole.
    let saving = bridge.shutdown().blocking(move || {
        let target = chosen.find(&path)?;
        // A page that was left hears nothing.
        let tell = |bytes| drop(on_progress.send(bytes));
        guest::save(&target, || taken.next(), tell)
    });
    let outcome = saving.await;
    outcome.unwrap_or_else(|| Err(Kind::Unanswered("plugin:sidecar-bridge|save".into()).into()))
}

/// Sends a form of fields and files to a sidecar, if the scope of `fetch` allows the request and the page may name the files. Tells
/// how many bytes of how many were sent. Answers as [`fetch`] does.
#[tauri::command]
pub(crate) async fn upload(
    bridge: State<'_, SidecarBridge>,
    page: Page,
    scope: FetchScope,
    chosen: ChosenFiles,
    form: UploadRequest,
    on_progress: Channel<(u64, u64)>,
) -> Result<ipc::Response> {
    let UploadRequest {
        request: head,
        fields,
        files,
    } = form;
    let sidecar = bridge.sidecar_or_only(head.sidecar.as_deref())?;
    let name = sidecar.status().sidecar;
    let (method, uri) = head.target()?;
    scope.judge(&name, &method, &uri)?;
    let opening = async_runtime::spawn_blocking(move || Form::open(&chosen, &fields, &files));
    let form = opening.await??;
    let of = form.length();
    let tell = move |bytes| drop(on_progress.send((bytes, of)));
    let pages = bridge.pages();
    let link = pages.exchanges.begin(page.key(head.exchange.clone()))?;
    let wait = pages.wait(head.wait_ms);
    let answer = guest::upload(&sidecar, pages.jar(&name), head, form, tell, wait, link);
    let (head, body) = answer.await?;
    Ok(ipc::Response::new(join(&head, &body)))
}

/// The origin of the page that a command comes from, as a webview says it in `Origin`.
pub(crate) struct PageOrigin(String);

impl<'de, R: Runtime> CommandArg<'de, R> for PageOrigin {
    fn from_command(command: CommandItem<'de, R>) -> std::result::Result<Self, InvokeError> {
        let url = command.message.webview_ref().url()?;
        let port = url.port().map(|port| format!(":{port}"));
        let (scheme, host) = (url.scheme(), url.host_str().unwrap_or_default());
        Ok(Self(format!(
            "{scheme}://{host}{}",
            port.unwrap_or_default()
        )))
    }
}

/// Answers with the URL under which elements of the page get what the scope lets the page get, for as long as the page is there.
#[tauri::command]
pub(crate) async fn media(
    bridge: State<'_, SidecarBridge>,
    page: Page,
    origin: PageOrigin,
    scope: CommandScope<Rule>,
    sidecar: Option<String>,
) -> Result<String> {
    let sidecar = bridge.sidecar_or_only(sidecar.as_deref())?;
    let name = sidecar.status().sidecar;
    let pages = bridge.pages();
    pages.passes.give(Pass {
        webview: page.0,
        origin: origin.0,
        jar: pages.jars.get(&name).cloned(),
        sidecar,
        name,
        scope,
        wait: pages.wait,
        left: CancellationToken::new(),
    })
}

/// Opens a WebSocket to a sidecar, if the scope allows a GET there.
#[tauri::command]
pub(crate) async fn connect(
    bridge: State<'_, SidecarBridge>,
    page: Page,
    scope: CommandScope<Rule>,
    request: ConnectRequest,
) -> Result<ConnectResponse> {
    let sidecar = bridge.sidecar_or_only(request.sidecar.as_deref())?;
    let name = sidecar.status().sidecar;
    judge(&scope, &name, &Method::GET, &path::parse(&request.path)?)?;
    let pages = bridge.pages();
    let key = page.key(request.exchange.clone());
    let link = pages.exchanges.begin_with(key, guest::PIECE_BYTES)?;
    let wait = pages.wait(request.wait_ms);
    guest::connect(&sidecar, pages.jar(&name), &request, wait, link).await
}

/// Answers with the next piece of what an exchange gives, see `Exchanges::read`.
#[tauri::command]
pub(crate) async fn read(
    bridge: State<'_, SidecarBridge>,
    page: Page,
    exchange: String,
) -> Result<ipc::Response> {
    let piece = bridge.pages().exchanges.read(&page.key(exchange)).await?;
    Ok(ipc::Response::new(piece))
}

/// Takes the next piece of what an exchange is given; answers once there is room for another one.
#[tauri::command]
pub(crate) async fn write(
    bridge: State<'_, SidecarBridge>,
    page: Page,
    request: ipc::Request<'_>,
) -> Result<()> {
    let (head, body) = split::<WriteRequest>(&request)?;
    let key = page.key(head.exchange);
    bridge.pages().exchanges.write(&key, body, head.last).await
}

/// Ends an exchange.
#[tauri::command]
#[expect(
    clippy::needless_pass_by_value,
    reason = "Tauri hands over commands' arguments by value"
)]
pub(crate) fn cancel(bridge: State<'_, SidecarBridge>, page: Page, exchange: String) {
    bridge.pages().exchanges.cancel(page.key(exchange));
}
