//! The folder of models: what is promoted, rolled back, refused and logged.

use std::fs;
use std::path::Path;

use super::decisions::{CURRENT, LOG, LogEntry};
use super::registry::{Registry, read_model};
use crate::domain::day::Day;
use crate::features::FEATURE_LAYOUT;
use crate::model::card;
use crate::model::stored_fixtures::{TRAINED, model, model_of};
use crate::model::{FORMAT_VERSION, ModelError, WinModel};

/// A registry in a folder that does not exist yet.
fn empty() -> (tempfile::TempDir, Registry) {
    let parent = tempfile::tempdir().unwrap();
    let registry = Registry::open(&parent.path().join("deep/models"));
    (parent, registry)
}

fn with(models: &[&WinModel]) -> (tempfile::TempDir, Registry) {
    let (parent, registry) = empty();
    for model in models {
        registry.save(model).unwrap();
        registry.promote(&model.model_id, None, "by hand").unwrap();
    }
    (parent, registry)
}

fn names(registry: &Registry) -> Vec<String> {
    let entries = fs::read_dir(&registry.dir).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn ids(registry: &Registry) -> Vec<String> {
    registry.list().unwrap().into_iter().map(|saved| saved.id).collect()
}

fn usable(registry: &Registry, as_of: Day) -> String {
    registry.usable(as_of).unwrap().model_id
}

#[test]
fn what_is_saved_is_found_and_nothing_else_is_left_there() {
    let model = model();
    let (_parent, registry) = with(&[&model]);
    let id = &model.model_id;
    assert_eq!(
        names(&registry),
        [format!("{id}.card.json"), format!("{id}.json"), format!("{id}.md"), CURRENT.to_owned(), LOG.to_owned()]
    );
    assert_eq!(fs::read_to_string(registry.file(id, "md")).unwrap(), card(&model));
    assert_eq!(fs::read_to_string(registry.dir.join(CURRENT)).unwrap(), format!("{id}\n"));
    let path = registry.file(id, "json");
    for wanted in [id.as_str(), &id[..12], path.to_str().unwrap()] {
        assert_eq!(registry.find(wanted).unwrap(), model, "{wanted}");
    }
}

#[test]
fn saving_the_same_again_changes_nothing() {
    let model = model();
    let (_parent, registry) = with(&[&model]);
    // A file that is replaced has another inode.
    let inodes = || -> Vec<u64> {
        use std::os::unix::fs::MetadataExt;
        names(&registry).iter().map(|name| fs::metadata(registry.dir.join(name)).unwrap().ino()).collect()
    };
    let before = inodes();
    registry.save(&model).unwrap();
    assert_eq!(inodes(), before);
}

#[test]
fn a_model_that_would_not_read_back_is_not_saved() {
    let cases: [fn(&mut WinModel); 3] = [
        |m| m.model_id = "../elsewhere".to_owned(),
        |m| m.base_rate = f64::NAN,
        |m| m.evaluation.rows[0].auc = Some(f64::NAN),
    ];
    for change in cases {
        let (_parent, registry) = empty();
        let mut model = model();
        change(&mut model);
        let model = if model.model_id.starts_with('.') { model } else { model.sealed() };
        let error = registry.save(&model).unwrap_err();
        assert!(matches!(error, ModelError::Corrupt { .. }), "{error}");
        assert!(!registry.dir.exists());
    }
}

#[test]
fn the_list_is_newest_first_and_hides_no_broken_file() {
    let (old, new) = (model_of(TRAINED.plus(-30), 0), model_of(TRAINED, 0));
    let (_parent, registry) = with(&[&new, &old]);
    fs::write(registry.dir.join("broken.json"), "{").unwrap();
    fs::write(registry.dir.join("notes.txt"), "not a model").unwrap();
    assert_eq!(ids(&registry), [new.model_id.as_str(), old.model_id.as_str(), "broken"]);
    let saved = registry.list().unwrap();
    assert_eq!(saved.iter().map(|saved| saved.current).collect::<Vec<_>>(), [false, true, false]);
    assert!(matches!(saved[2].model, Err(ModelError::Corrupt { .. })));
    assert_eq!(saved[0].model.as_ref().unwrap(), &new);
}

#[test]
fn a_beginning_must_belong_to_one_id() {
    let (one, two) = (model_of(TRAINED, 1), model_of(TRAINED, 2));
    let (_parent, registry) = with(&[&one, &two]);
    let day = TRAINED.to_string();
    match registry.find(&day).unwrap_err() {
        ModelError::Ambiguous { wanted, matching, .. } => assert_eq!((wanted, matching), (day, ids(&registry))),
        other => panic!("{other}"),
    }
    for wanted in ["", "1999", "no/such.json"] {
        assert!(matches!(registry.find(wanted), Err(ModelError::Missing { .. })), "{wanted:?}");
    }
    // An id that another one begins with is still that id.
    fs::copy(registry.file(&one.model_id, "json"), registry.file(&format!("{}-copy", one.model_id), "json")).unwrap();
    assert_eq!(registry.find(&one.model_id).unwrap(), one);
}

#[test]
fn a_day_is_scored_by_the_current_model_or_the_newest_that_does_not_know_it() {
    let [old, middle, new] = [-60, -30, 0].map(|days| model_of(TRAINED.plus(days), 0));
    let (_parent, registry) = with(&[&new, &middle, &old]);
    assert_eq!(usable(&registry, TRAINED), old.model_id, "the current one, saved last");
    registry.promote(&new.model_id, None, "newer").unwrap();
    assert_eq!(usable(&registry, TRAINED), new.model_id);
    assert_eq!(usable(&registry, TRAINED.plus(-1)), middle.model_id);
    assert_eq!(usable(&registry, TRAINED.plus(-60)), old.model_id);
    match registry.usable(TRAINED.plus(-61)).unwrap_err() {
        ModelError::NoneUsable { as_of, found, .. } => assert_eq!((as_of, found), (TRAINED.plus(-61), 3)),
        other => panic!("{other}"),
    }
}

#[test]
fn a_pointer_that_points_nowhere_is_no_pointer() {
    let [old, new] = [-30, 0].map(|days| model_of(TRAINED.plus(days), 0));
    let (_parent, registry) = with(&[&new, &old]);
    for text in ["", "gone\n", "../../etc/passwd\n"] {
        fs::write(registry.dir.join(CURRENT), text).unwrap();
        assert_eq!(usable(&registry, TRAINED), new.model_id, "{text:?}");
        assert!(registry.list().unwrap().iter().all(|saved| !saved.current));
    }
}

#[test]
fn a_current_model_that_cannot_be_used_is_not_passed_over() {
    let [old, new] = [-30, 0].map(|days| model_of(TRAINED.plus(days), 0));
    let (_parent, registry) = with(&[&old, &new]);
    let path = registry.file(&new.model_id, "json");
    let json = fs::read_to_string(&path).unwrap();
    let other_version = json.replace(&format!("\"format_version\": {FORMAT_VERSION}"), "\"format_version\": 99");
    let other_layout = json.replace(&format!("\"layout\": {FEATURE_LAYOUT}"), "\"layout\": 99");
    for (text, expected) in [(other_version, "format_version"), (other_layout, "feature layout")] {
        fs::write(&path, text).unwrap();
        let error = registry.usable(TRAINED).unwrap_err();
        assert!(matches!(error, ModelError::OtherVersion { what, got: 99, .. } if what == expected), "{error}");
    }
    fs::write(&path, &json[..json.len() / 2]).unwrap();
    assert!(matches!(registry.usable(TRAINED), Err(ModelError::Corrupt { .. })));
}

#[test]
fn every_change_of_the_model_in_use_is_logged_and_can_be_taken_back() {
    let [old, middle, new] = [-60, -30, 0].map(|days| model_of(TRAINED.plus(days), 0));
    let (_parent, registry) = with(&[&old, &middle]);
    registry.save(&new).unwrap();
    assert_eq!(usable(&registry, TRAINED), middle.model_id, "saved is not promoted");
    registry.keep(&new.model_id, TRAINED, "worse").unwrap();
    registry.keep(&new.model_id, TRAINED, "worse").unwrap();
    let log = registry.log().unwrap();
    let actions: Vec<&str> = log.iter().map(|entry| entry.action.as_str()).collect();
    assert_eq!(actions, ["promoted", "promoted", "kept"], "the same again is said once");
    assert_eq!((&log[1].previous, &log[2].previous), (&Some(old.model_id.clone()), &Some(middle.model_id.clone())));
    registry.promote(&new.model_id, Some(TRAINED), "better").unwrap();
    registry.promote(&new.model_id, Some(TRAINED), "better").unwrap();
    for expected in [&middle, &old] {
        assert_eq!(registry.roll_back().unwrap(), expected.model_id);
        assert_eq!(usable(&registry, TRAINED), expected.model_id);
    }
    assert!(matches!(registry.roll_back(), Err(ModelError::NothingBefore { .. })));
    assert_eq!(registry.log().unwrap().len(), 6);
    assert!(matches!(registry.promote("gone", None, ""), Err(ModelError::Missing { .. })));
}

#[test]
fn a_pin_holds_until_it_is_taken_out() {
    let (_parent, registry) = with(&[&model()]);
    assert_eq!(registry.pinned().unwrap(), None);
    registry.promote_and_pin(&model().model_id, "by hand", "promoted by hand").unwrap();
    assert_eq!(registry.pinned().unwrap(), Some("promoted by hand".to_owned()));
    assert!(registry.unpin().unwrap() && !registry.unpin().unwrap());
}

#[test]
fn no_name_leads_out_of_the_folder() {
    let [inside, outside] = [-30, 0].map(|days| model_of(TRAINED.plus(days), 0));
    let (parent, registry) = with(&[&inside]);
    let other = Registry::open(&parent.path().join("deep/other"));
    other.save(&outside).unwrap();
    let way_out = format!("../other/{}", outside.model_id);
    assert!(registry.file(&way_out, "json").is_file());
    fs::write(registry.dir.join(CURRENT), &way_out).unwrap();
    assert_eq!(usable(&registry, TRAINED), inside.model_id, "the newest of the folder");
    for wanted in [way_out.as_str(), "..", ".", "", "/", "x/../"] {
        assert!(matches!(registry.promote(wanted, None, ""), Err(ModelError::Missing { .. })), "{wanted}");
        assert!(matches!(registry.find_saved(wanted), Err(ModelError::Missing { .. })), "{wanted}");
    }
    // The log names it as the one in use before.
    registry.promote(&inside.model_id, None, "by hand").unwrap();
    let entry = registry.log().unwrap().pop().unwrap();
    let edited = serde_json::to_string(&LogEntry { previous: Some(way_out), ..entry }).unwrap();
    fs::write(registry.dir.join(LOG), edited + "\n").unwrap();
    assert!(matches!(registry.roll_back(), Err(ModelError::NothingBefore { .. })));
}

#[test]
fn an_older_model_does_not_replace_what_another_run_has_put_to_use_meanwhile() {
    let [old, new] = [-30, 0].map(|days| model_of(TRAINED.plus(days), 0));
    let (_parent, registry) = with(&[&new]);
    registry.save(&old).unwrap();
    registry.promote(&old.model_id, Some(old.as_of), "better").unwrap();
    assert_eq!((usable(&registry, TRAINED), registry.log().unwrap().len()), (new.model_id, 1));
    registry.promote(&old.model_id, None, "by hand").unwrap();
    assert_eq!(usable(&registry, TRAINED), old.model_id, "a person may");
}

#[test]
fn many_who_promote_agree_on_the_last() {
    let models = [-30, 0].map(|days| model_of(TRAINED.plus(days), 0));
    let (_parent, registry) = with(&[&models[0], &models[1]]);
    std::thread::scope(|scope| {
        for turn in 0..60 {
            let (registry, id) = (&registry, &models[turn % 2].model_id);
            scope.spawn(move || registry.promote(id, None, "by hand").unwrap());
        }
    });
    let log = registry.log().unwrap();
    assert_eq!(fs::read_to_string(registry.dir.join(CURRENT)).unwrap().trim(), log.last().unwrap().model_id);
    // Every decision starts from the one before.
    for pair in log.windows(2) {
        assert_eq!(pair[1].previous.as_ref(), Some(&pair[0].model_id));
    }
}

#[test]
fn what_killed_processes_left_is_removed_and_what_is_being_written_stays() {
    let (_parent, registry) = with(&[&model()]);
    fs::create_dir(registry.scores_folder()).unwrap();
    for left in [".dealcast-aB3xY9", "scores/.dealcast-000000", ".dealcast-my-notes", ".dealcast-busy00"] {
        fs::write(registry.dir.join(left), "half").unwrap();
    }
    let busy = fs::File::open(registry.dir.join(".dealcast-busy00")).unwrap();
    busy.lock().unwrap();
    Registry::open_to_write(&registry.dir).unwrap();
    let hidden: Vec<String> = names(&registry).into_iter().filter(|name| name.starts_with('.')).collect();
    assert_eq!(hidden, [".dealcast-busy00", ".dealcast-my-notes"]);
    assert_eq!(fs::read_dir(registry.scores_folder()).unwrap().count(), 0);
}

#[test]
fn no_folder_has_no_models() {
    let (_parent, registry) = empty();
    assert!(registry.list().unwrap().is_empty());
    assert!(matches!(registry.find("2026"), Err(ModelError::Missing { .. })));
    assert!(matches!(registry.usable(TRAINED), Err(ModelError::NoneUsable { found: 0, .. })));
}

#[test]
fn a_file_in_the_place_of_the_folder_is_an_error() {
    let parent = tempfile::tempdir().unwrap();
    let path = parent.path().join("models");
    fs::write(&path, "a file").unwrap();
    let registry = Registry::open(&path);
    assert!(matches!(registry.list(), Err(ModelError::Io { action: "read", .. })));
    assert!(matches!(registry.save(&model()), Err(ModelError::Io { action: "write", .. })));
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let error = read_model(Path::new("no/such.json")).unwrap_err();
    assert!(matches!(error, ModelError::Io { action: "read", ref file, .. } if file == "no/such.json"), "{error}");
}
