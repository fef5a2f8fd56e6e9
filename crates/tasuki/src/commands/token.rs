//! `tasuki token`: what a vendor's program does to get an access token, as one command.

use std::{fs, path::PathBuf};

use anyhow::Context;
use clap::Args;
use peers::oauth::{ClientKey, Credentials};

/// Whose token, and from where.
#[derive(Args)]
pub struct Options {
    /// The server's address, such as http://127.0.0.1:8080.
    #[arg(long)]
    pub server: String,
    /// The client_id.
    #[arg(long)]
    pub client: String,
    /// The file with the client's private key (PEM).
    #[arg(long)]
    pub key: PathBuf,
    /// The kid under which the key was registered; without it, the one that the demonstration
    /// gives its keys.
    #[arg(long)]
    pub kid: Option<String>,
}

/// Prints a token and nothing else.
///
/// # Errors
/// When the key cannot be read, or the server refuses.
pub fn print(options: &Options) -> anyhow::Result<()> {
    let text = fs::read_to_string(&options.key)
        .with_context(|| format!("{} cannot be read", options.key.display()))?;
    let key = ClientKey::from_text(&text)?;
    let credentials = Credentials {
        client: options.client.clone(),
        key: match &options.kid {
            Some(kid) => key.named(kid),
            None => key,
        },
    };
    let token = credentials.token_now(&options.server)?;
    println!("{}", token.reveal());
    Ok(())
}
