//! Cuts a JSON list, or JSON lines, into elements while it is read, without holding more than one of them.

use std::io::{self, BufRead, ErrorKind};

/// Brackets open at once beyond which a file is not looked at any further.
const DEEPEST: usize = 10_000;
/// Bytes of one element, which is held in memory.
pub(super) const LARGEST: usize = 128 << 20;

/// A place in the file, as an editor counts: both from 1, columns in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// The line.
    pub(super) line: usize,
    /// The column.
    pub(super) column: usize,
}

/// What the cutter finds next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Cut {
    /// A whole element, not yet checked to be valid JSON.
    Element {
        /// Its bytes.
        raw: Vec<u8>,
        /// Where it begins.
        place: Place,
        /// How many brackets are open at once in it.
        depth: usize,
        /// How many [`values`] it is made of.
        values: usize,
    },
    /// The file cannot be cut any further; nothing follows.
    Broken {
        /// What was read of the element at hand; empty between elements.
        raw: Vec<u8>,
        /// Where the trouble is.
        place: Place,
        /// What the trouble is.
        fault: Fault,
    },
}

/// Why a file cannot be cut any further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// It ends too early.
    Truncated,
    /// Something else stands where this was expected.
    Expected(&'static str),
    /// Too many brackets are open at once.
    TooDeep,
    /// One element is larger than any conversation.
    TooLarge,
}

/// What may come next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    /// The list, or an object alone.
    Opening,
    /// The first element or the end of the list.
    First,
    /// An element.
    Element,
    /// A comma or the end of the list.
    Comma,
    /// Nothing but white space.
    End,
    /// Nothing was asked for any more.
    Nothing,
}

/// Cuts what `source` gives.
pub(super) struct Cutter<R> {
    /// The bytes.
    source: R,
    /// Where the next byte stands.
    place: Place,
    /// What may come next.
    next: Next,
    /// The file is one list.
    list: bool,
}

impl<R: BufRead> Cutter<R> {
    /// A cutter at the beginning of a file.
    pub(super) fn new(source: R) -> Self {
        Self { source, place: Place { line: 1, column: 1 }, next: Next::Opening, list: false }
    }

    /// Is the file a list? Known after the first cut.
    pub(super) fn is_list(&self) -> bool {
        self.list
    }

    /// The next element; nothing after the last one or after a fault.
    pub(super) fn cut(&mut self) -> io::Result<Option<Cut>> {
        loop {
            let Some(byte) = self.skip_space()? else {
                return Ok(match self.next {
                    Next::End | Next::Nothing => None,
                    _ => Some(self.broken(Vec::new(), Fault::Truncated)),
                });
            };
            match (self.next, byte) {
                (Next::Nothing, _) => return Ok(None),
                (Next::Opening, b'[') => {
                    self.list = true;
                    self.take(1);
                    self.next = Next::First;
                }
                // One after the other, as in JSON lines.
                (Next::Opening, b'{') => return self.element().map(Some),
                (Next::End, b'{') if !self.list => return self.element().map(Some),
                (Next::First | Next::Comma, b']') => {
                    self.take(1);
                    self.next = Next::End;
                }
                (Next::First | Next::Element, b'{' | b'[' | b'"' | b'-' | b'0'..=b'9' | b'a'..=b'z') => {
                    return self.element().map(Some);
                }
                (Next::Comma, b',') => {
                    self.take(1);
                    self.next = Next::Element;
                }
                (next, _) => {
                    let expected = match next {
                        Next::Opening => "`[` or `{`",
                        Next::First => "a conversation or `]`",
                        Next::Comma => "`,` or `]`",
                        Next::End | Next::Nothing => "the end of the file",
                        Next::Element => "a conversation",
                    };
                    return Ok(Some(self.broken(Vec::new(), Fault::Expected(expected))));
                }
            }
        }
    }

    /// Reads the element that begins here.
    fn element(&mut self) -> io::Result<Cut> {
        let start = self.place;
        let mut raw = Vec::new();
        let mut scan = Scan::default();
        loop {
            let bytes = fill(&mut self.source)?;
            if bytes.is_empty() {
                return Ok(self.broken(raw, Fault::Truncated));
            }
            let (count, verdict) = scan.feed(bytes);
            if raw.len() + count > LARGEST {
                return Ok(self.broken(raw, Fault::TooLarge));
            }
            raw.extend(bytes.iter().take(count));
            self.take(count);
            match verdict {
                Verdict::More => {}
                Verdict::Whole => {
                    self.next = if self.list { Next::Comma } else { Next::End };
                    let Scan { deepest: depth, values, .. } = scan;
                    return Ok(Cut::Element { raw, place: start, depth, values });
                }
                Verdict::Fault(fault) => return Ok(self.broken(raw, fault)),
            }
        }
    }

    /// Says what is wrong here and stops for good.
    fn broken(&mut self, raw: Vec<u8>, fault: Fault) -> Cut {
        self.next = Next::Nothing;
        Cut::Broken { raw, place: self.place, fault }
    }

    /// The next byte that is not white space, not taken yet.
    fn skip_space(&mut self) -> io::Result<Option<u8>> {
        loop {
            let bytes = fill(&mut self.source)?;
            if bytes.is_empty() {
                return Ok(None);
            }
            let space = bytes.iter().take_while(|byte| is_space(**byte)).count();
            let found = bytes.get(space).copied();
            self.take(space);
            if found.is_some() {
                return Ok(found);
            }
        }
    }

    /// Takes `count` of the bytes at hand and moves the place on.
    fn take(&mut self, count: usize) {
        // The bytes are at hand already, so this reads nothing and cannot fail.
        let bytes = self.source.fill_buf().unwrap_or_default();
        let taken = bytes.get(..count).unwrap_or(bytes);
        let lines = taken.iter().filter(|byte| **byte == b'\n').count();
        match taken.iter().rposition(|byte| *byte == b'\n') {
            Some(last) => self.place = Place { line: self.place.line + lines, column: count - last },
            None => self.place.column += count,
        }
        self.source.consume(count);
    }
}

/// The bytes at hand, after reading more if there were none; empty at the end.
fn fill(source: &mut impl BufRead) -> io::Result<&[u8]> {
    loop {
        match source.fill_buf() {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
            Ok([]) => return Ok(&[]),
            // Asked for again, which reads nothing: the borrow checker does not see that the loop ends here.
            Ok(_) => return source.fill_buf(),
        }
    }
}

/// White space as JSON knows it.
pub(super) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// Finds the end of one element, however it is cut into pieces.
#[derive(Default)]
struct Scan {
    /// The open brackets.
    open: Vec<u8>,
    /// How many were open at once.
    deepest: usize,
    /// Inside a string.
    in_string: bool,
    /// After a backslash in a string.
    escaped: bool,
    /// A number or a word has begun.
    scalar: bool,
    /// Values so far, as [`values`] counts.
    values: usize,
}

/// What an object counts for: from its first member on a map has room for eleven.
const OBJECT: usize = 12;

/// How many values JSON is made of, an object counted as twelve: that, and not its length, says how much memory it takes
/// when it is read as a tree. Three bytes can become two hundred.
#[must_use]
pub fn values(json: &[u8]) -> usize {
    let mut scan = Scan::default();
    // It may end anywhere: whoever reads it gets no further either.
    let (_length, _verdict) = scan.feed(json.trim_ascii_start());
    scan.values
}

/// What a scan says after some bytes.
enum Verdict {
    /// It needs more bytes.
    More,
    /// The element is complete.
    Whole,
    /// The element is broken.
    Fault(Fault),
}

impl Scan {
    /// Looks at more bytes: how many belong to the element, and whether it is complete with them.
    fn feed(&mut self, bytes: &[u8]) -> (usize, Verdict) {
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            if self.escaped {
                self.escaped = false;
            } else if self.in_string {
                // Most bytes of a file are inside strings: hurry to the next one that matters.
                let rest = bytes.get(at..).unwrap_or_default();
                let Some(step) = rest.iter().position(|byte| matches!(byte, b'"' | b'\\')) else {
                    return (bytes.len(), Verdict::More);
                };
                at += step;
                self.escaped = rest.get(step) == Some(&b'\\');
                self.in_string = self.escaped;
                if !self.in_string && self.open.is_empty() {
                    return (at + 1, Verdict::Whole);
                }
            } else {
                match byte {
                    b'"' if self.scalar => return (at, Verdict::Whole),
                    b'"' => self.in_string = true,
                    b'{' | b'[' if !self.scalar => {
                        self.open.push(byte);
                        self.values += if byte == b'{' { OBJECT } else { 1 };
                        self.deepest = self.deepest.max(self.open.len());
                        if self.deepest > DEEPEST {
                            return (at, Verdict::Fault(Fault::TooDeep));
                        }
                    }
                    b'}' | b']' if !self.open.is_empty() => match (self.open.pop(), byte) {
                        (Some(b'{'), b']') => return (at, Verdict::Fault(Fault::Expected("`}`"))),
                        (Some(b'['), b'}') => return (at, Verdict::Fault(Fault::Expected("`]`"))),
                        _ if self.open.is_empty() => return (at + 1, Verdict::Whole),
                        _ => {}
                    },
                    b',' if !self.open.is_empty() => self.values += 1,
                    _ if !self.open.is_empty() => {}
                    b',' | b']' | b'}' | b'{' | b'[' => return (at, Verdict::Whole),
                    _ if is_space(byte) => return (at, Verdict::Whole),
                    _ => self.scalar = true,
                }
            }
            at += 1;
        }
        (bytes.len(), Verdict::More)
    }
}
