//! Which pages of the seeded town are looked at, and by whom.

use super::Shot;

/// Whose sessions see the pages, and which visit, choice and code they are about.
pub(super) struct Looks<'l> {
    pub doctor: Option<String>,
    pub office: Option<String>,
    pub insurer: Option<String>,
    pub half: Option<String>,
    pub patient: Option<String>,
    pub visit: &'l str,
    pub letter: &'l str,
    pub sent: &'l str,
    pub hospital: &'l str,
    pub consent: &'l str,
    pub code_page: &'l str,
    pub code_path: &'l str,
}

/// The pages, in the order in which they are looked at.
pub(super) fn listed(looks: &Looks<'_>) -> Vec<Shot> {
    let Looks {
        doctor,
        office,
        insurer,
        half,
        patient,
        visit,
        letter,
        sent,
        hospital,
        consent,
        code_page,
        code_path,
    } = looks;
    let shot = |name, path: &str, cookie: &Option<String>| Shot {
        name,
        path: path.to_owned(),
        cookie: cookie.clone(),
    };
    let counter = |name, path: &str| shot(name, path, doctor);
    let portal = |name, path: &str| shot(name, path, patient);
    vec![
        shot("login", "/login", &None),
        shot("login-code", "/login/code", half),
        shot("login-substitute", "/login/substitute", half),
        counter("account", "/account"),
        counter("account-password", "/account/password"),
        counter("account-factors", "/account/factors"),
        counter("account-confirm", "/account/confirm"),
        counter("lock", "/lock"),
        counter("reception", "/reception"),
        counter("diagnosis", "/reception/diagnosis"),
        counter("result", &format!("/visits/{visit}")),
        counter("coverages", &format!("/visits/{visit}/coverages")),
        counter("bookings", "/reception/bookings"),
        counter("notices", "/reception/notices"),
        counter("consent", &format!("/visits/{visit}/consent")),
        counter("receipt", &format!("/visits/{visit}/consents/{consent}")),
        counter("reception-codes", "/reception/codes"),
        counter("reception-code", &format!("/reception/codes/{code_page}")),
        counter("reception-home", "/reception/home"),
        shot("visit-code", "/v", &None),
        shot("visit-phone", code_path, &None),
        counter("record", &format!("/visits/{visit}/record")),
        counter("letters", "/letters"),
        counter("letter", &format!("/letters/{letter}")),
        counter("letter-answer", &format!("/letters/{letter}/answer")),
        counter("letters-new", "/letters/new"),
        counter("letter-addressee", &format!("/visits/{visit}/letter")),
        counter(
            "letter-write",
            &format!("/visits/{visit}/letter?to={hospital}"),
        ),
        counter("sent-documents", "/sent-documents"),
        counter("sent-document", &format!("/sent-documents/{sent}")),
        counter("validator", "/validator"),
        shot("office", "/office", office),
        shot("office-accounts", "/office/accounts", office),
        shot("office-equipment", "/office/equipment", office),
        shot("insurer", "/insurer", insurer),
        shot("insurer-members", "/insurer/members", insurer),
        shot("insurer-checkups", "/insurer/checkups", insurer),
        shot("portal-login", "/portal/login", &None),
        portal("portal", "/portal"),
        portal("portal-record", "/portal/record"),
        portal("portal-documents", "/portal/documents"),
        portal("portal-document", &format!("/portal/documents/{letter}")),
        portal("portal-history", "/portal/history"),
        portal("portal-consents", "/portal/consents"),
        portal("portal-receipt", &format!("/portal/consents/{consent}")),
        portal("portal-family", "/portal/family"),
    ]
}
