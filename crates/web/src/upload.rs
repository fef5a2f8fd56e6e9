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

use crate::{errors::FORM_INVALID, request::Attached};

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

/// Most parts of a form with several files.
const ALL_PARTS_MAX: usize = 400;
/// Most files of one form, and of their names in characters.
const FILES_MAX: usize = 40;
const NAME_MAX: usize = 255;

/// What came in a form with several files.
pub(crate) struct Uploads {
    /// Fields that are no files, as long as the body lets them be.
    pub fields: Vec<(String, String)>,
    /// The files, without those that nobody chose.
    pub files: Vec<Attached>,
}

/// Takes a form with several files apart.
///
/// # Errors
/// [`FORM_INVALID`] when it is none, or has too many parts or files.
pub(crate) async fn read_all(headers: &HeaderMap, body: Bytes) -> Result<Uploads, Refusal> {
    let invalid = || Refusal::new(&FORM_INVALID);
    let kind = headers.get(header::CONTENT_TYPE);
    let kind = kind.and_then(|value| value.to_str().ok());
    let boundary = multer::parse_boundary(kind.unwrap_or_default()).map_err(|_| invalid())?;
    let whole = stream::iter([Ok::<_, std::convert::Infallible>(body)]);
    let mut parts = multer::Multipart::new(whole, boundary);
    let (mut fields, mut files) = (Vec::new(), Vec::new());
    for _ in 0..ALL_PARTS_MAX {
        let Some(part) = parts.next_field().await.map_err(|_| invalid())? else {
            return Ok(Uploads { fields, files });
        };
        let field = part.name().ok_or_else(invalid)?.to_owned();
        let name = part.file_name().map(str::to_owned);
        let bytes = part.bytes().await.map_err(|_| invalid())?;
        let Some(name) = name else {
            let text = String::from_utf8(bytes.to_vec()).map_err(|_| invalid())?;
            fields.push((field, text));
            continue;
        };
        // A browser sends an empty part for a field in which nothing was chosen.
        if bytes.is_empty() && name.is_empty() {
            continue;
        }
        if files.len() >= FILES_MAX || name.chars().count() > NAME_MAX {
            return Err(invalid());
        }
        files.push(Attached { field, name, bytes });
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

    fn all(body: &str) -> Result<Uploads, Refusal> {
        let mut headers = HeaderMap::new();
        let kind = "multipart/form-data; boundary=b";
        headers.insert(header::CONTENT_TYPE, kind.parse().expect("a value"));
        let body = Bytes::from(body.replace('\n', "\r\n"));
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        runtime
            .expect("a runtime")
            .block_on(read_all(&headers, body))
    }

    #[test]
    fn a_form_with_several_files_gives_each_with_its_name_and_leaves_out_what_nobody_chose() {
        let empty = "--b\ncontent-disposition: form-data; name=\"file\"; filename=\"\"\n\n\n";
        let uploads = all(&format!("{FIELD}{FILE}{empty}{FILE}--b--\n")).expect("a form");
        assert_eq!(uploads.fields.len(), 1);
        let names: Vec<&str> = uploads
            .files
            .iter()
            .map(|file| file.name.as_str())
            .collect();
        assert_eq!(names, ["a.csv", "a.csv"]);
        assert_eq!(uploads.files[1].bytes, "a,b\r\n1,2");
    }

    #[test]
    fn too_many_files_or_parts_and_a_cut_body_are_no_form_with_files() {
        for body in [
            format!("{}--b--\n", FILE.repeat(FILES_MAX + 1)),
            format!("{}--b--\n", FIELD.repeat(ALL_PARTS_MAX + 1)),
            FILE.to_owned(),
        ] {
            assert!(all(&body).is_err());
        }
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
