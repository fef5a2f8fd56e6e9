//! `tasuki disclose`: the papers for an inspector, filled in.

use std::path::PathBuf;

use anyhow::Context;
use clap::Args;

use crate::disclosure::{self, Reader, Table};

/// Which paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Paper {
    /// The 2025 checklist of a hospital or clinic.
    Facility,
    /// The 2025 checklist of a pharmacy.
    Pharmacy,
    /// The 2025 checklist of the vendor.
    Vendor,
    /// The manufacturer's and service provider's disclosure (MDS/SDS).
    Mds,
    /// The list of components (CycloneDX 1.5, JSON).
    Sbom,
}

/// What to print.
#[derive(Args)]
pub struct Options {
    /// Which paper.
    #[arg(value_enum, default_value = "mds")]
    pub paper: Paper,
    /// Another table of requirements; its tests must exist in this program's sources.
    #[arg(long)]
    pub table: Option<PathBuf>,
}

/// Prints the paper.
///
/// # Errors
/// When the table claims something that no test shows.
pub fn run(options: &Options) -> anyhow::Result<bool> {
    if options.paper == Paper::Sbom {
        println!("{}", crate::sbom::document()?);
        return Ok(true);
    }
    let own;
    let text = match &options.table {
        None => disclosure::OWN,
        Some(path) => {
            own = std::fs::read_to_string(path)
                .with_context(|| format!("{} could not be read", path.display()))?;
            &own
        }
    };
    let table = Table::parse(text)?;
    let page = match options.paper {
        Paper::Facility => table.checklist(Reader::Facility)?,
        Paper::Pharmacy => table.checklist(Reader::Pharmacy)?,
        Paper::Vendor => table.checklist(Reader::Vendor)?,
        Paper::Mds | Paper::Sbom => table.manufacturer(),
    };
    print!("{page}");
    Ok(true)
}
