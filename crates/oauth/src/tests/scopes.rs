//! Scopes: what they contain, and that they never widen a role.

use access::{
    policy::{self, Permission},
    scope::{self, Scopes},
};
use kernel::id::{ClientId, PersonId, SessionId, StaffId};
use store::caller::{Actor, Caller, Role};

use super::*;

#[test]
fn a_scope_holds_what_lies_within_it() {
    let holds = |mine: &str, asked: &str| {
        let parse = |text| Scopes::parse(text).expect("scopes");
        parse(mine).contain(&parse(asked))
    };
    assert!(holds("system/Bundle.crud", "system/Bundle.cu"));
    assert!(holds("system/*.cruds", "system/Bundle.c"));
    assert!(holds("patient/*.rs openid", "openid patient/Observation.r"));
    assert!(!holds("system/Bundle.cr", "system/Bundle.cu"));
    assert!(!holds("system/Bundle.c", "system/*.c"));
    assert!(!holds("patient/*.rs", "user/*.rs"));
    assert!(!holds("launch", "launch/patient"));
}

#[test]
fn what_is_no_scope_is_not_read() {
    for text in [
        "system/Bundle",
        "system/Bundle.",
        "system/Bundle.dc",
        "system/Bundle.cc",
        "system/Bundle.x",
        "system/bundle.c",
        "system/Bundle.c?category=a",
        "system/*.*",
        "other/Bundle.c",
        "tasuki/all",
        "offline_access",
    ] {
        assert!(Scopes::parse(text).is_none(), "{text}");
    }
}

fn caller(role: Role, home: &Home) -> Caller {
    let session = SessionId::from_bytes([1; 16]);
    Caller::new(match role {
        Role::System => Actor::System {
            client: ClientId::from_bytes([1; 16]),
            name: String::new(),
            home: home.clone(),
        },
        Role::Patient => Actor::Patient {
            person: PersonId::from_bytes([1; 16]),
            session,
        },
        Role::Anonymous => Actor::Anonymous {
            client: String::new(),
        },
        Role::Job => Actor::Job { name: "test" },
        Role::Proxy => Actor::Proxy {
            person: PersonId::from_bytes([1; 16]),
            proxy: PersonId::from_bytes([2; 16]),
            name: String::new(),
            session,
        },
        role => Actor::Staff {
            staff: StaffId::from_bytes([1; 16]),
            role,
            name: String::new(),
            home: home.clone(),
            session,
        },
    })
}

#[test]
fn scopes_narrow_every_role_and_widen_none() {
    let place = place();
    let lists = [
        "",
        "openid fhirUser launch launch/patient",
        "system/*.cruds",
        "system/Bundle.c",
        "patient/*.rs",
        "patient/*.r",
        "user/*.rs",
        "user/*.cruds",
        "tasuki/eligibility",
        "tasuki/consent tasuki/introspect",
        "system/*.cruds user/*.cruds patient/*.cruds tasuki/eligibility tasuki/consent",
    ];
    for role in Role::ALL {
        for permission in Permission::ALL {
            let mut opened = 0;
            for list in lists {
                let mut caller = caller(role, &place.clinic);
                caller.scopes = Some(list.into());
                let admitted = policy::admits(&caller, permission);
                let may = policy::allows(role, permission);
                assert!(may || !admitted, "{role:?} {permission:?} {list}");
                let covers = scope::covers(list, permission);
                assert_eq!(admitted, may && covers, "{role:?} {permission:?} {list}");
                opened += usize::from(admitted);
            }
            // Where a person or an administrator decides, no token comes in at all.
            let is_personal = matches!(
                permission,
                Permission::OwnChoice
                    | Permission::OwnSession
                    | Permission::SeeAccounts
                    | Permission::ManageAccounts
                    | Permission::SeeEquipment
                    | Permission::ManageEquipment
                    | Permission::ReviewAccess
                    | Permission::Support
            );
            assert!(!is_personal || opened == 0, "{role:?} {permission:?}");
        }
    }
}

#[test]
fn a_token_without_the_scope_is_told_so() {
    let place = place();
    let system = place.backend("system/Bundle.c tasuki/eligibility");
    let ask = |scope: &str, jti: &str| As::System(place.token(&system, jti, scope));
    let document = |who: &As| {
        let body = json!({
            "member": "00000000:::1:", "value": "1310000001^2026^1",
            "system": "http://jpfhir.jp/fhir/clins/bundle-identifier",
        });
        place.world.post(who, "/fhir/Bundle/$document", &body)
    };
    let reply = document(&ask("tasuki/eligibility", "a"));
    assert_eq!(reply.status, 403, "{}", reply.text());
    assert!(reply.text().contains("TSK-ACC-032"), "{}", reply.text());
    let challenge = reply.header("www-authenticate");
    assert_eq!(challenge, "Bearer error=\"insufficient_scope\"");
}
