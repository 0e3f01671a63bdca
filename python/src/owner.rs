//! Who owns a file, on Windows.

use std::{
    io,
    os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle},
    ptr,
};

use windows_sys::Win32::{
    Foundation::{HANDLE, LocalFree},
    Security::{
        Authorization::{GetSecurityInfo, SE_FILE_OBJECT},
        EqualSid, GetTokenInformation, OWNER_SECURITY_INFORMATION, PSID, TOKEN_OWNER, TOKEN_QUERY,
        TOKEN_USER, TokenOwner, TokenUser,
    },
    System::Threading::{GetCurrentProcess, OpenProcessToken},
};

/// The longest SID has 68 bytes, and before it in the answer stands a pointer to it, with flags. In units of 8 bytes, which
/// align it. Boxed, since the pointer stays right only where the answer stays.
const ANSWER_UNITS: usize = 32;

/// Whether this user owns the open file, or what this user's files belong to: of an elevated process that is a group.
pub(crate) fn is_own(file: HANDLE) -> io::Result<bool> {
    let mut owner: PSID = ptr::null_mut();
    let mut descriptor = ptr::null_mut();
    // SAFETY: the call writes to `owner`, which then points into what it makes at `descriptor`.
    let error = unsafe {
        GetSecurityInfo(
            file,
            SE_FILE_OBJECT,
            OWNER_SECURITY_INFORMATION,
            &raw mut owner,
            ptr::null_mut(),
            ptr::null_mut(),
            ptr::null_mut(),
            &raw mut descriptor,
        )
    };
    if error != 0 {
        return Err(io::Error::from_raw_os_error(error.cast_signed()));
    }
    let own = is_mine(owner);
    // SAFETY: `GetSecurityInfo` made it, and nothing points into it any more.
    unsafe { LocalFree(descriptor) };
    own
}

fn is_mine(owner: PSID) -> io::Result<bool> {
    let token = token()?;
    let (user, files) = (answer(&token, TokenUser)?, answer(&token, TokenOwner)?);
    // SAFETY: the answers begin with these structures, are aligned for them, and live until the end.
    unsafe {
        let user = (*user.as_ptr().cast::<TOKEN_USER>()).User.Sid;
        let files = (*files.as_ptr().cast::<TOKEN_OWNER>()).Owner;
        Ok(EqualSid(owner, user) != 0 || EqualSid(owner, files) != 0)
    }
}

fn token() -> io::Result<OwnedHandle> {
    let mut token = ptr::null_mut();
    // SAFETY: the first handle stands for this process; the call writes to `token`.
    if unsafe { OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &raw mut token) } == 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the handle was opened just now and is nobody else's.
    Ok(unsafe { OwnedHandle::from_raw_handle(token) })
}

fn answer(token: &OwnedHandle, what: i32) -> io::Result<Box<[u64; ANSWER_UNITS]>> {
    let mut answer = Box::new([0; ANSWER_UNITS]);
    let mut size = 0;
    let most = u32::try_from(size_of_val(&*answer)).unwrap_or(0);
    // SAFETY: the call writes at most `most` bytes to `answer`.
    let answered = unsafe {
        GetTokenInformation(
            token.as_raw_handle(),
            what,
            answer.as_mut_ptr().cast(),
            most,
            &raw mut size,
        )
    };
    if answered == 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(answer)
}
