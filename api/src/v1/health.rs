//! Whether the server works.

use std::time::Duration;

use actix_web::{HttpResponse, web::Data};
use migration::SchemaState;
use serde::Serialize;
use service::Db;
use utoipa::ToSchema;

use crate::state::State;

/// How long the database may take to answer.
const WITHIN: Duration = Duration::from_secs(1);

/// Whether the server works.
#[derive(Serialize, ToSchema)]
pub struct HealthOut {
    /// `ok`, `unavailable`, or `draining` once the server was asked to stop.
    status: &'static str,
    /// `connected` or `unreachable`.
    database: &'static str,
    /// `current`; `behind` or `ahead` of this version of the server; left out when the database cannot be asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    schema: Option<&'static str>,
    /// The server's version.
    version: &'static str,
}

/// Whether the server can serve: runs a real transaction, and compares the schema with what this version works with.
/// Red once the server was asked to stop.
#[utoipa::path(get, path = "/health", tag = "health", security(()),
    responses((status = 200, description = "It can", body = HealthOut),
              (status = 503, description = "It cannot", body = HealthOut)))]
pub async fn ready(state: Data<State>) -> HttpResponse {
    // One second for both questions: what is slower than that is as good as gone.
    let schema = tokio::time::timeout(WITHIN, schema(&state.db)).await.ok().flatten();
    let status = match schema {
        _ if state.draining.begun() => "draining",
        Some("current") => "ok",
        _ => "unavailable",
    };
    let database = if schema.is_some() { "connected" } else { "unreachable" };
    let body = HealthOut { status, database, schema, version: env!("CARGO_PKG_VERSION") };
    if status == "ok" {
        HttpResponse::Ok().json(body)
    } else {
        HttpResponse::ServiceUnavailable().insert_header(("Retry-After", "1")).json(body)
    }
}

/// How the schema stands, if the database answers.
async fn schema(db: &Db) -> Option<&'static str> {
    db.probe().await.ok()?;
    let state = db.read(|connection| async move { Ok(migration::check(&connection).await) }).await.ok()?.ok()?;
    Some(match state {
        SchemaState::Current => "current",
        SchemaState::Behind { .. } => "behind",
        SchemaState::Ahead { .. } => "ahead",
    })
}

/// Whether the process runs: asks nothing of the database.
#[utoipa::path(get, path = "/health/live", tag = "health", security(()),
    responses((status = 200, description = "It runs", body = HealthLiveOut)))]
pub async fn live() -> HttpResponse {
    HttpResponse::Ok().json(HealthLiveOut { status: "ok" })
}

/// Whether the process runs.
#[derive(Serialize, ToSchema)]
pub struct HealthLiveOut {
    /// `ok`.
    status: &'static str,
}
