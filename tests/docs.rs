//! Pages of `src/docs/reference`, and the page of presets, are generated from the declarations in the source, and are up to date.
//!
//! `DEALCAST_BLESS=1 cargo test --test docs` writes them anew.

use std::fs;
use std::path::Path;

use dealcast::domain::inputs::input_reference;
use dealcast::presets::preset_reference;
use dealcast::run::outputs::output_reference;

/// Holds the page `name` against what the declarations say, or writes it where `DEALCAST_BLESS` is set.
fn assert_up_to_date(name: &str, generated: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/docs").join(name);
    if std::env::var_os("DEALCAST_BLESS").is_some() {
        fs::write(&path, generated).expect("a page that can be written");
    }
    let page = fs::read_to_string(&path).unwrap_or_default();
    let behind = page.lines().zip(generated.lines()).find(|(page, generated)| page != generated);
    assert!(
        page == generated,
        "src/docs/{name} is not what the source declares; first difference: {behind:?}. \
         DEALCAST_BLESS=1 cargo test --test docs writes it anew"
    );
}

#[test]
fn the_input_reference_is_up_to_date() {
    assert_up_to_date("reference/inputs.md", &input_reference());
}

#[test]
fn the_output_reference_is_up_to_date() {
    assert_up_to_date("reference/outputs.md", &output_reference());
}

#[test]
fn the_page_of_presets_is_up_to_date() {
    assert_up_to_date("presets.md", &preset_reference());
}
