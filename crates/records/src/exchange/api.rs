//! Letters for record systems.
