//! Whether the server works.

use std::time::Duration;

use actix_web::{HttpResponse, web::Data};
use serde::Serialize;
use utoipa::ToSchema;

use crate::state::State;

/// How long the database may take to answer.
const WITHIN: Duration = Duration::from_secs(1);

/// Whether the server works.
#[derive(Serialize, ToSchema)]
pub struct HealthOut {
    /// `ok` or `unavailable`.
    status: &'static str,
    /// `connected` or `unreachable`.
    database: &'static str,
    /// The server's version.
    version: &'static str,
}

/// Whether the server can serve: runs a real transaction.
#[utoipa::path(get, path = "/health", tag = "health", security(()),
    responses((status = 200, description = "It can", body = HealthOut),
              (status = 503, description = "It cannot", body = HealthOut)))]
pub async fn ready(state: Data<State>) -> HttpResponse {
    let version = env!("CARGO_PKG_VERSION");
    match tokio::time::timeout(WITHIN, state.db.probe()).await {
        Ok(Ok(())) => HttpResponse::Ok().json(HealthOut { status: "ok", database: "connected", version }),
        Ok(Err(_)) | Err(_) => HttpResponse::ServiceUnavailable().insert_header(("Retry-After", "1")).json(HealthOut {
            status: "unavailable",
            database: "unreachable",
            version,
        }),
    }
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
