//! Where a model ends, in sentences: of its card, for people and for programs.

use crate::model::win_model::WinModel;

/// Where the model ends, in sentences.
pub(super) fn limits_of(model: &WinModel) -> [String; 4] {
    let (young, far) = if model.training.dated {
        (
            format!(
                "Rows of the last {} days teach nothing yet; what changed since then is not in the model.",
                model.horizon_days
            ),
            format!(
                "Nothing is known beyond {} days; from there the pace of closings falls in proportion to the days passed.",
                model.period.longest_days
            ),
        )
    } else {
        (
            "Closed deals count as they stand now; whether their columns said the same while they were open is not known."
                .to_owned(),
            "There are no chances by the end of a period, and no expected closing days.".to_owned(),
        )
    };
    [
        young,
        "A column exported without history is seen as it stands now. The leak hunter removes what tells the outcome, not \
         what hints at it."
            .to_owned(),
        "Contributions say what the model goes by, not what causes a win.".to_owned(),
        far,
    ]
}
