//! Headers and names of stages that people made up themselves, to what they speak of: one data file of words per language.
//!
//! A word is of a header where the header has a word that begins with it; in scripts that write no blanks, where the header
//! has it at all. What the column holds is for `setup` to look at.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

use crate::domain::inputs::InputTable;
use crate::domain::spelling::key;
use crate::presets::role::TableRole;

/// The text of each language's file.
const FILES: [&str; 9] = [
    include_str!("words/ar.toml"),
    include_str!("words/it.toml"),
    include_str!("words/ja.toml"),
    include_str!("words/ko.toml"),
    include_str!("words/pl.toml"),
    include_str!("words/pt.toml"),
    include_str!("words/ru.toml"),
    include_str!("words/tr.toml"),
    include_str!("words/zh.toml"),
];

/// What a header means that stands for no column of ours.
const OTHER: &str = "other";

type WordsByColumn = BTreeMap<String, Vec<String>>;

/// The words of one language.
#[derive(Debug, Deserialize)]
struct LanguageWords {
    /// In English.
    name: String,
    /// Of stages, by their place in a process.
    stages: WordsByColumn,
    /// Of the columns of each table.
    #[serde(flatten)]
    tables: BTreeMap<String, WordsByColumn>,
}

impl LanguageWords {
    fn of(&self, role: TableRole) -> Option<&WordsByColumn> {
        self.tables.get(role.name())
    }
}

/// An entry in plain letters, word by word.
type PlainEntry = Vec<String>;

fn plain_entry(entry: &str) -> PlainEntry {
    let plain: String = entry.to_lowercase().chars().filter_map(plain_letter).collect();
    plain.split(' ').map(str::to_owned).collect()
}

/// The words for the columns of each table.
struct ColumnWords {
    column: &'static str,
    language: &'static str,
    entries: Vec<PlainEntry>,
}

fn words_of(role: TableRole) -> &'static [ColumnWords] {
    static WORDS: OnceLock<BTreeMap<TableRole, Vec<ColumnWords>>> = OnceLock::new();
    let of_role = |role: TableRole| {
        let columns = languages().iter().flat_map(move |words| {
            words.of(role).into_iter().flatten().map(|(column, entries)| (words.name.as_str(), column, entries))
        });
        let plain = columns.map(|(language, column, entries)| ColumnWords {
            column,
            language,
            entries: entries.iter().map(|entry| plain_entry(entry)).collect(),
        });
        (role, plain.collect())
    };
    let roles = || InputTable::ALL.iter().map(|table| TableRole::Input(*table));
    WORDS.get_or_init(|| roles().map(of_role).collect()).get(&role).map_or(&[], Vec::as_slice)
}

/// What a header speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpokenColumn {
    /// The canonical column.
    pub column: &'static str,
    /// How many letters of the header say so.
    pub letters: usize,
    /// The language, in English.
    pub language: &'static str,
}

fn languages() -> &'static [LanguageWords] {
    static LANGUAGES: OnceLock<Vec<LanguageWords>> = OnceLock::new();
    LANGUAGES.get_or_init(|| FILES.iter().filter_map(|text| toml::from_str(text).ok()).collect())
}

/// The languages, in English.
pub(super) fn own_languages() -> impl Iterator<Item = &'static str> {
    languages().iter().map(|words| words.name.as_str())
}

/// The canonical columns of a table that `header` speaks of, by the words that explain most of it; none where those say
/// that it is something else.
#[must_use]
pub fn spoken_columns(role: TableRole, header: &str) -> Vec<SpokenColumn> {
    let header = HeaderWords::of(header);
    let mut best: Vec<SpokenColumn> = Vec::new();
    for words in words_of(role) {
        let Some(letters) = words.entries.iter().filter_map(|entry| header.letters_of(entry)).max() else { continue };
        let most = best.first().map_or(0, |first| first.letters);
        if letters > most {
            best.clear();
        }
        if letters >= most {
            best.push(SpokenColumn { column: words.column, letters, language: words.language });
        }
    }
    if best.iter().any(|spoken| spoken.column == OTHER) { Vec::new() } else { best }
}

/// The latest place in a process that the name of a stage speaks of in any of the languages.
#[must_use]
pub fn spoken_place(name: &str) -> Option<u8> {
    let name = HeaderWords::of(name);
    let places = languages().iter().flat_map(|words| &words.stages);
    let spoken =
        places.filter(|(_, entries)| entries.iter().any(|entry| name.letters_of(&plain_entry(entry)).is_some()));
    spoken.filter_map(|(place, _)| place.parse().ok()).max()
}

/// A header in plain letters, and its words.
struct HeaderWords {
    letters: String,
    words: Vec<String>,
}

impl HeaderWords {
    fn of(header: &str) -> Self {
        let plain: String = header.to_lowercase().chars().filter_map(plain_letter).collect();
        let words = plain.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned);
        Self { letters: key(&plain), words: words.collect() }
    }

    /// How many letters the words of `entry` have, if the header has all of them.
    fn letters_of(&self, entry: &PlainEntry) -> Option<usize> {
        entry.iter().map(|part| self.has(part).then(|| part.chars().count())).sum()
    }

    fn has(&self, part: &str) -> bool {
        if part.contains(has_no_blanks) {
            return self.letters.contains(part);
        }
        // words of two letters mean what they say as a whole only, and an article may be grown on in front
        let begins = |word: &str| if part.chars().count() <= 2 { word == part } else { word.starts_with(part) };
        self.words.iter().any(|word| begins(word) || word.strip_prefix("ال").is_some_and(begins))
    }
}

/// Whether a letter is of a script that puts no blanks between words, or grows them together.
fn has_no_blanks(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}')
}

/// A letter as people write it who leave its marks out; nothing for a mark of its own.
fn plain_letter(c: char) -> Option<char> {
    Some(match c {
        'á' | 'à' | 'â' | 'ã' | 'ä' | 'ą' => 'a',
        'ç' | 'ć' | 'č' => 'c',
        'é' | 'è' | 'ê' | 'ë' | 'ę' | 'ě' => 'e',
        'ğ' => 'g',
        'í' | 'ì' | 'î' | 'ï' | 'ı' => 'i',
        'ł' => 'l',
        'ń' | 'ñ' | '№' => 'n',
        'ó' | 'ò' | 'ô' | 'õ' | 'ö' | 'º' => 'o',
        'ś' | 'ş' | 'š' => 's',
        'ú' | 'ù' | 'û' | 'ü' => 'u',
        'ź' | 'ż' | 'ž' => 'z',
        'ё' => 'е',
        'أ' | 'إ' | 'آ' => 'ا',
        'ة' => 'ه',
        'ى' => 'ي',
        // marks above and below letters, and the stroke that stretches an Arabic word
        '\u{300}'..='\u{36f}' | '\u{64b}'..='\u{652}' | '\u{640}' => return None,
        other => other,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_well_formed_and_speaks_of_declared_columns() {
        for text in FILES {
            let words: LanguageWords = toml::from_str(text).unwrap_or_else(|error| panic!("{error}"));
            assert!(words.tables.contains_key(InputTable::Deals.name()), "{}", words.name);
            for (table, columns) in &words.tables {
                let role = TableRole::Input(InputTable::from_name(table).expect("an input table"));
                let mut seen = std::collections::BTreeSet::new();
                for (column, entries) in columns {
                    assert!(column == OTHER || role.has_column(column), "{}: {table} {column}", words.name);
                    for entry in entries {
                        assert!(seen.insert(entry), "{}: {table} has {entry:?} twice", words.name);
                    }
                }
            }
            assert!(words.stages.keys().all(|place| place.parse::<u8>().is_ok()), "{}", words.name);
        }
        assert_eq!(languages().len(), FILES.len());
    }

    #[test]
    fn the_words_that_explain_most_of_a_header_count() {
        let deals = TableRole::Input(InputTable::Deals);
        for (header, column) in [
            ("受注予定日", "expected_close_date"),
            ("受注日", "closed_at"),
            ("見込金額（円）", "amount"),
            ("Планируемая дата закрытия", "expected_close_date"),
            ("Дата закрытия", "closed_at"),
            ("Сумма сделки, руб.", "amount"),
            ("Przewidywana data zamkniecia", "expected_close_date"),
            ("TAHMİNİ KAPANIŞ TARİHİ", "expected_close_date"),
            ("Valor da oportunidade (R$)", "amount"),
            ("تاريخ الإغلاق المتوقع", "expected_close_date"),
            ("المبلغ", "amount"),
            ("예상 마감일", "expected_close_date"),
            ("预计成交日期", "expected_close_date"),
        ] {
            let spoken: Vec<&str> = spoken_columns(deals, header).iter().map(|spoken| spoken.column).collect();
            assert!(!spoken.is_empty() && spoken.iter().all(|of| *of == column), "{header}: {spoken:?}");
        }
        for header in ["先方担当者", "Дата изменения", "Kappa", "data modifica", "Notatki"] {
            assert_eq!(spoken_columns(deals, header), [], "{header}");
        }
    }

    #[test]
    fn stages_speak_of_their_places() {
        assert!(spoken_place("初回訪問") < spoken_place("見積提示"));
        assert!(spoken_place("Первичный контакт") < spoken_place("Согласование договора"));
        assert_eq!(spoken_place("Kappa"), None);
    }
}
