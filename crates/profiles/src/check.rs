//! A resource beside the profiles that hold for it.
//!
//! Source: FHIR R4 5.1 (profiling), 10.1 (validation); 2.36.4 (references inside Bundles).

mod bind;
mod conditions;
mod refer;
mod slicing;
mod values;

use std::collections::{BTreeMap, BTreeSet};

use fhir::clins::Checked;
use fhir::json::{Kind, Node};
use fhir::path::Path;
use fhir::schema::{ElementType, FINDINGS_MAX};
use fhirpath::{Element, Resources};
use kernel::Finding;
use kernel::catalog::shorten;
use kernel::time::{JstDate, Timestamp};

use crate::compile::{At, Profile, Rule};
use crate::library::Library;
use crate::rule;
use refer::core_type;

/// Profiles inside one another at most.
const DEPTH_MAX: usize = 48;
/// Questions "would it conform" inside one another at most.
const ASKED_MAX: usize = 4;

/// Steps that all conditions of one document may take together: some seconds. The largest
/// published examples take a ten-thousandth of it.
const STEPS_MAX: u64 = 100_000_000;

/// Checks a resource against what it claims, what it holds, and `profiles`.
pub fn check(library: &Library, root: Node<'_>, profiles: &[&str], on: JstDate) -> Checked {
    let name = root.str("resourceType").unwrap_or("$");
    let resources = Resources::of(root);
    let mut run = Run {
        library,
        resources: &resources,
        now: on.start(),
        out: Checked::default(),
        said: BTreeSet::new(),
        unchecked: BTreeMap::new(),
        done: BTreeSet::new(),
        conforming: BTreeMap::new(),
        extension: ElementType::named("Extension"),
        depth: 0,
        asked: 0,
        steps: STEPS_MAX,
    };
    let path = Path::root(name);
    let element = Element::resource(root);
    run.resource(element, element, profiles, &path);
    run.finish(&path)
}

/// The resource that an element lies in, and the one that this is contained in.
#[derive(Clone, Copy)]
struct Place<'a> {
    resource: Element<'a>,
    root: Element<'a>,
}

struct Run<'a> {
    library: &'a Library,
    resources: &'a Resources<'a>,
    now: Timestamp,
    out: Checked,
    /// Place, rule and value of what was said: an element may stand under several rules that
    /// demand the same.
    said: BTreeSet<(String, String, String)>,
    /// What could not be checked: how often, and where first.
    unchecked: BTreeMap<(&'static str, String), (usize, String, rule::Rule)>,
    /// Elements and profiles that were held against one another.
    done: BTreeSet<(usize, usize)>,
    /// Would an element conform to a profile?
    conforming: BTreeMap<(usize, String), bool>,
    extension: Option<ElementType>,
    depth: usize,
    asked: usize,
    /// Steps that conditions may still take.
    steps: u64,
}

/// What stands at a place, in few characters.
fn shown(element: &Element<'_>) -> String {
    let Some(node) = element.node() else {
        return String::new();
    };
    match node.kind() {
        Kind::String => shorten(node.as_str().unwrap_or_default()),
        Kind::Object => format!("object of {}", node.len()),
        _ => node.to_compact(),
    }
}

/// The same profile of whatever edition.
fn is_same(profile: &str, url: &str) -> bool {
    profile.split('|').next() == url.split('|').next()
}

impl<'a> Run<'a> {
    fn finish(mut self, root: &Path<'_>) -> Checked {
        for ((_, subject), (count, path, rule)) in std::mem::take(&mut self.unchecked) {
            let mut finding = rule.finding(root, &format!("{subject} ×{count}"), "");
            finding.path = path;
            self.out.warnings.push(finding);
        }
        for list in [&mut self.out.refusals, &mut self.out.warnings] {
            if list.len() > FINDINGS_MAX {
                list.truncate(FINDINGS_MAX);
                list.push(rule::FINDINGS_MAX.finding(root, &format!("> {FINDINGS_MAX}"), ""));
            }
        }
        self.out
    }

    fn refuse(&mut self, rule: rule::Rule, path: &Path<'_>, found: &str, hint: &str) {
        self.say(rule.finding(path, found, hint), false);
    }

    fn say(&mut self, finding: Finding, is_warning: bool) {
        let list = if is_warning {
            &mut self.out.warnings
        } else {
            &mut self.out.refusals
        };
        if list.len() > FINDINGS_MAX {
            return;
        }
        let key = (
            finding.path.clone(),
            finding.rule.clone(),
            finding.remedy_en.clone(),
        );
        if self.said.insert(key) {
            list.push(finding);
        }
    }

    /// Counts what could not be checked; never silently passed over.
    fn unchecked(&mut self, rule: rule::Rule, subject: &str, path: &Path<'_>) {
        let key = (rule.id, subject.to_owned());
        let entry = self.unchecked.entry(key);
        entry.or_insert_with(|| (0, path.to_string(), rule)).0 += 1;
    }

    /// A resource: what it claims, its extensions, the resources in it.
    fn resource(&mut self, own: Element<'a>, root: Element<'a>, asked: &[&str], path: &Path<'_>) {
        let Some(node) = own.node() else { return };
        let place = Place {
            resource: own,
            root,
        };
        let claims = node
            .get("meta")
            .into_iter()
            .flat_map(|meta| meta.list("profile"));
        let claims: Vec<&str> = claims.filter_map(Node::as_str).collect();
        for claim in asked.iter().chain(&claims) {
            self.hold(claim, own, place, path);
        }
        self.below(node, place, path, 0);
    }

    /// Everything in a resource, for extensions and for other resources.
    fn below(&mut self, node: Node<'a>, place: Place<'a>, path: &Path<'_>, depth: usize) {
        // The reader bounds the depth of documents; this bounds our stack all the same.
        if depth > 2 * DEPTH_MAX {
            return;
        }
        for (key, value) in node.entries() {
            let here = path.name(key);
            if value.is_object() {
                self.one_below(key, value, place, &here, depth);
                continue;
            }
            for (at, item) in value
                .items()
                .enumerate()
                .filter(|(_, item)| item.is_object())
            {
                self.one_below(key, item, place, &here.index(at), depth);
            }
        }
    }

    fn one_below(
        &mut self,
        key: &str,
        item: Node<'a>,
        place: Place<'a>,
        path: &Path<'_>,
        depth: usize,
    ) {
        if item.get("resourceType").is_some() {
            let own = Element::resource(item);
            let root = if key == "contained" { place.root } else { own };
            return self.resource(own, root, &[], path);
        }
        if matches!(key, "extension" | "modifierExtension") {
            self.extension(item, place, path);
        }
        self.below(item, place, path, depth + 1);
    }

    /// An extension by its definition; inner ones have names that their outer one defines.
    fn extension(&mut self, item: Node<'a>, place: Place<'a>, path: &Path<'_>) {
        let Some(url) = item.str("url").filter(|url| url.contains(':')) else {
            return;
        };
        let element = Element::new(item, self.extension);
        match self.library.profile(url) {
            None => self.unchecked(rule::EXTENSION_UNKNOWN, url, path),
            Some(None) => self.unchecked(rule::BROKEN, url, path),
            Some(Some(profile)) => self.apply(profile, element, place, path),
        }
    }

    /// Holds an element against a profile by its address.
    fn hold(&mut self, canonical: &str, element: Element<'a>, place: Place<'a>, path: &Path<'_>) {
        match self.library.profile(canonical) {
            Some(Some(profile)) => self.apply(profile, element, place, path),
            Some(None) => self.unchecked(rule::BROKEN, canonical, path),
            None => {
                // The types of R4 themselves need no package.
                match core_type(canonical) {
                    Some(name) if element.ty().is_some_and(|ty| ty.is_a(name)) => {}
                    Some(_) => self.refuse(rule::WRONG_TYPE, path, element.type_name(), canonical),
                    None => self.unchecked(rule::UNKNOWN, canonical, path),
                }
            }
        }
    }

    fn apply(
        &mut self,
        profile: &'a Profile,
        element: Element<'a>,
        place: Place<'a>,
        path: &Path<'_>,
    ) {
        let Some(node) = element.node() else { return };
        if !self
            .done
            .insert((node.position(), std::ptr::from_ref(profile).addr()))
        {
            return;
        }
        if !element.ty().is_some_and(|ty| ty.is_a(&profile.ty)) {
            return self.refuse(rule::WRONG_TYPE, path, element.type_name(), &profile.url);
        }
        self.element(profile, 0, element, place, path);
    }

    /// An element and what is below it against a rule.
    fn element(
        &mut self,
        profile: &'a Profile,
        at: At,
        element: Element<'a>,
        place: Place<'a>,
        path: &Path<'_>,
    ) {
        let goes_on = self.depth < DEPTH_MAX && self.out.refusals.len() <= FINDINGS_MAX;
        let Some(rule) = profile.rules.get(at).filter(|_| goes_on) else {
            return;
        };
        self.depth += 1;
        self.value(rule, &element, path);
        if at > 0 {
            self.types(rule, element, place, path);
        }
        for invariant in &rule.invariants {
            self.invariant(invariant, element, place, path);
        }
        let children = match rule.content_of.and_then(|of| profile.rules.get(of)) {
            Some(shared) => &shared.children,
            None => &rule.children,
        };
        // Another resource's rules are said by its own profiles.
        let place = if element.is_resource() && at > 0 {
            Place {
                resource: element,
                root: if rule.name == "contained" {
                    place.root
                } else {
                    element
                },
            }
        } else {
            place
        };
        for child in children {
            if profile.rules.get(*child).is_some_and(|child| !child.idle) {
                self.child(profile, *child, element, place, path);
            }
        }
        self.depth -= 1;
    }

    /// The elements of one name below another: how many, of which slice, and each by itself.
    fn child(
        &mut self,
        profile: &'a Profile,
        at: At,
        parent: Element<'a>,
        place: Place<'a>,
        path: &Path<'_>,
    ) {
        let Some(rule) = profile.rules.get(at) else {
            return;
        };
        let mut found: Vec<(&'static str, Option<usize>, Element<'a>)> = Vec::new();
        parent.each_present(&rule.name, &mut |name, index, element| {
            found.push((name, index, element));
        });
        let name = found.first().map_or(rule.name.as_str(), |(name, ..)| *name);
        self.count(rule, found.len(), &path.name(name));
        for (name, index, element) in &found {
            let named = path.name(name);
            let indexed = index.map(|index| named.index(index));
            let here = indexed.as_ref().unwrap_or(&named);
            self.element(profile, at, *element, place, here);
        }
        if !rule.slices.is_empty() {
            self.slices(profile, rule, &found, place, path);
        }
    }

    fn count(&mut self, rule: &Rule, count: usize, path: &Path<'_>) {
        if count < rule.min {
            let found = format!("{count} < {}", rule.min);
            self.refuse(rule::MIN, path, &found, &rule.slice);
        }
        if let Some(max) = rule.max.filter(|max| count > *max) {
            self.refuse(rule::MAX, path, &format!("{count} > {max}"), &rule.slice);
        }
    }

    /// Fixed, pattern and code.
    fn value(&mut self, rule: &'a Rule, element: &Element<'a>, path: &Path<'_>) {
        let Some(node) = element.node() else { return };
        if let Some(fixed) = &rule.fixed
            && !values::is_fixed(node, fixed.root())
        {
            let wanted = fixed.root().to_compact();
            self.refuse(rule::FIXED, path, &shown(element), &wanted);
        }
        if let Some(pattern) = &rule.pattern
            && !values::is_like(node, pattern.root())
        {
            let wanted = pattern.root().to_compact();
            self.refuse(rule::PATTERN, path, &node.to_compact(), &wanted);
        }
        if let Some(set) = &rule.binding {
            self.bound(set, element, path);
        }
    }

    /// The type, the profiles of the type, and the targets of a reference.
    fn types(&mut self, rule: &'a Rule, element: Element<'a>, place: Place<'a>, path: &Path<'_>) {
        let Some(ty) = element.ty() else { return };
        let mut fitting = rule.types.iter().filter(|allowed| ty.is_a(&allowed.code));
        let fits = fitting.clone().next().is_some();
        if rule.is_choice && !fits && !rule.types.is_empty() {
            let allowed: Vec<&str> = rule.types.iter().map(|ty| ty.code.as_str()).collect();
            return self.refuse(rule::TYPE, path, element.type_name(), &allowed.join(" | "));
        }
        // Extensions are checked by their definitions, wherever they stand.
        if element.type_name() == "Extension" {
            return;
        }
        let profiles: Vec<&str> = fitting
            .clone()
            .flat_map(|ty| ty.profiles.iter().map(String::as_str))
            .collect();
        if !fitting.any(|ty| ty.profiles.is_empty()) {
            self.profiles(&profiles, element, place, path);
        }
        if element.type_name() == "Reference" {
            let targets = rule
                .types
                .iter()
                .filter(|allowed| allowed.code == "Reference");
            let targets: Vec<&str> = targets
                .flat_map(|ty| ty.targets.iter().map(String::as_str))
                .collect();
            self.target(&targets, element, place, path);
        }
    }

    /// One of these profiles must hold.
    fn profiles(
        &mut self,
        profiles: &[&str],
        element: Element<'a>,
        place: Place<'a>,
        path: &Path<'_>,
    ) {
        let place = if element.is_resource() {
            Place {
                resource: element,
                root: element,
            }
        } else {
            place
        };
        match profiles {
            [] => {}
            [one] => self.hold(one, element, place, path),
            several => {
                let known = several
                    .iter()
                    .any(|profile| self.conforms(profile, element, place, path));
                if !known {
                    self.refuse(rule::CONFORMS, path, &shown(&element), &several.join(" | "));
                }
            }
        }
    }

    /// Would the element conform? An unknown profile is counted, and taken for met.
    fn conforms(
        &mut self,
        canonical: &str,
        element: Element<'a>,
        place: Place<'a>,
        path: &Path<'_>,
    ) -> bool {
        let (Some(node), Some(ty)) = (element.node(), element.ty()) else {
            return true;
        };
        let claims = node
            .get("meta")
            .into_iter()
            .flat_map(|meta| meta.list("profile"));
        let claims = claims
            .filter_map(Node::as_str)
            .any(|claim| is_same(claim, canonical));
        let profile = match self.library.profile(canonical) {
            Some(Some(profile)) => profile,
            Some(None) => {
                self.unchecked(rule::BROKEN, canonical, path);
                return true;
            }
            None => {
                if let Some(core) = core_type(canonical) {
                    return ty.is_a(core);
                }
                self.unchecked(rule::UNKNOWN, canonical, path);
                return true;
            }
        };
        if !ty.is_a(&profile.ty) {
            return false;
        }
        // What it claims is checked where it stands, and said there.
        if claims || self.asked >= ASKED_MAX {
            return true;
        }
        let key = (node.position(), profile.url.clone());
        if let Some(known) = self.conforming.get(&key) {
            return *known;
        }
        // A circle of references: taken for met until it is known.
        self.conforming.insert(key.clone(), true);
        let conforms = self.quietly(|run| run.apply(profile, element, place, path));
        self.conforming.insert(key, conforms);
        conforms
    }

    /// Does a check find nothing to refuse? What it says and counts is forgotten.
    fn quietly(&mut self, check: impl FnOnce(&mut Self)) -> bool {
        let out = std::mem::take(&mut self.out);
        let said = std::mem::take(&mut self.said);
        let unchecked = std::mem::take(&mut self.unchecked);
        let done = std::mem::take(&mut self.done);
        let depth = std::mem::take(&mut self.depth);
        self.asked += 1;
        check(self);
        self.asked -= 1;
        let is_good = self.out.refusals.is_empty();
        self.out = out;
        self.said = said;
        self.unchecked = unchecked;
        self.done = done;
        self.depth = depth;
        is_good
    }
}
