//! Prescriptions reach the shared record out of documents, and only out of them.

use access::consent::Category;

use super::letters::Post;
use crate::model::{Item, What};

const DAY: i64 = 24 * 3600;

impl Post {
    /// What a third facility sees of prescriptions.
    fn prescribed(&self) -> Vec<Item> {
        let seen = self.ward.seen_by(&self.other);
        let all = seen.items.into_iter();
        all.filter(|i| i.category == Category::Prescriptions)
            .collect()
    }
}

fn medicines(items: &[Item]) -> Vec<String> {
    let mut names: Vec<String> = items
        .iter()
        .filter_map(|item| match &item.what {
            What::Prescription(one) => Some(format!("{} {}", one.medicine, one.on)),
            _ => None,
        })
        .collect();
    names.sort();
    names
}

#[test]
fn a_documents_prescriptions_are_seen_with_their_source_and_go_with_the_document() {
    let post = Post::new();
    assert!(post.prescribed().is_empty());
    let document = post.discharge("RX-1");
    post.sent(&document, "");
    let seen = post.prescribed();
    assert!(!seen.is_empty());
    for item in &seen {
        assert_eq!(item.provenance.institution, post.ward.hospital.code);
        let What::Prescription(one) = &item.what else {
            panic!("a prescription")
        };
        assert!(!one.medicine.is_empty() && !one.usage.is_empty());
    }
    // The person sees them too.
    let own = post.ward.own();
    assert_eq!(
        own.iter()
            .filter(|line| line.starts_with("prescriptions"))
            .count(),
        seen.len()
    );
    // A document that is taken back takes them along.
    assert_eq!(post.command("cancel", &document).status, 200);
    assert!(post.prescribed().is_empty());
}

#[test]
fn prescriptions_are_shown_a_hundred_days_and_the_last_three_days_of_them_always() {
    let post = Post::new();
    for number in 0..5 {
        post.sent(&post.discharge(&format!("RX-{number}")), "");
        post.ward.world.clock.advance(7 * DAY);
    }
    let days = |items: &[Item]| {
        let mut days: Vec<String> = medicines(items)
            .iter()
            .filter_map(|line| line.rsplit(' ').next().map(str::to_owned))
            .collect();
        days.sort();
        days.dedup();
        days
    };
    let all = days(&post.prescribed());
    post.ward.world.clock.advance(200 * DAY);
    let left = days(&post.prescribed());
    assert!(
        all.len() >= left.len() && left.len() <= 3,
        "{all:?} {left:?}"
    );
    assert_eq!(left[..], all[all.len() - left.len()..]);
    assert!(!left.is_empty());
    // Five years after its registration a document goes, and what was in it.
    post.ward.world.clock.advance(5 * 366 * DAY);
    while crate::ops::round(&post.ward.world.app.gate, &|| false)
        .unwrap_or_else(|e| panic!("{e:?}"))
    {}
    assert!(post.prescribed().is_empty());
}
