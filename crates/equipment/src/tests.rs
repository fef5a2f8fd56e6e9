//! The service through its router, as administrators and vendors meet it.

mod ca;
