//! Names of months in the languages spreadsheets and CRMs write dates in, and the words beside them.

/// The months of a language, January first.
const LANGUAGES: &[&str] = &[
    "january february march april may june july august september october november december",
    "januar februar märz april mai juni juli august september oktober november dezember",
    "jänner feber mrz april mai juni juli august september oktober november dezember",
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "gener febrer març abril maig juny juliol agost setembre octubre novembre desembre",
    "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "januari februari maart april mei juni juli augustus september oktober november december",
    "januari februari mars april maj juni juli augusti september oktober november december",
    "januar februar marts april maj juni juli august september oktober november desember",
    "tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta heinäkuuta elokuuta syyskuuta lokakuuta marraskuuta joulukuuta",
    "styczeń luty marzec kwiecień maj czerwiec lipiec sierpień wrzesień październik listopad grudzień",
    "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
    "leden únor březen duben květen červen červenec srpen září říjen listopad prosinec",
    "ledna února března dubna května června července srpna září října listopadu prosince",
    "januára februára marca apríla mája júna júla augusta septembra októbra novembra decembra",
    "január február március április május június július augusztus szeptember október november december",
    "ianuarie februarie martie aprilie mai iunie iulie august septembrie octombrie noiembrie decembrie",
    "ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık",
    "ιανουαρίου φεβρουαρίου μαρτίου απριλίου μαΐου ιουνίου ιουλίου αυγούστου σεπτεμβρίου οκτωβρίου νοεμβρίου δεκεμβρίου",
    "январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь",
    "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    "січень лютий березень квітень травень червень липень серпень вересень жовтень листопад грудень",
    "січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня",
    "januari februari maret april mei juni juli agustus september oktober november desember",
    "janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre",
    "januar februar maerz april mai juni juli august september oktober november dezember",
    "ocak subat mart nisan mayis haziran temmuz agustos eylul ekim kasim aralik",
    "jan feb mrt apr mei jun jul aug sep okt nov dec",
    "led úno bře dub kvě čvn čvc srp zář říj lis pro",
];

/// Fewer letters of a name are no abbreviation of it.
const SHORTEST: usize = 3;

/// Words between the parts of a date.
const BETWEEN: &[&str] = &[
    "de", "del", "di", "do", "da", "of", "the", "den", "der", "le", "am", "à", "á", "a", "at", "um", "alle", "ore",
    "kl", "klo", "o", "в", "г", "год", "года", "р", "року", "om", "v", "m",
];

/// The month, 1 to 12, whose name a word is, in full or cut short.
#[must_use]
pub(super) fn month_of(word: &str) -> Option<u32> {
    let word = word.to_lowercase();
    if word.chars().count() < SHORTEST {
        return None;
    }
    let language = LANGUAGES.iter().find(|language| language.split(' ').any(|name| name.starts_with(&*word)))?;
    let months = || (1..).zip(language.split(' '));
    let whole = months().find(|(_, name)| *name == word);
    let mut begun = months().filter(|(_, name)| name.starts_with(&*word));
    // `jui` may be juin or juillet
    let only = begun.next().filter(|_| begun.next().is_none());
    whole.or(only).map(|(month, _)| month)
}

/// Whether a word only joins the parts of a date.
#[must_use]
pub(super) fn stands_between(word: &str) -> bool {
    BETWEEN.contains(&word.to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_that_of_its_month_only() {
        for language in LANGUAGES {
            for (month, name) in (1..).zip(language.split(' ')) {
                assert_eq!(month_of(name), Some(month), "{name}");
            }
        }
    }

    #[test]
    fn names_are_cut_short() {
        for (word, month) in [("Sept", 9), ("févr", 2), ("Mär", 3), ("июн", 6), ("AVR", 4), ("sie", 8), ("juil", 7)]
        {
            assert_eq!(month_of(word), Some(month), "{word}");
        }
        for word in ["Offer", "Q1", "Montag", "Market", "Project", "Ma", "Marketing", "jui"] {
            assert_eq!(month_of(word), None, "{word}");
        }
    }
}
