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
    "version" integer NOT NULL,
    "naming" text NOT NULL DEFAULT 'names' CHECK ("naming" IN ('names', 'pseudonyms')),
    "staff_see_names" boolean NOT NULL DEFAULT TRUE,
    "blind" text NOT NULL DEFAULT 'open' CHECK ("blind" IN ('open', 'until_date', 'until_marks', 'until_reveal')),
    "blind_until" bigint NULL,
    "blind_marks" integer NULL,
    "revealed_at" bigint NULL,
    "codebook_locked" boolean NOT NULL DEFAULT FALSE, FOREIGN KEY ("owner_id") REFERENCES "user" ("id") ON DELETE CASCADE );

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
    "created_at" bigint NOT NULL,
    "state" text NOT NULL DEFAULT 'done' CHECK ("state" IN ('queued', 'running', 'done', 'failed')),
    "place" integer NULL,
    "done" integer NOT NULL DEFAULT 0,
    "total" integer NULL,
    "failure" text NULL,
    "seen_at" bigint NOT NULL DEFAULT 0, FOREIGN KEY ("class_id") REFERENCES "class" ("id") ON DELETE CASCADE, FOREIGN KEY ("owner_id") REFERENCES "user" ("id") ON DELETE CASCADE );

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

CREATE TABLE "tag" ( "id" uuid_text NOT NULL PRIMARY KEY,
    "class_id" uuid_text NOT NULL,
    "owner_id" uuid_text NULL,
    "name" text NOT NULL,
    "name_key" text NOT NULL,
    "colour" text NOT NULL,
    "definition" text NULL,
    "example" text NULL,
    "grouping" text NULL,
    "position" integer NOT NULL,
    "created_by" uuid_text NULL,
    "created_at" bigint NOT NULL,
    "updated_at" bigint NOT NULL,
    "version" integer NOT NULL, FOREIGN KEY ("class_id") REFERENCES "class" ("id") ON DELETE CASCADE, FOREIGN KEY ("owner_id") REFERENCES "user" ("id") ON DELETE CASCADE, FOREIGN KEY ("created_by") REFERENCES "user" ("id") ON DELETE SET NULL );

CREATE UNIQUE INDEX "tag_name_key" ON "tag" ("class_id",
    "name_key");

CREATE INDEX "tag_owner_id_idx" ON "tag" ("owner_id");

CREATE INDEX "tag_created_by_idx" ON "tag" ("created_by");

CREATE TABLE "annotation" ( "id" uuid_text NOT NULL PRIMARY KEY,
    "conversation_id" uuid_text NOT NULL,
    "message_id" uuid_text NULL,
    "author_id" uuid_text NULL,
    "target" text NOT NULL CHECK ("target" IN ('span', 'message', 'conversation')),
    "message_version" integer NULL,
    "part" integer NULL,
    "start" integer NULL,
    "stop" integer NULL,
    "quote" text NULL,
    "prefix" text NULL,
    "suffix" text NULL,
    "note" text NULL,
    "audience" text NOT NULL CHECK ("audience" IN ('private', 'staff', 'class')),
    "resolved_at" bigint NULL,
    "hidden_at" bigint NULL,
    "hidden_by" uuid_text NULL,
    "created_at" bigint NOT NULL,
    "updated_at" bigint NOT NULL,
    "deleted_at" bigint NULL,
    "version" integer NOT NULL, FOREIGN KEY ("conversation_id") REFERENCES "conversation" ("id") ON DELETE CASCADE, FOREIGN KEY ("message_id") REFERENCES "message" ("id") ON DELETE CASCADE, FOREIGN KEY ("author_id") REFERENCES "user" ("id") ON DELETE SET NULL, FOREIGN KEY ("hidden_by") REFERENCES "user" ("id") ON DELETE SET NULL );

CREATE INDEX "annotation_conversation_id_id_idx" ON "annotation" ("conversation_id",
    "id");

CREATE INDEX "annotation_message_id_idx" ON "annotation" ("message_id");

CREATE INDEX "annotation_author_id_idx" ON "annotation" ("author_id");

CREATE INDEX "annotation_hidden_by_idx" ON "annotation" ("hidden_by");

CREATE INDEX "annotation_deleted_at_idx" ON "annotation" ("deleted_at");

CREATE TABLE "annotation_tag" ( "annotation_id" uuid_text NOT NULL,
    "tag_id" uuid_text NOT NULL, PRIMARY KEY ("annotation_id",
    "tag_id"), FOREIGN KEY ("annotation_id") REFERENCES "annotation" ("id") ON DELETE CASCADE, FOREIGN KEY ("tag_id") REFERENCES "tag" ("id") ON DELETE CASCADE );

CREATE INDEX "annotation_tag_tag_id_idx" ON "annotation_tag" ("tag_id");

CREATE TABLE "comment" ( "id" uuid_text NOT NULL PRIMARY KEY,
    "annotation_id" uuid_text NOT NULL,
    "parent_id" uuid_text NULL,
    "author_id" uuid_text NULL,
    "body" text NOT NULL,
    "edited_at" bigint NULL,
    "hidden_at" bigint NULL,
    "hidden_by" uuid_text NULL,
    "created_at" bigint NOT NULL,
    "deleted_at" bigint NULL,
    "version" integer NOT NULL, FOREIGN KEY ("annotation_id") REFERENCES "annotation" ("id") ON DELETE CASCADE, FOREIGN KEY ("parent_id") REFERENCES "comment" ("id") ON DELETE SET NULL, FOREIGN KEY ("author_id") REFERENCES "user" ("id") ON DELETE SET NULL, FOREIGN KEY ("hidden_by") REFERENCES "user" ("id") ON DELETE SET NULL );

CREATE INDEX "comment_annotation_id_id_idx" ON "comment" ("annotation_id",
    "id");

CREATE INDEX "comment_parent_id_idx" ON "comment" ("parent_id");

CREATE INDEX "comment_author_id_idx" ON "comment" ("author_id");

CREATE INDEX "comment_hidden_by_idx" ON "comment" ("hidden_by");

CREATE TABLE "mention" ( "comment_id" uuid_text NOT NULL,
    "user_id" uuid_text NOT NULL,
    "place" integer NOT NULL DEFAULT 0, PRIMARY KEY ("comment_id",
    "user_id"), FOREIGN KEY ("comment_id") REFERENCES "comment" ("id") ON DELETE CASCADE, FOREIGN KEY ("user_id") REFERENCES "user" ("id") ON DELETE CASCADE );

CREATE INDEX "mention_user_id_idx" ON "mention" ("user_id");

CREATE TABLE "flag" ( "id" uuid_text NOT NULL PRIMARY KEY,
    "class_id" uuid_text NOT NULL,
    "annotation_id" uuid_text NULL,
    "comment_id" uuid_text NULL,
    "user_id" uuid_text NOT NULL,
    "reason" text NULL,
    "created_at" bigint NOT NULL, FOREIGN KEY ("class_id") REFERENCES "class" ("id") ON DELETE CASCADE, FOREIGN KEY ("annotation_id") REFERENCES "annotation" ("id") ON DELETE CASCADE, FOREIGN KEY ("comment_id") REFERENCES "comment" ("id") ON DELETE CASCADE, FOREIGN KEY ("user_id") REFERENCES "user" ("id") ON DELETE CASCADE );

CREATE INDEX "flag_class_id_id_idx" ON "flag" ("class_id",
    "id");

CREATE UNIQUE INDEX "flag_annotation_key" ON "flag" ("annotation_id",
    "user_id");

CREATE UNIQUE INDEX "flag_comment_key" ON "flag" ("comment_id",
    "user_id");

CREATE INDEX "flag_user_id_idx" ON "flag" ("user_id");

CREATE TABLE "presentation" ( "id" uuid_text NOT NULL PRIMARY KEY,
    "conversation_id" uuid_text NOT NULL,
    "presenter_id" uuid_text NOT NULL,
    "message_id" uuid_text NULL,
    "blank" boolean NOT NULL,
    "created_at" bigint NOT NULL,
    "updated_at" bigint NOT NULL,
    "ended_at" bigint NULL, FOREIGN KEY ("conversation_id") REFERENCES "conversation" ("id") ON DELETE CASCADE, FOREIGN KEY ("presenter_id") REFERENCES "user" ("id") ON DELETE CASCADE, FOREIGN KEY ("message_id") REFERENCES "message" ("id") ON DELETE SET NULL );

CREATE INDEX "presentation_conversation_id_id_idx" ON "presentation" ("conversation_id",
    "id");

CREATE INDEX "presentation_presenter_id_idx" ON "presentation" ("presenter_id");

CREATE INDEX "presentation_message_id_idx" ON "presentation" ("message_id");

CREATE TABLE "event" ( "class_id" uuid_text NOT NULL,
    "seq" bigint NOT NULL,
    "kind" text NOT NULL,
    "object_id" uuid_text NOT NULL,
    "conversation_id" uuid_text NULL,
    "audience" text NOT NULL CHECK ("audience" IN ('private', 'staff', 'class')),
    "user_id" uuid_text NULL,
    "created_at" bigint NOT NULL, PRIMARY KEY ("class_id",
    "seq"), FOREIGN KEY ("class_id") REFERENCES "class" ("id") ON DELETE CASCADE, FOREIGN KEY ("user_id") REFERENCES "user" ("id") ON DELETE SET NULL );

CREATE INDEX "event_user_id_idx" ON "event" ("user_id");

CREATE INDEX "event_created_at_idx" ON "event" ("created_at");

CREATE TABLE "reader" ( "conversation_id" uuid_text NOT NULL,
    "user_id" uuid_text NOT NULL,
    "created_at" bigint NOT NULL, PRIMARY KEY ("conversation_id",
    "user_id"), FOREIGN KEY ("conversation_id") REFERENCES "conversation" ("id") ON DELETE CASCADE, FOREIGN KEY ("user_id") REFERENCES "user" ("id") ON DELETE CASCADE );

CREATE INDEX "reader_user_id_idx" ON "reader" ("user_id");

INSERT INTO seaql_migrations (version, applied_at) VALUES ('m20261120_000001_account', 1772442000);
INSERT INTO seaql_migrations (version, applied_at) VALUES ('m20261120_000002_class', 1772442000);
INSERT INTO seaql_migrations (version, applied_at) VALUES ('m20261120_000003_conversation', 1772442000);
INSERT INTO seaql_migrations (version, applied_at) VALUES ('m20261121_000004_lease', 1772442000);
INSERT INTO seaql_migrations (version, applied_at) VALUES ('m20261121_000005_rendering', 1772442000);
INSERT INTO seaql_migrations (version, applied_at) VALUES ('m20261125_000006_annotation', 1772442000);
INSERT INTO seaql_migrations (version, applied_at) VALUES ('m20261125_000007_import_state', 1772442000);
INSERT INTO seaql_migrations (version, applied_at) VALUES ('m20261125_000008_reader', 1772442000);
INSERT INTO seaql_migrations (version, applied_at) VALUES ('m20261129_000009_mention', 1772442000);
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
    (x'019cad8ca00070188000000000000001', 'person1@example.org', 'Ana Müller', 'password hash 1', 'active', 'admin', 1772442001000001, 1772442001000001, 1);
INSERT INTO "user" ("id", "email", "display_name", "password_hash", "status", "site_role", "created_at", "updated_at", "version") VALUES
    (x'019cad8ca00070188000000000000002', 'person2@example.org', 'Ben O''Neill', NULL, 'disabled', 'member', 1772442002000002, 1772442002000002, 2);
INSERT INTO "user" ("id", "email", "display_name", "password_hash", "status", "site_role", "created_at", "updated_at", "version") VALUES
    (x'019cad8ca00070188000000000000003', 'person3@example.org', '陈 Cem 🙂', 'password hash 3', 'active', 'teacher', 1772442003000003, 1772442003000003, 3);
INSERT INTO "api_token" ("id", "user_id", "name", "token_hash", "scope", "created_at", "last_used_at", "expires_at", "revoked_at") VALUES
    (x'019cad8ca00070028000000000000001', x'019cad8ca00070188000000000000001', 'name 1', x'0100ff', 'read', 1772442001000001, 1772442001000001, 1772442001000001, 1772442001000001);
INSERT INTO "api_token" ("id", "user_id", "name", "token_hash", "scope", "created_at", "last_used_at", "expires_at", "revoked_at") VALUES
    (x'019cad8ca00070028000000000000002', x'019cad8ca00070188000000000000002', 'name 2', x'0200ff', 'write', 1772442002000002, NULL, NULL, NULL);
INSERT INTO "api_token" ("id", "user_id", "name", "token_hash", "scope", "created_at", "last_used_at", "expires_at", "revoked_at") VALUES
    (x'019cad8ca00070028000000000000003', x'019cad8ca00070188000000000000003', 'name 3', x'0300ff', 'read', 1772442003000003, 1772442003000003, 1772442003000003, 1772442003000003);
INSERT INTO "class" ("id", "owner_id", "name", "code", "description", "time_zone", "external_id", "secret", "status", "created_at", "updated_at", "deleted_at", "version", "naming", "staff_see_names", "blind", "blind_until", "blind_marks", "revealed_at", "codebook_locked") VALUES
    (x'019cad8ca00070038000000000000001', x'019cad8ca00070188000000000000001', 'name 1', 'code 1', 'description 1', 'Europe/Berlin', 'external id 1', x'0100ff', 'active', 1772442001000001, 1772442001000001, 1772442001000001, 1, 'names', true, 'open', 1772442001000001, 1, 1772442001000001, true);
INSERT INTO "class" ("id", "owner_id", "name", "code", "description", "time_zone", "external_id", "secret", "status", "created_at", "updated_at", "deleted_at", "version", "naming", "staff_see_names", "blind", "blind_until", "blind_marks", "revealed_at", "codebook_locked") VALUES
    (x'019cad8ca00070038000000000000002', x'019cad8ca00070188000000000000002', 'name 2', NULL, NULL, NULL, NULL, x'0200ff', 'archived', 1772442002000002, 1772442002000002, NULL, 2, 'pseudonyms', false, 'until_date', NULL, NULL, NULL, false);
INSERT INTO "class" ("id", "owner_id", "name", "code", "description", "time_zone", "external_id", "secret", "status", "created_at", "updated_at", "deleted_at", "version", "naming", "staff_see_names", "blind", "blind_until", "blind_marks", "revealed_at", "codebook_locked") VALUES
    (x'019cad8ca00070038000000000000003', x'019cad8ca00070188000000000000003', 'name 3', 'code 3', 'description 3', 'Europe/Berlin', 'external id 3', x'0300ff', 'active', 1772442003000003, 1772442003000003, 1772442003000003, 3, 'names', true, 'until_marks', 1772442003000003, 3, 1772442003000003, true);
INSERT INTO "event" ("class_id", "seq", "kind", "object_id", "conversation_id", "audience", "user_id", "created_at") VALUES
    (x'019cad8ca00070038000000000000001', 1772442001000001, 'kind 1', x'019cad8ca0007fff8000000000000001', x'019cad8ca0007fff8000000000000001', 'class', x'019cad8ca00070188000000000000001', 1772442001000001);
INSERT INTO "event" ("class_id", "seq", "kind", "object_id", "conversation_id", "audience", "user_id", "created_at") VALUES
    (x'019cad8ca00070038000000000000002', 1772442002000002, 'kind 2', x'019cad8ca0007fff8000000000000002', NULL, 'private', NULL, 1772442002000002);
INSERT INTO "event" ("class_id", "seq", "kind", "object_id", "conversation_id", "audience", "user_id", "created_at") VALUES
    (x'019cad8ca00070038000000000000003', 1772442003000003, 'kind 3', x'019cad8ca0007fff8000000000000003', x'019cad8ca0007fff8000000000000003', 'staff', x'019cad8ca00070188000000000000003', 1772442003000003);
INSERT INTO "external_identity" ("id", "user_id", "issuer", "subject", "created_at") VALUES
    (x'019cad8ca00070098000000000000001', x'019cad8ca00070188000000000000001', 'issuer 1', 'subject 1', 1772442001000001);
INSERT INTO "external_identity" ("id", "user_id", "issuer", "subject", "created_at") VALUES
    (x'019cad8ca00070098000000000000002', x'019cad8ca00070188000000000000002', 'issuer 2', 'subject 2', 1772442002000002);
INSERT INTO "external_identity" ("id", "user_id", "issuer", "subject", "created_at") VALUES
    (x'019cad8ca00070098000000000000003', x'019cad8ca00070188000000000000003', 'issuer 3', 'subject 3', 1772442003000003);
INSERT INTO "idempotency_key" ("id", "user_id", "key", "fingerprint", "outcome", "created_at") VALUES
    (x'019cad8ca000700b8000000000000001', x'019cad8ca00070188000000000000001', 'key 1', x'0100ff', '{"number":1}', 1772442001000001);
INSERT INTO "idempotency_key" ("id", "user_id", "key", "fingerprint", "outcome", "created_at") VALUES
    (x'019cad8ca000700b8000000000000002', x'019cad8ca00070188000000000000002', 'key 2', x'0200ff', '{"number":2}', 1772442002000002);
INSERT INTO "idempotency_key" ("id", "user_id", "key", "fingerprint", "outcome", "created_at") VALUES
    (x'019cad8ca000700b8000000000000003', x'019cad8ca00070188000000000000003', 'key 3', x'0300ff', '{"number":3}', 1772442003000003);
INSERT INTO "import" ("id", "class_id", "owner_id", "format", "bytes", "hash", "report", "created_at", "state", "place", "done", "total", "failure", "seen_at") VALUES
    (x'019cad8ca000700c8000000000000001', x'019cad8ca00070038000000000000001', x'019cad8ca00070188000000000000001', 'chatgpt', 1772442001000001, x'0100ff', '{"imported":[],"skipped":[],"failed":[]}', 1772442001000001, 'done', 1, 1, 1, 'failure 1', 1772442001000001);
INSERT INTO "import" ("id", "class_id", "owner_id", "format", "bytes", "hash", "report", "created_at", "state", "place", "done", "total", "failure", "seen_at") VALUES
    (x'019cad8ca000700c8000000000000002', x'019cad8ca00070038000000000000002', x'019cad8ca00070188000000000000002', 'claude', 1772442002000002, x'0200ff', '{"imported":[],"skipped":[],"failed":[]}', 1772442002000002, 'failed', NULL, 2, NULL, NULL, 1772442002000002);
INSERT INTO "import" ("id", "class_id", "owner_id", "format", "bytes", "hash", "report", "created_at", "state", "place", "done", "total", "failure", "seen_at") VALUES
    (x'019cad8ca000700c8000000000000003', x'019cad8ca00070038000000000000003', x'019cad8ca00070188000000000000003', 'text', 1772442003000003, x'0300ff', '{"imported":[],"skipped":[],"failed":[]}', 1772442003000003, 'queued', 3, 3, 3, 'failure 3', 1772442003000003);
INSERT INTO "conversation" ("id", "class_id", "owner_id", "created_by", "import_id", "title", "visibility", "platform", "source_id", "source_key", "model", "started_at", "source_updated_at", "leaf_id", "created_at", "updated_at", "deleted_at", "version") VALUES
    (x'019cad8ca00070058000000000000001', x'019cad8ca00070038000000000000001', x'019cad8ca00070188000000000000001', x'019cad8ca00070188000000000000001', x'019cad8ca000700c8000000000000001', 'title 1', 'class', 'chatgpt', 'source id 1', 'source key 1', 'model 1', 1772442001000001, 1772442001000001, x'019cad8ca0007fff8000000000000001', 1772442001000001, 1772442001000001, 1772442001000001, 1);
INSERT INTO "conversation" ("id", "class_id", "owner_id", "created_by", "import_id", "title", "visibility", "platform", "source_id", "source_key", "model", "started_at", "source_updated_at", "leaf_id", "created_at", "updated_at", "deleted_at", "version") VALUES
    (x'019cad8ca00070058000000000000002', x'019cad8ca00070038000000000000002', x'019cad8ca00070188000000000000002', NULL, NULL, NULL, 'private', 'claude', NULL, NULL, NULL, NULL, NULL, NULL, 1772442002000002, 1772442002000002, NULL, 2);
INSERT INTO "conversation" ("id", "class_id", "owner_id", "created_by", "import_id", "title", "visibility", "platform", "source_id", "source_key", "model", "started_at", "source_updated_at", "leaf_id", "created_at", "updated_at", "deleted_at", "version") VALUES
    (x'019cad8ca00070058000000000000003', x'019cad8ca00070038000000000000003', x'019cad8ca00070188000000000000003', x'019cad8ca00070188000000000000003', x'019cad8ca000700c8000000000000003', 'title 3', 'staff', 'manual', 'source id 3', 'source key 3', 'model 3', 1772442003000003, 1772442003000003, x'019cad8ca0007fff8000000000000003', 1772442003000003, 1772442003000003, 1772442003000003, 3);
INSERT INTO "conversation_source" ("conversation_id", "hash", "body", "bytes", "media_type", "created_at") VALUES
    (x'019cad8ca00070058000000000000001', x'0100ff', x'0100ff', 1772442001000001, 'application/json', 1772442001000001);
INSERT INTO "conversation_source" ("conversation_id", "hash", "body", "bytes", "media_type", "created_at") VALUES
    (x'019cad8ca00070058000000000000002', x'0200ff', x'0200ff', 1772442002000002, 'application/json', 1772442002000002);
INSERT INTO "conversation_source" ("conversation_id", "hash", "body", "bytes", "media_type", "created_at") VALUES
    (x'019cad8ca00070058000000000000003', x'0300ff', x'0300ff', 1772442003000003, 'application/json', 1772442003000003);
INSERT INTO "invite" ("id", "class_id", "code", "role", "section", "expires_at", "max_uses", "uses", "created_by", "created_at", "revoked_at") VALUES
    (x'019cad8ca000700d8000000000000001', x'019cad8ca00070038000000000000001', 'ABCDEFG1', 'auditor', 'section 1', 1772442001000001, 1, 1, x'019cad8ca00070188000000000000001', 1772442001000001, 1772442001000001);
INSERT INTO "invite" ("id", "class_id", "code", "role", "section", "expires_at", "max_uses", "uses", "created_by", "created_at", "revoked_at") VALUES
    (x'019cad8ca000700d8000000000000002', x'019cad8ca00070038000000000000002', 'ABCDEFG2', 'instructor', NULL, NULL, NULL, 2, NULL, 1772442002000002, NULL);
INSERT INTO "invite" ("id", "class_id", "code", "role", "section", "expires_at", "max_uses", "uses", "created_by", "created_at", "revoked_at") VALUES
    (x'019cad8ca000700d8000000000000003', x'019cad8ca00070038000000000000003', 'ABCDEFG3', 'owner', 'section 3', 1772442003000003, 3, 3, x'019cad8ca00070188000000000000003', 1772442003000003, 1772442003000003);
INSERT INTO "enrolment" ("id", "class_id", "user_id", "role", "state", "section", "external_id", "invite_id", "created_at", "updated_at", "ended_at", "version") VALUES
    (x'019cad8ca00070078000000000000001', x'019cad8ca00070038000000000000001', x'019cad8ca00070188000000000000001', 'auditor', 'active', 'section 1', 'external id 1', x'019cad8ca000700d8000000000000001', 1772442001000001, 1772442001000001, 1772442001000001, 1);
INSERT INTO "enrolment" ("id", "class_id", "user_id", "role", "state", "section", "external_id", "invite_id", "created_at", "updated_at", "ended_at", "version") VALUES
    (x'019cad8ca00070078000000000000002', x'019cad8ca00070038000000000000002', x'019cad8ca00070188000000000000002', 'instructor', 'left', NULL, NULL, NULL, 1772442002000002, 1772442002000002, NULL, 2);
INSERT INTO "enrolment" ("id", "class_id", "user_id", "role", "state", "section", "external_id", "invite_id", "created_at", "updated_at", "ended_at", "version") VALUES
    (x'019cad8ca00070078000000000000003', x'019cad8ca00070038000000000000003', x'019cad8ca00070188000000000000003', 'owner', 'removed', 'section 3', 'external id 3', x'019cad8ca000700d8000000000000003', 1772442003000003, 1772442003000003, 1772442003000003, 3);
INSERT INTO "message" ("id", "conversation_id", "parent_id", "position", "source_id", "role", "model", "created_at", "hidden", "on_path", "confidential", "content", "parts", "added_at", "version") VALUES
    (x'019cad8ca00070108000000000000001', x'019cad8ca00070058000000000000001', NULL, 1, 'source id 1', 'assistant', 'model 1', 1772442001000001, true, true, true, 'What is a heap?
It''s a pile; "1".', '[{"kind":"text","text":"What is a heap?\nIt''s a pile; \"1\"."}]', 1772442001000001, 1);
INSERT INTO "message" ("id", "conversation_id", "parent_id", "position", "source_id", "role", "model", "created_at", "hidden", "on_path", "confidential", "content", "parts", "added_at", "version") VALUES
    (x'019cad8ca00070108000000000000002', x'019cad8ca00070058000000000000002', NULL, 2, NULL, 'system', NULL, NULL, false, false, false, 'What is a heap?
It''s a pile; "2".', '[{"kind":"text","text":"What is a heap?\nIt''s a pile; \"2\"."}]', 1772442002000002, 2);
INSERT INTO "message" ("id", "conversation_id", "parent_id", "position", "source_id", "role", "model", "created_at", "hidden", "on_path", "confidential", "content", "parts", "added_at", "version") VALUES
    (x'019cad8ca00070108000000000000003', x'019cad8ca00070058000000000000003', x'019cad8ca00070108000000000000001', 3, 'source id 3', 'tool', 'model 3', 1772442003000003, true, true, true, 'What is a heap?
It''s a pile; "3".', '[{"kind":"text","text":"What is a heap?\nIt''s a pile; \"3\"."}]', 1772442003000003, 3);
INSERT INTO "annotation" ("id", "conversation_id", "message_id", "author_id", "target", "message_version", "part", "start", "stop", "quote", "prefix", "suffix", "note", "audience", "resolved_at", "hidden_at", "hidden_by", "created_at", "updated_at", "deleted_at", "version") VALUES
    (x'019cad8ca00070008000000000000001', x'019cad8ca00070058000000000000001', x'019cad8ca00070108000000000000001', x'019cad8ca00070188000000000000001', 'conversation', 1, 1, 1, 1, 'quote 1', 'prefix 1', 'suffix 1', 'note 1', 'class', 1772442001000001, 1772442001000001, x'019cad8ca00070188000000000000001', 1772442001000001, 1772442001000001, 1772442001000001, 1);
INSERT INTO "annotation" ("id", "conversation_id", "message_id", "author_id", "target", "message_version", "part", "start", "stop", "quote", "prefix", "suffix", "note", "audience", "resolved_at", "hidden_at", "hidden_by", "created_at", "updated_at", "deleted_at", "version") VALUES
    (x'019cad8ca00070008000000000000002', x'019cad8ca00070058000000000000002', NULL, NULL, 'message', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'private', NULL, NULL, NULL, 1772442002000002, 1772442002000002, NULL, 2);
INSERT INTO "annotation" ("id", "conversation_id", "message_id", "author_id", "target", "message_version", "part", "start", "stop", "quote", "prefix", "suffix", "note", "audience", "resolved_at", "hidden_at", "hidden_by", "created_at", "updated_at", "deleted_at", "version") VALUES
    (x'019cad8ca00070008000000000000003', x'019cad8ca00070058000000000000003', x'019cad8ca00070108000000000000003', x'019cad8ca00070188000000000000003', 'span', 3, 3, 3, 3, 'quote 3', 'prefix 3', 'suffix 3', 'note 3', 'staff', 1772442003000003, 1772442003000003, x'019cad8ca00070188000000000000003', 1772442003000003, 1772442003000003, 1772442003000003, 3);
INSERT INTO "comment" ("id", "annotation_id", "parent_id", "author_id", "body", "edited_at", "hidden_at", "hidden_by", "created_at", "deleted_at", "version") VALUES
    (x'019cad8ca00070048000000000000001', x'019cad8ca00070008000000000000001', NULL, x'019cad8ca00070188000000000000001', 'body 1', 1772442001000001, 1772442001000001, x'019cad8ca00070188000000000000001', 1772442001000001, 1772442001000001, 1);
INSERT INTO "comment" ("id", "annotation_id", "parent_id", "author_id", "body", "edited_at", "hidden_at", "hidden_by", "created_at", "deleted_at", "version") VALUES
    (x'019cad8ca00070048000000000000002', x'019cad8ca00070008000000000000002', NULL, NULL, 'body 2', NULL, NULL, NULL, 1772442002000002, NULL, 2);
INSERT INTO "comment" ("id", "annotation_id", "parent_id", "author_id", "body", "edited_at", "hidden_at", "hidden_by", "created_at", "deleted_at", "version") VALUES
    (x'019cad8ca00070048000000000000003', x'019cad8ca00070008000000000000003', x'019cad8ca00070048000000000000001', x'019cad8ca00070188000000000000003', 'body 3', 1772442003000003, 1772442003000003, x'019cad8ca00070188000000000000003', 1772442003000003, 1772442003000003, 3);
INSERT INTO "flag" ("id", "class_id", "annotation_id", "comment_id", "user_id", "reason", "created_at") VALUES
    (x'019cad8ca000700a8000000000000001', x'019cad8ca00070038000000000000001', x'019cad8ca00070008000000000000001', x'019cad8ca00070048000000000000001', x'019cad8ca00070188000000000000001', 'reason 1', 1772442001000001);
INSERT INTO "flag" ("id", "class_id", "annotation_id", "comment_id", "user_id", "reason", "created_at") VALUES
    (x'019cad8ca000700a8000000000000002', x'019cad8ca00070038000000000000002', NULL, NULL, x'019cad8ca00070188000000000000002', NULL, 1772442002000002);
INSERT INTO "flag" ("id", "class_id", "annotation_id", "comment_id", "user_id", "reason", "created_at") VALUES
    (x'019cad8ca000700a8000000000000003', x'019cad8ca00070038000000000000003', x'019cad8ca00070008000000000000003', x'019cad8ca00070048000000000000003', x'019cad8ca00070188000000000000003', 'reason 3', 1772442003000003);
INSERT INTO "mention" ("comment_id", "user_id", "place") VALUES
    (x'019cad8ca00070048000000000000001', x'019cad8ca00070188000000000000001', 1);
INSERT INTO "mention" ("comment_id", "user_id", "place") VALUES
    (x'019cad8ca00070048000000000000002', x'019cad8ca00070188000000000000002', 2);
INSERT INTO "mention" ("comment_id", "user_id", "place") VALUES
    (x'019cad8ca00070048000000000000003', x'019cad8ca00070188000000000000003', 3);
INSERT INTO "presentation" ("id", "conversation_id", "presenter_id", "message_id", "blank", "created_at", "updated_at", "ended_at") VALUES
    (x'019cad8ca00070118000000000000001', x'019cad8ca00070058000000000000001', x'019cad8ca00070188000000000000001', x'019cad8ca00070108000000000000001', true, 1772442001000001, 1772442001000001, 1772442001000001);
INSERT INTO "presentation" ("id", "conversation_id", "presenter_id", "message_id", "blank", "created_at", "updated_at", "ended_at") VALUES
    (x'019cad8ca00070118000000000000002', x'019cad8ca00070058000000000000002', x'019cad8ca00070188000000000000002', NULL, false, 1772442002000002, 1772442002000002, NULL);
INSERT INTO "presentation" ("id", "conversation_id", "presenter_id", "message_id", "blank", "created_at", "updated_at", "ended_at") VALUES
    (x'019cad8ca00070118000000000000003', x'019cad8ca00070058000000000000003', x'019cad8ca00070188000000000000003', x'019cad8ca00070108000000000000003', true, 1772442003000003, 1772442003000003, 1772442003000003);
INSERT INTO "reader" ("conversation_id", "user_id", "created_at") VALUES
    (x'019cad8ca00070058000000000000001', x'019cad8ca00070188000000000000001', 1772442001000001);
INSERT INTO "reader" ("conversation_id", "user_id", "created_at") VALUES
    (x'019cad8ca00070058000000000000002', x'019cad8ca00070188000000000000002', 1772442002000002);
INSERT INTO "reader" ("conversation_id", "user_id", "created_at") VALUES
    (x'019cad8ca00070058000000000000003', x'019cad8ca00070188000000000000003', 1772442003000003);
INSERT INTO "rendering" ("message_id", "version", "renderer", "parts") VALUES
    (x'019cad8ca00070108000000000000001', 1, 1, '{"number":1}');
INSERT INTO "rendering" ("message_id", "version", "renderer", "parts") VALUES
    (x'019cad8ca00070108000000000000002', 2, 2, '{"number":2}');
INSERT INTO "rendering" ("message_id", "version", "renderer", "parts") VALUES
    (x'019cad8ca00070108000000000000003', 3, 3, '{"number":3}');
INSERT INTO "reset_link" ("id", "user_id", "token_hash", "created_at", "expires_at", "used_at") VALUES
    (x'019cad8ca00070148000000000000001', x'019cad8ca00070188000000000000001', x'0100ff', 1772442001000001, 1772442001000001, 1772442001000001);
INSERT INTO "reset_link" ("id", "user_id", "token_hash", "created_at", "expires_at", "used_at") VALUES
    (x'019cad8ca00070148000000000000002', x'019cad8ca00070188000000000000002', x'0200ff', 1772442002000002, 1772442002000002, NULL);
INSERT INTO "reset_link" ("id", "user_id", "token_hash", "created_at", "expires_at", "used_at") VALUES
    (x'019cad8ca00070148000000000000003', x'019cad8ca00070188000000000000003', x'0300ff', 1772442003000003, 1772442003000003, 1772442003000003);
INSERT INTO "session" ("id", "user_id", "token_hash", "user_agent", "created_at", "last_seen_at", "expires_at") VALUES
    (x'019cad8ca00070158000000000000001', x'019cad8ca00070188000000000000001', x'0100ff', 'user agent 1', 1772442001000001, 1772442001000001, 1772442001000001);
INSERT INTO "session" ("id", "user_id", "token_hash", "user_agent", "created_at", "last_seen_at", "expires_at") VALUES
    (x'019cad8ca00070158000000000000002', x'019cad8ca00070188000000000000002', x'0200ff', NULL, 1772442002000002, 1772442002000002, 1772442002000002);
INSERT INTO "session" ("id", "user_id", "token_hash", "user_agent", "created_at", "last_seen_at", "expires_at") VALUES
    (x'019cad8ca00070158000000000000003', x'019cad8ca00070188000000000000003', x'0300ff', 'user agent 3', 1772442003000003, 1772442003000003, 1772442003000003);
INSERT INTO "tag" ("id", "class_id", "owner_id", "name", "name_key", "colour", "definition", "example", "grouping", "position", "created_by", "created_at", "updated_at", "version") VALUES
    (x'019cad8ca00070178000000000000001', x'019cad8ca00070038000000000000001', x'019cad8ca00070188000000000000001', 'name 1', 'name key 1', 'colour 1', 'definition 1', 'example 1', 'grouping 1', 1, x'019cad8ca00070188000000000000001', 1772442001000001, 1772442001000001, 1);
INSERT INTO "tag" ("id", "class_id", "owner_id", "name", "name_key", "colour", "definition", "example", "grouping", "position", "created_by", "created_at", "updated_at", "version") VALUES
    (x'019cad8ca00070178000000000000002', x'019cad8ca00070038000000000000002', NULL, 'name 2', 'name key 2', 'colour 2', NULL, NULL, NULL, 2, NULL, 1772442002000002, 1772442002000002, 2);
INSERT INTO "tag" ("id", "class_id", "owner_id", "name", "name_key", "colour", "definition", "example", "grouping", "position", "created_by", "created_at", "updated_at", "version") VALUES
    (x'019cad8ca00070178000000000000003', x'019cad8ca00070038000000000000003', x'019cad8ca00070188000000000000003', 'name 3', 'name key 3', 'colour 3', 'definition 3', 'example 3', 'grouping 3', 3, x'019cad8ca00070188000000000000003', 1772442003000003, 1772442003000003, 3);
INSERT INTO "annotation_tag" ("annotation_id", "tag_id") VALUES
    (x'019cad8ca00070008000000000000001', x'019cad8ca00070178000000000000001');
INSERT INTO "annotation_tag" ("annotation_id", "tag_id") VALUES
    (x'019cad8ca00070008000000000000002', x'019cad8ca00070178000000000000002');
INSERT INTO "annotation_tag" ("annotation_id", "tag_id") VALUES
    (x'019cad8ca00070008000000000000003', x'019cad8ca00070178000000000000003');
