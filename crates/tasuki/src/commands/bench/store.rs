//! The floor's own database on a server: a copy from before the operations ran.

use store::link::Link;

use super::DATABASE;

/// A copy of a server's database; nobody may be connected to the original meanwhile.
pub(super) struct ServerCopy {
    pub(super) url: String,
    admin: String,
}

impl ServerCopy {
    const NAME: &'static str = "bench_floor";

    pub(super) fn make(url: &str) -> anyhow::Result<Self> {
        // In a connection text the last word of a kind counts.
        let copy = Self {
            url: format!("{url} dbname={}", Self::NAME),
            admin: format!("{url} dbname=postgres"),
        };
        copy.run(&format!("DROP DATABASE IF EXISTS {}", Self::NAME))?;
        copy.run(&format!(
            "CREATE DATABASE {} TEMPLATE {DATABASE}",
            Self::NAME
        ))?;
        Ok(copy)
    }

    fn run(&self, command: &str) -> anyhow::Result<()> {
        const LIMIT: std::time::Duration = std::time::Duration::from_secs(600);
        Ok(Link::server(&self.admin, LIMIT)?.batch(command)?)
    }
}

impl Drop for ServerCopy {
    fn drop(&mut self) {
        if self.run(&format!("DROP DATABASE {}", Self::NAME)).is_err() {
            tracing::warn!("the floor's copy is left over");
        }
    }
}
