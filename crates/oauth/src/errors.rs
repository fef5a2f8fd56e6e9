//! The refusals of the authorization server, and their words in the protocol.

use kernel::Entry;

kernel::catalog! {
    /// A request that is not one.
    REQUEST = "TSK-OAU-001", 400, "structure",
        cause: "認可の要求の形が正しくありません。", "the request is not of the form that the protocol asks for";
        remedy: "必要な項目がすべて一度ずつあることをお確かめください。", "send each parameter once, and all that are required";
        source: "RFC 6749 section 5.2";
    /// The client did not prove itself; why is told to nobody.
    CLIENT = "TSK-OAU-002", 401, "login",
        cause: "連携システムの確認ができませんでした。", "the client could not be authenticated";
        remedy: "client_assertion の署名(RS384/ES384)、kid、iss・sub・aud、期限(5分以内)、jti(毎回新しい値)と、登録した鍵の期限をお確かめください。", "check the assertion's signature (RS384 or ES384), kid, iss, sub, aud, exp (5 minutes at most), a fresh jti, and that the registered key has not ended";
        source: "identity-security OA-02, T10; RFC 7521 section 4.2.1, RFC 7523 section 3";
    /// A code that cannot be exchanged, or a token that cannot be renewed.
    GRANT = "TSK-OAU-003", 400, "expired",
        cause: "認可コードまたは refresh_token が正しくないか、使用済みか、期限を過ぎているか、利用者がログアウトしています。", "the authorization code or refresh token is wrong, used or too old, or the user has logged out";
        remedy: "はじめから認可をやり直してください。", "start again at the authorization endpoint";
        source: "identity-security OA-06; RFC 6749 section 5.2, RFC 7636 section 4.6";
    /// A way to a token that is not offered.
    GRANT_TYPE = "TSK-OAU-004", 400, "not-supported",
        cause: "この grant_type には対応していません。", "this grant type is not supported";
        remedy: "client_credentials、authorization_code、refresh_token のいずれかを使ってください。", "use client_credentials, authorization_code or refresh_token";
        source: "identity-security OA-01; RFC 6749 section 5.2";
    /// Scopes beyond what is registered.
    SCOPE = "TSK-OAU-005", 400, "value",
        cause: "登録にない、または使えない scope が含まれています。", "a scope is unknown or not registered for this client";
        remedy: "登録した scope の範囲で要求してください。", "ask for registered scopes only";
        source: "identity-security OA-05; RFC 6749 section 5.2";
    /// A client that may not do this.
    UNAUTHORIZED = "TSK-OAU-006", 400, "forbidden",
        cause: "この連携システムには、この操作が許可されていません。", "this client is not registered for this";
        remedy: "施設の管理者に登録内容を確認してください。", "check with the facility's administrator what is registered";
        source: "identity-security OA-08; RFC 6749 section 5.2";
    /// Somebody asks to be led back to where nobody registered.
    REDIRECT = "TSK-OAU-007", 400, "security",
        cause: "アプリの登録情報と一致しないため、手続きを始められません。", "the app or its return address is not registered";
        remedy: "アプリを閉じて、提供元にお問い合わせください。この画面からは戻りません。", "close the app and ask its maker; nothing is sent back from here";
        source: "identity-security OA-06; RFC 6749 section 3.1.2.4";
    /// Somebody who cannot hand anything on.
    APPROVER = "TSK-OAU-008", 403, "forbidden",
        cause: "このアプリが求める情報は、お使いの立場では渡せません。", "nothing that this app asks for is yours to hand on";
        remedy: "アプリに戻り、ご本人または担当の職員としてログインし直してください。", "go back to the app and log in as the person or the member of staff it is meant for";
        source: "identity-security OA-05";
    /// A key that is not one.
    KEY = "TSK-OAU-009", 422, "value",
        cause: "公開鍵(JWK)を読み取れません。", "the public key cannot be read";
        remedy: "kid のある RSA(2048ビット以上)または EC P-384 の公開鍵を、JSON で貼り付けてください。秘密鍵は送らないでください。", "paste the public key as JSON Web Key with a kid: RSA of 2048 bits or more, or EC P-384; never a private key";
        source: "identity-security OA-02, OA-09";
    /// A field of the registration that cannot be read.
    FIELD = "TSK-OAU-010", 422, "value",
        cause: "入力した内容を読み取れません。", "a field cannot be read";
        remedy: "scope、戻り先(https の絶対アドレス)、接続元(例 203.0.113.0/24)、証明書の SHA-256 をお確かめください。", "check scopes, return addresses (absolute, https), networks such as 203.0.113.0/24, and SHA-256 of certificates";
        source: "identity-security OA-05, OA-09, NET-03";
    /// Somebody who acts for another person wants to let an app in.
    PROXY = "TSK-OAU-011", 403, "forbidden",
        cause: "ご家族などの代理として表示している間は、アプリ連携を許可できません。", "an app cannot be let in while acting for somebody else";
        remedy: "「家族・代理」の画面で「ご自分のページに戻る」を押してから、もう一度お試しください。アプリを許可できるのはご本人だけです。", "go back to your own page from the family page and try again: only the person can let an app in";
        source: "identity-security OA-05";
}

/// The protocol's word for a refusal; `None` for one that is told in our own form.
///
/// Source: RFC 6749 section 5.2.
#[must_use]
pub fn word(entry: &'static Entry) -> Option<&'static str> {
    let words: [(&'static Entry, &'static str); 8] = [
        (&REQUEST, "invalid_request"),
        (&CLIENT, "invalid_client"),
        (&GRANT, "invalid_grant"),
        (&GRANT_TYPE, "unsupported_grant_type"),
        (&SCOPE, "invalid_scope"),
        (&UNAUTHORIZED, "unauthorized_client"),
        (&access::errors::NETWORK, "unauthorized_client"),
        (&web::errors::FORM_INVALID, "invalid_request"),
    ];
    words
        .into_iter()
        .find(|(one, _)| std::ptr::eq(*one, entry))
        .map(|(_, word)| word)
}
