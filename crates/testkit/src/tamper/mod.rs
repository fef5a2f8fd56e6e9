//! Doing to a copy of a data folder what nobody may do: for showing that it is noticed.

mod store;

use std::{fs, io, path::Path};

pub use store::{TamperError, edit_one_record};

/// Copies the files of a data folder that no program is using, without its lock.
///
/// # Errors
/// What the file system says.
pub fn copy_folder(from: &Path, to: &Path) -> io::Result<()> {
    if to.exists() {
        fs::remove_dir_all(to)?;
    }
    fs::create_dir_all(to)?;
    for file in fs::read_dir(from)? {
        let path = file?.path();
        if let Some(name) = path.file_name().filter(|name| *name != "lock")
            && path.is_file()
        {
            fs::copy(&path, to.join(name))?;
        }
    }
    Ok(())
}
