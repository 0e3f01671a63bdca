//! A client's end of a named pipe. All of it is overlapped: each wait has a limit, and no thread that reads keeps another
//! one from writing, as it would on a handle that is not.

use std::{
    cell::UnsafeCell,
    ffi::OsStr,
    fs::OpenOptions,
    io::{self, ErrorKind},
    os::windows::{
        ffi::OsStrExt,
        fs::OpenOptionsExt,
        io::{AsRawHandle, FromRawHandle, OwnedHandle},
    },
    path::Path,
    ptr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use windows_sys::Win32::{
    Foundation::{
        ERROR_BROKEN_PIPE, ERROR_IO_INCOMPLETE, ERROR_IO_PENDING, ERROR_OPERATION_ABORTED,
        ERROR_PIPE_BUSY, ERROR_PIPE_NOT_CONNECTED, HANDLE, WAIT_TIMEOUT,
    },
    Storage::FileSystem::{FILE_FLAG_OVERLAPPED, ReadFile, SECURITY_IDENTIFICATION, WriteFile},
    System::{
        IO::{CancelIoEx, GetOverlappedResult, GetOverlappedResultEx, OVERLAPPED},
        Pipes::{GetNamedPipeServerProcessId, PeekNamedPipe, WaitNamedPipeW},
        Threading::CreateEventW,
    },
};

/// What the name of every pipe of this machine begins with. Another machine's, or a file's, begins otherwise.
const OWN_PIPES: &str = r"\\.\pipe\";

/// How long a name may be, by Microsoft's documentation of `CreateNamedPipe`. Of a longer one the system says that there is
/// no such pipe.
const MOST_UNITS: usize = 256;

/// A pipe that was opened.
#[derive(Debug)]
pub(crate) struct Pipe {
    handle: OwnedHandle,
    closed: AtomicBool,
}

impl Pipe {
    /// Opens the pipe of that name, whose server gets to know who this is, and cannot act as this user.
    ///
    /// # Errors
    /// `WouldBlock` if no instance of it was free within `limit`, `InvalidInput` for a name that no pipe of this machine has,
    /// `PermissionDenied` if another process than `server` is behind it, and what else the system says.
    pub(crate) fn open(name: &Path, server: Option<u32>, limit: Duration) -> io::Result<Self> {
        check_name(name)?;
        let open = || {
            OpenOptions::new()
                .read(true)
                .write(true)
                .share_mode(0)
                .custom_flags(FILE_FLAG_OVERLAPPED)
                .security_qos_flags(SECURITY_IDENTIFICATION)
                .open(name)
        };
        let opened = match open() {
            Err(error) if is(&error, ERROR_PIPE_BUSY) => {
                wait_for_instance(name.as_os_str(), limit);
                open()
            }
            other => other,
        };
        let handle = match opened {
            Ok(file) => OwnedHandle::from(file),
            Err(error) if is(&error, ERROR_PIPE_BUSY) => return Err(ErrorKind::WouldBlock.into()),
            Err(error) => return Err(error),
        };
        if let Some(server) = server {
            check_server(name, handle_of(&handle), server)?;
        }
        Ok(Self {
            handle,
            closed: AtomicBool::new(false),
        })
    }

    /// Whether there is nothing to read, and no end of it either.
    pub(crate) fn is_quiet(&self) -> bool {
        is_quiet(self.raw())
    }

    /// Ends what reads and writes. The handle is closed when the last operation on it is dropped.
    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
        // SAFETY: the handle is open, and null stands for all operations on it.
        unsafe { CancelIoEx(self.raw(), ptr::null()) };
    }

    fn raw(&self) -> HANDLE {
        handle_of(&self.handle)
    }
}

/// Whether there is nothing to read from that pipe, and no end of it either.
pub(crate) fn is_quiet(pipe: HANDLE) -> bool {
    let mut there = 0;
    // SAFETY: what the call writes to is `there`; null stands for what nobody wants to know.
    let answered = unsafe {
        PeekNamedPipe(
            pipe,
            ptr::null_mut(),
            0,
            ptr::null_mut(),
            &raw mut there,
            ptr::null_mut(),
        )
    };
    answered != 0 && there == 0
}

/// Refuses a pipe behind which another process is than `server`.
pub(crate) fn check_server(name: &Path, pipe: HANDLE, server: u32) -> io::Result<()> {
    let mut found = 0;
    // SAFETY: the call writes to `found`.
    if unsafe { GetNamedPipeServerProcessId(pipe, &raw mut found) } == 0 {
        return Err(io::Error::last_os_error());
    }
    if found == server {
        return Ok(());
    }
    Err(io::Error::new(
        ErrorKind::PermissionDenied,
        format!(
            "process {found} is behind {}, and the host is process {server}; end that process",
            name.display()
        ),
    ))
}

fn check_name(name: &Path) -> io::Result<()> {
    let reason = if !name
        .as_os_str()
        .as_encoded_bytes()
        .starts_with(OWN_PIPES.as_bytes())
    {
        format!("it does not begin with {OWN_PIPES}")
    } else if name.as_os_str().encode_wide().count() > MOST_UNITS {
        format!("it is longer than {MOST_UNITS} characters")
    } else {
        return Ok(());
    };
    Err(io::Error::new(ErrorKind::InvalidInput, reason))
}

/// Waits until an instance is free, which another process may take before this one does. Whether it was is seen by opening it.
fn wait_for_instance(name: &OsStr, limit: Duration) {
    let name: Vec<u16> = name.encode_wide().chain([0]).collect();
    // SAFETY: the name ends with a zero. A limit of 0 would be the server's own.
    unsafe { WaitNamedPipeW(name.as_ptr(), milliseconds(limit).max(1)) };
}

fn is(error: &io::Error, code: u32) -> bool {
    error.raw_os_error().map(i32::cast_unsigned) == Some(code)
}

/// Rounded up, so that a wait of them reaches the deadline.
fn milliseconds(limit: Duration) -> u32 {
    let whole = limit.as_nanos().div_ceil(1_000_000);
    u32::try_from(whole)
        .unwrap_or(u32::MAX - 1)
        .min(u32::MAX - 1)
}

/// A handle as Python has it.
#[cfg(feature = "python")]
pub(crate) fn handle(number: usize) -> HANDLE {
    ptr::with_exposed_provenance_mut(number)
}

fn handle_of(handle: &OwnedHandle) -> HANDLE {
    handle.as_raw_handle()
}

/// One direction of a pipe: at most one read or write at a time, which may go on when nobody waits for it.
pub(crate) struct Operation {
    pipe: Arc<Pipe>,
    /// Set by the system when the operation has ended.
    event: OwnedHandle,
    /// The system writes to it, and to the buffer, while the operation is pending. Both stay where they are.
    overlapped: Box<UnsafeCell<OVERLAPPED>>,
    buffer: Box<[u8]>,
    is_pending: bool,
}

// SAFETY: any thread may wait for an operation and end it, and what the pointers in `OVERLAPPED` mean belongs to this alone.
unsafe impl Send for Operation {}

impl std::fmt::Debug for Operation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Operation")
            .field("pipe", &self.pipe)
            .field("is_pending", &self.is_pending)
            .finish_non_exhaustive()
    }
}

impl Operation {
    /// Nothing is under way yet.
    pub(crate) fn new(pipe: Arc<Pipe>, most_bytes: usize) -> io::Result<Self> {
        // SAFETY: no attributes, set by hand, not set at first, no name.
        let event = unsafe { CreateEventW(ptr::null(), 1, 0, ptr::null()) };
        if event.is_null() {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the event was made just now and is nobody else's.
        let event = unsafe { OwnedHandle::from_raw_handle(event) };
        Ok(Self {
            pipe,
            event,
            overlapped: Box::default(),
            buffer: vec![0; most_bytes].into_boxed_slice(),
            is_pending: false,
        })
    }

    pub(crate) const fn is_pending(&self) -> bool {
        self.is_pending
    }

    /// Begins to read, if no read is under way.
    pub(crate) fn begin_read(&mut self) -> io::Result<()> {
        if self.is_pending {
            return Ok(());
        }
        let most = u32::try_from(self.buffer.len()).unwrap_or(u32::MAX);
        let (buffer, overlapped) = (self.buffer.as_mut_ptr(), self.fresh());
        // SAFETY: buffer and `OVERLAPPED` live on the heap until the operation has ended, for which `drop` waits.
        let begun = unsafe { ReadFile(self.pipe.raw(), buffer, most, ptr::null_mut(), overlapped) };
        self.begun(begun != 0)
    }

    /// Begins to write as much of these parts as there is room for; none may be under way.
    pub(crate) fn begin_write(&mut self, parts: &[&[u8]]) -> io::Result<()> {
        debug_assert!(!self.is_pending, "a write is under way");
        let mut size = 0;
        for part in parts {
            let count = part.len().min(self.buffer.len() - size);
            self.buffer[size..size + count].copy_from_slice(&part[..count]);
            size += count;
        }
        let size = u32::try_from(size).unwrap_or(u32::MAX);
        let (buffer, overlapped) = (self.buffer.as_ptr(), self.fresh());
        // SAFETY: as in `begin_read`.
        let begun =
            unsafe { WriteFile(self.pipe.raw(), buffer, size, ptr::null_mut(), overlapped) };
        self.begun(begun != 0)
    }

    /// Waits for the end, and gives how many bytes it was; `None` if it did not end within `limit`, or none is under way.
    ///
    /// What the other side's end looks like, and [`Pipe::close`], is 0 bytes of a read and `BrokenPipe` of a write.
    pub(crate) fn wait(&mut self, limit: Duration) -> io::Result<Option<usize>> {
        if !self.is_pending {
            return Ok(None);
        }
        let mut count = 0;
        // SAFETY: the operation is pending, and its handle, its `OVERLAPPED` and `count` are there.
        let ended = unsafe {
            GetOverlappedResultEx(
                self.pipe.raw(),
                self.overlapped.get(),
                &raw mut count,
                milliseconds(limit),
                0,
            )
        };
        if ended != 0 {
            self.is_pending = false;
            return Ok(Some(count as usize));
        }
        let error = io::Error::last_os_error();
        if is(&error, WAIT_TIMEOUT) || is(&error, ERROR_IO_INCOMPLETE) {
            return Ok(None);
        }
        self.is_pending = false;
        Err(error)
    }

    /// The bytes of the last read.
    pub(crate) fn bytes(&self) -> &[u8] {
        debug_assert!(!self.is_pending, "the system writes to it");
        &self.buffer
    }

    fn fresh(&mut self) -> *mut OVERLAPPED {
        *self.overlapped.get_mut() = OVERLAPPED {
            hEvent: handle_of(&self.event),
            ..OVERLAPPED::default()
        };
        self.overlapped.get()
    }

    fn begun(&mut self, at_once: bool) -> io::Result<()> {
        if !at_once {
            let error = io::Error::last_os_error();
            if !is(&error, ERROR_IO_PENDING) {
                return Err(error);
            }
        }
        self.is_pending = true;
        // Whoever closes the pipe sees this operation, or is seen here.
        if self.pipe.closed.load(Ordering::SeqCst) {
            self.cancel();
        }
        Ok(())
    }

    fn cancel(&self) {
        // SAFETY: the handle is open. An operation that has ended already is not found, which does no harm.
        unsafe { CancelIoEx(self.pipe.raw(), self.overlapped.get()) };
    }
}

impl Drop for Operation {
    fn drop(&mut self) {
        if !self.is_pending {
            return;
        }
        self.cancel();
        let mut count = 0;
        // SAFETY: as in `wait`. This one waits for as long as it takes, for the system writes to what is freed next.
        unsafe {
            GetOverlappedResult(self.pipe.raw(), self.overlapped.get(), &raw mut count, 1);
        }
    }
}

/// Whether that is how a read ends when there is no more to come, or when this side has closed the pipe.
pub(crate) fn is_end(error: &io::Error) -> bool {
    [
        ERROR_BROKEN_PIPE,
        ERROR_PIPE_NOT_CONNECTED,
        ERROR_OPERATION_ABORTED,
    ]
    .into_iter()
    .any(|code| is(error, code))
}
