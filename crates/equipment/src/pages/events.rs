//! What is audited on these pages.

use store::caller::Event;

pub(super) static ROOT: Event = Event {
    code: "equipment.root",
    ja: "認証局の証明書の公開",
    en: "root certificate given out",
};

pub(super) static LEDGER: Event = Event {
    code: "equipment.ledger",
    ja: "機器台帳の表示",
    en: "ledger of equipment shown",
};

pub(super) static EXPORT: Event = Event {
    code: "equipment.export",
    ja: "機器台帳の書き出し",
    en: "ledger of equipment exported",
};

pub(super) static ITEM: Event = Event {
    code: "equipment.item",
    ja: "機器の表示",
    en: "equipment shown",
};

pub(super) static REGISTER: Event = Event {
    code: "equipment.register",
    ja: "機器の登録",
    en: "equipment registered",
};

pub(super) static CHANGE: Event = Event {
    code: "equipment.change",
    ja: "機器の登録内容の変更",
    en: "equipment's entry changed",
};

pub(super) static CHECK: Event = Event {
    code: "equipment.check",
    ja: "機器の点検",
    en: "equipment checked",
};

pub(super) static END: Event = Event {
    code: "equipment.end",
    ja: "機器の利用終了",
    en: "equipment taken out of use",
};

pub(super) static CERTIFY: Event = Event {
    code: "equipment.certify",
    ja: "端末証明書の発行",
    en: "client certificate issued",
};

pub(super) static REVOKE: Event = Event {
    code: "equipment.revoke",
    ja: "端末証明書の失効",
    en: "client certificate ended",
};

pub(super) static SETTLE: Event = Event {
    code: "equipment.settle",
    ja: "接続の警告への対応",
    en: "alert about a peer settled",
};

pub(super) static OFFICER: Event = Event {
    code: "equipment.officer",
    ja: "安全管理責任者の確認",
    en: "safety officer shown",
};

pub(super) static NAME_OFFICER: Event = Event {
    code: "equipment.name-officer",
    ja: "安全管理責任者の登録",
    en: "safety officer named",
};

pub(super) static WINDOWS: Event = Event {
    code: "maintenance.list",
    ja: "保守作業の一覧の表示",
    en: "maintenance windows shown",
};

pub(super) static ASK: Event = Event {
    code: "maintenance.ask",
    ja: "保守作業の予定の登録",
    en: "maintenance window asked for",
};

pub(super) static APPROVE: Event = Event {
    code: "maintenance.approve",
    ja: "保守作業の承認",
    en: "maintenance window approved",
};

pub(super) static CLOSE: Event = Event {
    code: "maintenance.end",
    ja: "保守作業の終了",
    en: "maintenance window ended",
};

pub(super) static REPORT: Event = Event {
    code: "maintenance.report",
    ja: "保守作業の報告の表示",
    en: "maintenance report shown",
};

pub(super) static UNMASK: Event = Event {
    code: "maintenance.unmask",
    ja: "伏せた名前の表示の承認",
    en: "unmasking of a visit approved",
};

pub(super) static VISITS: Event = Event {
    code: "support.visits",
    ja: "受付一覧の表示(名前を伏せる)",
    en: "visits shown, masked",
};

pub(super) static UNMASK_FORM: Event = Event {
    code: "support.unmask-form",
    ja: "名前の表示の申請画面",
    en: "form to ask for unmasking",
};

pub(super) static UNMASK_ASK: Event = Event {
    code: "support.unmask-ask",
    ja: "名前の表示の申請",
    en: "unmasking of a visit asked for",
};

pub(super) static UNMASKED: Event = Event {
    code: "support.unmasked",
    ja: "保守のための、お名前の表示",
    en: "name shown to vendor support",
};

pub(super) static EQUIPMENT: Event = Event {
    code: "support.equipment",
    ja: "機器台帳の表示(保守)",
    en: "ledger of equipment shown to vendor support",
};
