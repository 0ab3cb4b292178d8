//! What the converter lacks, by what it has.

/// Commands whose words are text, and the style they are set in.
pub(super) const TEXTS: &[(&str, &str)] = &[
    ("text", ""),
    ("textrm", ""),
    ("textnormal", ""),
    ("textup", ""),
    ("textmd", ""),
    ("mbox", ""),
    ("hbox", ""),
    ("vbox", ""),
    ("llap", ""),
    ("rlap", ""),
    ("clap", ""),
    ("url", ""),
    ("ref", ""),
    ("textsf", ""),
    ("textsc", ""),
    ("textbf", "\\textbf{"),
    ("textit", "\\textit{"),
    ("textsl", "\\textit{"),
    ("emph", "\\textit{"),
    ("texttt", "\\texttt{"),
    ("sout", "\\sout{"),
    ("st", "\\sout{"),
];

/// Commands, the kinds of their arguments, and what is written instead. Kinds: `m` formula, `t` text, `o` in square
/// brackets and perhaps missing.
pub(super) const MACROS: &[(&str, &str, &str)] = &[
    // Boxes.
    ("boxed", "m", "{\\text{\u{E000}}{#1}\\text{\u{E001}}}"),
    ("bbox", "om", "{\\text{\u{E000}}{#2}\\text{\u{E001}}}"),
    ("fbox", "t", "{\\text{\u{E000}}{#1}\\text{\u{E001}}}"),
    ("framebox", "oot", "{\\text{\u{E000}}{#3}\\text{\u{E001}}}"),
    ("fcolorbox", "mmt", "{\\text{\u{E000}}{#3}\\text{\u{E001}}}"),
    ("colorbox", "mt", "{#2}"),
    ("makebox", "oot", "{#3}"),
    ("raisebox", "mt", "{#2}"),
    // Colours, links and what is for pages: the page has its own.
    ("textcolor", "omm", "{#3}"),
    ("color", "om", ""),
    ("href", "mm", "{#2}"),
    ("class", "mm", "{#2}"),
    ("cssId", "mm", "{#2}"),
    ("style", "mm", "{#2}"),
    ("htmlClass", "mm", "{#2}"),
    ("htmlId", "mm", "{#2}"),
    ("htmlStyle", "mm", "{#2}"),
    ("htmlData", "mm", "{#2}"),
    // Numbers of equations and what refers to them.
    ("tag", "t", "\\qquad\\text{(}#1\\text{)}"),
    ("tag*", "t", "\\qquad #1"),
    ("label", "m", ""),
    ("eqref", "t", "\\text{(}#1\\text{)}"),
    ("cite", "ot", "\\text{[}#2\\text{]}"),
    // Letters.
    ("pmb", "m", "\\boldsymbol{#1}"),
    ("mathds", "m", "\\mathbb{#1}"),
    ("mathbbm", "m", "\\mathbb{#1}"),
    ("mathpzc", "m", "\\mathcal{#1}"),
    ("mathnormal", "m", "{#1}"),
    ("mathup", "m", "\\mathrm{#1}"),
    ("textsuperscript", "t", "^{#1}"),
    ("textsubscript", "t", "_{#1}"),
    // Places.
    ("substack", "m", "\\begin{subarray}{c}#1\\end{subarray}"),
    ("smash", "om", "{#2}"),
    ("mathclap", "m", "{#1}"),
    ("mathllap", "m", "{#1}"),
    ("mathrlap", "m", "{#1}"),
    ("ensuremath", "m", "{#1}"),
    ("cfrac", "omm", "\\cfrac{#2}{#3}"),
    ("nicefrac", "mm", "{#1}/{#2}"),
    ("sfrac", "mm", "{#1}/{#2}"),
    ("cancelto", "mm", "\\cancel{#2}^{#1}"),
    ("intertext", "t", "\\\\ #1\\\\ "),
    ("shortintertext", "t", "\\\\ #1\\\\ "),
    ("multicolumn", "mmm", "#3"),
    ("rule", "omm", "\\text{\\_\\_\\_}"),
    ("hspace*", "m", "\\quad "),
    ("vspace", "m", ""),
    ("vspace*", "m", ""),
    ("cline", "m", ""),
    ("toprule", "", "\\hline "),
    ("midrule", "", "\\hline "),
    ("bottomrule", "", "\\hline "),
    ("hfill", "", "\\quad "),
    ("hfil", "", "\\quad "),
    ("dotsb", "", "\\cdots "),
    ("dotsm", "", "\\cdots "),
    ("dotsi", "", "\\cdots "),
    ("dotsc", "", "\\ldots "),
    ("dotso", "", "\\ldots "),
    ("mathellipsis", "", "\\ldots "),
    // Sizes, breaks and what else shows nothing by itself.
    ("tiny", "", ""),
    ("scriptsize", "", ""),
    ("footnotesize", "", ""),
    ("small", "", ""),
    ("normalsize", "", ""),
    ("large", "", ""),
    ("Large", "", ""),
    ("LARGE", "", ""),
    ("huge", "", ""),
    ("Huge", "", ""),
    ("boldmath", "", ""),
    ("unboldmath", "", ""),
    ("strut", "", ""),
    ("null", "", ""),
    ("relax", "", ""),
    ("protect", "", ""),
    ("centering", "", ""),
    ("allowbreak", "", ""),
    ("nobreak", "", ""),
    ("linebreak", "", ""),
    ("noindent", "", ""),
    ("par", "", ""),
    ("smallskip", "", ""),
    ("medskip", "", ""),
    ("bigskip", "", ""),
    ("displaybreak", "", ""),
    ("/", "", ""),
    ("-", "", ""),
    // Units and what packages for physics are used for.
    ("SI", "omm", "#2\\,\\mathrm{#3}"),
    ("qty", "omm", "#2\\,\\mathrm{#3}"),
    ("si", "om", "\\mathrm{#2}"),
    ("unit", "om", "\\mathrm{#2}"),
    ("num", "om", "{#2}"),
    ("ang", "om", "{#2}^{\\circ}"),
    ("abs", "m", "\\left|#1\\right|"),
    ("norm", "m", "\\left\\|#1\\right\\|"),
    ("dv", "mm", "\\frac{d#1}{d#2}"),
    ("pdv", "mm", "\\frac{\\partial #1}{\\partial #2}"),
    ("expval", "m", "\\langle #1\\rangle "),
    ("Tr", "", "\\operatorname{Tr}"),
    ("tr", "", "\\operatorname{tr}"),
    ("rank", "", "\\operatorname{rank}"),
    ("diag", "", "\\operatorname{diag}"),
    ("sgn", "", "\\operatorname{sgn}"),
    ("lcm", "", "\\operatorname{lcm}"),
    ("Var", "", "\\operatorname{Var}"),
    ("Cov", "", "\\operatorname{Cov}"),
];

/// How an environment is written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Environment {
    pub(super) begin: &'static str,
    pub(super) end: &'static str,
    /// The kinds of its arguments, as those of commands.
    pub(super) arguments: &'static str,
    /// Whether its rows are numbered unless they say otherwise.
    pub(super) numbered: bool,
    /// Nobody knows it: its rows are shown below its name.
    pub(super) says_its_name: bool,
}

const fn written(begin: &'static str, end: &'static str, arguments: &'static str) -> Environment {
    Environment { begin, end, arguments, numbered: false, says_its_name: false }
}

const ALIGNED: Environment = written("\\begin{aligned}", "\\end{aligned}", "");
const GATHERED: Environment = written("\\begin{gathered}", "\\end{gathered}", "");
const ARRAY: Environment = written("\\begin{array}", "\\end{array}", "om");

/// The environment with this name.
pub(super) fn environment(name: &str) -> Environment {
    let numbered = |found: Environment| Environment { numbered: true, ..found };
    match name.trim() {
        "split" | "eqnarray" | "eqnarray*" | "flalign" | "flalign*" => ALIGNED,
        "aligned" => Environment { arguments: "o", ..ALIGNED },
        "alignedat" | "alignat" | "alignat*" => Environment { arguments: "om", ..ALIGNED },
        "IEEEeqnarray" | "IEEEeqnarray*" => Environment { arguments: "m", ..ALIGNED },
        "gathered" => Environment { arguments: "o", ..GATHERED },
        "multline*" | "multlined" => GATHERED,
        "array" | "tabular" => ARRAY,
        "darray" => written("\\begin{darray}", "\\end{darray}", "om"),
        "subarray" => written("\\begin{subarray}", "\\end{subarray}", "m"),
        "matrix" => written("\\begin{matrix}", "\\end{matrix}", ""),
        "matrix*" => written("\\begin{matrix}", "\\end{matrix}", "o"),
        "smallmatrix" => written("{\\scriptstyle \\begin{matrix}", "\\end{matrix}}", ""),
        "pmatrix" => written("\\begin{pmatrix}", "\\end{pmatrix}", ""),
        "pmatrix*" | "psmallmatrix" => written("\\begin{pmatrix}", "\\end{pmatrix}", "o"),
        "bmatrix" => written("\\begin{bmatrix}", "\\end{bmatrix}", ""),
        "bmatrix*" | "bsmallmatrix" => written("\\begin{bmatrix}", "\\end{bmatrix}", "o"),
        "Bmatrix" | "Bmatrix*" => written("\\begin{Bmatrix}", "\\end{Bmatrix}", ""),
        "vmatrix" => written("\\begin{vmatrix}", "\\end{vmatrix}", ""),
        "vmatrix*" | "vsmallmatrix" => written("\\begin{vmatrix}", "\\end{vmatrix}", "o"),
        "Vmatrix" | "Vmatrix*" => written("\\begin{Vmatrix}", "\\end{Vmatrix}", ""),
        "cases" | "cases*" => written("\\begin{cases}", "\\end{cases}", ""),
        "dcases" | "dcases*" => written("\\begin{dcases}", "\\end{dcases}", ""),
        "rcases" | "rcases*" => written("\\begin{rcases}", "\\end{rcases}", ""),
        "drcases" | "drcases*" => written("\\begin{drcases}", "\\end{drcases}", ""),
        "align" => numbered(written("\\begin{align}", "\\end{align}", "")),
        "align*" => written("\\begin{align*}", "\\end{align*}", ""),
        "gather" => numbered(written("\\begin{gather}", "\\end{gather}", "")),
        "gather*" => written("\\begin{gather*}", "\\end{gather*}", ""),
        "equation" => numbered(written("\\begin{equation}", "\\end{equation}", "")),
        "equation*" => written("\\begin{equation*}", "\\end{equation*}", ""),
        "multline" => numbered(written("\\begin{multline}", "\\end{multline}", "")),
        "math" | "displaymath" | "subequations" | "center" | "document" => written("", "", ""),
        _ => Environment { says_its_name: true, ..ALIGNED },
    }
}

/// The sides of columns and the lines between them, without what else may stand there.
pub(super) fn columns(given: &str) -> String {
    let mut sides = String::new();
    let mut rest = given;
    while let Some(c) = rest.chars().next() {
        rest = rest.get(c.len_utf8()..).unwrap_or_default();
        let braces = || super::argument(rest).filter(|_| rest.trim_start().starts_with('{'));
        match c {
            'l' | 'c' | 'r' | '|' | ':' => sides.push(c),
            '@' | '!' | '>' | '<' => rest = braces().map_or(rest, |(_, after)| after),
            'p' | 'm' | 'b' => {
                sides.push('l');
                rest = braces().map_or(rest, |(_, after)| after);
            }
            'X' | 'S' => sides.push('c'),
            '*' => {
                let Some((count, after)) = braces() else { continue };
                let Some((again, after)) = super::argument(after) else { continue };
                let count = count.trim().parse::<usize>().unwrap_or(1).min(20);
                let again = again.chars().filter(|c| "lcr|".contains(*c)).collect::<String>();
                sides.push_str(&again.repeat(count));
                rest = after;
            }
            _ => {}
        }
        if sides.len() > 200 {
            break;
        }
    }
    if sides.contains(['l', 'c', 'r']) { sides } else { "c".to_owned() }
}
