//! `tasuki proxy`: relations that are registered by documents, also while the program serves.

use clap::Subcommand;

use crate::{
    control::{self, Request},
    proxies::Asked,
    storage::Storage,
};

/// What can be done.
#[derive(Subcommand)]
pub enum Command {
    /// Register a parent, a foster parent or a guardian.
    Register {
        /// Where data and keys are.
        #[command(flatten)]
        storage: Storage,
        /// For whom: 32 hexadecimal digits.
        #[arg(long)]
        person: String,
        /// Who acts: 32 hexadecimal digits.
        #[arg(long)]
        proxy: String,
        /// By what right: parent, foster or guardian.
        #[arg(long)]
        kind: String,
        /// Classes of information and `choose`, a space between; everything when not given.
        #[arg(long)]
        scope: Option<String>,
        /// The last day, YYYY-MM-DD; for a child until it is of age when not given.
        #[arg(long)]
        until: Option<String>,
        /// Which document was shown.
        #[arg(long)]
        evidence: String,
        /// Your name.
        #[arg(long)]
        by: String,
    },
    /// List a person's proxies.
    List {
        /// Where data and keys are.
        #[command(flatten)]
        storage: Storage,
        /// Whose: 32 hexadecimal digits.
        #[arg(long)]
        person: String,
    },
    /// End a relation at once.
    End {
        /// Where data and keys are.
        #[command(flatten)]
        storage: Storage,
        /// Whose: 32 hexadecimal digits.
        #[arg(long)]
        person: String,
        /// Which: 32 hexadecimal digits.
        #[arg(long)]
        relation: String,
    },
}

/// Runs one of the commands.
///
/// # Errors
/// Why it could not be done.
pub fn run(command: Command) -> anyhow::Result<bool> {
    let (storage, asked) = match command {
        Command::Register {
            storage,
            person,
            proxy,
            kind,
            scope,
            until,
            evidence,
            by,
        } => (
            storage,
            Asked::Register {
                person,
                proxy,
                kind,
                scope,
                until,
                evidence,
                by,
            },
        ),
        Command::List { storage, person } => (storage, Asked::List { person }),
        Command::End {
            storage,
            person,
            relation,
        } => (storage, Asked::End { person, relation }),
    };
    control::ask(&storage, &Request::Proxy { asked })
}
