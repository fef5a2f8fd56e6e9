//! Tests of the copies.
