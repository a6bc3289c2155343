//! How does an id go into an address? Text in, one part of a path out, which cannot lead to another one.

/// `text` as one part of a path.
pub(super) fn path_part(text: &str) -> String {
    let kept = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~');
    text.bytes().map(|byte| if kept(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_cannot_lead_to_another_path() {
        assert_eq!(path_part("6b03eb07"), "6b03eb07");
        assert_eq!(path_part("../User?a=1&é"), "..%2FUser%3Fa%3D1%26%C3%A9");
    }
}
