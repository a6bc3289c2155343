//! PostgreSQL: a connection, and what is said over it.
//!
//! A batch is copied into a table of the session's own and merged from there in the same transaction. TLS off this machine; a
//! server that says nothing is left after a while. Knows no deals: a table, rows and columns.

use std::collections::BTreeMap;
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use postgres::config::SslMode;
use postgres::{Client, Config, NoTls, Row};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::config::{SqlAddress, SqlPlace};
use crate::push::connection::Connection;
use crate::push::error::{PushStop, StopKind};
use crate::push::target::{RecordChange, TargetField};
use crate::push::targets::postgres::fault::fault_of;
use crate::push::targets::postgres::rows::{PutStatements, copy_text, found_column, read_values, selection};
use crate::push::targets::sql::fault::SqlFault;
use crate::push::targets::sql::found::FoundTable;
use crate::push::targets::sql::table::SqlTable;
use crate::push::targets::sql::target::SqlServer;
use crate::push::value::FieldValues;

/// A PostgreSQL server.
pub(in crate::push::targets) struct Postgres<'a> {
    connection: Connection<'a>,
    config: Config,
    tls: Option<MakeRustlsConnect>,
    client: Option<Client>,
}

/// Statements of one transaction, each of which the server may take its time for.
const STATEMENTS: u32 = 4;

impl<'a> Postgres<'a> {
    /// Connects to nothing yet.
    pub fn new(connection: Connection<'a>, address: &SqlAddress) -> Result<Self, PushStop> {
        let is_here = address.is_on_this_machine();
        let needs_tls = !is_here || connection.ca_pem.is_some();
        let tls = needs_tls.then(|| tls(connection.ca_pem.as_deref())).transpose()?;
        let mut config = Config::new();
        config
            .user(&address.user)
            .dbname(&address.database)
            .port(address.port)
            .application_name("dealcast")
            .ssl_mode(if needs_tls { SslMode::Require } else { SslMode::Disable })
            .connect_timeout(connection.timeout)
            .tcp_user_timeout(connection.timeout)
            .keepalives_idle(connection.timeout);
        match &address.place {
            SqlPlace::Host(host) => config.host(host),
            SqlPlace::Socket(folder) => config.host_path(folder),
        };
        if let Some(password) = connection.secret.given() {
            config.password(password);
        }
        Ok(Self { connection, config, tls, client: None })
    }

    /// What every session is told: how long to wait, and how days are written.
    fn session(&self) -> String {
        let most = self.connection.timeout.as_millis();
        let lock = (most / 2).max(1);
        format!(
            "SET statement_timeout = {most}; SET lock_timeout = {lock}; SET client_min_messages = warning; \
             SET datestyle = 'ISO, YMD'; SET timezone = 'UTC'; SET client_encoding = 'UTF8'"
        )
    }

    fn connect(&mut self) -> Result<Client, SqlFault> {
        if let Some(client) = self.client.take().filter(|client| !client.is_closed()) {
            return Ok(client);
        }
        let (config, tls, session) = (self.config.clone(), self.tls.clone(), self.session());
        let connected = within(self.connection.timeout, move || {
            let mut client = match tls {
                Some(tls) => config.connect(tls),
                None => config.connect(NoTls),
            }?;
            client.batch_execute(&session)?;
            Ok(client)
        });
        match connected {
            Some(Ok(client)) => Ok(client),
            Some(Err(error)) => Err(self.hidden(match fault_of(&error) {
                SqlFault::Lost(why) => SqlFault::Closed(why),
                fault => fault,
            })),
            None => Err(SqlFault::Closed(format!("{}: no answer", self.connection.url))),
        }
    }

    /// Does `work` over a connection, with a limit of its own beside the server's.
    fn over<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&mut Client) -> Result<T, postgres::Error> + Send + 'static,
    ) -> Result<T, SqlFault> {
        let mut client = self.connect()?;
        let limit = self.connection.timeout * STATEMENTS + Duration::from_secs(1);
        let done = within(limit, move || {
            let done = work(&mut client);
            (client, done)
        });
        let Some((client, done)) = done else { return Err(SqlFault::Lost("no answer of the server".to_owned())) };
        let done = done.map_err(|error| self.hidden(fault_of(&error)));
        // A connection that was lost once is not used again.
        self.client = Some(client).filter(|_| !matches!(done, Err(SqlFault::Lost(_))));
        done
    }

    /// A fault without the secret, and with the address of a server that cannot be reached.
    fn hidden(&self, fault: SqlFault) -> SqlFault {
        let hidden = |text| self.connection.secret.hide_in(text);
        match fault {
            SqlFault::Closed(why) => SqlFault::Closed(format!("{}: {}", self.connection.url, hidden(why))),
            SqlFault::Lost(why) => SqlFault::Lost(hidden(why)),
            SqlFault::Busy(why) => SqlFault::Busy(hidden(why)),
            SqlFault::Data(why) => SqlFault::Data(hidden(why)),
            SqlFault::Stop(PushStop { kind, message, .. }) => SqlFault::stop(kind, hidden(message)),
        }
    }
}

/// Does `work` in a thread of its own; nothing where it takes longer than `limit`: then the thread is left behind.
fn within<T: Send + 'static>(limit: Duration, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        // Nobody waits for it any more where it took too long.
        let _ = sender.send(work());
    });
    receiver.recv_timeout(limit).ok()
}

/// TLS that trusts the public authorities, or those of a file in their place.
fn tls(ca_pem: Option<&str>) -> Result<MakeRustlsConnect, PushStop> {
    let strange = |what: &str| PushStop::new(StopKind::Strange, what.to_owned());
    let mut roots = RootCertStore::empty();
    match ca_pem {
        None => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
        Some(pem) => {
            let certificates = CertificateDer::pem_slice_iter(pem.as_bytes()).filter_map(Result::ok);
            let (added, _) = roots.add_parsable_certificates(certificates);
            if added == 0 {
                return Err(strange("the file of certificates holds none"));
            }
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = config.map_err(|_| strange("TLS cannot be used"))?.with_root_certificates(roots).with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

/// What the server's catalogue says of a table.
const LOOK: &str = "SELECT a.attname::text, t.typname::text, a.atttypmod, \
    a.attnotnull AND NOT a.atthasdef AND a.attidentity = '', a.attgenerated <> '', \
    EXISTS (SELECT 1 FROM pg_index i WHERE i.indrelid = a.attrelid AND i.indisunique AND i.indisvalid AND i.indimmediate \
            AND i.indpred IS NULL AND i.indnkeyatts = 1 AND i.indkey[0] = a.attnum), \
    c.relkind::text \
    FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid JOIN pg_class c ON c.oid = a.attrelid \
    WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum";

impl SqlServer for Postgres<'_> {
    fn look(&mut self, table: &SqlTable) -> Result<Option<FoundTable>, SqlFault> {
        let name = table.quoted();
        let rows: Vec<Row> = self.over(move |client| client.query(LOOK, &[&name]))?;
        let Some(first) = rows.first() else { return Ok(None) };
        let kind: String = first.get(6);
        let fault =
            (!matches!(kind.as_str(), "r" | "p")).then(|| "is no table but a view or something like it".to_owned());
        Ok(Some(FoundTable { columns: rows.iter().map(found_column).collect(), fault }))
    }

    fn make(&mut self, statement: &str) -> Result<(), SqlFault> {
        let statement = statement.to_owned();
        self.over(move |client| client.batch_execute(&statement))
    }

    fn read(
        &mut self,
        table: &SqlTable,
        fields: &[&TargetField],
        deals: Option<&[&str]>,
    ) -> Result<BTreeMap<String, FieldValues>, SqlFault> {
        let selection = selection(table, fields);
        let deals: Option<Vec<String>> = deals.map(|deals| deals.iter().map(|deal| (*deal).to_owned()).collect());
        let fields: Vec<TargetField> = fields.iter().map(|field| (*field).clone()).collect();
        self.over(move |client| {
            let rows = match &deals {
                None => client.query(&selection, &[])?,
                Some(deals) => client.query(&format!("{selection} WHERE deal_id = ANY($1::text[])"), &[deals])?,
            };
            rows.iter().map(|row| Ok((row.try_get(0)?, read_values(row, &fields)?))).collect()
        })
    }

    fn put(&mut self, table: &SqlTable, rows: &[&RecordChange], fields: &[TargetField]) -> Result<(), SqlFault> {
        let fields: Vec<&TargetField> =
            fields.iter().filter(|field| rows.iter().any(|row| row.new.contains_key(&field.name))).collect();
        let (statements, text) = (PutStatements::of(table, &fields), copy_text(rows, &fields));
        self.over(move |client| statements.run(client, &text))
    }
}
