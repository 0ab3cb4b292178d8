//! A conversation with something of everything: layers, branches, code, a table, and words for its owner alone.

use serde_json::{Value, json};

use crate::app::Person;

/// What is for the owner alone.
pub const SECRET: &str = "I am training for the marathon";

/// Adds a conversation of ten messages to a class; its id. Its owner sees custom instructions before the first message.
/// Message 3 has another version, 5, and the answer to that two more: 6, 7 and 8. The way its platform shows is 1, 2, 5,
/// 8, 9, 10.
pub fn talk(person: &Person, class: &str, visibility: &str) -> String {
    let messages = json!([
        { "role": "user", "parts": [{ "kind": "context", "name": "About you", "text": SECRET }] },
        { "role": "user", "created_at": "2026-03-02T09:15:00Z",
          "content": "How do I find out whether a number is prime?\nPlease in **Python**, and say how long it takes." },
        answer(&[
            json!({ "kind": "thinking", "text": "Trial division up to the square root is enough here." }),
            json!({ "kind": "thinking", "text": "Thought for 12s", "data": { "recap": true } }),
            json!({ "kind": "tool_call", "name": "python", "lang": "python", "text": "print(97 % 7)" }),
            json!({ "kind": "tool_result", "name": "python", "text": "6" }),
            json!({ "kind": "text", "text": EXPLANATION }),
        ]),
        { "role": "user", "content": "And for very large numbers?" },
        answer(&[json!({ "kind": "text", "text": "Then use the **Miller-Rabin** test." })]),
    ]);
    let body = json!({ "title": "Is it prime?", "visibility": visibility, "messages": messages });
    let id = person.post(&format!("/api/v1/classes/{class}/conversations"), body).is(201).str("id");
    let first = named(person, &id, 1);
    person.continues(
        &id,
        &first,
        json!([
            { "role": "user", "content": "Could you shorten that?" },
            answer(&[json!({ "kind": "text", "text": "Yes: divide by 2, then by odd numbers." })]),
        ]),
    );
    let shorter = named(person, &id, 4);
    person.continues(&id, &shorter, json!([answer(&[json!({ "kind": "text", "text": "A second try: no." })])]));
    person.continues(
        &id,
        &shorter,
        json!([
            answer(&[json!({ "kind": "text", "text": "The third version is the shortest." })]),
            { "role": "user", "content": "شكرا! هل هذا صحيح أيضا للأعداد السالبة؟" },
            answer(&[json!({ "kind": "text", "text": "لا، الأعداد الأولية موجبة فقط." })]),
        ]),
    );
    id
}

const EXPLANATION: &str = "Divide by every number up to its square root:\n\n\
    ```python\ndef is_prime(n: int) -> bool:\n    \"\"\"Whether n is prime.\"\"\"\n    if n < 2:\n        return False\n    \
    return all(n % d for d in range(2, int(n ** 0.5) + 1))  # a comment that is long enough to need room to scroll\n```\n\n\
    ### How long it takes\n\n\
    | Number | Divisions | Time on a small computer |\n| --- | ---: | --- |\n| 97 | 8 | no time at all |\n\
    | 1,000,003 | 999 | a tenth of a millisecond |\n\n\
    That is $O(\\sqrt{n})$. In short:\n\n\
    1. *small* numbers are quick,\n2. `range` does the counting,\n   - without `2`, odd numbers are enough.\n\n\
    > Every composite number has a divisor that is not larger than its square root.\n\n\
    $$\\sum_{d=2}^{\\lfloor\\sqrt{n}\\rfloor} 1 \\le \\sqrt{n}$$\n\n\
    See [a longer text](https://example.org/primes).";

fn answer(parts: &[Value]) -> Value {
    json!({ "role": "assistant", "model": "gpt-4o", "created_at": "2026-03-02T09:16:10Z", "parts": parts })
}

/// The id of the message in this position that others may see.
fn named(person: &Person, id: &str, position: i64) -> String {
    let mut named = person.reads(id).into_iter().filter(|message| message["position"] == position);
    named.next_back().unwrap()["id"].as_str().unwrap().to_owned()
}

impl Person {
    /// Goes on with a conversation after a message.
    pub fn continues(&self, conversation: &str, after: &str, messages: Value) {
        let body = json!({ "parent_id": after, "messages": messages });
        self.post(&format!("/api/v1/conversations/{conversation}/messages"), body).is(201);
    }
}

/// Adds a conversation of `count` messages of about `length` bytes each; its id.
pub fn long_talk(person: &Person, class: &str, count: usize, length: usize) -> String {
    let words = "Primes are **odd** but one; see `range` and the [list](https://example.org). ";
    let text = |n: usize| {
        let code = "\n\n```python\nfor d in range(2, n):\n    print(n % d)\n```\n\n";
        let tail = if n % 8 == 1 { code } else { "\n\n- one\n- two\n\n" };
        format!("{n}. {}{tail}{}", words.repeat(length / 2 / words.len()), words.repeat(length / 2 / words.len()))
    };
    let message = |n: usize| match n % 2 {
        0 => json!({ "role": "user", "content": format!("Question {n}\n\n{}", text(n)) }),
        _ => json!({ "role": "assistant", "model": "gpt-4o", "parts": [
            { "kind": "thinking", "text": "Let me see." }, { "kind": "text", "text": text(n) },
        ] }),
    };
    let messages: Vec<Value> = (0..count).map(message).collect();
    let body = json!({ "title": "A long one", "visibility": "class", "messages": messages });
    person.post(&format!("/api/v1/classes/{class}/conversations"), body).is(201).str("id")
}
