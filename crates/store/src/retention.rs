//! How long audit records are kept, as dated rules.
//!
//! A record stays in the database for its first years, and may then be moved to an archive,
//! which is kept for years more. Nothing younger than the rule in force can be archived, and
//! nothing here deletes an archive.
//!
//! Source: 医師法 (1948 law 201) article 24 paragraph 2 and 保険医療機関及び保険医療養担当規則
//! (1957 ministerial ordinance 15) article 9: medical records are kept for five years; the log
//! of who read them is kept as long, where it can be asked at once. 医療情報システムの安全管理に
//! 関するガイドライン 6.0, 17: logs are protected from deletion. The ten years more in an archive
//! are this program's own choice: no law says how long such a log must last.

use kernel::time::{JstDate, Timestamp};

/// How long a record is kept, from a date on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Year, month, day from which the rule is in force.
    from: (i16, i8, i8),
    /// Years in the database, before a record may be archived.
    pub database_years: i16,
    /// Years in an archive after that, before an archive may be destroyed.
    pub archive_years: i16,
}

/// In order of date. A change of the rule is a line more; no line is ever edited.
const RULES: &[Rule] = &[Rule {
    from: (1948, 10, 27),
    database_years: 5,
    archive_years: 10,
}];

/// The rule in force on `date`; `None` before the first.
#[must_use]
pub fn rule_on(date: JstDate) -> Option<&'static Rule> {
    RULES.iter().rev().find(|rule| {
        let (year, month, day) = rule.from;
        JstDate::new(year, month, day).is_some_and(|from| from <= date)
    })
}

impl Rule {
    /// The first date whose records may not be archived at `now`.
    #[must_use]
    pub fn database_limit(&self, now: Timestamp) -> JstDate {
        now.jst_date().plus_years(-self.database_years)
    }

    /// The date until which an archive of records from before `before` is kept.
    #[must_use]
    pub fn archive_until(&self, before: JstDate) -> JstDate {
        before.plus_years(self.database_years + self.archive_years)
    }
}

/// May records from before `before` be archived at `now`? If not, the latest date for which
/// they may.
///
/// # Errors
/// That date; `now`'s own when no rule is in force yet, so that nothing is old enough.
pub fn may_archive(before: JstDate, now: Timestamp) -> Result<&'static Rule, JstDate> {
    let rule = rule_on(now.jst_date()).ok_or(now.jst_date())?;
    let limit = rule.database_limit(now);
    if before <= limit {
        Ok(rule)
    } else {
        Err(limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> JstDate {
        JstDate::parse(text).expect("a date")
    }

    #[test]
    fn a_record_may_be_archived_five_years_after_its_day_and_not_a_day_earlier() {
        // Just before midnight in Japan, and just after.
        for (now, limit) in [
            ("2026-11-22T14:59:59Z", "2021-11-22"),
            ("2026-11-22T15:00:00Z", "2021-11-23"),
            ("2028-02-29T03:00:00Z", "2023-02-28"),
        ] {
            let now = Timestamp::parse(now).expect("an instant");
            let limit = date(limit);
            assert!(may_archive(limit, now).is_ok());
            assert_eq!(may_archive(limit.plus_days(1), now), Err(limit));
            assert_eq!(may_archive(now.jst_date(), now), Err(limit));
        }
    }

    #[test]
    fn an_archive_is_kept_ten_years_after_its_records_left_the_database() {
        let rule = rule_on(date("2026-11-22")).expect("a rule");
        assert_eq!(rule.archive_until(date("2021-11-22")), date("2036-11-22"));
    }

    #[test]
    fn rules_stand_in_order_of_their_dates_and_before_the_first_nothing_is_old_enough() {
        assert!(RULES.is_sorted_by(|a, b| a.from < b.from));
        assert!(RULES.iter().all(|rule| {
            let (year, month, day) = rule.from;
            JstDate::new(year, month, day).is_some()
        }));
        assert_eq!(rule_on(date("1948-10-26")), None);
        let early = Timestamp::parse("1948-10-01T00:00:00Z").expect("an instant");
        assert!(may_archive(date("1900-01-01"), early).is_err());
    }
}
