//! `colloquium demo`, as a newcomer runs it.

use serde_json::Value;
use tests::{Client, json};

use super::command::{Serving, files, run, said};

/// Address and password of everybody the demo printed.
fn people(printed: &str) -> Vec<(String, String)> {
    let pair = |line: &str| line.trim().split_once("   ").map(|(email, word)| (email.to_owned(), word.to_owned()));
    printed.lines().filter(|line| line.contains("@demo.example")).filter_map(pair).collect()
}

#[test]
fn a_newcomer_finds_a_class_with_conversations_of_every_kind() {
    let dir = tempfile::tempdir().unwrap();
    let (code, printed, _) = said(&run(&dir, &["demo"], &[]));
    assert_eq!(code, Some(0));
    let people = people(&printed);
    assert_eq!(people.len(), 4, "{printed}");

    let serving = Serving::start(&dir, &[]);
    let anonymous = Client::new(format!("http://{}", serving.address()));
    let reads = |(email, password): &(String, String)| -> Vec<Value> {
        let session = anonymous.post("/api/v1/sessions", json!({ "email": email, "password": password })).is(201);
        let person = anonymous.bearer(&session.str("token"));
        let class = person.get("/api/v1/classes").is(200).json()["items"][0]["id"].as_str().unwrap().to_owned();
        let list = person.get(&format!("/api/v1/classes/{class}/conversations")).is(200).json();
        list["items"].as_array().unwrap().clone()
    };
    let titles = |list: &[Value]| list.iter().map(|one| one["title"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
    let of_teacher = reads(&people[0]);
    assert_eq!(of_teacher.len(), 5, "all but the private one: {:?}", titles(&of_teacher));
    assert!(titles(&of_teacher).contains(&"Three sources, please".to_owned()));
    let platforms: std::collections::BTreeSet<&str> =
        of_teacher.iter().map(|one| one["platform"].as_str().unwrap()).collect();
    assert!(platforms.contains("chatgpt") && platforms.contains("claude"), "{platforms:?}");
    assert!(titles(&reads(&people[2])).contains(&"Translating a proverb from Arabic".to_owned()));
    assert!(!titles(&reads(&people[3])).contains(&"Is my argument circular?".to_owned()));

    // One of them is marked and discussed.
    let id = of_teacher.iter().find(|one| one["title"] == "Why switching doors wins").unwrap()["id"].as_str().unwrap();
    let (email, password) = &people[3];
    let session = anonymous.post("/api/v1/sessions", json!({ "email": email, "password": password })).is(201);
    let student = anonymous.bearer(&session.str("token"));
    let marks = student.get(&format!("/api/v1/conversations/{id}/annotations")).is(200).items();
    let of = |name: &str| marks.iter().map(|mark| mark[name].clone()).collect::<Vec<_>>();
    assert_eq!(
        (of("target"), of("comments")),
        (vec![json!("span"); 5], vec![json!(0), json!(3), json!(1), json!(0), json!(1)])
    );
    assert!(of("tags").iter().all(|tags| tags.as_array().unwrap().len() == 1), "{marks:?}");

    let (code, printed, why) = said(&run(&dir, &["demo"], &[]));
    assert_eq!((code, printed.as_str()), (Some(1), ""));
    assert!(why.contains("there are accounts here already"), "{why}");
}

#[test]
fn there_is_no_demo_among_real_people() {
    let dir = tempfile::tempdir().unwrap();
    let (code, printed, why) = said(&run(&dir, &["demo"], &[("COLLOQUIUM_PROFILE", "production")]));
    assert_eq!((code, printed.as_str()), (Some(1), ""));
    assert!(why.contains("production server"), "{why}");
    let (code, _, why) = said(&run(&dir, &["demo"], &[("COLLOQUIUM_PROFILE", "test")]));
    assert_eq!(code, Some(78), "{why}");
    assert!(files(&dir).iter().all(|file| !file.contains("test")), "{:?}", files(&dir));
}
