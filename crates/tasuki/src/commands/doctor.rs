//! `tasuki doctor`: everything that stands between this installation and real patients, in
//! one screen.

use kernel::time::Clock;

use crate::{
    commands::serve::Options,
    control::{self, Request},
    doctor::{Finding, Level},
    program::SystemClock,
};

/// Prints the findings; `Ok(false)` when a real installation must not start like this.
///
/// # Errors
/// When the data folder or the trust folder cannot be read.
pub fn run(options: &Options) -> anyhow::Result<bool> {
    let mut findings = Vec::new();
    let mut from_store = |ja: &str, en: &str| findings.extend(Finding::read(ja, en));
    control::ask_telling(&options.storage, &Request::Doctor {}, &mut from_store)?;
    let mut all = options.findings(SystemClock.now())?;
    all.append(&mut findings);
    for finding in &all {
        println!("{finding}");
    }
    let grave = all.iter().filter(|finding| finding.level == Level::Stop);
    let count = grave.count();
    if count == 0 {
        println!("本番で使えます。 / fit for production");
    } else {
        println!(
            "×の{count}件を直すまで、本番では使えません。 / not fit for production: {count} to mend"
        );
    }
    Ok(count == 0)
}
