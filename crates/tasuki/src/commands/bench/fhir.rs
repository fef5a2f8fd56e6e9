//! `tasuki bench fhir`: any FHIR R4 server, ours or a peer's, measured by one program.

use std::{fs, path::PathBuf};

use anyhow::{Context, bail};
use clap::Args;
use kernel::Secret;
use peers::{
    bench::fhir::{self, Options},
    oauth::{ClientKey, Credentials},
};

use super::{Engine, database_url};

/// What is driven, and how.
#[derive(Args)]
pub struct FhirArgs {
    /// The base of a server that runs already, such as http://127.0.0.1:8080/fhir; without it,
    /// this program on a folder of its own.
    #[arg(long)]
    base: Option<String>,
    /// A header of each request to it, such as 'Authorization: Bearer …'; several are allowed.
    #[arg(long, requires = "base")]
    header: Vec<String>,
    /// The client under which a token is got from a server of ours.
    #[arg(long, requires = "base", requires = "client_key")]
    client: Option<String>,
    /// The file with that client's private key (PEM).
    #[arg(long, requires = "client")]
    client_key: Option<PathBuf>,
    /// Callers at once; several numbers are a run each.
    #[arg(long, default_values_t = [16, 256])]
    callers: Vec<usize>,
    /// Seconds of each phase of each load.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Patients.
    #[arg(long, default_value_t = 3_000)]
    patients: u64,
    /// Results of all patients together.
    #[arg(long, default_value_t = 20_000)]
    observations: u64,
    /// Where the data is kept: this program's, which is then not removed; or the other
    /// server's, for its size alone.
    #[arg(long)]
    data_folder: Option<PathBuf>,
    /// The other server's process, for its processor time and memory.
    #[arg(long, requires = "base")]
    process: Option<u32>,
    /// Which engine keeps this program's data.
    #[arg(long, value_enum, default_value_t = Engine::Sqlite, conflicts_with = "base")]
    engine: Engine,
    /// One JSON object a line instead of a table.
    #[arg(long)]
    json: bool,
    /// Only loads whose name contains one of these words.
    only: Vec<String>,
}

/// Most callers at once: each is a connection.
const CALLERS_MAX: usize = 1_024;

/// Measures.
///
/// # Errors
/// When a part cannot be started or answers wrongly.
pub fn run(args: &FhirArgs) -> anyhow::Result<bool> {
    if args.callers.iter().any(|n| !(1..=CALLERS_MAX).contains(n)) {
        bail!("callers are 1 to {CALLERS_MAX}");
    }
    let cluster = args.engine.start()?;
    fhir::run(&Options {
        program: std::env::current_exe()?,
        base: args.base.clone(),
        headers: args
            .header
            .iter()
            .map(|line| header(line))
            .collect::<anyhow::Result<_>>()?,
        client: credentials(args)?,
        callers: args.callers.clone(),
        seconds: args.seconds,
        patients: args.patients,
        observations: args.observations,
        data_folder: args.data_folder.clone(),
        process: args.process,
        database_url: database_url(cluster.as_ref())?,
        json: args.json,
        only: args.only.clone(),
    })?;
    Ok(true)
}

fn header(line: &str) -> anyhow::Result<(String, Secret<String>)> {
    let (name, value) = line.split_once(':').context("a header is NAME: VALUE")?;
    let value = Secret::new(value.trim().to_owned());
    Ok((name.trim().to_ascii_lowercase(), value))
}

fn credentials(args: &FhirArgs) -> anyhow::Result<Option<Credentials>> {
    let (Some(client), Some(file)) = (&args.client, &args.client_key) else {
        return Ok(None);
    };
    let text = fs::read_to_string(file).with_context(|| file.display().to_string())?;
    Ok(Some(Credentials {
        client: client.clone(),
        key: ClientKey::from_text(&text)?,
    }))
}
