//! `[push.NAME.template]`: an interface nobody wrote a target for, described by its addresses, its bodies and the places in its
//! answers.
//!
//! Checked so that it can only update: an address names the record, POST and batches are taken only where somebody says that they
//! cannot create.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::config::fault::Fault;

/// A REST interface, described.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TemplateConfig {
    /// Headers of every request; `{secret}` is the secret. `Authorization = "Bearer {secret}"` when absent. Where there is a
    /// `login`, its token stands in `Authorization`, and headers with `{secret}` are left out.
    #[serde(default = "bearer")]
    pub headers: BTreeMap<String, String>,
    /// What fields take, where that is not what goes in.
    #[serde(default)]
    pub kinds: BTreeMap<String, TemplateKind>,
    /// How one record is read.
    pub read: TemplateRead,
    /// How many are read page by page; one by one when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list: Option<TemplateList>,
    /// How records are updated.
    pub write: TemplateWrite,
}

/// What a field takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TemplateKind {
    /// Numbers with decimals.
    Number,
    /// Whole numbers.
    Integer,
    /// Text.
    Text,
    /// Days: `2027-01-05`.
    Date,
}

/// How one record is read: GET, 404 where there is none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TemplateRead {
    /// Path below `url`, with `{id}`; `{fields}` are the names of the fields, separated by commas.
    pub path: String,
    /// Where in the answer the object with the fields is (a JSON pointer); the answer itself when absent. Of a search it is the
    /// first one found, `/data/0`: where that list is empty there is no such record.
    #[serde(default)]
    pub fields: String,
}

/// How records are read page by page: GET.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TemplateList {
    /// Path below `url`: `{fields}`, and how a page is named: `{offset}` (records before it), `{page}` (from 1) or `{cursor}`.
    pub path: String,
    /// Where in the answer the list is.
    #[serde(default)]
    pub results: String,
    /// Where in a record its id is.
    #[serde(default = "id_pointer")]
    pub id: String,
    /// Where in a record the object with the fields is; the record itself when absent.
    #[serde(default)]
    pub fields: String,
    /// Where in the answer the next cursor, or the address of the next page, is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// How records are updated.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TemplateWrite {
    /// How it is sent.
    #[serde(default)]
    pub method: TemplateMethod,
    /// Path below `url`; with `{id}`, where records go one by one.
    pub path: String,
    /// The body: the text `{values}` becomes the object of the changed fields, `{id}` the id, `{id:number}` the id as a number,
    /// `{items}` the list of a batch.
    #[serde(default = "values_alone")]
    pub body: Value,
    /// One record of a batch, of the same texts. Under the name `...` the fields stand beside the id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<Value>,
    /// Most records of one request.
    #[serde(default = "one")]
    pub batch: u32,
    /// Whether this path updates and cannot create: to be said of POST and of batches, whose address names no record.
    #[serde(default)]
    pub only_updates: bool,
    /// Whether `If-Match: *` goes along: a server that knows it then never creates.
    #[serde(default = "yes")]
    pub if_match: bool,
    /// Where in an answer is what.
    #[serde(default)]
    pub answer: TemplateAnswer,
}

/// Methods that can update.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum TemplateMethod {
    /// PATCH.
    #[default]
    Patch,
    /// PUT.
    Put,
    /// POST, where `only_updates` says that it cannot create.
    Post,
}

/// Where in an answer to a write is what (JSON pointers).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TemplateAnswer {
    /// The list of results of a batch; the status counts for all of them when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub results: Option<String>,
    /// The id in a result; results are in the order of the batch when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The error in a result; none where it is absent, null, false or empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The object with the fields as they are stored; records are read again when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fields: Option<String>,
}

fn bearer() -> BTreeMap<String, String> {
    BTreeMap::from([("Authorization".to_owned(), "Bearer {secret}".to_owned())])
}

fn id_pointer() -> String {
    "/id".to_owned()
}

fn values_alone() -> Value {
    Value::from("{values}")
}

fn one() -> u32 {
    1
}

fn yes() -> bool {
    true
}

/// Most records of one request that can be asked for.
const LARGEST_BATCH: u32 = 10_000;

impl TemplateConfig {
    pub(super) fn check<'f>(&self, name: &str, fields: impl Iterator<Item = &'f String>) -> Result<(), Fault> {
        let at = |key: &str| format!("push.{name}.template.{key}");
        for (header, value) in &self.headers {
            check_header(&at(&format!("headers.{header}")), header, value)?;
        }
        let fields: Vec<&String> = fields.collect();
        if let Some(strange) = self.kinds.keys().find(|kind| !fields.contains(kind)) {
            let expected = "a field that `fields` names";
            return Err(Fault::new(at(&format!("kinds.{strange}")), "there", expected));
        }
        check_path(&at("read.path"), &self.read.path, &["id", "fields"])?;
        if !self.read.path.contains("{id}") {
            return Err(Fault::new(
                at("read.path"),
                format!("{:?}", self.read.path),
                "a path with {id}: it reads one record",
            ));
        }
        check_pointer(&at("read.fields"), &self.read.fields)?;
        if let Some(list) = &self.list {
            list.check(&at("list"))?;
        }
        self.write.check(&at("write"))
    }
}

impl TemplateList {
    fn check(&self, key: &str) -> Result<(), Fault> {
        check_path(&format!("{key}.path"), &self.path, &["fields", "offset", "page", "cursor"])?;
        let pointers = [("results", &self.results), ("id", &self.id), ("fields", &self.fields)];
        let next = self.next.iter().map(|next| ("next", next));
        pointers
            .into_iter()
            .chain(next)
            .try_for_each(|(of, pointer)| check_pointer(&format!("{key}.{of}"), pointer))?;
        let is_paged = ["{offset}", "{page}"].iter().any(|part| self.path.contains(part)) || self.next.is_some();
        if !is_paged {
            let expected = "a path with {offset} or {page}, or `next`: a list of one page only would lose records";
            return Err(Fault::new(format!("{key}.path"), format!("{:?}", self.path), expected));
        }
        if self.path.contains("{cursor}") && self.next.is_none() {
            return Err(Fault::new(format!("{key}.next"), "absent", "where in the answer the next {cursor} is"));
        }
        Ok(())
    }
}

impl TemplateWrite {
    fn check(&self, key: &str) -> Result<(), Fault> {
        let at = |of: &str| format!("{key}.{of}");
        if !(1..=LARGEST_BATCH).contains(&self.batch) {
            return Err(Fault::new(at("batch"), self.batch.to_string(), "1 to 10000"));
        }
        check_path(&at("path"), &self.path, &["id"])?;
        let named = |expected: &str| Err(Fault::new(at("path"), format!("{:?}", self.path), expected));
        match (self.batch, self.path.contains("{id}")) {
            (1, false) => return named("a path with {id}: an address without the record could create one"),
            (2.., true) => return named("a path without {id}, because `batch` sends several records"),
            _ => {}
        }
        if !self.only_updates && (self.method == TemplateMethod::Post || self.batch > 1) {
            let expected =
                "true, which says that this address updates and cannot create: PATCH and PUT of one record need it not";
            return Err(Fault::new(at("only_updates"), "false", expected));
        }
        self.check_bodies(key)?;
        let TemplateAnswer { results, id, error, fields } = &self.answer;
        let pointers = [("results", results), ("id", id), ("error", error), ("fields", fields)];
        pointers.into_iter().try_for_each(|(of, pointer)| {
            check_pointer(&format!("{key}.answer.{of}"), pointer.as_deref().unwrap_or_default())
        })
    }

    fn check_bodies(&self, key: &str) -> Result<(), Fault> {
        let (single, batch): (&[&str], &[&str]) = (&["values", "id", "id:number"], &["items"]);
        if self.batch == 1 {
            return check_body(&format!("{key}.body"), &self.body, single, &["{values}"]);
        }
        check_body(&format!("{key}.body"), &self.body, batch, &["{items}"])?;
        let Some(item) = &self.item else {
            return Err(Fault::new(
                format!("{key}.item"),
                "absent",
                "one record of the batch, such as { id = \"{id}\", fields = \"{values}\" }",
            ));
        };
        check_body(&format!("{key}.item"), item, single, &["{values}", "{id"])
    }
}

/// Whether a path begins with a slash and has only placeholders that are known.
fn check_path(key: &str, path: &str, known: &[&str]) -> Result<(), Fault> {
    if !path.starts_with('/') || path.starts_with("//") {
        return Err(Fault::new(key, format!("{path:?}"), "a path below `url` that begins with /"));
    }
    check_placeholders(key, path, known)
}

fn check_header(key: &str, name: &str, value: &str) -> Result<(), Fault> {
    let is_token = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
    if name.is_empty() || !name.chars().all(is_token) || value.chars().any(char::is_control) {
        return Err(Fault::new(key, "there", "a header of letters, digits and -, of one line"));
    }
    check_placeholders(key, value, &["secret"])
}

/// Whether a text has only placeholders that are known: `{id}`.
fn check_placeholders(key: &str, text: &str, known: &[&str]) -> Result<(), Fault> {
    let shown = known.iter().map(|name| format!("{{{name}}}")).collect::<Vec<_>>().join(", ");
    for part in text.split('{').skip(1) {
        let Some((name, _)) = part.split_once('}') else {
            return Err(Fault::new(key, format!("{{{part}"), format!("a closed placeholder: {shown}")));
        };
        if !known.contains(&name) {
            return Err(Fault::new(key, format!("{{{name}}}"), format!("one of {shown}")));
        }
    }
    Ok(())
}

/// Whether a body has placeholders only as whole texts, only known ones, and those that must be there.
fn check_body(key: &str, body: &Value, known: &[&str], needed: &[&str]) -> Result<(), Fault> {
    let mut texts = Vec::new();
    collect_texts(body, &mut texts);
    for text in texts.iter().filter(|text| text.contains('{')) {
        check_placeholders(key, text, known)?;
        if !(text.starts_with('{') && text.ends_with('}')) || text.matches('{').count() > 1 {
            return Err(Fault::new(key, format!("{text:?}"), "a placeholder that is the whole text"));
        }
    }
    match needed.iter().find(|needed| !texts.iter().any(|text| text.starts_with(**needed))) {
        Some(absent) => {
            let absent = if absent.ends_with('}') { (*absent).to_owned() } else { format!("{absent}}}") };
            Err(Fault::new(key, format!("nothing with {absent}"), format!("the text \"{absent}\" where it belongs")))
        }
        None => Ok(()),
    }
}

fn collect_texts<'b>(body: &'b Value, texts: &mut Vec<&'b str>) {
    match body {
        Value::String(text) => texts.push(text),
        Value::Array(list) => list.iter().for_each(|one| collect_texts(one, texts)),
        Value::Object(object) => object.values().for_each(|one| collect_texts(one, texts)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn check_pointer(key: &str, pointer: &str) -> Result<(), Fault> {
    if pointer.is_empty() || pointer.starts_with('/') {
        return Ok(());
    }
    Err(Fault::new(key, format!("{pointer:?}"), "a JSON pointer, which begins with /, such as /data/items"))
}

#[cfg(test)]
mod tests {
    use crate::config::Config;

    const TARGET: &str = "[push.house]\ntarget = \"template\"\nurl = \"https://a.example\"\nsecret = { env = \"S\" }\n\
                          fields = { score = \"winScore\" }\n";

    fn told(template: &str) -> String {
        match Config::parse(&format!("{TARGET}{template}"), "dealcast.toml") {
            Ok(_) => String::new(),
            Err(error) => error.to_string(),
        }
    }

    fn with(read: &str, write: &str) -> String {
        told(&format!("[push.house.template]\nread = {{ {read} }}\nwrite = {{ {write} }}\n"))
    }

    const READ: &str = "path = \"/deals/{id}\"";

    #[test]
    fn what_can_only_update_is_taken() {
        assert_eq!(with(READ, "path = \"/deals/{id}\""), "");
        assert_eq!(with(READ, "path = \"/update/{id}\", method = \"POST\", only_updates = true"), "");
        let batch = "path = \"/deals\", batch = 50, only_updates = true, body = { rows = \"{items}\" }, item = { key = \"{id:number}\", set = \"{values}\" }";
        assert_eq!(with(READ, batch), "");
        assert!(told("").contains("`push.house.template` is absent"), "{}", told(""));
    }

    #[test]
    fn what_could_create_or_is_misspelt_is_refused_with_the_key() {
        for (read, write, expected) in [
            (READ, "path = \"/deals\"", "`push.house.template.write.path` is \"/deals\", expected a path with {id}"),
            (READ, "path = \"/deals/{id}\", method = \"POST\"", "`push.house.template.write.only_updates` is false"),
            (READ, "path = \"/deals\", batch = 9", "`push.house.template.write.only_updates` is false"),
            (READ, "path = \"/deals/{ID}\"", "is {ID}, expected one of {id}"),
            (READ, "path = \"/deals/{id\"", "expected a closed placeholder"),
            (READ, "path = \"deals/{id}\"", "begins with /"),
            (READ, "path = \"/deals/{id}\", body = { a = \"x{id}\", b = \"{values}\" }", "is the whole text"),
            (READ, "path = \"/deals/{id}\", body = { a = 1 }", "nothing with {values}"),
            (READ, "path = \"/deals\", batch = 9, only_updates = true, body = \"{items}\"", "write.item` is absent"),
            (
                READ,
                "path = \"/deals\", batch = 9, only_updates = true, body = \"{items}\", item = \"{values}\"",
                "nothing with {id}",
            ),
            (READ, "path = \"/deals/{id}\", batch = 9", "because `batch` sends several"),
            (READ, "path = \"/deals/{id}\", answer = { error = \"error\" }", "a JSON pointer"),
            ("path = \"/deals\"", "path = \"/deals/{id}\"", "it reads one record"),
        ] {
            let told = with(read, write);
            assert!(told.contains(expected), "{write}: {told}");
        }
        let list =
            "read = { path = \"/deals/{id}\" }\nlist = { path = \"/deals\" }\nwrite = { path = \"/deals/{id}\" }\n";
        assert!(told(&format!("[push.house.template]\n{list}")).contains("would lose records"));
        let kinds = "kinds = { other = \"text\" }\nread = { path = \"/d/{id}\" }\nwrite = { path = \"/d/{id}\" }\n";
        assert!(told(&format!("[push.house.template]\n{kinds}")).contains("template.kinds.other"));
    }
}
