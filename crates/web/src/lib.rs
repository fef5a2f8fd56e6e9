//! The way in: every request passes one funnel, driven by a route table that is data.

pub mod account;
pub mod app;
pub mod errors;
mod funnel;
mod guard;
pub mod health;
mod intake;
pub mod login;
pub mod metrics;
pub mod office;
pub mod openapi;
pub mod passwords;
pub mod peer;
mod places;
mod proof;
pub mod rates;
pub mod request;
pub mod respond;
pub mod route;
pub mod serve;
mod span;
mod standing;
pub mod tls;
pub mod trust;
pub mod ui;
mod upload;

pub use app::{App, Service};
pub use funnel::router;
pub use request::{Attached, Request};
pub use respond::Answer;
pub use route::{Body, Face, Method, Route};
