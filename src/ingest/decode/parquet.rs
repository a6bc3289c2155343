//! A Parquet file to chunks of rows, every column cast to one of the few types a cell can have.

use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Float64Array, RecordBatch};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{
    DataType, Decimal128Type, Field, Float32Type, Int64Type, Schema, TimeUnit, TimestampMicrosecondType,
};
use arrow::error::ArrowError;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use parquet::errors::ParquetError;

use crate::ingest::assumption::{Assumption, FileRead};
use crate::ingest::decode::chunk::{ArrayColumn, Body, RawChunk};
use crate::ingest::decode::files::{InputPath, checksum, io_error, open};
use crate::ingest::decode::limits::{check_cell, is_too_much, unpacks_to_too_much};
use crate::ingest::decode::parquet_pages::unpacked_bytes;
use crate::ingest::error::IngestError;

const BATCH_ROWS: usize = 1 << 14;
/// Of a table of many columns fewer rows are read at once.
const BATCH_CELLS: usize = 1 << 22;
const FEWEST_ROWS: usize = 256;
/// Texts of a batch that are made cells at once.
const PART_BYTES: usize = 1 << 26;

/// Reads `input`, calls `header` with the column names and `chunk` with the rows, and returns the checksum.
///
/// # Errors
/// What `header` and `chunk` return; [`IngestError::Unreadable`] for a file that is damaged or cut short.
pub fn read(
    input: &InputPath,
    mut seen: impl FnMut(u64),
    header: impl FnOnce(Vec<String>) -> Result<(), IngestError>,
    mut chunk: impl FnMut(RawChunk) -> Result<(), IngestError>,
) -> Result<FileRead, IngestError> {
    let file = open(input)?;
    let headers = file.try_clone().map_err(|error| io_error(&input.name, error))?;
    let builder = guarded(input, || builder(file).map_err(|error| error.to_string()))?;
    let unpacked = guarded(input, || Ok(unpacked_bytes(&headers, builder.metadata())))?;
    if is_too_much(unpacked, input.bytes) {
        return Err(unpacks_to_too_much(&input.name));
    }
    let rows = u64::try_from(builder.metadata().file_metadata().num_rows()).unwrap_or(0);
    let assumed = unread(builder.schema());
    header(builder.schema().fields().iter().map(|field| field.name().trim().to_owned()).collect())?;
    let batch_rows = (BATCH_CELLS / builder.schema().fields().len().max(1)).clamp(FEWEST_ROWS, BATCH_ROWS);
    let mut batches =
        guarded(input, || builder.with_batch_size(batch_rows).build().map_err(|error| error.to_string()))?;
    let (mut first_row, mut told) = (1, 0);
    while let Some(batch) = guarded(input, || batches.next().transpose().map_err(|error| error.to_string()))? {
        for part in parts_of(&input.name, &batch, first_row)? {
            let made = guarded(input, || to_chunk(&part, first_row).map_err(|error| error.to_string()))?;
            chunk(made)?;
            first_row += part.num_rows() as u64;
        }
        let now = (u128::from(input.bytes) * u128::from(first_row - 1) / u128::from(rows.max(1))) as u64;
        seen(now.saturating_sub(told));
        told = told.max(now);
    }
    if first_row - 1 != rows {
        let reason = format!("it holds {} rows and promises {rows}", first_row - 1);
        return Err(IngestError::Unreadable { file: input.name.clone(), reason });
    }
    Ok(FileRead { blake3: checksum(input)?, assumed })
}

/// Columns of lists and records: no cell of ours.
fn unread(schema: &Schema) -> Vec<Assumption> {
    let nested = schema.fields().iter().filter(|field| field.data_type().is_nested());
    let names: Vec<String> = nested.map(|field| format!("{:?}", field.name())).collect();
    let what = format!("the lists and records in {} left unread", names.join(", "));
    (!names.is_empty()).then(|| Assumption::doubtful("path", what)).into_iter().collect()
}

/// A reader that keeps texts as views of the pages they stand in: of a text that stands in every row there is one.
fn builder(file: File) -> Result<ParquetRecordBatchReaderBuilder<File>, ParquetError> {
    let metadata = ArrowReaderMetadata::load(&file, ArrowReaderOptions::new())?;
    let schema = metadata.schema();
    let fields: Vec<Field> = schema.fields().iter().map(|field| viewed(field)).collect();
    let viewed = Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone()));
    let options = ArrowReaderOptions::new().with_schema(viewed);
    let metadata = ArrowReaderMetadata::try_new(Arc::clone(metadata.metadata()), options).unwrap_or(metadata);
    Ok(ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata))
}

/// A field whose texts are views.
fn viewed(field: &Field) -> Field {
    let as_views = |kind: &DataType| match kind {
        DataType::Utf8 | DataType::LargeUtf8 => Some(DataType::Utf8View),
        DataType::Binary | DataType::LargeBinary => Some(DataType::BinaryView),
        _ => None,
    };
    let kind = match field.data_type() {
        DataType::Dictionary(_, value) => as_views(value),
        kind => as_views(kind),
    };
    kind.map_or_else(|| field.clone(), |kind| field.clone().with_data_type(kind))
}

/// A batch in parts so small that their texts fill no memory; no text may be longer than a cell.
fn parts_of(file: &str, batch: &RecordBatch, first_row: u64) -> Result<Vec<RecordBatch>, IngestError> {
    let mut bytes = vec![0_usize; batch.num_rows()];
    for column in batch.columns() {
        for (row, length) in text_lengths(column).enumerate() {
            check_cell(file, first_row + row as u64, length)?;
            bytes[row] += length;
        }
    }
    let most = bytes.iter().copied().max().unwrap_or(0).max(1);
    let rows = (PART_BYTES / most).clamp(1, batch.num_rows().max(1));
    Ok((0..batch.num_rows()).step_by(rows).map(|at| batch.slice(at, rows.min(batch.num_rows() - at))).collect())
}

/// The lengths of the texts of a column; none where it has other values.
fn text_lengths(array: &ArrayRef) -> Box<dyn Iterator<Item = usize> + '_> {
    match array.data_type() {
        DataType::Utf8View => Box::new(array.as_string_view().iter().map(|text| text.map_or(0, str::len))),
        DataType::BinaryView => Box::new(array.as_binary_view().iter().map(|text| text.map_or(0, <[u8]>::len))),
        DataType::Utf8 => Box::new(array.as_string::<i32>().iter().map(|text| text.map_or(0, str::len))),
        DataType::LargeUtf8 => Box::new(array.as_string::<i64>().iter().map(|text| text.map_or(0, str::len))),
        _ => Box::new(std::iter::empty()),
    }
}

/// Damaged files can make the decoder panic; that too is only an unreadable file.
fn guarded<T>(input: &InputPath, step: impl FnOnce() -> Result<T, String>) -> Result<T, IngestError> {
    let unreadable = |reason: String| match system_error(&reason) {
        Some(source) => io_error(&input.name, source),
        None => IngestError::Unreadable { file: input.name.clone(), reason },
    };
    match catch_unwind(AssertUnwindSafe(step)) {
        Ok(result) => result.map_err(unreadable),
        Err(_) => Err(unreadable("its contents are damaged".to_owned())),
    }
}

/// The error of the system in a decoder's text, which is all the decoder keeps of it.
fn system_error(text: &str) -> Option<std::io::Error> {
    let (_, code) = text.split_once("(os error ")?;
    let (code, _) = code.split_once(')')?;
    code.parse().ok().map(std::io::Error::from_raw_os_error)
}

fn to_chunk(batch: &RecordBatch, first_row: u64) -> Result<RawChunk, ArrowError> {
    let columns = batch.columns().iter().map(to_column).collect::<Result<Vec<_>, _>>()?;
    let body = Body::Arrays { columns, first_row, rows: batch.num_rows() };
    Ok(RawChunk { body, ragged: Vec::new(), undecodable: false })
}

fn to_column(array: &ArrayRef) -> Result<ArrayColumn, ArrowError> {
    use DataType::{
        Binary, BinaryView, Boolean, Date32, Date64, Decimal32, Decimal64, Decimal128, Decimal256, Dictionary, Float16,
        Float32, Float64, Int8, Int16, Int32, Int64, LargeBinary, LargeUtf8, Timestamp, UInt8, UInt16, UInt32, UInt64,
        Utf8, Utf8View,
    };
    let to =
        |target: &DataType| cast_with_options(array, target, &CastOptions { safe: false, ..CastOptions::default() });
    Ok(match array.data_type() {
        Dictionary(_, value) => return to_column(&to(value)?),
        Utf8 | LargeUtf8 | Utf8View | Binary | LargeBinary | BinaryView | UInt64 | Decimal256(..) => {
            ArrayColumn::Text(to(&Utf8)?.as_string().clone())
        }
        Int8 | Int16 | Int32 | Int64 | UInt8 | UInt16 | UInt32 => {
            ArrayColumn::Integer(to(&Int64)?.as_primitive::<Int64Type>().clone())
        }
        Float16 | Float32 => ArrayColumn::Float(widened(&to(&Float32)?)),
        Float64 => ArrayColumn::Float(array.as_primitive().clone()),
        Decimal32(_, scale) | Decimal64(_, scale) | Decimal128(_, scale) => {
            ArrayColumn::Decimal(to(&Decimal128(38, *scale))?.as_primitive::<Decimal128Type>().clone(), *scale)
        }
        Timestamp(_, zone) => {
            let cast = to(&Timestamp(TimeUnit::Microsecond, zone.clone()))?;
            ArrayColumn::Time(cast.as_primitive::<TimestampMicrosecondType>().clone(), zone.is_some())
        }
        Date64 => {
            let cast = to(&Timestamp(TimeUnit::Microsecond, None))?;
            ArrayColumn::Time(cast.as_primitive::<TimestampMicrosecondType>().clone(), false)
        }
        Date32 => ArrayColumn::Day(array.as_primitive().clone()),
        Boolean => ArrayColumn::Flag(array.as_boolean().clone()),
        // lists, structs, times of day: nothing the contract has a use for
        _ => ArrayColumn::Unread,
    })
}

/// Single precision to double by way of the shortest decimal text, so that 1054.1 stays 1054.1.
fn widened(array: &ArrayRef) -> Float64Array {
    let array = array.as_primitive::<Float32Type>();
    array.iter().map(|value| value.map(|value| value.to_string().parse().unwrap_or(f64::NAN))).collect()
}

/// Writes columns to a Parquet file, for tests.
#[cfg(test)]
pub(crate) fn write(path: &std::path::Path, columns: Vec<(&str, ArrayRef)>) {
    let batch = RecordBatch::try_from_iter(columns).expect("equal lengths");
    let file = std::fs::File::create(path).expect("created");
    let mut writer = parquet::arrow::ArrowWriter::try_new(file, batch.schema(), None).expect("a writer");
    writer.write(&batch).expect("written");
    writer.close().expect("closed");
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use arrow::array::{
        BooleanArray, Date32Array, Decimal128Array, DictionaryArray, Float32Array, Int32Array, LargeStringArray,
        ListArray, StringArray, StringViewArray, TimestampNanosecondArray, TimestampSecondArray,
    };
    use arrow::datatypes::Int32Type;

    use super::*;
    use crate::ingest::decode::chunk::RawCell;
    use crate::ingest::decode::files;

    fn input(path: &Path) -> InputPath {
        files::resolve(&path.to_string_lossy(), Path::new("")).expect("found").remove(0)
    }

    #[test]
    fn every_type_becomes_a_cell() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("t.parquet");
        let list = ListArray::from_iter_primitive::<Int32Type, _, _>([Some([Some(1)])]);
        let decimal = Decimal128Array::from(vec![12_345]).with_precision_and_scale(10, 2).expect("fits");
        write(
            &path,
            vec![
                ("large", Arc::new(LargeStringArray::from(vec![" a "]))),
                ("view", Arc::new(StringViewArray::from(vec!["b"]))),
                ("dictionary", Arc::new(DictionaryArray::<Int32Type>::from_iter([Some("c")]))),
                ("int", Arc::new(Int32Array::from(vec![7]))),
                ("float", Arc::new(Float32Array::from(vec![1054.1]))),
                ("decimal", Arc::new(decimal)),
                ("nanos", Arc::new(TimestampNanosecondArray::from(vec![1_500]).with_timezone("+02:00"))),
                ("seconds", Arc::new(TimestampSecondArray::from(vec![60]))),
                ("day", Arc::new(Date32Array::from(vec![1]))),
                ("flag", Arc::new(BooleanArray::from(vec![true]))),
                ("list", Arc::new(list)),
                ("null", Arc::new(StringArray::from(vec![None::<&str>]))),
            ],
        );
        let mut cells = Vec::new();
        read(
            &input(&path),
            |_| (),
            |names| {
                assert_eq!(names.len(), 12);
                Ok(())
            },
            |chunk| {
                cells.extend((0..12).map(|column| format!("{:?}", chunk.cell(0, column))));
                assert_eq!((chunk.line(0), chunk.is_number(3), chunk.is_number(0)), (1, true, false));
                Ok(())
            },
        )
        .expect("reads");
        let expected = [
            RawCell::Text("a".into()),
            RawCell::Text("b".into()),
            RawCell::Text("c".into()),
            RawCell::Integer(7),
            RawCell::Float(1054.1),
            RawCell::Decimal(12_345, 2),
            RawCell::Time(1, true),
            RawCell::Time(60_000_000, false),
            RawCell::Time(86_400_000_000, false),
            RawCell::Flag(true),
            RawCell::Empty,
            RawCell::Empty,
        ];
        assert_eq!(cells, expected.map(|cell| format!("{cell:?}")));
    }

    /// One text of 3 MiB in a dictionary, named by every row: more than a GiB of cells in a file of some kilobytes.
    #[test]
    fn a_text_that_every_row_names_stands_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("t.parquet");
        let rows = 400;
        let text = StringArray::from(vec!["x".repeat(3 << 20)]);
        let keys = arrow::array::Int32Array::from(vec![0; rows]);
        write(&path, vec![("a", Arc::new(DictionaryArray::new(keys, Arc::new(text))))]);
        let (mut seen, mut most) = (0, 0);
        let read = read(
            &input(&path),
            |_| (),
            |_| Ok(()),
            |chunk| {
                seen += chunk.rows();
                most = most.max(chunk.rows());
                Ok(())
            },
        );
        assert!(read.is_ok() && seen == rows && most <= 21, "{seen} rows, {most} at once");
    }

    #[test]
    fn a_truncated_file_is_unreadable_wherever_it_is_cut() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("t.parquet");
        write(&path, vec![("a", Arc::new(Int32Array::from_iter_values(0..1000)))]);
        let whole = std::fs::read(&path).expect("bytes");
        for length in (4..whole.len()).step_by(97) {
            std::fs::write(&path, &whole[..length]).expect("written");
            let error = read(&input(&path), |_| (), |_| Ok(()), |_| Ok(())).expect_err("cut short");
            assert!(matches!(error, IngestError::Unreadable { .. }), "{error}");
        }
    }
}
