//! One account: what it may do, and what its administrators may do with it.

use access::substitute;
use kernel::{
    Refusal,
    id::{StaffId, SubstituteId},
};
use maud::{Markup, html};
use store::{Call, Stop, caller::Role};
use web::{
    Answer, Request, office,
    ui::{self, Choice, Crumb, Fact, Field, Lang, Tone},
};

use super::{list, words};
use crate::{
    ops::{self, Ends, Profile},
    roster::{self, Member},
    rules::account::is_elevated,
};

pub(super) async fn show(request: Request) -> Result<Answer, Refusal> {
    let staff = request.id_param("staff", StaffId::parse)?;
    let profile = request.read(move |call| ops::profile(call, staff)).await?;
    Ok(page(&request, &profile, None))
}

/// Runs a change of one account and shows it as it then is; a refused one with its reason.
async fn change<F>(request: &Request, staff: StaffId, mut op: F) -> Result<Answer, Refusal>
where
    F: FnMut(&mut Call<'_>) -> Result<(), Stop> + Send + 'static,
{
    request.fresh()?;
    let facility = request.facility()?;
    let op = move |call: &mut Call<'_>| {
        // Whose account it is comes before what was typed.
        roster::one(call, facility, staff)?;
        op(call)
    };
    match request.write(op).await {
        Ok(()) => {
            request.app().gate.forget_staff(facility, staff);
            Ok(Answer::see_other(&format!(
                "/office/accounts/{}",
                staff.to_hex()
            )))
        }
        Err(why) => refused(request, staff, why).await,
    }
}

/// The account as it is, below the reason why it was not changed.
async fn refused(request: &Request, staff: StaffId, why: Refusal) -> Result<Answer, Refusal> {
    if why.entry.status >= 500 || why.entry.status == 404 {
        return Err(why);
    }
    let facility = request.facility()?;
    // The refusal has its record; what is shown again below it is the same account.
    let profile = request
        .look_up(move |call| ops::profile_of(call, facility, staff))
        .await?;
    let status = why.entry.status;
    Ok(page(request, &profile, Some(&why)).with_status(status))
}

pub(super) async fn role(request: Request) -> Result<Answer, Refusal> {
    let staff = request.id_param("staff", StaffId::parse)?;
    let role = list::staff_role(request.form()?.text("role"));
    change(&request, staff, move |call| {
        ops::change_role(call, staff, role.clone()?)
    })
    .await
}

pub(super) async fn end(request: Request) -> Result<Answer, Refusal> {
    let staff = request.id_param("staff", StaffId::parse)?;
    let form = request.form()?;
    let day = list::optional_day(form.text("last_day"));
    let now = form.text("when") == "now";
    change(&request, staff, move |call| {
        let ends = match day.clone()? {
            _ if now => Ends::Now,
            Some(day) => Ends::After(day),
            None => Ends::Never,
        };
        ops::end(call, staff, ends)
    })
    .await
}

pub(super) async fn reopen(request: Request) -> Result<Answer, Refusal> {
    with_new_password(request, ops::reopen).await
}

pub(super) async fn password(request: Request) -> Result<Answer, Refusal> {
    with_new_password(request, ops::reset_password).await
}

async fn with_new_password(
    request: Request,
    op: fn(&mut Call<'_>, StaffId, &str) -> Result<(), Stop>,
) -> Result<Answer, Refusal> {
    request.fresh()?;
    let staff = request.id_param("staff", StaffId::parse)?;
    let (initial, hash) = list::initial_password(&request).await?;
    let facility = request.facility()?;
    if let Err(why) = request.write(move |call| op(call, staff, &hash)).await {
        return refused(&request, staff, why).await;
    }
    request.app().gate.forget_staff(facility, staff);
    let lang = request.lang();
    let note = html! { p { (lang.pick(
    "ご本人は、この初期パスワードでログインし、すぐに新しいパスワードに変えます。これまでのログインはすべて終了しました。",
    "Its owner logs in with it and changes it at once. Every session of the account has ended.")) } };
    let title = lang.pick("初期パスワードを発行しました", "A new initial password");
    let label = lang.pick("初期パスワード", "Initial password");
    let back = format!("/office/accounts/{}", staff.to_hex());
    Ok(words::shown_once(
        &request,
        title,
        label,
        initial.reveal(),
        &note,
        &back,
    ))
}

pub(super) async fn grant(request: Request) -> Result<Answer, Refusal> {
    let staff = request.id_param("staff", StaffId::parse)?;
    let form = request.form()?;
    let role = list::staff_role(form.text("right"));
    let reason = form.text("why").to_owned();
    change(&request, staff, move |call| {
        ops::ask(call, staff, role.clone()?, &reason).map(|_| ())
    })
    .await
}

pub(super) async fn substitute(request: Request) -> Result<Answer, Refusal> {
    let staff = request.id_param("staff", StaffId::parse)?;
    let reason = request.form()?.text("reason").to_owned();
    change(&request, staff, move |call| {
        ops::ask_substitute(call, staff, &reason)
    })
    .await
}

pub(super) async fn issue(request: Request) -> Result<Answer, Refusal> {
    request.fresh()?;
    let id = request.id_param("substitute", SubstituteId::parse)?;
    let code = request
        .write(move |call| substitute::approve(call, id))
        .await?;
    let lang = request.lang();
    let note = html! { p { (lang.pick(
    "8時間のあいだ、パスワードとこのコードでログインできます。使うたびに記録が残ります。",
    "Good for eight hours, with the password; each use is recorded.")) } };
    let title = lang.pick("代替コードを発行しました", "A substitute code");
    let label = lang.pick("代替コード", "Substitute code");
    Ok(words::shown_once(
        &request,
        title,
        label,
        code.reveal(),
        &note,
        "/office/accounts",
    ))
}

fn page(request: &Request, profile: &Profile, why: Option<&Refusal>) -> Answer {
    let lang = request.lang();
    let member = &profile.member;
    let title = lang.pick("職員のアカウント", "Account");
    let crumbs = [
        Crumb {
            href: Some("/office/accounts"),
            label: lang.pick("職員のアカウント", "Accounts"),
        },
        Crumb {
            href: None,
            label: lang.pick("一人のアカウント", "One account"),
        },
    ];
    let is_own = words::me(request) == Some(member.staff);
    let body = html! {
        @if let Some(why) = why { (words::refused(lang, why)) }
        (summary(request, profile))
        (words::substitutes(request, &profile.members, &profile.substitutes))
        @if is_own {
            (ui::notice(lang, ui::Level::Info, lang.pick("ご自分のアカウントです", "This is your own account"),
                &html! { p { (lang.pick(
                    "ご自分の権限や終了日は変更できません。別の施設管理者に依頼してください。",
                    "You cannot change your own rights or end date. Ask another administrator.")) } }))
        } @else if words::manages(request) {
            (acts(request, profile))
        }
    };
    office::page(request, title, &crumbs, why.is_some(), body)
}

fn summary(request: &Request, profile: &Profile) -> Markup {
    let (lang, at) = (request.lang(), request.at());
    let member = &profile.member;
    let never = || lang.pick("まだありません", "Never").to_owned();
    let factors = if member.has_authenticator {
        lang.pick("認証アプリ", "authenticator")
    } else {
        lang.pick("認証アプリは未登録", "no authenticator yet")
    };
    ui::facts(
        &member.name,
        &[
            Fact {
                label: lang.pick("ログイン名", "Log-in name"),
                value: html! { (member.login) },
            },
            Fact {
                label: lang.pick("職種", "Role"),
                value: html! { (words::role(lang, member.role)) },
            },
            Fact {
                label: lang.pick("状態", "State"),
                value: html! {
                    @if member.is_open(at) { (lang.pick("使用中", "In use")) }
                    (words::marks(lang, member, at))
                },
            },
            Fact {
                label: lang.pick("最後のログイン", "Last log-in"),
                value: html! { (member.last_login_at.map_or_else(never, |last| words::instant(lang, last))) },
            },
            Fact {
                label: lang.pick("使える最後の日", "Last day of use"),
                value: html! { @match member.ends_at {
                    Some(end) => (words::last_day(lang, end)),
                    None => (lang.pick("期限なし", "None set")),
                } },
            },
            Fact {
                label: lang.pick("二つ目の認証", "Second factor"),
                value: html! { (factors) @if !profile.factors.is_empty() {
                    (lang.pick("、ほかに", ", and ")) (profile.factors.len()) (lang.pick("件", " more"))
                } },
            },
        ],
    )
}

fn acts(request: &Request, profile: &Profile) -> Markup {
    let (lang, at) = (request.lang(), request.at());
    let member = &profile.member;
    let is_open = member.is_open(at);
    let needs_waking = is_open && member.is_dormant(at);
    html! {
        @if is_open {
            (ui::section("change-role", lang.pick("異動：職種を変える", "Mover: another role"), &role_form(request, member)))
            (ui::section("end", lang.pick("退職：アカウントを終える", "Leaver: end the account"), &end_forms(request, member)))
            (ui::section("secrets", lang.pick("ログインできないとき", "When they cannot log in"), &html! {
                (password_form(request, member))
                (reason_form(request, member, "substitute",
                    lang.pick("代替コードが必要な理由", "Why a substitute code is needed"),
                    lang.pick("スマートフォンやカードが使えないとき。もう一人の施設管理者が承認すると、8時間使えるコードが発行されます。",
                        "When a phone or card cannot be used. Another administrator approves; the code is good for eight hours."),
                    lang.pick("代替コードを申請する", "Ask for a code")))
            }))
        }
        @if !is_open || needs_waking {
            (ui::section("reopen", lang.pick("もう一度使えるようにする", "Open it again"), &reopen_form(request, member)))
        }
        (ui::section("elevated", lang.pick("管理者などの権限を申請する", "Ask for elevated rights"), &grant_form(request, member)))
    }
}

fn action(member: &Member, verb: &str) -> String {
    format!("/office/accounts/{}/{verb}", member.staff.to_hex())
}

fn role_form(request: &Request, member: &Member) -> Markup {
    let lang = request.lang();
    let options = roles(lang, |role| !is_elevated(role) && role != member.role);
    let fields = html! {
        (ui::select_field(&Field { lang, name: "role", label: lang.pick("新しい職種", "New role"),
            hint: Some(lang.pick("変えると、この方のログインはすべて終了します。", "Every session of the account ends.")),
            required: true, ..Field::default() }, &options))
        (ui::actions(&[ui::submit(lang.pick("職種を変える", "Change the role"), Tone::Secondary)]))
    };
    ui::form(&action(member, "role"), &request.csrf(), &fields)
}

fn roles(lang: Lang, wanted: impl Fn(Role) -> bool) -> Vec<Choice<'static>> {
    Role::STAFF
        .into_iter()
        .filter(|role| wanted(*role))
        .map(|role| Choice {
            value: role.word(),
            label: words::role(lang, role),
            ..Choice::default()
        })
        .collect()
}

fn end_forms(request: &Request, member: &Member) -> Markup {
    let lang = request.lang();
    let value = member
        .ends_at
        .map(|end| end.plus_seconds(-1).jst_date().to_string())
        .unwrap_or_default();
    let fields = html! {
        (list::day_field(lang, &value, None))
        p.hint { (lang.pick("空欄にして保存すると、期限なしになります。", "Saved empty, the account has no end date.")) }
        (ui::actions(&[ui::submit(lang.pick("最後の日を保存する", "Save the last day"), Tone::Secondary)]))
    };
    html! {
        (ui::form(&action(member, "end"), &request.csrf(), &fields))
        p { (lang.pick(
            "今すぐ終了すると、この方のログインはその場で切れます。記録は残ります。",
            "Ended at once, the account's sessions are cut off; its records stay.")) }
        (ui::post_button(&action(member, "end"), &request.csrf(), &[("when", "now")],
            lang.pick("今すぐ終了する", "End at once"), Tone::Danger))
    }
}

fn password_form(request: &Request, member: &Member) -> Markup {
    let lang = request.lang();
    html! {
        p { (lang.pick(
            "パスワードを忘れた方に、新しい初期パスワードを発行します。二つ目の認証はそのままです。",
            "For a forgotten password. The second factor stays as it is.")) }
        (ui::post_button(&action(member, "password"), &request.csrf(), &[],
            lang.pick("初期パスワードを発行する", "Set an initial password"), Tone::Secondary))
    }
}

fn reason_form(
    request: &Request,
    member: &Member,
    verb: &str,
    label: &str,
    hint: &str,
    button: &str,
) -> Markup {
    let fields = html! {
        (ui::text_field(&Field { lang: request.lang(), name: "reason", label, hint: Some(hint),
            required: true, max_length: Some(200), ..Field::default() }))
        (ui::actions(&[ui::submit(button, Tone::Secondary)]))
    };
    ui::form(&action(member, verb), &request.csrf(), &fields)
}

fn reopen_form(request: &Request, member: &Member) -> Markup {
    let lang = request.lang();
    html! {
        @if is_elevated(member.role) {
            p { (lang.pick(
                "この方には管理者などの権限があるため、下の申請と、もう一人の施設管理者の承認が必要です。",
                "The account has elevated rights: ask below, and another administrator approves.")) }
        } @else {
            p { (lang.pick("新しい初期パスワードを発行します。", "A new initial password is set.")) }
            (ui::post_button(&action(member, "reopen"), &request.csrf(), &[],
                lang.pick("アカウントを再開する", "Open it again"), Tone::Secondary))
        }
    }
}

fn grant_form(request: &Request, member: &Member) -> Markup {
    let lang = request.lang();
    let is_open = member.is_open(request.at());
    let options = roles(lang, |role| {
        is_elevated(role) && (!is_open || role != member.role)
    });
    let fields = html! {
        p { (lang.pick(
            "もう一人の施設管理者が72時間以内に承認すると、権限が付きます。申請だけでは何も変わりません。",
            "Nothing changes until another administrator approves, within 72 hours.")) }
        (ui::select_field(&Field { lang, name: "right", label: lang.pick("権限", "Right"), required: true,
            ..Field::default() }, &options))
        (ui::text_field(&Field { lang, name: "why", label: lang.pick("理由", "Reason"), required: true,
            max_length: Some(200), ..Field::default() }))
        (ui::actions(&[ui::submit(lang.pick("権限を申請する", "Ask for the right"), Tone::Secondary)]))
    };
    ui::form(&action(member, "grant"), &request.csrf(), &fields)
}
