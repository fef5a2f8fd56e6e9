//! The extensions that say who the holder is: four attributes (JPKI), hcRole (HPKI).
//!
//! Source: identity-security 1.4 (personal data identifiers) and 2.2 (hcRole octets).

use super::Holder;
use super::build::{Extension, OID_ALT_NAME, OID_DIRECTORY_ATTRIBUTES};
use crate::der;

/// Subject alternative name with the four attributes as other names
/// 1.2.392.200149.8.5.5.1 (name), .3 (sex), .4 (birth), .5 (address).
pub(super) fn personal_data(holder: &Holder) -> Extension {
    let other = |last: u64, value: &str| {
        let text = der::tlv(der::UTF8_STRING, value.as_bytes());
        der::nest(
            der::context(0),
            &[
                &der::oid(&[1, 2, 392, 200_149, 8, 5, 5, last]),
                &der::nest(der::context(0), &[&text]),
            ],
        )
    };
    let value = der::seq(&[
        &other(1, &holder.name),
        &other(3, &holder.sex.to_string()),
        &other(4, &holder.birth.compact()),
        &other(5, &holder.address),
    ]);
    Extension::new(OID_ALT_NAME, false, value)
}

/// hcRole in the subject directory attributes.
pub(super) fn hc_role(role: &str) -> Extension {
    let system = der::oid(&[1, 2, 392, 100_495, 1, 6, 1, 1]);
    let coded = der::nest(
        der::SET,
        &[
            &der::nest(der::context(0), &[&system]),
            &der::nest(
                der::context(2),
                &[&der::tlv(der::UTF8_STRING, role.as_bytes())],
            ),
        ],
    );
    let actor = der::seq(&[&der::nest(der::context(0), &[&coded])]);
    let data = der::nest(der::SET, &[&der::nest(der::SET, &[&actor])]);
    let attribute = der::seq(&[&der::oid(&[1, 0, 17090, 0, 1]), &data]);
    Extension::new(OID_DIRECTORY_ATTRIBUTES, false, der::seq(&[&attribute]))
}
