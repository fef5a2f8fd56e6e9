//! The language by its rules; the published suite has the breadth.

mod laws;
mod published;
mod rules;
