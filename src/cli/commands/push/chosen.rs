//! The target that is meant: its section, its folder, and how to reach it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use dealcast::config::{LoginConfig, PushConfig, PushTarget};
use dealcast::push::connection::{Connection, LoginClient};
use dealcast::push::error::{PushError, PushStop};
use dealcast::push::ledger::Ledger;
use dealcast::push::pacer::Pacer;
use dealcast::push::plan::Plan;
use dealcast::push::secret::Secret;
use dealcast::push::target::Target;
use dealcast::push::targets::{DeltaFiles, open_server, open_table};

use super::arguments::TargetArgs;
use crate::cli::clock::chance;
use crate::cli::console::Console;
use crate::cli::error::CliError;
use crate::cli::secrets;
use crate::cli::settings::read_config;

/// A section of the configuration, and where its pushes are kept.
pub(super) struct ChosenTarget {
    pub name: String,
    pub config: PushConfig,
    /// Where its plan and ledger are.
    pub folder: PathBuf,
    /// What paths in the configuration are relative to.
    base: PathBuf,
    /// Requests sent to the server so far.
    requests: Arc<AtomicU64>,
}

impl ChosenTarget {
    pub fn of(args: TargetArgs, console: &Console) -> Result<Self, CliError> {
        let TargetArgs { name, config, state } = args;
        let (mut config, file) = read_config(config, console.printer)?;
        let base = file.as_deref().and_then(Path::parent).map(Path::to_owned).unwrap_or_default();
        let known = config.push.keys().cloned().collect::<Vec<_>>().join(", ");
        let name = match name {
            Some(name) => name,
            None if config.push.len() == 1 => known.clone(),
            None if config.push.is_empty() => {
                let hint = "write a [push.NAME] section into dealcast.toml; `dealcast help push` shows some";
                return Err(CliError::usage("no push target is configured").hint(hint));
            }
            None => return Err(CliError::usage(format!("name one of the push targets {known}"))),
        };
        let Some(config) = config.push.remove(&name) else {
            return Err(CliError::usage(format!("{name:?} is no push target, expected one of {known}")));
        };
        let folder = state.unwrap_or_else(|| base.join("push")).join(&name);
        Ok(Self::new(name, config, folder, base))
    }

    /// The target `name`, whose section is `config`, kept in `folder`; paths in the section are relative to `base`.
    pub fn new(name: String, config: PushConfig, folder: PathBuf, base: PathBuf) -> Self {
        Self { name, config, folder, base, requests: Arc::default() }
    }

    /// Requests sent to the server so far.
    pub fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// The target itself; of files `ledger` says what earlier ones had. Nothing is connected to yet.
    pub fn open<'a>(
        &self,
        ledger: &Ledger,
        is_full: bool,
        pacer: &'a dyn Pacer,
    ) -> Result<Box<dyn Target + 'a>, CliError> {
        match self.config.layout.filter(|_| self.config.target == PushTarget::File) {
            Some(layout) => {
                let nothing = BTreeMap::new();
                let known = if is_full { &nothing } else { ledger.acknowledged() };
                Ok(Box::new(DeltaFiles::new(self.folder.join("files"), layout, self.config.format, known)))
            }
            None => self.open_other(pacer),
        }
    }

    /// The same, to write `plan` to.
    pub fn open_for<'a>(
        &self,
        plan: &Plan,
        ledger: &Ledger,
        pacer: &'a dyn Pacer,
    ) -> Result<Box<dyn Target + 'a>, CliError> {
        match self.config.layout.filter(|_| self.config.target == PushTarget::File) {
            Some(layout) => {
                let (folder, known) = (self.folder.join("files"), ledger.acknowledged());
                Ok(Box::new(DeltaFiles::new(folder, layout, self.config.format, known).of(plan, ledger)))
            }
            None => self.open_other(pacer),
        }
    }

    fn open_other<'a>(&self, pacer: &'a dyn Pacer) -> Result<Box<dyn Target + 'a>, CliError> {
        let of_the_key =
            |stop: PushStop| PushStop { message: format!("`push.{}.file`: {}", self.name, stop.message), ..stop };
        match open_table(&self.config, &self.base).map_err(|stop| PushError::Stopped(of_the_key(stop)))? {
            Some(table) => Ok(table),
            None => self.open_server(pacer),
        }
    }

    fn open_server<'a>(&self, pacer: &'a dyn Pacer) -> Result<Box<dyn Target + 'a>, CliError> {
        let PushConfig { secret, ca_file, proxy, timeout_seconds, .. } = &self.config;
        let Some(url) = self.config.address() else {
            return Err(CliError::internal("the section of the target was not checked"));
        };
        let connection = Connection {
            url: url.to_owned(),
            secret: secret.as_ref().map_or_else(|| Ok(Secret::none()), |secret| secrets::load(secret, &self.base))?,
            login: self.config.login.as_ref().map(|login| self.client(login, url)).transpose()?,
            ca_pem: ca_file.as_ref().map(|file| secrets::named_file("ca_file", &self.base.join(file))).transpose()?,
            ca_file: ca_file.as_ref().map(|file| self.base.join(file)),
            proxy: proxy.clone(),
            timeout: Duration::from_secs(u64::from(*timeout_seconds)),
            parallel: self.config.parallel,
            requests_per_second: self.config.requests_per_second,
            tries: self.config.tries,
            pacer,
            seed: chance(),
            requests: Arc::clone(&self.requests),
        };
        let target = open_server(&self.config, connection).map_err(PushError::Stopped)?;
        target.ok_or_else(|| CliError::internal("the section of the target was not checked"))
    }

    /// The client that logs in for access tokens.
    fn client(&self, login: &LoginConfig, url: &str) -> Result<LoginClient, CliError> {
        let refresh = login.refresh_token.as_ref().map(|source| secrets::load(source, &self.base)).transpose()?;
        Ok(LoginClient {
            token_url: login.token_address(self.config.target, url).unwrap_or_default(),
            client_id: login.client_id.clone(),
            refresh_token: refresh,
            scope: login.scope.clone(),
        })
    }
}
