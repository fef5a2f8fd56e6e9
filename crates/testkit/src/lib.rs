//! What tests, the sandbox and the demonstration need and production does not: people who
//! do not exist, and later a world around them.

pub mod population;
