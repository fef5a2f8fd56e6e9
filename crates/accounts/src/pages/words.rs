//! Words and parts that several pages of the office share.

use access::{
    policy::{self, Permission},
    substitute::Substitute,
};
use kernel::{Refusal, id::StaffId, time::Timestamp};
use maud::{Markup, html};
use store::caller::Role;
use web::{
    Answer, Request, office,
    ui::{self, Lang, Tag, TagTone, Tone},
};

use crate::{errors, roster::Member, rules::account::is_elevated};

/// A role's name for the reader.
pub(super) const fn role(lang: Lang, role: Role) -> &'static str {
    match lang {
        Lang::Ja => role.ja(),
        Lang::En => match role {
            Role::Doctor => "Doctor",
            Role::Dentist => "Dentist",
            Role::Pharmacist => "Pharmacist",
            Role::Nurse => "Nurse",
            Role::Technologist => "Technologist",
            Role::Therapist => "Therapist",
            Role::Clerk => "Clerk",
            Role::AmbulanceCrew => "Ambulance crew",
            Role::Administrator => "Administrator",
            Role::SafetyOfficer => "Safety officer",
            Role::VendorSupport => "Vendor support",
            other => other.word(),
        },
    }
}

/// An instant for the reader.
pub(super) fn instant(lang: Lang, at: Timestamp) -> String {
    match lang {
        Lang::Ja => at.jst_japanese(),
        Lang::En => at.jst_minute(),
    }
}

/// The last day on which an account that ends at `end` can be used.
pub(super) fn last_day(lang: Lang, end: Timestamp) -> String {
    ui::date_text(lang, end.plus_seconds(-1).jst_date())
}

/// Who it was; somebody who is not on the roster any more has no name here.
pub(super) fn name_of(lang: Lang, members: &[Member], staff: StaffId) -> String {
    members
        .iter()
        .find(|member| member.staff == staff)
        .map_or_else(
            || lang.pick("(不明)", "(unknown)").to_owned(),
            |member| member.name.clone(),
        )
}

/// How an account stands, in short words.
pub(super) fn marks(lang: Lang, member: &Member, at: Timestamp) -> Markup {
    let mut all = Vec::new();
    let mut add = |is: bool, label, tone| {
        if is {
            all.push(Tag { label, tone });
        }
    };
    let is_open = member.is_open(at);
    add(!is_open, lang.pick("終了", "Ended"), TagTone::Neutral);
    add(
        is_open && member.is_dormant(at),
        lang.pick("90日以上未使用", "Unused for 90 days"),
        TagTone::Caution,
    );
    add(
        is_open && at < member.locked_until,
        lang.pick("ロック中", "Locked"),
        TagTone::Caution,
    );
    add(
        is_open && member.must_change,
        lang.pick("初期パスワードのまま", "Initial password"),
        TagTone::Info,
    );
    add(
        is_open && is_elevated(member.role),
        lang.pick("特別な権限", "Elevated"),
        TagTone::Info,
    );
    ui::tags(&all)
}

/// May the caller change accounts?
pub(super) fn manages(request: &Request) -> bool {
    policy::admits(request.caller(), Permission::ManageAccounts)
}

/// The caller's own account.
pub(super) fn me(request: &Request) -> Option<StaffId> {
    match &request.caller().actor {
        store::caller::Actor::Staff { staff, .. } => Some(*staff),
        _ => None,
    }
}

/// The sentence for a field that was refused: what to type there.
pub(super) fn field_error(lang: Lang, why: Option<&Refusal>, path: &str) -> Option<String> {
    let why = why?;
    let finding = why.findings.iter().find(|f| f.path == path)?;
    let own = match path {
        _ if why.entry.code != errors::FIELD.code => None,
        "name" => Some(("氏名を入力してください。", "Give the person's name.")),
        "login" => Some((
            "空白を含まないログイン名を入力してください。",
            "Give a log-in name without spaces.",
        )),
        "role" => Some(("一覧から選んでください。", "Choose one from the list.")),
        "last_day" => Some((
            "今日か、それより後の日付を入力してください。",
            "Give today's date or a later one.",
        )),
        "reason" => Some(("理由を入力してください。", "Give the reason.")),
        _ => None,
    };
    let (ja, en) = own.unwrap_or((&finding.remedy_ja, &finding.remedy_en));
    Some(lang.pick(ja, en).to_owned())
}

/// What was refused, at the top of the page on which it was tried.
pub(super) fn refused(lang: Lang, why: &Refusal) -> Markup {
    ui::notice(
        lang,
        ui::Level::Error,
        lang.text(&why.entry.cause),
        &html! { p { (lang.text(&why.entry.remedy)) } p { small { (why.entry.code) } } },
    )
}

/// A secret that is shown this once.
pub(super) fn shown_once(
    request: &Request,
    title: &str,
    label: &str,
    secret: &str,
    note: &Markup,
    back: &str,
) -> Answer {
    let lang = request.lang();
    let crumbs = [
        ui::Crumb {
            href: Some("/office/accounts"),
            label: lang.pick("職員のアカウント", "Accounts"),
        },
        ui::Crumb {
            href: None,
            label: title,
        },
    ];
    let body = html! {
        (ui::notice(lang, ui::Level::Warning,
            lang.pick("この画面を閉じると、二度と表示できません", "This is shown only once"),
            &html! { p { (lang.pick(
                "ご本人に直接お渡しください。メールや掲示では伝えないでください。",
                "Hand it to its owner in person, never by mail or on paper left around.")) } }))
        (ui::facts("", &[ui::Fact { label, value: ui::copyable(lang, secret) }]))
        (note)
        (ui::actions(&[ui::button_link(back, lang.pick("渡したので閉じる", "Handed over, close"), ui::Tone::Primary)]))
    };
    office::page(request, title, &crumbs, false, body)
}

/// Requests for substitute codes that wait, and codes that are good.
pub(super) fn substitutes(request: &Request, members: &[Member], all: &[Substitute]) -> Markup {
    let lang = request.lang();
    let me = me(request);
    let may =
        |one: &Substitute| manages(request) && me != Some(one.proposed_by) && me != Some(one.staff);
    let cards = html! {
        @for one in all {
            div.card {
                h3 { (name_of(lang, members, one.staff)) }
                p { (lang.pick("理由：", "Reason: ")) (one.reason) br;
                    (lang.pick("申請：", "Asked by: ")) (name_of(lang, members, one.proposed_by))
                    " (" (instant(lang, one.proposed_at)) ")" }
                @if let Some(by) = one.approved_by {
                    p { (lang.pick("承認：", "Approved by: ")) (name_of(lang, members, by))
                        (lang.pick("、有効期限：", ", good until ")) (instant(lang, one.ends_at)) }
                } @else if may(one) {
                    (ui::post_button(&format!("/office/substitutes/{}", one.id.to_hex()), &request.csrf(), &[],
                        lang.pick("承認して発行する", "Approve and issue"), Tone::Primary))
                } @else {
                    p { (lang.pick("もう一人の施設管理者の承認を待っています。", "Waits for another administrator's approval.")) }
                }
            }
        }
    };
    html! {
        @if !all.is_empty() {
            (ui::section("substitutes", lang.pick("代替コード", "Substitute codes"), &cards))
        }
    }
}
