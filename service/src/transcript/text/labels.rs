//! The labels before what a person or a model says.

use entity::message::Role;

/// A label.
#[derive(Clone, Copy, Debug)]
pub(super) struct Label {
    /// Who speaks after it.
    pub(super) role: Role,
    /// How it is written.
    pub(super) style: Style,
}

/// How labels are written. One text is cut by one style.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Style {
    /// `You said:`, as the page of the product has it.
    Said,
    /// `<|user|>`, as models are trained.
    Token,
    /// `User:`
    Colon,
    /// `**User**`, `**User:**` or `**User**:`
    Bold,
    /// `### User`
    Heading,
    /// `Me:` and `GPT:`
    Me,
    /// `Q:` and `A:`
    Question,
}

impl Style {
    /// How often the speaker must change before labels are believed. Letters and everyday words begin lines in other
    /// texts too; a `User:` with its `Assistant:` hardly ever does.
    pub(super) fn fewest_changes(self) -> usize {
        match self {
            Self::Me | Self::Question => 2,
            Self::Said | Self::Token | Self::Colon | Self::Bold | Self::Heading => 1,
        }
    }

    /// Takes away what closes a message in this style.
    pub(super) fn strip_end(self, words: &str) -> &str {
        if self != Self::Token {
            return words;
        }
        let mut words = words.trim_end();
        for end in ["<|im_end|>", "<|end|>", "<|eot_id|>", "<|endoftext|>"] {
            words = words.strip_suffix(end).unwrap_or(words).trim_end();
        }
        words
    }
}

/// What the pages of the products write above the person's words, in lower case and without the colon: English, French,
/// German, Spanish, Italian, Portuguese, Dutch, Japanese, Chinese, Korean, Russian, Polish.
const PERSON_SAID: &str = "you said|vous avez dit|tu as dit|du hast gesagt|sie haben gesagt|sie sagten|has dicho|dijiste|\
                           tú dijiste|usted dijo|hai detto|você disse|disseste|tu disseste|je zei|jij zei|u zei|\
                           je hebt gezegd|あなたの発言|あなたが言いました|你说|您说|나의 말|вы сказали|ты сказал|\
                           powiedziałeś(-aś)|powiedziałeś|powiedziałaś";
/// What they write above the model's words, after its name.
const MODEL_SAID: &str = "said|responded|a dit|a répondu|hat gesagt|sagte|hat geantwortet|dijo|ha dicho|respondió|ha detto|\
                          ha risposto|disse|respondeu|zei|antwoordde|の発言|が言いました|说|의 말|сказал|сказал(а)|\
                          powiedział";
/// The names of the models in these.
const MODELS: [&str; 5] = ["chatgpt", "o chatgpt", "claude", "gemini", "copilot"];

/// Names of the person, in lower case: English, French, German, Spanish, Italian, Portuguese, Dutch, Japanese, Korean.
const PERSON: &str = "user|human|you|prompt|utilisateur|utilisatrice|benutzer|nutzer|usuario|utente|usuário|utilizador|\
                      gebruiker|ユーザー|あなた|사용자";
/// Names of the model, likewise.
const MODEL: &str = "assistant|ai|claude|chatgpt|gpt-4|gpt-4o|gpt-5|gemini|copilot|model|bot|response|assistent|ki|\
                     asistente|ia|assistente|アシスタント";

/// The label at the beginning of `line`, and the number of its bytes: what the person or the model says comes after.
pub(super) fn read(line: &str) -> Option<(Label, usize)> {
    let first = line.chars().next().filter(|letter| !letter.is_whitespace())?;
    match first {
        '<' => token(line),
        '#' => heading(line),
        '*' | '_' => bold(line),
        _ => colon(line),
    }
}

/// `<|user|>`, `<|im_start|>user`
fn token(line: &str) -> Option<(Label, usize)> {
    let (word, rest) = line.strip_prefix("<|")?.split_once("|>")?;
    let start = line.len() - rest.len();
    let (word, length) = match word {
        "im_start" => (rest.trim(), line.len()),
        "start_header_id" => (rest.split_once("<|end_header_id|>")?.0, line.len()),
        word => (word, start),
    };
    let (style, role) = (Style::Token, name(word)?);
    Some((Label { role, style }, length))
}

/// `### User`, alone on its line, with or without a colon.
fn heading(line: &str) -> Option<(Label, usize)> {
    let word = line.trim_start_matches('#');
    let level = line.len() - word.len();
    let word = word.strip_prefix(' ').filter(|_| level <= 6)?.trim();
    let word = word.trim_matches('*').trim_end_matches(is_colon).trim_end().trim_matches('*');
    let label = said(word).map(|role| Label { role, style: Style::Said });
    let label = label.or_else(|| name(word).map(|role| Label { role, style: Style::Heading }))?;
    Some((label, line.len()))
}

/// `**User:** words`, `**User**: words`, `**User**` alone on its line.
fn bold(line: &str) -> Option<(Label, usize)> {
    let mark = ["**", "__"].into_iter().find(|mark| line.starts_with(mark))?;
    let (word, after) = line.get(mark.len()..)?.split_once(mark)?;
    let inner = word.trim_end_matches(is_colon);
    let outer = after.strip_prefix(is_colon);
    let rest = outer.unwrap_or(after);
    if inner.len() == word.len() && outer.is_none() && !after.trim().is_empty() {
        return None;
    }
    let role = name(inner.trim()).or_else(|| said(inner.trim()))?;
    Some((Label { role, style: Style::Bold }, line.len() - rest.trim_start_matches(' ').len()))
}

/// `User: words`, `You said:`, `Q: words`.
fn colon(line: &str) -> Option<(Label, usize)> {
    // No label is longer; this keeps long lines cheap.
    let (at, colon) = line.char_indices().take(40).find(|(_, letter)| is_colon(*letter))?;
    let word = line.get(..at)?.trim_end_matches(|letter: char| letter.is_whitespace());
    let rest = line.get(at + colon.len_utf8()..)?;
    // `model://` or `ai::Model` is no label.
    if rest.starts_with(['/', ':', '\\']) {
        return None;
    }
    let lower = word.to_lowercase();
    let label = match lower.as_str() {
        "me" | "moi" | "ich" => Label { role: Role::User, style: Style::Me },
        "gpt" => Label { role: Role::Assistant, style: Style::Me },
        "q" | "question" => Label { role: Role::User, style: Style::Question },
        "a" | "answer" => Label { role: Role::Assistant, style: Style::Question },
        _ => match said(word) {
            Some(role) if name(word).is_none() => Label { role, style: Style::Said },
            _ => Label { role: name(word)?, style: Style::Colon },
        },
    };
    Some((label, line.len() - rest.trim_start_matches(' ').len()))
}

/// A colon, as wide as it may be.
fn is_colon(letter: char) -> bool {
    matches!(letter, ':' | '：')
}

/// Whose name this is.
fn name(word: &str) -> Option<Role> {
    let word = word.to_lowercase();
    let sides = [(PERSON, Role::User), (MODEL, Role::Assistant), ("system", Role::System)];
    sides.into_iter().find(|(names, _)| names.split('|').any(|name| name == word)).map(|(_, role)| role)
}

/// Who is said to speak.
fn said(word: &str) -> Option<Role> {
    // Products write narrow or unbreakable spaces where people type plain ones.
    let word = word.to_lowercase().replace(['\u{a0}', '\u{202f}'], " ");
    if PERSON_SAID.split('|').any(|said| said == word) {
        return Some(Role::User);
    }
    let rest = MODELS.iter().find_map(|model| word.strip_prefix(model))?.trim_start();
    MODEL_SAID.split('|').any(|said| said == rest).then_some(Role::Assistant)
}
