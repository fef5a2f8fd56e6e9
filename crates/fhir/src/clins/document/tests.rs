//! The rules of the documents, on our own examples and on all published files.

mod golden;
