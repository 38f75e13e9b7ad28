//! What is said to a cluster's master (`tensorflow/core/protobuf/master.proto`), as far as it is said here.

#![allow(missing_docs, reason = "the names are TensorFlow's")]

use prost::Message;

use super::{GraphDef, TensorProto};

#[derive(Clone, PartialEq, Message)]
pub struct CreateSessionRequest {
    #[prost(message, optional, tag = "1")]
    pub graph_def: Option<GraphDef>,
    #[prost(message, optional, tag = "2")]
    pub config: Option<ConfigProto>,
    #[prost(string, tag = "3")]
    pub target: String,
}

#[derive(Clone, PartialEq, Message)]
pub struct CreateSessionResponse {
    #[prost(string, tag = "1")]
    pub session_handle: String,
    #[prost(int64, tag = "2")]
    pub graph_version: i64,
}

#[derive(Clone, PartialEq, Message)]
pub struct NamedTensorProto {
    #[prost(string, tag = "1")]
    pub name: String,
    #[prost(message, optional, tag = "2")]
    pub tensor: Option<TensorProto>,
}

#[derive(Clone, PartialEq, Message)]
pub struct RunStepRequest {
    #[prost(string, tag = "1")]
    pub session_handle: String,
    #[prost(message, repeated, tag = "2")]
    pub feed: Vec<NamedTensorProto>,
    #[prost(string, repeated, tag = "3")]
    pub fetch: Vec<String>,
    #[prost(string, repeated, tag = "4")]
    pub target: Vec<String>,
    #[prost(bool, tag = "7")]
    pub store_errors_in_response_body: bool,
}

#[derive(Clone, PartialEq, Message)]
pub struct RunStepResponse {
    #[prost(message, repeated, tag = "1")]
    pub tensor: Vec<NamedTensorProto>,
    #[prost(int32, tag = "3")]
    pub status_code: i32,
    #[prost(string, tag = "4")]
    pub status_error_message: String,
}

#[derive(Clone, PartialEq, Message)]
pub struct CloseSessionRequest {
    #[prost(string, tag = "1")]
    pub session_handle: String,
}

#[derive(Clone, PartialEq, Message)]
pub struct CloseSessionResponse {}

#[derive(Clone, PartialEq, Message)]
pub struct ListDevicesRequest {
    #[prost(string, tag = "1")]
    pub session_handle: String,
}

#[derive(Clone, PartialEq, Message)]
pub struct ListDevicesResponse {
    #[prost(message, repeated, tag = "1")]
    pub local_device: Vec<DeviceAttributes>,
    #[prost(message, repeated, tag = "2")]
    pub remote_device: Vec<DeviceAttributes>,
}

#[derive(Clone, PartialEq, Message)]
pub struct DeviceAttributes {
    #[prost(string, tag = "1")]
    pub name: String,
    #[prost(string, tag = "2")]
    pub device_type: String,
    #[prost(int64, tag = "4")]
    pub memory_limit: i64,
}

#[derive(Clone, PartialEq, Message)]
pub struct ConfigProto {
    #[prost(string, repeated, tag = "4")]
    pub device_filters: Vec<String>,
    #[prost(message, optional, tag = "10")]
    pub graph_options: Option<GraphOptions>,
    #[prost(bool, tag = "15")]
    pub isolate_session_state: bool,
}

#[derive(Clone, PartialEq, Message)]
pub struct GraphOptions {
    #[prost(message, optional, tag = "3")]
    pub optimizer_options: Option<OptimizerOptions>,
    #[prost(message, optional, tag = "10")]
    pub rewrite_options: Option<RewriterConfig>,
}

#[derive(Clone, PartialEq, Message)]
pub struct OptimizerOptions {
    #[prost(int32, tag = "3")]
    pub opt_level: i32,
}

#[derive(Clone, PartialEq, Message)]
pub struct RewriterConfig {
    #[prost(bool, tag = "19")]
    pub disable_meta_optimizer: bool,
}
