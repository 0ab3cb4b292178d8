//! What was mended or left out while reading one conversation, counted, then said in words.

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
    /// Messages without any content.
    pub(super) empty: usize,
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
        say(self.empty, "empty message was left out", "empty messages were left out");
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
