//! The repository of backups.
