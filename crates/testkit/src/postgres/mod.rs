//! A PostgreSQL server of one's own, for tests: the second engine's statements are prepared
//! and its schema is read on the real thing.
//!
//! The server is Debian's package. It listens on a unix socket only, inside a fresh folder
//! that nobody but its user enters, and ends with its [`Cluster`]. PostgreSQL refuses to run
//! as root, so root runs it as user `postgres`.
//!
//! For what must bear bad luck, a cluster can have a standby that follows it over streaming
//! replication ([`Cluster::standby`], [`Cluster::promote`]), be killed, paused and started
//! again ([`Cluster::kill`], [`Cluster::pause`], [`Cluster::restart`]).
//! Source: PostgreSQL 15 documentation, chapters 27 (high availability) and 34.1 (libpq).

mod process;
mod replica;

use std::{
    ffi::OsStr,
    fs,
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt as _, MetadataExt as _, chown},
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    sync::atomic::{AtomicU64, Ordering},
};

pub use ::postgres::Client;
use ::postgres::{Config, NoTls};
pub use replica::Commits;

/// Where Debian puts each major version's programs.
const VERSIONS: &str = "/usr/lib/postgresql";
/// The one who owns the databases, and as whom root runs the server.
const USER: &str = "postgres";
/// Longest address of a unix socket on Linux.
const SOCKET_BYTES_MAX: usize = 107;
/// Seconds for the server to answer after its start.
const START_SECONDS_MAX: &str = "60";

static COUNT: AtomicU64 = AtomicU64::new(0);

/// Why a server could not be had although PostgreSQL is installed.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// The folder could not be made or read.
    #[error("the server's folder: {0}")]
    Folder(#[from] io::Error),
    /// The temporary folder's name is so long that no socket fits into it.
    #[error("a socket in {0} would have too long a name; choose a shorter TMPDIR")]
    LongPath(PathBuf),
    /// One of PostgreSQL's programs failed; with its own words.
    #[error("{program}: {words}")]
    Program {
        /// Which.
        program: &'static str,
        /// What it wrote.
        words: String,
    },
    /// The server answered with an error.
    #[error("the server's answer: {0:?}")]
    Server(#[from] ::postgres::Error),
}

/// Does a commit wait for the disk?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Durability {
    /// It does, as in production: for whatever measures, or kills the server.
    #[default]
    Disk,
    /// It does not: for tests that only look at schema and statements.
    Memory,
}

/// A running server; it stops, and its folder goes, when this is dropped.
#[derive(Debug)]
pub struct Cluster {
    bin: PathBuf,
    folder: PathBuf,
}

impl Cluster {
    /// A fresh server whose commits wait for the disk; `None` when PostgreSQL is not
    /// installed, which the caller says aloud (`SKIPPED: …`).
    ///
    /// # Errors
    /// [`ClusterError`] when it is installed and does not start.
    pub fn start() -> Result<Option<Self>, ClusterError> {
        Self::start_with(Durability::Disk)
    }

    /// As [`Cluster::start`], with this durability.
    ///
    /// # Errors
    /// As [`Cluster::start`].
    pub fn start_with(durability: Durability) -> Result<Option<Self>, ClusterError> {
        let Some(bin) = newest(Path::new(VERSIONS)) else {
            return Ok(None);
        };
        // Whatever fails from here on, the value's end removes the folder again.
        let cluster = Self {
            bin,
            folder: fresh_folder()?,
        };
        cluster.init(durability)?;
        cluster.begin()?;
        Ok(Some(cluster))
    }

    /// Starts the server in its folder, as it is.
    fn begin(&self) -> Result<(), ClusterError> {
        let log = self.folder.join("log");
        let seconds: &OsStr = START_SECONDS_MAX.as_ref();
        self.control(
            "start",
            &[
                "--silent".as_ref(),
                "--timeout".as_ref(),
                seconds,
                "--log".as_ref(),
                log.as_os_str(),
            ],
        )
    }

    /// Has `pg_ctl` do something and waits until it is done.
    fn control(&self, verb: &str, more: &[&OsStr]) -> Result<(), ClusterError> {
        let data = self.data();
        let mut arguments: Vec<&OsStr> = vec![
            verb.as_ref(),
            "--wait".as_ref(),
            "--pgdata".as_ref(),
            data.as_os_str(),
        ];
        arguments.extend(more);
        self.run("pg_ctl", &arguments)
    }

    fn init(&self, durability: Durability) -> Result<(), ClusterError> {
        let data = self.data();
        self.run(
            "initdb",
            &[
                "--pgdata".as_ref(),
                data.as_os_str(),
                "--username".as_ref(),
                USER.as_ref(),
                "--encoding".as_ref(),
                "UTF8".as_ref(),
                "--locale".as_ref(),
                "C".as_ref(),
                // Only who may enter the folder reaches the socket.
                "--auth".as_ref(),
                "trust".as_ref(),
                "--no-sync".as_ref(),
            ],
        )?;
        let switch = match durability {
            Durability::Disk => "on",
            Durability::Memory => "off",
        };
        self.write_settings(&[
            ("listen_addresses", ""),
            (
                "unix_socket_directories",
                &self.folder.display().to_string(),
            ),
            ("unix_socket_permissions", "0700"),
            ("fsync", switch),
            ("synchronous_commit", switch),
            ("full_page_writes", switch),
        ])
    }

    /// Appends to the server's settings, of which the last of a name holds.
    fn write_settings(&self, settings: &[(&str, &str)]) -> Result<(), ClusterError> {
        let mut file = fs::OpenOptions::new()
            .append(true)
            .open(self.data().join("postgresql.conf"))?;
        for (name, value) in settings {
            writeln!(file, "{name} = '{}'", value.replace('\'', "''"))?;
        }
        Ok(())
    }

    /// Changes settings of the running server. Those that PostgreSQL reads at its start only
    /// hold after [`Cluster::restart`].
    ///
    /// # Errors
    /// [`ClusterError`] when the server does not run.
    pub fn settings(&self, settings: &[(&str, &str)]) -> Result<(), ClusterError> {
        self.write_settings(settings)?;
        self.control("reload", &[])
    }

    /// The connection text of a database here, as libpq and the `postgres` crate read it.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        Self::url_of(&[self], database)
    }

    /// The connection text for several servers, of which a client takes the one that accepts
    /// writes.
    #[must_use]
    pub fn url_of(clusters: &[&Self], database: &str) -> String {
        let quoted = |text: &str| {
            let escaped = text.replace('\\', "\\\\").replace('\'', "\\'");
            format!("'{escaped}'")
        };
        let hosts: Vec<String> = clusters
            .iter()
            .map(|cluster| cluster.folder.display().to_string())
            .collect();
        format!(
            "host={} user={USER} dbname={} target_session_attrs=read-write",
            quoted(&hosts.join(",")),
            quoted(database),
        )
    }

    /// The folder of the socket.
    #[must_use]
    pub fn socket(&self) -> &Path {
        &self.folder
    }

    /// A connection to the first database. The client must not be used inside an async runtime.
    ///
    /// # Errors
    /// [`ClusterError::Server`].
    pub fn client(&self) -> Result<Client, ClusterError> {
        self.client_of(USER)
    }

    /// Makes an empty database beside the first, and connects to it: several tests may share
    /// one server.
    ///
    /// # Errors
    /// [`ClusterError::Program`] when there is one of that name; [`ClusterError::Server`].
    pub fn database(&self, name: &str) -> Result<Client, ClusterError> {
        self.run(
            "createdb",
            &[
                "--host".as_ref(),
                self.folder.as_os_str(),
                "--username".as_ref(),
                USER.as_ref(),
                "--no-password".as_ref(),
                name.as_ref(),
            ],
        )?;
        self.client_of(name)
    }

    /// A connection to a database that is there already.
    ///
    /// # Errors
    /// [`ClusterError::Server`].
    pub fn client_of(&self, database: &str) -> Result<Client, ClusterError> {
        let client = Config::new()
            .host_path(&self.folder)
            .user(USER)
            .dbname(database)
            .connect(NoTls)?;
        Ok(client)
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn run(&self, program: &'static str, arguments: &[&OsStr]) -> Result<(), ClusterError> {
        let output = self.command(program)?.args(arguments).output()?;
        if output.status.success() {
            return Ok(());
        }
        Err(ClusterError::Program {
            program,
            words: self.words(&output),
        })
    }

    fn command(&self, program: &str) -> io::Result<Command> {
        let path = self.bin.join(program);
        let mut command = if is_root()? {
            let mut command = Command::new("setpriv");
            command
                .args(["--reuid", USER, "--regid", USER, "--init-groups", "--"])
                .arg(path);
            command
        } else {
            Command::new(path)
        };
        command
            .current_dir(&self.folder)
            .env("LC_ALL", "C")
            .stdin(Stdio::null());
        for name in ["PGDATA", "PGHOST", "PGPORT", "PGUSER", "PGDATABASE"] {
            command.env_remove(name);
        }
        Ok(command)
    }

    /// What a program wrote, and the end of the server's log.
    fn words(&self, output: &Output) -> String {
        let log = fs::read_to_string(self.folder.join("log")).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        let last = lines.get(lines.len().saturating_sub(20)..);
        format!(
            "{} {}\n{}",
            String::from_utf8_lossy(&output.stdout).trim(),
            String::from_utf8_lossy(&output.stderr).trim(),
            last.unwrap_or_default().join("\n"),
        )
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // A server that is gone already needs no stop, and no goodbye is worth waiting for.
        let _gone = self.kill();
        // What cannot be removed lies in the system's temporary place, which is swept.
        let _left = fs::remove_dir_all(&self.folder);
    }
}

/// The programs of the newest major version that is installed.
fn newest(versions: &Path) -> Option<PathBuf> {
    let numbered = |entry: fs::DirEntry| {
        let number: u32 = entry.file_name().to_str()?.parse().ok()?;
        Some((number, entry.path().join("bin")))
    };
    fs::read_dir(versions)
        .ok()?
        .filter_map(|entry| numbered(entry.ok()?))
        .filter(|(_, bin)| bin.join("initdb").exists() && bin.join("pg_ctl").exists())
        .max()
        .map(|(_, bin)| bin)
}

/// A new folder that only the server's user (and root) may enter.
fn fresh_folder() -> Result<PathBuf, ClusterError> {
    let number = COUNT.fetch_add(1, Ordering::SeqCst);
    let name = format!("tasuki-postgres-{}-{number}", std::process::id());
    let folder = std::env::temp_dir().join(name);
    if folder.join(".s.PGSQL.5432.lock").as_os_str().len() > SOCKET_BYTES_MAX {
        return Err(ClusterError::LongPath(folder));
    }
    fs::DirBuilder::new().mode(0o700).create(&folder)?;
    if is_root()? {
        let (user, group) = user_of_the_server()?;
        chown(&folder, Some(user), Some(group))?;
    }
    Ok(folder)
}

fn is_root() -> io::Result<bool> {
    Ok(fs::metadata("/proc/self")?.uid() == 0)
}

/// User and group number of [`USER`].
fn user_of_the_server() -> io::Result<(u32, u32)> {
    let accounts = fs::read_to_string("/etc/passwd")?;
    let found = accounts.lines().find_map(|line| {
        let fields: Vec<&str> = line.split(':').collect();
        match fields.as_slice() {
            [name, _, user, group, ..] if *name == USER => {
                Some((user.parse().ok()?, group.parse().ok()?))
            }
            _ => None,
        }
    });
    found.ok_or_else(|| io::Error::other("there is no user postgres, as whom root runs the server"))
}

#[cfg(test)]
mod tests;
