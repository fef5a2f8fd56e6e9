//! Why a package is not taken, for whoever loads it.

use kernel::{Finding, Refusal};

use crate::library::LoadError;
use crate::package::PackageError;

kernel::catalog! {
    /// Not a whole archive, or nothing usable in it.
    BROKEN = "TSK-PKG-001", 422, "structure",
        cause: "FHIRパッケージとして読めません。何も読み込みませんでした。", "this is no whole FHIR package; nothing of it was loaded";
        remedy: "配布元からもう一度取得した .tgz ファイルを指定してください。", "fetch the .tgz from its publisher once more";
        source: "NPM form of FHIR packages";
    /// A bound is passed.
    SIZE = "TSK-PKG-002", 422, "too-long",
        cause: "FHIRパッケージが大きすぎます。何も読み込みませんでした。", "the FHIR package is too large; nothing of it was loaded";
        remedy: "パッケージを分けるか、不要なファイルを除いて作り直してください。", "split the package, or make it anew without what is not needed";
        source: "bounds of crates/profiles/src/package.rs";
    /// A file that would lie elsewhere, or a link.
    PLACE = "TSK-PKG-003", 422, "security",
        cause: "パッケージに、置き場所の正しくないファイルかリンクがあります。何も読み込みませんでした。", "the package has a file with a forbidden place, or a link; nothing of it was loaded";
        remedy: "配布元を確かめてください。信頼できる配布元のパッケージだけを使ってください。", "check where it comes from; use packages of publishers that you trust";
        source: "NPM form of FHIR packages";
    /// No name, or for another edition.
    STRANGE = "TSK-PKG-004", 422, "not-supported",
        cause: "パッケージの名前と版が分からないか、FHIR R4のものではありません。", "the package does not tell its name and version, or is not for FHIR R4";
        remedy: "R4(4.0.1)のパッケージを、名前-版.tgz のファイル名で指定してください。", "give a package for R4 (4.0.1), in a file named NAME-VERSION.tgz";
        source: "NPM form of FHIR packages";
    /// Another is there under this name and version.
    OTHER = "TSK-PKG-005", 409, "conflict",
        cause: "同じ名前・同じ版で内容の違うパッケージが、すでに読み込まれています。", "a package of this name and version, with other content, is loaded already";
        remedy: "先のファイルをデータフォルダの packages から除いてから、もう一度読み込んでください。", "remove the earlier file from packages in the data folder, then load again";
        source: "tasuki fhir load";
    /// A file or folder cannot be used.
    FILE = "TSK-PKG-006", 422, "exception",
        cause: "ファイルまたはフォルダを読み書きできません。", "a file or folder cannot be read or written";
        remedy: "名前と権限、ディスクの空きを確かめてください。", "check its name, its permissions and the free space of the disk";
        source: "tasuki fhir load";
}

impl From<LoadError> for Refusal {
    fn from(error: LoadError) -> Self {
        let (entry, file) = match &error {
            LoadError::File(file, _) => (&FILE, file.display().to_string()),
            LoadError::Other(name, version) => (&OTHER, format!("{name} {version}")),
            LoadError::TooMany => (&SIZE, String::new()),
            LoadError::Package(file, why) => {
                let entry = match why {
                    PackageError::Size(_) => &SIZE,
                    PackageError::Place(_) => &PLACE,
                    PackageError::Nameless | PackageError::Edition(_) => &STRANGE,
                    _ => &BROKEN,
                };
                (entry, file.display().to_string())
            }
        };
        let mut refusal = Self::at(entry, &file, &error.to_string());
        refusal
            .findings
            .retain(|finding: &Finding| !finding.found.is_empty());
        refusal
    }
}
