//! A PostgreSQL or MariaDB of our own: in a folder of its own, on loopback, as an unprivileged user, gone with the tests.
//!
//! Never a service of the machine. A shell between holds the server: it ends it when its standard input ends, so also when the
//! tests are killed.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// Password of the user `scorer`, as it must be nowhere.
pub const PASSWORD: &str = "database-password-marked-3c9f";
/// Password of the server's own user.
const ROOT: &str = "root-of-tests";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Postgres,
    Mariadb,
}

/// Where the programs of a kind are.
#[derive(Clone)]
pub struct Programs {
    server: PathBuf,
    initialise: PathBuf,
    client: PathBuf,
}

impl Programs {
    pub fn find(kind: Kind) -> Option<Self> {
        let names = match kind {
            Kind::Postgres => ["postgres", "initdb", "psql"],
            Kind::Mariadb => ["mariadbd", "mariadb-install-db", "mariadb"],
        };
        let [server, initialise, client] = names.map(program);
        Some(Self { server: server?, initialise: initialise?, client: client? })
    }
}

/// A program on the path, or where Debian puts those of servers.
pub fn program(name: &str) -> Option<PathBuf> {
    let on_path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&on_path).collect();
    folders.push("/usr/sbin".into());
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().filter_map(Result::ok);
    folders.extend(versions.map(|version| version.path().join("bin")));
    folders.into_iter().map(|folder| folder.join(name)).find(|path| path.exists())
}

/// A server under way.
pub struct Server {
    pub kind: Kind,
    pub port: u16,
    home: TempDir,
    programs: Programs,
    shell: Mutex<Option<Child>>,
}

impl Server {
    pub fn start(kind: Kind, programs: Programs) -> Self {
        let home = tempfile::tempdir().unwrap();
        fs::set_permissions(home.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let server = Self { kind, port, home, programs, shell: Mutex::new(None) };
        server.own(server.home.path());
        server.certify();
        server.initialise();
        server.run();
        match kind {
            Kind::Postgres => {
                server.sql_in("postgres", &format!("CREATE USER scorer PASSWORD '{PASSWORD}'"));
                server.sql_in("postgres", &format!("CREATE USER reader PASSWORD '{PASSWORD}'"));
                server.sql_in("postgres", "CREATE DATABASE sales OWNER scorer");
            }
            Kind::Mariadb => {
                let root = format!("ALTER USER root@localhost IDENTIFIED BY '{ROOT}'");
                server.client("mysql", false).arg("-e").arg(root).status().unwrap();
                for user in ["scorer", "reader"] {
                    server.sql_in("mysql", &format!("CREATE USER {user}@'%' IDENTIFIED BY '{PASSWORD}'"));
                }
                server.sql_in("mysql", "CREATE DATABASE sales; GRANT ALL ON sales.* TO scorer@'%'");
                server.sql_in("mysql", "GRANT SELECT ON sales.* TO reader@'%'");
            }
        }
        server
    }

    /// The address for `user` of database `database`.
    pub fn url_of(&self, user: &str, host: &str, database: &str) -> String {
        let scheme = if self.kind == Kind::Postgres { "postgres" } else { "mysql" };
        format!("{scheme}://{user}@{host}:{}/{database}", self.port)
    }

    pub fn url(&self) -> String {
        self.url_of("scorer", "127.0.0.1", "sales")
    }

    /// The same over the socket.
    pub fn socket_url(&self) -> String {
        match self.kind {
            Kind::Postgres => {
                format!("postgres://scorer@:{}/sales?socket={}", self.port, self.home.path().display())
            }
            Kind::Mariadb => format!("mysql://scorer@/sales?socket={}", self.path("socket").display()),
        }
    }

    pub fn target(&self) -> &'static str {
        if self.kind == Kind::Postgres { "postgres" } else { "mysql" }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// Whom the server runs as, where the tests run as root: servers refuse to.
    fn user(&self) -> Option<&'static str> {
        let is_root = fs::metadata("/proc/self").unwrap().uid() == 0;
        is_root.then_some(if self.kind == Kind::Postgres { "postgres" } else { "mysql" })
    }

    fn own(&self, path: &Path) {
        let Some(user) = self.user() else { return };
        let passwords = fs::read_to_string("/etc/passwd").unwrap();
        let line = passwords.lines().find(|line| line.starts_with(&format!("{user}:"))).unwrap();
        let numbers: Vec<u32> = line.split(':').skip(2).take(2).map(|number| number.parse().unwrap()).collect();
        chown(path, Some(numbers[0]), Some(numbers[1])).unwrap();
    }

    /// `program`, as the server's user.
    fn as_user(&self, program: &Path) -> Vec<String> {
        let own = self
            .user()
            .map(|user| [format!("--reuid={user}"), format!("--regid={user}"), "--init-groups".to_owned()].to_vec());
        let program = program.display().to_string();
        own.map_or_else(
            || vec![program.clone()],
            |own| [vec!["setpriv".to_owned()], own, vec![program.clone()]].concat(),
        )
    }

    fn finish(&self, words: &[String], more: &[String]) {
        let output =
            Command::new(&words[0]).args(&words[1..]).args(more).current_dir(self.home.path()).output().unwrap();
        assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// A private authority, and a certificate of it for the server.
    fn certify(&self) {
        let Some(openssl) = program("openssl") else { return };
        let words = [openssl.display().to_string()];
        let told = |text: String| self.finish(&words, &text.split(' ').map(str::to_owned).collect::<Vec<_>>());
        let key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";
        for name in ["ca", "other"] {
            told(format!("req -x509 {key} -days 2 -subj /CN={name} -keyout {name}.key -out {name}.pem"));
        }
        fs::write(self.path("names"), "subjectAltName=DNS:localhost,IP:127.0.0.1\nbasicConstraints=CA:FALSE\n")
            .unwrap();
        told(format!("req -new {key} -subj /CN=server -keyout server.key -out server.csr"));
        told(
            "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile names -out server.pem"
                .to_owned(),
        );
        let key = self.path("server.key");
        fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
        ["server.key", "server.pem"].iter().for_each(|name| self.own(&self.path(name)));
    }

    fn initialise(&self) {
        let data = self.path("data").display().to_string();
        match self.kind {
            Kind::Postgres => {
                fs::write(self.path("root"), ROOT).unwrap();
                let told = format!(
                    "-D {data} -U admin -A scram-sha-256 --pwfile={} -E UTF8 --locale=C -N",
                    self.path("root").display()
                );
                self.finish(
                    &self.as_user(&self.programs.initialise),
                    &told.split(' ').map(str::to_owned).collect::<Vec<_>>(),
                );
            }
            Kind::Mariadb => {
                let told =
                    format!("--no-defaults --datadir={data} --auth-root-authentication-method=normal --skip-test-db");
                self.finish(
                    &self.as_user(&self.programs.initialise),
                    &told.split(' ').map(str::to_owned).collect::<Vec<_>>(),
                );
            }
        }
    }

    /// Starts the server and waits until it answers.
    pub fn run(&self) {
        let (home, port) = (self.home.path().display(), self.port);
        let has_certificate = self.path("server.pem").exists();
        let told = match self.kind {
            Kind::Postgres => {
                let tls = if has_certificate {
                    format!(" -c ssl=on -c ssl_cert_file={home}/server.pem -c ssl_key_file={home}/server.key")
                } else {
                    String::new()
                };
                format!("-D {home}/data -p {port} -h 127.0.0.1 -k {home} -c fsync=off -c max_connections=40{tls}")
            }
            Kind::Mariadb => {
                let tls = if has_certificate {
                    format!(" --ssl-cert={home}/server.pem --ssl-key={home}/server.key")
                } else {
                    String::new()
                };
                format!(
                    "--no-defaults --datadir={home}/data --socket={home}/socket --pid-file={home}/pid --port={port} --bind-address=127.0.0.1 --innodb-flush-log-at-trx-commit=2{tls}"
                )
            }
        };
        let held = "exec 3<&0; \"$@\" </dev/null & server=$!; read ended <&3; kill -KILL $server; wait $server";
        let mut shell = Command::new("sh");
        shell.args(["-c", held, "sh"]).args(self.as_user(&self.programs.server)).args(told.split(' '));
        let log = fs::File::create(self.path("log")).unwrap();
        let shell = shell.stdin(Stdio::piped()).stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap();
        *self.shell.lock().unwrap_or_else(PoisonError::into_inner) = Some(shell);
        let since = Instant::now();
        while !self.answers() {
            assert!(since.elapsed() < Duration::from_secs(60), "{}", fs::read_to_string(self.path("log")).unwrap());
            sleep(Duration::from_millis(50));
        }
    }

    fn answers(&self) -> bool {
        let with_password = self.kind == Kind::Postgres || self.path("is-set").exists();
        let own = if self.kind == Kind::Postgres { "postgres" } else { "mysql" };
        let mut client = self.client(own, with_password);
        client.arg(if self.kind == Kind::Postgres { "-c" } else { "-e" }).arg("SELECT 1");
        client.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap().success()
    }

    /// Kills the server as a power cut would.
    pub fn kill(&self) {
        let shell = self.shell.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(mut shell) = shell {
            drop(shell.stdin.take());
            shell.wait().unwrap();
        }
        // Those that served a session see by themselves that it is gone.
        sleep(Duration::from_millis(300));
    }

    fn client(&self, database: &str, with_password: bool) -> Command {
        let mut client = Command::new(&self.programs.client);
        let port = self.port.to_string();
        match self.kind {
            Kind::Postgres => client
                .args([
                    "-X",
                    "-q",
                    "-h",
                    "127.0.0.1",
                    "-p",
                    &port,
                    "-U",
                    "admin",
                    "-d",
                    database,
                    "-v",
                    "ON_ERROR_STOP=1",
                ])
                .env("PGPASSWORD", ROOT),
            Kind::Mariadb => {
                let socket = format!("--socket={}", self.path("socket").display());
                let password = if with_password { ROOT } else { "" };
                client
                    .args([
                        "--no-defaults",
                        &socket,
                        "-u",
                        "root",
                        "--batch",
                        "--default-character-set=utf8mb4",
                        "-D",
                        database,
                    ])
                    .env("MYSQL_PWD", password)
            }
        };
        client
    }

    fn sql_in(&self, database: &str, statement: &str) -> String {
        if self.kind == Kind::Mariadb && !self.path("is-set").exists() {
            fs::write(self.path("is-set"), "").unwrap();
        }
        let mut client = self.client(database, true);
        match self.kind {
            Kind::Postgres => client.args(["--csv", "-c", statement]),
            Kind::Mariadb => client.args(["-e", statement]),
        };
        let output = client.output().unwrap();
        assert!(output.status.success(), "{statement}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// What the server's own client says.
    pub fn sql(&self, statement: &str) -> String {
        self.sql_in("sales", statement)
    }

    /// One number.
    pub fn number(&self, statement: &str) -> usize {
        self.sql(statement).lines().nth(1).unwrap_or_default().trim().parse().unwrap()
    }

    /// Waits until a push to `table` waits for rows that somebody else holds.
    pub fn wait_for_waiting(&self, table: &str) {
        let waiting = match self.kind {
            Kind::Postgres => format!(
                "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'dealcast' AND wait_event_type = 'Lock' \
                 AND query LIKE '%\"{table}\"%'"
            ),
            Kind::Mariadb => format!(
                "SELECT count(*) FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT' \
                 AND trx_query LIKE '%`{table}`%'"
            ),
        };
        let since = Instant::now();
        while self.number(&waiting) == 0 {
            assert!(since.elapsed() < Duration::from_secs(20), "no push waits");
            // MariaDB shows this table as it was when somebody last looked, unless nobody looked for a tenth of a second.
            sleep(Duration::from_millis(250));
        }
    }

    /// Somebody who does `statements` and keeps what they hold.
    pub fn holder(&self, statements: &str) -> Holder {
        let mut client = self.client("sales", true);
        if self.kind == Kind::Postgres {
            client.args(["-A", "-t"])
        } else {
            client.args(["--unbuffered", "-N"])
        };
        let mut child = client.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut input = child.stdin.take().unwrap();
        writeln!(input, "{statements};\nSELECT 'held';").unwrap();
        input.flush().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap().contains("held")), "nothing is held");
        Holder { child, input: Some(input) }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A session that holds rows until it is given up.
pub struct Holder {
    child: Child,
    input: Option<ChildStdin>,
}

impl Holder {
    /// Does something more, without waiting for it.
    pub fn tell(&mut self, statement: &str) {
        let input = self.input.as_mut().unwrap();
        writeln!(input, "{statement};").unwrap();
        input.flush().unwrap();
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        drop(self.input.take());
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
