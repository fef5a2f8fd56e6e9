//! Networks in CIDR notation: from where a caller may come.
//!
//! Source: RFC 4632 section 3.1; RFC 4291 section 2.3; identity-security NET-03.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use thiserror::Error;

/// Most networks of one list: a facility names a handful.
pub const NETWORKS_MAX: usize = 64;

/// Why a text is no list of networks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum NetworkError {
    /// A part of it is no network.
    #[error("not a network: an address, or an address with a slash and a number")]
    Form,
    /// More than 64 in one list.
    #[error("more than 64 networks")]
    TooMany,
}

/// A network: `10.1.0.0/16`, `2001:db8::/32`, or one address.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Network {
    /// An IPv4 address that hides in an IPv6 one is kept as IPv4.
    address: IpAddr,
    prefix: u8,
}

impl Network {
    /// From `address/prefix`, or from one address alone. `None` when it is neither, or when
    /// bits beyond the prefix are set: a slip of the pen that allows more or less than was
    /// meant.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let given: IpAddr = address.parse().ok()?;
        let address = given.to_canonical();
        let bits = bits_of(address);
        let prefix = match prefix {
            None => bits,
            Some(text) => {
                let is_plain = text.bytes().all(|b| b.is_ascii_digit());
                let prefix: u8 = text.parse().ok().filter(|_| is_plain)?;
                // `::ffff:10.0.0.0/104` counts from the start of the IPv6 address.
                let prefix = prefix.checked_sub(bits_of(given).saturating_sub(bits))?;
                Some(prefix).filter(|prefix| *prefix <= bits)?
            }
        };
        (masked(address, prefix) == address).then_some(Self { address, prefix })
    }

    /// Is the address in it? An IPv4 address inside an IPv6 one counts as what it is.
    #[must_use]
    pub fn contains(self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        bits_of(address) == bits_of(self.address) && masked(address, self.prefix) == self.address
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// From where a caller may come. An empty list is no restriction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Networks(Vec<Network>);

impl Networks {
    /// From networks with white space or commas between them.
    ///
    /// # Errors
    /// [`NetworkError`].
    pub fn parse(text: &str) -> Result<Self, NetworkError> {
        let mut networks = text
            .split(|c: char| c == ',' || c.is_whitespace())
            .filter(|part| !part.is_empty())
            .take(NETWORKS_MAX + 1)
            .map(|part| Network::parse(part).ok_or(NetworkError::Form))
            .collect::<Result<Vec<_>, _>>()?;
        if networks.len() > NETWORKS_MAX {
            return Err(NetworkError::TooMany);
        }
        networks.sort_unstable();
        networks.dedup();
        Ok(Self(networks))
    }

    /// May a caller come from there? One whose address is not known may not, once there is a
    /// list.
    #[must_use]
    pub fn admit(&self, address: Option<IpAddr>) -> bool {
        self.0.is_empty()
            || address.is_some_and(|address| self.0.iter().any(|n| n.contains(address)))
    }

    /// Is there no restriction?
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Networks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, network) in self.0.iter().enumerate() {
            let between = if place == 0 { "" } else { " " };
            write!(f, "{between}{network}")?;
        }
        Ok(())
    }
}

const fn bits_of(address: IpAddr) -> u8 {
    match address {
        IpAddr::V4(_) => 32,
        IpAddr::V6(_) => 128,
    }
}

/// The address without its bits beyond the prefix.
fn masked(address: IpAddr, prefix: u8) -> IpAddr {
    let beyond = u32::from(bits_of(address).saturating_sub(prefix));
    match address {
        IpAddr::V4(v4) => {
            let mask = u32::MAX.checked_shl(beyond).unwrap_or(0);
            IpAddr::V4(Ipv4Addr::from_bits(v4.to_bits() & mask))
        }
        IpAddr::V6(v6) => {
            let mask = u128::MAX.checked_shl(beyond).unwrap_or(0);
            IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & mask))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_holds_its_own_addresses_and_no_other() {
        let table = [
            ("10.1.0.0/16", "10.1.255.255", true),
            ("10.1.0.0/16", "10.2.0.0", false),
            ("10.1.2.3", "10.1.2.3", true),
            ("10.1.2.3", "10.1.2.4", false),
            ("10.1.2.3/32", "10.1.2.3", true),
            ("192.168.4.0/23", "192.168.5.255", true),
            ("192.168.4.0/23", "192.168.6.0", false),
            ("0.0.0.0/0", "203.0.113.9", true),
            ("0.0.0.0/0", "2001:db8::1", false),
            ("::/0", "2001:db8::1", true),
            ("::/0", "203.0.113.9", false),
            ("2001:db8::/32", "2001:db8:ffff::1", true),
            ("2001:db8::/32", "2001:db9::1", false),
            ("2001:db8::8/125", "2001:db8::f", true),
            ("2001:db8::8/125", "2001:db8::10", false),
            ("::1", "::1", true),
            // The same IPv4 address, however a listener on IPv6 spells it.
            ("10.0.0.0/8", "::ffff:10.9.8.7", true),
            ("::ffff:10.0.0.0/104", "10.9.8.7", true),
            ("::ffff:10.0.0.0/104", "11.0.0.1", false),
            ("::ffff:10.9.8.7", "10.9.8.7", true),
        ];
        for (network, address, holds) in table {
            let parsed = Network::parse(network).expect(network);
            let address: IpAddr = address.parse().expect(address);
            assert_eq!(parsed.contains(address), holds, "{network} {address}");
        }
    }

    #[test]
    fn what_is_no_network_is_refused() {
        let table = [
            "",
            "/",
            "10.0.0.0/",
            "10.0.0/8",
            "10.0.0.0/+8",
            "10.0.0.0/ 8",
            "10.0.0.0/8/8",
            "10.0.0.0/256",
            "hospital.example/8",
            "010.0.0.0/8",
            "10.0.0.0/33",
            "2001:db8::/129",
            "::ffff:10.0.0.0/8",
            "10.1.0.0/8",
            "10.0.0.1/31",
            "2001:db8::1/64",
            "0.0.0.1/0",
        ];
        for text in table {
            assert_eq!(Network::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_list_admits_who_is_in_any_and_an_empty_one_everybody() {
        let list = Networks::parse("10.0.0.0/8, 2001:db8::/32\n192.0.2.7 10.0.0.0/8").expect("one");
        assert_eq!(list.to_string(), "10.0.0.0/8 192.0.2.7/32 2001:db8::/32");
        assert_eq!(Networks::parse(&list.to_string()), Ok(list.clone()));
        let admits = |text: &str| list.admit(text.parse().ok());
        assert!(admits("10.255.0.1") && admits("192.0.2.7") && admits("2001:db8::5"));
        assert!(!admits("192.0.2.8") && !admits("127.0.0.1"));
        assert!(!list.admit(None));
        assert!(Networks::default().admit(None));
        assert_eq!(Networks::parse("10.0.0.0/8 all"), Err(NetworkError::Form));
        let many = "10.0.0.1 ".repeat(NETWORKS_MAX + 1);
        assert_eq!(Networks::parse(&many), Err(NetworkError::TooMany));
    }
}
