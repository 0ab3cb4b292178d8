//! Made-up names as they were made on the day of this migration.

use hmac::{Hmac, KeyInit, Mac};
use sea_orm_migration::sea_orm::prelude::Uuid;
use sha2::Sha256;

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

/// The made-up name of a membership in the class with this secret.
pub(super) fn name(secret: &[u8], enrolment: Uuid) -> String {
    let mut bytes = [0; 6];
    // A key of any length will do, so there is none that it refuses.
    if let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret) {
        mac.update(b"name");
        mac.update(enrolment.as_bytes());
        bytes.iter_mut().zip(mac.finalize().into_bytes()).for_each(|(to, from)| *to = from);
    }
    let [adjective, animal, number @ ..] = bytes;
    let word = |list: &[&'static str; 32], byte: u8| list.get(usize::from(byte % 32)).copied().unwrap_or_default();
    let number = u32::from_be_bytes(number) % 9_000 + 1_000;
    format!("{} {} {number}", word(&ADJECTIVES, adjective), word(&ANIMALS, animal))
}
