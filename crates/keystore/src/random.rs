//! The operating system's randomness: for keys, nonces and identifiers.

use aws_lc_rs::rand;

/// Fills `buffer` from the operating system's randomness.
pub fn fill(buffer: &mut [u8]) {
    // aws-lc fails here only when the operating system has no randomness at all; then nothing
    // may go on, and a zero key must never be used.
    #[expect(clippy::expect_used, reason = "no randomness means no safe way on")]
    rand::fill(buffer).expect("the operating system gives random bytes");
}

/// The operating system's randomness, as the trait that the words use.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRng;

impl kernel::id::Rng for SystemRng {
    fn fill(&self, buffer: &mut [u8]) {
        fill(buffer);
    }
}
