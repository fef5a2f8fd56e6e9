//! What a proxy may see, and whether they may choose for the person.

use crate::policy::{Action, Class};

/// The word for giving and withdrawing consent.
const CHOOSE: &str = "choose";

/// A scope: classes of information, and the right to choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    classes: Vec<Class>,
    may_choose: bool,
}

impl Scope {
    /// The classes that a proxy can be shown.
    pub const CLASSES: [Class; 14] = [
        Class::Eligibility,
        Class::Allergies,
        Class::Contraindications,
        Class::Conditions,
        Class::Infections,
        Class::Laboratory,
        Class::Medications,
        Class::CareHistory,
        Class::Surgery,
        Class::Checkups,
        Class::Prescriptions,
        Class::Documents,
        Class::Consent,
        Class::AccessHistory,
    ];

    /// A scope; `None` without a class, with one that is not the person's own, and for the
    /// right to choose without sight of the choices.
    #[must_use]
    pub fn new(classes: &[Class], may_choose: bool) -> Option<Self> {
        let mut classes = classes.to_vec();
        classes.sort_unstable();
        classes.dedup();
        let is_own = |class: &Class| Self::CLASSES.contains(class);
        let is_whole = !classes.is_empty() && classes.iter().all(is_own);
        let can_choose = !may_choose || classes.contains(&Class::Consent);
        (is_whole && can_choose).then_some(Self {
            classes,
            may_choose,
        })
    }

    /// Everything, the right to choose included: a parent's.
    #[must_use]
    pub fn full() -> Self {
        Self {
            classes: Self::CLASSES.to_vec(),
            may_choose: true,
        }
    }

    /// The classes, in order.
    #[must_use]
    pub fn classes(&self) -> &[Class] {
        &self.classes
    }

    /// May they give and withdraw consent?
    #[must_use]
    pub const fn may_choose(&self) -> bool {
        self.may_choose
    }

    /// Does it cover this?
    #[must_use]
    pub fn covers(&self, class: Class, action: Action) -> bool {
        let sees = self.classes.contains(&class);
        match action {
            Action::Read => sees,
            Action::Write | Action::Delete => sees && self.may_choose && class == Class::Consent,
            Action::Export => false,
        }
    }

    /// As words in tables and forms, a space between.
    #[must_use]
    pub fn words(&self) -> String {
        let mut words: Vec<&str> = self.classes.iter().map(|class| class.word()).collect();
        if self.may_choose {
            words.push(CHOOSE);
        }
        words.join(" ")
    }

    /// From its words.
    #[must_use]
    pub fn parse(words: &str) -> Option<Self> {
        let mut classes = Vec::new();
        let mut may_choose = false;
        for word in words.split_ascii_whitespace() {
            if word == CHOOSE {
                may_choose = true;
            } else {
                classes.push(Class::parse(word)?);
            }
        }
        Self::new(&classes, may_choose)
    }
}
