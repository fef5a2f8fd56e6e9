//! One change.

use kernel::Refusal;
use store::Stop;
use web::{Answer, Request};

use super::{answer, insurer};
use crate::{ops, wire::WireChange};

pub(super) async fn one(request: Request) -> Result<Answer, Refusal> {
    let wire: WireChange = request.json()?;
    let number = insurer(&request)?;
    let change = wire.parse(&number);
    let facility = request.facility()?;
    let outcome = request
        .write(move |call| match &change {
            Ok(change) => ops::one(call, facility, &number, change),
            Err(found) => {
                // Whose number it is comes first: a stranger learns nothing of the items.
                ops::insurer(call, facility, &number, access::policy::Action::Write)?;
                let refusal = ops::refusal(found).unwrap_or(Refusal::new(&crate::errors::KIND));
                Err(Stop::Refused(refusal))
            }
        })
        .await?;
    Ok(Answer::json(200, &answer::outcome(&outcome)))
}
