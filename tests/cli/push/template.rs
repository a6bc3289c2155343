//! The target by template, against doubles of the interfaces it describes.

use super::double::Double;
use super::scene::{books, count, desk, plan, scored};
use super::secrets::run_all;
use super::suite::{Peer, assert_all_right, goes_all_the_way, stands_every_fault, stops_and_goes_on};
use super::template_double::{KEY, TemplateDouble};
use crate::harness::Desk;

const RUN: &str = "numbered";

/// As the documentation shows it for Dynamics 365.
fn dataverse(url: &str, secret: &str) -> String {
    format!(
        "[push.crm]\ntarget = \"template\"\nurl = \"{url}\"\nsecret = {secret}\nmax_reject_share = 1.0\n\
         [push.crm.fields]\nprobability = \"new_winchance\"\nscore = \"new_winscore\"\nscored_at = \"new_scoredon\"\n\
         [push.crm.template]\nread = {{ path = \"/api/data/v9.2/opportunities({{id}})?$select={{fields}}\" }}\n\
         write = {{ method = \"PATCH\", path = \"/api/data/v9.2/opportunities({{id}})\" }}\n\
         [push.crm.template.list]\npath = \"/api/data/v9.2/opportunities?$select=opportunityid,{{fields}}\"\nresults = \"/value\"\nid = \"/opportunityid\"\n\
         next = \"/@odata.nextLink\"\n"
    )
}

/// As the documentation shows it for a service of the house.
fn house(url: &str) -> String {
    format!(
        "[push.crm]\ntarget = \"template\"\nurl = \"{url}\"\nsecret = {{ file = \"key\" }}\nmax_reject_share = 1.0\n\
         [push.crm.fields]\nprobability = \"winChance\"\ngrade = \"grade\"\n\
         [push.crm.template]\nheaders = {{ X-House-Key = \"{{secret}}\" }}\nread = {{ path = \"/house/deals/{{id}}\", fields = \"/custom\" }}\n\
         list = {{ path = \"/house/deals?offset={{offset}}\", results = \"/data/items\", id = \"/key\", fields = \"/custom\" }}\n\
         [push.crm.template.write]\nmethod = \"POST\"\nonly_updates = true\npath = \"/house/deals/update\"\nbatch = 20\n\
         body = {{ source = \"dealcast\", rows = \"{{items}}\" }}\nitem = {{ key = \"{{id}}\", set = \"{{values}}\" }}\n\
         answer = {{ results = \"/results\", id = \"/key\", error = \"/problem\", fields = \"/stored\" }}\n"
    )
}

/// As the documentation shows it for Directus.
fn directus(url: &str) -> String {
    format!(
        "[push.crm]\ntarget = \"template\"\nurl = \"{url}\"\nsecret = {{ file = \"key\" }}\nmax_reject_share = 1.0\n\
         [push.crm.fields]\nprobability = \"win_probability\"\ngrade = \"win_grade\"\n\
         [push.crm.template]\nread = {{ path = \"/items/deals?filter[id][_eq]={{id}}&fields=id,{{fields}}\", fields = \"/data/0\" }}\n\
         list = {{ path = \"/items/deals?fields=id,{{fields}}&sort=id&limit=15&offset={{offset}}\", results = \"/data\" }}\n\
         [push.crm.template.write]\nmethod = \"PATCH\"\nonly_updates = true\npath = \"/items/deals\"\nbatch = 20\n\
         body = \"{{items}}\"\nitem = {{ id = \"{{id}}\", \"...\" = \"{{values}}\" }}\n\
         answer = {{ results = \"/data\", id = \"/id\", fields = \"\" }}\n"
    )
}

fn with_key(config: &str) -> Desk {
    let desk = desk(config);
    desk.write("key", format!("{KEY}\n"));
    desk
}

pub fn double() -> Double<TemplateDouble> {
    let double = Double::start(TemplateDouble::new(scored(RUN).iter().map(|deal| deal.deal.as_str())));
    double.crm().url.clone_from(&double.url);
    double
}

/// A desk for the interface of Dataverse at `url`.
pub fn dataverse_desk(url: &str) -> Desk {
    with_key(&dataverse(url, "{ file = \"key\" }"))
}

/// A desk for the service of the house at `url`.
pub fn house_desk(url: &str) -> Desk {
    with_key(&house(url))
}

/// Every interface.
fn each(test: impl Fn(&Double<TemplateDouble>, &Desk)) {
    for desk in [dataverse_desk, house_desk, |url: &str| with_key(&directus(url))] {
        let double = double();
        test(&double, &desk(&double.url));
        assert_eq!(double.crm().created, 0);
    }
}

#[test]
fn scores_are_planned_written_read_again_and_planned_as_unchanged() {
    each(|double, desk| goes_all_the_way(double, desk, RUN));
}

#[test]
fn whatever_becomes_of_an_answer_every_deal_ends_right_and_is_written_once() {
    each(|double, desk| stands_every_fault(double, desk, RUN));
}

#[test]
fn a_quota_and_a_refused_key_stop_it_and_a_record_that_is_gone_is_not_created_anew() {
    each(|double, desk| stops_and_goes_on(double, desk, RUN));
}

#[test]
fn a_batch_says_of_each_record_what_became_of_it_and_is_halved_where_one_spoils_it() {
    let (double, deals) = (double(), scored(RUN));
    let desk = with_key(&house(&double.url));
    plan(&desk, RUN);
    double.crm().refused = vec![deals[3].deal.clone()];
    double.crm().spoilers = vec![deals[6].deal.clone()];
    double.crm().remove(&deals[9].deal);
    let told = desk.run("push apply --format csv");
    assert_eq!(told.code, 5, "{}", told.stderr);
    for line in ["rejected,locked by finance,1", "rejected,a row is wrong,1", "missing,no such deal,1"] {
        assert!(told.stdout.contains(line), "{line}: {}", told.stdout);
    }
    let left: Vec<&str> = [3, 6, 9].iter().map(|at| deals[*at].deal.as_str()).collect();
    assert_all_right(&double, RUN, &left);
    assert!(double.crm().requests < deals.len() / 2, "{} requests", double.crm().requests);
    double.crm().refused.clear();
    double.crm().spoilers.clear();
    desk.ok("push retry");
    assert_eq!(count(&books(&desk), "written"), deals.len() - 1);
}

#[test]
fn a_server_that_says_it_created_something_ends_the_push_and_without_a_condition_it_would() {
    let double = double();
    let desk = with_key(&dataverse(&double.url, "{ file = \"key\" }"));
    plan(&desk, RUN);
    double.crm().says_created = true;
    let stopped = desk.run("push apply");
    assert!(stopped.stderr.contains("created something (201)"), "{}", stopped.stderr);
    assert_eq!(double.crm().writes.len(), 1);
    // What `If-Match: *` is for.
    let double = self::double();
    let config = dataverse(&double.url, "{ file = \"key\" }").replace("method = \"PATCH\"", "if_match = false");
    let desk = with_key(&config);
    plan(&desk, RUN);
    double.crm().remove(&scored(RUN)[2].deal);
    desk.run("push apply");
    assert_eq!(double.crm().created, 1, "the double does create where nothing forbids it");
}

#[test]
fn a_login_gives_the_token_and_one_that_ends_is_asked_for_again() {
    let (double, deals) = (double(), scored(RUN).len());
    let login =
        format!("[push.crm.login]\ntoken_url = \"{}/token\"\nclient_id = \"dealcast\"\nscope = \"all\"\n", double.url);
    let desk = with_key(&(dataverse(&double.url, "{ file = \"key\" }") + &login));
    double.crm().session_length = 25;
    plan(&desk, RUN);
    desk.ok("push apply");
    assert_eq!(count(&books(&desk), "written"), deals);
    assert_all_right(&double, RUN, &[]);
    assert!(double.crm().logins > 2, "{} logins", double.crm().logins);
}

#[test]
fn the_key_is_seen_nowhere() {
    let double = double();
    run_all(&desk(&dataverse(&double.url, "{ env = \"ESPO_KEY\" }")), KEY, RUN, &|| {});
    assert!(!double.crm().writes.is_empty(), "the key was used");
}
