//! Tables: a row of Markdown for each row of the page.

use super::{Flow, Writer};

/// Columns that a cell may go over.
const WIDEST: usize = 50;

impl Writer<'_> {
    pub(super) fn table(&mut self, id: usize, flow: &mut Flow) {
        let dom = self.dom;
        for child in dom.children(id) {
            if !matches!(dom.name(*child), "" | "tr" | "thead" | "tbody" | "tfoot" | "colgroup" | "col") {
                self.finish(flow);
                self.node(*child, flow, false);
                self.finish(flow);
            }
        }
        // The rows of tables within this one are theirs; taken twice at each level they would double with it.
        let inner = |at: usize| at != id && matches!(dom.name(at), "table" | "caption");
        let rows: Vec<usize> = dom.walk(id, inner).filter(|at| dom.name(*at) == "tr").collect();
        // Rows that cells of earlier rows still go over, by column.
        let mut taken: Vec<usize> = Vec::new();
        let mut sides: Vec<&str> = Vec::new();
        let mut lines: Vec<Vec<String>> = Vec::new();
        for row in rows {
            let cells = dom.children(row).iter().filter(|cell| matches!(dom.name(**cell), "td" | "th"));
            let mut line = Vec::new();
            for cell in cells {
                while taken.get(line.len()).is_some_and(|rows| *rows > 0) {
                    line.push(String::new());
                }
                let over = |name: &str| dom.attribute(*cell, name).parse::<usize>().unwrap_or(1).clamp(1, WIDEST);
                let (wide, high) = (over("colspan"), over("rowspan"));
                if lines.is_empty() {
                    sides.extend(std::iter::repeat_n(side(self, *cell), wide));
                }
                let at = line.len();
                taken.resize(taken.len().max(at + wide), 0);
                taken.iter_mut().skip(at).take(wide).for_each(|rows| *rows = high);
                line.push(self.cell(*cell));
                line.extend(std::iter::repeat_n(String::new(), wide - 1));
            }
            taken.iter_mut().for_each(|rows| *rows = rows.saturating_sub(1));
            if !line.is_empty() {
                lines.push(line);
            }
        }
        self.block(flow, written(lines, &sides), false);
    }

    /// What is in a cell, on one line.
    fn cell(&mut self, id: usize) -> String {
        let outer = (std::mem::replace(&mut self.flat, true), std::mem::replace(&mut self.cell, true));
        let flow = self.below(id, false);
        let text = self.joined_flat(flow);
        (self.flat, self.cell) = outer;
        text
    }
}

/// The rows, below the first of them the line that makes them a table. What goes beyond the first row would be lost.
fn written(mut lines: Vec<Vec<String>>, sides: &[&str]) -> String {
    let widest = lines.iter().map(Vec::len).max().unwrap_or(0);
    if let Some(first) = lines.first_mut() {
        first.resize(widest, String::new());
    }
    let mut rows: Vec<String> = lines.iter().map(|line| format!("| {} |", line.join(" | "))).collect();
    if !rows.is_empty() {
        let rule = (0..widest).map(|at| format!(" {} |", sides.get(at).unwrap_or(&"---"))).collect::<String>();
        rows.insert(1, format!("|{rule}"));
    }
    rows.join("\n")
}

/// The side that a column keeps.
fn side(writer: &Writer<'_>, cell: usize) -> &'static str {
    let style = writer.dom.attribute(cell, "style").replace(' ', "").to_ascii_lowercase();
    let is = |side: &str| writer.dom.attribute(cell, "align") == side || style.contains(&format!("text-align:{side}"));
    match () {
        () if is("center") => ":---:",
        () if is("right") => "---:",
        () if is("left") => ":---",
        () => "---",
    }
}
