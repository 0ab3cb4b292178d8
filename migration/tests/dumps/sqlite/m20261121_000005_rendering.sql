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

CREATE TABLE "class" ( "id" uuid_text NOT NULL PRIMARY KEY,
    "owner_id" uuid_text NOT NULL,
    "name" text NOT NULL,
    "code" text NULL,
    "description" text NULL,
    "time_zone" text NULL,
    "external_id" text NULL,
    "secret" blob NOT NULL,
    "status" text NOT NULL CHECK ("status" IN ('active', 'archived')),
    "created_at" bigint NOT NULL,
    "updated_at" bigint NOT NULL,
    "deleted_at" bigint NULL,
    "version" integer NOT NULL, FOREIGN KEY ("owner_id") REFERENCES "user" ("id") ON DELETE CASCADE );

CREATE INDEX "class_owner_id_idx" ON "class" ("owner_id");

CREATE TABLE "invite" ( "id" uuid_text NOT NULL PRIMARY KEY,
    "class_id" uuid_text NOT NULL,
    "code" text NOT NULL,
    "role" text NOT NULL CHECK ("role" IN ('owner', 'instructor', 'tutor', 'student', 'auditor')),
    "section" text NULL,
    "expires_at" bigint NULL,
    "max_uses" integer NULL,
    "uses" integer NOT NULL,
    "created_by" uuid_text NULL,
    "created_at" bigint NOT NULL,
    "revoked_at" bigint NULL, FOREIGN KEY ("class_id") REFERENCES "class" ("id") ON DELETE CASCADE, FOREIGN KEY ("created_by") REFERENCES "user" ("id") ON DELETE SET NULL );

CREATE UNIQUE INDEX "invite_code_key" ON "invite" ("code");

CREATE INDEX "invite_class_id_id_idx" ON "invite" ("class_id",
    "id");

CREATE INDEX "invite_created_by_idx" ON "invite" ("created_by");

CREATE TABLE "enrolment" ( "id" uuid_text NOT NULL PRIMARY KEY,
    "class_id" uuid_text NOT NULL,
    "user_id" uuid_text NOT NULL,
    "role" text NOT NULL CHECK ("role" IN ('owner', 'instructor', 'tutor', 'student', 'auditor')),
    "state" text NOT NULL CHECK ("state" IN ('active', 'left', 'removed')),
    "section" text NULL,
    "external_id" text NULL,
    "invite_id" uuid_text NULL,
    "created_at" bigint NOT NULL,
    "updated_at" bigint NOT NULL,
    "ended_at" bigint NULL,
    "version" integer NOT NULL, FOREIGN KEY ("class_id") REFERENCES "class" ("id") ON DELETE CASCADE, FOREIGN KEY ("user_id") REFERENCES "user" ("id") ON DELETE CASCADE, FOREIGN KEY ("invite_id") REFERENCES "invite" ("id") ON DELETE SET NULL );

CREATE UNIQUE INDEX "enrolment_class_user_key" ON "enrolment" ("class_id",
    "user_id");

CREATE INDEX "enrolment_user_id_idx" ON "enrolment" ("user_id");

CREATE INDEX "enrolment_invite_id_idx" ON "enrolment" ("invite_id");

CREATE TABLE "import" ( "id" uuid_text NOT NULL PRIMARY KEY,
    "class_id" uuid_text NOT NULL,
    "owner_id" uuid_text NOT NULL,
    "format" text NOT NULL,
    "bytes" bigint NOT NULL,
    "hash" blob NOT NULL,
    "report" json_text NOT NULL,
    "created_at" bigint NOT NULL, FOREIGN KEY ("class_id") REFERENCES "class" ("id") ON DELETE CASCADE, FOREIGN KEY ("owner_id") REFERENCES "user" ("id") ON DELETE CASCADE );

CREATE INDEX "import_class_id_id_idx" ON "import" ("class_id",
    "id");

CREATE INDEX "import_owner_id_idx" ON "import" ("owner_id");

CREATE TABLE "conversation" ( "id" uuid_text NOT NULL PRIMARY KEY,
    "class_id" uuid_text NOT NULL,
    "owner_id" uuid_text NOT NULL,
    "created_by" uuid_text NULL,
    "import_id" uuid_text NULL,
    "title" text NULL,
    "visibility" text NOT NULL CHECK ("visibility" IN ('private', 'staff', 'class')),
    "platform" text NOT NULL CHECK ("platform" IN ('chatgpt', 'claude', 'pasted', 'manual')),
    "source_id" text NULL,
    "source_key" text NULL,
    "model" text NULL,
    "started_at" bigint NULL,
    "source_updated_at" bigint NULL,
    "leaf_id" uuid_text NULL,
    "created_at" bigint NOT NULL,
    "updated_at" bigint NOT NULL,
    "deleted_at" bigint NULL,
    "version" integer NOT NULL, FOREIGN KEY ("class_id") REFERENCES "class" ("id") ON DELETE CASCADE, FOREIGN KEY ("owner_id") REFERENCES "user" ("id") ON DELETE CASCADE, FOREIGN KEY ("created_by") REFERENCES "user" ("id") ON DELETE SET NULL, FOREIGN KEY ("import_id") REFERENCES "import" ("id") ON DELETE SET NULL );

CREATE UNIQUE INDEX "conversation_identity_key" ON "conversation" ("class_id",
    "owner_id",
    "platform",
    "source_key");

CREATE INDEX "conversation_class_id_id_idx" ON "conversation" ("class_id",
    "id");

CREATE INDEX "conversation_owner_id_idx" ON "conversation" ("owner_id");

CREATE INDEX "conversation_created_by_idx" ON "conversation" ("created_by");

CREATE INDEX "conversation_import_id_idx" ON "conversation" ("import_id");

CREATE TABLE "conversation_source" ( "conversation_id" uuid_text NOT NULL PRIMARY KEY,
    "hash" blob NOT NULL,
    "body" blob NOT NULL,
    "bytes" bigint NOT NULL,
    "media_type" text NOT NULL,
    "created_at" bigint NOT NULL, FOREIGN KEY ("conversation_id") REFERENCES "conversation" ("id") ON DELETE CASCADE );

CREATE TABLE "message" ( "id" uuid_text NOT NULL PRIMARY KEY,
    "conversation_id" uuid_text NOT NULL,
    "parent_id" uuid_text NULL,
    "position" integer NOT NULL,
    "source_id" text NULL,
    "role" text NOT NULL CHECK ("role" IN ('user', 'assistant', 'system', 'tool', 'unknown')),
    "model" text NULL,
    "created_at" bigint NULL,
    "hidden" boolean NOT NULL,
    "on_path" boolean NOT NULL,
    "confidential" boolean NOT NULL,
    "content" text NOT NULL,
    "parts" json_text NOT NULL,
    "added_at" bigint NOT NULL,
    "version" integer NOT NULL, FOREIGN KEY ("conversation_id") REFERENCES "conversation" ("id") ON DELETE CASCADE, FOREIGN KEY ("parent_id") REFERENCES "message" ("id") ON DELETE SET NULL );

CREATE INDEX "message_conversation_id_position_id_idx" ON "message" ("conversation_id",
    "position",
    "id");

CREATE INDEX "message_parent_id_idx" ON "message" ("parent_id");

CREATE TABLE "lease" ( "name" text NOT NULL PRIMARY KEY,
    "holder" uuid_text NOT NULL,
    "until" bigint NOT NULL );

CREATE TABLE "rendering" ( "message_id" uuid_text NOT NULL PRIMARY KEY,
    "version" integer NOT NULL,
    "renderer" integer NOT NULL,
    "parts" json_text NOT NULL, FOREIGN KEY ("message_id") REFERENCES "message" ("id") ON DELETE CASCADE );

INSERT INTO seaql_migrations (version, applied_at) VALUES ('m20261120_000001_account', 1772442000);
INSERT INTO seaql_migrations (version, applied_at) VALUES ('m20261120_000002_class', 1772442000);
INSERT INTO seaql_migrations (version, applied_at) VALUES ('m20261120_000003_conversation', 1772442000);
INSERT INTO seaql_migrations (version, applied_at) VALUES ('m20261121_000004_lease', 1772442000);
INSERT INTO seaql_migrations (version, applied_at) VALUES ('m20261121_000005_rendering', 1772442000);
INSERT INTO "lease" ("name", "holder", "until") VALUES
    ('name 1', x'019cad8ca0007fff8000000000000001', 1772442001000001);
INSERT INTO "lease" ("name", "holder", "until") VALUES
    ('name 2', x'019cad8ca0007fff8000000000000002', 1772442002000002);
INSERT INTO "lease" ("name", "holder", "until") VALUES
    ('name 3', x'019cad8ca0007fff8000000000000003', 1772442003000003);
INSERT INTO "sign_in_attempt" ("email_hash", "failures", "failed_at", "locked_until") VALUES
    (x'0100ff', 1, 1772442001000001, 1772442001000001);
INSERT INTO "sign_in_attempt" ("email_hash", "failures", "failed_at", "locked_until") VALUES
    (x'0200ff', 2, 1772442002000002, 1772442002000002);
INSERT INTO "sign_in_attempt" ("email_hash", "failures", "failed_at", "locked_until") VALUES
    (x'0300ff', 3, 1772442003000003, 1772442003000003);
INSERT INTO "user" ("id", "email", "display_name", "password_hash", "status", "site_role", "created_at", "updated_at", "version") VALUES
    (x'019cad8ca000700f8000000000000001', 'person1@example.org', 'Ana Müller', 'password hash 1', 'active', 'admin', 1772442001000001, 1772442001000001, 1);
INSERT INTO "user" ("id", "email", "display_name", "password_hash", "status", "site_role", "created_at", "updated_at", "version") VALUES
    (x'019cad8ca000700f8000000000000002', 'person2@example.org', 'Ben O''Neill', NULL, 'disabled', 'member', 1772442002000002, 1772442002000002, 2);
INSERT INTO "user" ("id", "email", "display_name", "password_hash", "status", "site_role", "created_at", "updated_at", "version") VALUES
    (x'019cad8ca000700f8000000000000003', 'person3@example.org', '陈 Cem 🙂', 'password hash 3', 'active', 'teacher', 1772442003000003, 1772442003000003, 3);
INSERT INTO "api_token" ("id", "user_id", "name", "token_hash", "scope", "created_at", "last_used_at", "expires_at", "revoked_at") VALUES
    (x'019cad8ca00070008000000000000001', x'019cad8ca000700f8000000000000001', 'name 1', x'0100ff', 'read', 1772442001000001, 1772442001000001, 1772442001000001, 1772442001000001);
INSERT INTO "api_token" ("id", "user_id", "name", "token_hash", "scope", "created_at", "last_used_at", "expires_at", "revoked_at") VALUES
    (x'019cad8ca00070008000000000000002', x'019cad8ca000700f8000000000000002', 'name 2', x'0200ff', 'write', 1772442002000002, NULL, NULL, NULL);
INSERT INTO "api_token" ("id", "user_id", "name", "token_hash", "scope", "created_at", "last_used_at", "expires_at", "revoked_at") VALUES
    (x'019cad8ca00070008000000000000003', x'019cad8ca000700f8000000000000003', 'name 3', x'0300ff', 'read', 1772442003000003, 1772442003000003, 1772442003000003, 1772442003000003);
INSERT INTO "class" ("id", "owner_id", "name", "code", "description", "time_zone", "external_id", "secret", "status", "created_at", "updated_at", "deleted_at", "version") VALUES
    (x'019cad8ca00070018000000000000001', x'019cad8ca000700f8000000000000001', 'name 1', 'code 1', 'description 1', 'Europe/Berlin', 'external id 1', x'0100ff', 'active', 1772442001000001, 1772442001000001, 1772442001000001, 1);
INSERT INTO "class" ("id", "owner_id", "name", "code", "description", "time_zone", "external_id", "secret", "status", "created_at", "updated_at", "deleted_at", "version") VALUES
    (x'019cad8ca00070018000000000000002', x'019cad8ca000700f8000000000000002', 'name 2', NULL, NULL, NULL, NULL, x'0200ff', 'archived', 1772442002000002, 1772442002000002, NULL, 2);
INSERT INTO "class" ("id", "owner_id", "name", "code", "description", "time_zone", "external_id", "secret", "status", "created_at", "updated_at", "deleted_at", "version") VALUES
    (x'019cad8ca00070018000000000000003', x'019cad8ca000700f8000000000000003', 'name 3', 'code 3', 'description 3', 'Europe/Berlin', 'external id 3', x'0300ff', 'active', 1772442003000003, 1772442003000003, 1772442003000003, 3);
INSERT INTO "external_identity" ("id", "user_id", "issuer", "subject", "created_at") VALUES
    (x'019cad8ca00070058000000000000001', x'019cad8ca000700f8000000000000001', 'issuer 1', 'subject 1', 1772442001000001);
INSERT INTO "external_identity" ("id", "user_id", "issuer", "subject", "created_at") VALUES
    (x'019cad8ca00070058000000000000002', x'019cad8ca000700f8000000000000002', 'issuer 2', 'subject 2', 1772442002000002);
INSERT INTO "external_identity" ("id", "user_id", "issuer", "subject", "created_at") VALUES
    (x'019cad8ca00070058000000000000003', x'019cad8ca000700f8000000000000003', 'issuer 3', 'subject 3', 1772442003000003);
INSERT INTO "idempotency_key" ("id", "user_id", "key", "fingerprint", "outcome", "created_at") VALUES
    (x'019cad8ca00070068000000000000001', x'019cad8ca000700f8000000000000001', 'key 1', x'0100ff', '{"number":1}', 1772442001000001);
INSERT INTO "idempotency_key" ("id", "user_id", "key", "fingerprint", "outcome", "created_at") VALUES
    (x'019cad8ca00070068000000000000002', x'019cad8ca000700f8000000000000002', 'key 2', x'0200ff', '{"number":2}', 1772442002000002);
INSERT INTO "idempotency_key" ("id", "user_id", "key", "fingerprint", "outcome", "created_at") VALUES
    (x'019cad8ca00070068000000000000003', x'019cad8ca000700f8000000000000003', 'key 3', x'0300ff', '{"number":3}', 1772442003000003);
INSERT INTO "import" ("id", "class_id", "owner_id", "format", "bytes", "hash", "report", "created_at") VALUES
    (x'019cad8ca00070078000000000000001', x'019cad8ca00070018000000000000001', x'019cad8ca000700f8000000000000001', 'chatgpt', 1772442001000001, x'0100ff', '{"imported":[],"skipped":[],"failed":[]}', 1772442001000001);
INSERT INTO "import" ("id", "class_id", "owner_id", "format", "bytes", "hash", "report", "created_at") VALUES
    (x'019cad8ca00070078000000000000002', x'019cad8ca00070018000000000000002', x'019cad8ca000700f8000000000000002', 'claude', 1772442002000002, x'0200ff', '{"imported":[],"skipped":[],"failed":[]}', 1772442002000002);
INSERT INTO "import" ("id", "class_id", "owner_id", "format", "bytes", "hash", "report", "created_at") VALUES
    (x'019cad8ca00070078000000000000003', x'019cad8ca00070018000000000000003', x'019cad8ca000700f8000000000000003', 'text', 1772442003000003, x'0300ff', '{"imported":[],"skipped":[],"failed":[]}', 1772442003000003);
INSERT INTO "conversation" ("id", "class_id", "owner_id", "created_by", "import_id", "title", "visibility", "platform", "source_id", "source_key", "model", "started_at", "source_updated_at", "leaf_id", "created_at", "updated_at", "deleted_at", "version") VALUES
    (x'019cad8ca00070028000000000000001', x'019cad8ca00070018000000000000001', x'019cad8ca000700f8000000000000001', x'019cad8ca000700f8000000000000001', x'019cad8ca00070078000000000000001', 'title 1', 'class', 'chatgpt', 'source id 1', 'source key 1', 'model 1', 1772442001000001, 1772442001000001, x'019cad8ca0007fff8000000000000001', 1772442001000001, 1772442001000001, 1772442001000001, 1);
INSERT INTO "conversation" ("id", "class_id", "owner_id", "created_by", "import_id", "title", "visibility", "platform", "source_id", "source_key", "model", "started_at", "source_updated_at", "leaf_id", "created_at", "updated_at", "deleted_at", "version") VALUES
    (x'019cad8ca00070028000000000000002', x'019cad8ca00070018000000000000002', x'019cad8ca000700f8000000000000002', NULL, NULL, NULL, 'private', 'claude', NULL, NULL, NULL, NULL, NULL, NULL, 1772442002000002, 1772442002000002, NULL, 2);
INSERT INTO "conversation" ("id", "class_id", "owner_id", "created_by", "import_id", "title", "visibility", "platform", "source_id", "source_key", "model", "started_at", "source_updated_at", "leaf_id", "created_at", "updated_at", "deleted_at", "version") VALUES
    (x'019cad8ca00070028000000000000003', x'019cad8ca00070018000000000000003', x'019cad8ca000700f8000000000000003', x'019cad8ca000700f8000000000000003', x'019cad8ca00070078000000000000003', 'title 3', 'staff', 'manual', 'source id 3', 'source key 3', 'model 3', 1772442003000003, 1772442003000003, x'019cad8ca0007fff8000000000000003', 1772442003000003, 1772442003000003, 1772442003000003, 3);
INSERT INTO "conversation_source" ("conversation_id", "hash", "body", "bytes", "media_type", "created_at") VALUES
    (x'019cad8ca00070028000000000000001', x'0100ff', x'0100ff', 1772442001000001, 'application/json', 1772442001000001);
INSERT INTO "conversation_source" ("conversation_id", "hash", "body", "bytes", "media_type", "created_at") VALUES
    (x'019cad8ca00070028000000000000002', x'0200ff', x'0200ff', 1772442002000002, 'application/json', 1772442002000002);
INSERT INTO "conversation_source" ("conversation_id", "hash", "body", "bytes", "media_type", "created_at") VALUES
    (x'019cad8ca00070028000000000000003', x'0300ff', x'0300ff', 1772442003000003, 'application/json', 1772442003000003);
INSERT INTO "invite" ("id", "class_id", "code", "role", "section", "expires_at", "max_uses", "uses", "created_by", "created_at", "revoked_at") VALUES
    (x'019cad8ca00070088000000000000001', x'019cad8ca00070018000000000000001', 'ABCDEFG1', 'auditor', 'section 1', 1772442001000001, 1, 1, x'019cad8ca000700f8000000000000001', 1772442001000001, 1772442001000001);
INSERT INTO "invite" ("id", "class_id", "code", "role", "section", "expires_at", "max_uses", "uses", "created_by", "created_at", "revoked_at") VALUES
    (x'019cad8ca00070088000000000000002', x'019cad8ca00070018000000000000002', 'ABCDEFG2', 'instructor', NULL, NULL, NULL, 2, NULL, 1772442002000002, NULL);
INSERT INTO "invite" ("id", "class_id", "code", "role", "section", "expires_at", "max_uses", "uses", "created_by", "created_at", "revoked_at") VALUES
    (x'019cad8ca00070088000000000000003', x'019cad8ca00070018000000000000003', 'ABCDEFG3', 'owner', 'section 3', 1772442003000003, 3, 3, x'019cad8ca000700f8000000000000003', 1772442003000003, 1772442003000003);
INSERT INTO "enrolment" ("id", "class_id", "user_id", "role", "state", "section", "external_id", "invite_id", "created_at", "updated_at", "ended_at", "version") VALUES
    (x'019cad8ca00070048000000000000001', x'019cad8ca00070018000000000000001', x'019cad8ca000700f8000000000000001', 'auditor', 'active', 'section 1', 'external id 1', x'019cad8ca00070088000000000000001', 1772442001000001, 1772442001000001, 1772442001000001, 1);
INSERT INTO "enrolment" ("id", "class_id", "user_id", "role", "state", "section", "external_id", "invite_id", "created_at", "updated_at", "ended_at", "version") VALUES
    (x'019cad8ca00070048000000000000002', x'019cad8ca00070018000000000000002', x'019cad8ca000700f8000000000000002', 'instructor', 'left', NULL, NULL, NULL, 1772442002000002, 1772442002000002, NULL, 2);
INSERT INTO "enrolment" ("id", "class_id", "user_id", "role", "state", "section", "external_id", "invite_id", "created_at", "updated_at", "ended_at", "version") VALUES
    (x'019cad8ca00070048000000000000003', x'019cad8ca00070018000000000000003', x'019cad8ca000700f8000000000000003', 'owner', 'removed', 'section 3', 'external id 3', x'019cad8ca00070088000000000000003', 1772442003000003, 1772442003000003, 1772442003000003, 3);
INSERT INTO "message" ("id", "conversation_id", "parent_id", "position", "source_id", "role", "model", "created_at", "hidden", "on_path", "confidential", "content", "parts", "added_at", "version") VALUES
    (x'019cad8ca000700a8000000000000001', x'019cad8ca00070028000000000000001', NULL, 1, 'source id 1', 'assistant', 'model 1', 1772442001000001, true, true, true, 'What is a heap?
It''s a pile; "1".', '[{"kind":"text","text":"What is a heap?\nIt''s a pile; \"1\"."}]', 1772442001000001, 1);
INSERT INTO "message" ("id", "conversation_id", "parent_id", "position", "source_id", "role", "model", "created_at", "hidden", "on_path", "confidential", "content", "parts", "added_at", "version") VALUES
    (x'019cad8ca000700a8000000000000002', x'019cad8ca00070028000000000000002', NULL, 2, NULL, 'system', NULL, NULL, false, false, false, 'What is a heap?
It''s a pile; "2".', '[{"kind":"text","text":"What is a heap?\nIt''s a pile; \"2\"."}]', 1772442002000002, 2);
INSERT INTO "message" ("id", "conversation_id", "parent_id", "position", "source_id", "role", "model", "created_at", "hidden", "on_path", "confidential", "content", "parts", "added_at", "version") VALUES
    (x'019cad8ca000700a8000000000000003', x'019cad8ca00070028000000000000003', x'019cad8ca000700a8000000000000001', 3, 'source id 3', 'tool', 'model 3', 1772442003000003, true, true, true, 'What is a heap?
It''s a pile; "3".', '[{"kind":"text","text":"What is a heap?\nIt''s a pile; \"3\"."}]', 1772442003000003, 3);
INSERT INTO "rendering" ("message_id", "version", "renderer", "parts") VALUES
    (x'019cad8ca000700a8000000000000001', 1, 1, '{"number":1}');
INSERT INTO "rendering" ("message_id", "version", "renderer", "parts") VALUES
    (x'019cad8ca000700a8000000000000002', 2, 2, '{"number":2}');
INSERT INTO "rendering" ("message_id", "version", "renderer", "parts") VALUES
    (x'019cad8ca000700a8000000000000003', 3, 3, '{"number":3}');
INSERT INTO "reset_link" ("id", "user_id", "token_hash", "created_at", "expires_at", "used_at") VALUES
    (x'019cad8ca000700c8000000000000001', x'019cad8ca000700f8000000000000001', x'0100ff', 1772442001000001, 1772442001000001, 1772442001000001);
INSERT INTO "reset_link" ("id", "user_id", "token_hash", "created_at", "expires_at", "used_at") VALUES
    (x'019cad8ca000700c8000000000000002', x'019cad8ca000700f8000000000000002', x'0200ff', 1772442002000002, 1772442002000002, NULL);
INSERT INTO "reset_link" ("id", "user_id", "token_hash", "created_at", "expires_at", "used_at") VALUES
    (x'019cad8ca000700c8000000000000003', x'019cad8ca000700f8000000000000003', x'0300ff', 1772442003000003, 1772442003000003, 1772442003000003);
INSERT INTO "session" ("id", "user_id", "token_hash", "user_agent", "created_at", "last_seen_at", "expires_at") VALUES
    (x'019cad8ca000700d8000000000000001', x'019cad8ca000700f8000000000000001', x'0100ff', 'user agent 1', 1772442001000001, 1772442001000001, 1772442001000001);
INSERT INTO "session" ("id", "user_id", "token_hash", "user_agent", "created_at", "last_seen_at", "expires_at") VALUES
    (x'019cad8ca000700d8000000000000002', x'019cad8ca000700f8000000000000002', x'0200ff', NULL, 1772442002000002, 1772442002000002, 1772442002000002);
INSERT INTO "session" ("id", "user_id", "token_hash", "user_agent", "created_at", "last_seen_at", "expires_at") VALUES
    (x'019cad8ca000700d8000000000000003', x'019cad8ca000700f8000000000000003', x'0300ff', 'user agent 3', 1772442003000003, 1772442003000003, 1772442003000003);
