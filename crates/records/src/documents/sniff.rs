//! What a file is, by its bytes.
//!
//! A declared type is only a claim. What could act as a page or a program, or unpack into more
//! than was sent, is refused whatever it claims to be.
//!
//! Source: identity-security T16; the formats' own first bytes (ISO 32000, ITU-T T.81, PNG,
//! GIF89a, TIFF 6.0, DICOM PS3.10, HL7 CDA R2).

/// The kinds of file that are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FileKind {
    /// PDF.
    Pdf,
    /// JPEG.
    Jpeg,
    /// PNG.
    Png,
    /// GIF.
    Gif,
    /// TIFF.
    Tiff,
    /// DICOM.
    Dicom,
    /// Plain text in UTF-8.
    Text,
    /// A CDA document.
    Cda,
}

impl FileKind {
    /// Every one.
    pub const ALL: [Self; 8] = [
        Self::Pdf,
        Self::Jpeg,
        Self::Png,
        Self::Gif,
        Self::Tiff,
        Self::Dicom,
        Self::Text,
        Self::Cda,
    ];

    /// The content type as which it is given out.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Gif => "image/gif",
            Self::Tiff => "image/tiff",
            Self::Dicom => "application/dicom",
            Self::Text => "text/plain; charset=utf-8",
            Self::Cda => "application/xml",
        }
    }

    /// The end of a file's name.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::Gif => "gif",
            Self::Tiff => "tif",
            Self::Dicom => "dcm",
            Self::Text => "txt",
            Self::Cda => "xml",
        }
    }

    /// The word in tables and on the wire.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Jpeg => "jpeg",
            Self::Png => "png",
            Self::Gif => "gif",
            Self::Tiff => "tiff",
            Self::Dicom => "dicom",
            Self::Text => "text",
            Self::Cda => "cda",
        }
    }

    /// From its word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// The kinds that a declared content type may mean; parameters behind `;` do not count.
    #[must_use]
    pub fn declared(content_type: &str) -> Option<Self> {
        let kind = content_type.split(';').next().unwrap_or_default().trim();
        match kind.to_ascii_lowercase().as_str() {
            "application/pdf" => Some(Self::Pdf),
            "image/jpeg" | "image/jpg" => Some(Self::Jpeg),
            "image/png" => Some(Self::Png),
            "image/gif" => Some(Self::Gif),
            "image/tiff" => Some(Self::Tiff),
            "application/dicom" => Some(Self::Dicom),
            "text/plain" => Some(Self::Text),
            "application/xml"
            | "text/xml"
            | "application/cda+xml"
            | "application/hl7-cda+xml"
            | "application/hl7-sda+xml" => Some(Self::Cda),
            _ => None,
        }
    }
}

/// What the bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// A kind that is taken.
    Kind(FileKind),
    /// A kind that could do harm: what it is.
    Dangerous(&'static str),
    /// Nothing that is known.
    Unknown,
}

/// Longest part of a file that is searched for what a page begins with.
const HEAD: usize = 4096;

/// First bytes of programs, archives and pages.
const DANGEROUS: [(&[u8], &str); 17] = [
    (b"MZ", "program (MZ)"),
    (b"\x7fELF", "program (ELF)"),
    (b"\xfe\xed\xfa\xce", "program (Mach-O)"),
    (b"\xfe\xed\xfa\xcf", "program (Mach-O)"),
    (b"\xce\xfa\xed\xfe", "program (Mach-O)"),
    (b"\xcf\xfa\xed\xfe", "program (Mach-O)"),
    (b"\xca\xfe\xba\xbe", "program (Java)"),
    (b"\0asm", "program (WebAssembly)"),
    (b"#!", "script"),
    (b"PK\x03\x04", "archive (ZIP)"),
    (b"PK\x05\x06", "archive (ZIP)"),
    (b"\x1f\x8b", "archive (gzip)"),
    (b"Rar!", "archive (RAR)"),
    (b"7z\xbc\xaf\x27\x1c", "archive (7-Zip)"),
    (b"BZh", "archive (bzip2)"),
    (b"\xfd7zXZ\0", "archive (xz)"),
    (b"\x28\xb5\x2f\xfd", "archive (Zstandard)"),
];

/// What a text must not hold: browsers that guess would run it.
const PAGE: [&str; 9] = [
    "<!doctype html",
    "<html",
    "<script",
    "<svg",
    "<body",
    "<iframe",
    "<object",
    "<embed",
    "javascript:",
];

/// Roots of the documents that are taken: CDA, and the settlement of a specific health checkup
/// (特定健診 決済情報), which published checkup reports carry beside it.
const ROOTS: [&str; 2] = ["clinicaldocument", "checkupclaim"];

/// What a CDA document must not hold: a reader that opens it in a browser would run it.
const ACTS: [(&str, &str); 3] = [
    ("http://www.w3.org/1999/xhtml", "XML that can act (XHTML)"),
    ("http://www.w3.org/2000/svg", "XML that can act (SVG)"),
    ("http://www.w3.org/1999/xsl", "XML that can act (XSL)"),
];

/// Looks at a file's bytes.
#[must_use]
pub fn sniff(bytes: &[u8]) -> Found {
    if let Some((_, what)) = DANGEROUS.iter().find(|(head, _)| bytes.starts_with(head)) {
        return Found::Dangerous(what);
    }
    if bytes.starts_with(b"%PDF-") {
        return Found::Kind(FileKind::Pdf);
    }
    if bytes.starts_with(b"\xff\xd8\xff") {
        return Found::Kind(FileKind::Jpeg);
    }
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        return Found::Kind(FileKind::Png);
    }
    if bytes.starts_with(b"GIF87a") || bytes.starts_with(b"GIF89a") {
        return Found::Kind(FileKind::Gif);
    }
    if bytes.starts_with(b"II\x2a\0") || bytes.starts_with(b"MM\0\x2a") {
        return Found::Kind(FileKind::Tiff);
    }
    if bytes.get(128..132) == Some(b"DICM") {
        return Found::Kind(FileKind::Dicom);
    }
    text(bytes)
}

/// Text, a CDA document, or a page.
fn text(bytes: &[u8]) -> Found {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Found::Unknown;
    };
    let is_control = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{c}');
    if text.is_empty() || text.contains(is_control) {
        return Found::Unknown;
    }
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let head: String = text.chars().take(HEAD).collect::<String>().to_lowercase();
    if head.starts_with("<?xml") || head.starts_with('<') {
        return xml(&head, text);
    }
    match PAGE.iter().find(|mark| head.contains(**mark)) {
        Some(_) => Found::Dangerous("page (HTML)"),
        None => Found::Kind(FileKind::Text),
    }
}

/// Does a style sheet come from elsewhere, or out of the document itself? Published documents
/// name one that lies beside them, which is not there where this one is read.
fn has_foreign_style(lower: &str) -> bool {
    lower.split("<?xml-stylesheet").skip(1).any(|rest| {
        let instruction = rest.split("?>").next().unwrap_or(rest);
        let href = instruction.split("href").nth(1).unwrap_or_default();
        let href = href.trim_start_matches(|c: char| c.is_whitespace() || c == '=');
        let address = href.trim_start_matches(['"', '\'']);
        let address = address.split(['"', '\'']).next().unwrap_or_default();
        address.is_empty() || address.contains([':', '#', '&']) || address.starts_with(['/', '\\'])
    })
}

/// A CDA document has a root of [`ROOTS`], and neither a DTD nor a style sheet from
/// elsewhere: the one unpacks, the other acts.
fn xml(head: &str, text: &str) -> Found {
    if head.contains("<svg") {
        return Found::Dangerous("image that can act (SVG)");
    }
    if head.contains("<html") || head.contains("<!doctype html") {
        return Found::Dangerous("page (HTML)");
    }
    let lower = text.to_lowercase();
    if lower.contains("<!doctype") || lower.contains("<!entity") {
        return Found::Dangerous("XML with a DTD");
    }
    let root = head
        .split('<')
        .map(str::trim_start)
        .find(|part| !part.is_empty() && !part.starts_with(['?', '!']));
    let name: String = root
        .unwrap_or_default()
        .chars()
        .take_while(|c| !c.is_whitespace() && !matches!(c, '>' | '/'))
        .collect();
    let local = name.rsplit(':').next().unwrap_or_default();
    if ROOTS.contains(&local) {
        match ACTS.iter().find(|(mark, _)| lower.contains(mark)) {
            Some((_, what)) => Found::Dangerous(what),
            None if has_foreign_style(&lower) => Found::Dangerous("XML with a style sheet"),
            None => Found::Kind(FileKind::Cda),
        }
    } else if PAGE.iter().any(|mark| lower.contains(mark)) {
        Found::Dangerous("page (HTML)")
    } else {
        Found::Unknown
    }
}
