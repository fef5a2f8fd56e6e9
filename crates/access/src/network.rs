//! Networks from which a client may come (NET-03): `203.0.113.0/24`, `2001:db8::/32`.
//!
//! Source: identity-security NET-03 (source restriction); RFC 4632, RFC 4291 section 2.3.

use std::{fmt, net::IpAddr};

/// A prefix of addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Network {
    base: IpAddr,
    bits: u8,
}

impl Network {
    /// From `address/bits`, or one address alone; `None` when it is neither, or when bits
    /// behind the prefix are set: then somebody meant something else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text, None),
        };
        let base: IpAddr = address.parse().ok()?;
        let width = if base.is_ipv4() { 32 } else { 128 };
        let bits = match bits {
            Some(bits) => bits.parse().ok().filter(|bits| *bits <= width)?,
            None => width,
        };
        let network = Self { base, bits };
        (network.masked(base)? == number(base)).then_some(network)
    }

    /// The leading bits of an address of the same family.
    fn masked(&self, address: IpAddr) -> Option<u128> {
        if address.is_ipv4() != self.base.is_ipv4() {
            return None;
        }
        let width: u32 = if address.is_ipv4() { 32 } else { 128 };
        let behind = width.saturating_sub(u32::from(self.bits));
        let mask = u128::MAX.checked_shl(behind).unwrap_or(0);
        Some(number(address) & mask)
    }

    /// Does the address lie in it? An IPv4 address in IPv6's clothes is taken as what it is.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        self.masked(address.to_canonical()) == Some(number(self.base))
    }
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(u32::from(address)),
        IpAddr::V6(address) => u128::from(address),
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.base, self.bits)
    }
}
