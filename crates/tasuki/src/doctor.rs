//! Self-diagnosis: what stands between this installation and real patients, in one screen.
//!
//! The same findings decide whether `serve --production` starts. What only a running store
//! knows is asked through the operator's socket.
//!
//! Source: identity-security AUD-03, ORG-01, VUL-01, NET-04, T25; checklist 1-①, 2-①, 2-⑥.

use std::{fmt, path::Path};

use access::{Gate, policy::Policy};
use kernel::time::{JstDate, Timestamp};

use crate::time_sync::{self, Sync};

/// Days after which a program is old.
const OLD_DAYS: i64 = 180;
/// Days before the end of a certificate at which it is told.
pub const ENDING_DAYS: i64 = 30;
/// Free bytes below which the disk is told.
const FREE_BYTES_MIN: u64 = 1 << 30;
/// When this program was built, seconds since 1970.
const BUILT_AT: &str = env!("TASUKI_BUILT_AT");

/// How grave a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// As it should be.
    Good,
    /// To be looked at.
    Look,
    /// A real installation must not start like this.
    Stop,
}

impl Level {
    const fn mark(self) -> &'static str {
        match self {
            Self::Good => "○",
            Self::Look => "△",
            Self::Stop => "×",
        }
    }
}

/// One finding, with what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How grave.
    pub level: Level,
    /// In Japanese.
    pub ja: String,
    /// In English.
    pub en: String,
}

impl Finding {
    /// A finding.
    #[must_use]
    pub fn new(level: Level, ja: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            level,
            ja: ja.into(),
            en: en.into(),
        }
    }

    /// From a line as [`Finding`] prints itself.
    #[must_use]
    pub fn read(ja: &str, en: &str) -> Option<Self> {
        let (mark, ja) = ja.split_once(' ')?;
        let all = [Level::Good, Level::Look, Level::Stop];
        let level = all.into_iter().find(|level| level.mark() == mark)?;
        Some(Self::new(level, ja, en))
    }

    /// The Japanese line, its mark first.
    #[must_use]
    pub fn line(&self) -> String {
        format!("{} {}", self.level.mark(), self.ja)
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}\n  {}", self.level.mark(), self.ja, self.en)
    }
}

/// Is the clock kept? `vouched` is who answers for it where no program can tell.
#[must_use]
pub fn clock(vouched: Option<&str>) -> Finding {
    judge_clock(&time_sync::ask(), vouched)
}

fn judge_clock(sync: &Sync, vouched: Option<&str>) -> Finding {
    match (sync, vouched) {
        (Sync::Kept(by), _) => Finding::new(
            Level::Good,
            format!("時計: 同期しています({by})。"),
            format!("clock: synchronized ({by})"),
        ),
        (Sync::Adrift(by), _) => Finding::new(
            Level::Stop,
            format!("時計: 同期していません({by})。時刻サーバーとの通信を確かめてください。"),
            format!("clock: not synchronized ({by}); check the way to the time server"),
        ),
        (Sync::Unknown, Some(who)) => Finding::new(
            Level::Look,
            format!("時計: このプログラムからは確かめられません。{who} が責任を持っています。"),
            format!("clock: cannot be checked from here; {who} answers for it"),
        ),
        (Sync::Unknown, None) => Finding::new(
            Level::Stop,
            "時計: 同期しているか分かりません。chronyを動かすか、ほかの方法で合わせているなら --clock-vouched-by に責任者の名前を書いてください。",
            "clock: nobody is known to keep it; run chrony, or name who answers for it with --clock-vouched-by",
        ),
    }
}

/// How old is the program?
#[must_use]
pub fn age(now: Timestamp) -> Finding {
    judge_age(BUILT_AT.parse().unwrap_or_default(), now)
}

fn judge_age(built_at: i64, now: Timestamp) -> Finding {
    let days = (now.seconds() - built_at).max(0) / 86_400;
    let version = env!("CARGO_PKG_VERSION");
    if days > OLD_DAYS {
        Finding::new(
            Level::Look,
            format!(
                "プログラム: {version}、作られてから{days}日です。新しい版がないか確かめてください。"
            ),
            format!("program: {version}, {days} days old; look for a newer one"),
        )
    } else {
        Finding::new(
            Level::Good,
            format!("プログラム: {version}、作られてから{days}日です。"),
            format!("program: {version}, {days} days old"),
        )
    }
}

/// Is there room on the disk of `folder`?
#[must_use]
pub fn disk(folder: &Path) -> Finding {
    let free = rustix::fs::statvfs(folder).map(|disk| disk.f_bavail.saturating_mul(disk.f_frsize));
    match free {
        Ok(free) if free >= FREE_BYTES_MIN => Finding::new(
            Level::Good,
            format!("ディスク: 空きは{}GiBです。", free >> 30),
            format!("disk: {} GiB free", free >> 30),
        ),
        Ok(free) => Finding::new(
            Level::Look,
            format!(
                "ディスク: 空きが{}MiBしかありません。場所を空けてください。",
                free >> 20
            ),
            format!("disk: only {} MiB free; make room", free >> 20),
        ),
        Err(error) => Finding::new(
            Level::Look,
            format!("ディスク: 空きを調べられません({error})。"),
            format!("disk: the free space cannot be read ({error})"),
        ),
    }
}

/// Whose cards are believed?
#[must_use]
pub fn trust(holds_test_anchor: bool, anchors: usize) -> Finding {
    match (holds_test_anchor, anchors) {
        (true, _) => Finding::new(
            Level::Stop,
            "カードの認証局: 試験用の鍵を信頼しています。--trust に本物の認証局の証明書だけを置いてください。",
            "card authorities: a public test key is believed; keep only real anchors in --trust",
        ),
        (false, 0) => Finding::new(
            Level::Stop,
            "カードの認証局: 一つも登録されていません。--trust に証明書(*.cer)と失効リスト(*.crl)を置いてください。",
            "card authorities: none; put certificates (*.cer) and revocation lists (*.crl) into --trust",
        ),
        (false, count) => Finding::new(
            Level::Good,
            format!("カードの認証局: {count}件です。"),
            format!("card authorities: {count}"),
        ),
    }
}

/// What opens the keys?
#[must_use]
pub fn root_key(is_plain_file: bool) -> Finding {
    if is_plain_file {
        Finding::new(
            Level::Look,
            "鍵: データと同じフォルダーのファイルで開きます。keys lock でパスフレーズかPKCS#11に変えてください。",
            "keys: opened by a file beside the data; change to a passphrase or PKCS#11 with keys lock",
        )
    } else {
        Finding::new(
            Level::Good,
            "鍵: ファイルだけでは開けません。",
            "keys: a file alone does not open them",
        )
    }
}

/// Is there a backup, and how old is the newest generation?
#[must_use]
pub fn backup(is_kept: bool) -> Finding {
    if is_kept {
        Finding::new(
            Level::Good,
            "バックアップ: 保管場所が設定されています。",
            "backup: a repository is set",
        )
    } else {
        Finding::new(
            Level::Look,
            "バックアップ: 保管場所がありません。backup init で作り、--backup を付けてください。",
            "backup: none; make a repository with backup init and give --backup",
        )
    }
}

/// Does a certificate end soon?
#[must_use]
pub fn certificate(what: (&str, &str), ends_on: JstDate, today: JstDate) -> Finding {
    let days = (ends_on.start().seconds() - today.start().seconds()) / 86_400;
    let (ja, en) = what;
    match days {
        ..=0 => Finding::new(
            Level::Stop,
            format!("{ja}: {ends_on}に期限が切れました。新しい証明書に替えてください。"),
            format!("{en}: ended on {ends_on}; replace it"),
        ),
        1..=ENDING_DAYS => Finding::new(
            Level::Look,
            format!("{ja}: あと{days}日({ends_on}まで)です。替える準備をしてください。"),
            format!("{en}: {days} days left (until {ends_on}); prepare a new one"),
        ),
        _ => Finding::new(
            Level::Good,
            format!("{ja}: {ends_on}まで有効です。"),
            format!("{en}: valid until {ends_on}"),
        ),
    }
}

/// How the outside comes in: TLS, until when its certificate holds, and where.
#[must_use]
pub fn door(ends_on: Option<JstDate>, listens_on: &[String], today: JstDate) -> Vec<Finding> {
    let places = listens_on.join(", ");
    let mut findings = vec![Finding::new(
        Level::Good,
        format!("入口: {places} のほかでは待ち受けません。"),
        format!("listeners: {places}, and nowhere else"),
    )];
    findings.push(match ends_on {
        Some(ends_on) => certificate(("サーバー証明書", "server certificate"), ends_on, today),
        None => Finding::new(
            Level::Stop,
            "TLS: 使っていません。--tls-cert と --tls-key を指定してください。",
            "TLS: none; give --tls-cert and --tls-key",
        ),
    });
    findings
}

/// What only the store knows.
///
/// # Errors
/// The store's.
pub fn of_store(gate: &Gate) -> anyhow::Result<Vec<Finding>> {
    let soon = gate.now().plus_hours(24 * ENDING_DAYS);
    let known = gate.look_up(move |call| {
        let ending = equipment::ops::server_certificates_ending(call)?;
        Ok(Known {
            officer: equipment::ops::officer(call)?.map(|officer| officer.name),
            sandbox: equipment::ops::sandbox(call)?.map(|mark| mark.what),
            alerts: equipment::ops::count_open_alerts(call)?,
            ending: ending
                .into_iter()
                .filter(|(_, ends)| *ends <= soon)
                .collect(),
        })
    });
    let known = known.wait().map_err(|stop| anyhow::anyhow!("{stop:?}"))?;
    Ok(known.findings(gate.now().jst_date()))
}

/// What the store was asked.
struct Known {
    officer: Option<String>,
    sandbox: Option<String>,
    alerts: u64,
    ending: Vec<(String, Timestamp)>,
}

impl Known {
    fn findings(&self, today: JstDate) -> Vec<Finding> {
        let rules = Policy::own().rules().len();
        let mut findings = vec![
            match &self.officer {
                Some(name) => Finding::new(
                    Level::Good,
                    format!("安全管理責任者: {name}"),
                    format!("safety officer: {name}"),
                ),
                None => Finding::new(
                    Level::Stop,
                    "安全管理責任者: 登録されていません。tasuki settings officer で登録してください。",
                    "safety officer: nobody is named; use tasuki settings officer",
                ),
            },
            match &self.sandbox {
                Some(what) => Finding::new(
                    Level::Stop,
                    format!(
                        "パスワード: 誰でも知っている試験用のアカウントがあります({what})。新しいデータフォルダーで始めてください。"
                    ),
                    format!(
                        "passwords: this folder has sandbox accounts that everybody knows ({what}); begin with a new data folder"
                    ),
                ),
                None => Finding::new(
                    Level::Good,
                    "パスワード: 初期設定のままのものはありません。",
                    "passwords: none is a default",
                ),
            },
            match self.alerts {
                0 => Finding::new(
                    Level::Good,
                    "接続: 台帳にない相手はいません。",
                    "peers: none that no ledger names",
                ),
                count => Finding::new(
                    Level::Look,
                    format!(
                        "接続: 確かめていない知らせが{count}件あります。tasuki alerts list か、機器の台帳の画面で確かめてください。"
                    ),
                    format!(
                        "peers: {count} open alerts; see tasuki alerts list, or the page of the ledgers"
                    ),
                ),
            },
        ];
        findings.extend(
            self.ending
                .iter()
                .map(|(host, ends_at)| certificate((host, host), ends_at.jst_date(), today)),
        );
        findings.push(if rules > 0 {
            Finding::new(
                Level::Good,
                format!("権限の規則: {rules}件。書かれていないことはできません。"),
                format!("policy: {rules} rules; what is not written is denied"),
            )
        } else {
            Finding::new(
                Level::Stop,
                "権限の規則: 読めません。プログラムを入れ直してください。",
                "policy: cannot be read; install the program again",
            )
        });
        findings
    }
}

#[cfg(test)]
mod tests {
    use kernel::time::{JstDate, Timestamp};

    use signing::testpki::TestPki;

    use super::{Finding, Level, certificate, judge_age, judge_clock, of_store, trust};
    use crate::{
        storage::{Server, Storage},
        story,
        time_sync::Sync,
        town,
    };

    #[test]
    fn a_folder_with_the_accounts_of_the_sandbox_is_not_fit() {
        let folder = std::env::temp_dir().join(format!("tasuki-doctor-{}", std::process::id()));
        let gate = Storage::new(folder.clone(), Server::default()).open();
        let gate = gate.expect("a store");
        let passwords = |gate| {
            let all = of_store(gate).expect("findings");
            let found = all.into_iter().find(|f| f.en.starts_with("passwords:"));
            found.expect("a word about passwords").level
        };
        assert_eq!(passwords(&gate), Level::Good);
        let pki = TestPki::new().expect("an authority");
        let story = story::own(gate.now().jst_date());
        town::build(&gate, &pki, 3, &story).expect("a town");
        assert_eq!(passwords(&gate), Level::Stop);
        drop(gate);
        std::fs::remove_dir_all(folder).expect("removed");
    }

    #[test]
    fn a_real_installation_needs_a_kept_clock_or_somebody_who_answers_for_it() {
        for (sync, vouched, level) in [
            (Sync::Kept("chrony"), None, Level::Good),
            (Sync::Adrift("chrony"), None, Level::Stop),
            (Sync::Adrift("chrony"), Some("山田"), Level::Stop),
            (Sync::Unknown, None, Level::Stop),
            (Sync::Unknown, Some("山田"), Level::Look),
        ] {
            assert_eq!(
                judge_clock(&sync, vouched).level,
                level,
                "{sync:?} {vouched:?}"
            );
        }
    }

    #[test]
    fn a_real_installation_believes_real_authorities_only() {
        for (is_test, count, level) in [
            (true, 3, Level::Stop),
            (false, 0, Level::Stop),
            (false, 1, Level::Good),
        ] {
            assert_eq!(trust(is_test, count).level, level);
        }
    }

    #[test]
    fn a_program_of_more_than_half_a_year_is_told() {
        let built = 1_795_309_200;
        let after = |days: i64| Timestamp::from_micros((built + days * 86_400) * 1_000_000);
        assert_eq!(judge_age(built, after(180)).level, Level::Good);
        assert_eq!(judge_age(built, after(181)).level, Level::Look);
        assert_eq!(judge_age(built, after(-1)).level, Level::Good);
    }

    #[test]
    fn a_certificate_is_told_a_month_before_it_ends() {
        let day = |text: &str| JstDate::parse(text).expect("a date");
        let today = day("2026-11-22");
        for (ends, level) in [
            ("2026-11-22", Level::Stop),
            ("2026-11-23", Level::Look),
            ("2026-12-22", Level::Look),
            ("2026-12-23", Level::Good),
        ] {
            assert_eq!(
                certificate(("証明書", "certificate"), day(ends), today).level,
                level,
                "{ends}"
            );
        }
    }

    #[test]
    fn a_finding_is_read_back_from_its_line() {
        for level in [Level::Good, Level::Look, Level::Stop] {
            let finding = Finding::new(level, "時計: 同期しています。", "clock: synchronized");
            assert_eq!(Finding::read(&finding.line(), &finding.en), Some(finding));
        }
    }
}
