//! The `tasuki` command.
#![expect(clippy::print_stderr, reason = "a command says why it failed")]

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};
use tasuki::{commands, telemetry};

/// 襷 — Japan's national medical information platform as one program.
#[derive(Parser)]
#[command(version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// A seeded town, one patient's whole journey over HTTP, told step by step; then keeps serving.
    Demo(commands::demo::Options),
    /// Serve a data folder.
    Serve(commands::serve::Options),
    /// Move everything from the data folder to a PostgreSQL server, or back.
    Move {
        /// The data folder; the keys stay in it.
        #[arg(long, default_value = "tasuki-data")]
        data: PathBuf,
        #[command(flatten)]
        options: commands::relocate::Options,
    },
    /// Backups: repository, generations, restore, drill.
    Backup {
        #[command(subcommand)]
        command: commands::backup::Command,
    },
    /// Proxies: who may act for whom, by documents.
    Proxy {
        /// What is to be done.
        #[command(subcommand)]
        command: commands::proxy::Command,
    },
    /// Certificates of My Number cards, as their authority tells: issued, renewed.
    Certificate {
        #[command(subcommand)]
        command: commands::certificate::Command,
    },
    /// The keys: locking, a new key-encryption key, destroying a person's.
    Keys {
        #[command(subcommand)]
        command: commands::keys::Command,
    },
    /// Certificates of the installation's own authority: for terminals, and for this server.
    Ca {
        #[command(subcommand)]
        command: commands::ca::Command,
    },
    /// Facilities: found one with its first administrators, list.
    Facility {
        #[command(subcommand)]
        command: commands::facility::Command,
    },
    /// Insurers' and payers' numbers: which facility stands for which.
    Insurer {
        /// What is to be done.
        #[command(subcommand)]
        command: commands::reference::Insurers,
    },
    /// Masters: import official files, list.
    Masters {
        /// What is to be done.
        #[command(subcommand)]
        command: commands::reference::Masters,
    },
    /// Alerts about peers that no ledger names: list, settle.
    Alerts {
        #[command(subcommand)]
        command: commands::alerts::Command,
    },
    /// Addresses to which a facility's notifications may go: allow, deny, list.
    Subscription {
        /// What is to be done.
        #[command(subcommand)]
        command: commands::subscription::Command,
    },
    /// Who answers for the safety of the system.
    Settings {
        #[command(subcommand)]
        command: commands::settings::Command,
    },
    /// The audit log.
    Audit {
        #[command(subcommand)]
        command: commands::audit::Audit,
    },
    /// Receipts of consent.
    Consent {
        #[command(subcommand)]
        command: commands::consent::Consent,
    },
    /// FHIR documents and published packages: validate, load, list.
    Fhir {
        #[command(subcommand)]
        command: commands::fhir::Command,
    },
    /// A virtual My Number card of the sandbox.
    Vcard {
        #[command(subcommand)]
        command: commands::card::Command,
    },
    /// A counter's card terminal with this machine's card readers: one card is checked.
    Terminal(commands::terminal::Options),
    /// Where is it stuck, seen from a counter: reader, line, certificate, server, answer.
    Diagnose(commands::diagnose::Options),
    /// The one-time code of a sandbox account, as its authenticator would show it.
    Code {
        /// The log-in name.
        login: String,
    },
    /// The systems that a facility has registered: add, list, end.
    Client {
        #[command(subcommand)]
        command: commands::client::Command,
    },
    /// An access token for a record system, by the key under which it is registered.
    Token(commands::token::Options),
    /// What stands between this installation and real patients; give the options of serve.
    Doctor(commands::serve::Options),
    /// The papers for an inspector, filled in: checklists, disclosure, list of components.
    Disclose(commands::disclose::Options),
    /// The error catalogue.
    Errors {
        /// As Markdown.
        #[arg(long)]
        markdown: bool,
    },
    /// Measure: eligibility by number and by card, consented summaries, and the floor below.
    Bench(commands::bench::BenchArgs),
    #[command(hide = true)]
    BenchServe(commands::bench::ServeArgs),
    #[command(hide = true)]
    BenchFloor(commands::bench::FloorArgs),
}

fn main() -> ExitCode {
    let command = Cli::parse().command;
    let watched = match &command {
        Command::Demo(options) => Some(&options.watch),
        Command::Serve(options) => Some(&options.watch),
        _ => None,
    };
    let telemetry = match telemetry::start(watched) {
        Ok(telemetry) => telemetry,
        Err(error) => {
            eprintln!("tasuki: {error:#}");
            return ExitCode::FAILURE;
        }
    };
    let ended = run(command);
    telemetry.finish();
    match ended {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        // Whoever reads no further (`| head`) has seen what they wanted.
        Err(error) if is_closed_output(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("tasuki: {}", in_one_line(&error));
            ExitCode::FAILURE
        }
    }
}

/// Each cause once, and what to do about it in Japanese and English.
fn in_one_line(error: &anyhow::Error) -> String {
    let mut line = String::new();
    for cause in error.chain() {
        let words = cause.to_string();
        if !line.contains(&words) {
            line = if line.is_empty() {
                words
            } else {
                format!("{line}: {words}")
            };
        }
    }
    let remedy = error
        .chain()
        .find_map(|cause| cause.downcast_ref::<store::StoreError>()?.remedy());
    if let Some(remedy) = remedy {
        line = format!("{line} → {} / {}", remedy.ja, remedy.en);
    }
    line.replace('\n', " ")
}

fn is_closed_output(error: &anyhow::Error) -> bool {
    let cause = error.downcast_ref::<std::io::Error>();
    cause.is_some_and(|e| e.kind() == std::io::ErrorKind::BrokenPipe)
}

fn run(command: Command) -> anyhow::Result<bool> {
    let runtime = || {
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
    };
    match command {
        Command::Demo(options) => runtime()?.block_on(commands::demo::run(options)),
        Command::Serve(options) => {
            runtime()?.block_on(commands::serve::run(options))?;
            Ok(true)
        }
        Command::Backup { command } => commands::backup::run(&command),
        Command::Insurer { command } => commands::reference::insurers(command),
        Command::Masters { command } => commands::reference::masters(command),
        Command::Proxy { command } => commands::proxy::run(command),
        Command::Certificate { command } => commands::certificate::run(command),
        Command::Keys { command } => commands::keys::run(command),
        Command::Ca { command } => commands::ca::run(command),
        Command::Facility { command } => commands::facility::run(command),
        Command::Alerts { command } => commands::alerts::run(command),
        Command::Subscription { command } => commands::subscription::run(command),
        Command::Settings { command } => commands::settings::run(command),
        Command::Move { data, options } => commands::relocate::run(&data, &options),
        Command::Audit { command } => commands::audit::run(&command),
        Command::Consent { command } => commands::consent::run(&command),
        Command::Fhir { command } => commands::fhir::run(command),
        Command::Vcard { command } => {
            commands::card::run(&command)?;
            Ok(true)
        }
        Command::Terminal(options) => runtime()?.block_on(commands::terminal::run(options)),
        Command::Diagnose(options) => runtime()?.block_on(commands::diagnose::run(options)),
        Command::Code { login } => {
            commands::card::code(&login)?;
            Ok(true)
        }
        Command::Client { command } => commands::client::run(command),
        Command::Token(options) => {
            commands::token::print(&options)?;
            Ok(true)
        }
        Command::Doctor(options) => commands::doctor::run(&options),
        Command::Disclose(options) => commands::disclose::run(&options),
        Command::Errors { markdown } => {
            commands::errors::print(markdown)?;
            Ok(true)
        }
        Command::Bench(args) => commands::bench::run(&args),
        Command::BenchServe(args) => {
            runtime()?.block_on(commands::bench::serve(&args))?;
            Ok(true)
        }
        Command::BenchFloor(args) => {
            commands::bench::floor(&args)?;
            Ok(true)
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn every_command_is_well_formed() {
        super::Cli::command().debug_assert();
    }
}
