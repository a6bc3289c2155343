//! Characteristic functions at the frequencies of a grid.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::f64::consts::TAU;
use std::sync::Arc;

use rustfft::num_complex::Complex;

use crate::analyses::outlook::distribution::ingredients::Atom;
use crate::analyses::outlook::distribution::parts::NO_NEW;

/// A characteristic function below this is nothing: what is left out moves no chance by more than that (the frequency k
/// counts as 1 / k in a distribution function).
const NOTHING: f64 = 1e-4;

/// A characteristic function at the frequencies of a grid. Single precision: four frequencies at a time, and some
/// hundred factors lose no more than a hundred thousandth.
pub(super) struct Wave {
    pub(super) re: Vec<f32>,
    pub(super) im: Vec<f32>,
}

impl Wave {
    /// Of one amount: atoms with values in steps of the grid, each split between its two neighbours.
    pub(super) fn of_atoms(atoms: impl Iterator<Item = Atom>, circle: &Circle, frequencies: usize) -> Self {
        let mut wave = Self { re: vec![0.0; frequencies], im: vec![0.0; frequencies] };
        for atom in atoms {
            let whole = atom.value.floor();
            let near = (atom.share * (whole + 1.0 - atom.value)) as f32;
            let far = (atom.share * (atom.value - whole)) as f32;
            let turn = (whole as i64).rem_euclid(circle.points() as i64) as usize;
            let mut at = 0;
            for (k, (re, im)) in wave.re.iter_mut().zip(&mut wave.im).enumerate() {
                let ([re_at, im_at], [re_next, im_next]) = (circle.0[at], circle.0[circle.within(at + k)]);
                *re += near * re_at + far * re_next;
                *im += near * im_at + far * im_next;
                at = circle.within(at + turn);
            }
        }
        wave
    }

    /// Of a sum with these cumulants (in minor units).
    pub(super) fn of_cumulants(sums: [f64; 4], step: f64, circle: &Circle) -> Self {
        let frequencies = circle.frequencies();
        if sums == [0.0; 4] {
            return Self { re: vec![1.0; frequencies], im: vec![0.0; frequencies] };
        }
        let [mean, variance, third, fourth] = std::array::from_fn(|k| sums[k] / step.powi(k as i32 + 1));
        let value = |k: usize| {
            let t = TAU * k as f64 / circle.points() as f64;
            // Far out the fourth cumulant would outgrow the second; there is nothing left there.
            let size = -variance * t * t / 2.0 + fourth * t.powi(4) / 24.0;
            if size > 0.0 || variance * t * t > 80.0 {
                return (0.0, 0.0);
            }
            let value = Complex::from_polar(size.exp(), mean * t - third * t.powi(3) / 6.0);
            (value.re as f32, value.im as f32)
        };
        let (re, im) = (0..frequencies).map(value).unzip();
        Self { re, im }
    }

    /// How many frequencies there are up to the last that is not nothing.
    pub(super) fn something(&self) -> usize {
        let nothing = NOTHING as f32 * NOTHING as f32;
        self.re.iter().zip(&self.im).rposition(|(re, im)| re * re + im * im > nothing).map_or(0, |last| last + 1)
    }

    /// Adds a deal to the sum: won with `chance`, its amount then in `wave`.
    pub(super) fn win_or_not(&mut self, wave: &Self, chance: f64) {
        let (chance, not) = (chance as f32, (1.0 - chance) as f32);
        let own = self.re.iter_mut().zip(&mut self.im);
        for ((re, im), (wave_re, wave_im)) in own.zip(wave.re.iter().zip(&wave.im)) {
            let (by_re, by_im) = (not + chance * wave_re, chance * wave_im);
            (*re, *im) = (*re * by_re - *im * by_im, *re * by_im + *im * by_re);
        }
    }

    /// Adds so many new deals, the amount of one in `new`.
    pub(super) fn add_new(&mut self, new: &Self, new_deals: f64) {
        if new_deals < NO_NEW {
            return;
        }
        let new_deals = new_deals as f32;
        let own = self.re.iter_mut().zip(&mut self.im);
        for ((re, im), (new_re, new_im)) in own.zip(new.re.iter().zip(&new.im)) {
            let (size, (sin, cos)) = ((new_deals * (new_re - 1.0)).exp(), (new_deals * new_im).sin_cos());
            let (by_re, by_im) = (size * cos, size * sin);
            (*re, *im) = (*re * by_re - *im * by_im, *re * by_im + *im * by_re);
        }
    }
}

/// The unit circle in as many turns as a grid has points.
pub(super) struct Circle(Arc<[[f32; 2]]>);

impl Circle {
    pub(super) fn of(points: usize) -> Self {
        let turn = |k: usize| {
            let (sin, cos) = (TAU * k as f64 / points as f64).sin_cos();
            [cos as f32, sin as f32]
        };
        CIRCLES.with_borrow_mut(|known| {
            Self(known.entry(points).or_insert_with(|| (0..points).map(turn).collect()).clone())
        })
    }

    pub(super) fn points(&self) -> usize {
        self.0.len()
    }

    /// Frequencies a real sum has: the others mirror them.
    pub(super) fn frequencies(&self) -> usize {
        self.points() / 2 + 1
    }

    /// Less than two times around, the same place less than once around.
    fn within(&self, at: usize) -> usize {
        if at >= self.points() { at - self.points() } else { at }
    }
}

thread_local! {
    /// Circles are made once per size and thread.
    static CIRCLES: RefCell<BTreeMap<usize, Arc<[[f32; 2]]>>> = const { RefCell::new(BTreeMap::new()) };
}
