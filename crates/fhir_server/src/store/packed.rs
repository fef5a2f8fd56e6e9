//! The text of a resource in few bytes: a form, the length, zstd.
//!
//! Form 0 is the text as it is, 1 is zstd with dictionary 1. The length before it lets a reader
//! take exactly the memory that the text needs.
//!
//! A resource is small and says little that others do not say too: member names, addresses of
//! code systems, the order of both. The dictionary holds those (made-up resources, no one's
//! data), so that a laboratory result of 700 bytes takes 200 instead of 440. A text that was
//! packed needs its dictionary for ever: a better one is a new file and a new form.

use std::cell::RefCell;

use store::StoreError;
use zstd::bulk::{Compressor, Decompressor};

/// zstd level: 3 costs a few microseconds for a resource.
const LEVEL: i32 = 3;
const PLAIN: u8 = 0;
const ZSTD: u8 = 1;
/// What resources have in common; the most frequent at its end, where a reference is shortest.
const DICTIONARY: &[u8] = include_bytes!("dictionary-1.txt");
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
            *kept = Compressor::with_dictionary(LEVEL, DICTIONARY).ok();
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
                *kept = Decompressor::with_dictionary(DICTIONARY).ok();
            }
            let unpacked = kept.as_mut().map(|zstd| zstd.decompress(bytes, length));
            unpacked.and_then(Result::ok).ok_or(BAD)
        })?,
        _ => return Err(BAD),
    };
    String::from_utf8(text).map_err(|_| BAD)
}

#[cfg(test)]
mod tests {
    use kernel::hex;

    use super::*;

    #[test]
    fn the_dictionary_is_the_one_that_texts_were_packed_with() {
        let digest = hex::encode(&store::audit::sha256(&[DICTIONARY]));
        assert_eq!(
            digest,
            "80cef3297b43f45150bd6a227950cd15d03f4bb4562afeb533075a6f1550e46c"
        );
    }

    #[test]
    fn what_was_packed_is_unpacked_to_the_byte_and_a_small_result_is_very_small() {
        let result = r#"{"resourceType":"Observation","status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"laboratory","display":"Laboratory"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"4548-4","display":"Hemoglobin A1c/Hemoglobin.total in Blood"}],"text":"ヘモグロビンA1c"},"subject":{"reference":"Patient/x"},"valueQuantity":{"value":5.60,"unit":"%","system":"http://unitsofmeasure.org","code":"%"}}"#;
        assert!(pack(result).len() < 150, "{} bytes", pack(result).len());
        for text in ["", "{}", "あ", result, &result.repeat(200)] {
            assert_eq!(unpack(&pack(text)).expect("a text"), text);
        }
    }

    #[test]
    fn what_is_not_packed_text_is_refused() {
        let good = pack("{\"resourceType\":\"Basic\",\"resourceType2\":\"Basic\"}");
        let mut other = good.clone();
        if let Some(form) = other.first_mut() {
            *form = 9;
        }
        let short = good.get(..good.len() - 1).unwrap_or_default().to_vec();
        for bad in [Vec::new(), vec![1], other, short, vec![1, 255, 255, 255, 255, 0]] {
            assert!(unpack(&bad).is_err(), "{bad:?}");
        }
    }
}
