//! Formulas back into TeX, from the MathML that a browser copies: the TeX beside it is never shown, so no browser puts it
//! on the clipboard.

use super::dom::Dom;

/// Signs and what TeX calls them.
const SIGNS: &str = "α \\alpha β \\beta γ \\gamma δ \\delta ϵ \\epsilon ε \\varepsilon ζ \\zeta η \\eta θ \\theta ϑ \\vartheta \
    ι \\iota κ \\kappa λ \\lambda μ \\mu ν \\nu ξ \\xi π \\pi ϖ \\varpi ρ \\rho ϱ \\varrho σ \\sigma ς \\varsigma τ \\tau \
    υ \\upsilon ϕ \\phi φ \\varphi χ \\chi ψ \\psi ω \\omega Γ \\Gamma Δ \\Delta Θ \\Theta Λ \\Lambda Ξ \\Xi Π \\Pi Σ \\Sigma \
    Υ \\Upsilon Φ \\Phi Ψ \\Psi Ω \\Omega ∂ \\partial ∇ \\nabla ∞ \\infty ∅ \\emptyset ℓ \\ell ℏ \\hbar ℜ \\Re ℑ \\Im \
    ℵ \\aleph ∀ \\forall ∃ \\exists ¬ \\neg ∠ \\angle △ \\triangle ′ ' ″ '' − - ∗ * × \\times ⋅ \\cdot · \\cdot ÷ \\div \
    ± \\pm ∓ \\mp ∘ \\circ ⊕ \\oplus ⊗ \\otimes ∧ \\wedge ∨ \\vee ∩ \\cap ∪ \\cup ∖ \\setminus ≤ \\le ≥ \\ge ≠ \\ne ≈ \\approx \
    ≡ \\equiv ∼ \\sim ≃ \\simeq ≅ \\cong ∝ \\propto ≪ \\ll ≫ \\gg ∈ \\in ∉ \\notin ∋ \\ni ⊂ \\subset ⊆ \\subseteq ⊃ \\supset \
    ⊇ \\supseteq ∣ | ∥ \\parallel ⊥ \\perp ⊢ \\vdash ⊨ \\models → \\to ← \\leftarrow ↔ \\leftrightarrow ⇒ \\Rightarrow \
    ⇐ \\Leftarrow ⇔ \\Leftrightarrow ↦ \\mapsto ⟶ \\longrightarrow ⟹ \\implies ⟺ \\iff ↑ \\uparrow ↓ \\downarrow ∑ \\sum ∏ \\prod \
    ∐ \\coprod ∫ \\int ∬ \\iint ∭ \\iiint ∮ \\oint ⋃ \\bigcup ⋂ \\bigcap ⨁ \\bigoplus … \\ldots ⋯ \\cdots ⋮ \\vdots ⋱ \\ddots \
    ⟨ \\langle ⟩ \\rangle ⌊ \\lfloor ⌋ \\rfloor ⌈ \\lceil ⌉ \\rceil ‖ \\| { \\{ } \\} % \\% # \\# & \\& $ \\$ _ \\_ \
    ℝ \\mathbb{R} ℕ \\mathbb{N} ℤ \\mathbb{Z} ℚ \\mathbb{Q} ℂ \\mathbb{C} ℙ \\mathbb{P} 𝔼 \\mathbb{E}";

/// Names that TeX knows as functions.
const FUNCTIONS: &str = "arccos arcsin arctan arg cos cosh cot deg det dim exp gcd inf ker lim liminf limsup ln log max min Pr \
    sec sin sinh sup tan tanh";

/// What stands above a letter, and what TeX calls that.
const ACCENTS: [(&str, &str); 12] = [
    ("^", "\\hat"),
    ("ˆ", "\\hat"),
    ("~", "\\tilde"),
    ("˜", "\\tilde"),
    ("ˉ", "\\bar"),
    ("¯", "\\overline"),
    ("‾", "\\overline"),
    ("→", "\\vec"),
    ("⃗", "\\vec"),
    ("˙", "\\dot"),
    ("¨", "\\ddot"),
    ("⏞", "\\overbrace"),
];

/// A formula, or a piece of one, as TeX.
pub(super) fn tex(dom: &Dom, id: usize) -> String {
    let name = dom.name(id);
    let below: Vec<usize> = dom.children(id).iter().copied().filter(|child| !dom.name(*child).is_empty()).collect();
    let part = |at: usize| below.get(at).map(|child| tex(dom, *child)).unwrap_or_default();
    match name {
        "mi" | "mn" | "mo" => token(name, dom.attribute(id, "mathvariant"), dom.words(id).trim()),
        "mtext" => text(&dom.words(id)),
        "mspace" => space(dom.attribute(id, "width"), dom.attribute(id, "linebreak")).to_owned(),
        "semantics" => part(0),
        "annotation" | "annotation-xml" | "mphantom" => String::new(),
        "msup" => scripts(part(0), None, Some(part(1))),
        "msub" => scripts(part(0), Some(part(1)), None),
        "msubsup" | "munderover" => scripts(part(0), Some(part(1)), Some(part(2))),
        "mfrac" if dom.attribute(id, "linethickness").starts_with('0') => format!("{{{} \\atop {}}}", part(0), part(1)),
        "mfrac" => format!("\\frac{{{}}}{{{}}}", part(0), part(1)),
        "msqrt" => format!("\\sqrt{{{}}}", row(dom, &below)),
        "mroot" => format!("\\sqrt[{}]{{{}}}", part(1), part(0)),
        "mover" => over(&part(0), &part(1), &below.get(1).map(|child| dom.words(*child)).unwrap_or_default()),
        "munder" if takes_limits(&part(0)) => scripts(part(0), Some(part(1)), None),
        "munder" => format!("\\underset{{{}}}{{{}}}", part(1), part(0)),
        "mtable" => table(dom, id, &below),
        _ => row(dom, &below),
    }
}

/// Pieces beside each other.
fn row(dom: &Dom, pieces: &[usize]) -> String {
    let mut whole = String::new();
    for piece in pieces {
        let next = tex(dom, *piece);
        if next.starts_with(|c: char| c.is_alphanumeric()) && needs_space(&whole) {
            whole.push(' ');
        }
        whole.push_str(&next);
    }
    whole
}

/// Whether a letter after this would become part of a name, or look like part of what is above or below.
fn needs_space(before: &str) -> bool {
    let mut back = before.chars().rev().take(24).skip_while(char::is_ascii_alphabetic);
    let name = before.ends_with(|c: char| c.is_ascii_alphabetic()) && back.next() == Some('\\');
    let mut last = before.chars().rev().skip(1);
    name || matches!(last.next(), Some('^' | '_')) && last.next() != Some('\\')
}

fn token(name: &str, variant: &str, words: &str) -> String {
    let mut letters = words.chars();
    let (Some(letter), None) = (letters.next(), letters.next()) else { return longer(name, words) };
    match called(letter) {
        // A function is applied, factors are beside each other: nothing to be written.
        None if matches!(letter, '\u{2061}'..='\u{2064}' | '\u{200b}') => String::new(),
        None if letter == '\\' => "\\backslash".to_owned(),
        None if name == "mi" && variant == "normal" && letter.is_ascii_alphabetic() => format!("\\mathrm{{{letter}}}"),
        None => words.to_owned(),
        Some(tex) => tex.to_owned(),
    }
}

/// What TeX calls a sign.
fn called(letter: char) -> Option<&'static str> {
    let mut pairs = SIGNS.split(' ');
    while let (Some(sign), Some(tex)) = (pairs.next(), pairs.next()) {
        if sign.starts_with(letter) {
            return Some(tex);
        }
    }
    None
}

/// A name or a number of more than one letter.
fn longer(name: &str, words: &str) -> String {
    if FUNCTIONS.split(' ').any(|known| known == words) {
        return format!("\\{words}");
    }
    let plain = words.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ','));
    if plain || words.is_empty() {
        return words.to_owned();
    }
    if name == "mo" {
        words.chars().map(|c| token(name, "", c.encode_utf8(&mut [0; 4]))).collect()
    } else {
        roman(words)
    }
}

fn roman(words: &str) -> String {
    let fine = words.chars().all(char::is_alphanumeric);
    if fine { format!("\\mathrm{{{words}}}") } else { text(words) }
}

fn text(words: &str) -> String {
    let mut escaped = String::new();
    for letter in words.chars() {
        if matches!(letter, '{' | '}' | '%' | '#' | '&' | '$' | '_') {
            escaped.push('\\');
        }
        escaped.push(if letter == '\\' || letter == '\u{a0}' { ' ' } else { letter });
    }
    if escaped.trim().is_empty() { "\\ ".to_owned() } else { format!("\\text{{{escaped}}}") }
}

fn space(width: &str, linebreak: &str) -> &'static str {
    let wide = width.trim_end_matches("em").parse::<f32>().unwrap_or_default();
    match () {
        () if linebreak == "newline" => "\\\\ ",
        () if wide >= 1.0 => "\\quad ",
        () if wide > 0.0 => "\\,",
        () => "",
    }
}

/// In braces, unless it is one sign.
fn grouped(tex: &str) -> String {
    let name = tex.strip_prefix('\\').unwrap_or("-");
    let one = tex.chars().count() == 1 || name.chars().all(|c| c.is_ascii_alphabetic());
    if one { tex.to_owned() } else { format!("{{{tex}}}") }
}

fn scripts(base: String, below: Option<String>, above: Option<String>) -> String {
    let mut whole = if base.is_empty() { "{}".to_owned() } else { grouped(&base) };
    // Primes stand above by themselves.
    if let (None, Some(primes)) = (&below, &above)
        && !primes.is_empty()
        && primes.chars().all(|c| c == '\'')
    {
        return whole + primes;
    }
    for (sign, script) in [('_', below), ('^', above)] {
        if let Some(script) = script.filter(|script| !script.is_empty()) {
            whole.push(sign);
            whole.push_str(&grouped(&script));
        }
    }
    whole
}

fn over(base: &str, above: &str, sign: &str) -> String {
    match ACCENTS.iter().find(|(known, _)| *known == sign.trim()) {
        Some((_, accent)) => format!("{accent}{{{base}}}"),
        None if takes_limits(base) => scripts(base.to_owned(), None, Some(above.to_owned())),
        None => format!("\\overset{{{above}}}{{{base}}}"),
    }
}

/// Whether what stands below a sign are its limits.
fn takes_limits(tex: &str) -> bool {
    let big = ["\\sum", "\\prod", "\\coprod", "\\int", "\\bigcup", "\\bigcap", "\\bigoplus", "\\overbrace"];
    let function = tex.strip_prefix('\\').is_some_and(|name| FUNCTIONS.split(' ').any(|known| known == name));
    function || big.iter().any(|known| tex.starts_with(known))
}

fn table(dom: &Dom, id: usize, rows: &[usize]) -> String {
    let aligned = dom.attribute(id, "columnalign").starts_with("right");
    let name = if aligned { "aligned" } else { "matrix" };
    let cells = |at: &usize| -> String {
        let cells = dom.children(*at).iter().filter(|cell| dom.name(**cell) == "mtd");
        cells.map(|cell| tex(dom, *cell)).collect::<Vec<_>>().join(" & ")
    };
    let rows: Vec<String> = rows.iter().filter(|row| dom.name(**row) == "mtr").map(cells).collect();
    format!("\\begin{{{name}}} {} \\end{{{name}}}", rows.join(" \\\\ "))
}
