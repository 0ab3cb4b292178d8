//! What the file of an export is called.

/// Letters of a title that a file's name has.
const LETTERS: usize = 80;

/// A name without what a file system or a header makes something of: no path, no control characters, nothing that turns
/// the direction of writing around.
pub(super) fn file(title: Option<&str>, otherwise: &str, ending: &str) -> String {
    let allowed = |c: char| match c {
        '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' => '-',
        c if c.is_whitespace() => ' ',
        c => c,
    };
    let fine = |c: &char| {
        !c.is_control()
            && !matches!(*c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    let name: String = title.unwrap_or_default().chars().map(allowed).filter(fine).take(LETTERS).collect();
    let name = name.trim_matches(|c: char| c == '.' || c == ' ');
    let name = if name.is_empty() { otherwise } else { name };
    format!("{name}.{ending}")
}

#[cfg(test)]
mod tests {
    use super::file;

    #[test]
    fn a_title_becomes_a_name_and_never_a_path() {
        let named = |title: &str| file(Some(title), "conversation", "json");
        assert_eq!(named("Is it prime?"), "Is it prime-.json");
        assert_eq!(named("../../etc/passwd"), "-..-etc-passwd.json");
        assert_eq!(named("a\r\nSet-Cookie: b\"; c"), "a  Set-Cookie- b-; c.json");
        assert_eq!(named("gpj\u{202e}.exe"), "gpj.exe.json");
        assert_eq!(named("Über 素数"), "Über 素数.json");
        assert_eq!(named(" .. "), "conversation.json");
        assert_eq!(named(&"é".repeat(200)).chars().count(), 85);
        assert_eq!(file(None, "conversation", "md"), "conversation.md");
    }
}
