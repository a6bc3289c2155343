//! Of which day a dated copy is, by the name of its file.

use std::collections::BTreeSet;

use crate::domain::day::Day;

/// The day in a file's name: `deals_2026-01-05.csv`, `deals-20260105.csv`. None where it has none, or several.
pub(crate) fn day_in_name(file: &str) -> Option<Day> {
    let digits: Vec<&str> = file.split(|sign: char| !sign.is_ascii_digit()).filter(|part| !part.is_empty()).collect();
    let compact =
        digits.iter().filter(|part| part.len() == 8).filter_map(|part| day_of([&part[..4], &part[4..6], &part[6..]]));
    let parted = digits.windows(3).filter_map(|parts| match parts {
        [year, month, day] if (year.len(), month.len(), day.len()) == (4, 2, 2) => day_of([year, month, day]),
        _ => None,
    });
    let days: BTreeSet<Day> = compact.chain(parted).collect();
    days.first().copied().filter(|_| days.len() == 1)
}

fn day_of([year, month, day]: [&str; 3]) -> Option<Day> {
    let day = Day::from_ymd(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)?;
    Some(day).filter(|day| day.may_be_given())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_files_name_has_one_day() {
        let day = Day::from_ymd(2026, 1, 5);
        for name in
            ["deals_2026-01-05.csv", "20260105 deals.parquet", "hubspot-1234-2026_01_05.csv", "x.2026.01.05.csv.gz"]
        {
            assert_eq!(day_in_name(name), day, "{name}");
        }
        for name in ["deals.csv", "deals_2026-13-05.csv", "2026-01-05_2026-01-12.csv", "deals_05-01-2026.csv"] {
            assert_eq!(day_in_name(name), None, "{name}");
        }
    }
}
