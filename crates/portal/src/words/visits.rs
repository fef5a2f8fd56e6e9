//! The words of visit codes, home care and receipts.

use super::{Words, act, look};

/// Their events.
pub static VISITS: &[Words] = &[
    look(
        "eligibility.home-list",
        "在宅の患者さんの一覧の表示",
        "List of home-care patients shown",
        "お名前と同意の終わり",
        "name and end of the consent",
    ),
    look(
        "eligibility.home-check",
        "保険の資格の確認(在宅の継続同意)",
        "Coverage verified by the continuing consent of home care",
        "医療保険の資格",
        "health insurance coverage",
    ),
    act(
        "eligibility.visit-code",
        "来院コードの発行",
        "Visit code made",
    ),
    act(
        "eligibility.visit-codes",
        "来院コードの表示",
        "Visit codes shown",
    ),
    act("visit-code.open", "来院コードの入力", "Visit code opened"),
    act(
        "visit-code.prove",
        "来院コードでの本人確認と保険の資格の確認",
        "Identity shown and coverage verified by visit code",
    ),
    act(
        "visit-code.phone",
        "来院コードの画面の表示",
        "Page of a visit code shown",
    ),
    act(
        "visit-code.consent",
        "来院コードの画面での同意の登録",
        "Consent recorded on the phone",
    ),
    act(
        "portal.receipt",
        "同意の控えの表示",
        "Receipt of your choice seen",
    ),
    act(
        "consent.receipt",
        "同意の控えの表示",
        "Receipt of a choice shown",
    ),
];
