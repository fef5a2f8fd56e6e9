//! What the operator does next when the store cannot be opened, in Japanese and English.

use std::io::ErrorKind;

use kernel::Text;
use keystore::KeyError;

use crate::StoreError;

impl StoreError {
    /// The next step for whoever started the program; `None` when there is none to name.
    #[must_use]
    pub fn remedy(&self) -> Option<Text> {
        let (ja, en) = match self {
            Self::Locked => (
                "このデータフォルダは別のプログラムが使用中です。先にそちらを終了してください。",
                "end the program that uses this data folder first",
            ),
            Self::Schema(_) => (
                "このデータに合うプログラムで起動するか、別のデータフォルダを指定してください。",
                "start the program that fits this data, or give another data folder",
            ),
            Self::Key(error) => return key(error),
            Self::KeysAbsent => (
                "keys.db と kek.bin(または root.json)をデータフォルダに戻してください。",
                "bring keys.db and kek.bin (or root.json) back into the data folder",
            ),
            Self::DatabaseAbsent(_) => (
                "tasuki.db を戻すか、正しい --database-url を指定するか、バックアップから復元してください。",
                "bring tasuki.db back, give the right --database-url, or restore a backup",
            ),
            Self::Postgres(_) => (
                "データベースサーバが動いているか、接続先の指定が正しいかを確かめてください。",
                "look whether the database server runs and whether the address is right",
            ),
            Self::Address => (
                "--database-url の書き方を直してください。",
                "correct --database-url",
            ),
            Self::Unprotected => (
                "別の機械のデータベースへは、暗号化した経路(stunnel など)を同じ機械に用意し、そこへ接続してください。",
                "set up an encrypted tunnel on this machine and give its address",
            ),
            Self::Broken => (
                "ディスクを点検してから、もう一度起動してください。",
                "check the disk, then start again",
            ),
            Self::Io(error) => io(error.kind()),
            Self::Sqlite(error) => sqlite(error),
            _ => return None,
        };
        Some(Text { ja, en })
    }
}

const fn io(kind: ErrorKind) -> (&'static str, &'static str) {
    match kind {
        ErrorKind::StorageFull => (
            "ディスクに空きを作ってから、もう一度起動してください。",
            "make room on the disk, then start again",
        ),
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => (
            "このフォルダに書き込める権限で起動するか、別のフォルダを指定してください。",
            "start as somebody who may write to this folder, or give another one",
        ),
        _ => (
            "データフォルダの場所を確かめて、--data で指定し直してください。",
            "look where the data folder is, and give it with --data",
        ),
    }
}

fn sqlite(error: &rusqlite::Error) -> (&'static str, &'static str) {
    use rusqlite::ErrorCode::{CannotOpen, DiskFull, NotADatabase, PermissionDenied, ReadOnly};
    match error.sqlite_error_code() {
        Some(NotADatabase) => (
            "tasuki.db はデータベースではありません。別のデータフォルダを指定するか、バックアップから戻してください。",
            "tasuki.db is no database; give another data folder, or restore a backup",
        ),
        Some(DiskFull) => io(ErrorKind::StorageFull),
        Some(CannotOpen | PermissionDenied | ReadOnly) => io(ErrorKind::PermissionDenied),
        _ => (
            "ディスクを点検してください。壊れているときはバックアップから戻してください。",
            "check the disk; if the database is damaged, restore a backup",
        ),
    }
}

fn key(error: &KeyError) -> Option<Text> {
    let (ja, en) = match error {
        KeyError::Foreign => (
            "このデータベースの鍵ではありません。正しい keys.db と kek.bin(または root.json)を戻してください。",
            "these keys are not this database's; bring the right keys.db and kek.bin (or root.json) back",
        ),
        KeyError::InUse => (
            "このデータフォルダは別のプログラムが使用中です。先にそちらを終了してください。",
            "end the program that uses this data folder first",
        ),
        _ => (
            "鍵の開け方(--passphrase-file、--pkcs11-module)と、データフォルダの keys.db・kek.bin・root.json を確かめてください。",
            "look at what opens the keys (--passphrase-file, --pkcs11-module) and at keys.db, kek.bin and root.json in the data folder",
        ),
    };
    Some(Text { ja, en })
}
