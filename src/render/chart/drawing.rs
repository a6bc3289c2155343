//! A finished drawing: its marks, in the order they are put on each other.

use super::ink::Ink;
use super::marks::Mark;

/// What a chart looks like, before it is text or pixels.
#[derive(Clone, Debug)]
pub(in crate::render) struct Drawing {
    pub width: f64,
    pub height: f64,
    /// What it shows, for those who do not see it.
    pub label: String,
    pub marks: Vec<Mark>,
}

/// The room a line of words takes.
const LINE: f64 = 18.0;

/// The width of a letter, about.
const LETTER: f64 = 6.4;

/// Around a drawing that stands alone.
const MARGIN: f64 = 16.0;

impl Drawing {
    /// The drawing as it stands alone: on white, with what it shows above and what its colours mean below.
    pub(in crate::render) fn alone(self, of_which_day: &str, legend: &str) -> Self {
        let Self { width, height, label, marks } = self;
        let (whole, above) = (width.max(420.0) + 2.0 * MARGIN, MARGIN + 2.0 * LINE + 10.0);
        let legend = wrapped(legend, ((whole - 2.0 * MARGIN) / LETTER) as usize);
        let tall = above + height + 12.0 + LINE * legend.len() as f64 + MARGIN;
        let mut all =
            vec![Mark::Area { x: 0.0, y: 0.0, width: whole, height: tall, ink: Ink::Paper, note: String::new() }];
        all.push(Mark::Heading { x: MARGIN, y: MARGIN + 12.0, words: label.clone() });
        all.push(quiet(MARGIN + 12.0 + LINE, of_which_day));
        all.extend(marks.into_iter().map(|mark| mark.moved(MARGIN, above)));
        for (line, words) in legend.iter().enumerate() {
            all.push(quiet(above + height + 12.0 + LINE * (line as f64 + 1.0) - 4.0, words));
        }
        Self { width: whole, height: tall, label, marks: all }
    }
}

fn quiet(y: f64, words: &str) -> Mark {
    Mark::Text { x: MARGIN, y, anchor: super::marks::Anchor::Start, words: words.to_owned(), ink: Ink::Quiet }
}

/// `text` in lines of at most `letters`, broken at blanks.
fn wrapped(text: &str, letters: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= letters => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drawing_that_stands_alone_has_room_for_its_words() {
        let bare = Drawing { width: 300.0, height: 50.0, label: "Deals".into(), marks: Vec::new() };
        let alone = bare.alone("as of today", &"many words ".repeat(30));
        assert!(alone.height > 50.0 + 6.0 * LINE && alone.width >= 420.0, "{alone:?}");
        assert!(matches!(&alone.marks[1], Mark::Heading { words, .. } if words == "Deals"));
        assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
    }
}
