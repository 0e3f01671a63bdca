use std::io;

use tokio::signal::windows::{CtrlBreak, CtrlC, CtrlClose, ctrl_break, ctrl_c, ctrl_close};
use windows::Win32::Foundation::STATUS_CONTROL_C_EXIT;

/// Ctrl-C and Ctrl-Break, and that the console is closed. The system ends the process 5 s after the last. An app without a
/// console gets none of them.
pub(super) struct Signals {
    interrupt: CtrlC,
    interrupt_hard: CtrlBreak,
    close: CtrlClose,
}

impl Signals {
    pub(super) fn listen() -> io::Result<Self> {
        Ok(Self {
            interrupt: ctrl_c()?,
            interrupt_hard: ctrl_break()?,
            close: ctrl_close()?,
        })
    }

    /// The status with which the next of them would end the process.
    pub(super) async fn next(&mut self) -> i32 {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.interrupt_hard.recv() => {}
            _ = self.close.recv() => {}
        }
        STATUS_CONTROL_C_EXIT.0
    }
}
