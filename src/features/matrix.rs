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

    /// All values, column after column.
    #[must_use]
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// The rows whose index `keep` names, in that order.
    #[must_use]
    pub fn select(&self, keep: &[usize]) -> Self {
        let values = (0..self.columns).flat_map(|j| keep.iter().map(move |&i| self.column(j)[i])).collect();
        Self { rows: keep.len(), columns: self.columns, values }
    }
}
