//! Bytes that commands take and give as they are.

use tauri::{
    Runtime,
    ipc::{CommandArg, CommandItem, InvokeBody, InvokeError, InvokeResponseBody, IpcResponse},
};

/// Raw bytes, as an argument or the result of a command. A `Vec<u8>` would travel as JSON, as an array of numbers.
///
/// As the only argument of a command, `Bytes` is the whole body of the call. Beside other arguments, it is an array of numbers,
/// since only JSON can carry several arguments. It is `bytes` in Python, and an `ArrayBuffer` in TypeScript.
///
/// ```
/// use tauri_plugin_sidecar_bridge::Bytes;
///
/// #[tauri::command]
/// fn reverse(data: Bytes) -> Bytes {
///     Bytes(data.0.into_iter().rev().collect())
/// }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "codegen", derive(specta::Type))]
pub struct Bytes(#[cfg_attr(feature = "codegen", specta(type = ArrayBuffer))] pub Vec<u8>);

/// JavaScript's type for the bytes; in JSON, Tauri writes an `ArrayBuffer` as numbers.
#[cfg(feature = "codegen")]
struct ArrayBuffer;

#[cfg(feature = "codegen")]
impl specta::Type for ArrayBuffer {
    fn definition(_: &mut specta::Types) -> specta::datatype::DataType {
        specta::datatype::DataType::Reference(specta_typescript::define("ArrayBuffer"))
    }
}

impl IpcResponse for Bytes {
    fn body(self) -> tauri::Result<InvokeResponseBody> {
        Ok(InvokeResponseBody::Raw(self.0))
    }
}

impl<'de, R: Runtime> CommandArg<'de, R> for Bytes {
    fn from_command(command: CommandItem<'de, R>) -> Result<Self, InvokeError> {
        if let InvokeBody::Raw(bytes) = command.message.payload() {
            return Ok(Self(bytes.clone()));
        }
        Vec::from_command(command).map(Self)
    }
}
