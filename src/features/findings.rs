//! Names in `[features]` of the configuration that nothing has, in sentences.
//!
//! The configuration and what the deals are described by in, [`Finding`]s out.

use crate::config::FeatureConfig;
use crate::domain::spelling::nearest;
use crate::features::catalogue::{CandidateField, candidates};
use crate::features::context::FeatureContext;
use crate::report::finding::{Finding, Quantity, Subject};

/// A warning for every name in `features.exclude` and `features.force` that is no field and no column of the deals.
#[must_use]
pub fn unknown_names(config: &FeatureConfig, context: &FeatureContext<'_>) -> Vec<Finding> {
    let known = candidates(context);
    let of_key = |key: &'static str, names: &[String]| -> Vec<Finding> {
        let unknown = names.iter().filter(|name| !known.iter().any(|candidate| candidate.is_called(name)));
        unknown.map(|name| unknown_name(key, name, &known)).collect()
    };
    [of_key("features.exclude", &config.exclude), of_key("features.force", &config.force)].concat()
}

fn unknown_name(key: &'static str, name: &str, known: &[CandidateField]) -> Finding {
    let names = known.iter().flat_map(|candidate| [candidate.name.as_str(), candidate.column.as_str()]);
    let remedy = match nearest(name, names) {
        Some(guess) => format!("did you mean {guess:?}?"),
        None => "`dealcast features` lists the names there are".to_owned(),
    };
    let sentence = format!("`{key}` names {name:?}, which is no column of the deals and no field of the model");
    Finding::warning("config.unknown_feature", Subject::named("key", key), sentence)
        .with("name", Quantity::Text(name.to_owned()))
        .remedy(remedy)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::fixtures::{Case, pipeline};

    #[test]
    fn a_misspelt_name_is_told_with_the_one_that_may_be_meant() {
        let case = Case::of(&pipeline(20, |_| Vec::new()));
        let config =
            FeatureConfig { exclude: vec!["produkt".into(), "PRODUCT".into()], force: vec!["zzzzzzzz".into()] };
        let found = unknown_names(&config, &case.context());
        assert_eq!(found.len(), 2, "{found:?}");
        assert_eq!(
            found[0].line(),
            "`features.exclude` names \"produkt\", which is no column of the deals and no field of the model; did you \
             mean \"product\"?"
        );
        assert_eq!(found[1].remedy.as_deref(), Some("`dealcast features` lists the names there are"));
        assert!(unknown_names(&FeatureConfig::default(), &case.context()).is_empty());
    }
}
