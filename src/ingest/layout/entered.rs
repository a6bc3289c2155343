//! Headers of columns that hold the day a deal entered a stage, as exports with one such column per stage write them.

/// The stage of a header such as `Date entered "Demo (Sales Pipeline)"`; nothing for any other header.
pub(crate) fn stage_entered(header: &str) -> Option<&str> {
    const BEGINNING: &str = "date entered ";
    let beginning = header.get(..BEGINNING.len()).filter(|start| start.eq_ignore_ascii_case(BEGINNING))?;
    let rest = header[beginning.len()..].trim();
    let quoted = rest.strip_prefix(['"', '\'', '\u{201c}']).and_then(|rest| rest.strip_suffix(['"', '\'', '\u{201d}']));
    let stage = quoted?.trim();
    // the pipeline stands behind the stage
    let own = stage.strip_suffix(')').and_then(|stage| stage.rfind(" (").map(|at| stage[..at].trim()));
    Some(own.unwrap_or(stage)).filter(|stage| !stage.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_names_its_stage() {
        assert_eq!(stage_entered("Date entered \"Demo (Sales Pipeline)\""), Some("Demo"));
        assert_eq!(stage_entered("Date Entered 'Offer (draft) (Renewal)'"), Some("Offer (draft)"));
        assert_eq!(stage_entered("date entered \"Won\""), Some("Won"));
        for header in
            ["Date entered", "Date exited \"Demo (P)\"", "Date entered Demo", "Date entered \"\"", "D\u{e4}te entered"]
        {
            assert_eq!(stage_entered(header), None, "{header}");
        }
    }
}
