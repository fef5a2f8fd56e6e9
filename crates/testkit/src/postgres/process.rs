//! The server's processes: killed, paused and started again, as bad luck would.
//!
//! A server is one process (the postmaster) and its children. They are found in `/proc`, and
//! only one whose working folder is this cluster's data folder is ever touched.

use std::{
    fs,
    path::PathBuf,
    process::Command,
    time::{Duration, Instant},
};

use super::{Cluster, ClusterError};

/// How long a killed process may take to be gone.
const GONE_WITHIN: Duration = Duration::from_secs(20);
const LOOK_EVERY: Duration = Duration::from_millis(5);

impl Cluster {
    /// Kills the server at once (SIGKILL), all its processes, without a chance to write
    /// anything; returns when they are gone. A server that does not run stays as it is.
    ///
    /// # Errors
    /// [`ClusterError`] when it cannot be killed.
    pub fn kill(&self) -> Result<(), ClusterError> {
        // Stopped first, so that no child is born meanwhile.
        self.signal("STOP")?;
        self.signal("KILL")?;
        let begin = Instant::now();
        while !self.processes().is_empty() {
            if begin.elapsed() > GONE_WITHIN {
                return Err(ClusterError::Program {
                    program: "kill",
                    words: format!("{:?} would not go", self.processes()),
                });
            }
            std::thread::park_timeout(LOOK_EVERY);
        }
        Ok(())
    }

    /// Stops all its processes where they are (SIGSTOP), as a machine that hangs.
    ///
    /// # Errors
    /// [`ClusterError`] when they cannot be stopped.
    pub fn pause(&self) -> Result<(), ClusterError> {
        self.signal("STOP")
    }

    /// Lets them go on.
    ///
    /// # Errors
    /// [`ClusterError`] when they cannot.
    pub fn resume(&self) -> Result<(), ClusterError> {
        self.signal("CONT")
    }

    /// Starts the server again: after [`Cluster::kill`], with recovery from its log; one that
    /// runs is stopped in order first.
    ///
    /// # Errors
    /// [`ClusterError`] when it does not come up.
    pub fn restart(&self) -> Result<(), ClusterError> {
        if self.processes().is_empty() {
            self.sweep()?;
        } else {
            self.control("stop", &["--mode".as_ref(), "fast".as_ref()])?;
        }
        self.begin()
    }

    /// Removes what a killed server left to say that it runs. PostgreSQL does so by itself,
    /// unless another process has got the number meanwhile.
    fn sweep(&self) -> Result<(), ClusterError> {
        let left = [
            self.data().join("postmaster.pid"),
            self.folder.join(".s.PGSQL.5432"),
            self.folder.join(".s.PGSQL.5432.lock"),
        ];
        for file in left {
            match fs::remove_file(file) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(error.into());
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn signal(&self, name: &str) -> Result<(), ClusterError> {
        // Some may have ended since they were listed, and a postmaster that is stopped makes
        // no new ones: whoever is left after a few rounds is told of.
        for _ in 0..3 {
            let processes = self.processes();
            if processes.is_empty() {
                return Ok(());
            }
            let status = Command::new("sh")
                .args(["-c", "kill -s \"$0\" \"$@\"", name])
                .args(processes.iter().map(u32::to_string))
                .stderr(std::process::Stdio::null())
                .status()?;
            if status.success() {
                return Ok(());
            }
        }
        let left = self.processes();
        if left.is_empty() || name == "KILL" {
            return Ok(());
        }
        Err(ClusterError::Program {
            program: "kill",
            words: format!("{left:?} could not be sent {name}"),
        })
    }

    /// The postmaster first, then its children; none when it does not run.
    ///
    /// All of them have the data folder as their working folder. Whoever has ended and only
    /// waits to be fetched has none.
    fn processes(&self) -> Vec<u32> {
        let Ok(data) = self.data().canonicalize() else {
            return Vec::new();
        };
        let Ok(all) = fs::read_dir("/proc") else {
            return Vec::new();
        };
        let ours = |entry: fs::DirEntry| -> Option<u32> {
            let number = entry.file_name().to_str()?.parse().ok()?;
            let at: PathBuf = fs::read_link(entry.path().join("cwd")).ok()?;
            (at == data).then_some(number)
        };
        let mut found: Vec<u32> = all.filter_map(|entry| ours(entry.ok()?)).collect();
        let postmaster = self.postmaster();
        found.sort_by_key(|number| (Some(*number) != postmaster, *number));
        found
    }

    fn postmaster(&self) -> Option<u32> {
        let text = fs::read_to_string(self.data().join("postmaster.pid")).ok()?;
        text.lines().next()?.trim().parse().ok()
    }
}
