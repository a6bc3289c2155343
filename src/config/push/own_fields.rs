//! Which fields of a CRM does a score never overwrite? A name in, whether it is one of them out.

/// Fields of the CRMs' own that a score never overwrites, lower case, without blanks and marks: the chance by stage, what is
/// computed from it, and what identifies or closes a deal.
const OWN_FIELDS: [&str; 26] = [
    "probability",
    "dealprobability",
    "hsdealstageprobability",
    "hsforecastprobability",
    "closeprobability",
    "automatedprobability",
    "expectedrevenue",
    "forecastamount",
    "weightedrevenue",
    "amount",
    "amountweightedconverted",
    "estimatedvalue",
    "id",
    "recordid",
    "hsobjectid",
    "opportunityid",
    "opportunitynumber",
    "potentialno",
    "stage",
    "stagename",
    "salesstage",
    "dealstage",
    "closedate",
    "closingdate",
    "closingdatetime",
    "expectedclosedate",
];

/// A name in lower case, without blanks and marks.
pub(super) fn bare(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Whether a bare name is one of the CRMs' own fields.
pub(super) fn is_the_crms_own(bare: &str) -> bool {
    OWN_FIELDS.contains(&bare)
}
