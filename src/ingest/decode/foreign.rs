//! The first bytes of a file to what it is, where it is no table: a document, a picture, a page, records of an API.

/// How kinds of files begin that no table is read from, and what they are.
const BEGINNINGS: [(&[u8], &str); 16] = [
    (b"%PDF-", "a PDF document"),
    (b"\x89PNG", "a picture (PNG)"),
    (b"\xff\xd8\xff", "a picture (JPEG)"),
    (b"GIF8", "a picture (GIF)"),
    (b"{\\rtf", "a text document (RTF)"),
    (b"SQLite format 3\0", "an SQLite database"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"BZh", "a file packed with bzip2"),
    (b"\xfd7zXZ", "a file packed with xz"),
    (b"MZ\x90", "a program"),
    (b"\x7fELF", "a program"),
    (b"ORC", "an ORC file"),
    (b"Obj\x01", "an Avro file"),
    (b"ARROW1", "an Arrow file"),
    (b"\x00\x00\x00\x00", "a binary file"),
];
/// How pages and other marked-up texts begin, in lower case.
const PAGES: [(&str, &str); 6] = [
    ("<!doctype html", "a web page"),
    ("<html", "a web page"),
    ("<table", "a web page"),
    ("<head", "a web page"),
    ("<body", "a web page"),
    ("<?xml", "XML"),
];
/// Bytes that are looked at.
pub(super) const HEAD: usize = 4096;

/// What a file is that begins with `head`, and what to do about it; nothing where it may be a table.
pub(super) fn foreign(head: &[u8]) -> Option<String> {
    if let Some((_, kind)) = BEGINNINGS.iter().find(|(start, _)| head.starts_with(start)) {
        return Some(format!("it is {kind}, not a table: export the deals as CSV or as a workbook"));
    }
    let text = String::from_utf8_lossy(head);
    let start = text.trim_start_matches('\u{feff}').trim_start();
    let lower: String = start.chars().take(20).flat_map(char::to_lowercase).collect();
    if let Some((_, kind)) = PAGES.iter().find(|(page, _)| lower.starts_with(page)) {
        return Some(format!(
            "it is {kind}, not a table: save it as CSV, or open it in a spreadsheet program and save it as .xlsx"
        ));
    }
    if is_binary(head) {
        return Some("it is a binary file, not a table: export the deals as CSV or as a workbook".to_owned());
    }
    None
}

/// Whether bytes stand in it that no text has, and it is no text of two bytes a letter.
fn is_binary(head: &[u8]) -> bool {
    let zeros = head.iter().filter(|byte| **byte == 0).count();
    let odd = head.iter().filter(|byte| matches!(byte, 1..=8 | 14..=26 | 28..=31)).count();
    // UTF-16 has a zero in every other byte of Latin text, and more odd bytes the less Latin it is
    let is_wide = head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff") || zeros * 5 >= head.len() * 2;
    !is_wide && (zeros + odd) * 20 > head.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_table_is_named() {
        for (head, kind) in [
            (b"%PDF-1.7\n1 0 obj, x, y".as_slice(), "a PDF document"),
            (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "a picture (PNG)"),
            (b"\xef\xbb\xbf\n <!DOCTYPE html><table>", "a web page"),
            (b"<?xml version=\"1.0\"?><Workbook>", "XML"),
            (b"\x01\x02\x03\x04\x05,\x06\x07", "a binary file"),
        ] {
            let told = foreign(head).unwrap_or_default();
            assert!(told.contains(kind), "{told}");
        }
    }

    #[test]
    fn tables_of_every_encoding_are_left_alone() {
        let wide: Vec<u8> = "id,Стадия,担当者\n1,Новая,鈴木\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let marked = [b"\xff\xfe".as_slice(), &wide].concat();
        let (sjis, _, _) = encoding_rs::SHIFT_JIS.encode("番号,フェーズ,担当者\n1,商談,鈴木\n");
        for head in
            [b"id,stage\n1,New\n".as_slice(), b"", b"\"id\"\t\"stage\"\r\n", &marked, &sjis, b"Id;\xc4nderung\n"]
        {
            assert_eq!(foreign(head), None, "{head:?}");
        }
    }
}
