//! A column-major matrix of features.

/// Rows x columns of finite numbers, stored column after column.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FeatureMatrix {
    rows: usize,
    columns: usize,
    values: Vec<f64>,
}

impl FeatureMatrix {
    /// Zeros of this shape.
    #[must_use]
    pub fn zeros(rows: usize, columns: usize) -> Self {
        Self { rows, columns, values: vec![0.0; rows * columns] }
    }

    /// Number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Number of columns.
    #[must_use]
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Column `j`.
    #[must_use]
    pub fn column(&self, j: usize) -> &[f64] {
        &self.values[j * self.rows..(j + 1) * self.rows]
    }

    /// Column `j`, to be filled.
    pub fn column_mut(&mut self, j: usize) -> &mut [f64] {
        &mut self.values[j * self.rows..(j + 1) * self.rows]
    }

    /// Every column in order, to be filled side by side; none where there are no rows.
    pub fn columns_mut(&mut self) -> impl Iterator<Item = &mut [f64]> {
        self.values.chunks_exact_mut(self.rows.max(1))
    }

    /// All values, column after column.
    #[must_use]
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// The matrix with room for more columns: column `j` is column `from[j]` of before, or zeros where there is none. What
    /// there is stays in its order.
    #[must_use]
    pub fn spread(mut self, from: &[Option<usize>]) -> Self {
        let rows = self.rows;
        self.values.resize(rows * from.len(), 0.0);
        // From the last on, so that nothing is written over that is still to be moved.
        for (to, from) in from.iter().enumerate().rev() {
            match from {
                Some(from) => self.values.copy_within(from * rows..(from + 1) * rows, to * rows),
                None => self.values[to * rows..(to + 1) * rows].fill(0.0),
            }
        }
        self.columns = from.len();
        self
    }

    /// The rows whose index `keep` names, in that order.
    #[must_use]
    pub fn select(&self, keep: &[usize]) -> Self {
        let values = (0..self.columns).flat_map(|j| keep.iter().map(move |&i| self.column(j)[i])).collect();
        Self { rows: keep.len(), columns: self.columns, values }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_contiguous_and_rows_can_be_picked() {
        let mut matrix = FeatureMatrix::zeros(3, 2);
        for (j, column) in matrix.columns_mut().enumerate() {
            column.iter_mut().enumerate().for_each(|(i, cell)| *cell = (10 * j + i) as f64);
        }
        assert_eq!(matrix.values(), [0.0, 1.0, 2.0, 10.0, 11.0, 12.0]);
        assert_eq!(matrix.select(&[2, 0]).column(1), [12.0, 10.0]);
        let spread = matrix.spread(&[None, Some(0), Some(1), None]);
        assert_eq!(spread.values()[3..9], [0.0, 1.0, 2.0, 10.0, 11.0, 12.0]);
        assert!(spread.columns() == 4 && [0, 3].iter().all(|&j| spread.column(j) == [0.0; 3]));
        assert_eq!(FeatureMatrix::zeros(0, 4).columns_mut().count(), 0);
    }
}
