//! A key or password: [`Secret`]. It can be used and cannot be shown, and is wiped where it ends.
//!
//! What the HTTP library makes of it on the way is beyond our reach: freed, not wiped.

use std::hint::black_box;

/// A key or password. Has no `Debug`, no `Display` and is never serialised.
pub struct Secret(String);

/// What stands where a server repeated a secret.
const HIDDEN: &str = "[secret]";

impl Secret {
    /// The first line of `text`, which is wiped; none where that is blank.
    #[must_use]
    pub fn first_line(text: impl Into<String>) -> Option<Self> {
        let text = text.into();
        let line = text.lines().next().unwrap_or_default().trim();
        let secret = (!line.is_empty()).then(|| Self(line.to_owned()));
        wipe(text);
        secret
    }

    /// No secret at all: the other side knows the user by itself.
    #[must_use]
    pub fn none() -> Self {
        Self(String::new())
    }

    /// The secret itself; nothing where there is none.
    #[cfg(feature = "sql")]
    pub(super) fn given(&self) -> Option<&str> {
        (!self.0.is_empty()).then_some(&self.0)
    }

    /// The secret itself, for a header or a hash.
    pub(super) fn expose(&self) -> &str {
        &self.0
    }

    /// `text` without the secret.
    pub(super) fn hide_in(&self, text: String) -> String {
        if !self.0.is_empty() && text.contains(&self.0) { text.replace(&self.0, HIDDEN) } else { text }
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        wipe(std::mem::take(&mut self.0));
    }
}

/// Overwrites a text that held a secret.
pub fn wipe(text: String) {
    let mut bytes = text.into_bytes();
    bytes.fill(0);
    // Somebody might look at them: without that the compiler may leave the zeros out.
    black_box(&bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_one_line_and_is_hidden_in_what_a_server_says() {
        let secret = Secret::first_line(" hush \nmore").expect("a line");
        assert_eq!(secret.expose(), "hush");
        assert_eq!(secret.hide_in("the key hush is wrong".to_owned()), "the key [secret] is wrong");
        assert_eq!(Secret::none().hide_in("nothing to hide".to_owned()), "nothing to hide");
        assert!(Secret::first_line("\nhush").is_none() && Secret::first_line("").is_none());
    }
}
