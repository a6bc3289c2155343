//! What it takes to reach a server: address, secrets, certificates, and how patient one is. Connects to nothing.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use crate::push::pacer::Pacer;
use crate::push::secret::Secret;

/// How a server is reached.
pub struct Connection<'a> {
    /// Address without the path of its interface.
    pub url: String,
    /// The key or password; of a login the client's secret.
    pub secret: Secret,
    /// How access tokens are got, where the secret is none itself.
    pub login: Option<LoginClient>,
    /// Certificates to trust in place of the public ones, PEM.
    pub ca_pem: Option<String>,
    /// The file they are in.
    pub ca_file: Option<PathBuf>,
    /// Proxy to go through.
    pub proxy: Option<String>,
    /// How long to wait for an answer.
    pub timeout: Duration,
    /// Most requests on the way at once.
    pub parallel: u32,
    /// Most requests in a second.
    pub requests_per_second: Option<f64>,
    /// How often a request is tried in all.
    pub tries: u32,
    /// How to wait.
    pub pacer: &'a dyn Pacer,
    /// For the jitter of pauses.
    pub seed: u64,
    /// Counts the requests that are sent.
    pub requests: Arc<AtomicU64>,
}

/// A client that logs in for access tokens (OAuth 2).
pub struct LoginClient {
    /// Address tokens are given out at.
    pub token_url: String,
    /// What the client is called there.
    pub client_id: String,
    /// What a user gave the client; none where it logs in for itself.
    pub refresh_token: Option<Secret>,
    /// What the token is asked for.
    pub scope: Option<String>,
}
