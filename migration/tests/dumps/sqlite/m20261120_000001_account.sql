CREATE TABLE "seaql_migrations" ( "version" varchar NOT NULL PRIMARY KEY,
    "applied_at" integer NOT NULL );

CREATE TABLE "user" ( "id" uuid_text NOT NULL PRIMARY KEY,
    "email" text NOT NULL,
    "display_name" text NOT NULL,
    "password_hash" text NULL,
    "status" text NOT NULL CHECK ("status" IN ('active', 'disabled')),
    "site_role" text NOT NULL CHECK ("site_role" IN ('member', 'teacher', 'admin')),
    "created_at" bigint NOT NULL,
    "updated_at" bigint NOT NULL,
    "version" integer NOT NULL );

CREATE UNIQUE INDEX "user_email_key" ON "user" ("email");

CREATE TABLE "session" ( "id" uuid_text NOT NULL PRIMARY KEY,
    "user_id" uuid_text NOT NULL,
    "token_hash" blob NOT NULL,
    "user_agent" text NULL,
    "created_at" bigint NOT NULL,
    "last_seen_at" bigint NOT NULL,
    "expires_at" bigint NOT NULL, FOREIGN KEY ("user_id") REFERENCES "user" ("id") ON DELETE CASCADE );

CREATE UNIQUE INDEX "session_token_hash_key" ON "session" ("token_hash");

CREATE INDEX "session_user_id_idx" ON "session" ("user_id");

CREATE TABLE "api_token" ( "id" uuid_text NOT NULL PRIMARY KEY,
    "user_id" uuid_text NOT NULL,
    "name" text NOT NULL,
    "token_hash" blob NOT NULL,
    "scope" text NOT NULL CHECK ("scope" IN ('read', 'write')),
    "created_at" bigint NOT NULL,
    "last_used_at" bigint NULL,
    "expires_at" bigint NULL,
    "revoked_at" bigint NULL, FOREIGN KEY ("user_id") REFERENCES "user" ("id") ON DELETE CASCADE );

CREATE UNIQUE INDEX "api_token_token_hash_key" ON "api_token" ("token_hash");

CREATE INDEX "api_token_user_id_idx" ON "api_token" ("user_id");

CREATE TABLE "reset_link" ( "id" uuid_text NOT NULL PRIMARY KEY,
    "user_id" uuid_text NOT NULL,
    "token_hash" blob NOT NULL,
    "created_at" bigint NOT NULL,
    "expires_at" bigint NOT NULL,
    "used_at" bigint NULL, FOREIGN KEY ("user_id") REFERENCES "user" ("id") ON DELETE CASCADE );

CREATE UNIQUE INDEX "reset_link_token_hash_key" ON "reset_link" ("token_hash");

CREATE INDEX "reset_link_user_id_idx" ON "reset_link" ("user_id");

CREATE TABLE "external_identity" ( "id" uuid_text NOT NULL PRIMARY KEY,
    "user_id" uuid_text NOT NULL,
    "issuer" text NOT NULL,
    "subject" text NOT NULL,
    "created_at" bigint NOT NULL, FOREIGN KEY ("user_id") REFERENCES "user" ("id") ON DELETE CASCADE );

CREATE UNIQUE INDEX "external_identity_issuer_subject_key" ON "external_identity" ("issuer",
    "subject");

CREATE INDEX "external_identity_user_id_idx" ON "external_identity" ("user_id");

CREATE TABLE "sign_in_attempt" ( "email_hash" blob NOT NULL PRIMARY KEY,
    "failures" integer NOT NULL,
    "failed_at" bigint NOT NULL,
    "locked_until" bigint NOT NULL );

CREATE INDEX "sign_in_attempt_failed_at_idx" ON "sign_in_attempt" ("failed_at");

CREATE TABLE "idempotency_key" ( "id" uuid_text NOT NULL PRIMARY KEY,
    "user_id" uuid_text NOT NULL,
    "key" text NOT NULL,
    "fingerprint" blob NOT NULL,
    "outcome" json_text NOT NULL,
    "created_at" bigint NOT NULL, FOREIGN KEY ("user_id") REFERENCES "user" ("id") ON DELETE CASCADE );

CREATE UNIQUE INDEX "idempotency_key_user_key_key" ON "idempotency_key" ("user_id",
    "key");

CREATE INDEX "idempotency_key_created_at_idx" ON "idempotency_key" ("created_at");

INSERT INTO seaql_migrations (version, applied_at) VALUES ('m20261120_000001_account', 1772442000);
INSERT INTO "sign_in_attempt" ("email_hash", "failures", "failed_at", "locked_until") VALUES
    (x'0100ff', 1, 1772442001000001, 1772442001000001);
INSERT INTO "sign_in_attempt" ("email_hash", "failures", "failed_at", "locked_until") VALUES
    (x'0200ff', 2, 1772442002000002, 1772442002000002);
INSERT INTO "sign_in_attempt" ("email_hash", "failures", "failed_at", "locked_until") VALUES
    (x'0300ff', 3, 1772442003000003, 1772442003000003);
INSERT INTO "user" ("id", "email", "display_name", "password_hash", "status", "site_role", "created_at", "updated_at", "version") VALUES
    (x'019cad8ca00070068000000000000001', 'person1@example.org', 'Ana Müller', 'password hash 1', 'active', 'admin', 1772442001000001, 1772442001000001, 1);
INSERT INTO "user" ("id", "email", "display_name", "password_hash", "status", "site_role", "created_at", "updated_at", "version") VALUES
    (x'019cad8ca00070068000000000000002', 'person2@example.org', 'Ben O''Neill', NULL, 'disabled', 'member', 1772442002000002, 1772442002000002, 2);
INSERT INTO "user" ("id", "email", "display_name", "password_hash", "status", "site_role", "created_at", "updated_at", "version") VALUES
    (x'019cad8ca00070068000000000000003', 'person3@example.org', '陈 Cem 🙂', 'password hash 3', 'active', 'teacher', 1772442003000003, 1772442003000003, 3);
INSERT INTO "api_token" ("id", "user_id", "name", "token_hash", "scope", "created_at", "last_used_at", "expires_at", "revoked_at") VALUES
    (x'019cad8ca00070008000000000000001', x'019cad8ca00070068000000000000001', 'name 1', x'0100ff', 'read', 1772442001000001, 1772442001000001, 1772442001000001, 1772442001000001);
INSERT INTO "api_token" ("id", "user_id", "name", "token_hash", "scope", "created_at", "last_used_at", "expires_at", "revoked_at") VALUES
    (x'019cad8ca00070008000000000000002', x'019cad8ca00070068000000000000002', 'name 2', x'0200ff', 'write', 1772442002000002, NULL, NULL, NULL);
INSERT INTO "api_token" ("id", "user_id", "name", "token_hash", "scope", "created_at", "last_used_at", "expires_at", "revoked_at") VALUES
    (x'019cad8ca00070008000000000000003', x'019cad8ca00070068000000000000003', 'name 3', x'0300ff', 'read', 1772442003000003, 1772442003000003, 1772442003000003, 1772442003000003);
INSERT INTO "external_identity" ("id", "user_id", "issuer", "subject", "created_at") VALUES
    (x'019cad8ca00070018000000000000001', x'019cad8ca00070068000000000000001', 'issuer 1', 'subject 1', 1772442001000001);
INSERT INTO "external_identity" ("id", "user_id", "issuer", "subject", "created_at") VALUES
    (x'019cad8ca00070018000000000000002', x'019cad8ca00070068000000000000002', 'issuer 2', 'subject 2', 1772442002000002);
INSERT INTO "external_identity" ("id", "user_id", "issuer", "subject", "created_at") VALUES
    (x'019cad8ca00070018000000000000003', x'019cad8ca00070068000000000000003', 'issuer 3', 'subject 3', 1772442003000003);
INSERT INTO "idempotency_key" ("id", "user_id", "key", "fingerprint", "outcome", "created_at") VALUES
    (x'019cad8ca00070028000000000000001', x'019cad8ca00070068000000000000001', 'key 1', x'0100ff', '{"number":1}', 1772442001000001);
INSERT INTO "idempotency_key" ("id", "user_id", "key", "fingerprint", "outcome", "created_at") VALUES
    (x'019cad8ca00070028000000000000002', x'019cad8ca00070068000000000000002', 'key 2', x'0200ff', '{"number":2}', 1772442002000002);
INSERT INTO "idempotency_key" ("id", "user_id", "key", "fingerprint", "outcome", "created_at") VALUES
    (x'019cad8ca00070028000000000000003', x'019cad8ca00070068000000000000003', 'key 3', x'0300ff', '{"number":3}', 1772442003000003);
INSERT INTO "reset_link" ("id", "user_id", "token_hash", "created_at", "expires_at", "used_at") VALUES
    (x'019cad8ca00070038000000000000001', x'019cad8ca00070068000000000000001', x'0100ff', 1772442001000001, 1772442001000001, 1772442001000001);
INSERT INTO "reset_link" ("id", "user_id", "token_hash", "created_at", "expires_at", "used_at") VALUES
    (x'019cad8ca00070038000000000000002', x'019cad8ca00070068000000000000002', x'0200ff', 1772442002000002, 1772442002000002, NULL);
INSERT INTO "reset_link" ("id", "user_id", "token_hash", "created_at", "expires_at", "used_at") VALUES
    (x'019cad8ca00070038000000000000003', x'019cad8ca00070068000000000000003', x'0300ff', 1772442003000003, 1772442003000003, 1772442003000003);
INSERT INTO "session" ("id", "user_id", "token_hash", "user_agent", "created_at", "last_seen_at", "expires_at") VALUES
    (x'019cad8ca00070048000000000000001', x'019cad8ca00070068000000000000001', x'0100ff', 'user agent 1', 1772442001000001, 1772442001000001, 1772442001000001);
INSERT INTO "session" ("id", "user_id", "token_hash", "user_agent", "created_at", "last_seen_at", "expires_at") VALUES
    (x'019cad8ca00070048000000000000002', x'019cad8ca00070068000000000000002', x'0200ff', NULL, 1772442002000002, 1772442002000002, 1772442002000002);
INSERT INTO "session" ("id", "user_id", "token_hash", "user_agent", "created_at", "last_seen_at", "expires_at") VALUES
    (x'019cad8ca00070048000000000000003', x'019cad8ca00070068000000000000003', x'0300ff', 'user agent 3', 1772442003000003, 1772442003000003, 1772442003000003);
