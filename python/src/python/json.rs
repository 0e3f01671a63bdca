//! JSON straight between Python's objects and bytes. What Python would change or the host refuse is refused here, with the
//! path of the value: the rules are in `docs/wire.md`, the host's side of them is its `src/json.rs`.

use jiter::{FloatMode, PartialMode, PythonParse, StringCacheMode, map_json_error};
use pyo3::{
    exceptions::{PyTypeError, PyUnicodeEncodeError, PyValueError},
    prelude::*,
    types::{PyBool, PyBytes, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple},
};

use super::form::Form;

const MAX_DEPTH: usize = 128;
const SHOWN_KEY_CHARS: usize = 64;

/// Reads a JSON value; `ValueError` if it is none.
#[pyfunction]
pub(crate) fn decode_json<'py>(text: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    match text.cast::<PyString>() {
        Ok(text) => decode(text.py(), text.to_str()?.as_bytes()),
        Err(_) => decode(text.py(), text.extract()?),
    }
}

pub(super) fn decode<'py>(py: Python<'py>, text: &[u8]) -> PyResult<Bound<'py, PyAny>> {
    let parse = PythonParse {
        allow_inf_nan: false,
        cache_mode: StringCacheMode::Keys,
        partial_mode: PartialMode::Off,
        catch_duplicate_keys: false,
        float_mode: FloatMode::Float,
    };
    parse
        .python_parse(py, text)
        .map_err(|error| map_json_error(text, &error))
}

/// Gives the value as JSON; `TypeError` or `ValueError` with the path of what cannot be sent, as part of `what`.
#[pyfunction]
pub(crate) fn encode_json<'py>(
    value: &Bound<'py, PyAny>,
    what: &str,
) -> PyResult<Bound<'py, PyBytes>> {
    Ok(PyBytes::new(
        value.py(),
        &encode(value, || what.to_owned())?,
    ))
}

/// The same, where `what` is made only for an error.
pub(super) fn encode(value: &Bound<'_, PyAny>, what: impl FnOnce() -> String) -> PyResult<Vec<u8>> {
    let mut writing = Writing {
        out: Vec::with_capacity(256),
        depth: 0,
        path: Vec::new(),
    };
    match writing.value(value) {
        Ok(()) => Ok(writing.out),
        Err(unfit) => Err(writing.refusal(&what(), unfit)?),
    }
}

/// One document on its way to bytes.
struct Writing<'py> {
    out: Vec<u8>,
    depth: usize,
    /// The way to the value that was refused, last step first; filled while the error travels up.
    path: Vec<Step<'py>>,
}

enum Step<'py> {
    Key(Bound<'py, PyString>),
    Index(usize),
}

/// Why a value cannot be sent.
pub(super) enum Unfit {
    Value(String),
    Type(String),
    /// An object's own code failed.
    Raised(PyErr),
}

impl From<PyErr> for Unfit {
    fn from(error: PyErr) -> Self {
        Self::Raised(error)
    }
}

impl<'py> Writing<'py> {
    fn value(&mut self, value: &Bound<'py, PyAny>) -> Result<(), Unfit> {
        if let Ok(text) = value.cast::<PyString>() {
            self.text(text)
        } else if value.is_none() {
            self.raw("null")
        } else if let Ok(flag) = value.cast::<PyBool>() {
            self.raw(if flag.is_true() { "true" } else { "false" })
        } else if let Ok(integer) = value.cast::<PyInt>() {
            self.integer(integer)
        } else if let Ok(float) = value.cast::<PyFloat>() {
            self.float(float.value())
        } else if let Ok(members) = value.cast::<PyDict>() {
            self.nested(|writing| writing.members(members))
        } else if let Ok(items) = value.cast::<PyList>() {
            self.nested(|writing| writing.items(items.iter()))
        } else if let Ok(items) = value.cast::<PyTuple>() {
            self.nested(|writing| writing.items(items.iter()))
        } else {
            self.form(value)
        }
    }

    #[expect(clippy::unnecessary_wraps, reason = "one of many that may fail")]
    fn raw(&mut self, text: &str) -> Result<(), Unfit> {
        self.out.extend_from_slice(text.as_bytes());
        Ok(())
    }

    fn plain(&mut self, value: &impl serde::Serialize) {
        serde_json::to_writer(&mut self.out, value).expect("a vector takes all");
    }

    fn text(&mut self, text: &Bound<'py, PyString>) -> Result<(), Unfit> {
        match text.to_str() {
            Ok(text) => {
                self.plain(&text);
                Ok(())
            }
            Err(error) if error.is_instance_of::<PyUnicodeEncodeError>(text.py()) => {
                let at: usize = error.value(text.py()).getattr("start")?.extract()?;
                let half = quoted(&escaped(&text.get_item(at)?)?);
                Err(Unfit::Value(format!(
                    "holds {half}, which is half a character; remove it"
                )))
            }
            Err(error) => Err(error.into()),
        }
    }

    fn integer(&mut self, integer: &Bound<'py, PyInt>) -> Result<(), Unfit> {
        if let Ok(integer) = integer.extract::<i64>() {
            self.plain(&integer);
        } else if let Ok(integer) = integer.extract::<u64>() {
            self.plain(&integer);
        } else {
            let reason = "is an integer beyond 64 bits; send it as a string";
            return Err(Unfit::Value(reason.into()));
        }
        Ok(())
    }

    fn float(&mut self, float: f64) -> Result<(), Unfit> {
        if float.is_finite() {
            self.plain(&float);
            return Ok(());
        }
        let shown = float.to_string().to_ascii_lowercase();
        Err(Unfit::Value(format!(
            "is {shown}; send a finite number, a string or None"
        )))
    }

    fn nested(&mut self, write: impl FnOnce(&mut Self) -> Result<(), Unfit>) -> Result<(), Unfit> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Unfit::Value(format!(
                "is nested over {MAX_DEPTH} deep, or holds itself; send a flatter value"
            )));
        }
        write(self)?;
        self.depth -= 1;
        Ok(())
    }

    fn members(&mut self, members: &Bound<'py, PyDict>) -> Result<(), Unfit> {
        self.out.push(b'{');
        // Another thread may change it while this one writes.
        #[cfg(Py_GIL_DISABLED)]
        let members = &members.copy()?;
        let count = members.len();
        // No more than there were: pyo3 panics where a dict turns out to have changed.
        for (number, (key, member)) in members.iter().take(count).enumerate() {
            if number > 0 {
                self.out.push(b',');
            }
            let Ok(key) = key.cast::<PyString>().cloned() else {
                let kind = key.get_type().name()?;
                return Err(Unfit::Type(format!(
                    "has a key of type {kind}, which JSON would change to a string; make it a str"
                )));
            };
            if let Err(unfit) = self.text(&key) {
                self.path.push(Step::Key(key));
                return Err(unfit);
            }
            self.out.push(b':');
            if let Err(unfit) = self.value(&member) {
                self.path.push(Step::Key(key));
                return Err(unfit);
            }
            if members.len() != count {
                let reason = "changed while it was written; send a copy";
                return Err(Unfit::Value(reason.into()));
            }
        }
        self.out.push(b'}');
        Ok(())
    }

    fn items(&mut self, items: impl Iterator<Item = Bound<'py, PyAny>>) -> Result<(), Unfit> {
        self.out.push(b'[');
        for (index, item) in items.enumerate() {
            if index > 0 {
                self.out.push(b',');
            }
            if let Err(unfit) = self.value(&item) {
                self.path.push(Step::Index(index));
                return Err(unfit);
            }
        }
        self.out.push(b']');
        Ok(())
    }

    /// What JSON has in the place of an object of another type.
    fn form(&mut self, value: &Bound<'py, PyAny>) -> Result<(), Unfit> {
        let written = match Form::of(value)? {
            Form::Text(text) => return self.value(&text),
            Form::Value(inner) => inner,
            Form::Members(names) => {
                return self.nested(|writing| writing.attributes(value, &names));
            }
            Form::Unfit(unfit) => return Err(unfit),
        };
        // A level of its own, so that one that gives itself ends.
        self.nested(|writing| writing.value(&written))
    }

    fn attributes(
        &mut self,
        value: &Bound<'py, PyAny>,
        names: &[Bound<'py, PyString>],
    ) -> Result<(), Unfit> {
        self.out.push(b'{');
        for (number, name) in names.iter().enumerate() {
            if number > 0 {
                self.out.push(b',');
            }
            self.text(name)?;
            self.out.push(b':');
            let member = value.getattr(name)?;
            if let Err(unfit) = self.value(&member) {
                self.path.push(Step::Key(name.clone()));
                return Err(unfit);
            }
        }
        self.out.push(b'}');
        Ok(())
    }

    fn refusal(&self, what: &str, unfit: Unfit) -> PyResult<PyErr> {
        let mut path = String::from("$");
        for step in self.path.iter().rev() {
            let shown = match step {
                Step::Index(index) => format!("[{index}]"),
                Step::Key(key) => shown_key(key)?,
            };
            path.push_str(&shown);
        }
        let message = |reason| format!("{what} cannot be sent as JSON: `{path}` {reason}");
        Ok(match unfit {
            Unfit::Value(reason) => PyValueError::new_err(message(reason)),
            Unfit::Type(reason) => PyTypeError::new_err(message(reason)),
            Unfit::Raised(error) => error,
        })
    }
}

fn shown_key(key: &Bound<'_, PyString>) -> PyResult<String> {
    let whole = escaped(key.as_any())?;
    let mut shown: String = whole.chars().take(SHOWN_KEY_CHARS).collect();
    if shown.len() < whole.len() {
        shown.push('…');
    }
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let is_name = shown.chars().all(is_word) && !shown.starts_with(|c: char| c.is_ascii_digit());
    Ok(if is_name && !shown.is_empty() {
        format!(".{shown}")
    } else {
        format!("[{}]", quoted(&shown))
    })
}

/// A string's text, with escapes for halves of characters.
fn escaped(text: &Bound<'_, PyAny>) -> PyResult<String> {
    let bytes = text.call_method1("encode", ("utf-8", "backslashreplace"))?;
    Ok(String::from_utf8_lossy(bytes.cast::<PyBytes>()?.as_bytes()).into_owned())
}

/// The text in quotes, with escapes for what cannot be printed.
fn quoted(text: &str) -> String {
    let shown = text.chars().map(|c| match c {
        c if c.is_control() => format!("\\u{:04x}", u32::from(c)),
        c => c.to_string(),
    });
    format!("\"{}\"", shown.collect::<String>())
}
