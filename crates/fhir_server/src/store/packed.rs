//! The text of a resource in few bytes: a form, the length, zstd.
//!
//! Form 0 is the text as it is, 1 is zstd. The length before it lets a reader take exactly the
//! memory that the text needs.

use std::cell::RefCell;

use store::StoreError;
use zstd::bulk::{Compressor, Decompressor};

/// zstd level: 3 costs a few microseconds for a resource.
const LEVEL: i32 = 3;
const PLAIN: u8 = 0;
const ZSTD: u8 = 1;
const HEADER: usize = 5;
/// Longest text; the body of a request is shorter.
const BYTES_MAX: usize = 16 << 20;
const BAD: StoreError = StoreError::Corrupt("a resource's text");

// A context is some hundred kilobytes of tables, which making it anew would fill each time.
thread_local! {
    static PACK: RefCell<Option<Compressor<'static>>> = const { RefCell::new(None) };
    static UNPACK: RefCell<Option<Decompressor<'static>>> = const { RefCell::new(None) };
}

/// The at-rest form of a text.
pub(crate) fn pack(text: &str) -> Vec<u8> {
    let squeezed = PACK.with_borrow_mut(|kept| {
        if kept.is_none() {
            *kept = Compressor::new(LEVEL).ok();
        }
        kept.as_mut()?.compress(text.as_bytes()).ok()
    });
    let squeezed = squeezed.filter(|bytes| bytes.len() < text.len());
    let (form, bytes) = match &squeezed {
        Some(bytes) => (ZSTD, bytes.as_slice()),
        None => (PLAIN, text.as_bytes()),
    };
    let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
    let mut out = Vec::with_capacity(HEADER + bytes.len());
    out.push(form);
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(bytes);
    out
}

/// The text again.
pub(crate) fn unpack(packed: &[u8]) -> Result<String, StoreError> {
    let (form, rest) = packed.split_first().ok_or(BAD)?;
    let (length, bytes) = rest.split_first_chunk::<4>().ok_or(BAD)?;
    let length = usize::try_from(u32::from_le_bytes(*length)).map_err(|_| BAD)?;
    if length > BYTES_MAX {
        return Err(BAD);
    }
    let text = match *form {
        PLAIN => bytes.to_vec(),
        ZSTD => UNPACK.with_borrow_mut(|kept| {
            if kept.is_none() {
                *kept = Decompressor::new().ok();
            }
            let unpacked = kept.as_mut().map(|zstd| zstd.decompress(bytes, length));
            unpacked.and_then(Result::ok).ok_or(BAD)
        })?,
        _ => return Err(BAD),
    };
    String::from_utf8(text).map_err(|_| BAD)
}
