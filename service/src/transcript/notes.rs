//! What was mended or left out while reading one conversation, counted, then said in words.

use std::collections::BTreeMap;

/// Kinds that a note names; there may be as many as the file has words.
const NAMED: usize = 5;
/// Letters of the name of a kind.
const LETTERS: usize = 40;

/// The counts behind a conversation's notes.
#[derive(Debug, Default)]
pub(super) struct Notes {
    /// Messages whose predecessor is not in the file.
    pub(super) dangling: usize,
    /// Circular links that were cut.
    pub(super) cycles: usize,
    /// Messages whose id came before.
    pub(super) duplicates: usize,
    /// The shown branch had to be guessed.
    pub(super) guessed: bool,
    /// Messages in which nothing is said, nor in what the file keeps beside them: places the platform holds for itself.
    pub(super) empty: usize,
    /// Pieces of kinds that are not known here, kept as they stand, by the names of their kinds.
    unread: BTreeMap<String, usize>,
    /// Markers in the text of kinds that are not known here, by the names of their kinds.
    strange: BTreeMap<String, usize>,
    /// Times that are no times.
    pub(super) times: usize,
    /// Halves of characters that became U+FFFD.
    pub(super) broken: usize,
    /// Control characters that were dropped.
    pub(super) controls: usize,
    /// Citation markers that left the text.
    pub(super) markers: usize,
}

impl Notes {
    /// Counts a piece of a kind that is not known here.
    pub(super) fn unread(&mut self, kind: &str) {
        count(&mut self.unread, kind);
    }

    /// Counts a marker in the text of a kind that is not known here.
    pub(super) fn strange(&mut self, kind: &str) {
        count(&mut self.strange, kind);
    }

    /// The notes in words, most important first.
    pub(super) fn into_words(self) -> Vec<String> {
        let mut words = Vec::new();
        let mut say = |count: usize, one: &str, many: &str| match count {
            0 => {}
            1 => words.push(format!("1 {one}")),
            _ => words.push(format!("{count} {many}")),
        };
        say(
            self.dangling,
            "message follows one that is not in the file; it was put at the beginning",
            "messages follow ones that are not in the file; they were put at the beginning",
        );
        say(self.cycles, "circular link between messages was cut", "circular links between messages were cut");
        say(
            self.duplicates,
            "message came twice; the first was kept",
            "messages came more than once; the first was kept each time",
        );
        say(
            self.unread.values().sum(),
            &format!("piece of a kind that is not known here was kept as it stands: {}", kinds(&self.unread)),
            &format!("pieces of kinds that are not known here were kept as they stand: {}", kinds(&self.unread)),
        );
        say(
            self.strange.values().sum(),
            &format!("marker of a kind that is not known here stands in the text as ⟦…⟧: {}", kinds(&self.strange)),
            &format!("markers of kinds that are not known here stand in the text as ⟦…⟧: {}", kinds(&self.strange)),
        );
        say(self.empty, "empty placeholder was left out", "empty placeholders were left out");
        say(self.times, "time could not be read and was left open", "times could not be read and were left open");
        say(self.broken, "broken character was replaced by \u{fffd}", "broken characters were replaced by \u{fffd}");
        say(self.controls, "control character was removed", "control characters were removed");
        say(self.markers, "citation marker was moved out of the text", "citation markers were moved out of the text");
        if self.guessed {
            words.push("the file does not say which branch was shown; the latest was taken".to_owned());
        }
        words
    }
}

/// Counts one more of a kind.
fn count(kinds: &mut BTreeMap<String, usize>, kind: &str) {
    let kind: String = kind.chars().take(LETTERS).collect();
    *kinds.entry(kind).or_default() += 1;
}

/// The kinds in words, with how many there are of each if there are several.
fn kinds(kinds: &BTreeMap<String, usize>) -> String {
    let name = |(kind, count): (&String, &usize)| match count {
        1 => kind.clone(),
        count => format!("{kind} ({count})"),
    };
    let mut names: Vec<String> = kinds.iter().take(NAMED).map(name).collect();
    if kinds.len() > NAMED {
        names.push("…".to_owned());
    }
    names.join(", ")
}
