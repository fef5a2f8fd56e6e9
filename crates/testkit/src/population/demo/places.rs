//! The facilities of the demonstration.

use super::super::digits;
use super::super::facilities::{Facility, FacilityKind, Role, StaffMember};
use super::super::model::{Address, Name};
use super::super::tables::*;

fn name(
    family: &'static str,
    family_kana: &'static str,
    given: &'static str,
    given_kana: &'static str,
) -> Name {
    Name {
        family,
        given,
        family_kana,
        given_kana,
    }
}

fn staff(code: &str, people: &[(Role, &str, Name)]) -> Vec<StaffMember> {
    let member = |(role, id, name): &(Role, &str, Name)| {
        let nth = id.trim_start_matches(|c: char| !c.is_ascii_digit() || c == '0');
        StaffMember {
            role: *role,
            name: *name,
            login: format!("{}{nth}-{code}", role.word()),
            local_id: (*id).to_owned(),
        }
    };
    people.iter().map(member).collect()
}

pub(super) fn address(town: &'static str, block: &str, post_code: &str) -> Address {
    Address {
        prefecture_code: 13,
        prefecture: "東京都",
        city: "多摩川原市",
        town,
        block: block.to_owned(),
        post_code: post_code.to_owned(),
    }
}

/// 襷中央病院, which treats the family and sends their records.
pub(super) fn hospital() -> Facility {
    let code = digits::facility("131990001");
    let people = [
        (
            Role::Doctor,
            "D001",
            name("德永", "トクナガ", "理恵", "リエ"),
        ),
        (
            Role::Doctor,
            "D002",
            name("髙橋", "タカハシ", "誠", "マコト"),
        ),
        (
            Role::Nurse,
            "N001",
            name("工藤", "クドウ", "直樹", "ナオキ"),
        ),
        (
            Role::Clerk,
            "C001",
            name("三浦", "ミウラ", "めぐみ", "メグミ"),
        ),
        (
            Role::Pharmacist,
            "P001",
            name("五十嵐", "イガラシ", "修", "オサム"),
        ),
        (Role::Admin, "A001", name("青木", "アオキ", "剛", "ツヨシ")),
    ];
    Facility {
        kind: FacilityKind::Hospital,
        name: "襷中央病院".to_owned(),
        departments: vec![
            &INTERNAL,
            &GASTROENTEROLOGY,
            &CARDIOLOGY,
            &SURGERY,
            &OPHTHALMOLOGY,
        ],
        address: address("本町", "2丁目8番1号", "190-0021"),
        staff: staff(code.as_str(), &people),
        code,
    }
}

fn clinic() -> Facility {
    let code = digits::facility("131990002");
    let people = [
        (
            Role::Doctor,
            "D001",
            name("渡邊", "ワタナベ", "陽子", "ヨウコ"),
        ),
        (Role::Nurse, "N001", name("柴田", "シバタ", "愛", "アイ")),
        (Role::Clerk, "C001", name("中野", "ナカノ", "健", "ケン")),
        (
            Role::Admin,
            "A001",
            name("渡邊", "ワタナベ", "隆", "タカシ"),
        ),
    ];
    Facility {
        kind: FacilityKind::Clinic,
        name: "緑が丘わたなべ内科".to_owned(),
        departments: vec![&INTERNAL, &PEDIATRICS],
        address: address("緑が丘", "4丁目2番7号", "190-0034"),
        staff: staff(code.as_str(), &people),
        code,
    }
}

fn pharmacy() -> Facility {
    let code = digits::facility("134990003");
    let people = [
        (
            Role::Pharmacist,
            "P001",
            name("原田", "ハラダ", "彩", "アヤ"),
        ),
        (
            Role::Pharmacist,
            "P002",
            name("宮﨑", "ミヤザキ", "学", "マナブ"),
        ),
        (Role::Clerk, "C001", name("小野", "オノ", "香織", "カオリ")),
        (Role::Admin, "A001", name("原田", "ハラダ", "浩", "ヒロシ")),
    ];
    Facility {
        kind: FacilityKind::Pharmacy,
        name: "たすき薬局 本町店".to_owned(),
        departments: Vec::new(),
        address: address("本町", "2丁目9番3号", "190-0021"),
        staff: staff(code.as_str(), &people),
        code,
    }
}

/// A hospital in the next prefecture, which has never seen the family.
fn stranger() -> Facility {
    let code = digits::facility("141990004");
    let people = [
        (
            Role::Doctor,
            "D001",
            name("勅使河原", "テシガワラ", "哲也", "テツヤ"),
        ),
        (
            Role::Nurse,
            "N001",
            name("近藤", "コンドウ", "麻衣", "マイ"),
        ),
        (
            Role::Clerk,
            "C001",
            name("酒井", "サカイ", "達也", "タツヤ"),
        ),
        (
            Role::Admin,
            "A001",
            name("村上", "ムラカミ", "恵", "メグミ"),
        ),
    ];
    Facility {
        kind: FacilityKind::Hospital,
        name: "相模丘救命病院".to_owned(),
        departments: vec![&INTERNAL, &SURGERY, &NEUROLOGY],
        address: Address {
            prefecture_code: 14,
            prefecture: "神奈川県",
            city: "相模丘市",
            town: "大手前",
            block: "1丁目1番1号".to_owned(),
            post_code: "252-0011".to_owned(),
        },
        staff: staff(code.as_str(), &people),
        code,
    }
}

/// Her hospital, her clinic, her pharmacy, and a hospital elsewhere that has never seen her.
#[must_use]
pub fn facilities() -> Vec<Facility> {
    vec![hospital(), clinic(), pharmacy(), stranger()]
}
