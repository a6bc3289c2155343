//! How far a column's values on open deals are from those of their like, and how much of what it tells is not there.

/// Standard errors by which a bin must be rarer among open deals.
const SURE: f64 = 2.0;

/// Two samples' shares of bins.
#[derive(Clone, Debug, Default)]
pub(super) struct Shares {
    pub then: Vec<f64>,
    pub now: Vec<f64>,
    /// Independent rows behind them.
    then_rows: f64,
    now_rows: f64,
}

impl Shares {
    /// Of bins of rows that count by their weights, and of bins of other rows; `rows` are what they are worth.
    pub fn of(
        then: &[usize],
        weights: &[f64],
        now: &[usize],
        now_weights: &[f64],
        count: usize,
        rows: [f64; 2],
    ) -> Self {
        let [then_rows, now_rows] = rows;
        Self { then: weighed(then, weights, count), now: weighed(now, now_weights, count), then_rows, now_rows }
    }

    /// The same open deals beside another sample of as many rows.
    pub fn beside(&self, then: Vec<f64>) -> Self {
        Self { then, ..self.clone() }
    }

    /// The same among the cells that are filled.
    pub fn of_filled(mut self) -> Self {
        for (shares, rows) in [(&mut self.then, &mut self.then_rows), (&mut self.now, &mut self.now_rows)] {
            *rows *= 1.0 - shares[0];
            shares[0] = 0.0;
            scale(shares);
        }
        self
    }

    /// Total variation distance, 0 to 1, less what chance would show.
    pub fn distance(&self) -> f64 {
        let pairs = || self.then.iter().zip(&self.now);
        let distance = pairs().map(|(then, now)| (then - now).abs()).sum::<f64>() / 2.0;
        // The mean size of a normal error is its deviation times the root of 2 / pi.
        let chance = pairs().map(|(then, now)| self.error(*then, *now)).sum::<f64>() / std::f64::consts::TAU.sqrt();
        if self.then_rows.min(self.now_rows) > 0.0 { (distance - chance).max(0.0) } else { 0.0 }
    }

    /// Per bin, how much fuller it is among open deals than it would be by chance, negative where emptier.
    pub fn excess(&self) -> Vec<f64> {
        let pairs = self.then.iter().zip(&self.now);
        let excess = pairs.map(|(&then, &now)| {
            let beyond = (now - then).abs() - self.error(then, now);
            beyond.max(0.0).copysign(now - then)
        });
        excess.collect()
    }

    /// Per bin, the share of its rows that open deals surely lack.
    pub fn gone(&self) -> Vec<f64> {
        let pairs = self.then.iter().zip(&self.now);
        let gone = pairs.map(|(&then, &now)| {
            let lacking = then - now - SURE * self.error(then, now);
            if then > 0.0 { (lacking / then).max(0.0) } else { 0.0 }
        });
        gone.collect()
    }

    /// Standard error of the difference of two shares that are the same.
    fn error(&self, then: f64, now: f64) -> f64 {
        let (m, n) = (self.then_rows.max(1.0), self.now_rows.max(1.0));
        let share = (then * m + now * n) / (m + n);
        (share * (1.0 - share) * (1.0 / m + 1.0 / n)).sqrt()
    }
}

/// The share of every bin.
fn weighed(bins: &[usize], weights: &[f64], count: usize) -> Vec<f64> {
    let mut shares = vec![0.0; count];
    bins.iter().zip(weights).for_each(|(&bin, weight)| shares[bin] += weight);
    scale(&mut shares);
    shares
}

fn scale(shares: &mut [f64]) {
    let sum: f64 = shares.iter().sum();
    if sum > 0.0 {
        shares.iter_mut().for_each(|share| *share /= sum);
    }
}

/// What the bins of a column tell of a yes or no, in nats per row.
#[derive(Clone, Debug, Default)]
pub(super) struct Telling {
    /// Per bin.
    pub by_bin: Vec<f64>,
    /// All of it, less what chance would show.
    pub worth: f64,
    /// Per bin, the rate of yes.
    pub rates: Vec<f64>,
}

impl Telling {
    /// Mutual information; bins are rated with two rows of the overall rate added.
    pub fn of(bins: &[usize], yes: &[bool], count: usize) -> Self {
        let (mut rows, mut yeses) = (vec![0.0; count], vec![0.0; count]);
        for (&bin, &yes) in bins.iter().zip(yes) {
            rows[bin] += 1.0;
            yeses[bin] += f64::from(u8::from(yes));
        }
        let all: f64 = rows.iter().sum();
        let overall = yeses.iter().sum::<f64>() / all.max(1.0);
        if overall <= 0.0 || overall >= 1.0 {
            return Self { by_bin: vec![0.0; count], worth: 0.0, rates: vec![overall; count] };
        }
        let rates: Vec<f64> = rows.iter().zip(&yeses).map(|(rows, yes)| (yes + 2.0 * overall) / (rows + 2.0)).collect();
        let tell = |rate: f64| rate * (rate / overall).ln() + (1.0 - rate) * ((1.0 - rate) / (1.0 - overall)).ln();
        let by_bin: Vec<f64> = rows.iter().zip(&rates).map(|(rows, &rate)| rows / all * tell(rate)).collect();
        let used = rows.iter().filter(|&&rows| rows > 0.0).count();
        let chance = used.saturating_sub(1) as f64 / (2.0 * all);
        Self { worth: (by_bin.iter().sum::<f64>() - chance).max(0.0), by_bin, rates }
    }
}
