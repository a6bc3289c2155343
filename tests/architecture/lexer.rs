//! Rust text with what is no code taken out.

/// A text in two forms of the same length: without comments, and also without what stands inside quotes.
pub struct Stripped {
    /// Comments blanked.
    pub code: String,
    /// Comments and the contents of text and character literals blanked.
    pub bare: String,
}

/// Blanks comments and quoted contents; line breaks stay.
pub fn strip(text: &str) -> Stripped {
    let bytes = text.as_bytes();
    let (mut code, mut bare) = (bytes.to_vec(), bytes.to_vec());
    let mut at = 0;
    while at < bytes.len() {
        let end = at + token_length(&text[at..]);
        match kind(&text[at..]) {
            Kind::Comment => [&mut code, &mut bare].into_iter().for_each(|out| blank(&mut out[at..end])),
            Kind::Quoted => blank(&mut bare[at + 1..end - 1]),
            Kind::Code => {}
        }
        at = end;
    }
    let text = |bytes| String::from_utf8(bytes).expect("blanks replace whole tokens");
    Stripped { code: text(code), bare: text(bare) }
}

fn blank(bytes: &mut [u8]) {
    bytes.iter_mut().filter(|byte| **byte != b'\n').for_each(|byte| *byte = b' ');
}

#[derive(PartialEq)]
enum Kind {
    Comment,
    Quoted,
    Code,
}

fn kind(rest: &str) -> Kind {
    if rest.starts_with("//") || rest.starts_with("/*") {
        Kind::Comment
    } else if rest.starts_with('"') || raw_hashes(rest).is_some() || char_length(rest).is_some() {
        Kind::Quoted
    } else {
        Kind::Code
    }
}

/// The length of the comment, literal, word or single character a text begins with.
fn token_length(rest: &str) -> usize {
    if rest.starts_with("//") {
        return rest.find('\n').unwrap_or(rest.len());
    }
    if rest.starts_with("/*") {
        return rest.find("*/").map_or(rest.len(), |at| at + 2);
    }
    if let Some(hashes) = raw_hashes(rest) {
        let close = format!("\"{}", "#".repeat(hashes));
        let open = hashes + 2;
        return rest[open..].find(&close).map_or(rest.len(), |at| open + at + close.len());
    }
    if rest.starts_with('"') {
        return quoted_length(rest);
    }
    let word = rest.find(|c: char| !is_word(c)).unwrap_or(rest.len());
    let single = rest.chars().next().map_or(1, char::len_utf8);
    char_length(rest).unwrap_or(word.max(single))
}

/// The number of `#` of a raw text literal: `r"..."` has 0, `r#"..."#` has 1.
fn raw_hashes(rest: &str) -> Option<usize> {
    let after = rest.strip_prefix('r')?;
    let hashes = after.len() - after.trim_start_matches('#').len();
    after[hashes..].starts_with('"').then_some(hashes)
}

fn quoted_length(rest: &str) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// The length of a character literal; `None` for a lifetime.
fn char_length(rest: &str) -> Option<usize> {
    let inner = rest.strip_prefix('\'')?;
    let content = match inner.strip_prefix('\\') {
        Some(escape) => 2 + escape.chars().skip(1).take_while(|c| *c != '\'').map(char::len_utf8).sum::<usize>(),
        None => inner.chars().next()?.len_utf8(),
    };
    inner.get(content..)?.starts_with('\'').then_some(content + 2)
}

pub fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Blanks every item under `#[cfg(test)]`.
pub fn without_tests(stripped: Stripped) -> Stripped {
    let Stripped { mut code, mut bare } = stripped;
    while let Some(start) = bare.find("#[cfg(test)]") {
        let end = start + item_length(&bare[start..]);
        for text in [&mut code, &mut bare] {
            let blanks: String = text[start..end].chars().filter(|c| *c == '\n').collect();
            text.replace_range(start..end, &blanks);
        }
    }
    Stripped { code, bare }
}

/// The length of an item with its attributes: to the first `;` or to the end of its first block, whichever is first.
fn item_length(rest: &str) -> usize {
    let mut depth = 0;
    for (at, c) in rest.char_indices() {
        match c {
            ';' if depth == 0 => return at + 1,
            '{' => depth += 1,
            '}' if depth <= 1 => return at + 1,
            '}' => depth -= 1,
            _ => {}
        }
    }
    rest.len()
}

#[test]
fn comments_and_quoted_contents_are_blanked() {
    let text = "let a = \"use crate::b; \\\" // no\"; // use crate::c\nlet d: &'a str = r#\"x\"y\"#; /* e */ let f = ['\"', '\\'', '\\n'];";
    let stripped = strip(text);
    assert_eq!((stripped.code.len(), stripped.bare.len()), (text.len(), text.len()));
    assert!(stripped.code.contains("use crate::b") && !stripped.code.contains("crate::c"));
    assert!(!stripped.bare.contains("crate"), "{}", stripped.bare);
    assert!(stripped.bare.ends_with("let f = [' ', '  ', '  '];"), "{}", stripped.bare);
    assert!(!stripped.bare.contains('x') && stripped.bare.contains("&'a str"), "{}", stripped.bare);
    assert_eq!(strip("tower\"x\"").bare, "tower\" \"", "a word that ends in r is no raw text");
}

#[test]
fn what_only_tests_use_is_taken_out() {
    let text = "#[cfg(test)]\nuse a::{b, c};\nfn d() {}\n#[cfg(test)]\nmod e;\n#[cfg(test)]\n#[track_caller]\nfn f() { if x { y } }\nfn g() {}\n#[cfg(test)]\nmod tests {\n fn h() {}\n}\n";
    let left = without_tests(strip(text)).bare;
    assert_eq!(left.split_whitespace().collect::<Vec<_>>(), [";", "fn", "d()", "{}", "fn", "g()", "{}"]);
    assert_eq!(left.lines().count(), text.lines().count());
}
