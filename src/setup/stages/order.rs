//! In which order the open stages stand where no history shows it: by what people said, by a list of stages, by numbers in
//! their names, by the CRM's own chances, by what CRMs call them in any language, by how old the deals in them are.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::spelling::key;
use crate::presets::{Preset, presets};
use crate::setup::outcomes::bare;
use crate::setup::proposal::Sure;
use crate::setup::recognise::PLAIN;
use crate::setup::stages::words::spoken_place;

/// What is known of an open stage beside its name.
#[derive(Clone, Debug, Default)]
pub(crate) struct StagePlace {
    pub name: String,
    /// The CRM's own chance to win, and whether all its deals have the same.
    pub chance: Option<f64>,
    /// Mean days from the creation of deals to their end or to today.
    pub age: Option<f64>,
}

/// The names in order, what the order rests on, and how sure it is.
pub(crate) struct Ordered {
    pub names: Vec<String>,
    pub from: String,
    pub sure: Sure,
}

/// The open stages of one process in order.
pub(crate) fn in_order(places: &[StagePlace], own: &Preset, listed: &[String]) -> Ordered {
    let by = |rank: &dyn Fn(&StagePlace) -> Option<f64>| -> Option<Vec<String>> {
        let mut ranked: Vec<(f64, &str)> =
            places.iter().map(|place| Some((rank(place)?, place.name.as_str()))).collect::<Option<_>>()?;
        ranked.sort_by(|a, b| a.0.total_cmp(&b.0));
        let distinct = ranked.windows(2).all(|pair| pair[0].0 < pair[1].0);
        distinct.then(|| ranked.into_iter().map(|(_, name)| name.to_owned()).collect())
    };
    let ordered = |names, from: &str, sure| Ordered { names, from: from.to_owned(), sure };
    if places.len() < 2 {
        let names = places.iter().map(|place| place.name.clone()).collect();
        return ordered(names, "there is no other order", Sure::Certain);
    }
    let at = |names: &[String], place: &StagePlace| {
        names.iter().position(|name| key(name) == key(&place.name)).map(|at| at as f64)
    };
    if let Some(names) = by(&|place| at(listed, place)) {
        return ordered(names, "the list of stages has this order", Sure::Certain);
    }
    if let Some(names) = by(&|place| leading_number(&place.name)) {
        return ordered(names, "by the numbers in their names", Sure::Certain);
    }
    if let Some(names) = by(&|place| place.chance) {
        return ordered(names, "by the chance to win the CRM gives them", Sure::Likely);
    }
    for preset in std::iter::once(own).chain(presets()) {
        let Some(names) = by(&|place| exact_place(preset, &place.name).map(|at| at as f64)) else { continue };
        if preset.name == PLAIN {
            return ordered(names, "by what their names say", Sure::Likely);
        }
        return ordered(names, &format!("as {} has them out of the box", preset.title), Sure::Likely);
    }
    let known = places.iter().filter(|place| exact_place(own, &place.name).is_some()).count();
    if own.name != PLAIN
        && known * 2 >= places.len()
        && let Some(names) = by(&|place| near_place(own, &place.name).map(|at| at as f64))
    {
        return ordered(names, &format!("as {} has them, by what their names say", own.title), Sure::Likely);
    }
    if let Some(names) = by(&|place| spoken_place(&place.name).map(f64::from)) {
        return ordered(names, "by what their names say", Sure::Likely);
    }
    by_age(places)
}

/// By name where it speaks, and by the age of the deals where it does not or several say the same.
fn by_age(places: &[StagePlace]) -> Ordered {
    let mut spoken: Vec<(f64, Option<f64>, &str)> = Vec::new();
    let known: Vec<(f64, f64)> =
        places.iter().filter_map(|place| Some((f64::from(spoken_place(&place.name)?), place.age?))).collect();
    for place in places {
        let said = spoken_place(&place.name).map(f64::from);
        // behind the last known stage whose deals are younger
        let by_age = || {
            let age = place.age?;
            let before = known.iter().filter(|(_, other)| *other <= age).map(|(said, _)| *said);
            Some(before.fold(0.0, f64::max) + 0.5)
        };
        spoken.push((said.or_else(by_age).unwrap_or(100.0), place.age, &place.name));
    }
    let age = |age: Option<f64>| age.unwrap_or(f64::MAX);
    spoken.sort_by(|a, b| a.0.total_cmp(&b.0).then(age(a.1).total_cmp(&age(b.1))).then(a.2.cmp(b.2)));
    let aged = places.iter().all(|place| place.age.is_some());
    let from = if aged {
        "by what their names say and by how old the deals in them are: no history shows it"
    } else {
        "partly by the alphabet: nothing shows it, put them in order"
    };
    let sure = if aged { Sure::Likely } else { Sure::Assumed };
    Ordered { names: spoken.into_iter().map(|(.., name)| name.to_owned()).collect(), from: from.to_owned(), sure }
}

/// The number a name begins with.
fn leading_number(name: &str) -> Option<f64> {
    let name = name.trim_start_matches(|c: char| !c.is_alphanumeric());
    let digits: String = name.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

/// The place of a stage among those a CRM comes with, by its name in any language.
fn exact_place(preset: &Preset, name: &str) -> Option<usize> {
    let name = bare(name);
    preset.stages.iter().position(|stage| stage.names.iter().any(|known| bare(known) == name))
}

/// The same, or that of the one stage of the CRM whose name says the same.
fn near_place(preset: &Preset, name: &str) -> Option<usize> {
    let says = || {
        let spoken = spoken_place(name)?;
        let same: BTreeSet<usize> = preset
            .stages
            .iter()
            .enumerate()
            .filter(|(_, stage)| stage.names.first().and_then(|name| spoken_place(name)) == Some(spoken))
            .map(|(at, _)| at)
            .collect();
        if same.len() == 1 { same.first().copied() } else { None }
    };
    exact_place(preset, name).or_else(says)
}

/// In how many deals the first of two stages was entered before the second.
pub(crate) type StageMoves = BTreeMap<(String, String), u64>;

/// Deals that must have gone from one stage to the next to show that it comes next.
const FEWEST_MOVES: u64 = 3;
/// The share of them that must have gone this way.
const MOSTLY_FORWARD: f64 = 0.7;

/// What the history makes of an order it found: certain where deals went from each stage to the next; else the names decide
/// what it leaves open, as long as it does not say otherwise.
pub(crate) fn by_history(order: &[String], moves: &StageMoves, by_names: Ordered) -> Ordered {
    let went = |a: &String, b: &String| moves.get(&(a.clone(), b.clone())).copied().unwrap_or(0);
    let shown = |a: &String, b: &String| {
        let (forward, back) = (went(a, b), went(b, a));
        forward >= FEWEST_MOVES && forward as f64 >= MOSTLY_FORWARD * (forward + back) as f64
    };
    let unshown = order.windows(2).filter(|pair| !shown(&pair[0], &pair[1])).count();
    if unshown == 0 {
        let from = "the history shows which one deals enter first".to_owned();
        return Ordered { names: order.to_vec(), from, sure: Sure::Certain };
    }
    let pairs =
        || by_names.names.iter().enumerate().flat_map(|(at, a)| by_names.names[at + 1..].iter().map(move |b| (a, b)));
    let contradicted = pairs().any(|(a, b)| shown(b, a));
    if by_names.sure >= Sure::Assumed || contradicted {
        let from = format!("the history shows most of it, and too few moves for {unshown} of its steps");
        return Ordered { names: order.to_vec(), from, sure: Sure::Likely };
    }
    let from = format!("{}; the history has too few moves to show it", by_names.from);
    Ordered { from, sure: Sure::Likely, names: by_names.names }
}

/// The sums that give mean ages, by stage.
pub(crate) type Ages = BTreeMap<String, (f64, u64)>;

#[cfg(test)]
mod tests {
    use super::*;

    fn preset(name: &str) -> &'static Preset {
        presets().iter().find(|preset| preset.name == name).expect("a preset")
    }

    fn order(names: &[&str], own: &str) -> (Vec<String>, Sure) {
        let mut places: Vec<StagePlace> =
            names.iter().map(|name| StagePlace { name: (*name).to_owned(), ..StagePlace::default() }).collect();
        places.sort_by(|a, b| a.name.cmp(&b.name));
        let Ordered { names, sure, .. } = in_order(&places, preset(own), &[]);
        (names, sure)
    }

    #[test]
    fn stages_stand_in_order_in_every_language() {
        let processes: [(&str, &[&str]); 9] = [
            (
                "hubspot",
                &[
                    "Appointment Scheduled",
                    "Qualified To Buy",
                    "Presentation Scheduled",
                    "Decision Maker Bought-In",
                    "Contract Sent",
                ],
            ),
            (
                "hubspot",
                &[
                    "Termin vereinbart",
                    "Qualifiziert für Kauf",
                    "Präsentation geplant",
                    "Entscheidungsträger überzeugt",
                    "Vertrag gesendet",
                ],
            ),
            (
                "hubspot",
                &[
                    "Rendez-vous planifié",
                    "Qualifié pour l'achat",
                    "Présentation planifiée",
                    "Décideur convaincu",
                    "Contrat envoyé",
                ],
            ),
            (
                "pipedrive",
                &["Qualifié", "Contact établi", "Démo planifiée", "Proposition faite", "Négociations entamées"],
            ),
            ("salesforce", &["Prospección", "Calificación", "Propuesta", "Negociación"]),
            ("plain", &["Erstgespräch", "Bedarfsanalyse", "Angebot", "Verhandlung"]),
            ("plain", &["Anfrage", "Besichtigung", "Kostenangebot", "Auftragsverhandlung"]),
            ("plain", &["1 - Zulu", "2 - Yankee", "10 - Alpha"]),
            (
                "salesforce",
                &[
                    "Prospecting",
                    "Qualification",
                    "Needs Analysis",
                    "Value Proposition",
                    "Id. Decision Makers",
                    "Perception Analysis",
                    "Proposal/Price Quote",
                    "Negotiation/Review",
                ],
            ),
        ];
        for (own, names) in processes {
            assert_eq!(order(names, own).0, names, "{own}");
        }
    }

    #[test]
    fn a_history_is_certain_only_where_deals_went_from_each_stage_to_the_next() {
        let names = |all: &[&str]| all.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let by_names = || Ordered {
            names: names(&["New", "Demo", "Offer"]),
            from: "by what their names say".into(),
            sure: Sure::Likely,
        };
        let moves = |all: &[(&str, &str, u64)]| -> StageMoves {
            all.iter().map(|(a, b, deals)| (((*a).to_owned(), (*b).to_owned()), *deals)).collect()
        };
        let order = names(&["New", "Offer", "Demo"]);
        let all = by_history(&order, &moves(&[("New", "Offer", 9), ("Offer", "Demo", 9)]), by_names());
        assert_eq!((all.names, all.sure), (order.clone(), Sure::Certain));
        let few = by_history(&order, &moves(&[("New", "Offer", 9), ("Offer", "Demo", 1)]), by_names());
        assert_eq!((few.names, few.sure), (names(&["New", "Demo", "Offer"]), Sure::Likely));
        let against = by_history(&order, &moves(&[("New", "Offer", 1), ("Offer", "Demo", 9)]), by_names());
        assert_eq!((against.names, against.sure), (order, Sure::Likely), "what is shown stays");
    }

    #[test]
    fn chances_and_lists_of_stages_come_before_names() {
        let place = |name: &str, chance| StagePlace { name: name.to_owned(), chance: Some(chance), age: None };
        let places = [place("Alpha", 60.0), place("Beta", 10.0), place("Offer", 30.0)];
        let ordered = in_order(&places, preset("plain"), &[]);
        assert_eq!((ordered.names, ordered.sure), (vec!["Beta".into(), "Offer".into(), "Alpha".into()], Sure::Likely));
        let listed = ["Alpha", "Offer", "Beta"].map(str::to_owned);
        let ordered = in_order(&places, preset("plain"), &listed);
        assert_eq!((ordered.names, ordered.sure), (listed.to_vec(), Sure::Certain));
    }

    #[test]
    fn names_nobody_knows_go_by_the_age_of_their_deals() {
        let place = |name: &str, age| StagePlace { name: name.to_owned(), chance: None, age: Some(age) };
        let places = [place("Alpha", 90.0), place("Angebot", 50.0), place("Zulu", 5.0)];
        let ordered = in_order(&places, preset("plain"), &[]);
        assert_eq!(ordered.names, ["Zulu", "Angebot", "Alpha"]);
        assert_eq!(order(&["Alpha", "Zulu"], "plain").1, Sure::Assumed, "nothing tells");
    }
}
