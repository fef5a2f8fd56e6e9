//! A form with a file in it, as browsers send one (multipart).
//!
//! The body is there already, whole and bounded: here it is only taken apart.
//!
//! Source: RFC 7578.

use axum::{
    body::Bytes,
    http::{HeaderMap, header},
};
use futures_util::stream;
use kernel::Refusal;

use crate::errors::FORM_INVALID;

/// Most parts of one form; more are nobody's form.
const PARTS_MAX: usize = 20;
/// Most bytes of a field that is no file.
const FIELD_BYTES_MAX: usize = 4 << 10;

/// What came.
pub(crate) struct Upload {
    /// Fields that are no files.
    pub fields: Vec<(String, String)>,
    /// The file; empty when none was chosen.
    pub file: Bytes,
}

/// Takes a form apart.
///
/// # Errors
/// [`FORM_INVALID`] when it is none, has too many parts, or more than one file.
pub(crate) async fn read(headers: &HeaderMap, body: Bytes) -> Result<Upload, Refusal> {
    let invalid = || Refusal::new(&FORM_INVALID);
    let kind = headers.get(header::CONTENT_TYPE);
    let kind = kind.and_then(|value| value.to_str().ok());
    let boundary = multer::parse_boundary(kind.unwrap_or_default()).map_err(|_| invalid())?;
    let whole = stream::iter([Ok::<_, std::convert::Infallible>(body)]);
    let mut parts = multer::Multipart::new(whole, boundary);
    let (mut fields, mut file) = (Vec::new(), None);
    for _ in 0..PARTS_MAX {
        let Some(part) = parts.next_field().await.map_err(|_| invalid())? else {
            let file = file.unwrap_or_default();
            return Ok(Upload { fields, file });
        };
        let name = part.name().ok_or_else(invalid)?.to_owned();
        let is_file = part.file_name().is_some();
        let bytes = part.bytes().await.map_err(|_| invalid())?;
        if is_file {
            if file.replace(bytes).is_some() {
                return Err(invalid());
            }
            continue;
        }
        let text = std::str::from_utf8(&bytes).ok();
        let text = text.filter(|text| text.len() <= FIELD_BYTES_MAX);
        fields.push((name, text.ok_or_else(invalid)?.to_owned()));
    }
    Err(invalid())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(body: &str) -> Result<Upload, Refusal> {
        let mut headers = HeaderMap::new();
        let kind = "multipart/form-data; boundary=b";
        headers.insert(header::CONTENT_TYPE, kind.parse().expect("a value"));
        let body = Bytes::from(body.replace('\n', "\r\n"));
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        runtime.expect("a runtime").block_on(read(&headers, body))
    }

    const FIELD: &str = "--b\ncontent-disposition: form-data; name=\"csrf\"\n\ntoken\n";
    const FILE: &str =
        "--b\ncontent-disposition: form-data; name=\"file\"; filename=\"a.csv\"\n\na,b\n1,2\n";

    #[test]
    fn a_form_is_taken_apart_into_fields_and_one_file() {
        let upload = form(&format!("{FIELD}{FILE}--b--\n")).expect("a form");
        assert_eq!(upload.fields, [("csrf".to_owned(), "token".to_owned())]);
        assert_eq!(upload.file, "a,b\r\n1,2");
    }

    #[test]
    fn two_files_a_cut_body_and_too_many_parts_are_no_form() {
        for body in [
            format!("{FILE}{FILE}--b--\n"),
            FILE.to_owned(),
            "nothing".to_owned(),
            format!("{}--b--\n", FIELD.repeat(PARTS_MAX + 1)),
        ] {
            assert!(form(&body).is_err(), "{body}");
        }
    }
}
