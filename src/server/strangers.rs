//! Connections for which nobody has vouched: bounded in number, and for each network address.
//!
//! A connection counts to its address until a request on it was signed by a known party; then it
//! counts to that party. So a town hall or a mobile carrier behind one address is not shut out by
//! its own size, and whoever signs nothing, or always in one name, gets no more than its share.
//!
//! Invariant: a [`Place`] counts in exactly one way until it is dropped. Absent: addresses. What is
//! kept is a hash under a key that this process drew, and only while a connection lives.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use postfach_crypto::ids::Address;

use super::limits::Limits;

/// Everybody's connections.
#[derive(Clone)]
pub(super) struct Strangers {
    counts: Arc<Mutex<Counts>>,
    /// Draws its key when it is made.
    hasher: Arc<RandomState>,
    strangers: usize,
    per_network: usize,
    per_party: usize,
}

#[derive(Default)]
struct Counts {
    strangers: usize,
    networks: HashMap<u64, usize>,
    parties: HashMap<u64, usize>,
}

/// Where a connection comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// One IPv4 address, or one IPv6 network of 64 bits, which is what one customer gets.
    Network([u8; 8]),
    /// This machine's own door: it counts as a stranger, but to no network.
    Inside,
}

impl Origin {
    /// The network that this address belongs to.
    pub(super) fn of(address: IpAddr) -> Self {
        let mut network = [0; 8];
        match address.to_canonical() {
            // 0.0.0.0/8 in the first half is no IPv6 network that is ever routed (RFC 4291 §2.5).
            IpAddr::V4(four) => network[4..].copy_from_slice(&four.octets()),
            IpAddr::V6(six) => network.copy_from_slice(&six.octets()[..8]),
        }
        Self::Network(network)
    }
}

/// Why there is no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoPlace {
    /// All places of strangers are taken.
    Full,
    /// Those of this network are.
    Network,
}

/// One connection's place, given back when it is dropped.
pub(super) struct Place {
    strangers: Strangers,
    counted: Mutex<Counted>,
}

#[derive(Clone, Copy)]
enum Counted {
    Stranger(Option<u64>),
    Party(u64),
}

impl Strangers {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            counts: Arc::default(),
            hasher: Arc::default(),
            strangers: limits.unauthenticated,
            per_network: limits.unauthenticated_per_address,
            per_party: limits.connections_per_party,
        }
    }

    /// A place for a connection of which nothing is known but where it comes from.
    pub(super) fn enter(&self, origin: Origin) -> Result<Place, NoPlace> {
        let network = match origin {
            Origin::Inside => None,
            Origin::Network(network) => Some(self.hasher.hash_one(network)),
        };
        let mut counts = lock(&self.counts);
        if counts.strangers >= self.strangers {
            return Err(NoPlace::Full);
        }
        if let Some(network) = network {
            let taken = counts.networks.entry(network).or_default();
            if *taken >= self.per_network {
                return Err(NoPlace::Network);
            }
            *taken += 1;
        }
        counts.strangers += 1;
        Ok(Place {
            strangers: self.clone(),
            counted: Mutex::new(Counted::Stranger(network)),
        })
    }
}

impl Place {
    /// A known party signed a request here: from now on the connection counts to that party, if it
    /// has room.
    pub(super) fn vouched_by(&self, party: &Address) {
        let mut counted = lock(&self.counted);
        let Counted::Stranger(network) = *counted else {
            return;
        };
        let party = self.strangers.hasher.hash_one(party.0);
        let mut counts = lock(&self.strangers.counts);
        let taken = counts.parties.entry(party).or_default();
        if *taken >= self.strangers.per_party {
            return;
        }
        *taken += 1;
        counts.leave(Counted::Stranger(network));
        *counted = Counted::Party(party);
    }
}

impl Counts {
    fn leave(&mut self, counted: Counted) {
        let one_less = |map: &mut HashMap<u64, usize>, key| {
            if let Some(count) = map.get_mut(&key) {
                *count -= 1;
                if *count == 0 {
                    map.remove(&key);
                }
            }
        };
        match counted {
            Counted::Party(party) => one_less(&mut self.parties, party),
            Counted::Stranger(network) => {
                self.strangers -= 1;
                if let Some(network) = network {
                    one_less(&mut self.networks, network);
                }
            }
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let counted = *lock(&self.counted);
        lock(&self.strangers.counts).leave(counted);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strangers(all: usize, network: usize, party: usize) -> Strangers {
        Strangers::new(&Limits {
            unauthenticated: all,
            unauthenticated_per_address: network,
            connections_per_party: party,
            ..Limits::default()
        })
    }

    fn from(address: &str) -> Origin {
        Origin::of(address.parse().unwrap())
    }

    #[test]
    fn a_network_has_its_share_and_gets_it_back() {
        let strangers = strangers(4, 2, 1);
        let first = strangers.enter(from("192.0.2.1")).unwrap();
        let _second = strangers.enter(from("::ffff:192.0.2.1")).unwrap();
        assert_eq!(
            strangers.enter(from("192.0.2.1")).err(),
            Some(NoPlace::Network)
        );
        let _other = strangers.enter(from("192.0.2.2")).unwrap();
        drop(first);
        let _again = strangers.enter(from("192.0.2.1")).unwrap();
        let _inside = strangers.enter(Origin::Inside).unwrap();
        assert_eq!(strangers.enter(Origin::Inside).err(), Some(NoPlace::Full));
    }

    #[test]
    fn a_customer_of_ipv6_is_one_network() {
        assert_eq!(from("2001:db8:0:1::1"), from("2001:db8:0:1:ffff::2"));
        assert_ne!(from("2001:db8:0:1::1"), from("2001:db8:0:2::1"));
        assert_ne!(from("192.0.2.1"), from("192.0.2.2"));
    }

    #[test]
    fn a_signed_connection_counts_to_its_party_until_that_has_too_many() {
        let strangers = strangers(8, 1, 1);
        let (party, other) = (Address([1; 32]), Address([2; 32]));
        let first = strangers.enter(from("192.0.2.1")).unwrap();
        first.vouched_by(&party);
        first.vouched_by(&other); // counts once
        let second = strangers.enter(from("192.0.2.1")).unwrap();
        second.vouched_by(&party); // has one already
        assert_eq!(
            strangers.enter(from("192.0.2.1")).err(),
            Some(NoPlace::Network)
        );
        drop(first);
        second.vouched_by(&party);
        drop(strangers.enter(from("192.0.2.1")).unwrap());
        drop(second);
        let counts = lock(&strangers.counts);
        assert!(counts.networks.is_empty() && counts.parties.is_empty() && counts.strangers == 0);
    }
}
