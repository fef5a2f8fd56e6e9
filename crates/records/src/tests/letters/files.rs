//! The files that a letter carries: each is what it claims to be, and acts as nothing else.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::*;
use crate::documents::{
    image,
    sniff::{FileKind, Found, sniff},
};

/// The smallest PNG: one pixel.
const PNG: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";
const PDF: &[u8] = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n";
const CDA: &[u8] = "<?xml version=\"1.0\"?><ClinicalDocument xmlns=\"urn:hl7-org:v3\"><title>要約</title></ClinicalDocument>".as_bytes();

/// A JPEG of so many pixels whose parts are whole.
fn jpeg(width: u16, height: u16) -> Vec<u8> {
    let mut bytes = vec![0xff, 0xd8, 0xff, 0xe0, 0, 4, 0, 0];
    bytes.extend([0xff, 0xc0, 0, 11, 8]);
    bytes.extend(height.to_be_bytes());
    bytes.extend(width.to_be_bytes());
    bytes.extend([1, 1, 0x11, 0]);
    bytes.extend([
        0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0, 0x12, 0xff, 0x00, 0x34, 0xff, 0xd9,
    ]);
    bytes
}

fn dicom() -> Vec<u8> {
    let mut bytes = vec![0; 128];
    bytes.extend(b"DICM\x02\x00\x00\x00");
    bytes
}

fn png() -> Vec<u8> {
    STANDARD.decode(PNG).expect("base64")
}

#[test]
fn what_a_file_is_its_bytes_say() {
    let kinds: [(&[u8], Found); 27] = [
        (PDF, Found::Kind(FileKind::Pdf)),
        (&png(), Found::Kind(FileKind::Png)),
        (&jpeg(2, 2), Found::Kind(FileKind::Jpeg)),
        (b"GIF89a\x01\x00\x01\x00\x00;", Found::Kind(FileKind::Gif)),
        (b"II\x2a\0\x08\0\0\0", Found::Kind(FileKind::Tiff)),
        (b"MM\0\x2a\0\0\0\x08", Found::Kind(FileKind::Tiff)),
        (&dicom(), Found::Kind(FileKind::Dicom)),
        (CDA, Found::Kind(FileKind::Cda)),
        ("経過は良好です。".as_bytes(), Found::Kind(FileKind::Text)),
        (
            b"<html><body>x</body></html>",
            Found::Dangerous("page (HTML)"),
        ),
        (b"\n <!DOCTYPE HTML><p>", Found::Dangerous("page (HTML)")),
        (
            b"see <SCRIPT>alert(1)</SCRIPT>",
            Found::Dangerous("page (HTML)"),
        ),
        (
            b"<svg xmlns='http://www.w3.org/2000/svg'/>",
            Found::Dangerous("image that can act (SVG)"),
        ),
        (
            b"<?xml version='1.0'?><svg/>",
            Found::Dangerous("image that can act (SVG)"),
        ),
        (
            b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'c'>]><ClinicalDocument/>",
            Found::Dangerous("XML with a DTD"),
        ),
        (
            b"<?xml version='1.0'?><?xml-stylesheet type='text/xsl' href='CDA.xsl'?><ClinicalDocument/>",
            Found::Kind(FileKind::Cda),
        ),
        (
            b"<?xml version='1.0'?><?xml-stylesheet type='text/xsl' href='https://evil.example/a.xsl'?><ClinicalDocument/>",
            Found::Dangerous("XML with a style sheet"),
        ),
        (
            b"<?xml version='1.0'?><?xml-stylesheet type='text/xsl' href = \"#own\"?><ClinicalDocument/>",
            Found::Dangerous("XML with a style sheet"),
        ),
        (
            b"<?xml version='1.0'?><ClinicalDocument><h:script xmlns:h='http://www.w3.org/1999/xhtml'>alert(1)</h:script></ClinicalDocument>",
            Found::Dangerous("XML that can act (XHTML)"),
        ),
        (
            b"<?xml version='1.0'?><ClinicalDocument><x:a xmlns:x='http://www.w3.org/2000/svg' onload='alert(1)'/></ClinicalDocument>",
            Found::Dangerous("XML that can act (SVG)"),
        ),
        (b"MZ\x90\0", Found::Dangerous("program (MZ)")),
        (b"\x7fELF\x02", Found::Dangerous("program (ELF)")),
        (b"#!/bin/sh\n", Found::Dangerous("script")),
        (b"PK\x03\x04", Found::Dangerous("archive (ZIP)")),
        (b"\x1f\x8b\x08", Found::Dangerous("archive (gzip)")),
        (b"<?xml version='1.0'?><other/>", Found::Unknown),
        (b"\0\x01\x02\x03", Found::Unknown),
    ];
    for (bytes, found) in kinds {
        assert_eq!(sniff(bytes), found, "{}", String::from_utf8_lossy(bytes));
    }
}

#[test]
fn only_an_image_that_is_whole_and_of_a_bounded_size_is_shown() {
    assert!(image::is_shown(FileKind::Png, &png()));
    assert!(image::is_shown(FileKind::Jpeg, &jpeg(640, 480)));
    assert!(!image::is_shown(FileKind::Jpeg, &jpeg(0, 480)));
    assert!(!image::is_shown(FileKind::Jpeg, &jpeg(60_000, 60_000)));
    for kind in FileKind::ALL {
        let is_image = matches!(kind, FileKind::Png);
        assert_eq!(image::is_shown(kind, &png()), is_image);
    }
    // Cut off anywhere, with a byte changed, or with something behind its end.
    for whole in [png(), jpeg(2, 2)] {
        let kind = if whole.starts_with(b"\x89") {
            FileKind::Png
        } else {
            FileKind::Jpeg
        };
        for end in 0..whole.len() {
            assert!(!image::is_shown(kind, &whole[..end]), "{end}");
        }
        assert!(!image::is_shown(kind, &[&whole[..], b"<html>"].concat()));
    }
    let mut changed = png();
    changed[20] ^= 1;
    assert!(!image::is_shown(FileKind::Png, &changed));
}

fn text(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

#[test]
fn files_arrive_as_they_were_sent_and_are_given_out_as_files() {
    let post = Post::new();
    let sent = [
        ("application/pdf", text(PDF), "pdf", false),
        ("image/png", PNG.to_owned(), "png", true),
        ("image/jpeg", text(&jpeg(4, 3)), "jpg", true),
        ("application/dicom", text(&dicom()), "dcm", false),
        (
            "text/plain; charset=utf-8",
            text("経過".as_bytes()),
            "txt",
            false,
        ),
        ("application/xml", text(CDA), "xml", false),
    ];
    let files: Vec<File<'_>> = sent
        .iter()
        .map(|(content_type, base64, ..)| File {
            content_type,
            title: "画像",
            base64,
        })
        .collect();
    let letter = post.referral_with("F1", &files);
    let id = post.sent(&letter, &post.consent_query());
    assert_eq!(post.open(&id).status, 200);
    let meta = post.their(&format!("inbox/{id}")).json();
    assert_eq!(meta["files"].as_array().map(Vec::len), Some(sent.len()));
    for (number, (_, base64, extension, is_shown)) in (1..).zip(&sent) {
        for path in [format!("inbox/{id}"), format!("sent/{id}")] {
            let reply = match path.starts_with("inbox") {
                true => post.their(&format!("{path}/files/{number}")),
                false => post.get(&format!("{path}/files/{number}")),
            };
            assert_eq!(reply.status, 200, "{}", reply.text());
            assert_eq!(text(&reply.body), *base64);
            let name = format!("attachment; filename=\"attachment-{number}.{extension}\"");
            assert_eq!(reply.header("content-disposition"), name);
            assert_eq!(reply.header("x-content-type-options"), "nosniff");
            assert!(reply.header("content-security-policy").contains("sandbox"));
        }
        assert_eq!(meta["files"][number - 1]["is_shown"], *is_shown);
    }
    for number in ["0", "7", "x", "-1"] {
        let reply = post.their(&format!("inbox/{id}/files/{number}"));
        assert_eq!(code(&reply), (404, "TSK-REC-056".to_owned()), "{number}");
    }
}

#[test]
fn a_file_that_lies_or_could_act_is_refused_with_every_other_fault_at_once() {
    let post = Post::new();
    let page = text(b"<html><script>x</script></html>");
    let (png_as_pdf, zip) = (PNG.to_owned(), text(b"PK\x03\x04rest"));
    let cases = [
        ("application/pdf", png_as_pdf.as_str(), "TSK-REC-046"),
        ("text/html", page.as_str(), "TSK-REC-047"),
        ("text/plain", page.as_str(), "TSK-REC-047"),
        ("application/zip", zip.as_str(), "TSK-REC-047"),
        ("application/pdf", zip.as_str(), "TSK-REC-047"),
        ("video/mp4", "AAAAIGZ0eXBpc29t", "TSK-REC-045"),
        ("image/png", "AAAA", "TSK-REC-046"),
    ];
    for (content_type, base64, expected) in cases {
        let letter = post.referral_with(
            "F2",
            &[File {
                content_type,
                title: "x",
                base64,
            }],
        );
        let reply = post.register(&letter, "");
        assert_eq!(code(&reply), (422, expected.to_owned()), "{}", reply.text());
        assert!(post.outbox().is_empty());
    }
    let files: Vec<File<'_>> = cases
        .iter()
        .map(|(content_type, base64, _)| File {
            content_type,
            title: "x",
            base64,
        })
        .collect();
    let reply = post.register(&post.referral_with("F3", &files), "");
    let issues = reply.json()["issue"].as_array().expect("issues").len();
    assert_eq!(issues, cases.len() + 1, "{}", reply.text());
    let many = vec![
        File {
            content_type: "image/png",
            title: "x",
            base64: PNG
        };
        21
    ];
    let reply = post.register(&post.referral_with("F4", &many), "");
    assert!(
        reply.status == 422 && reply.text().contains("20"),
        "{}",
        reply.text()
    );
    assert!(post.outbox().is_empty());
}
