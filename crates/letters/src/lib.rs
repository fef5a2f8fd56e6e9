//! The letters' desk (紹介状).
pub mod letter;
