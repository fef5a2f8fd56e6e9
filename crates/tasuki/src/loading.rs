//! A database that is loaded beside its place in the data folder and put there when it is whole:
//! a restore or a move that was cut leaves nothing that somebody could start with.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

use anyhow::ensure;
use store::{engine::DATABASE, link::Link};

const BESIDE: &str = "tasuki.db.loading";

/// The file under work; gone when this is dropped unfinished.
pub struct Loading {
    folder: PathBuf,
}

impl Loading {
    /// Begins one; what an earlier one left goes.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn begin(folder: &Path) -> anyhow::Result<(Self, Link)> {
        let loading = Self {
            folder: folder.to_path_buf(),
        };
        loading.remove();
        let link = Link::embedded_to_load(&loading.file())?;
        Ok((loading, link))
    }

    fn file(&self) -> PathBuf {
        self.folder.join(BESIDE)
    }

    fn remove(&self) {
        let _absent = fs::remove_file(self.file());
    }

    /// Makes it durable and puts it in its place, where nothing may be.
    ///
    /// # Errors
    /// When the disk does not take it.
    pub fn finish(self, link: Link) -> anyhow::Result<()> {
        link.settle()?;
        fs::rename(self.file(), self.folder.join(DATABASE))?;
        Ok(File::open(&self.folder)?.sync_all()?)
    }
}

impl Drop for Loading {
    fn drop(&mut self) {
        self.remove();
    }
}

/// Nobody starts with an empty database where another one was to be put.
///
/// # Errors
/// When a restore or a move into this folder was cut.
pub fn refuse_unfinished(folder: &Path) -> anyhow::Result<()> {
    ensure!(
        folder.join(DATABASE).exists() || !folder.join(BESIDE).exists(),
        "{0} への復元または移動が途中で終わっています。もう一度行ってください / \
         a restore or a move into {0} was cut short; do it again",
        folder.display()
    );
    Ok(())
}
