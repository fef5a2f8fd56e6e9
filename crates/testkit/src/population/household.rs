//! Households: people are drawn together, in blocks of 60 indices, so that any one of them
//! can be found again from seed and index alone.
//!
//! The weights give an age distribution near Japan's of 2024 (about 29 % aged 65 or more,
//! 16 % aged 75 or more) and households of 2.1 people on average. Source: 総務省 人口推計 2024,
//! 国民生活基礎調査 2023.

use kernel::time::JstDate;

use super::model::{Relation, Sex};
use super::rng::{Purpose, Rng};

const BLOCK: u64 = 60;
const TWINS_PERMILLE: u32 = 60;

#[derive(Clone, Copy, Debug)]
enum Shape {
    ElderSingle,
    AdultSingle,
    ElderCouple,
    AdultCouple,
    CoupleAndOne,
    CoupleAndTwo,
    CoupleAndThree,
    LoneParent,
    ThreeGenerations,
    ThreeGenerationsFive,
    ChildAndParent,
}

static SHAPES: [(u32, Shape); 11] = [
    (17, Shape::ElderSingle),
    (20, Shape::AdultSingle),
    (17, Shape::ElderCouple),
    (8, Shape::AdultCouple),
    (11, Shape::CoupleAndOne),
    (9, Shape::CoupleAndTwo),
    (2, Shape::CoupleAndThree),
    (5, Shape::LoneParent),
    (4, Shape::ThreeGenerations),
    (2, Shape::ThreeGenerationsFive),
    (4, Shape::ChildAndParent),
];

impl Shape {
    const fn size(self) -> u64 {
        match self {
            Self::ElderSingle | Self::AdultSingle => 1,
            Self::ElderCouple | Self::AdultCouple | Self::LoneParent | Self::ChildAndParent => 2,
            Self::CoupleAndOne => 3,
            Self::CoupleAndTwo | Self::ThreeGenerations => 4,
            Self::CoupleAndThree | Self::ThreeGenerationsFive => 5,
        }
    }

    const fn children(self) -> u32 {
        match self {
            Self::CoupleAndOne | Self::LoneParent | Self::ThreeGenerations => 1,
            Self::CoupleAndTwo | Self::ThreeGenerationsFive => 2,
            Self::CoupleAndThree => 3,
            _ => 0,
        }
    }

    const fn has_spouse(self) -> bool {
        !matches!(
            self,
            Self::ElderSingle | Self::AdultSingle | Self::LoneParent | Self::ChildAndParent
        )
    }

    const fn has_parent(self) -> bool {
        matches!(
            self,
            Self::ThreeGenerations | Self::ThreeGenerationsFive | Self::ChildAndParent
        )
    }
}

/// A member before names and illnesses.
#[derive(Clone, Copy, Debug)]
pub(super) struct Member {
    pub(super) birth: JstDate,
    pub(super) sex: Sex,
    pub(super) relation: Relation,
}

/// A household before names and illnesses.
#[derive(Clone, Debug)]
pub(super) struct Sketch {
    /// Index of the first member.
    pub(super) first: u64,
    pub(super) members: Vec<Member>,
}

/// The household of person `index`.
pub(super) fn of(seed: u64, index: u64, on: JstDate) -> Sketch {
    let (block, offset) = (index / BLOCK, index % BLOCK);
    let mut rng = Rng::new(seed, Purpose::Blocks, block);
    let mut start = 0;
    let mut shape = Shape::ElderSingle;
    for _ in 0..BLOCK {
        shape = fitting(&mut rng, BLOCK.saturating_sub(start));
        if offset < start + shape.size() {
            break;
        }
        start += shape.size();
    }
    let first = block * BLOCK + start;
    let mut rng = Rng::new(seed, Purpose::Household, first);
    Sketch {
        first,
        members: members(shape, on, &mut rng),
    }
}

fn fitting(rng: &mut Rng, room: u64) -> Shape {
    let drawn = rng.weighted(&SHAPES).copied().unwrap_or(Shape::ElderSingle);
    match room {
        room if drawn.size() <= room => drawn,
        1 => Shape::AdultSingle,
        _ => Shape::ElderCouple,
    }
}

fn elder_age(rng: &mut Rng) -> i32 {
    let likely = rng.between(65, 91);
    if rng.chance(450) {
        likely.min(rng.between(65, 98))
    } else {
        likely
    }
}

fn head(shape: Shape, rng: &mut Rng) -> (i32, Sex) {
    let (age, men_permille) = match shape {
        Shape::ElderSingle => (elder_age(rng), 330),
        Shape::ElderCouple => (elder_age(rng), 900),
        Shape::AdultSingle => (rng.between(20, 64), 560),
        Shape::AdultCouple => (rng.between(25, 64), 850),
        Shape::LoneParent => (rng.between(26, 52), 130),
        Shape::ChildAndParent => (rng.between(40, 62), 550),
        Shape::ThreeGenerations | Shape::ThreeGenerationsFive => (rng.between(38, 57), 850),
        Shape::CoupleAndOne | Shape::CoupleAndTwo | Shape::CoupleAndThree => {
            (rng.between(28, 56), 870)
        }
    };
    let sex = if rng.chance(men_permille) {
        Sex::Male
    } else {
        Sex::Female
    };
    (age, sex)
}

fn members(shape: Shape, on: JstDate, rng: &mut Rng) -> Vec<Member> {
    let (age, sex) = head(shape, rng);
    let mut all = vec![member(age, sex, Relation::Head, on, rng)];
    let mut youngest_parent = age;
    if shape.has_spouse() {
        let apart = rng.between(-3, 6);
        let wife_or_husband = match sex {
            Sex::Male => age - apart,
            Sex::Female => age + apart,
        };
        let spouse_age = wife_or_husband.clamp(22, 97);
        youngest_parent = youngest_parent.min(spouse_age);
        all.push(member(spouse_age, sex.other(), Relation::Spouse, on, rng));
    }
    children(shape, age, youngest_parent, on, rng, &mut all);
    if shape.has_parent() {
        let parent_age = (age + rng.between(23, 33)).clamp(65, 97);
        let sex = if rng.chance(280) {
            Sex::Male
        } else {
            Sex::Female
        };
        all.push(member(parent_age, sex, Relation::Parent, on, rng));
    }
    all
}

fn children(
    shape: Shape,
    head_age: i32,
    youngest_parent: i32,
    on: JstDate,
    rng: &mut Rng,
    all: &mut Vec<Member>,
) {
    let high = (youngest_parent - 22).clamp(0, 24);
    let low = (head_age - 36).clamp(0, high);
    let mut last: Option<Member> = None;
    for nth in 0..shape.children() {
        let sex = if rng.chance(512) {
            Sex::Male
        } else {
            Sex::Female
        };
        let mut child = member(rng.between(low, high), sex, Relation::Child, on, rng);
        if let Some(elder) = last.filter(|_| nth == 1) {
            if rng.chance(TWINS_PERMILLE) {
                child.birth = elder.birth;
                child.sex = elder.sex;
            } else if child.birth == elder.birth {
                child.birth = child.birth.plus_days(-400);
            }
        }
        last = Some(child);
        all.push(child);
    }
}

fn member(age: i32, sex: Sex, relation: Relation, on: JstDate, rng: &mut Rng) -> Member {
    let years = i16::try_from(age).unwrap_or(0);
    Member {
        birth: on.plus_years(-years).plus_days(-rng.between(0, 364)),
        sex,
        relation,
    }
}
