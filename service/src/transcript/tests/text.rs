//! Pasted text: where it is cut and where not.

use super::*;

/// Who says what in a text.
fn read(text: &str) -> Vec<(Role, String)> {
    said(&one(text))
}

/// Turns in short.
fn turns(turns: &[(Role, &str)]) -> Vec<(Role, String)> {
    turns.iter().map(|(role, text)| (*role, (*text).to_owned())).collect()
}

use Role::{Assistant, System, Unknown, User};

#[test]
fn text_without_labels_is_one_message_of_nobody() {
    let conversation = one("Some words.\n\nNote: more words.");
    assert_eq!(said(&conversation), turns(&[(Unknown, "Some words.\n\nNote: more words.")]));
    assert_eq!((conversation.title, conversation.leaf), (None, Some(0)));
}

#[test]
fn every_style_of_labels_is_known() {
    for text in [
        "You said:\nHi\nChatGPT said:\nHo\nYou said:\nBye",
        "User: Hi\nAssistant: Ho\nUser: Bye",
        "user: Hi\nASSISTANT: Ho\nUser: Bye",
        "Human: Hi\n\nClaude: Ho\n\nHuman: Bye",
        "Human: Hi\nAI: Ho\nHuman: Bye",
        "Me: Hi\nGPT: Ho\nMe: Bye",
        "Q: Hi\nA: Ho\nQ: Bye",
        "**User**\nHi\n**Assistant**\nHo\n**User**\nBye",
        "**User:** Hi\n**Assistant:** Ho\n**User:** Bye",
        "**You**: Hi\n**Claude**: Ho\n**You**: Bye",
        "### User\nHi\n### Assistant\nHo\n### User\nBye",
        "##### **You said:**\n\nHi\n\n###### **ChatGPT said:**\n\nHo\n\n##### **You said:**\n\nBye",
        "<|user|>\nHi\n<|assistant|>\nHo\n<|user|>\nBye",
        "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\nHo<|im_end|>\n<|im_start|>user\nBye<|im_end|>\n",
        "You said: Hi\nClaude responded: Ho\nYou said: Bye",
        "Vous avez dit :\nHi\nChatGPT a dit :\nHo\nVous avez dit\u{a0}:\nBye",
        "Tu as dit :\nHi\nChatGPT a dit :\nHo\nTu as dit :\nBye",
        "Du hast gesagt:\nHi\nChatGPT hat gesagt:\nHo\nDu hast gesagt:\nBye",
        "Has dicho:\nHi\nChatGPT dijo:\nHo\nDijiste:\nBye",
        "Hai detto:\nHi\nChatGPT ha detto:\nHo\nHai detto:\nBye",
        "Você disse:\nHi\nO ChatGPT disse:\nHo\nVocê disse:\nBye",
        "Je zei:\nHi\nChatGPT zei:\nHo\nJe zei:\nBye",
        "あなた：\nHi\nChatGPT：\nHo\nあなた：\nBye",
        "User: Hi\r\nAssistant: Ho\r\nUser: Bye\r\n",
    ] {
        assert_eq!(read(text), turns(&[(User, "Hi"), (Assistant, "Ho"), (User, "Bye")]), "{text}");
    }
}

#[test]
fn one_exchange_is_enough_for_plain_labels_but_not_for_letters() {
    assert_eq!(read("User: Hi\nAssistant: Ho"), turns(&[(User, "Hi"), (Assistant, "Ho")]));
    assert_eq!(read("Q: Hi\nA: Ho"), turns(&[(Unknown, "Q: Hi\nA: Ho")]));
    assert_eq!(read("User: Hi\nUser: again"), turns(&[(Unknown, "User: Hi\nUser: again")]), "nobody answers");
}

#[test]
fn labels_count_only_at_the_beginning_of_a_line() {
    let text = "User: Hi\nAssistant: I say User: no\n  User: nor here\nUser: Bye";
    let answer = "I say User: no\n  User: nor here";
    assert_eq!(read(text), turns(&[(User, "Hi"), (Assistant, answer), (User, "Bye")]));
}

#[test]
fn labels_in_fenced_code_are_code() {
    let code = "```yaml\nUser: x\n~~~\nAssistant: y\n```";
    assert_eq!(
        read(&format!("User: Hi\nAssistant: Look\n{code}\nUser: Bye")),
        turns(&[(User, "Hi"), (Assistant, &format!("Look\n{code}")), (User, "Bye")])
    );
    let tilde = "~~~~\n~~~\nUser: x\nAssistant: y\n~~~~";
    assert_eq!(read(tilde), turns(&[(Unknown, tilde)]));
    let open = "```\nUser: x\nAssistant: y\nUser: z";
    assert_eq!(read(open), turns(&[(Unknown, open)]), "a fence that never closes goes to the end");
}

#[test]
fn labels_of_another_style_are_words() {
    let text = "User: Pick one\nAssistant: The options:\nA: Paris\nQ: Rome\nA: Oslo\nUser: A\nAssistant: Yes";
    assert_eq!(
        read(text),
        turns(&[
            (User, "Pick one"),
            (Assistant, "The options:\nA: Paris\nQ: Rome\nA: Oslo"),
            (User, "A"),
            (Assistant, "Yes")
        ])
    );
}

#[test]
fn words_before_the_first_label_are_of_nobody_and_system_is_known() {
    assert_eq!(
        read("My chat\n\nSystem: Be kind\nUser: Hi\nAssistant: Ho"),
        turns(&[(Unknown, "My chat"), (System, "Be kind"), (User, "Hi"), (Assistant, "Ho")])
    );
}

#[test]
fn indentation_stays_and_messages_without_words_are_left_out() {
    let text = "User:\n\n    code\n\nAssistant:\nUser: Bye\nAssistant: Ho";
    assert_eq!(read(text), turns(&[(User, "    code"), (User, "Bye"), (Assistant, "Ho")]));
}

#[test]
fn what_begins_with_a_bracket_may_be_text() {
    assert_eq!(read("[10:32] Anna: hello"), turns(&[(Unknown, "[10:32] Anna: hello")]));
    assert_eq!(read("[1] Kant says so"), turns(&[(Unknown, "[1] Kant says so")]));
}

#[test]
fn control_characters_and_a_byte_order_mark_go() {
    let conversation = one("\u{feff}User: H\u{0}i\nAssistant: Ho\u{8}");
    assert_eq!(said(&conversation), turns(&[(User, "Hi"), (Assistant, "Ho")]));
    assert_eq!(conversation.notes, ["2 control characters were removed"]);
}

#[test]
fn the_raw_form_of_a_text_is_all_of_it() {
    let text = "\u{feff}User: Hi\r\nAssistant: Ho\0\r\n";
    assert_eq!(items(text).unwrap()[0].raw, text.as_bytes());
}

#[test]
fn text_over_the_limit_is_refused_and_up_to_it_taken() {
    let limit = 4 << 20;
    assert_eq!(read(&"x".repeat(limit))[0].1.len(), limit);
    assert_eq!(refused("x".repeat(limit + 1)).0, "too_large");
    let many = "User: x\nAssistant: y\n".repeat(10_001);
    assert_eq!(items(many).unwrap().remove(0).outcome.unwrap_err().reason, "it has more than 20000 messages");
}

#[test]
fn text_of_control_characters_alone_has_no_messages() {
    assert_eq!(items("\u{1}\u{2}").unwrap().remove(0).outcome.unwrap_err().reason, "it has no messages");
}

#[test]
fn labels_of_any_name_are_told_by_how_they_repeat() {
    let names = [
        "Cursor",
        "Grok",
        "DeepSeek",
        "Perplexity",
        "Mistral",
        "Le Chat",
        "Meta AI",
        "Kimi",
        "Qwen",
        "Llama",
        "GPT-5",
        "GPT-4.1",
        "o3",
        "Doctor Whale",
    ];
    for name in names {
        for text in [
            format!("User:\n\nHi\n\n{name}:\n\nHo\n\nUser:\n\nBye"),
            format!("**User**\nHi\n**{name}**\nHo\n**User**\nBye"),
            format!("**You:** Hi\n\n**{name}:** Ho\n\n**You:** Bye"),
            format!("### User\nHi\n### {name}\nHo\n### User\nBye"),
            format!("You said:\nHi\n{name} said:\nHo\nYou said:\nBye"),
            format!("You said\nHi\n\n{name} said\nHo\n\nYou said\nBye"),
        ] {
            assert_eq!(read(&text), turns(&[(User, "Hi"), (Assistant, "Ho"), (User, "Bye")]), "{text}");
        }
    }
    for name in names.iter().take(13) {
        let text = format!("User: Hi\n{name}: Ho");
        assert_eq!(read(&text), turns(&[(User, "Hi"), (Assistant, "Ho")]), "{text}");
    }
}

#[test]
fn what_repeats_in_words_is_no_label() {
    for text in [
        "He said\nthat it rains.\n\nShe said\nthat it does not.",
        "He said: yes.\nShe said: no.\nHe said: why?",
        "You said\nyes.\nI said\nno.\nYou said\nwhy?",
        "User: admin\nPassword: secret\nUser: guest\nPassword: none",
        "Note: one\nExample: two\nNote: three",
        "- User\n- Cursor\n- User",
        "def f(x):\n    return x\nclass User:\n    pass",
    ] {
        assert_eq!(read(text), turns(&[(Unknown, text)]));
    }
    let text = "User: Hi\n\nAssistant: The parts:\n\nCursor: one\n\nNote: two\n\nUser: Bye\n\nAssistant: Ho";
    let answer = "The parts:\n\nCursor: one\n\nNote: two";
    assert_eq!(read(text), turns(&[(User, "Hi"), (Assistant, answer), (User, "Bye"), (Assistant, "Ho")]));
}

#[test]
fn a_heading_is_the_title_and_rules_between_messages_are_no_words() {
    let text = "# Garden plan\n_Exported on 6/10/2025 from Cursor (1.0.0)_\n\n---\n\n**User**\n\nWhat grows here?\n\n---\n\n\
        **Cursor**\n\nBeans do.\n\n---\n\n**User**\n\nThanks\n";
    let conversation = one(text);
    assert_eq!(said(&conversation), turns(&[(User, "What grows here?"), (Assistant, "Beans do."), (User, "Thanks")]));
    assert_eq!(conversation.title.as_deref(), Some("Garden plan"));
    let note = "what stands above the first message was left out: “_Exported on 6/10/2025 from Cursor (1.0.0)_”";
    assert_eq!(conversation.notes, [note]);
    let kept = one("User: Hi\nAssistant: One\n\n---\n\nTwo\n\n---");
    assert_eq!(said(&kept)[1].1, "One\n\n---\n\nTwo\n\n---", "a rule within an answer stays");
}

#[test]
fn the_page_of_gemini_as_plain_text_is_cut_at_its_labels() {
    let text = "Conversation with Gemini\nYou said\nWhy do leaves fall?\n\nGemini said\nTo save water.\n\nYou said\n\
        And in spring?\n\nGemini said\nThey grow again.\n";
    let conversation = one(text);
    let expected = [
        (User, "Why do leaves fall?"),
        (Assistant, "To save water."),
        (User, "And in spring?"),
        (Assistant, "They grow again."),
    ];
    assert_eq!(said(&conversation), turns(&expected));
    assert_eq!(conversation.notes, ["what stands above the first message was left out: “Conversation with Gemini”"]);
}

#[test]
fn it_is_said_that_nobody_could_be_told_apart() {
    assert_eq!(one("Some words.").notes, ["nobody could be told apart in this text: say who speaks"]);
    assert_eq!(one("User: Hi\nAssistant: Ho").notes, Vec::<String>::new());
}
