//! The weights of several machines over the same columns, small: 16 bits each, with a scale a column.

use super::Machine;

/// Weights by column, those of all machines side by side; an n-gram's are read in one go.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Weights {
    pub(crate) machines: usize,
    pub(crate) steps: Vec<i16>,
    /// What a step is worth, by column.
    pub(crate) scales: Vec<f32>,
    pub(crate) biases: Vec<f64>,
}

impl Weights {
    /// Rounds machines to steps of 1/32767 of the largest weight of each column.
    pub(crate) fn of(machines: &[Machine]) -> Self {
        let width = machines.first().map_or(0, |machine| machine.weights.len());
        let (mut steps, mut scales) = (Vec::with_capacity(width * machines.len()), Vec::with_capacity(width));
        for column in 0..width {
            let largest = machines.iter().fold(0.0_f64, |most, machine| most.max(machine.weights[column].abs()));
            let scale = (largest / f64::from(i16::MAX)) as f32;
            let inverse = if scale > 0.0 { 1.0 / f64::from(scale) } else { 0.0 };
            scales.push(scale);
            steps.extend(machines.iter().map(|machine| (machine.weights[column] * inverse).round() as i16));
        }
        Self { machines: machines.len(), steps, scales, biases: machines.iter().map(|machine| machine.bias).collect() }
    }

    /// Decisions of all machines on a row.
    pub(crate) fn decisions(&self, row: &[(u32, f32)]) -> Vec<f64> {
        let mut sums = vec![0.0_f32; self.machines];
        for &(column, value) in row {
            let column = column as usize;
            let Some(steps) = self.steps.get(column * self.machines..(column + 1) * self.machines) else { continue };
            let factor = value * self.scales.get(column).copied().unwrap_or_default();
            sums.iter_mut().zip(steps).for_each(|(sum, &step)| *sum += factor * f32::from(step));
        }
        sums.iter().zip(&self.biases).map(|(&sum, bias)| f64::from(sum) + bias).collect()
    }

    /// The weight of a column in a machine.
    pub(crate) fn weight(&self, column: usize, machine: usize) -> f64 {
        let step = self.steps.get(column * self.machines + machine).copied().unwrap_or_default();
        f64::from(step) * f64::from(self.scales.get(column).copied().unwrap_or_default())
    }
}
