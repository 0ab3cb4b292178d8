//! The labels before what a person or a model says.

use entity::message::Role;

/// A label.
#[derive(Clone, Debug)]
pub(super) struct Label {
    /// Who speaks after it.
    pub(super) who: Who,
    /// How it is written.
    pub(super) style: Style,
}

/// Who speaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Who {
    /// Somebody whose role the label tells.
    Known(Role),
    /// Somebody of this name, in lower case: the model, if the name comes again and again after what the person says.
    Named(String),
}

impl Who {
    fn known(role: Option<Role>) -> Option<Self> {
        role.map(Self::Known)
    }
}

/// How labels are written. One text is cut by one style.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Style {
    /// `You said:` or `You said` alone on its line, as the page of the product has it.
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
/// Who says something in stories.
const NOBODY: &str = "i|he|she|it|we|they|who|one|ich|er|sie|wir|je|il|elle|on|nous|ils|elles|yo|él|ella|io|lui|lei|eu|ele|ela|ik|hij|zij";

/// Names of the person, in lower case: English, French, German, Spanish, Italian, Portuguese, Dutch, Japanese, Korean.
const PERSON: &str = "user|human|you|prompt|utilisateur|utilisatrice|benutzer|nutzer|usuario|utente|usuário|utilizador|\
                      gebruiker|ユーザー|あなた|사용자";
/// Names of the model, likewise.
const MODEL: &str = "assistant|ai|claude|chatgpt|o chatgpt|gpt-4|gpt-4o|gpt-5|gemini|copilot|model|bot|response|assistent|ki|\
                     asistente|ia|assistente|アシスタント";
/// Beginnings of the names of models and of what they are in. A name that is none of these is believed, too, when it
/// repeats; these need not.
const FAMILIES: &str = "gpt chatgpt claude gemini gemma copilot bing bard llama mistral mixtral codestral chat grok deepseek \
    perplexity sonar qwen kimi cursor phi poe nova ernie doubao glm yi command sonnet opus haiku cohere pi meta minimax \
    hunyuan jamba falcon granite nemotron windsurf cody duck jan ollama assistant";

/// Letters of the longest name.
const LONGEST_NAME: usize = 30;
/// Words of the longest name.
const MOST_WORDS: usize = 4;

/// The label at the beginning of `line`, and the number of its bytes: what the person or the model says comes after.
pub(super) fn read(line: &str) -> Option<(Label, usize)> {
    let first = line.chars().next().filter(|letter| !letter.is_whitespace())?;
    match first {
        '<' => token(line),
        '#' => heading(line),
        '*' | '_' => bold(line),
        _ => alone(line).or_else(|| colon(line)),
    }
}

/// `You said`, `Gemini said`, alone on the line, with a colon or without.
fn alone(line: &str) -> Option<(Label, usize)> {
    let word = line.trim();
    // No label is longer; this keeps long lines cheap.
    if word.len() > 160 {
        return None;
    }
    let who = said(word.trim_end_matches(is_colon).trim_end())?;
    Some((Label { who, style: Style::Said }, line.len()))
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
    let (style, who) = (Style::Token, Who::known(name(word))?);
    Some((Label { who, style }, length))
}

/// `### User`, alone on its line, with or without a colon.
fn heading(line: &str) -> Option<(Label, usize)> {
    let word = line.trim_start_matches('#');
    let level = line.len() - word.len();
    let word = word.strip_prefix(' ').filter(|_| level <= 6)?.trim();
    let word = word.trim_matches('*').trim_end_matches(is_colon).trim_end().trim_matches('*');
    let label = said(word).map(|who| Label { who, style: Style::Said });
    let label = label.or_else(|| somebody(word).map(|who| Label { who, style: Style::Heading }))?;
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
    let inner = inner.trim();
    let who = Who::known(name(inner)).or_else(|| said(inner)).or_else(|| somebody(inner))?;
    Some((Label { who, style: Style::Bold }, line.len() - rest.trim_start_matches(' ').len()))
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
    let known = |role, style| Label { who: Who::Known(role), style };
    let label = match lower.as_str() {
        "me" | "moi" | "ich" => known(Role::User, Style::Me),
        "gpt" => known(Role::Assistant, Style::Me),
        "q" | "question" => known(Role::User, Style::Question),
        "a" | "answer" => known(Role::Assistant, Style::Question),
        _ => match (said(word), name(word)) {
            (Some(who), None) => Label { who, style: Style::Said },
            (_, Some(role)) => known(role, Style::Colon),
            (None, None) if rest.is_empty() || rest.starts_with(char::is_whitespace) => {
                Label { who: somebody(word)?, style: Style::Colon }
            }
            (None, None) => return None,
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

/// Whose name it is, or may be: a few words of letters that begin with a large one.
fn somebody(word: &str) -> Option<Who> {
    if let Some(role) = name(word) {
        return Some(Who::Known(role));
    }
    let signs = |letter: char| {
        letter.is_alphanumeric() || matches!(letter, ' ' | '-' | '.' | '(' | ')' | '+' | '/' | '’' | '\'')
    };
    let large =
        word.chars().next().is_some_and(|letter| letter.is_alphabetic() && !letter.is_lowercase()) || is_model(word);
    let fits = word.chars().count() <= LONGEST_NAME && word.split_whitespace().count() <= MOST_WORDS;
    (large && fits && word.chars().all(signs)).then(|| Who::Named(word.to_lowercase()))
}

/// Is it the name of a model, or of what one talks with it in: `GPT-5`, `o3`, `Le Chat`?
pub(super) fn is_model(name: &str) -> bool {
    let name = name.to_lowercase();
    let mut words =
        name.split([' ', '-', '.', '(', '/']).filter(|word| !matches!(*word, "" | "le" | "microsoft" | "google"));
    let first = words.next().unwrap_or_default();
    let family = first.trim_end_matches(|letter: char| letter.is_ascii_digit());
    let reasoning = first.strip_prefix('o').is_some_and(|rest| matches!(rest.as_bytes(), [b'1'..=b'9']));
    reasoning || FAMILIES.split_whitespace().any(|known| known == family) || name.ends_with(" ai")
}

/// Who is said to speak.
fn said(word: &str) -> Option<Who> {
    // Products write narrow or unbreakable spaces where people type plain ones.
    let lower = word.to_lowercase().replace(['\u{a0}', '\u{202f}'], " ");
    if PERSON_SAID.split('|').any(|said| said == lower) {
        return Some(Who::Known(Role::User));
    }
    let name = MODEL_SAID.split('|').find_map(|said| {
        let rest = lower.strip_suffix(said)?;
        let own = rest.ends_with(' ') || !said.is_ascii() && !rest.is_empty();
        own.then(|| rest.trim_end())
    })?;
    if is_model(name) || self::name(name) == Some(Role::Assistant) {
        return Some(Who::Known(Role::Assistant));
    }
    let known = NOBODY.split('|').any(|nobody| nobody == name);
    let named = word.get(..name.len()).and_then(somebody).filter(|_| !known)?;
    matches!(named, Who::Named(_)).then_some(named)
}

/// Who speaks, by a label that a page writes for people who cannot see it, as far as its words tell.
pub(in crate::transcript) fn spoken(label: &str) -> Option<Role> {
    let who = said(label).or_else(|| Who::known(name(label)));
    match who {
        Some(Who::Known(role @ (Role::User | Role::Assistant))) => Some(role),
        _ => is_model(label).then_some(Role::Assistant),
    }
}
