//! `dealcast init` on sheets people keep themselves: headers in their own language, encodings and ways to write numbers of
//! their country; and what a person may say where no word is known.

use std::fmt::Write;

use encoding_rs::{
    BIG5, EUC_KR, Encoding, GBK, SHIFT_JIS, UTF_8, WINDOWS_1250, WINDOWS_1251, WINDOWS_1252, WINDOWS_1254,
};

use crate::harness::{Desk, Finished};

const DEALS: usize = 120;

/// A sheet as somebody in one country keeps it.
struct Sheet {
    encoding: &'static Encoding,
    separator: char,
    /// Id, customer, owner, stage, amount, created, expected, closed, source.
    header: [&'static str; 9],
    open: [&'static str; 4],
    won: &'static str,
    lost: &'static str,
    /// An amount: `{w}` the whole part with its thousands marks, such as `{w},50 zł`; the mark stands behind a bar.
    amount: &'static str,
    /// A date, of `{y}`, `{m}`, `{d}`.
    date: &'static str,
    currency: &'static str,
}

impl Sheet {
    fn text(&self) -> String {
        let mut text = row(self.separator, &self.header.map(str::to_owned));
        for at in 0..DEALS {
            let (month, day, closed) = (1 + at % 11, 1 + (at * 7) % 28, at % 4 != 3);
            let stage = match (closed, at % 3 == 0) {
                (false, _) => self.open[at % 16 / 4],
                (true, won) => {
                    if won {
                        self.won
                    } else {
                        self.lost
                    }
                }
            };
            let year = 2024 + at / 60;
            let end = self.date(year, month + 1, 28);
            let cells = [
                format!("A-{}", 1000 + at),
                format!("K{}", at % 17),
                format!("V{}", at % 3),
                stage.to_owned(),
                self.amount(1200 + at * 137),
                self.date(year, month, day),
                end.clone(),
                if closed { end } else { String::new() },
                format!("Q{}", at % 4),
            ];
            text.push_str(&row(self.separator, &cells));
        }
        text
    }

    fn amount(&self, whole: usize) -> String {
        let (form, mark) = self.amount.split_once('|').unwrap();
        let grouped = format!("{}{mark}{:03}", whole / 1000, whole % 1000);
        form.replace("{w}", &grouped)
    }

    fn date(&self, year: usize, month: usize, day: usize) -> String {
        let two = self.date.contains("0{");
        let of = |number: usize| if two { format!("{number:02}") } else { number.to_string() };
        self.date
            .replace("0{", "{")
            .replace("{y}", &year.to_string())
            .replace("{m}", &of(month))
            .replace("{d}", &of(day))
    }

    fn bytes(&self) -> Vec<u8> {
        let text = self.text();
        let (bytes, _, lossy) = self.encoding.encode(&text);
        assert!(!lossy, "{}", self.header[0]);
        bytes.into_owned()
    }
}

fn row(separator: char, cells: &[String]) -> String {
    let quoted = |cell: &String| if cell.contains(separator) { format!("\"{cell}\"") } else { cell.clone() };
    let cells: Vec<String> = cells.iter().map(quoted).collect();
    cells.join(&separator.to_string()) + "\r\n"
}

fn sheets() -> Vec<Sheet> {
    vec![
        Sheet {
            encoding: SHIFT_JIS,
            separator: ',',
            header: [
                "案件番号",
                "顧客名",
                "営業担当",
                "商談フェーズ",
                "見込金額（円）",
                "登録日",
                "受注予定日",
                "完了日",
                "流入経路",
            ],
            open: ["初回訪問", "ヒアリング", "見積提示", "最終交渉"],
            won: "受注",
            lost: "失注",
            amount: "¥{w}|,",
            date: "{y}年{m}月{d}日",
            currency: "JPY",
        },
        Sheet {
            encoding: WINDOWS_1251,
            separator: ';',
            header: [
                "Номер сделки",
                "Клиент",
                "Менеджер",
                "Этап",
                "Сумма сделки, руб.",
                "Дата создания",
                "Планируемая дата закрытия",
                "Дата закрытия",
                "Источник",
            ],
            open: ["Первичный контакт", "Презентация", "Отправлено КП", "Согласование договора"],
            won: "Успешно реализовано",
            lost: "Закрыто и не реализовано",
            amount: "{w},50|\u{a0}",
            date: "0{d}.0{m}.{y}",
            currency: "RUB",
        },
        Sheet {
            encoding: GBK,
            separator: ',',
            header: [
                "商机编号",
                "客户名称",
                "负责人",
                "销售阶段",
                "预计金额",
                "创建时间",
                "预计成交日期",
                "成交日期",
                "商机来源",
            ],
            open: ["初步接洽", "需求确定", "方案报价", "商务谈判"],
            won: "赢单",
            lost: "输单",
            amount: "{w}.00元|,",
            date: "{y}/{m}/{d} 10:20",
            currency: "CNY",
        },
        Sheet {
            encoding: BIG5,
            separator: ',',
            header: [
                "商機編號",
                "客戶名稱",
                "業務員",
                "銷售階段",
                "預計金額",
                "建立日期",
                "預計成交日期",
                "結案日期",
                "客戶來源",
            ],
            open: ["初步拜訪", "需求評估", "報價", "談判"],
            won: "贏單",
            lost: "輸單",
            amount: "NT${w}|,",
            date: "{y}/0{m}/0{d}",
            currency: "TWD",
        },
        Sheet {
            encoding: EUC_KR,
            separator: ',',
            header: [
                "영업기회번호",
                "고객사",
                "영업담당자",
                "영업단계",
                "예상금액",
                "등록일",
                "예상 마감일",
                "마감일",
                "유입경로",
            ],
            open: ["초기상담", "니즈분석", "제안", "협상"],
            won: "수주",
            lost: "실주",
            amount: "{w}원|,",
            date: "{y}. {m}. {d}.",
            currency: "KRW",
        },
        Sheet {
            encoding: WINDOWS_1250,
            separator: ';',
            header: [
                "Nr szansy",
                "Klient",
                "Opiekun",
                "Etap sprzedaży",
                "Kwota netto",
                "Data utworzenia",
                "Przewidywana data zamknięcia",
                "Data zamknięcia",
                "Źródło",
            ],
            open: ["Nowy", "Prezentacja", "Oferta wysłana", "Negocjacje"],
            won: "Wygrana",
            lost: "Przegrana",
            amount: "{w},50 zł|\u{a0}",
            date: "0{d}.0{m}.{y}",
            currency: "PLN",
        },
        Sheet {
            encoding: WINDOWS_1254,
            separator: ';',
            header: [
                "Fırsat No",
                "Müşteri",
                "Satış Temsilcisi",
                "Aşama",
                "Tutar",
                "Oluşturma Tarihi",
                "Tahmini Kapanış Tarihi",
                "Kapanış Tarihi",
                "Kaynağı",
            ],
            open: ["Yeni", "Sunum", "Teklif verildi", "Pazarlık"],
            won: "Kazanıldı",
            lost: "Kaybedildi",
            amount: "{w},50 TL|.",
            date: "0{d}.0{m}.{y}",
            currency: "TRY",
        },
        Sheet {
            encoding: WINDOWS_1252,
            separator: ';',
            header: [
                "Nº da oportunidade",
                "Razão social",
                "Vendedor responsável",
                "Etapa do funil",
                "Valor da oportunidade",
                "Data de cadastro",
                "Previsão de fechamento",
                "Data de fechamento",
                "Origem do lead",
            ],
            open: ["Prospecção", "Qualificação", "Proposta enviada", "Negociação"],
            won: "Ganho",
            lost: "Perdido",
            amount: "R$ {w},50|.",
            date: "0{d}/0{m}/{y}",
            currency: "BRL",
        },
        Sheet {
            encoding: UTF_8,
            separator: '\t',
            header: [
                "رقم الصفقة",
                "اسم العميل",
                "مندوب المبيعات",
                "المرحلة",
                "قيمة الصفقة",
                "تاريخ الإنشاء",
                "تاريخ الإغلاق المتوقع",
                "تاريخ الإغلاق",
                "المصدر",
            ],
            open: ["تواصل أولي", "عرض تقديمي", "عرض سعر", "تفاوض"],
            won: "تم الفوز",
            lost: "خسارة",
            amount: "{w} ر.س|,",
            date: "0{d}/0{m}/{y}",
            currency: "SAR",
        },
        Sheet {
            encoding: WINDOWS_1252,
            separator: ';',
            header: [
                "N. opportunità",
                "Ragione sociale",
                "Commerciale",
                "Fase di vendita",
                "Importo (€)",
                "Data creazione",
                "Data chiusura prevista",
                "Data chiusura",
                "Provenienza",
            ],
            open: ["Contatto", "Presentazione", "Offerta inviata", "Trattativa"],
            won: "Vinta",
            lost: "Persa",
            amount: "{w},50|.",
            date: "0{d}/0{m}/{y}",
            currency: "EUR",
        },
    ]
}

/// The columns of [`Sheet::header`].
const MEANT: [&str; 9] =
    ["deal_id", "account", "owner", "stage", "amount", "created_at", "expected_close_date", "closed_at", "source"];

fn assert_read(desk: &Desk, done: &Finished, sheet: &Sheet) {
    let text = desk.read("dealcast.toml");
    for (name, header) in MEANT.iter().zip(sheet.header) {
        assert!(text.contains(&format!("\n{name} = \"{header}\"\n")), "{name} is no {header}: {text}");
    }
    assert!(text.contains(&format!("base_currency = \"{}\"", sheet.currency)), "{text}");
    let order = format!("stages in order: {}; won: {}; lost: {}", sheet.open.join(" > "), sheet.won, sheet.lost);
    assert!(done.stderr.contains(&order), "{order}: {}", done.stderr);
    assert!(done.stderr.contains("30 open, 30 won, 60 lost"), "{}", done.stderr);
    assert!(!done.stderr.contains("will be rejected"), "{}", done.stderr);
}

#[test]
fn own_sheets_in_ten_scripts_and_their_encodings_need_no_answer() {
    for sheet in sheets() {
        let desk = Desk::empty();
        desk.write("sheet.csv", sheet.bytes());
        let done = desk.run("init sheet.csv");
        assert_eq!(done.code, 0, "{}: {}", sheet.header[0], done.stderr);
        assert_read(&desk, &done, &sheet);
    }
}

#[test]
fn own_sheets_in_utf_16_need_no_answer() {
    for sheet in sheets() {
        let mut bytes = vec![0xff, 0xfe];
        sheet.text().replace(sheet.separator, "\t").encode_utf16().for_each(|unit| bytes.extend(unit.to_le_bytes()));
        if sheet.separator == ',' && sheet.amount.ends_with(',') {
            continue;
        }
        let desk = Desk::empty();
        desk.write("sheet.txt", bytes);
        let done = desk.run("init sheet.txt");
        assert_eq!(done.code, 0, "{}: {}", sheet.header[0], done.stderr);
        assert_read(&desk, &done, &sheet);
    }
}

/// A sheet of words nobody knows, the amounts in another currency than the usual one.
fn unknown() -> String {
    let mut text = "kap;lam;mu;nu\r\n".to_owned();
    for at in 0..40 {
        let stage = ["Alpha", "Beta", "Gamma"][at % 3];
        write!(text, "X{at};{stage};2025-0{}-1{};{},50 €\r\n", 1 + at % 9, at % 9, 100 + at).unwrap();
    }
    text
}

#[test]
fn what_no_word_tells_a_person_can_say_and_is_told_how() {
    let desk = Desk::empty();
    desk.write("sheet.csv", unknown());
    let stopped = desk.run("init sheet.csv");
    assert_eq!(stopped.code, 3, "{}", stopped.stderr);
    let answers: Vec<&str> =
        stopped.stderr.split("--answer '").skip(1).map(|rest| rest.split('\'').next().unwrap()).collect();
    let named = ["deal_id=\"kap\"", "stage=\"lam\"", "created_at=\"mu\"", "amount=\"nu\""];
    assert_eq!(answers, named.map(|of| format!("sources.deals.columns.{of}")), "{}", stopped.stderr);
    let mut told = desk.command("init sheet.csv --answer stages.won=Gamma --answer stages.lost=Beta");
    answers.iter().for_each(|answer| {
        told.args(["--answer", answer]);
    });
    let done = Finished::of(told.output().unwrap(), "told");
    // the closing day is what else must be decided: no column has it
    assert_eq!(done.code, 0, "{}", done.stderr);
    let text = desk.read("dealcast.toml");
    assert!(text.contains("base_currency = \"EUR\"") && text.contains("decimal_mark = \",\""), "{text}");
    let again = desk.ok("init sheet.csv");
    assert_eq!(desk.read("dealcast.toml"), text, "{}", again.stderr);
    let wrong = desk.run("init sheet.csv --config other.toml --answer sources.deals.columns.stage=Lamm");
    assert_eq!(wrong.code, 2, "{}", wrong.stderr);
    assert!(wrong.stderr.contains("there is no \"Lamm\""), "{}", wrong.stderr);
}

#[test]
fn the_currency_in_the_cells_of_a_named_column_of_amounts_is_seen() {
    let desk = Desk::empty();
    let text = unknown().replacen("kap;lam;mu;nu", "deal_id;stage;created_at;nu", 1);
    desk.write("deals.csv", text);
    desk.ok("init deals.csv --answer stages.won=Gamma --answer sources.deals.columns.amount=nu");
    assert!(desk.read("dealcast.toml").contains("base_currency = \"EUR\""), "{}", desk.read("dealcast.toml"));
}
