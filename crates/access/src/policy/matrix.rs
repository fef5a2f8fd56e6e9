//! The policy as tables that a doctor can read: docs/security/matrix.md.
//!
//! One table for each purpose, a row for each role, a column for each class of information.
//!
//! Source: identity-security AUTHZ-01.

use std::fmt::Write as _;

use store::caller::{Purpose, Role};

use super::{Action, Class, Need, Policy, Question};

/// The roles that call from outside.
pub const ROLES: [Role; 17] = [
    Role::Doctor,
    Role::Dentist,
    Role::Pharmacist,
    Role::Nurse,
    Role::Technologist,
    Role::Therapist,
    Role::Clerk,
    Role::AmbulanceCrew,
    Role::Insurer,
    Role::Municipality,
    Role::Registrar,
    Role::Administrator,
    Role::SafetyOfficer,
    Role::VendorSupport,
    Role::System,
    Role::Patient,
    Role::Proxy,
];

/// What a cell says of an action.
#[must_use]
pub const fn action_mark(action: Action) -> &'static str {
    match action {
        Action::Read => "見",
        Action::Write => "登",
        Action::Delete => "消",
        Action::Export => "持",
    }
}

/// What a cell says of a condition.
#[must_use]
pub const fn need_mark(need: Need) -> &'static str {
    match need {
        Need::Visit => "来",
        Need::Consent => "同",
        Need::Presence => "カ",
        Need::OwnFacility => "自",
        Need::Own => "本",
        Need::Proxy => "代",
        Need::Window => "時",
        Need::Masked => "伏",
        Need::Fresh => "再",
        Need::SecondPerson => "二",
        Need::Disaster => "災",
        Need::Addressed => "宛",
    }
}

/// What a cell without any rule says.
pub const DENIED: &str = "－";

/// The tables in Markdown.
#[must_use]
pub fn markdown(policy: &Policy) -> String {
    let mut out = String::from(
        "# だれが、どの情報に、何をしてよいか / Who may do what\n\n\
         `crates/access/policy.toml` から作られています(手で直さないでください)。\n\
         Made from `crates/access/policy.toml`; do not edit. \
         `UPDATE_EXPECT=1 cargo test -p access` makes it anew.\n\n\
         ここにないものは、すべてできません。未ログインの人には、何も許されていません。\n\
         What is not here is denied. Whoever is not logged in may do nothing.\n\n\
         `GET /api/v1/access/decisions?class=…&action=…&purpose=…` が、同じ表で答えます。\n\n",
    );
    legend(&mut out);
    for purpose in Purpose::ALL {
        table(&mut out, policy, purpose);
    }
    rules(&mut out, policy);
    out
}

fn legend(out: &mut String) {
    out.push_str("## 印 / Marks\n\n| 印 | すること / action |\n|---|---|\n");
    for action in Action::ALL {
        let mark = action_mark(action);
        let _ = writeln!(out, "| {mark} | {} (`{}`) |", action.ja(), action.word());
    }
    out.push_str("\nかっこの中は条件です。すべて満たすときだけ、できます。\n");
    out.push_str("Conditions stand in brackets; all of them must hold.\n\n");
    out.push_str("| 印 | 条件 / condition |\n|---|---|\n");
    for need in Need::ALL {
        let mark = need_mark(need);
        let _ = writeln!(out, "| {mark} | {} (`{}`) |", need.ja(), need.word());
    }
    out.push('\n');
}

fn table(out: &mut String, policy: &Policy, purpose: Purpose) {
    let _ = writeln!(out, "## {} (`{}`)\n", purpose.ja(), purpose.word());
    out.push_str("| |");
    for class in Class::ALL {
        let _ = write!(out, " {} (`{}`) |", class.ja(), class.word());
    }
    out.push_str("\n|---|");
    out.push_str(&"---|".repeat(Class::ALL.len()));
    for role in ROLES {
        let _ = write!(out, "\n| {} (`{}`) |", role.ja(), role.word());
        for class in Class::ALL {
            let _ = write!(out, " {} |", cell(policy, role, class, purpose));
        }
    }
    out.push_str("\n\n");
}

/// Actions on the same conditions stand together: `登・消(自)`.
fn cell(policy: &Policy, role: Role, class: Class, purpose: Purpose) -> String {
    let mut groups: Vec<(String, Vec<&'static str>)> = Vec::new();
    for action in Action::ALL {
        let question = Question {
            role,
            class,
            action,
            purpose,
        };
        let Some(rule) = policy.rule(question) else {
            continue;
        };
        let needs: Vec<&str> = rule.needs.iter().map(|need| need_mark(*need)).collect();
        let needs = needs.join("・");
        let mark = action_mark(action);
        match groups.iter_mut().find(|(same, _)| *same == needs) {
            Some((_, marks)) => marks.push(mark),
            None => groups.push((needs, vec![mark])),
        }
    }
    let words: Vec<String> = groups
        .into_iter()
        .map(|(needs, marks)| match needs.as_str() {
            "" => marks.join("・"),
            needs => format!("{}({needs})", marks.join("・")),
        })
        .collect();
    match words.is_empty() {
        true => DENIED.to_owned(),
        false => words.join(" "),
    }
}

fn rules(out: &mut String, policy: &Policy) {
    out.push_str("## 決まり / Rules\n\n");
    for (number, rule) in (1..).zip(policy.rules()) {
        let _ = writeln!(
            out,
            "{number}. {}\n   {} ({})",
            rule.ja, rule.en, rule.source
        );
    }
}
