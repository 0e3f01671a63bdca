//! What JSON has in the place of objects that are none of its own types: dates, paths, enums, records and the like.
//!
//! Types are known by the names of their bases, and records by what marks them, so that nothing is imported for a value
//! that does not need it.

use pyo3::{
    intern,
    prelude::*,
    sync::PyOnceLock,
    types::{PyDict, PyString, PyTuple, PyType},
};

use super::json::Unfit;

/// How an object is written.
pub(super) enum Form<'py> {
    /// As this string.
    Text(Bound<'py, PyAny>),
    /// As this value, which may be of any type.
    Value(Bound<'py, PyAny>),
    /// As an object with these attributes.
    Members(Vec<Bound<'py, PyString>>),
    /// Not at all.
    Unfit(Unfit),
}

impl<'py> Form<'py> {
    pub(super) fn of(value: &Bound<'py, PyAny>) -> PyResult<Self> {
        let py = value.py();
        let kind = value.get_type();
        if kind.hasattr(intern!(py, "model_dump"))? {
            let dumped = value.call_method(intern!(py, "model_dump"), (), Some(&as_json(py)?))?;
            return Ok(Self::Value(dumped));
        }
        if let Some(form) = Self::of_known(value, &kind)? {
            return Ok(form);
        }
        // What this package itself has for arguments, such as channels.
        if kind.hasattr(intern!(py, "__bridge_json__"))? {
            let form = value.call_method0(intern!(py, "__bridge_json__"))?;
            return Ok(Self::Value(form));
        }
        if kind.hasattr(intern!(py, "__fspath__"))? {
            return Ok(Self::Value(value.call_method0(intern!(py, "__fspath__"))?));
        }
        if let Some(form) = Self::of_record(value, &kind)? {
            return Ok(form);
        }
        let kind = kind.name()?;
        Ok(Self::Unfit(Unfit::Type(format!(
            "is of type {kind}; convert it to str, int, float, bool, None, list or dict"
        ))))
    }

    /// A type of Python's library or a subclass of one.
    fn of_known(value: &Bound<'py, PyAny>, kind: &Bound<'py, PyType>) -> PyResult<Option<Self>> {
        let py = value.py();
        for base in kind.mro() {
            let base = base.cast_into::<PyType>()?;
            let (module, name) = (base.module()?, base.name()?);
            let form = match (module.to_str()?, name.to_str()?) {
                ("enum", "Enum") => Self::Value(value.getattr(intern!(py, "value"))?),
                ("datetime", "datetime" | "time") => Self::of_time(value)?,
                ("datetime", "date") => {
                    Self::Text(value.call_method0(intern!(py, "isoformat"))?)
                }
                ("datetime", "timedelta") => Self::Unfit(Unfit::Type(
                    "is of type timedelta, which has no form of its own in JSON; send what the command takes, such as \
                     `.total_seconds()`"
                        .into(),
                )),
                ("uuid", "UUID") => Self::Text(value.str()?.into_any()),
                ("decimal", "Decimal") => Self::of_decimal(value)?,
                _ => continue,
            };
            return Ok(Some(form));
        }
        Ok(None)
    }

    /// RFC 3339, or without an offset ISO 8601.
    fn of_time(value: &Bound<'py, PyAny>) -> PyResult<Self> {
        let py = value.py();
        let offset = value.call_method0(intern!(py, "utcoffset"))?;
        if !offset.is_none() {
            let seconds: f64 = offset
                .call_method0(intern!(py, "total_seconds"))?
                .extract()?;
            if seconds % 60.0 != 0.0 {
                return Ok(Self::Unfit(Unfit::Value(format!(
                    "has an offset of {seconds} seconds, where JSON has whole minutes (RFC 3339); send it in UTC"
                ))));
            }
        }
        Ok(Self::Text(value.call_method0(intern!(py, "isoformat"))?))
    }

    /// A string, as pydantic and `rust_decimal` have it: a number would be a float to most that read it.
    fn of_decimal(value: &Bound<'py, PyAny>) -> PyResult<Self> {
        let py = value.py();
        if value.call_method0(intern!(py, "is_finite"))?.is_truthy()? {
            let text = value.call_method1(intern!(py, "__format__"), (intern!(py, "f"),))?;
            return Ok(Self::Text(text));
        }
        let shown = value.str()?;
        Ok(Self::Unfit(Unfit::Value(format!(
            "is {shown}; send a finite number, a string or None"
        ))))
    }

    /// A dataclass, pydantic's too, an attrs class or a msgspec struct.
    fn of_record(value: &Bound<'py, PyAny>, kind: &Bound<'py, PyType>) -> PyResult<Option<Self>> {
        let py = value.py();
        if kind.hasattr(intern!(py, "__dataclass_fields__"))? {
            let fields = kind.getattr(intern!(py, "__dataclass_fields__"))?;
            let fields = fields.cast_into::<PyDict>()?;
            if is_pydantic(kind, &fields)? {
                return Ok(Some(Self::Value(dumped(value, kind)?)));
            }
            let mut names = Vec::with_capacity(fields.len());
            for field in py
                .import(intern!(py, "dataclasses"))?
                .call_method1(intern!(py, "fields"), (kind,))?
                .cast_into::<PyTuple>()?
            {
                names.push(name_of(&field)?);
            }
            return Ok(Some(Self::Members(names)));
        }
        if kind.hasattr(intern!(py, "__attrs_attrs__"))? {
            let names: PyResult<Vec<_>> = kind
                .getattr(intern!(py, "__attrs_attrs__"))?
                .try_iter()?
                .map(|attribute| name_of(&attribute?))
                .collect();
            return Ok(Some(Self::Members(names?)));
        }
        if kind.hasattr(intern!(py, "__struct_fields__"))? {
            let msgspec = py.import(intern!(py, "msgspec"))?;
            let built = msgspec.call_method1(intern!(py, "to_builtins"), (value,))?;
            return Ok(Some(Self::Value(built)));
        }
        Ok(None)
    }
}

fn name_of<'py>(field: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyString>> {
    let name = field.getattr(intern!(field.py(), "name"))?;
    Ok(name.cast_into::<PyString>()?)
}

/// Whether pydantic has the names of a dataclass in JSON: a dataclass of its own, or a plain one with `Field(alias=…)`.
fn is_pydantic(kind: &Bound<'_, PyType>, fields: &Bound<'_, PyDict>) -> PyResult<bool> {
    let py = kind.py();
    if kind.hasattr(intern!(py, "__pydantic_config__"))?
        || kind.hasattr(intern!(py, "__pydantic_serializer__"))?
    {
        return Ok(true);
    }
    for field in fields.values() {
        let annotation = field.getattr(intern!(py, "type"))?;
        // Of a module with `from __future__ import annotations`, its text.
        if let Ok(text) = annotation.cast::<PyString>() {
            if text.to_str()?.contains("Field(") {
                return Ok(true);
            }
            continue;
        }
        let Some(metadata) = annotation.getattr_opt(intern!(py, "__metadata__"))? else {
            continue;
        };
        for each in metadata.try_iter()? {
            if each?
                .getattr_opt(intern!(py, "serialization_alias"))?
                .is_some()
            {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// What pydantic makes of an object that is no model; it makes something for each type first, which is kept.
fn dumped<'py>(
    value: &Bound<'py, PyAny>,
    kind: &Bound<'py, PyType>,
) -> PyResult<Bound<'py, PyAny>> {
    static ADAPTERS: PyOnceLock<Py<PyDict>> = PyOnceLock::new();
    let py = value.py();
    let adapters = ADAPTERS
        .get_or_init(py, || PyDict::new(py).unbind())
        .bind(py);
    let adapter = if let Some(adapter) = adapters.get_item(kind)? {
        adapter
    } else {
        let pydantic = py.import(intern!(py, "pydantic"))?;
        let adapter = pydantic.call_method1(intern!(py, "TypeAdapter"), (kind,))?;
        adapters.set_item(kind, &adapter)?;
        adapter
    };
    adapter.call_method(intern!(py, "dump_python"), (value,), Some(&as_json(py)?))
}

fn as_json(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    let options = PyDict::new(py);
    options.set_item(intern!(py, "mode"), intern!(py, "json"))?;
    options.set_item(intern!(py, "by_alias"), true)?;
    Ok(options)
}
