//! Factors of a score in the language of the page: the phrase a run wrote in English, worded again.
//!
//! A factor's name and value in, the value worded out. A phrase of the catalogue has slots for numbers (`{days}`) and for
//! names (`{stage}`, `{currency}`); what follows it is divided by `, `. Values of an organisation's own columns are data and
//! stay as they are.

use super::catalogue::Language;
use crate::report::people::People;

/// Slots that hold a name; every other one holds a number.
const NAMES: [&str; 3] = ["stage", "currency", "name"];

/// The factor whose value begins with somebody's id.
const OWNER: &str = "owner";

/// What a model says of the values of any column.
const OF_ANY_COLUMN: [&str; 4] = ["(missing)", "(not known from history)", "1 day ago", "{days} days ago"];

impl Language {
    /// `value` of `factor`, worded; ids of `people` become names.
    pub(crate) fn reason(&self, factor: &str, value: &str, people: &People) -> String {
        if !self.knows_factor(factor) {
            let worded = OF_ANY_COLUMN.iter().find_map(|phrase| self.phrase(phrase, value));
            return worded.unwrap_or_else(|| value.to_owned());
        }
        let mut head = value;
        let mut tails = Vec::new();
        while let Some((before, last)) = head.rsplit_once(", ") {
            let Some(worded) = self.any_phrase(last, false) else { break };
            tails.push(worded);
            head = before;
        }
        let name = (factor == OWNER).then(|| people.names().get(head).cloned()).flatten();
        let head = name.or_else(|| self.any_phrase(head, true)).unwrap_or_else(|| head.to_owned());
        tails.push(head);
        tails.reverse();
        tails.join(", ")
    }

    /// Words of the run that are no sentence and no value: phrases divided by `; ` and `, `.
    pub(crate) fn prose(&self, text: &str) -> String {
        let word = |part: &str| self.any_phrase(part, true).unwrap_or_else(|| part.to_owned());
        let words = |parts: &str| parts.split(", ").map(word).collect::<Vec<_>>().join(", ");
        text.split("; ").map(words).collect::<Vec<_>>().join(self.word("semicolon"))
    }

    /// The first phrase that says `text`, those with most words of their own first. Only what stands at the head of a value
    /// has a name in it.
    fn any_phrase(&self, text: &str, with_names: bool) -> Option<String> {
        let has_name = |phrase: &str| NAMES.iter().any(|name| phrase.contains(&format!("{{{name}}}")));
        let mut phrases: Vec<&str> =
            self.phrases().keys().map(String::as_str).filter(|phrase| with_names || !has_name(phrase)).collect();
        phrases.sort_by_key(|phrase| std::cmp::Reverse(own_letters(phrase)));
        phrases.into_iter().find_map(|phrase| self.phrase(phrase, text))
    }

    /// `text` in the words of the language, where it is the English `phrase` with something in its slots.
    fn phrase(&self, phrase: &str, text: &str) -> Option<String> {
        let mut worded = self.phrases().get(phrase)?.clone();
        for (slot, value) in slots(phrase, text)? {
            let shown = if NAMES.contains(&slot) { value.to_owned() } else { self.written_number(value) };
            worded = worded.replace(&format!("{{{slot}}}"), &shown);
        }
        Some(worded)
    }

    /// A number as the run wrote it, in the groups and with the decimal mark of the language.
    pub(crate) fn written_number(&self, written: &str) -> String {
        let (whole, part) = written.split_once('.').unwrap_or((written, ""));
        let sign = if whole.starts_with('-') { "-" } else { "" };
        let Ok(digits) = whole.trim_start_matches('-').parse::<i128>() else { return written.to_owned() };
        let grouped = format!("{sign}{}", self.whole(digits));
        if part.is_empty() { grouped } else { format!("{grouped}{}{part}", self.decimal) }
    }
}

/// How many letters of a phrase stand outside its slots.
fn own_letters(phrase: &str) -> usize {
    let mut inside = false;
    let own = phrase.chars().filter(|letter| {
        inside = (inside || *letter == '{') && *letter != '}';
        !inside && *letter != '}'
    });
    own.count()
}

/// What stands in the slots of `phrase`, if it says `text`.
fn slots<'p, 't>(phrase: &'p str, text: &'t str) -> Option<Vec<(&'p str, &'t str)>> {
    let Some(open) = phrase.find('{') else { return (phrase == text).then(Vec::new) };
    let close = open + phrase[open..].find('}')?;
    let (slot, after) = (&phrase[open + 1..close], &phrase[close + 1..]);
    let rest = text.strip_prefix(&phrase[..open])?;
    let ends = rest.char_indices().map(|(at, _)| at).skip(1).chain([rest.len()]);
    ends.filter(|end| fits(slot, &rest[..*end])).find_map(|end| {
        let mut found = slots(after, &rest[end..])?;
        found.insert(0, (slot, &rest[..end]));
        Some(found)
    })
}

fn fits(slot: &str, text: &str) -> bool {
    let is_number = || text.parse::<f64>().is_ok_and(f64::is_finite) && !text.starts_with('+');
    !text.is_empty() && (NAMES.contains(&slot) || is_number())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn worded(code: &str, factor: &str, value: &str) -> String {
        let people = People::of([("u00003", "Vera Berg")]);
        Language::of(code).expect("a language").reason(factor, value, &people)
    }

    #[test]
    fn phrases_of_every_factor_are_worded_and_names_stay() {
        let said = [
            ("time in stage", "in Proposal, late for 1234 days, 5.7 times the benchmark of won deals"),
            ("stage", "in Discovery, 1 move back, 2 stages skipped"),
            ("owner", "u00003, wins 38 % of deals, 33 % is the benchmark, 11 open deals"),
            ("amount", "468802.2 USD, up 1 % since the first, changed 1 time"),
            ("close date", "expected to close 1 day ago, pushed 3 times, 212 days in all"),
            ("activity", "last 19 days ago, 2 in the last 30 days, 6 in all"),
            ("last change", "nothing changed since creation"),
        ];
        let french = said.map(|(factor, value)| worded("fr", factor, value));
        assert_eq!(
            french,
            [
                "en Proposal, late depuis 1\u{202f}234 jours, 5,7 fois la durée de référence des opportunités gagnées",
                "en Discovery, 1 retour en arrière, 2 étapes sautées",
                "Vera Berg, gagne 38\u{202f}% des opportunités, 33\u{202f}% est la référence, 11 opportunités ouvertes",
                "468\u{202f}802,2 USD, 1\u{202f}% de plus qu'au début, modifié 1 fois",
                "clôture attendue il y a 1 jour, repoussée 3 fois, 212 jours en tout",
                "la dernière il y a 19 jours, 2 ces 30 derniers jours, 6 en tout",
                "rien n'a changé depuis la création",
            ]
        );
        assert_eq!(worded("en", "amount", "468802.2 USD, changed 2 times"), "468,802.2 USD, changed 2 times");
        assert_eq!(["en", "fr"].map(|code| worded(code, "CRM probability", "25 %")), ["25%", "25\u{202f}%"]);
    }

    #[test]
    fn prose_is_worded_part_by_part() {
        let french = Language::of("fr").expect("a language");
        let said = [
            "pushed by 12 days, push 3",
            "forward; skips Demo, Proposal; stalled (half of those that go on take 12)",
            "source=Inbound converts more; times differ, medians do not",
            "stalled, by learned thresholds",
            "somebody's own words",
        ];
        assert_eq!(
            said.map(|text| french.prose(text)),
            [
                "repoussée de 12 jours, report numéro 3",
                "en avant\u{202f}; saute Demo, Proposal\u{202f}; bloquée (la moitié de celles qui avancent mettent 12 jours)",
                "source=Inbound convertit plus\u{202f}; les durées diffèrent, les médianes non",
                "bloquée, selon les seuils appris",
                "somebody's own words",
            ]
        );
    }

    #[test]
    fn values_of_own_columns_are_data() {
        assert_eq!(worded("fr", "competitor", "in Bonn for 3 days"), "in Bonn for 3 days");
        assert_eq!(worded("fr", "competitor", "(missing)"), "(vide)");
        assert_eq!(worded("fr", "last_meeting", "41 days ago"), "il y a 41 jours");
        assert_eq!(worded("fr", "lead_score", "32"), "32");
    }
}
