//! The queries of requests, read with one kind of error.

use std::{
    future::{Ready, ready},
    ops::Deref,
};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use serde::de::DeserializeOwned;
use service::{Error, Flaw};
use url::form_urlencoded;

use crate::error::ApiError;

/// The query of a request. What is wrong with it is said by the parameter's name.
#[derive(Debug)]
pub struct Query<T>(T);

impl<T> Query<T> {
    /// What it says.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> Deref for Query<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: DeserializeOwned> FromRequest for Query<T> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(query(request.query_string()).map(Self))
    }
}

fn query<T: DeserializeOwned>(text: &str) -> Result<T, ApiError> {
    if let Some((name, _)) = form_urlencoded::parse(text.as_bytes()).find(|(_, value)| value.contains('\0')) {
        // SQLite would find nothing, PostgreSQL refuse it.
        let flaw = Flaw::new("control_character", "holds U+0000");
        return Err(Error::invalid(name, flaw).into());
    }
    let pairs = serde_urlencoded::Deserializer::new(form_urlencoded::parse(text.as_bytes()));
    serde_path_to_error::deserialize(pairs).map_err(|error| {
        let name = error.path().to_string();
        ApiError::query(name.trim_matches('.'), &error.into_inner().to_string())
    })
}
