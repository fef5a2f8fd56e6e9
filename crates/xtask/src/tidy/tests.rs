use std::path::Path;

use super::scan::Source;
use super::tree::{TextFile, Tree};
use super::{Complaint, check, check_tree};

/// Complaints about a small workspace of these files.
fn complaints(files: &[(&str, &str)]) -> Vec<String> {
    let files = files.iter().map(|(path, text)| TextFile {
        path: (*path).to_owned(),
        text: (*text).to_owned(),
    });
    check_tree(&Tree::of(files.collect()))
        .iter()
        .map(Complaint::to_string)
        .collect()
}

/// A crate whose papers are in order, with these dependencies and this code.
fn room(name: &str, sections: &str, code: &str) -> Vec<(String, String)> {
    let manifest = format!("[package]\nname = \"{name}\"\n[lints]\nworkspace = true\n{sections}\n");
    vec![
        (format!("crates/{name}/Cargo.toml"), manifest),
        (format!("crates/{name}/README.md"), format!("# {name}\n")),
        (
            format!("crates/{name}/src/lib.rs"),
            format!("//! What it is.\n{code}"),
        ),
    ]
}

fn complaints_of(rooms: &[Vec<(String, String)>]) -> Vec<String> {
    let files: Vec<(&str, &str)> = rooms
        .iter()
        .flatten()
        .map(|(path, text)| (path.as_str(), text.as_str()))
        .collect();
    complaints(&files)
}

/// The complaints about `from` when it uses `to` in `section`.
fn edge(from: &str, to: &str, section: &str) -> Vec<String> {
    let sections = format!("[{section}]\n{to}.workspace = true");
    complaints_of(&[room(from, &sections, ""), room(to, "", "")])
}

#[test]
fn this_workspace_keeps_its_house_rules() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let found: Vec<String> = check(&root).iter().map(Complaint::to_string).collect();
    assert!(
        found.is_empty(),
        "{} complaints:\n{}",
        found.len(),
        found.join("\n")
    );
}

#[test]
fn an_edge_points_to_a_lower_tier_only() {
    for (from, to, allowed) in [
        ("fhir", "kernel", true),
        ("kernel", "fhir", false),
        ("store", "fhir", true),
        ("store", "registry", false),
        ("registry", "store", true),
        ("registry", "masters", false),
        ("access", "registry", true),
        ("access", "signing", true),
        ("registry", "signing", false),
        ("signing", "kernel", true),
        ("signing", "store", false),
        ("web", "access", true),
        ("web", "fhir_server", false),
        ("records", "fhir_server", true),
        ("web", "records", false),
        ("records", "eligibility", false),
        ("chart", "records", true),
        ("chart", "portal", false),
        ("records", "chart", false),
        ("tasuki", "chart", true),
        ("chart", "testkit", false),
    ] {
        let found = edge(from, to, "dependencies");
        assert_eq!(found.is_empty(), allowed, "{from} → {to}: {found:?}");
    }
}

#[test]
fn tests_may_use_anything_but_another_service() {
    assert_eq!(
        edge("access", "testkit", "dev-dependencies"),
        Vec::<String>::new()
    );
    assert_eq!(
        edge("records", "eligibility", "dev-dependencies"),
        [
            "crates/records/Cargo.toml:6: [tier] `records` may not use `eligibility`: services \
             never know each other"
        ]
    );
}

#[test]
fn an_edge_of_one_target_or_of_another_name_counts_too() {
    let found = complaints_of(&[
        room(
            "kernel",
            "[target.'cfg(unix)'.dependencies]\nfhir.workspace = true",
            "",
        ),
        room("fhir", "", ""),
    ]);
    assert_eq!(found.len(), 1, "{found:?}");
    let renamed = "[dependencies]\nother = { workspace = true, package = \"portal\" }";
    let found = complaints_of(&[room("chart", renamed, ""), room("portal", "", "")]);
    assert_eq!(found.len(), 1, "{found:?}");
}

#[test]
fn a_crate_without_a_tier_is_refused() {
    let found = complaints_of(&[room("util", "", "")]);
    assert_eq!(
        found,
        ["crates/util/Cargo.toml: [tier] `util` has no tier: add it to ROOMS in tidy/tiers.rs"]
    );
}

#[test]
fn async_and_http_stay_in_web_and_the_program() {
    for (from, to, allowed) in [
        ("web", "tokio", true),
        ("peers", "tokio", true),
        ("records", "tokio", false),
        ("store", "tokio", false),
        ("web", "axum", true),
        ("fhir_server", "axum", false),
        ("chart", "hyper", false),
    ] {
        let sections = format!("[dependencies]\n{to}.workspace = true");
        let found = complaints_of(&[room(from, &sections, "")]);
        assert_eq!(found.is_empty(), allowed, "{from} → {to}: {found:?}");
    }
}

#[test]
fn a_version_in_a_crate_is_refused() {
    let found = complaints_of(&[room("kernel", "[dependencies]\njiff = \"0.2\"", "")]);
    assert_eq!(
        found,
        [
            "crates/kernel/Cargo.toml: [manifest] `jiff` in dependencies: write \
             `jiff.workspace = true`"
        ]
    );
}

#[test]
fn sql_outside_store_rs_is_refused() {
    let statement = "/// Doc.\npub const Q: &str = \"\n  SELECT a FROM b\";\n";
    let found = complaints_of(&[room("records", "", statement)]);
    assert_eq!(
        found,
        ["crates/records/src/lib.rs:3: [sql] SQL outside store.rs: move the statement there"]
    );
    let in_tests = format!("#[cfg(test)]\nmod tests {{\n{statement}}}\n");
    assert_eq!(
        complaints_of(&[room("records", "", &in_tests)]),
        Vec::<String>::new()
    );
    assert_eq!(
        complaints_of(&[room("store", "", statement)]),
        Vec::<String>::new()
    );
    let words = "/// SELECT a FROM b\npub const Q: &str = \"SELECTED\";\n";
    assert_eq!(
        complaints_of(&[room("records", "", words)]),
        Vec::<String>::new()
    );
}

#[test]
fn the_engine_is_named_by_few() {
    for (code, allowed) in [
        ("use store::{Call,\n    Engine,\n};", false),
        (
            "use std::fmt;\nuse ::store::{self, engine::{Engine as E}};",
            false,
        ),
        ("fn f(engine: &store::Engine) {}", false),
        ("use base64::Engine;\nuse store::Call;", true),
        ("use base64::{Engine};", true),
        ("struct Engine; // store::Engine", true),
        ("use restore::Engine;", true),
    ] {
        let found = complaints_of(&[room("records", "", code)]);
        assert_eq!(found.is_empty(), allowed, "{code}: {found:?}");
        assert_eq!(
            complaints_of(&[room("testkit", "", code)]),
            Vec::<String>::new()
        );
    }
}

#[test]
fn unfinished_work_is_refused() {
    let mark = ["TO", "DO"].concat();
    for code in [
        format!("// {mark}: later\n"),
        "fn f() { todo!() }\n".to_owned(),
        "#[test]\n#[ignore = \"slow\"]\nfn f() {}\n".to_owned(),
    ] {
        let found = complaints_of(&[room("kernel", "", &code)]);
        assert_eq!(found.len(), 1, "{code}: {found:?}");
    }
    assert_eq!(
        complaints_of(&[room("kernel", "", "// MASTODON\n")]),
        Vec::<String>::new()
    );
}

#[test]
fn paths_of_one_machine_are_refused() {
    let home = ["/ro", "ot/x"].concat();
    assert_eq!(
        complaints(&[("docs/a.md", &format!("see {home}"))]).len(),
        1
    );
    assert_eq!(
        complaints(&[("docs/a.md", &format!("see https://a.jp{home}"))]).len(),
        0
    );
    let mirror = "source = \"registry+https://example.jp/index\"\n";
    assert_eq!(complaints(&[("Cargo.lock", mirror)]).len(), 1);
}

#[test]
fn every_crate_and_module_has_its_papers() {
    let found = complaints(&[
        ("crates/kernel/Cargo.toml", "[lints]\nworkspace = true\n"),
        (
            "crates/kernel/src/lib.rs",
            "use x;\n#[cfg(test)]\nmod checks;\n",
        ),
        ("crates/kernel/src/checks.rs", "use y;\n"),
        ("crates/kernel/src/tests.rs", "use y;\n"),
    ]);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(
        found
            .iter()
            .any(|c| c.starts_with("crates/kernel/README.md: [readme]"))
    );
    assert!(
        found
            .iter()
            .any(|c| c.starts_with("crates/kernel/src/lib.rs:1: [heading]"))
    );
}

#[test]
fn a_migration_exists_for_both_engines_and_without_gaps() {
    let found = |names: &[&str]| {
        let mut files = room("store", "", "");
        files.extend(names.iter().map(|name| {
            (
                format!("crates/store/migrations/{name}"),
                "CREATE TABLE a".to_owned(),
            )
        }));
        complaints_of(&[files])
    };
    let both = ["sqlite/0001_a.sql", "postgres/0001_a.sql"];
    assert_eq!(found(&both), Vec::<String>::new());
    assert_eq!(
        found(&["sqlite/0001_a.sql"]),
        [
            "crates/store/migrations/postgres/0001_a.sql: [migration] this migration is missing \
             for this engine"
        ]
    );
    assert_eq!(
        found(&["sqlite/0002_a.sql", "postgres/0002_a.sql"]).len(),
        1
    );
    assert_eq!(found(&["0001_a.sql"]).len(), 1);
}

#[test]
fn a_dependency_needs_a_reason() {
    let found = complaints(&[(
        "Cargo.toml",
        "[workspace.dependencies]\nkernel = { path = \"crates/kernel\" }\n\
         # -- words\njiff = \"0.2\" # dates\nserde = \"1\"\nzip = { version = \"9\",\n\
         \x20 features = [] } # archives\n[profile.dev]\ndebug = false\n",
    )]);
    assert_eq!(
        found,
        ["Cargo.toml:5: [reason] `serde` has no `# reason` beside it"]
    );
}

#[test]
fn long_files_and_functions_are_refused_unless_excepted() {
    let body = "    call();\n".repeat(69);
    let long = format!("fn long() {{\n{body}}}\n");
    let short = format!("fn short() {{\n{}}}\n", "    call();\n".repeat(68));
    let tested = format!("#[cfg(test)]\nmod tests {{\n{}}}\n", long.repeat(9));
    let code = format!("{long}{short}{tested}");
    assert_eq!(
        complaints_of(&[room("kernel", "", &code)]),
        [
            "crates/kernel/src/lib.rs:2: [size] function long has 71 lines, more than 70: divide \
             it"
        ]
    );
    let list = |name: &str, limit: usize| {
        let text = format!(
            "[[function]]\npath = \"crates/kernel/src/lib.rs\"\nname = \"{name}\"\n\
             limit = {limit}\nreason = \"a table\"\n"
        );
        let mut files = room("kernel", "", &code);
        files.push(("crates/xtask/tidy-exceptions.toml".to_owned(), text));
        complaints_of(&[files])
    };
    assert_eq!(list("long", 71), Vec::<String>::new());
    assert_eq!(list("short", 71).len(), 2);
    let lines = "//\n".repeat(500);
    assert_eq!(
        complaints_of(&[room("kernel", "", &lines)]),
        ["crates/kernel/src/lib.rs: [size] file has 501 lines, more than 500: divide it"]
    );
}

#[test]
fn the_scanner_tells_code_from_text() {
    let source = Source::read(
        "fn a<'x>(c: &'x str) -> char { '\"' } // fn b() {}\n/* fn c() { /* } */ */\n\
         fn d() -> &'static str where u8: Copy {\n  r#\"fn e() { \"# ; '\\u{7b}'; b'{';\n  \
         \"\\\"fn f() {\"\n}\ntype T = fn(u8);\ntrait U { fn g(&self, n: [u8; 3]); }\n",
    );
    let names: Vec<(&str, usize)> = source
        .functions
        .iter()
        .map(|f| (f.name.as_str(), f.lines))
        .collect();
    assert_eq!(names, [("a", 1), ("d", 4)]);
    let literals: Vec<(usize, &str)> = source
        .literals
        .iter()
        .map(|l| (l.line, l.text.as_str()))
        .collect();
    assert_eq!(literals, [(4, "fn e() { "), (5, "\\\"fn f() {")]);
}

#[test]
fn a_paper_that_names_a_test_which_is_not_there_is_refused() {
    let test = "#[test]\nfn it_holds() {}\nfn helps() {}\n";
    let unit = format!("//! What.\n#[cfg(test)]\nmod tests {{\n{test}}}\n");
    let module = format!("//! What.\n{test}");
    let peer = "//! What.\nconst A: Case = Case {\n    name: \"sqlmap\",\n};\n";
    let paper = "\
`kernel::a::tests::it_holds` `kernel::it::b::it_holds` `kernel::c::it_holds`
`foreign peers/sqlmap` and `kernel::Text`, `std::fs::File` are no tests
`kernel::a::tests::helps`
`kernel::a::it_holds_not` \"kernel::it::c::it_holds\"
`foreign peers/nmap`
";
    let found = complaints(&[
        ("crates/kernel/src/a.rs", &unit),
        ("crates/kernel/src/c/mod.rs", &module),
        ("crates/kernel/tests/it/b.rs", &module),
        ("crates/xtask/src/foreign/x.rs", peer),
        ("docs/security/attacks.md", paper),
        ("docs/other.md", "`kernel::a::tests::absent_here`"),
    ]);
    let named: Vec<&str> = found
        .iter()
        .filter(|line| line.contains("[named]"))
        .map(String::as_str)
        .collect();
    let at = |line: usize, name: &str| {
        format!("docs/security/attacks.md:{line}: [named] there is no test {name}")
    };
    assert_eq!(
        named,
        [
            at(3, "kernel::a::tests::helps"),
            at(4, "kernel::a::it_holds_not"),
            at(4, "kernel::it::c::it_holds"),
            at(5, "foreign peers/nmap"),
        ]
    );
}

/// Every attack of the list has its row, and a row names a test or says why there is none yet.
#[test]
fn every_attack_of_the_list_is_answered() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let paper = std::fs::read_to_string(root.join("docs/security/attacks.md")).expect("the paper");
    let rows: Vec<&str> = paper.lines().filter(|l| l.starts_with("| T")).collect();
    assert_eq!(rows.len(), 25);
    for (number, row) in (1..).zip(rows) {
        assert!(row.starts_with(&format!("| T{number:02} |")), "{row}");
        let is_named = row.contains("::") || row.contains("foreign peers/");
        let is_put_off = row.contains("Does not apply yet:");
        assert!(is_named || is_put_off, "{row}");
    }
}
