//! T10: assertions that are not the client's.

use aws_lc_rs::{
    hmac,
    rand::SystemRandom,
    rsa::{KeyPair as RsaPair, KeySize},
    signature::{KeyPair as _, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384},
};

use super::*;

/// A token with this header and these claims, signed by `sign`.
fn forged(header: &Value, claims: &Value, sign: impl Fn(&[u8]) -> Vec<u8>) -> String {
    let message = format!("{}.{}", part(header), part(claims));
    let signature = sign(message.as_bytes());
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// An honest signature under a header of the forger's choice.
fn with_header(key: &ClientKey, header: &Value, claims: &Value) -> String {
    use aws_lc_rs::signature::{ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair};
    let pem = key.to_text().reveal().clone();
    let body: String = pem
        .lines()
        .filter(|line| !line.starts_with("---"))
        .collect();
    let der = base64::engine::general_purpose::STANDARD
        .decode(body)
        .expect("PEM");
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P384_SHA384_FIXED_SIGNING, &der).expect("a key");
    forged(header, claims, |message| {
        let signature = pair.sign(&SystemRandom::new(), message).expect("signed");
        signature.as_ref().to_vec()
    })
}

fn with(mut claims: Value, name: &str, value: Value) -> Value {
    claims[name] = value;
    claims
}

#[test]
fn no_forged_assertion_gets_a_token_and_nothing_is_kept() {
    let place = place();
    let (victim, other) = (
        place.backend("tasuki/eligibility"),
        place.backend("tasuki/consent"),
    );
    let public = victim.key.public().expect("public");
    let kid = public["kid"].clone();
    let other_kid = other.key.public().expect("public")["kid"].clone();
    let now = place.world.app.gate.now().seconds();
    let claims = place.claims(&victim, "forged");
    let header = |alg: &str| json!({ "alg": alg, "typ": "JWT", "kid": kid });
    let es384 = header("ES384");
    let own = |header: &Value, claims: &Value| with_header(&victim.key, header, claims);
    let rsa = RsaPair::generate(KeySize::Rsa2048).expect("a key");
    let as_rsa = |scheme: &'static aws_lc_rs::signature::RsaSignatureEncoding, alg: &str| {
        forged(&header(alg), &claims, |message| {
            let mut signature = vec![0; rsa.public_modulus_len()];
            let random = SystemRandom::new();
            rsa.sign(scheme, &random, message, &mut signature)
                .expect("signed");
            signature
        })
    };
    let hs = hmac::Key::new(hmac::HMAC_SHA256, public.to_string().as_bytes());
    let id = victim.client.id.to_hex();
    let cases: Vec<(&str, String)> = vec![
        ("alg none", forged(&header("none"), &claims, |_| Vec::new())),
        (
            "HS256 with the public key",
            forged(&header("HS256"), &claims, |m| {
                hmac::sign(&hs, m).as_ref().to_vec()
            }),
        ),
        ("RS256", as_rsa(&RSA_PKCS1_SHA256, "RS256")),
        (
            "RS384 under an EC key's name",
            as_rsa(&RSA_PKCS1_SHA384, "RS384"),
        ),
        (
            "unknown kid",
            own(&with(es384.clone(), "kid", json!("nobody")), &claims),
        ),
        (
            "kid of another client",
            with_header(&other.key, &with(es384.clone(), "kid", other_kid), &claims),
        ),
        (
            "signed by another key",
            with_header(&other.key, &es384, &claims),
        ),
        (
            "jku",
            own(
                &with(es384.clone(), "jku", json!("https://evil.example/jwks")),
                &claims,
            ),
        ),
        (
            "x5u",
            own(
                &with(es384.clone(), "x5u", json!("https://evil.example/x")),
                &claims,
            ),
        ),
        (
            "embedded jwk",
            with_header(
                &other.key,
                &with(es384.clone(), "jwk", other.key.public().expect("public")),
                &claims,
            ),
        ),
        (
            "crit",
            own(&with(es384.clone(), "crit", json!(["b64"])), &claims),
        ),
        (
            "wrong aud",
            own(
                &es384,
                &with(
                    claims.clone(),
                    "aud",
                    json!("https://other.example/oauth/token"),
                ),
            ),
        ),
        (
            "aud of ours and of somebody else",
            own(
                &es384,
                &with(
                    claims.clone(),
                    "aud",
                    json!([ORIGIN, "https://other.example"]),
                ),
            ),
        ),
        (
            "expired",
            own(&es384, &with(claims.clone(), "exp", json!(now))),
        ),
        (
            "exp too far",
            own(&es384, &with(claims.clone(), "exp", json!(now + 311))),
        ),
        (
            "nbf ahead",
            own(&es384, &with(claims.clone(), "nbf", json!(now + 60))),
        ),
        (
            "iat long ago",
            own(&es384, &with(claims.clone(), "iat", json!(now - 3_600))),
        ),
        (
            "no jti",
            own(&es384, &with(claims.clone(), "jti", json!(""))),
        ),
        (
            "iss is not sub",
            own(
                &es384,
                &with(claims.clone(), "sub", json!(other.client.id.to_hex())),
            ),
        ),
        ("changed after signing", {
            let good = own(&es384, &claims);
            let mut parts: Vec<&str> = good.split('.').collect();
            let later = part(&with(claims.clone(), "exp", json!(now + 299)));
            parts[1] = &later;
            parts.join(".")
        }),
        ("not a token", "a.b".to_owned()),
        ("padded base64", format!("{}=", own(&es384, &claims))),
    ];
    assert!(cases.len() >= 12);
    for (name, assertion) in &cases {
        let reply = place.ask_token(assertion, "");
        assert_eq!(error(&reply), (401, "invalid_client".to_owned()), "{name}");
    }
    // The same claims under an honest signature are good: nothing above used them up.
    assert_eq!(place.ask_token(&own(&es384, &claims), "").status, 200);
    let replayed = place.ask_token(&own(&es384, &claims), "");
    assert_eq!(error(&replayed).0, 401, "replayed jti");
    assert_eq!(place.kept(), 2, "one token and one used assertion of {id}");
}

#[test]
fn an_rsa_key_signs_rs384_and_no_other() {
    let place = place();
    let rsa = RsaPair::generate(KeySize::Rsa2048).expect("a key");
    let public = rsa.public_key();
    let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let jwk = json!({
        "kty": "RSA", "kid": "r", "n": text(public.modulus().big_endian_without_leading_zero()),
        "e": text(public.exponent().big_endian_without_leading_zero()),
    });
    let key = PublicKey::parse(&jwk.to_string()).expect("a key");
    let facility = place.clinic.id;
    let terms = terms(Kind::Backend, "tasuki/eligibility", &place);
    let client = place.world.set_up(move |call| {
        let ends_at = call.at().plus_hours(24);
        client::register(call, facility, &terms, Some((&key, ends_at)))
    });
    let registered = Registered {
        client,
        key: ClientKey::generate().expect("a key"),
    };
    let ask = |scheme: &'static aws_lc_rs::signature::RsaSignatureEncoding, alg: &str| {
        let claims = place.claims(&registered, alg);
        let assertion = forged(&json!({ "alg": alg, "kid": "r" }), &claims, |message| {
            let mut signature = vec![0; rsa.public_modulus_len()];
            let random = SystemRandom::new();
            rsa.sign(scheme, &random, message, &mut signature)
                .expect("signed");
            signature
        });
        place.ask_token(&assertion, "").status
    };
    assert_eq!(ask(&RSA_PKCS1_SHA384, "RS384"), 200);
    assert_eq!(ask(&RSA_PKCS1_SHA256, "RS256"), 401);
    assert_eq!(ask(&RSA_PKCS1_SHA384, "ES384"), 401);
}
