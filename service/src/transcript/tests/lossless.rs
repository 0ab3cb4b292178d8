//! Nothing that an export says is lost in silence: of ten thousand exports made by chance, each word that people see there
//! is stored, or a note counts what it stood in.

use super::*;

/// How many exports are made.
const EXPORTS: u64 = 10_000;

/// Makes exports by chance, and remembers their words.
struct Maker {
    state: u64,
    /// How many words were made.
    made: u64,
    /// Words that must be stored somewhere.
    words: Vec<String>,
    /// Words that must stand in the text of a part: those of sentences.
    read: Vec<String>,
}

impl Maker {
    fn new(seed: u64) -> Self {
        let state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        Self { state, made: 0, words: Vec::new(), read: Vec::new() }
    }

    fn under(&mut self, most: u64) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        (self.state >> 11) % most
    }

    fn one_of<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[usize::try_from(self.under(u64::try_from(all.len()).unwrap())).unwrap()]
    }

    fn often(&mut self, percent: u64) -> bool {
        self.under(100) < percent
    }

    /// A word that stands nowhere else.
    fn word(&mut self) -> String {
        self.made += 1;
        let chance = self.under(1 << 40);
        let word = format!("word{}x{chance:x}", self.made);
        self.words.push(word.clone());
        word
    }

    /// Two words that stand nowhere else.
    fn sentence(&mut self) -> String {
        format!("{} {}", self.word(), self.word())
    }

    /// A word that must be read in a sentence.
    fn said(&mut self) -> String {
        let word = self.word();
        self.read.push(word.clone());
        word
    }

    fn url(&mut self) -> String {
        format!("https://example.org/{}", self.word())
    }

    /// A value of any shape, with words in it.
    fn value(&mut self, depth: u32) -> Value {
        match self.under(if depth == 0 { 3 } else { 7 }) {
            0 | 1 => json!(self.sentence()),
            2 => json!(format!("{}\n{}", self.sentence(), self.word())),
            3 => json!([self.value(depth - 1), self.value(depth - 1)]),
            4 => json!({ self.one_of(&["text", "content", "summary", "note", "body"]): self.value(depth - 1) }),
            5 => json!({ "x": 1, "deeper": self.value(depth - 1), "flag": false }),
            _ => json!([json!({ "title": self.sentence(), "n": null }), self.sentence()]),
        }
    }

    /// A sentence with a marker in it.
    fn marked(&mut self) -> String {
        let marker = match self.under(9) {
            0 => format!("url\u{e202}{}\u{e202}{}", self.said(), self.url()),
            1 => format!("url\u{e202}{}\u{e202}turn0search{}", self.said(), self.under(9)),
            2 => format!("genui{}", json!({ "math_block_widget": { "content": format!("{}^2", self.said()) } })),
            3 => format!("genui\u{e202}{}", json!({ "table_widget": { "rows": [[self.said()], [self.said()]] } })),
            4 => format!("navlist\u{e202}{}\u{e202}turn0news1,turn0news2", self.said()),
            5 => format!("entity{}", json!(["person", self.said(), "x"])),
            6 => format!("{}\u{e202}{}", self.one_of(&["novel", "widget", "quiz"]), self.said()),
            7 => format!("cite\u{e202}turn0search{}\u{e202}turn1news2", self.under(9)),
            _ => format!("video\u{e202}{}\u{e202}turn0video1", self.said()),
        };
        format!("{} \u{e200}{marker}\u{e201} {}.", self.said(), self.said())
    }

    /// Content of a message of ChatGPT: any type with any field.
    fn content(&mut self) -> Value {
        if self.often(5) {
            return self.value(1);
        }
        let kind = self.one_of(&[
            "text",
            "multimodal_text",
            "code",
            "execution_output",
            "thoughts",
            "reasoning_recap",
            "tether_browsing_display",
            "tether_quote",
            "system_error",
            "hologram",
            "user_editable_context",
            "model_editable_context",
        ]);
        let mut content = json!({ "content_type": kind });
        if self.often(40) && matches!(kind, "text" | "multimodal_text") {
            content["parts"] = json!([self.marked(), "", self.marked()]);
            return content;
        }
        for _ in 0..self.under(3) {
            let field = self.one_of(&[
                "parts", "text", "thoughts", "content", "result", "summary", "output", "extra", "title", "name",
                "message",
            ]);
            if content.get(field).is_some() {
                continue;
            }
            content[field] = match self.under(5) {
                0 => json!(self.sentence()),
                1 => json!([self.sentence(), null, "", self.sentence()]),
                2 if field == "thoughts" => {
                    json!(json!([{ "summary": self.sentence(), "content": self.sentence(), "chunks": [] }]).to_string())
                }
                2 => {
                    json!([{ "content_type": "text", "text": self.sentence() }, { "content_type": "odd", "q": self.sentence() }])
                }
                _ => self.value(2),
            };
        }
        content
    }

    /// Metadata of a message of ChatGPT, with carriers of words.
    fn metadata(&mut self) -> Value {
        let mut metadata = json!({ "model_slug": "auto", "message_type": "next", "timestamp_": "absolute" });
        for _ in 0..self.under(3) {
            let (field, value) = self.carrier();
            // Of two reports one is left; the words of the other are in no file.
            if metadata.get(field).is_some() {
                self.forget(&value);
            } else {
                metadata[field] = value;
            }
        }
        metadata
    }

    /// Forgets the words in what is not written.
    fn forget(&mut self, value: &Value) {
        let text = value.to_string();
        self.words.retain(|word| !text.contains(word.as_str()));
        self.read.retain(|word| !text.contains(word.as_str()));
    }

    fn carrier(&mut self) -> (&'static str, Value) {
        match self.under(9) {
            0 => {
                let report = json!({ "author": { "role": "assistant" }, "content": { "content_type": "text", "parts": [self.marked()] },
                    "metadata": { "content_references": [self.reference()] } });
                let state = json!({ "plan": { "title": self.sentence() }, "report_message": report });
                (
                    "chatgpt_sdk",
                    json!({ "widget_state": if self.often(50) { json!(state.to_string()) } else { state } }),
                )
            }
            1 => ("chatgpt_sdk", json!({ "widget_state": self.value(2) })),
            2 => {
                let entries = json!([{ "url": self.url(), "title": self.sentence(), "snippet": self.sentence() }]);
                ("search_result_groups", json!([{ "type": "search_result_group", "entries": entries }]))
            }
            3 => (
                "content_references",
                json!([self.reference(), self.reference(), { "type": "hidden", "matched_text": " " }]),
            ),
            4 => ("citations", json!([{ "start_ix": 1, "metadata": { "title": self.sentence(), "url": self.url() } }])),
            5 => ("targeted_reply", json!(self.sentence())),
            6 => ("attachments", json!([{ "name": self.sentence(), "id": "f" }])),
            7 => {
                let wrote = json!([{ "message_type": "stream", "text": self.sentence() }, { "message_type": "image", "image_url": "file-service://x" }]);
                ("aggregate_result", json!({ "messages": wrote, "final_expression_output": self.sentence() }))
            }
            _ => (
                "image_results",
                json!([{ "title": self.sentence(), "url": self.url(), "thumbnail_url": "https://example.org/t" }]),
            ),
        }
    }

    /// What a message refers to, in one of the forms there are.
    fn reference(&mut self) -> Value {
        let item = |maker: &mut Self| {
            json!({ "title": maker.sentence(), "url": maker.url(), "snippet": maker.sentence(),
                "supporting_websites": [{ "title": maker.sentence(), "url": maker.url() }] })
        };
        match self.under(6) {
            0 => json!({ "type": "grouped_webpages", "matched_text": "m", "items": [item(self), item(self)] }),
            1 => json!({ "type": "sources_footnote", "matched_text": " ", "sources": [item(self)] }),
            2 => json!({ "type": "webpage", "title": self.sentence(), "details": { "url": self.url() } }),
            3 => json!({ "type": "file", "name": self.sentence(), "id": "file-1" }),
            4 => {
                json!({ "type": "grouped_webpages", "alt": "", "safe_urls": [self.url()], "refs": [{ "turn_index": 0 }] })
            }
            _ => json!({ "type": "novelty", "words": self.sentence() }),
        }
    }

    fn chatgpt(&mut self) -> String {
        let count = 2 + self.under(4);
        let mut nodes = vec![chatgpt::node("root", None, &[], Value::Null)];
        let mut before = "root".to_owned();
        for at in 0..count {
            let id = format!("n{at}");
            let role = self.one_of(&["user", "assistant", "assistant", "tool", "critic"]);
            let recipient =
                self.one_of(&["all", "all", "python", "canmore.create_textdoc", "canmore.update_textdoc", "bio"]);
            let recipient = if role == "assistant" { recipient } else { "all" };
            let message = if self.often(3) {
                json!(self.sentence())
            } else {
                let content = if recipient.starts_with("canmore") && self.often(80) {
                    json!({ "content_type": "code", "text": self.canvas() })
                } else {
                    self.content()
                };
                let name = (role == "tool").then_some("python");
                json!({ "id": id, "author": { "role": role, "name": name }, "recipient": recipient,
                    "content": content, "metadata": self.metadata() })
            };
            nodes.push(chatgpt::node(&id, Some(&before), &[], message));
            before = id;
        }
        nodes.push(chatgpt::node("end", Some(&before), &[], chatgpt::words("end", "user", "end")));
        chatgpt::chat(&nodes, Some("end"))
    }

    /// What the canvas is told.
    fn canvas(&mut self) -> String {
        match self.under(4) {
            0 => json!({ "name": self.sentence(), "type": "document", "content": format!("# {}\n\nold words, {}", self.said(), self.said()) }),
            1 => json!({ "updates": [{ "pattern": "old words", "multiple": false, "replacement": self.said() }] }),
            2 => json!({ "updates": [{ "pattern": ".*", "multiple": false, "replacement": self.said() }] }),
            _ => json!({ "comments": [{ "pattern": self.word(), "comment": self.said() }] }),
        }
        .to_string()
    }

    /// A block of a message of Claude.
    fn block(&mut self) -> Value {
        match self.under(10) {
            0 => {
                json!({ "type": "text", "text": self.said(), "citations": [{ "title": self.sentence(), "url": self.url(), "details": { "url": self.url() } }] })
            }
            1 => {
                json!({ "type": "thinking", "thinking": self.sentence(), "summaries": [{ "summary": self.sentence() }] })
            }
            2 => {
                json!({ "type": "tool_use", "name": "artifacts", "input": { "command": "create", "id": "a", "type": "text/markdown",
                "title": self.sentence(), "content": format!("old words, {}", self.said()) } })
            }
            3 => {
                json!({ "type": "tool_use", "name": "artifacts", "input": { "command": "update", "id": "a", "old_str": "old words", "new_str": self.said() } })
            }
            4 => {
                json!({ "type": "tool_use", "name": "create_file", "input": { "path": format!("/{}.md", self.word()), "file_text": self.said() } })
            }
            5 => json!({ "type": "tool_use", "name": self.word(), "input": self.value(2) }),
            6 => {
                json!({ "type": "tool_result", "name": "search", "content": [{ "type": "knowledge", "title": self.sentence(), "url": self.url(), "text": self.sentence() }, self.value(1)] })
            }
            7 => json!({ "type": "text", "text": self.value(2) }),
            8 => {
                json!({ "type": "text", "text": format!("Here <antArtifact identifier=\"b\" title=\"{}\" type=\"text/markdown\">{}</antArtifact> {}", self.word(), self.said(), self.said()) })
            }
            _ => json!({ "type": self.one_of(&["novelty", "thinking", "voice_note"]), "body": self.value(2) }),
        }
    }

    fn claude(&mut self) -> String {
        let designs = self.often(20);
        let message = |maker: &mut Self, at: u64| {
            let (id, sender) = (format!("m{at}"), maker.one_of(&["human", "assistant", "assistant", "robot"]));
            let alone = maker.often(30);
            let content = if alone { json!(maker.said()) } else { json!([maker.block(), maker.block()]) };
            if designs {
                let within = maker.one_of(&["contentBlocks", "content"]);
                return json!({ "uuid": id, "role": sender, "content": { within: content } });
            }
            json!({ "uuid": id, "sender": sender, "text": "", "content": content,
                "attachments": [{ "file_name": maker.word(), "extracted_content": maker.sentence() }] })
        };
        let messages: Vec<Value> = (0..2 + self.under(3)).map(|at| message(self, at)).collect();
        let list = if designs { "messages" } else { "chat_messages" };
        json!([{ "uuid": "c", "name": self.sentence(), list: messages }]).to_string()
    }
}

/// All that was stored of a conversation: what can be read, and everything.
fn stored(read: &ParsedConversation) -> (String, String) {
    let parts = || read.messages.iter().flat_map(|message| &message.parts);
    let texts: Vec<&str> = parts().filter_map(|part| part.text.as_deref()).collect();
    let texts = texts.join("\n");
    let data = |part: &Part| part.data.as_ref().map(Value::to_string).unwrap_or_default();
    let rest: Vec<String> = parts().map(|part| part.name.clone().unwrap_or_default() + " " + &data(part)).collect();
    let all = [texts.as_str(), read.title.as_deref().unwrap_or_default(), &rest.join("\n")].join("\n");
    (texts, all)
}

#[test]
fn no_word_of_an_export_is_lost_in_silence() {
    for seed in 0..EXPORTS {
        let mut maker = Maker::new(seed);
        let source = if seed % 2 == 0 { maker.chatgpt() } else { maker.claude() };
        let read = one(&source);
        let (texts, all) = stored(&read);
        assert!(!read.notes.iter().any(|note| note.contains("came twice")), "{:?}", read.notes);
        let lost: Vec<&String> = maker.words.iter().filter(|word| !all.contains(word.as_str())).collect();
        assert!(lost.is_empty(), "seed {seed}: {lost:?} of\n{source}");
        let unread: Vec<&String> = maker.read.iter().filter(|word| !texts.contains(word.as_str())).collect();
        assert!(unread.is_empty(), "seed {seed}: {unread:?} stand in no text, of\n{source}");
    }
}
