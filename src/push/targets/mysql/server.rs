//! MySQL and MariaDB: a connection, and what is said over it.
//!
//! A batch is a transaction of statements that put in many rows each. TLS off this machine; a server that says nothing is left
//! after a while. Knows no deals: a table, rows and columns.

use std::collections::BTreeMap;

use mysql::prelude::Queryable;
use mysql::{Conn, Error, OptsBuilder, Params, Row, SslOpts, TxOpts, Value};

use crate::config::{SqlAddress, SqlPlace};
use crate::push::connection::Connection;
use crate::push::error::PushStop;
use crate::push::target::{RecordChange, TargetField};
use crate::push::targets::mysql::fault::fault_of;
use crate::push::targets::mysql::rows::{Catalogue, many, parameters, put_statement, read_values, selection};
use crate::push::targets::sql::fault::SqlFault;
use crate::push::targets::sql::found::FoundTable;
use crate::push::targets::sql::table::SqlTable;
use crate::push::targets::sql::target::SqlServer;
use crate::push::value::FieldValues;

/// Rows of one statement. A statement has at most 65,535 values, and is smaller than the smallest packet servers take.
const ROWS: usize = 1_000;

/// What every session is told: a value that does not fit is refused and not cut, and quotes are what the standard says.
const MODE: &str = "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'";

/// A MySQL or MariaDB server.
pub(in crate::push::targets) struct Mysql<'a> {
    connection: Connection<'a>,
    options: OptsBuilder,
    client: Option<Conn>,
}

impl<'a> Mysql<'a> {
    /// Connects to nothing yet.
    pub fn new(connection: Connection<'a>, address: &SqlAddress) -> Self {
        // The crate takes the provider of the process, which others here name themselves.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let needs_tls = !address.is_on_this_machine() || connection.ca_file.is_some();
        let tls = needs_tls.then(|| SslOpts::default().with_root_cert_path(connection.ca_file.clone()));
        let (time, lock) = (connection.timeout, (connection.timeout.as_secs() / 2).max(1));
        let milliseconds = u32::try_from(time.as_millis()).ok();
        let place = match &address.place {
            SqlPlace::Host(host) => OptsBuilder::new().ip_or_hostname(Some(host)).tcp_port(address.port),
            SqlPlace::Socket(path) => OptsBuilder::new().socket(Some(path.to_string_lossy())),
        };
        let options = place
            .prefer_socket(matches!(address.place, SqlPlace::Socket(_)))
            .user(Some(&address.user))
            .pass(connection.secret.given())
            .db_name(Some(&address.database))
            .ssl_opts(tls)
            .tcp_connect_timeout(Some(time))
            .tcp_user_timeout_ms(milliseconds)
            .tcp_keepalive_time_ms(milliseconds)
            .read_timeout(Some(time))
            .write_timeout(Some(time))
            .init(vec![
                MODE.to_owned(),
                format!(
                    "SET SESSION innodb_lock_wait_timeout = {lock}, lock_wait_timeout = {lock}, time_zone = '+00:00'"
                ),
            ]);
        Self { connection, options, client: None }
    }

    fn connect(&mut self) -> Result<Conn, SqlFault> {
        if let Some(client) = self.client.take() {
            return Ok(client);
        }
        Conn::new(self.options.clone()).map_err(|error| match fault_of(&error) {
            SqlFault::Lost(why) | SqlFault::Closed(why) => {
                SqlFault::Closed(format!("{}: {}", self.connection.url, self.connection.secret.hide_in(why)))
            }
            fault => self.hidden(fault),
        })
    }

    /// Does `work` over a connection.
    fn over<T>(&mut self, work: impl FnOnce(&mut Conn) -> Result<T, Error>) -> Result<T, SqlFault> {
        let mut client = self.connect()?;
        let done = work(&mut client).map_err(|error| self.hidden(fault_of(&error)));
        // A connection that was lost once is not used again.
        self.client = Some(client).filter(|_| !matches!(done, Err(SqlFault::Lost(_))));
        done
    }

    /// A fault without the secret.
    fn hidden(&self, fault: SqlFault) -> SqlFault {
        let hidden = |text| self.connection.secret.hide_in(text);
        match fault {
            SqlFault::Closed(why) => SqlFault::Closed(hidden(why)),
            SqlFault::Lost(why) => SqlFault::Lost(hidden(why)),
            SqlFault::Busy(why) => SqlFault::Busy(hidden(why)),
            SqlFault::Data(why) => SqlFault::Data(hidden(why)),
            SqlFault::Stop(PushStop { kind, message, .. }) => SqlFault::stop(kind, hidden(message)),
        }
    }
}

impl SqlServer for Mysql<'_> {
    fn look(&mut self, table: &SqlTable) -> Result<Option<FoundTable>, SqlFault> {
        self.over(|client| Catalogue::read(client, table))
    }

    fn make(&mut self, statement: &str) -> Result<(), SqlFault> {
        self.over(|client| client.query_drop(statement))
    }

    fn read(
        &mut self,
        table: &SqlTable,
        fields: &[&TargetField],
        deals: Option<&[&str]>,
    ) -> Result<BTreeMap<String, FieldValues>, SqlFault> {
        let all = selection(table, fields);
        self.over(|client| {
            let mut rows = BTreeMap::new();
            let Some(deals) = deals else {
                read_rows(client.query_iter(&all)?, fields, &mut rows)?;
                return Ok(rows);
            };
            for some in deals.chunks(ROWS) {
                let named = format!("{all} WHERE {} IN ({})", table.columns(&[])[0], many("?", some.len()));
                let deals = some.iter().map(|deal| Value::from(*deal)).collect();
                read_rows(client.exec_iter(named, Params::Positional(deals))?, fields, &mut rows)?;
            }
            Ok(rows)
        })
    }

    fn put(&mut self, table: &SqlTable, rows: &[&RecordChange], fields: &[TargetField]) -> Result<(), SqlFault> {
        let fields: Vec<&TargetField> =
            fields.iter().filter(|field| rows.iter().any(|row| row.new.contains_key(&field.name))).collect();
        self.over(|client| {
            let mut transaction = client.start_transaction(TxOpts::default())?;
            for some in rows.chunks(ROWS) {
                let put = put_statement(table, &fields, some.len());
                transaction.exec_drop(put, Params::Positional(parameters(some, &fields)))?;
            }
            transaction.commit()
        })
    }
}

/// Reads rows of an id and these fields.
fn read_rows(
    result: impl Iterator<Item = Result<Row, Error>>,
    fields: &[&TargetField],
    rows: &mut BTreeMap<String, FieldValues>,
) -> Result<(), Error> {
    for row in result {
        rows.extend(read_values(row?, fields));
    }
    Ok(())
}
