//! What a fresh Debian machine needs before everything can be tested: found first, installed
//! when we may, named when we may not.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::Result;

use crate::report::{Report, Verdict};
use crate::run;

/// Time for the package manager, downloads included.
const INSTALL_LIMIT: Duration = Duration::from_secs(900);

/// Something that must be on the machine.
struct Need {
    /// What for.
    what: &'static str,
    /// Debian's package.
    package: &'static str,
    /// Whether it is there, however it came.
    found: fn() -> bool,
}

const NEEDS: &[Need] = &[
    Need {
        what: "C compiler (cryptography, SQLite, zstd)",
        package: "gcc",
        found: || run::on_path("cc").is_some(),
    },
    Need {
        what: "C++ compiler",
        package: "g++",
        found: || run::on_path("c++").is_some(),
    },
    Need {
        what: "make",
        package: "make",
        found: || run::on_path("make").is_some(),
    },
    Need {
        what: "CMake (cryptography)",
        package: "cmake",
        found: || run::on_path("cmake").is_some(),
    },
    Need {
        what: "PostgreSQL server",
        package: "postgresql",
        found: has_postgresql,
    },
    Need {
        what: "foreign reader of XML files",
        package: "libxml2-utils",
        found: || run::on_path("xmllint").is_some(),
    },
    Need {
        what: "browser for the pages",
        package: "chromium",
        found: has_browser,
    },
    Need {
        what: "driver of the browser",
        package: "chromium-driver",
        found: || run::on_path("chromedriver").is_some(),
    },
    Need {
        what: "Japanese fonts",
        package: "fonts-noto-cjk",
        found: has_japanese_fonts,
    },
    Need {
        what: "foreign readers of PDF: pdftotext, pdfinfo",
        package: "poppler-utils",
        found: || run::on_path("pdftotext").is_some(),
    },
    Need {
        what: "foreign judge of PDF",
        package: "qpdf",
        found: || run::on_path("qpdf").is_some(),
    },
    Need {
        what: "another reader of PDF: mutool",
        package: "mupdf-tools",
        found: || run::on_path("mutool").is_some(),
    },
    Need {
        what: "OpenSSL's command",
        package: "openssl",
        found: || run::on_path("openssl").is_some(),
    },
    Need {
        what: "token in software, for keys behind PKCS#11",
        package: "softhsm2",
        found: || run::on_path("softhsm2-util").is_some(),
    },
    Need {
        what: "another program that opens our backups",
        package: "age",
        found: || run::on_path("age").is_some(),
    },
    Need {
        what: "foreign clients in JavaScript",
        package: "nodejs",
        found: || run::on_path("node").is_some(),
    },
    Need {
        what: "their installer",
        package: "npm",
        found: || run::on_path("npm").is_some(),
    },
    Need {
        what: "foreign clients in Python, in a folder of their own",
        package: "python3-venv",
        found: || run::succeeds("python3", &["-c", "import ensurepip, venv"]),
    },
    Need {
        what: "client with certificates",
        package: "curl",
        found: || run::on_path("curl").is_some(),
    },
    Need {
        what: "attacker by SQL",
        package: "sqlmap",
        found: || run::on_path("sqlmap").is_some(),
    },
    Need {
        what: "attacker by slowness",
        package: "slowhttptest",
        found: || run::on_path("slowhttptest").is_some(),
    },
    Need {
        what: "judge of TLS",
        package: "sslscan",
        found: || run::on_path("sslscan").is_some(),
    },
    Need {
        what: "card service (PC/SC)",
        package: "pcscd",
        found: || run::on_path("pcscd").is_some(),
    },
    Need {
        what: "virtual card reader",
        package: "vsmartcard-vpcd",
        found: || Path::new(crate::card_reader::DRIVER).is_file(),
    },
    Need {
        what: "others' card tools",
        package: "opensc",
        found: || run::on_path("opensc-tool").is_some(),
    },
    Need {
        what: "finder of C libraries",
        package: "pkgconf",
        found: || run::on_path("pkg-config").is_some(),
    },
    Need {
        what: "library of card readers, for the terminal",
        package: "libpcsclite-dev",
        found: crate::card_reader::has_library,
    },
    Need {
        what: "network of one's own",
        package: "iproute2",
        found: || run::on_path("ip").is_some(),
    },
];

/// Whether a browser that the driver can start is there.
pub fn has_browser() -> bool {
    run::on_path("chromium").is_some() || run::on_path("google-chrome").is_some()
}

fn has_postgresql() -> bool {
    let versions = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten();
    let mut installed = versions.filter(|version| version.path().join("bin/initdb").is_file());
    installed.next().is_some() || run::on_path("initdb").is_some()
}

fn has_japanese_fonts() -> bool {
    let output = Command::new("fc-list")
        .args([":lang=ja", "family"])
        .output();
    output.is_ok_and(|output| !output.stdout.is_empty()) || installed("fonts-noto-cjk")
}

fn installed(package: &str) -> bool {
    let output = Command::new("dpkg-query")
        .args(["-W", "-f", "${Status}", package])
        .output();
    output.is_ok_and(|output| output.stdout.ends_with(b"ok installed"))
}

/// Installs what is missing when that is possible; what stays missing is named and skipped.
///
/// # Errors
/// When the package manager is there and cannot be started.
pub fn run(root: &Path, offline: bool, report: &mut Report) -> Result<Verdict> {
    if !offline {
        add_components(root);
    }
    let mut missing = still_missing();
    if missing.is_empty() {
        println!("everything is there");
        return Ok(Verdict::Passed);
    }
    let packages: Vec<&str> = missing.iter().map(|need| need.package).collect();
    println!("missing: {}", packages.join(" "));
    let command = format!(
        "apt-get install -y --no-install-recommends {}",
        packages.join(" ")
    );
    if offline {
        println!("not installed, because --offline");
    } else if run::on_path("apt-get").is_none() {
        println!("there is no apt-get here: install these by hand");
    } else if !is_root() {
        println!("run this once: sudo {command}");
    } else {
        install(&packages)?;
        missing = still_missing();
    }
    let Some((last, others)) = missing.split_last() else {
        return Ok(Verdict::Passed);
    };
    for need in others {
        report.skip(&lacking(need));
    }
    Ok(Verdict::Skipped(lacking(last)))
}

fn still_missing() -> Vec<&'static Need> {
    NEEDS.iter().filter(|need| !(need.found)()).collect()
}

fn lacking(need: &Need) -> String {
    format!("{} (Debian package {} is absent)", need.what, need.package)
}

/// Formatting and lints are components of the toolchain that a minimal one leaves out.
fn add_components(root: &Path) {
    for (tool, component) in [("fmt", "rustfmt"), ("clippy", "clippy")] {
        if !has_component(root, tool) {
            println!("rustup component add {component}");
            run::succeeds("rustup", &["component", "add", component]);
        }
    }
}

/// Whether `cargo fmt` or `cargo clippy` is there.
pub fn has_component(root: &Path, tool: &str) -> bool {
    let output = run::cargo(root).args([tool, "--version"]).output();
    output.is_ok_and(|output| output.status.success())
}

/// Whether this runs as root.
pub fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output();
    output.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

/// A failure is not the end: what is then still missing is skipped aloud.
fn install(packages: &[&str]) -> Result<()> {
    let patience = [
        "-o",
        "Acquire::Retries=2",
        "-o",
        "Acquire::http::Timeout=30",
    ];
    let mut update = Command::new("apt-get");
    update.args(patience).args(["update", "--quiet"]);
    let mut install = Command::new("apt-get");
    install
        .args(patience)
        .args(["install", "--quiet", "-y", "--no-install-recommends"]);
    install.args(packages);
    for command in [&mut update, &mut install] {
        command.env("DEBIAN_FRONTEND", "noninteractive");
        let mut last = String::new();
        let ended = run::stream(command, INSTALL_LIMIT, |line| {
            if line.starts_with("E:") || line.starts_with("Setting up") {
                println!("{line}");
            }
            line.clone_into(&mut last);
        })?;
        if let Some(why) = ended {
            println!("apt-get: {why}: {last}");
        }
    }
    Ok(())
}
