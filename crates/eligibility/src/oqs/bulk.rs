//! Bulk files: taken whole, answered line by line, fetched by the reception's number.
//!
//! Each line is an operation of its own, with its own record, so that a wrong one never spoils
//! the others. What could not be answered for load is answered when the result is fetched.

use kernel::{Entry, Refusal, id::FacilityId};
use oqs::{
    CharacterCode, FileName, Message, Moment, Text,
    codes::{Segment, Status},
    leaf::Count,
    message::{BulkAnswer, BulkFetch, BulkReceipt, BulkRequest, BulkUnit, Limits, SearchInfo},
};
use web::{Answer, Request};

use super::{
    api::{self, is_passing},
    errors,
    line::{self, short},
    model::{LINES_MAX, Reception, ReceptionId},
    ops,
    together::{self, Boxed},
};

/// Lines that are under way at once: as many as share a commit, less what others need.
const BATCH: usize = 64;
/// Entries that are read, so that a file with too many gets its own answer.
const READ: Limits = Limits {
    bytes: Limits::BULK.bytes,
    items: 2 * LINES_MAX,
};

/// `OQSmuquc01req`: takes the file and answers its people.
pub(super) async fn hand_in(request: &Request, name: &FileName) -> Result<Answer, Refusal> {
    let asked = api::read::<BulkRequest>(request, READ).await?;
    let header = &asked.message.header;
    let facility = api::own(request, header.medical_institution_code.as_ref())?;
    let lines = asked.message.body.searches.len();
    if !(1..=LINES_MAX).contains(&lines) {
        let path = "/XmlMsg/MessageBody/QualificationConfirmSearchInfo";
        return Err(Refusal::at(&errors::LINES, path, &lines.to_string()));
    }
    let stored = asked.message.clone();
    let mut reception = request
        .write(move |call| ops::receive(call, facility, &stored))
        .await?;
    let mut receipt = BulkReceipt::default();
    receipt.header.process_execution_time = Some(Moment::new(request.at()));
    receipt.header.medical_institution_code = header.medical_institution_code.clone();
    receipt.header.arbitrary_file_identifier = header.arbitrary_file_identifier.clone();
    receipt.body.reception_number = Text::new(&reception.id.to_hex());
    receipt.body.reception_date_time = Some(Moment::new(reception.at));
    bring_on(request, facility, &mut reception).await?;
    receipt.header.segment_of_result = Some(reception.segment());
    Ok(api::file(
        &name.answer(),
        asked.code,
        receipt.write(asked.code),
    ))
}

/// `OQSmuquc02req`: the result, or how far it has come.
pub(super) async fn fetch(request: &Request, name: &FileName) -> Result<Answer, Refusal> {
    let asked = api::read::<BulkFetch>(request, BulkFetch::LIMITS).await?;
    let header = &asked.message.header;
    let facility = api::own(request, header.medical_institution_code.as_ref())?;
    let number = &asked.message.body.reception_number;
    let id = number.as_ref().and_then(|n| ReceptionId::parse(n.as_str()));
    let found = request
        .read(move |call| ops::find(call, facility, id))
        .await;
    let mut answer = match found {
        Ok(mut reception) => {
            bring_on(request, facility, &mut reception).await?;
            let segment = reception.segment();
            let mut answer = match reception.is_ready() {
                true => reception.told,
                false => BulkAnswer::default(),
            };
            answer.header.segment_of_result = Some(segment);
            answer
        }
        Err(refusal) if is_passing(&refusal) => return Err(refusal),
        Err(refusal) => abnormal(refusal.entry),
    };
    let told = &mut answer.header;
    told.process_execution_time = Some(Moment::new(request.at()));
    told.medical_institution_code = header.medical_institution_code.clone();
    told.reception_number.clone_from(number);
    if told.arbitrary_file_identifier.is_none() {
        told.arbitrary_file_identifier = header.arbitrary_file_identifier.clone();
    }
    let written = with_remarks(&mut answer, asked.code);
    Ok(api::file(&name.answer(), asked.code, written))
}

/// The answer when there is no result.
fn abnormal(entry: &Entry) -> BulkAnswer {
    let mut answer = BulkAnswer::default();
    answer.header.segment_of_result = Some(Segment::Abnormal);
    answer.header.error_code = Text::new(&short(entry.code));
    answer.header.error_message = Text::new(&format!("{}{}", entry.cause.ja, entry.remedy.ja));
    answer
}

/// Answers the people who have not been answered, in batches, until all are or the store has
/// no room for more just now.
async fn bring_on(
    request: &Request,
    facility: FacilityId,
    reception: &mut Reception,
) -> Result<(), Refusal> {
    if reception.is_ready() {
        return Ok(());
    }
    let before = reception.done;
    let header = reception.asked.header.clone();
    let searches = reception.asked.body.searches.clone();
    let answer = &mut reception.told;
    let mut left = searches.into_iter().skip(before);
    'batches: loop {
        let batch: Vec<SearchInfo> = left.by_ref().take(BATCH).collect();
        if batch.is_empty() {
            break;
        }
        let on = header.qualification_confirmation_date;
        let lines = batch
            .into_iter()
            .map(|search| -> Boxed<'_, _> { Box::pin(unit(request, search, on)) });
        for unit in together::all(lines.collect()).await {
            match unit {
                Ok(unit) => answer.body.units.push(unit),
                Err(_) => break 'batches,
            }
        }
    }
    let done = answer.body.units.len();
    if done == before {
        return Ok(());
    }
    let failed = |unit: &&BulkUnit| unit.processing_result_status == Some(Status::Error);
    let failed = answer.body.units.iter().filter(failed).count();
    let head = &mut answer.header;
    let taken_on = reception.at.jst_date();
    head.segment_of_result = Some(Segment::Done);
    head.qualification_confirmation_date =
        Some(header.qualification_confirmation_date.unwrap_or(taken_on));
    head.arbitrary_file_identifier = header.arbitrary_file_identifier;
    head.processed = count(done);
    head.done = count(done.saturating_sub(failed));
    head.failed = count(failed);
    reception.done = done;
    let kept = reception.clone();
    let keep = request.write(move |call| ops::keep(call, facility, &kept, before));
    match keep.await {
        Err(refusal) if is_passing(&refusal) => {
            // Not kept: they are answered anew when the result is fetched.
            reception.done = before;
            Ok(())
        }
        kept => kept,
    }
}

fn count(value: usize) -> Option<Count> {
    u32::try_from(value).ok().map(Count)
}

/// One person's result.
///
/// # Errors
/// What would pass by itself: the store has no room just now.
async fn unit(
    request: &Request,
    search: SearchInfo,
    on: Option<kernel::time::JstDate>,
) -> Result<BulkUnit, Refusal> {
    let facility = request.facility()?;
    let check = |inquiry| request.read(move |call| ops::check(call, facility, &inquiry));
    let found = match line::inquiry(&search, on, request.at().jst_date()) {
        Ok(inquiry) => check(inquiry).await,
        Err(refusal) => Err(refusal),
    };
    let outcome = match &found {
        Err(refusal) if is_passing(refusal) => return Err(refusal.clone()),
        found => line::outcome(found.as_ref(), line::shows_limit(&search)),
    };
    Ok(BulkUnit {
        processing_result_status: outcome.status,
        processing_result_code: outcome.code,
        processing_result_message: outcome.message,
        qualification_validity: outcome.validity,
        result: outcome.answer.map(Box::new),
        search: Some(Box::new(search)),
        ..BulkUnit::default()
    })
}

/// The file, with a remark to each person whose characters it could not carry.
fn with_remarks(answer: &mut BulkAnswer, code: CharacterCode) -> oqs::Written {
    let written = answer.write(code);
    let mut is_changed = false;
    let mut remarked = None;
    for lost in api::lost(&written) {
        let number = lost
            .split_once("/BulkConfirmUnit[")
            .and_then(|(_, rest)| rest.split_once(']'))
            .and_then(|(number, _)| number.parse::<usize>().ok());
        let unit = number.and_then(|number| answer.body.units.get_mut(number.checked_sub(1)?));
        // A person's losses stand side by side: one remark for all of them.
        if let Some(unit) = unit.filter(|_| remarked != number) {
            let mut outcome = line::Outcome {
                code: unit.processing_result_code.take(),
                message: unit.processing_result_message.take(),
                ..line::Outcome::default()
            };
            outcome.remark(api::LOST.0, api::LOST.1);
            unit.processing_result_code = outcome.code;
            unit.processing_result_message = outcome.message;
            remarked = number;
            is_changed = true;
        }
    }
    if is_changed {
        answer.write(code)
    } else {
        written
    }
}
