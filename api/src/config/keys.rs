//! What can be set, for people: the table of `docs/configuration.md`.

/// Every key, what it takes, its default, and what it does.
pub const KEYS: &[(&str, &str, &str, &str)] = &[
    (
        "DATABASE_URL",
        "URL",
        "a SQLite file in the data directory",
        "Which database. Secret; also as `DATABASE_URL_FILE`.",
    ),
    (
        "COLLOQUIUM_PROFILE",
        "`development`, `production`, `test`",
        "`development`",
        "For what the server runs. `test` keeps everything in memory.",
    ),
    ("COLLOQUIUM_BIND", "address and port", "`127.0.0.1:8080`", "Where it listens."),
    (
        "COLLOQUIUM_PUBLIC_URL",
        "URL",
        "`http://localhost` and the port",
        "The origin people open: the only source of absolute links, and the one origin browsers may send changes from.",
    ),
    ("COLLOQUIUM_DATA_DIR", "directory", "`./data`", "Where its files are."),
    (
        "COLLOQUIUM_MIGRATE",
        "`auto`, `never`",
        "`auto`",
        "Whether the server brings the schema up to date when it starts.",
    ),
    (
        "COLLOQUIUM_REGISTRATION",
        "`open`, `invite`, `closed`",
        "`invite` in production, else `open`",
        "Who may register.",
    ),
    (
        "COLLOQUIUM_CLASS_CREATION",
        "`anyone`, `teachers`, `admins`",
        "`teachers` in production, else `anyone`",
        "Who may open classes.",
    ),
    (
        "COLLOQUIUM_LOG_FORMAT",
        "`text`, `json`",
        "`json` in production, else `text`",
        "How logs are written; `RUST_LOG` says which.",
    ),
    ("COLLOQUIUM_POOL_MIN", "number", "5", "PostgreSQL connections opened at the start and kept."),
    (
        "COLLOQUIUM_POOL_MAX",
        "number",
        "15; 4 on SQLite",
        "PostgreSQL connections at most; SQLite connections that read.",
    ),
    ("COLLOQUIUM_ACQUIRE_TIMEOUT", "seconds", "5", "How long a unit of work waits for a connection."),
    ("COLLOQUIUM_STATEMENT_TIMEOUT", "seconds", "30", "How long one statement may run, PostgreSQL."),
    ("COLLOQUIUM_LOCK_TIMEOUT", "seconds", "3; 10 on SQLite", "How long a unit of work waits for a lock."),
    (
        "COLLOQUIUM_CONNECTION_LIFETIME",
        "seconds",
        "3600",
        "How long a connection is used before it is replaced, PostgreSQL.",
    ),
    (
        "COLLOQUIUM_START_TIMEOUT",
        "seconds",
        "60",
        "How long a PostgreSQL that does not answer is waited for at the start.",
    ),
    (
        "COLLOQUIUM_STOP_NOTICE",
        "seconds",
        "0",
        "How long it goes on answering once it was asked to stop, with `/health` red: what a load balancer needs to notice.",
    ),
    ("COLLOQUIUM_WORKERS", "number", "as many as the machine has cores", "Threads that answer requests."),
    (
        "COLLOQUIUM_ALLOW",
        "`public_registration`, `plain_database`, `plain_http`, with commas",
        "nothing",
        "Which combinations of settings are meant although they are unsafe.",
    ),
    (
        "COLLOQUIUM_RATE_LIMIT",
        "`on`, `off`",
        "`on` in production, else `off`",
        "Whether the requests of each account, and of each address before login, are limited.",
    ),
    (
        "COLLOQUIUM_TRUSTED_PROXIES",
        "addresses and networks",
        "none",
        "Proxies in front of the server, with commas: their `X-Forwarded-For` says where a request comes from.",
    ),
    (
        "COLLOQUIUM_CORS_ORIGINS",
        "origins",
        "none",
        "Other sites whose pages may call the API, with commas; with a token, never with a cookie.",
    ),
    (
        "COLLOQUIUM_METRICS_TOKEN",
        "at least 16 characters",
        "none",
        "Opens `/metrics` to other machines. Secret; also as `COLLOQUIUM_METRICS_TOKEN_FILE`.",
    ),
    (
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "URL",
        "none",
        "The OpenTelemetry collector that a span of each request is sent to, such as `http://127.0.0.1:4318`.",
    ),
];
