//! Cookies are bytes, and the library for cookies takes text. Here each byte beyond ASCII is a character that nothing takes for
//! a space, a letter or a digit.

/// Where the characters for bytes begin, in Unicode's private use area.
const BASE: u32 = 0xf700;

/// Each byte as a character.
pub(super) fn to_text(octets: &[u8]) -> String {
    let character = |octet: u8| match octet {
        0..=0x7f => Some(char::from(octet)),
        0x80.. => char::from_u32(BASE + u32::from(octet)),
    };
    octets.iter().copied().filter_map(character).collect()
}

/// The bytes of a text that [`to_text`] has made.
pub(super) fn to_octets(text: &str) -> Vec<u8> {
    let octet = |character: char| {
        let number = u32::from(character);
        u8::try_from(number.checked_sub(BASE).unwrap_or(number)).ok()
    };
    text.chars().filter_map(octet).collect()
}
