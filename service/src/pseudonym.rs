//! Made-up names: the same for a person throughout a class, another one in each class, and for nobody to recompute who
//! does not have the class's secret.

use entity::EnrolmentId;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use uuid::Uuid;

/// Words that are neither praise nor blame, and animals without a reputation.
const ADJECTIVES: [&str; 32] = [
    "Amber", "Autumn", "Blue", "Bright", "Calm", "Cedar", "Coastal", "Copper", "Crimson", "Distant", "Early",
    "Evening", "Forest", "Gentle", "Golden", "Green", "Harbour", "Indigo", "Island", "Ivory", "Lunar", "Maple",
    "Meadow", "Morning", "Mountain", "Northern", "Quiet", "River", "Silver", "Southern", "Violet", "Winter",
];
const ANIMALS: [&str; 32] = [
    "Badger", "Beaver", "Bison", "Crane", "Curlew", "Dolphin", "Falcon", "Finch", "Gecko", "Hare", "Heron", "Ibis",
    "Kestrel", "Lark", "Lemur", "Lynx", "Magpie", "Marten", "Newt", "Ocelot", "Orca", "Otter", "Pelican", "Plover",
    "Puffin", "Robin", "Salmon", "Seal", "Swift", "Tapir", "Turtle", "Wren",
];

/// A person's appearance behind a made-up name.
pub(crate) struct Pseudonym {
    /// Stands for the membership on the wire.
    pub(crate) id: Uuid,
    /// Such as "Quiet Heron 4711": of nine million, so that two of a class hardly ever have the same.
    pub(crate) name: String,
}

/// The id that stands for a membership on the wire.
pub(crate) fn id(secret: &[u8], enrolment: EnrolmentId) -> Uuid {
    uuid::Builder::from_custom_bytes(derived(secret, b"id", enrolment)).into_uuid()
}

/// The pseudonym of a membership.
pub(crate) fn of(secret: &[u8], enrolment: EnrolmentId) -> Pseudonym {
    let name = derived(secret, b"name", enrolment);
    let number = u32::from_be_bytes([name[2], name[3], name[4], name[5]]) % 9_000 + 1_000;
    let word = |list: &[&'static str; 32], byte: u8| list.get(usize::from(byte % 32)).copied().unwrap_or_default();
    Pseudonym {
        id: id(secret, enrolment),
        name: format!("{} {} {number}", word(&ADJECTIVES, name[0]), word(&ANIMALS, name[1])),
    }
}

fn derived(secret: &[u8], purpose: &[u8], enrolment: EnrolmentId) -> [u8; 16] {
    #[cfg(test)]
    tests::count();
    let mut bytes = [0; 16];
    // A key of any length will do, so there is none that it refuses.
    if let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret) {
        mac.update(purpose);
        mac.update(enrolment.0.as_bytes());
        bytes.iter_mut().zip(mac.finalize().into_bytes()).for_each(|(to, from)| *to = from);
    }
    bytes
}

#[cfg(test)]
pub(crate) mod tests {
    use std::{cell::Cell, collections::HashSet};

    use super::*;

    thread_local! {
        static DERIVED: Cell<usize> = const { Cell::new(0) };
    }

    /// Notes that something was derived.
    pub(super) fn count() {
        DERIVED.with(|derived| derived.set(derived.get() + 1));
    }

    /// How often something is derived by what `work` does on this thread.
    pub(crate) fn derived_by<T>(work: impl FnOnce() -> T) -> (usize, T) {
        let before = DERIVED.with(Cell::get);
        let done = work();
        (DERIVED.with(Cell::get) - before, done)
    }

    #[test]
    fn a_person_has_one_name_in_a_class_and_another_in_the_next() {
        let person = EnrolmentId::new();
        let (one, again, other) = (of(b"one", person), of(b"one", person), of(b"two", person));
        assert_eq!((one.id, &one.name), (again.id, &again.name));
        assert_ne!(one.id, other.id);
        assert_ne!(one.name, other.name);
        assert_ne!(one.id, person.0);
    }

    /// The migration that found names in words made them in the same way, on its day.
    #[test]
    fn a_name_stays_what_it_was_when_mentions_became_references() {
        let first = EnrolmentId(Uuid::from_u128(0x019c_ad8c_a000_7007_8000_0000_0000_0001));
        assert_eq!(of(&[1, 0, 255], first).name, "River Newt 3100");
    }

    #[test]
    fn a_large_class_has_as_many_names_as_people() {
        // The same people each time: whether two of them get the same name is no matter of luck.
        let people: Vec<EnrolmentId> = (0..1_000_u128).map(|n| EnrolmentId(Uuid::from_u128(n))).collect();
        let pseudonyms: Vec<Pseudonym> = people.iter().map(|person| of(b"secret", *person)).collect();
        let names: HashSet<&str> = pseudonyms.iter().map(|pseudonym| pseudonym.name.as_str()).collect();
        let ids: HashSet<Uuid> = pseudonyms.iter().map(|pseudonym| pseudonym.id).collect();
        assert_eq!((names.len(), ids.len()), (1_000, 1_000));
    }
}
