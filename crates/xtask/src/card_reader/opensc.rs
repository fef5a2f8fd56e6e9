//! Others' tools read our card: OpenSC's, with its driver for JPKI, and openssl, which verifies
//! what the card signed for them.

use anyhow::Result;

use super::inside::{Case, Desk};

/// A card of the town.
const NUMBER: u64 = 1_000_001;
/// The answer to reset of our cards.
const ATR: &str = "3b:e0:00:00:81:31:fe:45:14";

/// In the order in which they run.
pub const CASES: [Case; 4] = [
    Case {
        name: "opensc-tool lists the reader and names the card",
        act: list,
    },
    Case {
        name: "pkcs15-tool finds certificates, keys and PINs",
        act: dump,
    },
    Case {
        name: "openssl verifies signatures made through PKCS#11 and PKCS#15",
        act: sign,
    },
    Case {
        name: "OpenSC is told of a wrong PIN, and a card of another kind is none of ours",
        act: wrong_pin,
    },
];

/// The words that a text lacks, a line each.
fn lacking(what: &str, text: &str, words: &[&str]) -> Vec<String> {
    let missing = words.iter().filter(|word| !text.contains(**word));
    missing
        .map(|word| format!("{what} does not say {word:?}"))
        .collect()
}

fn list(desk: &mut Desk) -> Result<Vec<String>> {
    let _card = desk.lay("card", NUMBER, &[])?;
    let text = desk.content("opensc-tool", &["-l", "-n"])?;
    let mut wrong = lacking("the list", &text, &["Yes", "Tasuki Virtual PCD", "jpki"]);
    let text = desk.content("opensc-tool", &["--atr"])?;
    wrong.extend(lacking("--atr", &text, &[ATR]));
    Ok(wrong)
}

fn dump(desk: &mut Desk) -> Result<Vec<String>> {
    let _card = desk.lay("card", NUMBER, &[])?;
    let text = desk.content("pkcs15-tool", &["--dump"])?;
    let words = [
        "PKCS#15 Card [JPKI]",
        "PIN [User Authentication PIN]",
        "Tries left     : 3",
        "PIN [Digital Signature PIN]",
        "Tries left     : 5",
        "Private RSA Key [User Authentication Key]",
        "Private RSA Key [Digital Signature Key]",
        "X.509 Certificate [User Authentication Certificate]",
        "X.509 Certificate [User Authentication Certificate CA]",
        "X.509 Certificate [Digital Signature Certificate]",
        "X.509 Certificate [Digital Signature Certificate CA]",
    ];
    Ok(lacking("the dump", &text, &words))
}

fn sign(desk: &mut Desk) -> Result<Vec<String>> {
    let _card = desk.lay("card", NUMBER, &[])?;
    std::fs::write(desk.file("text"), "資格確認のための文\n")?;
    for (id, name) in [("01", "own.pem"), ("03", "ca.pem")] {
        desk.content("pkcs15-tool", &["--read-certificate", id, "--out", name])?;
    }
    let issued = ["verify", "-partial_chain", "-CAfile", "ca.pem", "own.pem"];
    desk.content("openssl", &issued)?;
    let public = ["x509", "-in", "own.pem", "-pubkey", "-noout", "-out"];
    desk.content("openssl", &[&public[..], &["own.pub"]].concat())?;
    let by_pkcs11 = [
        "--slot", "0", "--login", "--pin", "1234", "--sign", "--id", "01",
    ];
    let how = [
        "--mechanism",
        "SHA256-RSA-PKCS",
        "-i",
        "text",
        "-o",
        "sig11",
    ];
    desk.content("pkcs11-tool", &[&by_pkcs11[..], &how].concat())?;
    let digest = ["dgst", "-sha256", "-binary", "-out", "digest", "text"];
    desk.content("openssl", &digest)?;
    let by_pkcs15 = ["--sign", "--key", "01", "--pin", "1234", "--sha-256"];
    let how = ["--pkcs1", "--raw", "-i", "digest", "-o", "sig15"];
    desk.content("pkcs15-crypt", &[&by_pkcs15[..], &how].concat())?;
    let mut wrong = Vec::new();
    for signature in ["sig11", "sig15"] {
        let verify = ["dgst", "-sha256", "-verify", "own.pub", "-signature"];
        let (text, _) = desk.tool("openssl", &[&verify[..], &[signature, "text"]].concat())?;
        wrong.extend(lacking(signature, &text, &["Verified OK"]));
        // The same signature over another text must not hold, else nothing was verified.
        let other = [&verify[..], &[signature, "own.pem"]].concat();
        if desk.tool("openssl", &other)?.1 {
            wrong.push(format!("{signature} holds over another text"));
        }
    }
    Ok(wrong)
}

fn wrong_pin(desk: &mut Desk) -> Result<Vec<String>> {
    let card = desk.lay("card", NUMBER, &[])?;
    let verify = ["--verify-pin", "--auth-id", "01", "--pin"];
    let (text, is_content) = desk.tool("pkcs15-tool", &[&verify[..], &["9999"]].concat())?;
    let mut wrong = lacking("it", &text, &["PIN code or key incorrect"]);
    if is_content {
        wrong.push("a wrong PIN was taken".to_owned());
    }
    desk.content("pkcs15-tool", &[&verify[..], &["1234"]].concat())?;
    drop(card);
    let _card = desk.lay("other", NUMBER, &[])?;
    if desk.tool("pkcs15-tool", &["--dump"])?.1 {
        wrong.push("a card of another kind was taken for ours".to_owned());
    }
    Ok(wrong)
}
