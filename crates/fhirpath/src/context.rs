//! What an expression is evaluated against.

use std::collections::BTreeMap;

use kernel::time::Timestamp;

use crate::resources::Resources;
use crate::value::{Collection, Element, Value};

/// Steps of one evaluation, unless told otherwise: far more than any published invariant
/// takes on a Bundle of 10,000 entries.
const STEPS_MAX: u64 = 5_000_000;

/// What knows value sets and profiles.
pub trait Host {
    /// Is this a member of the value set? `None`: that cannot be told here.
    fn member_of(&self, item: &Value<'_>, value_set: &str) -> Option<bool>;
    /// Does the resource conform to the profile? `None`: the profile is not known here.
    fn conforms_to(&self, resource: &Element<'_>, profile: &str) -> Option<bool>;
}

/// The focus, and what stands around it.
#[derive(Clone)]
pub struct Context<'a> {
    pub(crate) focus: Value<'a>,
    pub(crate) resource: Option<Element<'a>>,
    pub(crate) root_resource: Option<Element<'a>>,
    pub(crate) resources: Option<&'a Resources<'a>>,
    pub(crate) now: Option<Timestamp>,
    pub(crate) variables: BTreeMap<String, Collection<'a>>,
    pub(crate) host: Option<&'a dyn Host>,
    pub(crate) strict: bool,
    pub(crate) stubs: bool,
    pub(crate) steps_max: u64,
}

impl<'a> Context<'a> {
    /// An element or a resource as focus; a resource is also `%resource` and `%rootResource`.
    #[must_use]
    pub fn new(focus: Element<'a>) -> Self {
        let resource = focus.is_resource().then_some(focus);
        Self {
            focus: Value::Element(focus),
            resource,
            root_resource: resource,
            resources: None,
            now: None,
            variables: BTreeMap::new(),
            host: None,
            strict: false,
            stubs: false,
            steps_max: STEPS_MAX,
        }
    }

    /// The resource that holds the focus, and the one that this is contained in (often itself).
    #[must_use]
    pub const fn within(mut self, resource: Element<'a>, root: Element<'a>) -> Self {
        self.resource = Some(resource);
        self.root_resource = Some(root);
        self
    }

    /// Where `resolve()` looks.
    #[must_use]
    pub const fn resolving(mut self, resources: &'a Resources<'a>) -> Self {
        self.resources = Some(resources);
        self
    }

    /// What `now()` tells; without it, `now()` is an error.
    #[must_use]
    pub const fn at(mut self, now: Timestamp) -> Self {
        self.now = Some(now);
        self
    }

    /// A variable, `%name`.
    #[must_use]
    pub fn with(mut self, name: &str, items: Collection<'a>) -> Self {
        self.variables.insert(name.to_owned(), items);
        self
    }

    /// Who knows value sets and profiles.
    #[must_use]
    pub const fn asking(mut self, host: &'a dyn Host) -> Self {
        self.host = Some(host);
        self
    }

    /// A name that the type does not have is an error instead of nothing.
    #[must_use]
    pub const fn strict(mut self) -> Self {
        self.strict = true;
        self
    }

    /// A reference that cannot be resolved yields a resource without content, of the type that
    /// the reference names: enough for `resolve() is Patient` in search parameters.
    #[must_use]
    pub const fn with_stubs(mut self) -> Self {
        self.stubs = true;
        self
    }

    /// Steps at most.
    #[must_use]
    pub const fn steps_max(mut self, steps: u64) -> Self {
        self.steps_max = steps;
        self
    }
}
