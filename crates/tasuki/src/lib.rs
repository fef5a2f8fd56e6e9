//! The one program: its services, its commands, its demonstration.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "commands talk to whoever started them"
)]

pub mod alerts;
pub mod authority;
pub mod commands;
pub mod control;
pub mod courier;
pub mod disclosure;
pub mod doctor;
pub mod door;
pub mod endpoints;
pub mod figures;
pub mod font;
pub mod founding;
pub mod hand;
pub mod jobs;
pub mod journey;
pub mod keeper;
pub mod leave;
pub mod line;
pub mod loading;
pub mod notices;
pub mod otlp;
pub mod program;
pub mod proxies;
pub mod reference;
mod sbom;
pub mod storage;
pub mod story;
pub mod telemetry;
mod time_sync;
pub mod town;
pub mod upstream;
