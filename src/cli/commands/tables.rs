//! `dealcast stagnation`, `funnel` and `sources`: one analysis each, no model needed.

use dealcast::analyses::funnel::CURRENT;
use dealcast::analyses::funnel::compare::Group;
use dealcast::analyses::sources::{Attribution, SourcesBy};
use dealcast::domain::period::Period;
use dealcast::report::format::Stamp;
use dealcast::run::judge_stagnation;
use dealcast::run::questions::{AsOf, DealFilter};

use crate::cli::Session;
use crate::cli::args::{AttributionModel, FunnelArgs, SourcesArgs, StagnationArgs};
use crate::cli::error::CliError;
use crate::cli::inputs::{emit, load, stamp};
use crate::cli::settings::Inputs;
use crate::cli::summary;
use dealcast::report::words::count;

/// Days back the last look was where nobody says when.
pub(super) const LAST_LOOK_DAYS: i32 = 7;

pub(crate) fn stagnation(args: StagnationArgs, session: &Session) -> Result<(), CliError> {
    let StagnationArgs { inputs, table, filter, by, since, judged } = args;
    let inputs = Inputs::resolve(inputs, session.printer)?;
    let filter = filter.deals(&inputs, &[])?;
    let config = &inputs.config;
    if judged {
        let rules = judge_stagnation(config, &inputs.base, inputs.as_of, &session.progress)?;
        let stamp = Stamp { as_of: inputs.as_of.map(|day| day.to_string()), model_id: None };
        return emit(&dealcast::analyses::stagnation::columns::backtest_table(&rules)?, &table, &stamp, session);
    }
    let as_of = load(&inputs, session)?;
    let keep = as_of.keep(&filter)?;
    let previous = since.unwrap_or_else(|| as_of.day().plus(-LAST_LOOK_DAYS));
    if previous >= as_of.day() {
        let message = format!("--since is {previous}, expected a day before {}, the day to look from", as_of.day());
        return Err(CliError::usage(message).hint("name an earlier day"));
    }
    let stagnation = as_of.stagnation(config, &keep, Some(previous))?;
    let result = if by.is_empty() {
        dealcast::analyses::stagnation::columns::table(&stagnation, &as_of.tables, &as_of.timeline, &as_of.snapshot)?
    } else {
        let values = as_of.values(config, &keep);
        let mut summary = as_of.stagnation_summary(&stagnation, &values, &by)?;
        summary.groups.retain(|(column, _)| by.contains(column));
        dealcast::analyses::stagnation::columns::summary_table(&summary, &values)?
    };
    emit(&result, &table, &stamp(&as_of, None), session)
}

pub(crate) fn funnel(args: FunnelArgs, session: &Session) -> Result<(), CliError> {
    let FunnelArgs { inputs, table, filter, period, by, summary, flow, compare } = args;
    let inputs = Inputs::resolve(inputs, session.printer)?;
    let filter = filter.deals(&inputs, &period)?;
    let asked = compare.iter().map(|text| Asked::parse(text, &inputs)).collect::<Result<Vec<_>, _>>()?;
    let as_of = load(&inputs, session)?;
    let keep = as_of.keep(&filter)?;
    let (config, stages) = (&inputs.config, &as_of.timeline.stages);
    let values = as_of.values(config, &keep);
    let result = if let [a, b] = &asked[..] {
        let [a, b] = [a.group(&keep, &as_of, &inputs)?, b.group(&keep, &as_of, &inputs)?];
        let common = a.keep.iter().zip(&b.keep).filter(|(a, b)| **a && **b).count() as u64;
        if common > 0 {
            let message = format!("{} and {} have {} in common", a.name, b.name, count(common, "deal"));
            return Err(CliError::usage(message).hint("name two groups that have none, such as two values of a column"));
        }
        dealcast::analyses::funnel::columns::compare_table(&as_of.compare(&values, [&a, &b]), [&a.name, &b.name])?
    } else if flow {
        dealcast::analyses::funnel::columns::flow_table(
            &as_of.flow(config, &values, &as_of.select(&filter)?, &by)?,
            &values,
        )?
    } else {
        let funnel = as_of.funnel(config, &values, &as_of.select(&filter)?, &by)?;
        if summary {
            dealcast::analyses::funnel::columns::summary_table(&funnel, &values)?
        } else {
            dealcast::analyses::funnel::columns::table(&funnel, stages, &values)?
        }
    };
    emit(&result, &table, &stamp(&as_of, None), session)
}

/// A group of deals as it is typed: conditions that must all hold.
struct Asked {
    name: String,
    filter: DealFilter,
    /// Only the process as it runs now.
    current: bool,
}

impl Asked {
    fn parse(text: &str, inputs: &Inputs) -> Result<Self, CliError> {
        let calendar = inputs.config.fiscal_calendar();
        let mut asked = Self { name: text.to_owned(), filter: DealFilter::default(), current: false };
        for part in text.split(',') {
            if part == CURRENT {
                asked.current = true;
            } else if let Some(period) = calendar.parse(part) {
                asked.filter.created_in.push(period);
            } else if let Some((column, value)) = part.split_once('=') {
                asked.filter.columns.push((column.to_owned(), vec![value.to_owned()]));
            } else if let Some((_, values)) = asked.filter.columns.last_mut() {
                // The comma belongs to the value.
                values.iter_mut().for_each(|value| *value = format!("{value},{part}"));
            } else {
                let message = format!("--compare is {text:?}, expected a group of deals");
                let hint = format!("write column=value, {CURRENT}, or a period: {}", calendar.labels());
                return Err(CliError::usage(message).hint(hint));
            }
        }
        Ok(asked)
    }

    fn group(&self, keep: &[bool], as_of: &AsOf, inputs: &Inputs) -> Result<Group, CliError> {
        let mut own = as_of.keep(&self.filter)?;
        own.iter_mut().zip(keep).for_each(|(own, keep)| *own &= keep);
        let from = self.current.then(|| as_of.current_from(&inputs.config));
        Ok(Group { name: self.name.clone(), keep: own, from })
    }
}

pub(crate) fn sources(args: SourcesArgs, session: &Session) -> Result<(), CliError> {
    let SourcesArgs { inputs, table, filter, period, campaigns, total, attribution } = args;
    let inputs = Inputs::resolve(inputs, session.printer)?;
    if !attribution.is_empty() && inputs.config.sources.touches.is_none() {
        return Err(CliError::usage("--attribution needs touches").hint("name their table with --touches FILE"));
    }
    let filter = filter.deals(&inputs, &period)?;
    let as_of = load(&inputs, session)?;
    let selection = as_of.select(&filter)?;
    let values = as_of.values(&inputs.config, &selection.deals);
    summary::without_common_currency(&as_of, &values, session.printer);
    if !selection.costs && inputs.config.sources.campaign_costs.is_some() {
        session.printer.say("costs are left out: they were spent on all deals, not on those asked for");
    }
    let mut wanted: Vec<SourcesBy> = attribution
        .into_iter()
        .map(|model| match model {
            AttributionModel::First => Attribution::First,
            AttributionModel::Last => Attribution::Last,
            AttributionModel::Linear => Attribution::Linear,
        })
        .map(|model| SourcesBy { campaign: campaigns, total, attribution: Some(model) })
        .collect();
    if wanted.is_empty() {
        wanted.push(SourcesBy { campaign: campaigns, total, attribution: None });
    }
    let kind = filter.created_in.iter().map(|period| period.kind).min().unwrap_or(inputs.config.calendar.score_period);
    let mut made = as_of.sources(&values, &selection, (kind, &wanted))?;
    if let Some(sources) = made.first() {
        summary::about_costs(sources, kind, session.printer);
    }
    if !filter.created_in.is_empty() {
        let longest = made.first().map_or(kind, |sources| sources.kind);
        if longest > kind {
            let message = format!("costs are per {}, --period asks for a {}", longest.name(), kind.name());
            return Err(CliError::usage(message).hint(format!("ask for a {}", longest.name())));
        }
        // Money spent in other periods is no answer either.
        let asked = |period: &Period| filter.created_in.iter().any(|asked| asked.contains(period.first));
        made.iter_mut().for_each(|sources| sources.rows.retain(|row| row.period.as_ref().is_none_or(asked)));
    }
    let result = match &made[..] {
        [own] if own.attribution.is_none() => dealcast::analyses::sources::columns::table(own, campaigns, &values)?,
        models => dealcast::analyses::sources::columns::attribution_table(models, &values)?,
    };
    emit(&result, &table, &stamp(&as_of, None), session)
}
