//! The sections of a document beside their table.

use super::entries::Entries;
use super::table::{self, Spec};
use super::{DocumentKind, rule};
use crate::clins::profile::text_at;
use crate::clins::report::Checked;
use crate::clins::rule::REQUIRED;
use crate::clins::system;
use crate::json::Node;
use crate::path::Path;

/// Checks all sections of a Composition.
pub(super) fn check(
    composition: Node<'_>,
    kind: DocumentKind,
    entries: &Entries<'_>,
    path: &Path<'_>,
    out: &mut Checked,
) {
    let walk = Walk { kind, entries };
    walk.list(composition, table::sections(kind), 0, path, out);
    let list = path.name("section");
    let has = |code: &str| {
        composition
            .list("section")
            .any(|s| code_of(s) == Some(code))
    };
    match kind {
        DocumentKind::Referral | DocumentKind::Discharge if has("200") == has("300") => {
            let found = if has("200") { "200, 300" } else { "" };
            out.refuse(rule::SECTION_BODY, &list, found);
        }
        DocumentKind::MunicipalCheckup => {
            let has_results = has("01910") || has("01920");
            if has_results == has("01990") {
                let found = if has_results { "01990" } else { "" };
                out.refuse(rule::MUNICIPAL_BODY, &list, found);
            }
        }
        DocumentKind::Checkup if composition.list("section").next().is_none() => {
            out.refuse(rule::SECTION_MISSING, &list, "");
        }
        _ => {}
    }
}

/// The code of a section.
fn code_of(section: Node<'_>) -> Option<&str> {
    section.get("code")?.list("coding").next()?.str("code")
}

struct Walk<'a> {
    kind: DocumentKind,
    entries: &'a Entries<'a>,
}

impl Walk<'_> {
    /// The sections in `holder` beside those that may stand there.
    fn list(
        &self,
        holder: Node<'_>,
        specs: &[Spec],
        depth: usize,
        path: &Path<'_>,
        out: &mut Checked,
    ) {
        let list = path.name("section");
        let mut seen = vec![0_usize; specs.len()];
        for (i, section) in holder.list("section").enumerate() {
            let here = list.index(i);
            let code = self.code(section, &here, out);
            let slot = specs
                .iter()
                .zip(seen.iter_mut())
                .find(|(spec, _)| code.is_some_and(|c| spec.codes.contains(&c)));
            match (slot, code) {
                (Some((spec, seen)), Some(code)) => {
                    *seen += 1;
                    if *seen > spec.count.1 {
                        out.refuse(rule::SECTION_TWICE, &here, code);
                    }
                    self.section(section, spec, depth, &here, out);
                }
                (None, Some(code)) if table::is_open(self.kind, code) => {
                    out.warn(rule::SECTION_PLACE, &here, code);
                    self.text(section, true, &here, out);
                }
                (None, Some(code)) => {
                    let at = here.name("code");
                    out.refuse(rule::SECTION_CODE, &at, code);
                }
                (_, None) => {}
            }
        }
        for (spec, seen) in specs.iter().zip(&seen) {
            if *seen < spec.count.0 {
                let codes = spec.codes.join(" | ");
                let hint = format!("{codes} {}", spec.title);
                out.refuse_hint(rule::SECTION_MISSING, &list, "", hint.trim());
            }
        }
    }

    /// The one code of the section; anything else is reported.
    fn code<'n>(&self, section: Node<'n>, path: &Path<'_>, out: &mut Checked) -> Option<&'n str> {
        let here = path.name("code");
        let Some(concept) = section.get("code") else {
            out.refuse(REQUIRED, &here, "");
            return None;
        };
        let list = here.name("coding");
        let mut codings = concept.list("coding");
        let (first, second) = (codings.next(), codings.next());
        let Some(coding) = first.filter(|_| second.is_none()) else {
            let count = concept.list("coding").count().to_string();
            out.refuse(rule::SECTION_CODE, &list, &count);
            return None;
        };
        let wanted = if self.kind.is_checkup() {
            system::SECTION_CHECKUP
        } else {
            system::SECTION
        };
        let place = list.index(0);
        let name = coding.str("system").unwrap_or_default();
        if !system::same(name, wanted) {
            out.refuse_hint(rule::SECTION_CODE, &place.name("system"), name, wanted);
        }
        let code = coding.str("code");
        if code.is_none() {
            out.refuse(rule::SECTION_CODE, &place.name("code"), "");
        }
        code
    }

    fn section(
        &self,
        section: Node<'_>,
        spec: &Spec,
        depth: usize,
        path: &Path<'_>,
        out: &mut Checked,
    ) {
        let title = section.str("title");
        if !spec.title.is_empty() && title != Some(spec.title) {
            let found = title.unwrap_or_default();
            out.refuse_hint(rule::SECTION_TITLE, &path.name("title"), found, spec.title);
        }
        self.display(section, spec, path, out);
        self.text(section, spec.text, path, out);
        self.references(section, spec, path, out);
        if self.kind.is_checkup() {
            return;
        }
        if spec.inner.is_empty() {
            if section.get("section").is_some() {
                out.refuse(rule::SECTION_ELEMENT, &path.name("section"), "");
            }
        } else if depth == 0 {
            self.list(section, spec.inner, depth + 1, path, out);
        }
    }

    /// The name of the code: fixed where there is one; it must be there in a care plan, whose
    /// coding is fixed as a whole, and in a checkup report, whose slices are told apart by it.
    fn display(&self, section: Node<'_>, spec: &Spec, path: &Path<'_>, out: &mut Checked) {
        let found = section
            .get("code")
            .and_then(|c| c.list("coding").next())
            .and_then(|c| c.str("display"));
        let whole = format!("{}セクション", spec.title);
        let own = [whole.as_str()];
        let (must, names) = match self.kind {
            DocumentKind::MunicipalCheckup => return,
            DocumentKind::Checkup => (true, spec.displays),
            DocumentKind::CarePlan => (true, &own[..]),
            _ => (false, &own[..]),
        };
        if found.map_or(must, |f| !names.contains(&f)) {
            let (code, coding) = (path.name("code"), "coding");
            let list = code.name(coding);
            let here = list.index(0);
            let place = here.name("display");
            let found = found.unwrap_or_default();
            out.refuse_hint(rule::SECTION_CODE, &place, found, &names.join(" | "));
        }
    }

    /// The narrative: `additional` in the documents of JP-CLINS; free in checkup reports.
    fn text(&self, section: Node<'_>, allowed: bool, path: &Path<'_>, out: &mut Checked) {
        if self.kind.is_checkup() {
            return;
        }
        for key in ["mode", "orderedBy"] {
            if section.get(key).is_some() {
                out.refuse(rule::SECTION_ELEMENT, &path.name(key), "");
            }
        }
        if section.get("text").is_none() {
            return;
        }
        let here = path.name("text");
        let status = text_at(section, &["text", "status"]).unwrap_or_default();
        if !allowed {
            out.refuse(rule::SECTION_TEXT, &here, "");
        } else if status != "additional" {
            out.refuse(rule::SECTION_TEXT, &here.name("status"), status);
        }
    }

    /// The entries: how many, and of which types.
    fn references(&self, section: Node<'_>, spec: &Spec, path: &Path<'_>, out: &mut Checked) {
        let list = path.name("entry");
        let count = section.list("entry").count();
        if count < spec.entries.0 || count > spec.entries.1 {
            let most = match spec.entries.1 {
                usize::MAX => "*".to_owned(),
                most => most.to_string(),
            };
            let hint = format!("{}..{most}", spec.entries.0);
            out.refuse_hint(rule::SECTION_ENTRIES, &list, &count.to_string(), &hint);
        }
        let mut organizations = 0_usize;
        let (mut plans, mut conditions) = (0_usize, 0_usize);
        for (i, reference) in section.list("entry").enumerate() {
            let Some(target) = self.entries.target(reference) else {
                continue;
            };
            let name = target.str("resourceType").unwrap_or_default();
            if !spec.types.is_empty() && !spec.types.contains(&name) {
                let hint = spec.types.join(" | ");
                out.refuse_hint(rule::TARGET, &list.index(i), name, &hint);
            }
            organizations += usize::from(name == "Organization");
            plans += usize::from(name == "CarePlan");
            conditions += usize::from(name == "Condition");
        }
        let found = organizations.to_string();
        match spec.codes {
            ["910"] if organizations != 1 => out.refuse(rule::ADDRESSEE, &list, &found),
            // The text demands one, the profile does not.
            ["340"] if conditions == 0 => out.warn(rule::COMPLAINT, &list, ""),
            ["920"] if organizations != 1 => {
                out.refuse_hint(rule::SECTION_ENTRIES, &list, &found, "Organization 1..1");
            }
            ["422"] if plans != 1 || conditions == 0 => {
                let found = format!("CarePlan {plans}, Condition {conditions}");
                let hint = "CarePlan 1..1, Condition 1..*";
                out.refuse_hint(rule::SECTION_ENTRIES, &list, &found, hint);
            }
            _ => {}
        }
    }
}
