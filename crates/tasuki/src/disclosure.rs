//! What an operator shows an inspector: each requirement of the ministry's guideline, what this
//! program does about it, and the test that shows it.
//!
//! The table is data (`docs/security/requirements.toml`). A row that claims something without a
//! test of this very source tree is refused, so that the paper cannot run ahead of the program.
//!
//! Source: 医療情報システムの安全管理に関するガイドライン 第6.0版; 医療機関等における
//! サイバーセキュリティ対策チェックリスト(令和7年度); JAHIS標準24-005 (製造業者・サービス事業者
//! による医療情報セキュリティ開示書).

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, bail, ensure};
use serde::Deserialize;

/// The table of this program.
pub const OWN: &str = include_str!("../../../docs/security/requirements.toml");
/// Every test of the source tree that this program was built from.
const TESTS: &str = include_str!(concat!(env!("OUT_DIR"), "/tests.txt"));

/// How far a requirement is met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// The program does it.
    Yes,
    /// The program does a part; the remark says which.
    Partly,
    /// The operator does it; the program has no part in it.
    Operator,
    /// Not done.
    No,
}

impl State {
    /// As the checklists write it.
    #[must_use]
    pub const fn ja(self) -> &'static str {
        match self {
            Self::Yes => "はい",
            Self::Partly => "一部",
            Self::Operator => "施設で記入",
            Self::No => "いいえ",
        }
    }

    /// In English.
    #[must_use]
    pub const fn en(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::Partly => "in part",
            Self::Operator => "the facility fills in",
            Self::No => "no",
        }
    }
}

/// One requirement.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    /// Its id, such as `AUTH-02`.
    pub id: String,
    /// What is required.
    pub ja: String,
    /// The same in English.
    pub en: String,
    /// Chapter or item that it comes from.
    pub source: String,
    /// How far it is met.
    pub state: State,
    /// What the program does.
    pub does_ja: String,
    /// The same in English.
    pub does_en: String,
    /// What is missing, or left to the operator.
    #[serde(default)]
    pub remark_ja: String,
    /// The same in English.
    #[serde(default)]
    pub remark_en: String,
    /// The tests that show it: `crate::module::name`.
    #[serde(default)]
    pub tests: Vec<String>,
}

/// Who fills in a checklist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Reader {
    /// 医療機関.
    Facility,
    /// 薬局.
    Pharmacy,
    /// 事業者.
    Vendor,
}

impl Reader {
    /// For people.
    #[must_use]
    pub const fn ja(self) -> &'static str {
        match self {
            Self::Facility => "医療機関",
            Self::Pharmacy => "薬局",
            Self::Vendor => "事業者",
        }
    }
}

/// An item of the 2025 checklists.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// Its number, such as `2-⑩`.
    pub number: String,
    /// In whose checklist it stands.
    pub readers: Vec<Reader>,
    /// What is asked.
    pub ja: String,
    /// The same in English.
    pub en: String,
    /// The requirements that answer it.
    pub requirements: Vec<String>,
    /// What the facility itself still has to do.
    #[serde(default)]
    pub own_part_ja: String,
    /// The same in English.
    #[serde(default)]
    pub own_part_en: String,
}

/// The table.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// The requirements, in order.
    #[serde(rename = "requirement")]
    pub requirements: Vec<Requirement>,
    /// The items of the checklists, in order.
    #[serde(rename = "item")]
    pub items: Vec<Item>,
}

impl Table {
    /// Reads a table and holds every claim against the tests that there are.
    ///
    /// # Errors
    /// Form, a row twice, a claim without a test, a test that does not exist, an item that
    /// names no requirement of the table; all of them in one message.
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        let table: Self = toml::from_str(text)
            .context("要求事項の表を読めません / the table of requirements cannot be read")?;
        let faults = table.faults(&Tests::own());
        ensure!(
            faults.is_empty(),
            "要求事項の表に誤りがあります。表かテストを直してください / the table of requirements is wrong; mend the table or write the test: {}",
            faults.join("; ")
        );
        Ok(table)
    }

    fn faults(&self, tests: &Tests) -> Vec<String> {
        let mut faults = Vec::new();
        let mut ids = BTreeSet::new();
        for row in &self.requirements {
            if !ids.insert(row.id.as_str()) {
                faults.push(format!("{} is there twice", row.id));
            }
            let claims = matches!(row.state, State::Yes | State::Partly);
            if claims && row.tests.is_empty() {
                faults.push(format!("{} claims something without a test", row.id));
            }
            if matches!(row.state, State::Partly | State::No)
                && (row.remark_ja.is_empty() || row.remark_en.is_empty())
            {
                faults.push(format!("{} does not say what is missing", row.id));
            }
            for test in row.tests.iter().filter(|test| !tests.has(test)) {
                faults.push(format!(
                    "{} names a test that does not exist: {test}",
                    row.id
                ));
            }
        }
        for item in &self.items {
            for id in item
                .requirements
                .iter()
                .filter(|id| !ids.contains(id.as_str()))
            {
                faults.push(format!("item {} names no requirement: {id}", item.number));
            }
        }
        faults
    }

    fn requirement(&self, id: &str) -> Option<&Requirement> {
        self.requirements.iter().find(|row| row.id == id)
    }

    /// How far an item is met: as far as the least of its requirements.
    fn answer(&self, item: &Item) -> State {
        let states = item.requirements.iter();
        let states = states.filter_map(|id| Some(self.requirement(id)?.state));
        let (mut any_yes, mut worst) = (false, State::Yes);
        for state in states {
            any_yes |= matches!(state, State::Yes | State::Partly);
            worst = worst.max(state);
        }
        match (item.requirements.is_empty(), worst, any_yes) {
            (true, ..) => State::Operator,
            (_, State::No, true) => State::Partly,
            (_, worst, _) => worst,
        }
    }

    /// The checklist of 2025 for this reader, filled in, as Markdown.
    ///
    /// # Errors
    /// When no item is meant for this reader.
    pub fn checklist(&self, reader: Reader) -> anyhow::Result<String> {
        let items: Vec<&Item> = self
            .items
            .iter()
            .filter(|item| item.readers.contains(&reader))
            .collect();
        if items.is_empty() {
            bail!("この表には該当する項目がありません / the table has no item for this reader");
        }
        let mut page = format!(
            "# サイバーセキュリティ対策チェックリスト(令和7年度)・{}確認用\n\n{}\n\n\
             | 番号 | 確認すること | 回答 | 根拠 | 施設で行うこと |\n|---|---|---|---|---|\n",
            reader.ja(),
            headline()
        );
        for item in items {
            let evidence: Vec<String> = item
                .requirements
                .iter()
                .filter_map(|id| self.requirement(id))
                .map(|row| format!("**{}** {}", row.id, row.does_ja))
                .collect();
            page.push_str(&format!(
                "| {} | {}<br>{} | {}<br>{} | {} | {}<br>{} |\n",
                item.number,
                item.ja,
                item.en,
                self.answer(item).ja(),
                self.answer(item).en(),
                evidence.join("<br>"),
                item.own_part_ja,
                item.own_part_en
            ));
        }
        Ok(page)
    }

    /// The manufacturer's disclosure: every requirement with what is done and the tests.
    #[must_use]
    pub fn manufacturer(&self) -> String {
        let mut page = format!(
            "# 製造業者・サービス事業者による医療情報セキュリティ開示書(MDS/SDS)\n\n{}\n\n\
             様式の考え方はJAHIS標準24-005によります。答えの根拠は、このプログラムと同じソースコードに\
             あるテストの名前です。\n\n",
            headline()
        );
        let mut by_state: BTreeMap<State, usize> = BTreeMap::new();
        for row in &self.requirements {
            *by_state.entry(row.state).or_default() += 1;
            page.push_str(&format!(
                "## {} {}\n\n{}\n\n- 出典: {}\n- 回答: {} / {}\n- 対応: {}\n- What it does: {}\n",
                row.id,
                row.ja,
                row.en,
                row.source,
                row.state.ja(),
                row.state.en(),
                row.does_ja,
                row.does_en
            ));
            if !row.remark_ja.is_empty() {
                page.push_str(&format!(
                    "- 備考: {}\n- Remark: {}\n",
                    row.remark_ja, row.remark_en
                ));
            }
            for test in &row.tests {
                page.push_str(&format!("- 根拠: `{test}`\n"));
            }
            page.push('\n');
        }
        let totals: Vec<String> = by_state
            .iter()
            .map(|(state, count)| format!("{} {count}", state.ja()))
            .collect();
        page.push_str(&format!(
            "合計 {}件: {}\n",
            self.requirements.len(),
            totals.join("、")
        ));
        page
    }
}

fn headline() -> String {
    format!(
        "製品: tasuki {} ・ 作成: `tasuki disclose`",
        env!("CARGO_PKG_VERSION")
    )
}

/// The tests that exist.
pub struct Tests(Vec<&'static str>);

impl Tests {
    /// Those of the source tree that this program was built from.
    #[must_use]
    pub fn own() -> Self {
        Self(TESTS.lines().collect())
    }

    /// Is there such a test? Crate and name must be right; modules between them may be left
    /// out, but not be others.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        let wanted: Vec<&str> = name.split("::").collect();
        let (Some(first), Some(last)) = (wanted.first(), wanted.last()) else {
            return false;
        };
        self.0.iter().any(|test| {
            let parts: Vec<&str> = test.split("::").collect();
            parts.first() == Some(first)
                && parts.last() == Some(last)
                && wanted
                    .iter()
                    .all(|part| parts.contains(part) || matches!(*part, "tests" | "it"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{OWN, Reader, State, Table, Tests};

    fn table(tests: &str, state: &str) -> String {
        format!(
            "[[requirement]]\nid='X-01'\nja='あ'\nen='a'\nsource='s'\nstate='{state}'\n\
             does_ja='い'\ndoes_en='b'\ntests=[{tests}]\n\
             [[item]]\nnumber='1-①'\nreaders=['vendor']\nja='う'\nen='c'\nrequirements=['X-01']\n"
        )
    }

    #[test]
    fn a_row_whose_test_does_not_exist_is_refused() {
        let real = "'tasuki::disclosure::a_row_whose_test_does_not_exist_is_refused'";
        assert!(Table::parse(&table(real, "yes")).is_ok());
        for (tests, state) in [
            ("'tasuki::disclosure::no_such_test'", "yes"),
            ("'web::a_row_whose_test_does_not_exist_is_refused'", "yes"),
            (
                "'tasuki::elsewhere::a_row_whose_test_does_not_exist_is_refused'",
                "yes",
            ),
            ("", "yes"),
            ("", "partly"),
        ] {
            let refused = Table::parse(&table(tests, state)).unwrap_err().to_string();
            assert!(refused.contains("X-01"), "{tests} {state}: {refused}");
        }
    }

    #[test]
    fn the_own_table_is_whole_and_every_test_of_it_exists() {
        let table = Table::parse(OWN).unwrap_or_else(|why| panic!("{why:#}"));
        for prefix in [
            "AUTH-", "SESS-", "AUTHZ-", "CONS-", "AUD-", "NET-", "MAL-", "VUL-", "SBOM-", "OA-",
        ] {
            assert!(
                table
                    .requirements
                    .iter()
                    .any(|row| row.id.starts_with(prefix)),
                "no row of {prefix}"
            );
        }
    }

    #[test]
    fn each_reader_has_a_checklist_from_1_to_4_and_the_vendor_its_own() {
        let table = Table::parse(OWN).unwrap_or_else(|why| panic!("{why:#}"));
        for (reader, first, last) in [
            (Reader::Facility, "| 1-① |", "| 4-① |"),
            (Reader::Pharmacy, "| 1-① |", "| 4-① |"),
            (Reader::Vendor, "| 1-① |", "| 2-⑬ |"),
        ] {
            let page = table.checklist(reader).expect("a checklist");
            assert!(page.contains(first) && page.contains(last), "{reader:?}");
            assert!(page.contains(State::Yes.ja()));
        }
        assert!(table.manufacturer().contains("AUTH-02"));
    }

    #[test]
    fn tests_are_found_by_crate_module_and_name() {
        let tests = Tests::own();
        assert!(tests.has("tasuki::disclosure::tests_are_found_by_crate_module_and_name"));
        assert!(!tests.has("tasuki"));
        assert!(!tests.has(""));
    }
}
