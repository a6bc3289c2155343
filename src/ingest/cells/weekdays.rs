//! Names of weekdays in the languages spreadsheets and CRMs write dates in: what may stand before a date. Any other word
//! there says something else (`before 5 Jan 2026`), and the cell is no date.

/// The weekdays of a language.
const LANGUAGES: &[&str] = &[
    "monday tuesday wednesday thursday friday saturday sunday",
    "montag dienstag mittwoch donnerstag freitag samstag sonntag sonnabend",
    "lundi mardi mercredi jeudi vendredi samedi dimanche",
    "lunes martes miércoles miercoles jueves viernes sábado sabado domingo",
    "dilluns dimarts dimecres dijous divendres dissabte diumenge",
    "lunedì martedì mercoledì giovedì venerdì sabato domenica",
    "segunda terça terca quarta quinta sexta sábado domingo feira",
    "maandag dinsdag woensdag donderdag vrijdag zaterdag zondag",
    "måndag tisdag onsdag torsdag fredag lördag söndag",
    "mandag tirsdag onsdag torsdag fredag lørdag søndag",
    "maanantai tiistai keskiviikko torstai perjantai lauantai sunnuntai",
    "poniedziałek wtorek środa czwartek piątek sobota niedziela",
    "pondělí úterý středa čtvrtek pátek sobota neděle",
    "pondelok utorok streda štvrtok piatok sobota nedeľa",
    "hétfő kedd szerda csütörtök péntek szombat vasárnap",
    "luni marți miercuri joi vineri sâmbătă duminică",
    "pazartesi salı çarşamba perşembe cuma cumartesi pazar",
    "δευτέρα τρίτη τετάρτη πέμπτη παρασκευή σάββατο κυριακή",
    "понедельник вторник среда четверг пятница суббота воскресенье",
    "понеділок вівторок середа четвер пʼятниця субота неділя",
    "senin selasa rabu kamis jumat sabtu minggu",
    "月曜日 火曜日 水曜日 木曜日 金曜日 土曜日 日曜日",
    "星期一 星期二 星期三 星期四 星期五 星期六 星期日 周一 周二 周三 周四 周五 周六 周日",
    "월요일 화요일 수요일 목요일 금요일 토요일 일요일",
];

/// What is shorter than three letters and no beginning of a name, but usual.
const SHORT: &[&str] = &[
    "mo", "tu", "we", "th", "fr", "sa", "su", "di", "mi", "do", "so", "ma", "wo", "vr", "za", "zo", "пн", "вт", "ср",
    "чт", "пт", "сб", "вс", "śr", "pn", "wt", "cz", "pt", "nd", "月", "火", "水", "木", "金", "土", "日",
];

/// Fewer letters of a name are no abbreviation of it, but those in [`SHORT`].
const SHORTEST: usize = 3;

/// Whether a word is a weekday, in full or cut short.
#[must_use]
pub(super) fn is_weekday(word: &str) -> bool {
    let word = word.trim_matches(['.', ',']).to_lowercase();
    let begins_one = |name: &str| name.starts_with(&*word);
    SHORT.contains(&&*word)
        || (word.chars().count() >= SHORTEST && LANGUAGES.iter().flat_map(|names| names.split(' ')).any(begins_one))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weekdays_are_known_and_other_words_are_none() {
        for word in ["Mon", "Donnerstag", "mar.", "Mi.,", "вт", "水曜日", "czw", "SEX"] {
            assert!(is_weekday(word), "{word}");
        }
        for word in ["soon", "before", "not", "vers", "x", "", "bis", "until"] {
            assert!(!is_weekday(word), "{word}");
        }
    }
}
