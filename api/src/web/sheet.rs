//! Long lists in pieces that a browser can show: whatever is in a file, a page has so many lines and no more.

/// Lines of a list on one page.
pub(super) const LINES: usize = 500;

/// One page of some lists that go side by side.
pub(super) struct Sheet {
    /// Its number, from 1.
    pub number: usize,
    /// How many there are.
    pub of: usize,
}

impl Sheet {
    /// The page asked for of lists of these lengths; the nearest there is.
    pub(super) fn new(asked: Option<usize>, lengths: &[usize]) -> Self {
        let longest = lengths.iter().copied().max().unwrap_or(0);
        let of = longest.div_ceil(LINES).max(1);
        Self { number: asked.unwrap_or(1).clamp(1, of), of }
    }

    /// What of a list stands on it.
    pub(super) fn part<'a, T>(&self, all: &'a [T]) -> &'a [T] {
        let rest = all.get(self.number.saturating_sub(1).saturating_mul(LINES)..).unwrap_or_default();
        rest.get(..LINES).unwrap_or(rest)
    }

    /// The number of the page before it.
    pub(super) fn previous(&self) -> Option<usize> {
        self.number.checked_sub(1).filter(|number| *number > 0)
    }

    /// The number of the page after it.
    pub(super) fn next(&self) -> Option<usize> {
        Some(self.number.saturating_add(1)).filter(|number| *number <= self.of)
    }
}
