//! The job that writes exports: one type of one export an operation, in the name of whoever
//! asked. It may be cut off anywhere and goes on behind what is there.

use std::sync::Arc;

use access::Gate;
use kernel::{
    Entry,
    id::{ClientId, PersonId},
    time::Timestamp,
};
use store::{
    Call, Stop,
    caller::{Actor, Caller, Event, Home, Purpose},
};

use super::{Export, State, store as table};
use crate::{
    id::Owner,
    operations::{
        errors,
        record::{self, Filter, Record},
    },
    ops::Partition,
};

static WRITE: Event = Event {
    code: "fhir.export-write",
    ja: "自施設の診療記録の持ち出しファイルの作成",
    en: "export of the own facility's record written",
};
static EXPIRE: Event = Event {
    code: "fhir.export-expire",
    ja: "持ち出しファイルの期限による削除",
    en: "files of an export removed at the end of their time",
};

/// Hours for which an export is kept, from the kick-off and again from its end.
pub(super) const KEEP_HOURS: i64 = 24;
/// Most bytes of one file; a type that has more gets several.
const FILE_BYTES_MAX: usize = 8 << 20;
/// Most resources of one type.
const RESOURCES_MAX: usize = 20_000;

/// Works on the export whose turn it is, or removes one whose time is over. Was there
/// anything to do?
///
/// # Errors
/// The store's; what was done stays done.
pub fn round(gate: &Gate) -> Result<bool, Stop> {
    let at = gate.now();
    let (next, over) = gate
        .look_up(move |call| Ok((table::next(call)?, table::over(call, at)?)))
        .wait()?;
    if let Some(over) = over {
        remove(gate, over)?;
        return Ok(true);
    }
    let Some(export) = next else {
        return Ok(false);
    };
    let Some(caller) = caller(&export) else {
        return fail(gate, export, &errors::EXPORT_ABSENT).map(|()| true);
    };
    let intent = gate.intent(caller, Purpose::Treatment, &WRITE);
    let step = export.clone();
    let written = gate.write(intent, move |call| write(call, step.clone()));
    match written.wait() {
        Ok(()) => Ok(true),
        // What the caller may not do any more, they are told where they look.
        Err(Stop::Refused(refusal)) => fail(gate, export, refusal.entry).map(|()| true),
        Err(failed) => Err(failed),
    }
}

/// Whoever asked, as they were then.
fn caller(export: &Export) -> Option<Caller> {
    let body = &export.body;
    let mut caller = Caller::new(Actor::System {
        client: ClientId::parse(&body.client)?,
        name: body.name.clone(),
        home: Home {
            id: export.facility,
            code: body.code.clone(),
            name: body.home.clone(),
        },
    });
    caller.scopes = body.scopes.as_deref().map(Arc::from);
    Some(caller)
}

fn home(call: &Call<'_>) -> Result<Home, Stop> {
    let home = call.caller().home().cloned();
    home.ok_or_else(|| Stop::from(&errors::EXPORT_ABSENT))
}

fn record(call: &mut Call<'_>, export: &Export) -> Result<Record, Stop> {
    let home = home(call)?;
    let own = Partition::of(call, &home, "")?;
    record::open_for_export(call, own, &export.body.patient)
}

/// Under whom the files of this record's exports lie.
pub(super) fn person(record: &Record) -> Result<PersonId, Stop> {
    match record.patient.key.owner {
        Owner::Person(person) => Ok(person),
        Owner::Facility => Err(Stop::from(&errors::EXPORT_ABSENT)),
    }
}

/// The first type that is left; before the first of all, which types there are.
fn write(call: &mut Call<'_>, mut export: Export) -> Result<(), Stop> {
    let record = record(call, &export)?;
    let person = person(&record)?;
    call.lock(person)?;
    let mut filter = Filter {
        types: export.body.types.clone(),
        since: export.body.since.as_deref().and_then(Timestamp::parse),
    };
    if export.total == 0 {
        export.body.left = record.types(call, &filter)?;
        export.total = i64::try_from(export.body.left.len()).unwrap_or(0);
    }
    if !export.body.left.is_empty() {
        let kind = export.body.left.remove(0);
        filter.types = vec![kind.clone()];
        let part = record.part(call, &filter, None, RESOURCES_MAX)?;
        if part.has_more {
            return Err(Stop::from(&errors::BOUND));
        }
        let fits = part
            .resources
            .iter()
            .filter(|one| one.at <= export.asked_at);
        let (mut text, mut count) = (String::new(), 0_u64);
        let mut files: Vec<(String, u64)> = Vec::new();
        for resource in fits {
            resource.render_into(&mut text);
            text.push('\n');
            count = count.saturating_add(1);
            if text.len() >= FILE_BYTES_MAX {
                files.push((std::mem::take(&mut text), std::mem::take(&mut count)));
            }
        }
        if count > 0 {
            files.push((text, count));
        }
        for (text, count) in files {
            let number = i64::try_from(export.body.files.len()).unwrap_or(0);
            let resources = i64::try_from(count).unwrap_or(i64::MAX);
            table::put_file(call, &export, person, (number, &kind), (resources, &text))?;
            export.body.files.push((kind.clone(), count));
        }
        export.done = export.done.saturating_add(1);
        call.detail("type", kind);
    }
    if export.body.left.is_empty() {
        export.state = State::Done;
    }
    let ends_at = call.at().plus_hours(KEEP_HOURS);
    if !table::change(call, &export, ends_at)? {
        // It was removed meanwhile: nothing of it stays.
        table::remove(call, &export, Some(person))?;
    }
    Ok(())
}

fn fail(gate: &Gate, mut export: Export, why: &'static Entry) -> Result<(), Stop> {
    export.state = State::Failed;
    export.body.trouble = Some(format!("{}: {}", why.code, why.cause.en));
    let intent = gate.job_intent("exports", &WRITE);
    let written = gate.write(intent, move |call| {
        call.concerns(export.facility);
        call.detail("failed", why.code);
        table::change(call, &export, call.at().plus_hours(KEEP_HOURS))?;
        Ok(())
    });
    written.wait()
}

/// Removes an export whose time is over, with its files.
fn remove(gate: &Gate, export: Export) -> Result<(), Stop> {
    let intent = gate.job_intent("exports", &EXPIRE);
    let removed = gate.write(intent, move |call| {
        call.concerns(export.facility);
        let ids = crate::id::Ids::of(call, export.facility)?;
        let key = ids.open("Patient", &export.body.patient);
        let person = match key.map(|key| key.owner) {
            Some(Owner::Person(person)) if !export.body.files.is_empty() => Some(person),
            _ => None,
        };
        // A person who was erased has taken the files along.
        let person = match person.map(|person| call.lock(person).map(|()| person)) {
            None => None,
            Some(Ok(person)) => Some(person),
            Some(Err(Stop::Refused(_))) => None,
            Some(Err(failed)) => return Err(failed),
        };
        Ok(table::remove(call, &export, person)?)
    });
    removed.wait()
}
