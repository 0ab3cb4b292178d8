//! Many people of one class.

use std::{
    net::SocketAddr,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use serde_json::json;

use super::load::Author;
use crate::{app::PASSWORD, wire};

/// How many register at once: a password is hashed for each, twice.
const AT_ONCE: usize = 4;

/// Lets so many people register, join the author's class as students and log in; their tokens.
pub(super) fn join(addr: SocketAddr, author: &Author, people: usize) -> Vec<String> {
    let path = format!("/api/v1/classes/{}/invites", author.class());
    let body = json!({ "role": "student" });
    let code = wire::ask(addr, &wire::request("POST", &path, &author.token, None, Some(&body))).unwrap().str("code");
    let (next, tokens) = (AtomicUsize::new(0), Mutex::new(Vec::with_capacity(people)));
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let person = next.fetch_add(1, Ordering::SeqCst);
                    if person >= people {
                        break;
                    }
                    let token = joins(addr, &format!("{}-{person}", author.name()), &code);
                    tokens.lock().unwrap().push(token);
                }
            });
        }
    });
    tokens.into_inner().unwrap()
}

fn joins(addr: SocketAddr, name: &str, code: &str) -> String {
    let email = format!("{name}@example.org");
    let person = json!({ "email": email, "display_name": name, "password": PASSWORD, "invite_code": code });
    let answer = wire::ask(addr, &wire::request("POST", "/api/v1/users", "", None, Some(&person))).unwrap();
    assert_eq!(answer.status, 201, "{answer:?}");
    let login = json!({ "email": email, "password": PASSWORD });
    wire::ask(addr, &wire::request("POST", "/api/v1/sessions", "", None, Some(&login))).unwrap().str("token")
}
