//! What a cluster's master is asked (`tensorflow.MasterService`).

use std::time::Duration;

use http::uri::PathAndQuery;
use prost::Message;
use tonic::client::Grpc;
use tonic::transport::{Channel, ClientTlsConfig, Endpoint};
use tonic::{Request, Status};
use tonic_prost::ProstCodec;

use super::LIMIT;
use super::failure::{Failure, unconnected};
use super::target::Target;
use crate::proto::master::{
    CloseSessionRequest, CloseSessionResponse, CreateSessionRequest, CreateSessionResponse, ListDevicesRequest,
    ListDevicesResponse, RunStepRequest, RunStepResponse,
};

/// How long a connection may take to come about.
const CONNECT: Duration = Duration::from_secs(8);

/// So much may be under way before the other side has to say that it was read.
const WINDOW: u32 = 64 << 20;

/// A connection to a master.
#[derive(Clone)]
pub struct Master(Grpc<Channel>);

impl Master {
    /// Connects.
    pub async fn connect(target: &Target) -> Result<Master, Failure> {
        let failed = |error| unconnected(target, &error);
        let mut endpoint = Endpoint::from_shared(target.uri())
            .map_err(failed)?
            .connect_timeout(CONNECT)
            .tcp_nodelay(true)
            .initial_stream_window_size(WINDOW)
            .initial_connection_window_size(WINDOW)
            .max_frame_size((1 << 24) - 1);
        if target.tls {
            let tls = ClientTlsConfig::new().with_native_roots().assume_http2(true).timeout(CONNECT);
            endpoint = endpoint.tls_config(tls).map_err(failed)?;
        }
        let channel = endpoint.connect().await.map_err(failed)?;
        let unlimited = Grpc::new(channel).max_decoding_message_size(LIMIT).max_encoding_message_size(LIMIT);
        Ok(Master(unlimited))
    }

    async fn call<Q, A>(&mut self, method: &'static str, message: Q) -> Result<A, Status>
    where
        Q: Message + Send + Sync + 'static,
        A: Message + Default + Send + Sync + 'static,
    {
        self.0.ready().await.map_err(|error| Status::from_error(Box::new(error)))?;
        let path = PathAndQuery::from_static(method);
        self.0.unary(Request::new(message), path, ProstCodec::<Q, A>::default()).await.map(tonic::Response::into_inner)
    }

    /// Opens a session over a graph.
    pub async fn create_session(&mut self, message: CreateSessionRequest) -> Result<CreateSessionResponse, Status> {
        self.call("/tensorflow.MasterService/CreateSession", message).await
    }

    /// Runs a step of a session.
    pub async fn run_step(&mut self, message: RunStepRequest) -> Result<RunStepResponse, Status> {
        self.call("/tensorflow.MasterService/RunStep", message).await
    }

    /// The devices of a session.
    pub async fn list_devices(&mut self, message: ListDevicesRequest) -> Result<ListDevicesResponse, Status> {
        self.call("/tensorflow.MasterService/ListDevices", message).await
    }

    /// Closes a session.
    pub async fn close_session(&mut self, message: CloseSessionRequest) -> Result<CloseSessionResponse, Status> {
        self.call("/tensorflow.MasterService/CloseSession", message).await
    }
}
