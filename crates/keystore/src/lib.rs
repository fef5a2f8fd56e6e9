//! The keys at rest.
