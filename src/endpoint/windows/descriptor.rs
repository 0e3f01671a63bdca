//! Who may open what the host makes: this user, and nobody else.

use std::{
    ffi::c_void,
    io,
    os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle},
};

use windows::{
    Win32::{
        Foundation::{HANDLE, HLOCAL, LocalFree},
        Security::{
            Authorization::{
                ConvertSidToStringSidW, ConvertStringSecurityDescriptorToSecurityDescriptorW,
                SDDL_REVISION_1,
            },
            GetTokenInformation, PSECURITY_DESCRIPTOR, SECURITY_ATTRIBUTES, TOKEN_QUERY,
            TOKEN_USER, TokenUser,
        },
        System::Threading::{GetCurrentProcess, OpenProcessToken},
    },
    core::{HSTRING, PWSTR},
};

/// The most bytes of a `TOKEN_USER`: its two members, and a SID of `SECURITY_MAX_SID_SIZE`, 68.
const MOST_USER_BYTES: usize = 128;

/// A security descriptor for one new object.
pub(super) struct Descriptor {
    attributes: SECURITY_ATTRIBUTES,
}

impl Descriptor {
    /// The object belongs to this user, who may do all with it. Nothing is inherited, so nobody else may do anything: no
    /// other user, no process of a lower integrity level, no app container.
    pub(super) fn of_this_user() -> io::Result<Self> {
        let user = this_user()?;
        let text = HSTRING::from(text(&user));
        let mut descriptor = PSECURITY_DESCRIPTOR::default();
        // SAFETY: both pointers live for longer than the call.
        unsafe {
            ConvertStringSecurityDescriptorToSecurityDescriptorW(
                &text,
                SDDL_REVISION_1,
                &raw mut descriptor,
                None,
            )
        }?;
        let attributes = SECURITY_ATTRIBUTES {
            nLength: u32::try_from(size_of::<SECURITY_ATTRIBUTES>()).unwrap_or_default(),
            lpSecurityDescriptor: descriptor.0,
            bInheritHandle: false.into(),
        };
        Ok(Self { attributes })
    }

    pub(super) const fn attributes(&self) -> &SECURITY_ATTRIBUTES {
        &self.attributes
    }
}

impl Drop for Descriptor {
    fn drop(&mut self) {
        free(self.attributes.lpSecurityDescriptor);
    }
}

/// The descriptor in the language of security descriptors (SDDL): the owner, and a protected list with the one entry.
pub(super) fn text(user: &str) -> String {
    format!("O:{user}D:P(A;;GA;;;{user})")
}

/// The security identifier of the user of this process, such as `S-1-5-21-…-1001`.
pub(super) fn this_user() -> io::Result<String> {
    let mut buffer = [0_u64; MOST_USER_BYTES / size_of::<u64>()];
    let token = own_token()?;
    // SAFETY: the buffer has that many bytes, and is aligned for what is written there.
    unsafe {
        GetTokenInformation(
            HANDLE(token.as_raw_handle()),
            TokenUser,
            Some(buffer.as_mut_ptr().cast()),
            u32::try_from(MOST_USER_BYTES).unwrap_or_default(),
            &mut 0,
        )
    }?;
    let mut text = PWSTR::null();
    // SAFETY: the system has just written a `TOKEN_USER` there, whose identifier is in the buffer, too.
    unsafe {
        let user = &*buffer.as_ptr().cast::<TOKEN_USER>();
        ConvertSidToStringSidW(user.User.Sid, &raw mut text)
    }?;
    // SAFETY: the system has made that text, which ends with a zero.
    let user = unsafe { text.to_string() };
    free(text.0.cast());
    user.map_err(io::Error::other)
}

fn own_token() -> io::Result<OwnedHandle> {
    let mut token = HANDLE::default();
    // SAFETY: the pointer lives for longer than the call, and the handle that it gets is nobody else's.
    unsafe {
        OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &raw mut token)?;
        Ok(OwnedHandle::from_raw_handle(token.0))
    }
}

/// Frees what a function of the system has allocated for its caller.
pub(super) fn free(memory: *mut c_void) {
    // SAFETY: each caller frees memory that it was given by such a function, once.
    unsafe { LocalFree(Some(HLOCAL(memory))) };
}
