//! Passwords are hashed a few at a time, and not everybody may wait.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll, Waker},
};

use api::error::ApiError;
use service::{
    Error, Result, Secret,
    password::{Cost, Hasher},
};

/// How many may wait, those in a slot among them.
const QUEUE: usize = 400;

/// Asks, and goes on before there is an answer.
fn ask<T>(asked: &mut Pin<Box<impl Future<Output = Result<T>>>>) -> Poll<Result<T>> {
    asked.as_mut().poll(&mut Context::from_waker(Waker::noop()))
}

#[tokio::test]
async fn who_finds_the_queue_full_is_told_when_to_come_again_and_all_others_are_served() {
    let hasher = Hasher::new(Cost::Minimal, 1).unwrap();
    let stored = hasher.hash(Secret::new("correct horse battery")).await.unwrap();
    let verify = || Box::pin(hasher.verify(Secret::new("correct horse battery"), Some(stored.clone())));
    let mut waiting = Vec::new();
    while waiting.len() < QUEUE {
        let mut asked = verify();
        match ask(&mut asked) {
            Poll::Pending => waiting.push(asked),
            // Nobody was in its way.
            Poll::Ready(answer) => assert!(answer.unwrap()),
        }
    }
    for _ in 0..50 {
        let refused = ask(&mut verify());
        assert!(matches!(refused, Poll::Ready(Err(Error::Overloaded))), "{refused:?}");
    }
    let answer = ApiError::from(Error::Overloaded);
    assert_eq!((answer.status().as_u16(), answer.code(), answer.retry_after()), (503, "overloaded", Some(1)));
    // Who leaves gives the place back, and all who stay are served.
    drop(waiting.split_off(QUEUE / 2));
    let mut late = verify();
    assert!(!matches!(ask(&mut late), Poll::Ready(Err(_))));
    for asked in waiting.into_iter().chain([late]) {
        assert!(asked.await.unwrap());
    }
}
