//! People whom a file names: their insurer has told the platform of them.

use std::path::Path;

use access::Gate;
use anyhow::{Context, anyhow};
use fhir::clins::{MemberId, MemberKind};
use kernel::{
    code::{BranchNumber, InsuredPersonNumber, InsuredPersonSymbol, InsurerNumber},
    id::PersonId,
    time::JstDate,
};
use registry::{
    model::{Coverage, Profile, Sex},
    ops,
};
use serde::Deserialize;
use testkit::{population::demo, seed};

use super::place;

/// One of them.
#[derive(Deserialize)]
struct Told {
    name: String,
    kana: String,
    /// As FHIR writes it.
    gender: String,
    birth: String,
    /// `insurer:symbol:number:branch`.
    member: String,
    post_code: String,
    address: String,
}

/// Enrols all of them.
pub fn enrol(gate: &Gate, file: &Path) -> anyhow::Result<()> {
    let all: Vec<Told> = serde_json::from_slice(&std::fs::read(file)?)?;
    for told in all {
        let (profile, coverage) = (told.profile()?, told.coverage(gate.now().jst_date())?);
        place::write(gate, move |call| {
            let (number, name) = (coverage.insurer_number.clone(), &coverage.insurer_name);
            seed::insurer(call, number, name, None)?;
            let person = PersonId::random(call.rng());
            ops::enroll(call, person, &profile, std::slice::from_ref(&coverage))
        })?;
    }
    Ok(())
}

impl Told {
    fn profile(&self) -> anyhow::Result<Profile> {
        let birth = JstDate::parse(&self.birth);
        Ok(Profile {
            name: self.name.clone(),
            kana: self.kana.clone(),
            sex: match self.gender.as_str() {
                "male" => Sex::Male,
                "female" => Sex::Female,
                _ => Sex::Unknown,
            },
            birth: birth.with_context(|| format!("a date of birth: {}", self.birth))?,
            post_code: self.post_code.clone(),
            address: self.address.clone(),
            other_name: None,
            shown_sex: None,
        })
    }

    /// With their own numbers; for the rest, as the demonstration's patient is insured.
    fn coverage(&self, on: JstDate) -> anyhow::Result<Coverage> {
        let wrong = || anyhow!("a member identifier: {}", self.member);
        let member = MemberId::parse(MemberKind::Insurance, &self.member).ok_or_else(wrong)?;
        let mut coverage = seed::coverages(&demo::patient(on))
            .pop()
            .context("not insured")?;
        coverage.number = 1;
        coverage.insurer_number = InsurerNumber::from_register(member.insurer())?;
        coverage.symbol = InsuredPersonSymbol::parse(member.symbol())?;
        coverage.person_number = InsuredPersonNumber::parse(member.number())?;
        coverage.branch = match member.branch() {
            "" => None,
            branch => Some(BranchNumber::parse(branch)?),
        };
        Ok(coverage)
    }
}
