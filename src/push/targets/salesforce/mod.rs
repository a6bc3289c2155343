//! Salesforce, as its public documentation says (API version 62.0): opportunities by the REST interface, many at once by
//! Bulk API 2.0.

mod answers;
mod ids;
mod jobs;
mod opportunities;
mod rows;
mod score_object;

pub(in crate::push) use ids::is_salesforce_id;
pub(in crate::push::targets) use opportunities::Salesforce;
pub(in crate::push::targets) use score_object::ScoreObject;
