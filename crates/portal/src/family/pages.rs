//! The page of family and proxies.

use access::{
    policy::Class,
    proxy::{self, Relation, Remark, Scope},
};
use kernel::{Refusal, time::Timestamp};
use maud::{Markup, html};
use web::{
    Answer, Request,
    ui::{self, Field, Lang, Tone},
};

use super::{News, Seen};
use crate::frame::{self, Tab};

pub(super) fn family(request: &Request, seen: &Seen, is_acting: bool, news: &News<'_>) -> Answer {
    let lang = request.lang();
    let csrf = request.csrf();
    let part = Part {
        lang,
        csrf: &csrf,
        at: request.at(),
    };
    let body = html! {
        @if is_acting { (part.acting()) }
        (part.news(news))
        (ui::section("charges", lang.pick("あなたが代理できる方", "For whom you may act"), &part.charges(seen)))
        (ui::section("proxies", lang.pick("あなたの代理人", "Your proxies"), &part.proxies(seen)))
        @if seen.may_name {
            (ui::section("invite", lang.pick("代理人を決める", "Name a proxy"), &part.invite(seen)))
        }
        (ui::section("redeem", lang.pick("招待コードを受け取った方", "You were given a code"), &part.redeem()))
    };
    let title = Tab::Family.label(lang);
    frame::portal_page(request, &seen.name, title, Tab::Family, body)
}

/// A class in a proxy's scope, for people.
fn class(lang: Lang, class: Class) -> &'static str {
    let (ja, en) = match class {
        Class::Eligibility => ("医療保険の資格", "health insurance coverage"),
        Class::Allergies => ("アレルギー", "allergies"),
        Class::Contraindications => ("薬剤禁忌", "drug contraindications"),
        Class::Conditions => ("傷病名", "conditions"),
        Class::Infections => ("感染症", "infections"),
        Class::Laboratory => ("検査結果", "laboratory results"),
        Class::Medications => ("薬剤情報", "medicines"),
        Class::CareHistory => ("診療情報", "care received"),
        Class::Surgery => ("手術情報", "operations"),
        Class::Checkups => ("健診情報", "health checkups"),
        Class::Prescriptions => ("処方・調剤情報", "prescriptions and dispensing"),
        Class::Documents => ("診療文書(紹介状など)", "documents such as referral letters"),
        Class::Consent => ("同意の状況", "consents"),
        Class::AccessHistory => ("閲覧の履歴", "access history"),
        Class::OwnRecords | Class::Register | Class::Accounts | Class::Equipment => {
            (class.ja(), class.word())
        }
    };
    lang.pick(ja, en)
}

fn scope(lang: Lang, scope: &Scope) -> String {
    let mut words: Vec<&str> = scope
        .classes()
        .iter()
        .map(|one| class(lang, *one))
        .collect();
    if scope.may_choose() {
        words.push(lang.pick("同意の取り消しなど", "choosing for the person"));
    }
    words.join(lang.pick("、", ", "))
}

struct Part<'a> {
    lang: Lang,
    csrf: &'a str,
    at: Timestamp,
}

impl Part<'_> {
    fn action(&self, path: &str) -> String {
        frame::link(self.lang, path)
    }

    fn acting(&self) -> Markup {
        let lang = self.lang;
        let heading = lang.pick(
            "ほかの方の代理として表示している途中です",
            "You are acting for somebody",
        );
        let back = lang.pick("ご自分のページに戻る", "Back to your own page");
        let button = ui::post_button(
            &self.action("/portal/family/leave"),
            self.csrf,
            &[],
            back,
            Tone::Primary,
        );
        ui::notice(
            lang,
            ui::Level::Info,
            heading,
            &html! {
                p { (lang.pick("この画面は、あなたご自身のものです。", "This page is your own.")) }
                (button)
            },
        )
    }

    fn news(&self, news: &News<'_>) -> Markup {
        let lang = self.lang;
        match news {
            News::Nothing => html! {},
            News::Refused(why) => self.failure(why),
            News::Invited(code) => ui::notice(
                lang,
                ui::Level::Success,
                lang.pick("招待コードを作りました", "Your invitation code"),
                &html! {
                    p { (ui::copyable(lang, code.reveal())) }
                    p { (lang.pick(
                        "このコードは今だけ表示します。お願いする方に、直接お伝えください。7日以内に、その方がご自分のカードでログインして入力すると、代理ができるようになります。ほかの人には教えないでください。",
                        "It is shown only now. Hand it to whom you trust; they log in with their own card and enter it within seven days. Tell it to nobody else.")) }
                },
            ),
        }
    }

    fn failure(&self, why: &Refusal) -> Markup {
        let lang = self.lang;
        ui::notice(
            lang,
            ui::Level::Error,
            lang.text(&why.entry.cause),
            &html! {
                p { (lang.text(&why.entry.remedy)) }
                p { (lang.pick("番号:", "Code: ")) code { (why.entry.code) } }
            },
        )
    }

    fn facts(&self, relation: &Relation) -> Markup {
        let lang = self.lang;
        let right = lang.pick(relation.kind.ja(), relation.kind.en());
        html! {
            dl.facts {
                div { dt { (lang.pick("代理の種類", "By what right")) } dd { (right) } }
                div { dt { (lang.pick("範囲", "Scope")) } dd { (scope(lang, &relation.scope)) } }
                div {
                    dt { (lang.pick("期間", "Period")) }
                    dd { (frame::instant(lang, relation.from)) " 〜 " (frame::instant(lang, relation.until)) }
                }
                @if let Some(ended) = relation.ended_at {
                    div { dt { (lang.pick("終わった日時", "Ended")) } dd { (frame::instant(lang, ended)) } }
                }
            }
        }
    }

    fn button(&self, path: &str, relation: &Relation, label: &str, tone: Tone) -> Markup {
        let id = relation.id.to_hex();
        ui::post_button(
            &self.action(path),
            self.csrf,
            &[("relation", &id)],
            label,
            tone,
        )
    }

    /// Those in force; those that have ended folded away.
    fn list(
        &self,
        all: &[(Relation, Remark)],
        none: &str,
        each: impl Fn(&Relation, &str) -> Markup,
    ) -> Markup {
        let (now, past): (Vec<_>, Vec<_>) = all
            .iter()
            .partition(|(relation, _)| proxy::is_in_force(relation, self.at));
        html! {
            @if now.is_empty() { p { (none) } }
            @for (relation, remark) in now {
                h3 { (remark.name) }
                (self.facts(relation))
                (each(relation, &remark.name))
            }
            @if !past.is_empty() {
                details {
                    summary { (self.lang.pick("終わった代理", "Ended")) }
                    @for (relation, remark) in past { h3 { (remark.name) } (self.facts(relation)) }
                }
            }
        }
    }

    fn charges(&self, seen: &Seen) -> Markup {
        let lang = self.lang;
        let none = lang.pick(
            "いま、あなたが代理できる方はいません。",
            "There is nobody for whom you may act.",
        );
        self.list(&seen.charges, none, |relation, name| {
            let (look, stop) = match lang {
                Lang::Ja => (
                    format!("{name}さんの代理で見る"),
                    format!("{name}さんの代理をやめる"),
                ),
                Lang::En => (format!("Act for {name}"), format!("Stop acting for {name}")),
            };
            ui::actions(&[
                self.button("/portal/family/act", relation, &look, Tone::Secondary),
                self.button("/portal/family/end", relation, &stop, Tone::Danger),
            ])
        })
    }

    fn proxies(&self, seen: &Seen) -> Markup {
        let lang = self.lang;
        let none = lang.pick(
            "いま、あなたの代理ができる人はいません。",
            "Nobody may act for you now.",
        );
        self.list(&seen.proxies, none, |relation, name| {
            let stop = match lang {
                Lang::Ja => format!("{name}さんの代理を終わりにする"),
                Lang::En => format!("End what {name} may do"),
            };
            html! {
                @if seen.may_name {
                    (ui::actions(&[self.button("/portal/family/end", relation, &stop, Tone::Danger)]))
                }
            }
        })
    }

    fn invite(&self, seen: &Seen) -> Markup {
        let lang = self.lang;
        let label = |one: Class| class(lang, one);
        let mut options: Vec<ui::Choice<'_>> = Scope::CLASSES
            .iter()
            .map(|one| ui::Choice {
                value: one.word(),
                label: label(*one),
                ..ui::Choice::default()
            })
            .collect();
        options.push(ui::Choice {
            value: "choose",
            label: lang.pick("同意の取り消しなど", "Choosing for you"),
            description: Some(lang.pick(
                "あなたに代わって、施設への同意を取り消すことができます。",
                "They may withdraw your consents for you.",
            )),
            ..ui::Choice::default()
        });
        let days = [
            ("30", lang.pick("30日", "30 days"), true),
            ("90", lang.pick("90日", "90 days"), false),
            ("183", lang.pick("半年", "half a year"), false),
            ("365", lang.pick("1年", "a year"), false),
        ];
        let days = days.map(|(value, label, checked)| ui::Choice {
            value,
            label,
            checked,
            ..ui::Choice::default()
        });
        let fields = html! {
            (ui::checkbox_cards(&ui::Choices {
                lang,
                name: "class",
                legend: lang.pick("見てもらう情報", "What they may see"),
                hint: Some(lang.pick("必要なものだけを選んでください。", "Choose only what is needed.")),
                required: true,
                options: &options,
                ..ui::Choices::default()
            }))
            (ui::select_field(&Field {
                lang,
                name: "days",
                label: lang.pick("期間", "For how long"),
                required: true,
                ..Field::default()
            }, &days))
            (ui::actions(&[ui::submit(lang.pick("招待コードを作る", "Make a code"), Tone::Primary)]))
        };
        html! {
            p { (lang.pick(
                "ご家族など信頼できる方に、あなたの情報を代わりに見てもらえます。いつでも終わりにできます。",
                "Somebody you trust can look for you. You can end it at any time.")) }
            @if seen.invitations > 0 {
                p { (lang.pick("使われていない招待コード: ", "Codes not used yet: ")) (seen.invitations) }
                (ui::post_button(&self.action("/portal/family/uninvite"), self.csrf, &[],
                    lang.pick("使われていない招待コードを取り消す", "Take them back"), Tone::Secondary))
            }
            (ui::form(&self.action("/portal/family/invite"), self.csrf, &fields))
        }
    }

    fn redeem(&self) -> Markup {
        let lang = self.lang;
        let fields = html! {
            (ui::text_field(&Field {
                lang,
                name: "code",
                label: lang.pick("招待コード", "Invitation code"),
                hint: Some(lang.pick("32けたの数字とa〜fの文字", "32 digits and letters a to f")),
                required: true,
                max_length: Some(64),
                ..Field::default()
            }))
            (ui::actions(&[ui::submit(lang.pick("代理を引き受ける", "Accept"), Tone::Secondary)]))
        };
        ui::form(&self.action("/portal/family/redeem"), self.csrf, &fields)
    }
}
