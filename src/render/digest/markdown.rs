//! A digest as Markdown: headings, lists, one table. No name becomes markup.

use std::fmt::Write as _;

use super::page::Digest;
use super::todo::{LookAgain, Todo};
use crate::render::language::Language;

/// Characters that mean something to Markdown.
const MARKUP: [char; 15] = ['\\', '`', '*', '_', '[', ']', '<', '>', '|', '#', '~', '&', '!', '{', '}'];

/// `text` as text: one line, nothing of it markup.
pub(super) fn plain(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let list_mark = list_mark(text);
    for (place, letter) in text.chars().enumerate() {
        match letter {
            letter if list_mark == Some(place) => escaped.extend(['\\', letter]),
            // A word joiner between, which nobody sees, and nobody is called; the sign in an address stays whole.
            '@' if !escaped.ends_with(char::is_alphanumeric) => escaped.push_str("@\u{2060}"),
            '@' => escaped.push_str("\\@"),
            letter if letter.is_control() => escaped.push(' '),
            letter if MARKUP.contains(&letter) => escaped.extend(['\\', letter]),
            letter => escaped.push(letter),
        }
    }
    escaped
}

/// The place of the letter that would make a list of a line: `- `, `+ `, `1.`, `1)`, or a heading of the line above.
fn list_mark(text: &str) -> Option<usize> {
    let begin = text.chars().take_while(|letter| letter.is_whitespace()).count();
    let digits = text.chars().skip(begin).take_while(char::is_ascii_digit).count();
    let mark = text.chars().nth(begin + digits)?;
    let ends = text.chars().nth(begin + digits + 1).is_none_or(char::is_whitespace);
    let is_mark = if digits > 0 { ends && ['.', ')'].contains(&mark) } else { ['-', '+', '='].contains(&mark) };
    is_mark.then_some(begin + digits)
}

/// The page.
pub(super) fn markdown(digest: &Digest<'_>, language: &Language) -> String {
    let word = |key| plain(language.word(key));
    let mut page = format!("# {}\n\n{}\n\n", plain(digest.name), plain(&digest.headline));
    page.push_str(&format!("{} {}\n\n## {}\n\n", word("as-of"), plain(&digest.as_of_shown), word("digest-todo")));
    if digest.actions.is_empty() {
        page.push_str(&format!("{}\n", word("digest-nothing")));
    }
    digest.actions.iter().for_each(|todo| page.push_str(&entry(todo, language)));
    if digest.more_actions > 0 {
        let _ = writeln!(page, "\n{} {}", digest.more_actions, word("digest-more"));
    }
    if digest.actions_without_rate {
        let _ = writeln!(page, "\n{}", word("digest-without-rate"));
    }
    if !digest.changes.is_empty() {
        page.push_str(&format!("\n## {}\n\n", word("digest-changed")));
        digest.changes.iter().for_each(|change| page.push_str(&format!("- {}\n", plain(change))));
    }
    if !digest.look_at.is_empty() {
        page.push_str(&looks(&digest.look_at, language));
    }
    page
}

fn entry(todo: &Todo, language: &Language) -> String {
    let title = [&todo.name, &todo.deal_id, &todo.owner_name].into_iter().find(|name| !name.is_empty());
    let mut text = format!("- **{}**", plain(title.map_or("", String::as_str)));
    let worth = Some(&todo.worth_shown).filter(|worth| !worth.is_empty());
    let worth = worth.map_or_else(String::new, |worth| format!("{} {worth}", language.word("digest-worth")));
    let facts = [&todo.account, &todo.stage, &worth].into_iter().filter(|fact| !fact.is_empty());
    let facts: Vec<String> = facts.map(|fact| plain(fact)).collect();
    if !facts.is_empty() {
        let _ = write!(text, " ({})", facts.join(", "));
    }
    text.push('\n');
    for reason in &todo.reasons {
        let due = format!("{} {}", language.word("digest-due"), reason.due_shown);
        let _ = writeln!(
            text,
            "  - {}: {}, {}. {}",
            plain(&reason.label),
            plain(&reason.what),
            plain(&due),
            plain(&reason.why)
        );
    }
    text
}

fn looks(looks: &[LookAgain], language: &Language) -> String {
    let heads =
        ["deal_id", "name", "stage", "amount", "score", "next_review"].map(|name| plain(&language.column(name)));
    let mut text = format!("\n## {}\n\n| {} |\n", plain(language.word("digest-look")), heads.join(" | "));
    text.push_str("|---|---|---|---:|---:|---|\n");
    for look in looks {
        let cells = [&look.deal_id, &look.name, &look.stage, &look.amount_shown, &look.score, &look.next_review_shown];
        let _ = writeln!(text, "| {} |", cells.map(|cell| plain(cell)).join(" | "));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_text() {
        assert_eq!(plain("a|b\n<script>*x*"), "a\\|b \\<script\\>\\*x\\*");
        assert_eq!(plain("[link](http://x)"), "\\[link\\](http://x)");
        assert_eq!(
            ["- x", " + x", "12. x", "1) x", "3.5", "x - y"].map(plain),
            ["\\- x", " \\+ x", "12\\. x", "1\\) x", "3.5", "x - y"]
        );
        assert_eq!(
            ["@all", "a @all", "ann@example.com"].map(plain),
            ["@\u{2060}all", "a @\u{2060}all", "ann\\@example.com"]
        );
    }
}
