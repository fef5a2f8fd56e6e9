//! The words in which a person reads their history: events, roles, purposes, categories and
//! the reasons of refusals.

use access::consent::Category;
use kernel::Text;
use store::caller::{Purpose, Role};
use web::ui::Lang;

/// What kind of act an event is; it decides how its outcome is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Somebody saw, or tried to see, something.
    Look,
    /// Something was done or changed.
    Act,
}

/// An event in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Words {
    /// The event's code.
    pub code: &'static str,
    /// What kind of act.
    pub kind: Kind,
    /// What happened.
    pub text: Text,
    /// What is seen in such an act; empty when its record names it or there is nothing.
    pub object: Text,
}

const fn look(
    code: &'static str,
    ja: &'static str,
    en: &'static str,
    object_ja: &'static str,
    object_en: &'static str,
) -> Words {
    Words {
        code,
        kind: Kind::Look,
        text: Text { ja, en },
        object: Text {
            ja: object_ja,
            en: object_en,
        },
    }
}

const fn act(code: &'static str, ja: &'static str, en: &'static str) -> Words {
    Words {
        code,
        kind: Kind::Act,
        text: Text { ja, en },
        object: Text { ja: "", en: "" },
    }
}

/// Every event that the program records, those that never concern a person included: a new
/// event gets its words here, and a test compares the table with the sources.
pub static EVENTS: &[Words] = &[
    act(
        "oauth.approve",
        "アプリに情報の利用を許可しました",
        "you let an app use your information",
    ),
    act(
        "oauth.ask",
        "アプリから情報の利用を求められました",
        "an app asked to use your information",
    ),
    act(
        "oauth.clients",
        "連携システムの一覧を見ました",
        "list of clients shown",
    ),
    act("oauth.end", "連携システムを終了しました", "client ended"),
    act(
        "oauth.introspect",
        "接続用トークンを確かめました",
        "access token introspected",
    ),
    act(
        "oauth.key",
        "連携システムの鍵を変えました",
        "client's key changed",
    ),
    act(
        "oauth.metadata",
        "認可サーバーの案内を見ました",
        "authorization server metadata",
    ),
    act(
        "oauth.register",
        "連携システムを登録しました",
        "client registered",
    ),
    act(
        "oauth.revoke",
        "接続用トークンを取り消しました",
        "access token revoked",
    ),
    act(
        "oauth.token",
        "接続用トークンを発行しました",
        "access token issued",
    ),
    look(
        "eligibility.check",
        "保険の資格の確認(番号)",
        "Coverage verified by insured number",
        "医療保険の資格",
        "health insurance coverage",
    ),
    look(
        "eligibility.card",
        "保険の資格の確認(マイナンバーカード)",
        "Coverage verified by My Number card",
        "医療保険の資格",
        "health insurance coverage",
    ),
    look(
        "eligibility.result",
        "保険の資格の確認結果の表示",
        "Result of verification shown",
        "医療保険の資格",
        "health insurance coverage",
    ),
    look(
        "eligibility.reception",
        "受付一覧の表示",
        "Reception list shown",
        "お名前と受付の時刻",
        "name and time of arrival",
    ),
    act(
        "eligibility.challenge",
        "カード確認の開始",
        "Card check begun",
    ),
    act("consent.give", "同意の登録", "Consent recorded"),
    act("consent.withdraw", "同意の取り消し", "Consent withdrawn"),
    act(
        "consent.standing",
        "次回からも見せる同意の登録",
        "Standing consent recorded",
    ),
    act(
        "access.decision",
        "閲覧できるかどうかの問い合わせ",
        "Asked what may be done",
    ),
    look(
        "records.view",
        "共有された診療情報の閲覧",
        "Shared record viewed",
        "",
        "",
    ),
    act("records.register", "診療情報の登録", "Record registered"),
    act("records.delete", "診療情報の削除", "Record deleted"),
    look(
        "records.document",
        "登録した施設による文書の確認",
        "Document read by the facility that registered it",
        "その施設が登録した文書",
        "a document that the facility registered",
    ),
    act("records.validate", "文書の形式の確認", "Document validated"),
    look(
        "portal.home",
        "ご本人のページの表示",
        "Portal opened",
        "医療保険の資格",
        "health insurance coverage",
    ),
    look(
        "portal.record",
        "わたしの情報の表示",
        "Own data viewed",
        "ご自身の診療情報",
        "own health data",
    ),
    look(
        "portal.history",
        "閲覧の履歴の表示",
        "Access history viewed",
        "閲覧の履歴",
        "own access history",
    ),
    look(
        "portal.proof",
        "履歴の証明データの取得",
        "Proof of a record downloaded",
        "履歴の証明データ",
        "proof of a record",
    ),
    look(
        "portal.consents",
        "同意の一覧の表示",
        "Consents viewed",
        "同意の状況",
        "own consents",
    ),
    look(
        "portal.family",
        "家族・代理の表示",
        "Proxies viewed",
        "代理人と、代理できる方",
        "proxies and charges",
    ),
    act("proxy.invite", "代理人の招待", "Proxy invited"),
    act(
        "proxy.uninvite",
        "代理人の招待の取り消し",
        "Invitations taken back",
    ),
    act("proxy.redeem", "代理の引き受け", "Invitation redeemed"),
    look(
        "proxy.list",
        "代理人の確認(運用者)",
        "Proxies viewed by the operator",
        "代理人",
        "proxies",
    ),
    act("proxy.register", "代理の登録", "Proxy registered"),
    act("proxy.act", "代理での表示の開始", "Acting as a proxy begun"),
    act(
        "proxy.leave",
        "代理での表示の終了",
        "Acting as a proxy ended",
    ),
    act("proxy.end", "代理の終了", "Relation to a proxy ended"),
    act(
        "portal.challenge",
        "ご本人のページへのログインの開始",
        "Portal log-in begun",
    ),
    act(
        "portal.login",
        "ご本人のページへのログイン(マイナンバーカード)",
        "Portal log-in by My Number card",
    ),
    act("access.logout", "ログアウト", "Log-out"),
    act(
        "access.look-up",
        "ログイン状態の確認",
        "Log-in state checked",
    ),
    act("access.sweep", "期限切れの整理", "Expired log-ins removed"),
    act("audit.seal", "記録の封印", "Records sealed"),
    act(
        "audit.archive",
        "古い履歴のアーカイブ(保管ファイル)への移動",
        "Old history moved to an archive",
    ),
    act(
        "staff.password",
        "職員のログイン(パスワード)",
        "Staff log-in: password",
    ),
    act(
        "staff.login",
        "職員のログイン(2つめの確認)",
        "Staff log-in: second factor",
    ),
    act(
        "staff.passkey",
        "パスキーによる確認の開始",
        "Passkey asked for",
    ),
    act(
        "staff.reentry",
        "閉じた画面の再開",
        "Locked session opened again",
    ),
    act(
        "staff.account",
        "職員による自分のアカウントの確認",
        "Own staff account looked at",
    ),
    act(
        "staff.confirm",
        "大切な操作の前の本人確認",
        "Second factor shown again",
    ),
    act(
        "staff.password-change",
        "職員のパスワードの変更",
        "Staff password changed",
    ),
    act(
        "staff.factor",
        "職員の確認方法の登録・削除",
        "Second factor added or removed",
    ),
    act(
        "staff.session-end",
        "職員による自分のログインの終了",
        "Own staff session ended",
    ),
    act(
        "web.astray",
        "存在しないアドレスへのアクセス",
        "No such address",
    ),
    act("web.open", "公開情報の表示", "Public information shown"),
    act(
        "registry.enroll",
        "保険の資格の登録(保険者)",
        "Coverage registered by the insurer",
    ),
    act(
        "registry.card",
        "マイナンバーカードの健康保険証利用の登録",
        "Card registered as insurance card",
    ),
    act(
        "operation.set-up",
        "施設と職員の登録",
        "Facilities and staff set up",
    ),
    act(
        "keys.shred",
        "記録の消去(読めなくする手続き)",
        "Record erased for good",
    ),
    act("keys.rotate", "鍵の交換", "Keys changed"),
    act(
        "backup.drill",
        "復元訓練での読み取り確認",
        "Read in a restore drill",
    ),
    act(
        "operation.probe",
        "書き込み可否の確認",
        "Check that writes can be kept",
    ),
    act("operation.sandbox", "デモ環境の準備", "Sandbox prepared"),
    look(
        "support.unmasked",
        "保守事業者へのお名前の表示(施設の承認あり)",
        "Name shown to vendor support, approved by the facility",
        "お名前",
        "name",
    ),
    act(
        "equipment.root",
        "認証局の証明書の公開",
        "Root certificate given out",
    ),
    act(
        "equipment.ledger",
        "機器台帳の表示",
        "Ledger of equipment shown",
    ),
    act(
        "equipment.export",
        "機器台帳の書き出し",
        "Ledger of equipment exported",
    ),
    act("equipment.item", "機器の表示", "Equipment shown"),
    act("equipment.register", "機器の登録", "Equipment registered"),
    act(
        "equipment.change",
        "機器の登録内容の変更",
        "Equipment's entry changed",
    ),
    act("equipment.check", "機器の点検", "Equipment checked"),
    act(
        "equipment.end",
        "機器の利用終了",
        "Equipment taken out of use",
    ),
    act(
        "equipment.certify",
        "端末証明書の発行",
        "Client certificate issued",
    ),
    act(
        "equipment.revoke",
        "端末証明書の失効",
        "Client certificate ended",
    ),
    act(
        "equipment.settle",
        "接続の警告への対応",
        "Alert about a peer settled",
    ),
    act(
        "equipment.officer",
        "安全管理責任者の確認",
        "Safety officer shown",
    ),
    act(
        "equipment.name-officer",
        "安全管理責任者の登録",
        "Safety officer named",
    ),
    act(
        "maintenance.list",
        "保守作業の一覧の表示",
        "Maintenance windows shown",
    ),
    act(
        "maintenance.ask",
        "保守作業の予定の登録",
        "Maintenance window asked for",
    ),
    act(
        "maintenance.approve",
        "保守作業の承認",
        "Maintenance window approved",
    ),
    act(
        "maintenance.end",
        "保守作業の終了",
        "Maintenance window ended",
    ),
    act(
        "maintenance.report",
        "保守作業の報告の表示",
        "Maintenance report shown",
    ),
    act(
        "maintenance.unmask",
        "伏せた名前の表示の承認",
        "Unmasking of a visit approved",
    ),
    act(
        "support.visits",
        "受付一覧の表示(名前を伏せる)",
        "Visits shown, masked",
    ),
    act(
        "support.unmask-form",
        "名前の表示の申請画面",
        "Form to ask for unmasking",
    ),
    act(
        "support.unmask-ask",
        "名前の表示の申請",
        "Unmasking of a visit asked for",
    ),
    act(
        "support.equipment",
        "機器台帳の表示(保守)",
        "Ledger of equipment shown to vendor support",
    ),
    act(
        "equipment.watch",
        "接続元と台帳の照合",
        "Peers compared with the ledgers",
    ),
    act(
        "equipment.authority",
        "認証局と証明書の操作(運用担当者)",
        "Certificates handled by the operator",
    ),
    act(
        "equipment.settings",
        "安全管理責任者の登録(運用担当者)",
        "Safety officer named by the operator",
    ),
    act("bench.prepare", "測定の準備", "Benchmark prepared"),
];

/// The words of an event, if it has any.
#[must_use]
pub fn event(code: &str) -> Option<&'static Words> {
    EVENTS.iter().find(|words| words.code == code)
}

/// A role as the record names it; the word itself when it is unknown.
#[must_use]
pub fn role(lang: Lang, word: &str) -> String {
    let Some(role) = Role::parse(word) else {
        return word.to_owned();
    };
    let en = match role {
        Role::Doctor => "doctor",
        Role::Dentist => "dentist",
        Role::Pharmacist => "pharmacist",
        Role::Nurse => "nurse",
        Role::Technologist => "technologist",
        Role::Therapist => "therapist",
        Role::Clerk => "reception",
        Role::AmbulanceCrew => "ambulance crew",
        Role::Administrator => "administrator",
        Role::SafetyOfficer => "safety officer",
        Role::VendorSupport => "maintenance vendor",
        Role::System => "the facility's system",
        Role::Patient => "you",
        Role::Proxy => "your proxy",
        Role::Job => "automatic",
        Role::Anonymous => "not logged in",
    };
    lang.pick(role.ja(), en).to_owned()
}

/// A purpose as the record names it; the word itself when it is unknown.
#[must_use]
pub fn purpose(lang: Lang, word: &str) -> String {
    let Some(purpose) = Purpose::parse(word) else {
        return word.to_owned();
    };
    let en = match purpose {
        Purpose::Eligibility => "verification at the reception",
        Purpose::Treatment => "treatment",
        Purpose::Registration => "registration of a record",
        Purpose::Emergency => "emergency care",
        Purpose::OwnAccess => "your own look",
        Purpose::Operation => "operation of the service",
        Purpose::Support => "maintenance",
    };
    lang.pick(purpose.ja(), en).to_owned()
}

/// A category of shared information.
#[must_use]
pub const fn category(lang: Lang, category: Category) -> &'static str {
    let en = match category {
        Category::Conditions => "conditions",
        Category::Allergies => "allergies",
        Category::Contraindications => "drug contraindications",
        Category::Laboratory => "laboratory results",
        Category::Infections => "infections",
    };
    lang.pick(category.ja(), en)
}

/// Why a look was refused, said to the person whom it concerns; `None` when the catalogue's
/// own words do.
#[must_use]
pub fn refused(lang: Lang, code: &str) -> Option<&'static str> {
    let (ja, en) = match code {
        "TSK-CNS-001" => ("あなたの同意がなかったためです。", "You had not consented."),
        "TSK-CNS-002" => (
            "あなたの同意の期間(24時間)が過ぎていたためです。",
            "Your consent had run out after 24 hours.",
        ),
        "TSK-CNS-003" => (
            "あなたが同意を取り消していたためです。",
            "You had withdrawn your consent.",
        ),
        "TSK-CNS-005" => (
            "カードでの本人確認をしていなかったためです。",
            "Your card had not been checked.",
        ),
        "TSK-ELG-005" | "TSK-ELG-006" | "TSK-ELG-007" => (
            "確認した日に有効な資格ではなかったためです。",
            "The coverage was not valid on that date.",
        ),
        "TSK-ACC-003" => (
            "閲覧する権限がない職員だったためです。",
            "The member of staff had no right to it.",
        ),
        _ => return None,
    };
    Some(lang.pick(ja, en))
}
