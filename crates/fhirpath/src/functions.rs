//! The functions: which there are, how many arguments they take, and who does them.
//!
//! Source: FHIRPath N1 chapter 5; FHIR R4 2.9.1.5 (additional functions).

mod choose;
mod convert;
mod exist;
mod here;
mod math;
mod text;
mod tree;

use crate::error::EvalError;
use crate::eval::{Answer, Run, Scope};
use crate::operators::single;
use crate::syntax::Call;
use crate::value::{Collection, Value};

pub use choose::distinct;

macro_rules! functions {
    ($($variant:ident $name:literal $least:literal $most:literal;)+) => {
        /// A function of the language.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Function { $($variant),+ }

        impl Function {
            /// The function of this name.
            pub fn named(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)+ _ => None }
            }

            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// Arguments at least and at most.
            pub const fn arity(self) -> (usize, usize) {
                match self { $(Self::$variant => ($least, $most)),+ }
            }
        }
    };
}

functions! {
    Empty "empty" 0 0;
    Exists "exists" 0 1;
    All "all" 1 1;
    AllTrue "allTrue" 0 0;
    AnyTrue "anyTrue" 0 0;
    AllFalse "allFalse" 0 0;
    AnyFalse "anyFalse" 0 0;
    SubsetOf "subsetOf" 1 1;
    SupersetOf "supersetOf" 1 1;
    Count "count" 0 0;
    Distinct "distinct" 0 0;
    IsDistinct "isDistinct" 0 0;
    Where "where" 1 1;
    Select "select" 1 1;
    Repeat "repeat" 1 1;
    OfType "ofType" 1 1;
    Is "is" 1 1;
    As "as" 1 1;
    Single "single" 0 0;
    First "first" 0 0;
    Last "last" 0 0;
    Tail "tail" 0 0;
    Skip "skip" 1 1;
    Take "take" 1 1;
    Intersect "intersect" 1 1;
    Exclude "exclude" 1 1;
    Union "union" 1 1;
    Combine "combine" 1 1;
    Sort "sort" 0 8;
    Iif "iif" 2 3;
    Aggregate "aggregate" 1 2;
    Not "not" 0 0;
    ToBoolean "toBoolean" 0 0;
    ToInteger "toInteger" 0 0;
    ToDecimal "toDecimal" 0 0;
    ToText "toString" 0 0;
    ToDate "toDate" 0 0;
    ToDateTime "toDateTime" 0 0;
    ToTime "toTime" 0 0;
    ToQuantity "toQuantity" 0 1;
    ConvertsToBoolean "convertsToBoolean" 0 0;
    ConvertsToInteger "convertsToInteger" 0 0;
    ConvertsToDecimal "convertsToDecimal" 0 0;
    ConvertsToText "convertsToString" 0 0;
    ConvertsToDate "convertsToDate" 0 0;
    ConvertsToDateTime "convertsToDateTime" 0 0;
    ConvertsToTime "convertsToTime" 0 0;
    ConvertsToQuantity "convertsToQuantity" 0 1;
    IndexOf "indexOf" 1 1;
    LastIndexOf "lastIndexOf" 1 1;
    Substring "substring" 1 2;
    StartsWith "startsWith" 1 1;
    EndsWith "endsWith" 1 1;
    Contains "contains" 1 1;
    Upper "upper" 0 0;
    Lower "lower" 0 0;
    Replace "replace" 2 2;
    Matches "matches" 1 1;
    MatchesFull "matchesFull" 1 1;
    ReplaceMatches "replaceMatches" 2 2;
    Length "length" 0 0;
    ToChars "toChars" 0 0;
    Split "split" 1 1;
    Join "join" 0 1;
    Trim "trim" 0 0;
    Encode "encode" 1 1;
    Decode "decode" 1 1;
    Escape "escape" 1 1;
    Unescape "unescape" 1 1;
    Abs "abs" 0 0;
    Ceiling "ceiling" 0 0;
    Exp "exp" 0 0;
    Floor "floor" 0 0;
    Ln "ln" 0 0;
    Log "log" 1 1;
    Power "power" 1 1;
    Round "round" 0 1;
    Sqrt "sqrt" 0 0;
    Truncate "truncate" 0 0;
    Children "children" 0 0;
    Descendants "descendants" 0 0;
    Trace "trace" 1 2;
    Now "now" 0 0;
    Today "today" 0 0;
    TimeOfDay "timeOfDay" 0 0;
    LowBoundary "lowBoundary" 0 1;
    HighBoundary "highBoundary" 0 1;
    Precision "precision" 0 0;
    Comparable "comparable" 1 1;
    Type "type" 0 0;
    Extension "extension" 1 1;
    HasValue "hasValue" 0 0;
    GetValue "getValue" 0 0;
    Resolve "resolve" 0 0;
    MemberOf "memberOf" 1 1;
    ConformsTo "conformsTo" 1 1;
    HtmlChecks "htmlChecks" 0 0;
}

impl Function {
    /// Is its argument the name of a type?
    pub const fn takes_type(self) -> bool {
        matches!(self, Self::Is | Self::As | Self::OfType)
    }

    /// Is its first argument a pattern, and must that match the whole text?
    pub const fn takes_pattern(self) -> Option<bool> {
        match self {
            Self::Matches | Self::ReplaceMatches => Some(false),
            Self::MatchesFull => Some(true),
            _ => None,
        }
    }

    /// Are the items that it yields in no defined order?
    pub const fn unorders(self) -> bool {
        matches!(self, Self::Children | Self::Descendants)
    }

    /// Does it mean nothing for items in no defined order?
    pub const fn needs_order(self) -> bool {
        matches!(
            self,
            Self::First | Self::Last | Self::Tail | Self::Skip | Self::Take
        )
    }
}

/// Does the function for these items.
pub fn call<'a>(
    run: &mut Run<'_, 'a>,
    call: &'a Call,
    items: &[Value<'a>],
    scope: Scope<'_, 'a>,
) -> Answer<'a> {
    use Function as F;
    run.spend(items.len())?;
    match call.function {
        F::Empty => truth(items.is_empty()),
        F::Exists | F::All | F::AllTrue | F::AnyTrue | F::AllFalse | F::AnyFalse => {
            exist::quantified(run, call, items, scope)
        }
        F::SubsetOf | F::SupersetOf => {
            let other = run.argument(call, 0, scope)?;
            exist::subset(run, call.function, items, &other)
        }
        F::Count => Ok(vec![Value::Integer(length(items.len()))]),
        F::Distinct => distinct(run, items.to_vec()),
        F::IsDistinct => {
            let count = distinct(run, items.to_vec())?.len();
            truth(count == items.len())
        }
        F::Not => exist::not(items),
        F::Is | F::As | F::OfType => typed(run, call, items),
        F::Where
        | F::Select
        | F::Repeat
        | F::Single
        | F::First
        | F::Last
        | F::Tail
        | F::Skip
        | F::Take
        | F::Intersect
        | F::Exclude
        | F::Union
        | F::Combine
        | F::Sort
        | F::Iif
        | F::Aggregate => choose::choose(run, call, items, scope),
        F::Children | F::Descendants | F::Extension | F::Resolve | F::HasValue | F::GetValue => {
            tree::walk(run, call, items, scope)
        }
        F::Trace => {
            // Nothing is logged: items may be personal data. The arguments must be good all the same.
            run.argument(call, 0, scope)?;
            for (at, item) in items.iter().enumerate() {
                run.argument(call, 1, scope.item(item, length(at)))?;
            }
            Ok(items.to_vec())
        }
        F::Now | F::Today | F::TimeOfDay | F::MemberOf | F::ConformsTo | F::HtmlChecks => {
            here::ask(run, call, items, scope)
        }
        F::Join => text::join(run, call, items, scope),
        F::Type => Ok(items
            .iter()
            .map(Value::type_name)
            .map(|(namespace, name)| Value::Type(namespace, name))
            .collect()),
        _ => match single(items, call.function.name())? {
            None => Ok(Vec::new()),
            Some(one) => of_one(run, call, one, scope),
        },
    }
}

/// Functions of one item.
fn of_one<'a>(
    run: &mut Run<'_, 'a>,
    call: &'a Call,
    one: &Value<'a>,
    scope: Scope<'_, 'a>,
) -> Answer<'a> {
    use Function as F;
    match call.function {
        F::Abs
        | F::Ceiling
        | F::Exp
        | F::Floor
        | F::Ln
        | F::Log
        | F::Power
        | F::Round
        | F::Sqrt
        | F::Truncate
        | F::LowBoundary
        | F::HighBoundary
        | F::Precision
        | F::Comparable => math::reckon(run, call, one, scope),
        F::ToBoolean
        | F::ToInteger
        | F::ToDecimal
        | F::ToText
        | F::ToDate
        | F::ToDateTime
        | F::ToTime
        | F::ToQuantity => Ok(convert::to(call.function, one).into_iter().collect()),
        F::ConvertsToBoolean
        | F::ConvertsToInteger
        | F::ConvertsToDecimal
        | F::ConvertsToText
        | F::ConvertsToDate
        | F::ConvertsToDateTime
        | F::ConvertsToTime
        | F::ConvertsToQuantity => truth(convert::converts(call.function, one)),
        _ => text::of_text(run, call, one, scope),
    }
}

fn typed<'a>(run: &Run<'_, 'a>, call: &'a Call, items: &[Value<'a>]) -> Answer<'a> {
    let Some(ty) = &call.ty else {
        return Err(EvalError::Argument(call.function.name()));
    };
    match call.function {
        Function::Is => crate::eval::is(items, ty),
        Function::As => run.pick(items.to_vec(), ty, true),
        _ => run.pick(items.to_vec(), ty, false),
    }
}

fn truth<'a>(truth: bool) -> Answer<'a> {
    Ok(vec![Value::Boolean(truth)])
}

/// A count as a number of the language.
fn length(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// The one whole number of an argument.
fn whole(items: &Collection<'_>, what: &'static str) -> Result<Option<i64>, EvalError> {
    match single(items, what)?.map(Value::system) {
        None => Ok(None),
        Some(Some(Value::Integer(number))) => Ok(Some(number)),
        Some(_) => Err(EvalError::Type(what)),
    }
}
