//! A target in memory that fails as it is told to, and what else the tests of a push need.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use crate::config::{Config, PushConfig, ScoreField};
use crate::push::error::{PushStop, StopKind};
use crate::push::pacer::Pacer;
use crate::push::plan::{Plan, PlanBasis};
use crate::push::target::{BatchReply, RecordAnswer, RecordChange, Target, TargetField};
use crate::push::value::{FieldValue, FieldValues, TargetKind};
use crate::push::wanted::Wanted;

/// What happens to one write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// Nothing out of the ordinary.
    None,
    /// It arrives, and the answer is lost.
    AnswerLost,
    /// It is lost on the way.
    Lost,
    /// A plain 500, nothing is stored.
    Failure,
    /// A plain 500, and it is stored all the same.
    StoredAndFailed,
    /// It is refused.
    Refusal,
    /// Success is said and nothing is stored.
    Ignored,
    /// The key is refused.
    Unauthorised,
}

/// Records in memory.
pub(super) struct Memory {
    pub records: BTreeMap<String, FieldValues>,
    /// Decimals that are kept.
    pub decimals: Option<u32>,
    pub faults: VecDeque<Fault>,
    /// A record of which nobody can make out what it holds.
    pub strange: Option<&'static str>,
    /// Every write that arrived, in order.
    pub arrived: Vec<(String, FieldValues)>,
    /// Records of a batch.
    pub batch_size: usize,
    /// A record for whose sake a batch is refused.
    pub poison: Option<&'static str>,
    /// Whether it is refused by a plain 500.
    pub fails_plainly: bool,
    /// Whether every record of a batch is a request of its own.
    pub sends_each: bool,
    /// Records of each write, in order.
    pub sizes: Vec<usize>,
}

impl Memory {
    /// Deals `d00`... that hold `value`.
    pub fn new(deals: usize, value: f64) -> Self {
        let records = (0..deals).map(|i| (format!("d{i:02}"), number(value))).collect();
        Self {
            records,
            decimals: None,
            faults: VecDeque::new(),
            strange: None,
            arrived: Vec::new(),
            batch_size: 1,
            poison: None,
            fails_plainly: false,
            sends_each: false,
            sizes: Vec::new(),
        }
    }

    fn answer(&mut self, change: &RecordChange) -> Result<RecordAnswer, PushStop> {
        if !self.records.contains_key(&change.deal) {
            return Ok(RecordAnswer::Missing { status: Some(404), code: "gone".to_owned() });
        }
        let refused = RecordAnswer::Rejected { status: Some(400), code: "max".to_owned() };
        if self.poison == Some(change.deal.as_str()) {
            return Ok(if self.fails_plainly { RecordAnswer::Failed { status: 500 } } else { refused });
        }
        let lost = RecordAnswer::Unknown { status: None, code: "reset".to_owned() };
        let taken =
            |echo: &FieldValues| RecordAnswer::Taken { status: Some(200), code: None, echo: Some(echo.clone()) };
        Ok(match self.faults.pop_front().unwrap_or(Fault::None) {
            Fault::None => {
                self.store(change);
                taken(&self.records[&change.deal])
            }
            Fault::AnswerLost => {
                self.store(change);
                lost
            }
            Fault::Lost => lost,
            Fault::Failure => RecordAnswer::Failed { status: 500 },
            Fault::StoredAndFailed => {
                self.store(change);
                RecordAnswer::Failed { status: 500 }
            }
            Fault::Refusal => refused,
            Fault::Ignored => taken(&self.records[&change.deal]),
            Fault::Unauthorised => return Err(PushStop::new(StopKind::Refused, "401")),
        })
    }

    fn store(&mut self, change: &RecordChange) {
        self.arrived.push((change.deal.clone(), change.new.clone()));
        let kind = TargetKind::Number(self.decimals);
        let stored = change.new.iter().map(|(name, value)| (name.clone(), kind.fit(value).expect("a number")));
        self.records.get_mut(&change.deal).expect("a record").extend(stored);
    }
}

impl Target for Memory {
    fn resolve(&mut self, fields: &[(ScoreField, String)]) -> Result<Vec<Result<TargetField, String>>, PushStop> {
        let field = |(of, name): &(ScoreField, String)| {
            Ok(TargetField { of: *of, name: name.clone(), kind: TargetKind::Number(None) })
        };
        Ok(fields.iter().map(field).collect())
    }

    fn read_all(&mut self, _: &[TargetField]) -> Result<BTreeMap<String, FieldValues>, PushStop> {
        Ok(self.records.clone())
    }

    fn read_some(&mut self, deals: &[&str], _: &[TargetField]) -> Result<BTreeMap<String, FieldValues>, PushStop> {
        if deals.iter().any(|deal| self.strange == Some(*deal)) {
            return Err(PushStop::new(StopKind::Strange, "an odd answer"));
        }
        let held = |deal: &&str| self.records.get_key_value(*deal).map(|(deal, held)| (deal.clone(), held.clone()));
        Ok(deals.iter().filter_map(held).collect())
    }

    fn sends_each(&self) -> bool {
        self.sends_each
    }

    fn batch_size(&self) -> usize {
        self.batch_size
    }

    fn write(&mut self, batch: &[RecordChange], _: &[TargetField]) -> BatchReply {
        self.sizes.push(batch.len());
        let status = Some(400);
        if batch.len() > 1 && batch.iter().any(|change| self.poison == Some(change.deal.as_str())) {
            let together = RecordAnswer::RefusedTogether { status, code: "some record is bad".to_owned() };
            let answer = if self.fails_plainly { RecordAnswer::Failed { status: 500 } } else { together };
            return BatchReply::all(batch.len(), answer);
        }
        let mut reply = BatchReply { answers: Vec::new(), stop: None };
        for change in batch {
            match self.answer(change) {
                Ok(answer) => reply.answers.push(answer),
                Err(stop) => return BatchReply { stop: Some(stop), ..reply },
            }
        }
        reply
    }
}

/// Time that does not pass.
pub(super) struct NoTime;

impl Pacer for NoTime {
    fn now(&self) -> String {
        "2026-01-05T02:00:00Z".to_owned()
    }

    fn pause(&self, _: Duration) {}
}

pub(super) fn number(value: f64) -> FieldValues {
    FieldValues::from([("w".to_owned(), FieldValue::Number(value))])
}

/// A section that feeds the probability into `w`.
pub(super) fn config(more: &str) -> PushConfig {
    let text = format!(
        "[push.crm]\ntarget = \"espocrm\"\nurl = \"http://127.0.0.1\"\nsecret = {{ env = \"K\" }}\nfields = {{ probability = \"w\" }}\n{more}"
    );
    Config::parse(&text, "dealcast.toml").expect("parses").push.remove("crm").expect("a section")
}

pub(super) fn fields() -> Vec<TargetField> {
    vec![TargetField { of: ScoreField::Probability, name: "w".to_owned(), kind: TargetKind::Number(None) }]
}

/// What `deals` deals should have: 0.5, 0.51...
pub(super) fn wanted(deals: usize) -> Wanted {
    let value = |i: usize| BTreeMap::from([(ScoreField::Probability, FieldValue::Number(0.5 + i as f64 / 100.0))]);
    let deals = (0..deals).map(|i| (format!("d{i:02}"), value(i))).collect();
    Wanted { as_of: "2026-01-05".to_owned(), model_id: "m".to_owned(), deals }
}

/// What `deals` deals should have where two decimals are not enough: 0.5012, 0.5112...
pub(super) fn odd_chances(deals: usize) -> BTreeMap<String, BTreeMap<ScoreField, FieldValue>> {
    let value = |i: usize| BTreeMap::from([(ScoreField::Probability, FieldValue::Number(0.5012 + i as f64 / 100.0))]);
    (0..deals).map(|i| (format!("d{i:02}"), value(i))).collect()
}

/// A plan for what `records` hold.
pub(super) fn plan(wanted: &Wanted, records: &BTreeMap<String, FieldValues>, config: &PushConfig) -> Plan {
    let (fields, known) = (fields(), BTreeMap::new());
    let basis = PlanBasis {
        target: "crm",
        config,
        fields: &fields,
        current: records.clone(),
        acknowledged: &known,
        run: "out",
        made_at: "2026-01-05T02:00:00Z",
        writes_whole_records: false,
        allows_large_changes: true,
    };
    Plan::make(wanted, basis).expect("a plan")
}
