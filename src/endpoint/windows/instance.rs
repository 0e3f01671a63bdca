//! One instance of a named pipe: the server's end of one connection.

use std::{
    io,
    os::windows::io::{FromRawHandle, IntoRawHandle, OwnedHandle},
    ptr,
};

use tokio::net::windows::named_pipe::NamedPipeServer;
use windows::{
    Win32::{
        Storage::FileSystem::{
            FILE_FLAG_FIRST_PIPE_INSTANCE, FILE_FLAG_OVERLAPPED, FILE_FLAGS_AND_ATTRIBUTES,
            PIPE_ACCESS_DUPLEX,
        },
        System::Pipes::{
            CreateNamedPipeW, PIPE_READMODE_BYTE, PIPE_REJECT_REMOTE_CLIENTS, PIPE_TYPE_BYTE,
            PIPE_UNLIMITED_INSTANCES, PIPE_WAIT,
        },
    },
    core::HSTRING,
};

use super::descriptor::Descriptor;

/// How many bytes wait in the pipe, each way, before a writer has to wait.
const BUFFER_BYTES: u32 = 64 * 1024;

/// An instance that is not in any runtime yet. Tokio's own constructor wants one.
#[derive(Debug)]
pub(super) struct Instance(OwnedHandle);

impl Instance {
    /// Makes the pipe. Fails if there is one of that name: then somebody else would get a part of its clients.
    pub(super) fn first(name: &str) -> io::Result<Self> {
        Self::create(name, FILE_FLAG_FIRST_PIPE_INSTANCE)
    }

    pub(super) fn next(name: &str) -> io::Result<Self> {
        Self::create(name, FILE_FLAGS_AND_ATTRIBUTES(0))
    }

    fn create(name: &str, flags: FILE_FLAGS_AND_ATTRIBUTES) -> io::Result<Self> {
        let descriptor = Descriptor::of_this_user()?;
        // SAFETY: the name and the descriptor live for longer than the call.
        let handle = unsafe {
            CreateNamedPipeW(
                &HSTRING::from(name),
                PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED | flags,
                PIPE_TYPE_BYTE | PIPE_READMODE_BYTE | PIPE_WAIT | PIPE_REJECT_REMOTE_CLIENTS,
                PIPE_UNLIMITED_INSTANCES,
                BUFFER_BYTES,
                BUFFER_BYTES,
                0,
                Some(ptr::from_ref(descriptor.attributes())),
            )
        };
        if handle.is_invalid() {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the handle is new, and nobody else has it.
        Ok(Self(unsafe { OwnedHandle::from_raw_handle(handle.0) }))
    }

    /// Call this inside the runtime that drives the connection.
    pub(super) fn into_server(self) -> io::Result<NamedPipeServer> {
        // SAFETY: it is the server's end of a pipe, was made for overlapped I/O, and is given away.
        unsafe { NamedPipeServer::from_raw_handle(self.0.into_raw_handle()) }
    }

    #[cfg(test)]
    pub(super) fn handle(&self) -> &OwnedHandle {
        &self.0
    }
}
