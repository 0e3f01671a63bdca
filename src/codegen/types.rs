//! From a type in Rust to its [`Shape`]: primitives, containers, and mentions of named types.

use specta::datatype::{
    DataType, List, NamedDataType, NamedReference, NamedReferenceType, Reference,
};

use super::{
    error::Error,
    reader::{Arguments, Reader},
    rust::{
        is_channel, is_generic_newtype, known_scalar, misdescribed, named_type, origin, rust_path,
        scalar,
    },
    schema::{Body, Key, Named, Scalar, Shape},
};

impl Reader<'_> {
    /// Reads the shape at `place`, within a type whose parameters have the shapes `arguments`.
    pub(super) fn shape(
        &mut self,
        shape: &DataType,
        arguments: &Arguments,
        place: &str,
    ) -> Result<Shape, Error> {
        Ok(match shape {
            DataType::Primitive(primitive) => Shape::Scalar(scalar(primitive, place)?),
            DataType::Nullable(inner) => self.shape(inner, arguments, place)?.optional(),
            DataType::List(list) => self.list(list, arguments, place)?,
            DataType::Map(map) => Shape::Map {
                key: Box::new(self.key(map.key_ty(), arguments, place)?),
                value: Box::new(self.shape(map.value_ty(), arguments, place)?),
            },
            DataType::Tuple(tuple) if tuple.elements.is_empty() => Shape::Null,
            DataType::Tuple(tuple) => {
                let elements = tuple.elements.iter();
                let elements = elements.map(|element| self.shape(element, arguments, place));
                Shape::Tuple(elements.collect::<Result<_, _>>()?)
            }
            DataType::Generic(generic) => {
                let name = generic.name().to_string();
                arguments
                    .get(&name)
                    .cloned()
                    .unwrap_or(Shape::Parameter(name))
            }
            DataType::Reference(Reference::Named(reference)) => {
                self.reference(reference, arguments, place)?
            }
            DataType::Reference(Reference::Opaque(reference)) => match reference.type_name() {
                // Types that `#[specta(type = ...)]` may name.
                "specta_typescript::opaque::Any" | "specta_typescript::opaque::Unknown" => {
                    Shape::Scalar(Scalar::Value)
                }
                "specta_typescript::opaque::Number" => Shape::Scalar(Scalar::Number),
                name => {
                    let what = match name {
                        "specta_serde::phased::PhasedTy" => {
                            "a type that differs by direction".into()
                        }
                        name => format!("the opaque type `{name}`"),
                    };
                    return Err(Error::unsupported(
                        place,
                        what,
                        "name another with #[specta(type = ...)]",
                    ));
                }
            },
            DataType::Struct(_) | DataType::Enum(_) | DataType::Intersection(_) => {
                return Err(Error::unsupported(
                    place,
                    "a type without a name",
                    "give it one, and derive specta::Type for it",
                ));
            }
        })
    }

    fn list(&mut self, list: &List, arguments: &Arguments, place: &str) -> Result<Shape, Error> {
        let item = Box::new(self.shape(&list.ty, arguments, place)?);
        Ok(if list.unique {
            Shape::Set(item)
        } else {
            Shape::List {
                item,
                length: list.length,
            }
        })
    }

    /// Reads the shape of a map's keys, which are strings in JSON.
    fn key(&mut self, key: &DataType, arguments: &Arguments, place: &str) -> Result<Shape, Error> {
        let shape = self.shape(key, arguments, place)?;
        if self.is_key(&shape) {
            return Ok(shape);
        }
        Err(Error::unsupported(
            place,
            "a map whose keys are neither strings, integers, booleans nor plain enums",
            "use such keys, or a Vec of pairs",
        ))
    }

    fn is_key(&self, shape: &Shape) -> bool {
        match shape {
            Shape::Scalar(scalar) => !matches!(
                scalar,
                Scalar::F32
                    | Scalar::F64
                    | Scalar::Bytes
                    | Scalar::RawBytes
                    | Scalar::Value
                    | Scalar::Number
                    | Scalar::Duration
                    | Scalar::TimeDelta
                    | Scalar::SystemTime
            ),
            Shape::Literal(_) | Shape::Parameter(_) => true,
            Shape::Named { key, .. } => match self.defined.get(key).map(|named| &named.body) {
                Some(Body::Strings(_)) => true,
                Some(Body::Alias(shape)) => self.is_key(shape),
                _ => false,
            },
            _ => false,
        }
    }

    fn reference(
        &mut self,
        reference: &NamedReference,
        arguments: &Arguments,
        place: &str,
    ) -> Result<Shape, Error> {
        let Some(named) = self.types.get(reference) else {
            return Err(Error::unsupported(
                place,
                "a type that specta did not collect",
                "derive specta::Type for it",
            ));
        };
        if let Some(scalar) = known_scalar(named) {
            return Ok(Shape::Scalar(scalar));
        }
        if let Some((what, remedy)) = misdescribed(named) {
            return Err(Error::unsupported(place, what, remedy));
        }
        if is_channel(named) {
            return Err(Error::unsupported(
                place,
                "a Channel that is not an argument itself",
                "make it one",
            ));
        }
        let generics = match &reference.inner {
            NamedReferenceType::Recursive(_) => {
                return Err(Error::unsupported(
                    place,
                    format!("`{}`, inlined within itself,", rust_path(named)),
                    "leave out #[specta(inline)]",
                ));
            }
            NamedReferenceType::Reference { generics, .. } => generics,
            // An inlined struct or enum is the same JSON under its name.
            NamedReferenceType::Inline { .. }
                if named.ty.is_some() && named.generics.is_empty() =>
            {
                &Vec::new()
            }
            NamedReferenceType::Inline { dt, .. } => {
                return self.inline(named, dt, arguments, place);
            }
        };
        let generics = generics.iter().map(|(generic, shape)| {
            let shape = self.shape(shape, arguments, place)?;
            Ok((generic.name().to_string(), shape))
        });
        let generics = generics.collect::<Result<Vec<_>, Error>>()?;
        self.mention(named, generics, place)
    }

    /// The mention of a named type; for a newtype with type parameters, the shape inside it.
    fn mention(
        &mut self,
        named: &NamedDataType,
        generics: Vec<(String, Shape)>,
        place: &str,
    ) -> Result<Shape, Error> {
        if !is_generic_newtype(named) {
            self.define(named)?;
            return Ok(Shape::Named {
                key: rust_path(named),
                arguments: generics.into_iter().map(|(_, shape)| shape).collect(),
            });
        }
        match self.guarded(named, &generics.into_iter().collect(), place)? {
            Body::Alias(shape) => Ok(shape),
            _ => unreachable!("a struct without named fields is what it holds"),
        }
    }

    /// Reads the body of a type without an entry of its own, and fails if the type holds itself: no entry would end the circle.
    fn guarded(
        &mut self,
        named: &NamedDataType,
        arguments: &Arguments,
        place: &str,
    ) -> Result<Body, Error> {
        let key = rust_path(named);
        if !self.reading.insert(key.clone()) {
            return Err(Error::unsupported(
                place,
                format!("`{key}`, which holds itself without an entry of its own,"),
                "leave out #[specta(inline)], and give a newtype with type parameters a named field",
            ));
        }
        let body = self.body(named, arguments);
        self.reading.remove(&key);
        body
    }

    /// Reads a type that specta gives in place of its name: a container such as `Vec`, or a type with `#[specta(inline)]`.
    fn inline(
        &mut self,
        named: &NamedDataType,
        shape: &DataType,
        arguments: &Arguments,
        place: &str,
    ) -> Result<Shape, Error> {
        if !matches!(shape, DataType::Struct(_) | DataType::Enum(_)) {
            return self.shape(shape, arguments, place);
        }
        let mut concrete = named.clone();
        concrete.generics = std::borrow::Cow::Borrowed(&[]);
        concrete.ty = Some(shape.clone());
        let body = self.guarded(&concrete, arguments, place)?;
        let key = rust_path(named);
        self.add(
            key.clone(),
            named_type(named, origin(&concrete), vec![], body),
        )?;
        Ok(Shape::Named {
            key,
            arguments: vec![],
        })
    }

    /// Adds a type to the defined ones, unless it is there already.
    pub(super) fn define(&mut self, named: &NamedDataType) -> Result<(), Error> {
        let key = rust_path(named);
        if self.defined.contains_key(&key) || is_generic_newtype(named) {
            return Ok(());
        }
        let parameters: Vec<String> = named
            .generics
            .iter()
            .map(|generic| generic.name.to_string())
            .collect();
        let with_body = |body| named_type(named, origin(named), parameters.clone(), body);
        // The type's own parts may mention the type, and find it there.
        self.defined
            .insert(key.clone(), with_body(Body::Alias(Shape::Null)));
        self.reading.insert(key.clone());
        let body = self.body(named, &Arguments::new())?;
        self.reading.remove(&key);
        self.defined.insert(key, with_body(body));
        Ok(())
    }

    fn body(&mut self, named: &NamedDataType, arguments: &Arguments) -> Result<Body, Error> {
        let place = format!("type `{}`", rust_path(named));
        match &named.ty {
            Some(DataType::Struct(shape)) => {
                self.converted(&shape.attributes, arguments, &place, |reader| {
                    reader.structure(named, shape, arguments)
                })
            }
            Some(DataType::Enum(shape)) => {
                self.converted(&shape.attributes, arguments, &place, |reader| {
                    reader.enumeration(named, shape, arguments)
                })
            }
            Some(other) => Ok(Body::Alias(self.shape(other, arguments, &place)?)),
            None => Err(Error::unsupported(
                &place,
                "a type that has no definition",
                "use a struct or an enum",
            )),
        }
    }

    /// Adds a type that is read already. A type that has its key already has to be equal to it.
    fn add(&mut self, key: Key, named: Named) -> Result<(), Error> {
        match self.defined.get(&key) {
            Some(other) if *other != named => Err(Error::unsupported(
                &format!("type `{key}`"),
                "a type that is inlined with several type parameters",
                "leave out #[specta(inline)]",
            )),
            _ => {
                self.defined.insert(key, named);
                Ok(())
            }
        }
    }
}
