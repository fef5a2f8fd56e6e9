//! Topic subscriptions: what happens is told to a facility's own system by a web hook, as often
//! as it takes.
//!
//! An event is queued in the transaction in which it happens, and a job delivers the queue. Its
//! number is given before the first try and stays, so that a receiver knows what it has had
//! already and what it missed. A receiver that fails is tried again at growing intervals, then
//! paused until its owner resumes it; how far behind it is stands in `$status`, in the metrics
//! and in the resource's own `error`. The server sends to addresses that the operator allowed,
//! and to no other; a notification names what changed and holds none of it.
//!
//! Source: HL7 Subscriptions R5 Backport 1.1 (R4 Subscription, `rest-hook`); FHIR R4
//! subscription.html; identity-security T20.

mod api;
pub mod model;
mod notice;
pub mod ops;
pub(crate) mod store;
mod wire;
pub mod work;

pub(crate) use api::routes;
