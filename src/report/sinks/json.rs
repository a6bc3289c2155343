//! JSON: one array of objects, every column in each.

use std::io::Write;

use crate::report::sinks::encoded::{Encoded, Part};

/// Writes the array; `null` where there is no value.
pub(super) fn write_json(batches: impl Iterator<Item = Part>, out: &mut (dyn Write + Send)) -> Encoded {
    let options = arrow::json::WriterBuilder::new().with_explicit_nulls(true);
    let mut writer = options.build::<_, arrow::json::writer::JsonArray>(&mut *out);
    for batch in batches {
        writer.write(&batch?)?;
    }
    writer.finish()?;
    out.write_all(b"\n")?;
    Ok(())
}
