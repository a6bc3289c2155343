//! The tables begin with the columns readers rely on.

use dealcast::domain::period::FiscalCalendar;

use crate::paths::reference_world;
use crate::world::World;

#[test]
fn tables_begin_with_the_columns_of_the_contract() {
    let world = reference_world();
    let World { tables, timeline, values, .. } = &world;
    let sources = world.sources(&FiscalCalendar::default());
    let (funnel, stagnation) = (world.funnel(&["source"]), world.stagnation());
    let expected = [
        (
            dealcast::analyses::stagnation::columns::table(&stagnation, tables, timeline, &world.snapshot),
            "deal_id owner stage days_in_stage percentile advance_30d stalled_since status amount currency",
        ),
        (
            dealcast::analyses::funnel::columns::table(&funnel, &timeline.stages, values),
            "cohort segment stage entered advanced lost back skipped open conversion conversion_low conversion_high \
             median_days p90_days value",
        ),
        (
            dealcast::analyses::sources::columns::table(&sources, false, values),
            "source period created won lost win_rate revenue median_cycle_days cost return",
        ),
        (
            dealcast::analyses::funnel::columns::summary_table(&funnel, values),
            "cohort segment deals won lost open win_rate",
        ),
    ];
    for (table, columns) in expected {
        let table = table.expect("columns of one length");
        let schema = table.batch().schema();
        let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
        let columns: Vec<&str> = columns.split_whitespace().collect();
        assert_eq!(names[..columns.len()], columns, "{}", table.name());
        assert!(table.rows() > 20, "{}", table.name());
    }
}
