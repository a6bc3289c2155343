//! One row's cells to typed values, holding each to its rule.

use std::borrow::Cow;

use crate::config::{ChanceScale, DateOrder, Rule, RuleConfig, RuleSeverity};
use crate::domain::day::{self, Day, MICROS_PER_DAY, Moment};
use crate::domain::inputs::InputSpec;
use crate::domain::period::{Period, PeriodKind};
use crate::domain::stage::ForecastCategory;
use crate::ingest::cells::amount::{AmountError, Exact, read as read_amount};
use crate::ingest::cells::date::{DateText, SplitDate};
use crate::ingest::cells::ids::is_shortened;
use crate::ingest::cells::{currency, words};
use crate::ingest::context::ReadContext;
use crate::ingest::decode::chunk::{RawCell, RawChunk};
use crate::ingest::evidence::Styles;
use crate::ingest::issues::{Notes, excerpt};
use crate::ingest::layout::FileLayout;
use crate::ingest::reject::Reject;
use crate::ingest::twice::RowPlace;
use crate::ingest::written::{WrittenChance, date_expected, date_of, decimal, is_nothing, is_zero, without_percent};

/// Why a row is not taken.
pub(crate) enum Stop {
    /// It is rejected.
    Reject(Box<Reject>),
    /// The run stops.
    Error(Box<Reject>),
    /// Columns must be looked through before any of their cells can be read.
    NeedsEvidence,
}

/// One row, being read.
pub(crate) struct RowReader<'a> {
    pub chunk: &'a RawChunk,
    pub layout: &'a FileLayout,
    pub row: usize,
    /// The file's position among those of the table.
    pub file: usize,
    pub spec: &'static InputSpec,
    pub context: &'a ReadContext<'a>,
    pub styles: &'a Styles,
    pub period_from_date: Option<PeriodKind>,
    /// How chances are written, where that is configured.
    pub chances: Option<ChanceScale>,
    /// Whether rates are units per unit of the base currency.
    pub units_per_base: bool,
    pub notes: &'a mut Notes,
}

/// Whole numbers from here on are rounded where they are stored as floating-point ones.
const MOST_EXACT: f64 = 9_007_199_254_740_992.0;

/// The result of reading an optional cell.
pub(crate) type CellResult<T> = Result<Option<T>, Stop>;

impl<'a> RowReader<'a> {
    /// Line or row number in the file.
    pub(crate) fn line(&self) -> u64 {
        self.chunk.line(self.row)
    }

    /// Where the row stands.
    pub(crate) fn place(&self) -> RowPlace {
        RowPlace { file: self.file as u32, line: u32::try_from(self.line()).unwrap_or(u32::MAX) }
    }

    /// A number for what stands in the columns nobody reads: other cells, another number.
    pub(crate) fn unread(&self) -> u64 {
        self.layout.unread(self.chunk, self.row)
    }

    /// The cells of the row that are read into nothing, with the names of their columns.
    pub(crate) fn unread_cells(&self) -> impl Iterator<Item = (&'a str, RawCell<'a>)> {
        self.layout.unread_cells(self.chunk, self.row)
    }

    /// The cell of a canonical column.
    pub(crate) fn cell(&self, field: usize) -> RawCell<'a> {
        self.layout.cell(self.chunk, self.row, field)
    }

    /// The text of a canonical column.
    pub(crate) fn text(&self, field: usize) -> Option<Cow<'a, str>> {
        self.cell(field).text()
    }

    /// The text of a canonical column that must be filled.
    pub(crate) fn required(&mut self, field: usize, rule: Rule, what: &str) -> Result<Cow<'a, str>, Stop> {
        let is_rounded = matches!(self.cell(field), RawCell::Float(number) if number.abs() >= MOST_EXACT);
        match self.text(field) {
            Some(id) if rule == Rule::MissingId && (is_rounded || is_shortened(&id)) => {
                let reason = "a spreadsheet has cut its last digits off: export it again, with the ids as text";
                self.breaks(Rule::ShortenedId, field, &id, reason)?;
                Ok(id)
            }
            Some(text) => Ok(text),
            None => {
                self.breaks(rule, field, "", &format!("expected {what}"))?;
                Ok(Cow::Borrowed(""))
            }
        }
    }

    /// A row that breaks `rule` in the column at `field`; goes on only where the rule is a warning.
    pub(crate) fn breaks(&mut self, rule: Rule, field: usize, value: &str, reason: &str) -> Result<(), Stop> {
        let canonical = self.spec.columns.get(field).map_or("", |column| column.name);
        let column = self.layout.name_of(field, canonical);
        let (layout, line) = (self.layout, self.line());
        let reject = || Reject {
            file: layout.file.clone(),
            line,
            column: column.to_owned(),
            value: excerpt(value),
            reason: reason.to_owned(),
            rule,
        };
        if !canonical.is_empty() && !value.is_empty() {
            self.notes.tally.column(field).breaks(self.context.rules.severity_of(rule), reject);
        }
        raise(self.context.rules, self.notes, rule, reject)
    }

    /// A row that as a whole breaks `rule`.
    pub(crate) fn breaks_row(&mut self, rule: Rule, reason: &str) -> Result<(), Stop> {
        self.breaks(rule, usize::MAX, "", reason)
    }

    /// Rejects a row that nothing can be done with, unless `rule` stops the run.
    pub(crate) fn reject(&mut self, rule: Rule, field: usize, value: &str, reason: &str) -> Stop {
        let canonical = self.spec.columns.get(field).map_or("", |column| column.name);
        let reject = Box::new(Reject {
            file: self.layout.file.clone(),
            line: self.line(),
            column: self.layout.name_of(field, canonical).to_owned(),
            value: excerpt(value),
            reason: reason.to_owned(),
            rule,
        });
        let severity = self.context.rules.severity_of(rule);
        if !canonical.is_empty() && !value.is_empty() {
            self.notes.tally.column(field).breaks(severity.max(RuleSeverity::Reject), || (*reject).clone());
        }
        match severity {
            RuleSeverity::Error => Stop::Error(reject),
            RuleSeverity::Reject | RuleSeverity::Warn => Stop::Reject(reject),
        }
    }

    /// The moment in a date column.
    pub(crate) fn moment(&mut self, field: usize) -> CellResult<Moment> {
        let cell = self.cell(field);
        self.moment_of(cell, field)
    }

    /// When the row was last changed, where the mapping names a column that says so; in the style of the dates at `field`.
    pub(crate) fn changed(&mut self, field: usize) -> CellResult<Moment> {
        let layout = self.layout;
        match layout.newest(self.chunk, self.row) {
            Some(cell) => self.moment_of(cell, field),
            None => Ok(None),
        }
    }

    /// The day in a date column.
    pub(crate) fn day(&mut self, field: usize) -> CellResult<Day> {
        Ok(self.moment(field)?.map(Moment::day))
    }

    /// The day in a date column of a row that is rejected: nothing is said of it any more.
    pub(crate) fn day_if_any(&self, field: usize) -> Option<Day> {
        let micros = self.micros_of(&self.cell(field), field).ok().flatten();
        micros.map(|micros| Moment(micros).day())
    }

    /// The first day of something, in a date column; none where it is before all that can be given, as programs write
    /// "since ever".
    pub(crate) fn first_day(&mut self, field: usize) -> CellResult<Day> {
        self.day_unless(field, |day| day.year() < *day::YEARS.start())
    }

    /// The last day of something, in a date column; none where it is after all that can be given, as programs write
    /// "for ever".
    pub(crate) fn last_day(&mut self, field: usize) -> CellResult<Day> {
        self.day_unless(field, |day| day.year() > *day::YEARS.end())
    }

    fn day_unless(&mut self, field: usize, is_open: impl Fn(Day) -> bool) -> CellResult<Day> {
        let cell = self.cell(field);
        let day = self.micros_of(&cell, field)?.map(|micros| Moment(micros).day());
        if day.is_some_and(is_open) { Ok(None) } else { self.day(field) }
    }

    /// `cell` as a moment, in the style of the column at `field`.
    pub(crate) fn moment_of(&mut self, cell: RawCell<'a>, field: usize) -> CellResult<Moment> {
        if cell.is_empty() {
            return Ok(None);
        }
        match self.micros_of(&cell, field)?.map(Moment) {
            None if is_nothing(&cell) || is_zero(&cell) => Ok(None),
            Some(moment) if moment.day().may_be_given() => {
                self.notes.tally.column(field).day(moment.day());
                Ok(Some(moment))
            }
            Some(_) => self.unreadable(Rule::BadDate, field, cell, &format!("expected a day {}", day::range())),
            None => {
                let order = self.styles.orders.get(field).copied().flatten();
                self.unreadable(Rule::BadDate, field, cell, date_expected(order))
            }
        }
    }

    /// `cell` as microseconds since 1970 in the configured zone, whatever the year; none where it is no date.
    fn micros_of(&self, cell: &RawCell<'a>, field: usize) -> CellResult<i64> {
        let order = self.styles.orders.get(field).copied().flatten();
        let read = match date_of(cell) {
            Some(DateText::Split(split)) => self.in_order(split, order)?,
            other => other,
        };
        let micros = match read {
            Some(DateText::Instant(instant)) => self.context.civil(instant),
            Some(DateText::Civil(micros)) => Some(micros),
            _ => None,
        };
        Ok(micros.filter(|micros| micros.div_euclid(MICROS_PER_DAY).unsigned_abs() < 3_000_000))
    }

    /// Reads a date the column's order decides on.
    fn in_order(&self, split: SplitDate, order: Option<DateOrder>) -> CellResult<DateText> {
        let order = order.or(self.styles.decided.then_some(DateOrder::DayFirst));
        match split.order_in(order) {
            Some(order) => Ok(split.resolve(order)),
            None => Err(Stop::NeedsEvidence),
        }
    }

    /// The amount in a money column, in minor units of a currency with `decimals` places.
    pub(crate) fn amount(&mut self, field: usize, decimals: u32) -> CellResult<i64> {
        let cell = self.cell(field);
        self.amount_of(cell, field, decimals)
    }

    /// `cell` as an amount, in the style of the column at `field`.
    pub(crate) fn amount_of(&mut self, cell: RawCell<'a>, field: usize, decimals: u32) -> CellResult<i64> {
        let Some(exact) = self.exact_of(&cell, field)? else {
            if is_nothing(&cell) {
                return Ok(None);
            }
            return self.unreadable(Rule::BadAmount, field, cell, "expected an amount");
        };
        let Some((minor, rounded)) = exact.to_minor(decimals) else {
            return self.unreadable(Rule::BadAmount, field, cell, "expected an amount of less than 18 digits");
        };
        // numbers from binary floats have no decimals of their own to lose
        if rounded && !matches!(cell, RawCell::Float(_)) {
            let value = cell.clone().text().unwrap_or_default();
            self.breaks(Rule::RoundedAmount, field, &value, &format!("expected at most {decimals} decimals"))?;
        }
        if minor < 0 {
            let value = cell.text().unwrap_or_default();
            self.breaks(Rule::NegativeAmount, field, &value, "expected an amount of zero or more")?;
        }
        Ok(Some(minor))
    }

    /// The number in a column, exactly.
    pub(crate) fn exact(&mut self, field: usize) -> CellResult<Exact> {
        let cell = self.cell(field);
        match self.exact_of(&cell, field)? {
            Some(exact) => Ok(Some(exact)),
            None if is_nothing(&cell) => Ok(None),
            None => self.unreadable(Rule::BadNumber, field, cell, "expected a number"),
        }
    }

    /// The chance in a probability column as written: 0 to 100. Whether that means 1 or 100 the column decides, where it is
    /// not configured.
    pub(crate) fn chance_of(&mut self, cell: RawCell<'a>, field: usize) -> CellResult<WrittenChance> {
        let bare = match &cell {
            RawCell::Text(text) => without_percent(text).map(RawCell::Text),
            _ => None,
        };
        let has_sign = bare.is_some();
        let number = self.exact_of(bare.as_ref().unwrap_or(&cell), field)?.map(Exact::to_f64);
        let in_shares = self.chances == Some(ChanceScale::Share);
        let most = if in_shares && !has_sign { 1.0 } else { 100.0 };
        match number.filter(|number| (0.0..=most).contains(number)) {
            Some(number) if in_shares && has_sign => {
                Ok(Some(WrittenChance { number: number / 100.0, has_sign: false }))
            }
            Some(number) => Ok(Some(WrittenChance { number, has_sign })),
            None if is_nothing(&cell) => Ok(None),
            None if in_shares => self.unreadable(Rule::BadNumber, field, cell, "expected a chance, 0 to 1"),
            None => self.unreadable(Rule::BadNumber, field, cell, "expected a chance, 0 to 1 or 0 to 100 %"),
        }
    }

    fn exact_of(&self, cell: &RawCell<'_>, field: usize) -> CellResult<Exact> {
        let text = match cell {
            RawCell::Integer(value) => return Ok(Some(Exact { mantissa: i128::from(*value), scale: 0 })),
            RawCell::Float(value) => return Ok(Exact::from_f64(*value)),
            RawCell::Decimal(mantissa, scale) => return Ok(decimal(*mantissa, *scale)),
            RawCell::Text(text) => text,
            RawCell::Empty | RawCell::Time(..) | RawCell::Flag(_) => return Ok(None),
        };
        let mark = self.styles.marks.get(field).copied().flatten();
        let beside = self.styles.beside.get(field).copied().unwrap_or_default();
        match read_amount(text, mark.or(self.styles.decided.then_some('.')), beside) {
            Ok(exact) => Ok(Some(exact)),
            Err(AmountError::NeedsMark) => Err(Stop::NeedsEvidence),
            Err(AmountError::NotANumber) => Ok(None),
        }
    }

    /// The period in a period column.
    pub(crate) fn period(&mut self, field: usize) -> CellResult<Period> {
        if let Some(kind) = self.period_from_date {
            let day = self.day(field)?;
            return Ok(day.map(|day| self.context.calendar.period_of(kind, day)));
        }
        let cell = self.cell(field);
        let Some(text) = cell.clone().text() else { return Ok(None) };
        match self.context.calendar.parse(&text) {
            Some(period) => Ok(Some(period)),
            None => {
                self.unreadable(Rule::BadPeriod, field, cell, &format!("expected {}", self.context.calendar.labels()))
            }
        }
    }

    /// The currency in a column, the default one where it is empty, and its decimal places.
    pub(crate) fn currency(&mut self, field: usize) -> Result<Cow<'a, str>, Stop> {
        let Some(text) = self.text(field) else { return Ok(Cow::Borrowed(&self.context.default_currency)) };
        if matches!(text.as_ref(), "USD" | "EUR" | "GBP" | "CHF" | "JPY") {
            return Ok(text);
        }
        let (code, known) = currency::currency(&text);
        if !known {
            self.breaks(Rule::UnknownCurrency, field, &text, "expected an ISO 4217 code such as EUR")?;
        }
        Ok(Cow::Owned(code))
    }

    /// The forecast category `cell` names.
    pub(crate) fn category_of(&mut self, cell: RawCell<'a>, field: usize) -> CellResult<ForecastCategory> {
        let Some(text) = cell.clone().text() else { return Ok(None) };
        match words::category(&text) {
            Some(category) => Ok(Some(category)),
            None => self.unreadable(Rule::UnknownCategory, field, cell, "expected a forecast category"),
        }
    }

    /// A cell that cannot be read: empty where the rule is a warning.
    pub(crate) fn unreadable<T>(
        &mut self,
        rule: Rule,
        field: usize,
        cell: RawCell<'a>,
        expected: &str,
    ) -> CellResult<T> {
        let value = cell.text().unwrap_or_default();
        self.breaks(rule, field, &value, expected)?;
        Ok(None)
    }
}

/// Deals with a broken rule as the configuration says.
pub(crate) fn raise(
    rules: &RuleConfig,
    notes: &mut Notes,
    rule: Rule,
    reject: impl FnOnce() -> Reject,
) -> Result<(), Stop> {
    match rules.severity_of(rule) {
        RuleSeverity::Warn => {
            notes.warn(rule, reject);
            Ok(())
        }
        RuleSeverity::Reject => Err(Stop::Reject(Box::new(reject()))),
        RuleSeverity::Error => Err(Stop::Error(Box::new(reject()))),
    }
}
