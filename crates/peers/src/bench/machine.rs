//! What the operating system tells: processor time, memory, reads, the disk's sync.
//!
//! Source: proc(5); Linux counts processor time for user space in hundredths of a second.

use std::{
    fs::{self, File},
    io::Write,
    path::Path,
    process::Command,
    time::Instant,
};

use anyhow::Context;

const TICK_US: u64 = 10_000;
const SYNCS: usize = 64;

/// What a process has used since it began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Usage {
    /// Processor time, user and system, in microseconds.
    pub cpu_us: u64,
    /// Bytes that came from the disk.
    pub read_bytes: u64,
}

impl Usage {
    pub(super) const fn since(&self, before: &Self) -> Self {
        Self {
            cpu_us: self.cpu_us.saturating_sub(before.cpu_us),
            read_bytes: self.read_bytes.saturating_sub(before.read_bytes),
        }
    }
}

/// The usage of a process by its number or `self`.
pub(super) fn usage(process: &str) -> anyhow::Result<Usage> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat"))?;
    // Not every sandbox shows a process's input and output.
    let io = fs::read_to_string(format!("/proc/{process}/io")).unwrap_or_default();
    Ok(Usage {
        cpu_us: cpu_us(&stat).context("processor time cannot be read")?,
        read_bytes: field(&io, "read_bytes:").unwrap_or_default(),
    })
}

/// Fields 14 and 15 of the line; the name, which may hold anything, ends at the last `)`.
pub(super) fn cpu_us(stat: &str) -> Option<u64> {
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_whitespace().skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some((user + system) * TICK_US)
}

/// Memory in use, in kB.
pub(super) fn rss_kb(process: &str) -> anyhow::Result<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    field(&status, "VmRSS:").context("memory cannot be read")
}

/// The number behind a name at the beginning of a line.
pub(super) fn field(text: &str, name: &str) -> Option<u64> {
    let rest = text.lines().find_map(|line| line.strip_prefix(name))?;
    rest.split_whitespace().next()?.parse().ok()
}

/// The median time of making 4 kB durable in a folder, in microseconds.
pub(super) fn fsync_us(folder: &Path) -> anyhow::Result<u64> {
    let path = folder.with_extension("fsync");
    let mut file = File::create(&path)?;
    let mut times = Vec::with_capacity(SYNCS);
    for _ in 0..SYNCS {
        file.write_all(&[0x5a; 4_096])?;
        let begin = Instant::now();
        file.sync_data()?;
        times.push(u64::try_from(begin.elapsed().as_micros())?);
    }
    fs::remove_file(&path)?;
    times.sort_unstable();
    times.get(SYNCS / 2).copied().context("no time")
}

/// Makes the system forget what it holds in memory of a folder's databases; nobody may have
/// them open.
pub(super) fn forget(folder: &Path) -> anyhow::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_none_or(|end| end != "db") {
            continue;
        }
        // Nothing is copied: GNU dd then says to the system that the file is not needed.
        let told = Command::new("dd")
            .arg(format!("of={}", path.display()))
            .args(["oflag=nocache", "conv=notrunc,fdatasync", "count=0"])
            .args(["status=none"])
            .status()
            .context("dd does not start")?;
        anyhow::ensure!(told.success(), "dd ended with {told}");
    }
    Ok(())
}

/// Bytes of all files of a folder.
pub(super) fn folder_bytes(folder: &Path) -> anyhow::Result<u64> {
    let mut sum = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let meta = entry.metadata()?;
        sum += if meta.is_dir() {
            folder_bytes(&entry.path())?
        } else {
            meta.len()
        };
    }
    Ok(sum)
}
