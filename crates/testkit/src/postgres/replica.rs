//! A second server that follows the first one's log, and takes its place.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use super::{Client, Cluster, ClusterError, USER, fresh_folder};

const STREAMS_WITHIN: Duration = Duration::from_secs(30);
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// What a commit on a server with a standby waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Commits {
    /// Until the standby, too, has it on its disk: nothing acknowledged is lost with the
    /// first machine.
    WaitForTheStandby,
    /// For the first machine's own disk.
    Alone,
}

impl Cluster {
    /// A standby of this server: a copy of it, made now, that follows its log through a
    /// replication slot of its own. It answers reads only, until it is promoted.
    ///
    /// Returns when it streams. A server has one synchronous standby at a time, the last.
    ///
    /// # Errors
    /// [`ClusterError`] when the copy cannot be made or does not follow.
    pub fn standby(&self, commits: Commits) -> Result<Self, ClusterError> {
        let standby = Self {
            bin: self.bin.clone(),
            folder: fresh_folder()?,
        };
        let name = slot_name(&standby.folder);
        let data = standby.data();
        let from = format!(
            "host='{}' user={USER} application_name={name}",
            self.folder.display()
        );
        standby.run(
            "pg_basebackup",
            &[
                "--dbname".as_ref(),
                from.as_ref(),
                "--pgdata".as_ref(),
                data.as_os_str(),
                "--write-recovery-conf".as_ref(),
                "--create-slot".as_ref(),
                "--slot".as_ref(),
                name.as_ref(),
                "--checkpoint".as_ref(),
                "fast".as_ref(),
                "--no-sync".as_ref(),
                "--no-password".as_ref(),
            ],
        )?;
        standby.write_settings(&[
            (
                "unix_socket_directories",
                &standby.folder.display().to_string(),
            ),
            // Promoted, it waits for nobody.
            ("synchronous_standby_names", ""),
            // A follower that lost its leader looks for it again soon.
            ("wal_retrieve_retry_interval", "200ms"),
        ])?;
        standby.begin()?;
        if commits == Commits::WaitForTheStandby {
            self.settings(&[("synchronous_standby_names", &name)])?;
        }
        self.wait_until_streaming(commits)?;
        Ok(standby)
    }

    /// Waits until a standby follows this server, as `commits` says.
    ///
    /// # Errors
    /// [`ClusterError`] when none does within half a minute.
    pub fn wait_until_streaming(&self, commits: Commits) -> Result<(), ClusterError> {
        let mut client = self.client()?;
        let begin = Instant::now();
        while !streams(&mut client, commits)? {
            if begin.elapsed() > STREAMS_WITHIN {
                return Err(ClusterError::Program {
                    program: "standby",
                    words: format!("it does not follow {}", self.folder.display()),
                });
            }
            std::thread::park_timeout(LOOK_EVERY);
        }
        Ok(())
    }

    /// Makes a standby a server of its own, which accepts writes; returns when it does.
    ///
    /// # Errors
    /// [`ClusterError`] when it is no standby, or does not run.
    pub fn promote(&self) -> Result<(), ClusterError> {
        self.control("promote", &[])
    }
}

fn streams(client: &mut Client, commits: Commits) -> Result<bool, ClusterError> {
    let rows = client.simple_query("TABLE pg_stat_replication")?;
    Ok(rows.iter().any(|row| match row {
        ::postgres::SimpleQueryMessage::Row(row) => {
            let is_synchronous = matches!(row.get("sync_state"), Some("sync" | "quorum"));
            row.get("state") == Some("streaming") && (commits == Commits::Alone || is_synchronous)
        }
        _ => false,
    }))
}

/// The standby's name to its primary; letters, digits and underscores only.
fn slot_name(folder: &Path) -> String {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    name.replace('-', "_")
}
