//! Types of other crates and of the standard library: identifiers, addresses, bytes, JSON.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::PathBuf,
};

use arbitrary::{Arbitrary, Unstructured};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;
use serde_json::{Map, Number, Value};
use specta::Type;
use url::Url;
use uuid::Uuid;

use crate::generate::{self, some};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Identifiers {
    pub id: Uuid,
    pub perhaps: Option<Uuid>,
    pub several: Vec<Uuid>,
}

#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    Type,
    Arbitrary,
)]
pub struct TaskId(pub Uuid);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Addresses {
    #[arbitrary(with = generate::address)]
    pub home: Url,
    #[arbitrary(with = |u: &mut Unstructured<'_>| some(u, generate::address))]
    pub others: Vec<Url>,
    pub ip: IpAddr,
    pub v4: Ipv4Addr,
    pub socket: SocketAddr,
    #[arbitrary(with = |u: &mut Unstructured<'_>| String::arbitrary(u).map(PathBuf::from))]
    pub path: PathBuf,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Link(#[arbitrary(with = generate::address)] pub Url);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Blobs {
    pub numbers: Vec<u8>,
    #[arbitrary(with = generate::bytes)]
    pub bytes: Bytes,
    #[serde(with = "serde_bytes")]
    #[specta(type = Vec<u8>)]
    pub vector: Vec<u8>,
    #[arbitrary(with = generate::bytes)]
    #[specta(type = Vec<u8>)]
    pub buffer: ByteBuf,
    pub four: [u8; 4],
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Blob(#[arbitrary(with = generate::bytes)] pub Bytes);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Json {
    #[arbitrary(with = generate::json)]
    pub value: Value,
    #[arbitrary(with = generate::json_object)]
    pub object: Map<String, Value>,
    #[arbitrary(with = generate::number)]
    pub number: Number,
    #[arbitrary(with = |u: &mut Unstructured<'_>| some(u, generate::json))]
    pub list: Vec<Value>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Anything(#[arbitrary(with = generate::json)] pub Value);
