//! `src/docs/reference/outputs.md` is generated from the declared columns, and is up to date.
//!
//! `DEALCAST_BLESS=1 cargo test --test docs_outputs` writes it anew.

use std::fs;
use std::path::Path;

use dealcast::run::outputs::output_reference;

#[test]
fn the_output_reference_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/docs/reference/outputs.md");
    let generated = output_reference();
    if std::env::var_os("DEALCAST_BLESS").is_some() {
        fs::write(&path, &generated).expect("a page that can be written");
    }
    let page = fs::read_to_string(&path).unwrap_or_default();
    let first = page.lines().zip(generated.lines()).find(|(page, generated)| page != generated);
    assert!(
        page == generated,
        "src/docs/reference/outputs.md is not what the source declares; first difference: {first:?}. \
         DEALCAST_BLESS=1 cargo test --test docs_outputs writes it anew"
    );
}
