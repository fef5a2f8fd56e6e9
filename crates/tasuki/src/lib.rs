//! The one program: its services, its commands, its demonstration.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "commands talk to whoever started them"
)]

pub mod commands;
pub mod jobs;
pub mod journey;
pub mod program;
pub mod storage;
pub mod story;
pub mod town;
