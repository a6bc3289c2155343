//! The dictionaries: what real exports hold one day, and what nobody should ever type.

use serde_json::{Value, json};

use crate::random::Random;

/// Cells that mean nothing, too much, or something else to whoever reads them.
const CELLS: [&[u8]; 62] = [
    b"",
    b" ",
    b"0",
    b"-0",
    b"-1",
    b"-0.01",
    b"1e308",
    b"-1e308",
    b"1e309",
    b"NaN",
    b"inf",
    b"-inf",
    b"Infinity",
    b"99999999999999999999999999",
    b"-99999999999999999999999999",
    b"9223372036854775807",
    b"92233720368547758.07",
    b"0.000000000000000000000000000000001",
    b"1,234,567.89",
    b"1.234.567,89",
    b"1'000",
    b"$1,000",
    b"12 %",
    b"0x10",
    b"9999-12-31",
    b"9999-12-31T23:59:59",
    b"0000-00-00",
    b"0001-01-01",
    b"-9999-01-01",
    b"2999-06-01",
    b"1900-01-01",
    b"1969-12-31T23:59:59Z",
    b"2025-02-29",
    b"2025-13-01",
    b"31/12/2025",
    b"12/31/25",
    b"45000",
    b"1735689600000",
    b"2025-06-01T10:00:00+14:00",
    b"2025-06-01T24:00:00",
    b"2025-06-31",
    b"\x1b]0;owned\x07",
    b"\x1b[31mred\x1b[0m",
    b"\r",
    b"a\rb",
    b"\x08\x08\x08",
    b"\x00",
    b"a\x00b",
    b"\xc2\x9b31m",
    b"\xe2\x80\xae\xe2\x81\xa6evil\xe2\x81\xa9",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\xc3\x28",
    b"\xed\xa0\x80",
    b"=1+1",
    b"@SUM(A1)",
    b"+1",
    b"-cmd|' /C calc'!A0",
    b"\"",
    b"a\"b",
    b"a,b;c\td",
    b"line\nline",
];

/// A cell from the dictionary, or a very long one.
pub fn cell(random: &mut Random) -> Vec<u8> {
    match random.below(30) {
        0 => vec![b'x'; 100_000],
        1 => "Ü".repeat(40_000).into_bytes(),
        2 => day(random).into_bytes(),
        _ => random.pick(&CELLS).to_vec(),
    }
}

/// Days of an export, at its edges and far outside.
pub fn day(random: &mut Random) -> String {
    const DAYS: [&str; 19] = [
        "2026-02-14",
        "2026-02-13",
        "2026-02-15",
        "2025-12-31",
        "2026-01-01",
        "2025-11-15",
        "2024-02-29",
        "2023-02-14",
        "2023-02-13",
        "2026-12-31",
        "2030-01-01",
        "1970-01-01",
        "1900-01-01",
        "0001-01-01",
        "2999-01-01",
        "9998-12-31",
        "9999-06-30",
        "9999-12-31",
        "2025-02-30",
    ];
    (*random.pick(&DAYS)).to_owned()
}

/// A word as a person might type it, or as nobody would.
pub fn word(random: &mut Random) -> Vec<u8> {
    const WORDS: [&[u8]; 16] = [
        b"owner",
        b"source",
        b"employees",
        b"nothing",
        b"",
        b" ",
        b"-",
        b"--",
        b"*",
        b"../../x",
        b"a\x1b]0;t\x07b",
        b"a\nb",
        b"\xe2\x80\xaeabc",
        b"\xff\xfe",
        b"999999999999999999999",
        b"'; drop table deals",
    ];
    if random.percent(5) { vec![b'w'; 5_000] } else { random.pick(&WORDS).to_vec() }
}

/// A value of the wrong type, or of the right one and absurd.
pub fn value(random: &mut Random) -> Value {
    const TEXTS: [&str; 16] = [
        "",
        " ",
        "9999-12-31",
        "2999-01-01",
        "0000-00-00",
        "a\u{1b}]0;t\u{7}b",
        "\u{202e}abc",
        "\0",
        "../other/model",
        "/dev/null",
        "Mars/Olympus",
        "XXX",
        "owner",
        "won",
        "=1+1",
        "*",
    ];
    match random.below(14) {
        0 => Value::Null,
        1 => json!(true),
        2 => json!([]),
        3 => json!({}),
        4 => json!([[], {}, "x", 1]),
        5 => json!(0),
        6 => json!(-1),
        7 => json!(*random.pick(&[1, 2, 7, 13, 53, 366, 9999, 10000, 65536, 1_000_000_000, i64::MAX, i64::MIN])),
        8 => json!(*random.pick(&[0.5, -0.5, 1.0, 1.5, 1e308, -1e308, 1e-308, 5e-324, -0.0])),
        9 => json!("x".repeat(50_000)),
        _ => json!(*random.pick(&TEXTS)),
    }
}
