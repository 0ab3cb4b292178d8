//! Where a request comes from, behind proxies or not.

use std::{
    net::{IpAddr, SocketAddr},
    str::FromStr,
};

use actix_web::dev::ServiceRequest;

/// Addresses that share their first bits: `10.0.0.0/8`, or a single one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: u128,
    bits: u32,
}

/// Every address as one of IPv6, so that there is one way to compare them.
fn wide(ip: IpAddr) -> u128 {
    match ip {
        IpAddr::V4(ip) => ip.to_ipv6_mapped().into(),
        IpAddr::V6(ip) => ip.into(),
    }
}

impl Network {
    /// Whether an address is one of them.
    #[must_use]
    pub fn contains(self, ip: IpAddr) -> bool {
        let other = u32::BITS * 4 - self.bits;
        (wide(ip) ^ self.address).checked_shr(other).unwrap_or(0) == 0
    }
}

impl FromStr for Network {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (address, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
        let ip: IpAddr = address.parse().map_err(drop)?;
        let (width, before) = if ip.is_ipv4() { (32, 96) } else { (128, 0) };
        let bits = bits.map_or(Ok(width), str::parse::<u32>).map_err(drop)?;
        if bits > width {
            return Err(());
        }
        Ok(Self { address: wide(ip), bits: before + bits })
    }
}

/// The address of whoever sent the request. What a trusted proxy says in `X-Forwarded-For` counts, from right to left up
/// to the first address that is no such proxy; what stands before it anybody could have written.
#[must_use]
pub fn client(request: &ServiceRequest, trusted: &[Network]) -> Option<IpAddr> {
    let peer = request.peer_addr()?.ip();
    let lines = request.headers().get_all("x-forwarded-for").filter_map(|value| value.to_str().ok());
    let lines: Vec<&str> = lines.collect();
    Some(behind(peer, &lines, trusted).to_canonical())
}

fn behind(peer: IpAddr, lines: &[&str], trusted: &[Network]) -> IpAddr {
    let is_proxy = |ip: IpAddr| trusted.iter().any(|network| network.contains(ip));
    let mut last = peer;
    for hop in lines.iter().rev().flat_map(|line| line.rsplit(',')).map(str::trim) {
        if !is_proxy(last) {
            break;
        }
        // Some proxies write the port as well. What is no address ends the search at the proxy that passed it on.
        let ip = hop.parse().ok().or_else(|| hop.parse::<SocketAddr>().ok().map(|address| address.ip()));
        let Some(ip) = ip else { break };
        last = ip;
    }
    last
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn networks_contain_what_they_say() {
        for (network, inside, outside) in [
            ("10.0.0.0/8", "10.1.2.3", "11.0.0.1"),
            ("192.0.2.7", "192.0.2.7", "192.0.2.8"),
            ("192.0.2.0/25", "::ffff:192.0.2.127", "192.0.2.128"),
            ("2001:db8::/32", "2001:db8:1::1", "2001:db9::1"),
            ("::1", "::1", "::2"),
        ] {
            let parsed: Network = network.parse().unwrap();
            assert!(parsed.contains(ip(inside)) && !parsed.contains(ip(outside)), "{network}");
        }
        assert!("0.0.0.0/0".parse::<Network>().unwrap().contains(ip("203.0.113.9")));
        assert!("::/0".parse::<Network>().unwrap().contains(ip("203.0.113.9")));
        for wrong in ["", "proxy", "10.0.0.0/33", "10.0.0.0/", "10.0.0/8", "::1/129", "10.0.0.1/-1"] {
            assert_eq!(wrong.parse::<Network>(), Err(()), "{wrong}");
        }
    }

    #[test]
    fn only_what_trusted_proxies_add_is_believed() {
        let trusted: Vec<Network> = ["127.0.0.1", "10.0.0.0/8"].iter().map(|text| text.parse().unwrap()).collect();
        for (peer, lines, client) in [
            ("203.0.113.9", ["198.51.100.1"].as_slice(), "203.0.113.9"),
            ("127.0.0.1", &[], "127.0.0.1"),
            ("127.0.0.1", &["198.51.100.1"], "198.51.100.1"),
            ("127.0.0.1", &["1.1.1.1, 198.51.100.1, 10.0.0.5"], "198.51.100.1"),
            ("127.0.0.1", &["1.1.1.1", "198.51.100.1:4711, 10.0.0.5"], "198.51.100.1"),
            ("127.0.0.1", &["[2001:db8::1]:4711"], "2001:db8::1"),
            ("127.0.0.1", &["198.51.100.1, unknown"], "127.0.0.1"),
            ("127.0.0.1", &["10.0.0.7, 10.0.0.5"], "10.0.0.7"),
        ] {
            assert_eq!(behind(ip(peer), lines, &trusted), ip(client), "{peer} {lines:?}");
        }
        assert_eq!(behind(ip("127.0.0.1"), &["198.51.100.1"], &[]), ip("127.0.0.1"));
    }
}
