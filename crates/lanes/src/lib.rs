//! The bounded queue of the store's threads.
