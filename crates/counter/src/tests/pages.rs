//! What the counter's pages say.

use super::*;

#[test]
fn the_state_of_line_and_copy_is_said_in_words() {
    let pair = pair();
    let page = |lang: &str| {
        pair.clinic
            .get(&pair.clerk(), &format!("/counter?lang={lang}"))
            .text()
    };
    assert!(page("ja").contains("まだ控えがありません"));
    pair.comes(SAWAKO);
    pair.fetched();
    pair.pass(3 * 3_600);
    let text = page("ja");
    for words in [
        "プラットフォームにつながっています",
        "1人(過去400日に来院した方)",
        "3時間前",
        "2026年11月25日",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert!(page("en").contains("The platform answers"));
    pair.cut(Some(Cut::Time));
    let _ = pair.check(SAWAKO, "a");
    assert!(page("ja").contains("3秒待っても返事がありません"));
}

#[test]
fn no_page_lists_the_patients_of_the_copy() {
    let pair = pair();
    pair.comes(SAWAKO);
    pair.comes(TAKASHI);
    pair.fetched();
    for path in ["/counter", "/counter/differences"] {
        let text = pair.clinic.get(&pair.clerk(), path).text();
        assert!(
            !text.contains("佐和子") && !text.contains("タチバナ"),
            "{path}"
        );
    }
}

#[test]
fn a_program_without_a_platform_says_where_the_reception_is() {
    let world = World::new(vec![crate::service()]);
    let home = world.facility(CODE, NAME);
    let clerk = world.staff(&home, Role::Clerk);
    for path in ["/counter", "/counter/differences"] {
        let reply = world.get(&clerk, path);
        assert_eq!((reply.status, reply.code().as_str()), (404, "TSK-OFF-021"));
        assert!(reply.text().contains("/reception"));
    }
}

#[test]
fn the_node_begins_at_the_counter() {
    let world = World::new(vec![crate::node()]);
    let home = world.facility(CODE, NAME);
    let clerk = world.staff(&home, Role::Clerk);
    assert_eq!(world.get(&clerk, "/").header("location"), "/counter");
    let administrator = world.staff(&home, Role::Administrator);
    assert_eq!(
        world.get(&administrator, "/").header("location"),
        "/account"
    );
    assert_eq!(world.get(&administrator, "/counter").code(), "TSK-ACC-003");
}
