//! `tasuki audit verify`: the whole log, without keys and without the program.

use anyhow::Context;
use store::verify::{self, Report};

use crate::storage::Storage;

/// Verifies the audit log of a data folder and says what was checked; `Ok(false)` when a
/// record is bad, which is named.
///
/// # Errors
/// When the folder cannot be read.
pub fn verify(storage: &Storage, key: Option<&str>) -> anyhow::Result<bool> {
    let key = key
        .map(|text| kernel::hex::decode(text).context("the key is not hexadecimal"))
        .transpose()?;
    let mut told = 0;
    let outcome = storage.with_link(|link| {
        let checked = verify::verify_link(link, key.as_deref(), &mut |report: &Report| {
            if report.records >= told + 1_000_000 {
                told = report.records;
                eprintln!("… {told} 件を確認しました / {told} records checked");
            }
        });
        Ok(checked?)
    })?;
    match outcome {
        Ok(report) => {
            println!(
                "監査証跡は正しくつながっています: 対象 {} 件、記録 {} 件、うち封印済み {} 件、封印 {} 個",
                report.subjects, report.records, report.sealed, report.seals
            );
            println!(
                "the audit log is whole: {} subjects, {} records, {} of them sealed, {} seals",
                report.subjects, report.records, report.sealed, report.seals
            );
            Ok(true)
        }
        Err(fault) => {
            println!("監査証跡に問題があります / the audit log is not whole: {fault}");
            Ok(false)
        }
    }
}
