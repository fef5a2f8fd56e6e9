//! What an operator keeps of the register: which facility stands for which insurer's or payer's
//! number, and the masters.
//!
//! Source: eligibility-eprescription section e; fees 2.4.

use std::path::Path;

use access::Gate;
use anyhow::{Context, bail};
use kernel::{
    code::{FacilityCode, InsurerNumber},
    time::JstDate,
};
use masters::{allergen, edition::Edition, fault::Fault, lab, local_subsidy};
use registry::{model::Insurer, ops as people};
use serde::{Deserialize, Serialize};
use store::{Call, StoreError, caller::Event};

use crate::control::{Tell, refused};

static INSURER: Event = Event {
    code: "register.insurer",
    ja: "保険者・公費負担者番号の登録",
    en: "insurer's or payer's number registered",
};
static IMPORT: Event = Event {
    code: "masters.import",
    ja: "マスターの取り込み",
    en: "master imported",
};

/// A master's file is never larger.
const FILE_BYTES_MAX: u64 = 64 << 20;
/// Faults of a file that are shown.
const FAULTS_SHOWN: usize = 20;
/// Insurers load at least once in so many days.
const UPDATE_DAYS_MAX: i64 = 366;

/// What is asked.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Asked {
    /// A facility stands for a number, from now on.
    Insurer {
        /// Insurer's or payer's number.
        number: String,
        /// Its name.
        name: String,
        /// The facility's ten digits.
        facility: String,
        /// Days between two loads.
        update_days: i64,
    },
    /// The numbers for which a facility stands.
    Insurers {
        /// The facility's ten digits.
        facility: String,
    },
    /// A master's file is to take the place of the one before.
    Import {
        /// Which master.
        master: String,
        /// Where the file is, on this machine.
        file: String,
        /// The day from which it holds.
        day: String,
    },
    /// What was imported.
    Masters {},
}

/// Does what is asked.
///
/// # Errors
/// Why it could not be done.
pub fn perform(gate: &Gate, asked: &Asked, tell: Tell<'_>) -> anyhow::Result<()> {
    match asked {
        Asked::Insurer {
            number,
            name,
            facility,
            update_days,
        } => insurer(gate, number, name, facility, *update_days),
        Asked::Insurers { facility } => insurers(gate, facility, tell),
        Asked::Import { master, file, day } => import(gate, master, file, day, tell),
        Asked::Masters {} => editions(gate, tell),
    }
}

fn code(text: &str) -> anyhow::Result<FacilityCode> {
    FacilityCode::from_register(text.trim())
        .ok()
        .context("医療機関コードは10けたの数字です / a facility's code is ten digits")
}

fn insurer(
    gate: &Gate,
    number: &str,
    name: &str,
    facility: &str,
    update_days: i64,
) -> anyhow::Result<()> {
    let number = InsurerNumber::parse(number).ok().context(
        "保険者番号・公費負担者番号は、検証番号まで正しい6けたまたは8けたの数字です / the number is 6 or 8 digits with a valid check digit",
    )?;
    let name = name.trim().to_owned();
    anyhow::ensure!(!name.is_empty(), "名称を書いてください / give a name");
    anyhow::ensure!(
        (1..=UPDATE_DAYS_MAX).contains(&update_days),
        "更新の間隔は1日から366日までです / days between loads are 1 to 366"
    );
    let code = code(facility)?;
    let intent = gate.job_intent("operator", &INSURER);
    let done = gate.write(intent, move |call| {
        let Some(home) = people::facility_by_code(call, &code)? else {
            return Ok(false);
        };
        let before = people::insurer(call, &number)?;
        let insurer = Insurer {
            number: number.clone(),
            name: name.clone(),
            home: Some(home.id),
            update_days,
            loaded_at: before.as_ref().and_then(|one| one.loaded_at),
            down_since: before.and_then(|one| one.down_since),
        };
        people::put_insurer(call, &insurer)?;
        call.concerns(home.id);
        call.detail("number", insurer.number.as_str());
        Ok(true)
    });
    anyhow::ensure!(
        done.wait().map_err(refused)?,
        "その医療機関コードの機関がありません。先に tasuki facility found で開設してください / there is no such facility: found it first"
    );
    Ok(())
}

fn insurers(gate: &Gate, facility: &str, tell: Tell<'_>) -> anyhow::Result<()> {
    let code = code(facility)?;
    let all = gate.look_up(move |call| {
        let home = people::facility_by_code(call, &code)?;
        Ok(match home {
            Some(home) => people::insurers_of(call, home.id)?,
            None => Vec::new(),
        })
    });
    let all = all.wait().map_err(refused)?;
    if all.is_empty() {
        tell("登録された番号はありません。", "no number is registered");
    }
    for one in all {
        let line = format!("{} {}", one.number.as_str(), one.name);
        tell(&line, &format!("  every {} days", one.update_days));
    }
    Ok(())
}

fn import(gate: &Gate, master: &str, file: &str, day: &str, tell: Tell<'_>) -> anyhow::Result<()> {
    const MASTERS: [&str; 3] = [local_subsidy::MASTER, lab::MASTER, allergen::MASTER];
    if !MASTERS.contains(&master) {
        let known = MASTERS.join(", ");
        bail!("取り込めるマスターは {known} です / the masters are {known}");
    }
    let day = JstDate::parse(day).context("日付は YYYY-MM-DD です / a date is YYYY-MM-DD")?;
    let size = std::fs::metadata(Path::new(file))
        .with_context(|| format!("{file} を読めません / cannot be read"))?
        .len();
    anyhow::ensure!(
        size <= FILE_BYTES_MAX,
        "ファイルが大きすぎます(64MBまで) / the file is larger than 64 MB"
    );
    let bytes = std::fs::read(file)?;
    let read = Read::of(master, &bytes);
    for fault in read.faults().iter().take(FAULTS_SHOWN) {
        let place = format!("{}行 {}列「{}」", fault.line, fault.column, fault.found);
        tell(
            &format!("取り込めない行: {place} {}", fault.why.ja),
            &format!("  not taken: {}", fault.why.en),
        );
    }
    anyhow::ensure!(
        read.count() > 0,
        "取り込める行がありません。前のマスターをそのまま使います / no line can be taken; the master before stays"
    );
    let sha256 = kernel::hex::encode(&store::audit::sha256(&[&bytes]));
    let (taken, not, empty) = (read.count(), read.faults().len(), read.empty());
    let intent = gate.job_intent("operator", &IMPORT);
    let done = gate.write(intent, move |call| {
        let edition = read.import(call, day, &sha256)?;
        call.detail("master", edition.master.clone());
        call.detail("sha256", edition.sha256.clone());
        call.detail("rows", edition.rows.to_string());
        Ok(())
    });
    done.wait().map_err(refused)?;
    let ja = match master {
        lab::MASTER => "検査項目のマスター",
        allergen::MASTER => "アレルゲンのマスター",
        _ => "地方単独事業のマスター",
    };
    let also = if master == local_subsidy::MASTER {
        format!("制度のない行 {empty}、")
    } else {
        String::new()
    };
    tell(
        &format!("{ja}を取り込みました: {taken}行({also}取り込めない行 {not})。"),
        &format!("imported: {taken} rows, {empty} without a scheme, {not} not taken"),
    );
    Ok(())
}

/// A master's file as it was read.
enum Read {
    Subsidies(local_subsidy::Read),
    Labs(lab::Read),
    Allergens(allergen::Read),
}

impl Read {
    fn of(master: &str, bytes: &[u8]) -> Self {
        match master {
            lab::MASTER => Self::Labs(lab::read(bytes)),
            allergen::MASTER => Self::Allergens(allergen::read(bytes)),
            _ => Self::Subsidies(local_subsidy::read(bytes)),
        }
    }

    fn faults(&self) -> &[Fault] {
        match self {
            Self::Subsidies(read) => &read.faults,
            Self::Labs(read) => &read.faults,
            Self::Allergens(read) => &read.faults,
        }
    }

    fn count(&self) -> usize {
        match self {
            Self::Subsidies(read) => read.schemes.len(),
            Self::Labs(read) => read.pairs.len(),
            Self::Allergens(read) => read.allergens.len(),
        }
    }

    const fn empty(&self) -> u64 {
        match self {
            Self::Subsidies(read) => read.empty,
            Self::Labs(_) | Self::Allergens(_) => 0,
        }
    }

    fn import(&self, call: &Call<'_>, day: JstDate, sha256: &str) -> Result<Edition, StoreError> {
        match self {
            Self::Subsidies(read) => local_subsidy::import(call, &read.schemes, day, sha256),
            Self::Labs(read) => lab::import(call, &read.pairs, day, sha256),
            Self::Allergens(read) => allergen::import(call, &read.allergens, day, sha256),
        }
    }
}

fn editions(gate: &Gate, tell: Tell<'_>) -> anyhow::Result<()> {
    let all = gate.look_up(|call| Ok(masters::edition::all(call)?));
    let all = all.wait().map_err(refused)?;
    if all.is_empty() {
        tell("マスターはまだありません。", "no master yet");
    }
    for one in all {
        let line = format!("{} {} {}行 {}", one.master, one.day, one.rows, one.sha256);
        tell(&line, &format!("  imported {}", one.at));
    }
    Ok(())
}
