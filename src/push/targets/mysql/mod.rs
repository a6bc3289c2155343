//! MySQL and MariaDB: a connection, the rows that go over it, and what its errors mean.

mod fault;
mod rows;
mod server;

pub(super) use server::Mysql;
