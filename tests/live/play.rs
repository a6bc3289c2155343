//! The play: checked, read, planned, one record tried, written, killed and resumed, read again, planned again, put back.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, SystemTime};

use serde_json::{Map, Value};

use crate::harness::{Desk, Finished, PROGRAM, Table};
use crate::server::LiveServer;

/// Days of the two exports.
const DAYS: [i32; 2] = [600, 640];

/// Values of fields by deal.
type Held = BTreeMap<String, Map<String, Value>>;

/// A desk whose open deals have the ids of the server's, and where what is said goes.
struct Stage<'a> {
    desk: Desk,
    server: &'a LiveServer,
    out: &'a mut dyn Write,
    /// What is being done.
    step: &'static str,
}

/// Plays it, and puts back what was filled, whatever happens on the way.
pub fn play(server: &LiveServer, out: &mut dyn Write) {
    let mut stage = Stage::set(server, out);
    let mut before = None;
    let ended = catch_unwind(AssertUnwindSafe(|| stage.perform(&mut before)));
    if ended.is_err() {
        stage.say(&format!("\nThe play broke off at this step: {}.", stage.step));
    }
    let left = catch_unwind(AssertUnwindSafe(|| stage.leave(before.as_ref())));
    if ended.is_err() || left.is_err() {
        stage.keep(before.as_ref());
    }
    ended.and(left).unwrap_or_else(|panic| resume_unwind(panic));
}

impl<'a> Stage<'a> {
    fn set(server: &'a LiveServer, out: &'a mut dyn Write) -> Self {
        // Scores of another minute are other scores: what a play before left there is written over.
        let minute = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs() / 60 % 30;
        let later = i32::try_from(minute).unwrap();
        let desk = Desk::with_world(600, DAYS[1] + later);
        desk.write("key", &server.key);
        desk.write("dealcast.toml", "");
        let (early, late) = nights(&desk, later, "made-up");
        // Deals that are open on both days stand for the server's; one more for one that is not there.
        let both: Vec<&String> = early.iter().filter(|id| late.contains(id)).collect();
        let ids = server.deals.iter().map(String::as_str).chain([server.absent]);
        let names: BTreeMap<&str, &str> = both.iter().map(|id| id.as_str()).zip(ids).collect();
        assert_eq!(names.len(), server.deals.len() + 1, "the made-up world has {} deals to give", both.len());
        let is_other = |id: &str| !names.contains_key(id) && (early.iter().chain(&late).any(|open| open == id));
        for table in ["deals.csv", "stage_history.csv"] {
            let text = desk.read(table);
            let lines = text.lines().filter(|line| !is_other(line.split(',').next().unwrap()));
            let renamed = |line: &str| {
                let (id, rest) = line.split_once(',').unwrap();
                format!("{},{rest}\n", names.get(id).copied().unwrap_or(id))
            };
            desk.write(table, lines.map(renamed).collect::<String>());
        }
        desk.write("dealcast.toml", &server.section);
        nights(&desk, later, "renamed");
        Self { desk, server, out, step: "" }
    }

    fn say(&mut self, text: &str) {
        writeln!(self.out, "{text}").unwrap();
    }

    /// From here on something else is done.
    fn begin(&mut self, step: &'static str) {
        self.step = step;
        self.say(&format!("\n== {step}"));
    }

    /// A command, shown with everything it says.
    fn show(&mut self, arguments: &str) -> Finished {
        let finished = self.desk.run(arguments);
        let Finished { code, stdout, stderr } = &finished;
        self.say(&format!("\n$ dealcast {arguments}\n{stdout}{stderr}exit code {code}"));
        finished
    }

    fn ok(&mut self, arguments: &str) -> Finished {
        let finished = self.show(arguments);
        assert_eq!(finished.code, 0, "dealcast {arguments}: {}", finished.stderr);
        finished
    }

    /// Plans a run; the deals that are to be written.
    fn plan(&mut self, run: &str) -> usize {
        let planned = self.ok(&format!("push plan --run {run} --allow-large-changes --format csv"));
        let table = Table::parse(&planned.stdout);
        for row in table.iter() {
            let (deal, step) = (row.get("deal_id"), row.get("step"));
            if deal == self.server.absent {
                assert_eq!(step, "missing", "{deal} must not be there, before and after");
            } else {
                assert_ne!(step, "missing", "the server has no deal {deal}, or its user does not see it");
            }
        }
        table.column("step").into_iter().filter(|step| *step == "write").count()
    }

    /// The saved plan.
    fn saved(&self) -> Value {
        serde_json::from_str(&self.desk.read("push/live/plan.json")).unwrap()
    }

    fn perform(&mut self, before: &mut Option<Held>) {
        let server = self.server;
        self.say(&format!(
            "A play with {} at {}: made-up scores go to {} deals ({}), nothing is created, no other deal is touched.",
            server.target,
            server.url,
            server.deals.len(),
            server.deals.join(", ")
        ));
        self.begin("looking up the fields");
        self.ok("push setup");
        self.begin("reading the deals and planning");
        let writes = self.plan("early");
        assert!(writes > 0, "every deal holds these scores already: try again in a minute");
        *before = Some(values(&self.saved(), "old"));
        self.begin("writing one deal and comparing its fields");
        self.ok("push probe");
        self.begin("writing the others");
        self.ok("push apply --dry-run");
        self.ok("push apply");
        self.begin("reading what was written, planning again, with nothing left to write");
        self.ok("push verify");
        assert_eq!(self.plan("early"), 0, "a second plan writes nothing");
        self.ok("push apply");
        self.begin("writing other scores, killed on the way, and going on");
        self.plan("late");
        self.kill();
        self.ok("push resume");
        self.ok("push verify");
        assert_eq!(self.plan("late"), 0, "after a crash nothing is left to write");
        let receipts = fs::read_dir(self.desk.path("push/live/receipts")).unwrap().count();
        self.say(&format!("\n{receipts} receipts in push/live/receipts"));
    }

    /// `kill -9` in the middle of a push: as soon as the ledger has a line of the new plan, which stands there before the
    /// record is sent.
    fn kill(&mut self) {
        let mut push = Command::new(PROGRAM);
        push.current_dir(self.desk.path("")).args(["push", "apply", "-q"]).stdout(Stdio::null()).stderr(Stdio::null());
        let plan = self.saved()["id"].clone();
        let is_of_the_plan = |line: &str| serde_json::from_str::<Value>(line).is_ok_and(|line| line["plan"] == plan);
        let ledger = self.desk.path("push/live/ledger.jsonl");
        let mut push = push.spawn().unwrap();
        while push.try_wait().unwrap().is_none() {
            // The last line may be half.
            if fs::read_to_string(&ledger).unwrap().lines().rev().any(is_of_the_plan) {
                break;
            }
            thread::sleep(Duration::from_millis(5));
        }
        push.kill().unwrap();
        let is_over = push.wait().unwrap().success();
        let told = if is_over { "was over before it could be killed" } else { "killed after its first line" };
        self.say(&format!("\n$ dealcast push apply: {told}"));
    }

    /// Puts back what was filled, and says what every deal is left with.
    fn leave(&mut self, before: Option<&Held>) {
        let Some(before) = before else { return self.say("\nNothing was written.") };
        let sent = self.sent();
        if sent.is_empty() {
            return self.say("\nNothing was written.");
        }
        self.begin("putting back what was filled");
        let put_back = self.put_back(before, &sent);
        let now = self.held_now();
        self.say("\nWhat the play leaves behind:");
        for deal in &sent {
            let was = before.get(deal).cloned().unwrap_or_default();
            for (field, value) in now.get(deal).into_iter().flatten() {
                let told = match was.get(field) {
                    Some(was) if was == value => "as before".to_owned(),
                    Some(was) => format!("it held {was} before"),
                    None => "it was empty before, and nothing of dealcast ever empties a field".to_owned(),
                };
                self.say(&format!("  deal {deal}, {field}: {value}, {told}"));
            }
        }
        let how = self.server.how_to_empty();
        self.say(&format!("Rows in the history or the stream of these deals stay too. {how}"));
        assert_eq!(put_back, 0, "not everything could be put back");
    }

    /// A plan back to what the deals that were sent something held, where they held something; its exit code.
    fn put_back(&mut self, before: &Held, sent: &BTreeSet<String>) -> i32 {
        let mut plan = self.saved();
        let now = self.held_now();
        plan["id"] = format!("{}-back", plan["id"].as_str().unwrap()).into();
        for deal in plan["deals"].as_array_mut().unwrap() {
            let id = deal["deal"].as_str().unwrap().to_owned();
            let filled = before.get(&id).filter(|filled| !filled.is_empty() && sent.contains(&id)).cloned();
            deal["step"] = if filled.is_some() { "write" } else { "unchanged" }.into();
            deal["changed"] = filled.iter().flat_map(Map::keys).cloned().collect::<Vec<_>>().into();
            deal["old"] = now.get(&id).cloned().unwrap_or_default().into();
            deal["new"] = filled.unwrap_or_default().into();
        }
        self.desk.write("push/live/plan.json", format!("{plan:#}\n"));
        self.show("push apply").code
    }

    /// Lines of the ledger.
    fn ledger(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.desk.path("push/live/ledger.jsonl")).unwrap_or_default();
        text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }

    /// The deals that were sent something.
    fn sent(&self) -> BTreeSet<String> {
        let ledger = self.ledger();
        let sent = ledger.iter().filter(|line| line["new"].is_object());
        sent.filter_map(|line| line["deal"].as_str().map(str::to_owned)).collect()
    }

    /// What the deals were last seen to hold in the fields that are fed.
    fn held_now(&self) -> Held {
        let mut held = Held::new();
        for line in self.ledger() {
            if let (Some(deal), Some(echo)) = (line["deal"].as_str(), line["echo"].as_object()) {
                held.entry(deal.to_owned()).or_default().extend(echo.clone());
            }
        }
        held
    }

    /// Of a play that failed, keeps what somebody needs who looks into it.
    fn keep(&mut self, before: Option<&Held>) {
        let folder = std::env::temp_dir().join(format!("dealcast-live-{}-{}", self.server.target, std::process::id()));
        copy(&self.desk.path("push"), &folder.join("push"));
        fs::copy(self.desk.path("dealcast.toml"), folder.join("dealcast.toml")).unwrap();
        let held = before.map_or(Value::Null, |before| serde_json::to_value(before).unwrap());
        fs::write(folder.join("before.json"), format!("{held:#}\n")).unwrap();
        self.say(&format!(
            "\nKept in {}: before.json (what the deals held), push/live (plan, ledger with every value before and after, receipts) and\n\
             dealcast.toml. Put the key into its file `key` and go on there: `dealcast push status`, `dealcast push resume`,\n\
             `dealcast push verify`. Remove the folder when you are done.",
            folder.display()
        ));
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).into_iter().flatten() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

/// Runs both nights, with a folder of models of their own; the deals that were scored in each.
fn nights(desk: &Desk, later: i32, models: &str) -> (Vec<String>, Vec<String>) {
    let night = |day: i32, out: &str| -> Vec<String> {
        let day = crate::world::date(day + later);
        desk.nightly(&format!("--as-of {day} --models {models} --reports none --out {out}"));
        let scores = Table::read(&desk.path(&format!("{out}/scores.csv")));
        scores.column("deal_id").into_iter().map(str::to_owned).collect()
    };
    (night(DAYS[0], "early"), night(DAYS[1], "late"))
}

/// The values of one kind in a plan, `old` or `new`, by deal.
fn values(plan: &Value, kind: &str) -> Held {
    let deals = plan["deals"].as_array().unwrap().iter();
    deals
        .map(|deal| (deal["deal"].as_str().unwrap().to_owned(), deal[kind].as_object().cloned().unwrap_or_default()))
        .collect()
}
