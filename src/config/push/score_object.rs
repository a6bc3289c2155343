//! An object of scores beside the opportunities: named with its lookup, and only where there are such.

use crate::config::fault::Fault;
use crate::config::push::choices::PushTarget;
use crate::config::push::section::PushConfig;

impl PushConfig {
    pub(super) fn check_score_object(&self, name: &str) -> Result<(), Fault> {
        let fault = |key: &str, got: &str, expected: &str| Err(Fault::new(format!("push.{name}.{key}"), got, expected));
        let is_api_name = |given: &str| {
            given.ends_with("__c") && given.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
        };
        match (&self.object, &self.deal_field) {
            (None, None) => Ok(()),
            (Some(_), _) if self.target != PushTarget::Salesforce => {
                fault("object", "there", "none: only salesforce has objects of scores")
            }
            (Some(_), None) => {
                fault("deal_field", "absent", "the object's lookup to the opportunity, such as Opportunity__c")
            }
            (None, Some(_)) => {
                fault("object", "absent", "the object whose lookup deal_field is, such as Deal_Score__c")
            }
            (Some(object), Some(lookup)) => {
                let names = [("object", object), ("deal_field", lookup)];
                match names.into_iter().find(|(_, given)| !is_api_name(given)) {
                    Some((key, given)) => fault(key, &format!("{given:?}"), "an API name, which ends in __c"),
                    None => Ok(()),
                }
            }
        }
    }
}
