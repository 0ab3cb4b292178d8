CREATE TABLE public.api_token (
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    name text NOT NULL,
    token_hash bytea NOT NULL,
    scope text NOT NULL,
    created_at bigint NOT NULL,
    last_used_at bigint,
    expires_at bigint,
    revoked_at bigint,
    CONSTRAINT api_token_scope_check CHECK ((scope = ANY (ARRAY['read'::text, 'write'::text])))
);

CREATE TABLE public.external_identity (
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    issuer text NOT NULL,
    subject text NOT NULL,
    created_at bigint NOT NULL
);

CREATE TABLE public.idempotency_key (
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    key text NOT NULL,
    fingerprint bytea NOT NULL,
    outcome json NOT NULL,
    created_at bigint NOT NULL
);

CREATE TABLE public.reset_link (
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    token_hash bytea NOT NULL,
    created_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    used_at bigint
);

CREATE TABLE public.seaql_migrations (
    version character varying NOT NULL,
    applied_at bigint NOT NULL
);

CREATE TABLE public.session (
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    token_hash bytea NOT NULL,
    user_agent text,
    created_at bigint NOT NULL,
    last_seen_at bigint NOT NULL,
    expires_at bigint NOT NULL
);

CREATE TABLE public.sign_in_attempt (
    email_hash bytea NOT NULL,
    failures integer NOT NULL,
    failed_at bigint NOT NULL,
    locked_until bigint NOT NULL
);

CREATE TABLE public."user" (
    id uuid NOT NULL,
    email text NOT NULL,
    display_name text NOT NULL,
    password_hash text,
    status text NOT NULL,
    site_role text NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    version integer NOT NULL,
    CONSTRAINT user_site_role_check CHECK ((site_role = ANY (ARRAY['member'::text, 'teacher'::text, 'admin'::text]))),
    CONSTRAINT user_status_check CHECK ((status = ANY (ARRAY['active'::text, 'disabled'::text])))
);

ALTER TABLE ONLY public.api_token
    ADD CONSTRAINT api_token_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.external_identity
    ADD CONSTRAINT external_identity_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.idempotency_key
    ADD CONSTRAINT idempotency_key_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.reset_link
    ADD CONSTRAINT reset_link_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.seaql_migrations
    ADD CONSTRAINT seaql_migrations_pkey PRIMARY KEY (version);

ALTER TABLE ONLY public.session
    ADD CONSTRAINT session_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.sign_in_attempt
    ADD CONSTRAINT sign_in_attempt_pkey PRIMARY KEY (email_hash);

ALTER TABLE ONLY public."user"
    ADD CONSTRAINT user_pkey PRIMARY KEY (id);

CREATE UNIQUE INDEX api_token_token_hash_key ON public.api_token USING btree (token_hash);

CREATE INDEX api_token_user_id_idx ON public.api_token USING btree (user_id);

CREATE UNIQUE INDEX external_identity_issuer_subject_key ON public.external_identity USING btree (issuer, subject);

CREATE INDEX external_identity_user_id_idx ON public.external_identity USING btree (user_id);

CREATE INDEX idempotency_key_created_at_idx ON public.idempotency_key USING btree (created_at);

CREATE UNIQUE INDEX idempotency_key_user_key_key ON public.idempotency_key USING btree (user_id, key);

CREATE UNIQUE INDEX reset_link_token_hash_key ON public.reset_link USING btree (token_hash);

CREATE INDEX reset_link_user_id_idx ON public.reset_link USING btree (user_id);

CREATE UNIQUE INDEX session_token_hash_key ON public.session USING btree (token_hash);

CREATE INDEX session_user_id_idx ON public.session USING btree (user_id);

CREATE INDEX sign_in_attempt_failed_at_idx ON public.sign_in_attempt USING btree (failed_at);

CREATE UNIQUE INDEX user_email_key ON public."user" USING btree (email);

ALTER TABLE ONLY public.api_token
    ADD CONSTRAINT api_token_user_id_fkey FOREIGN KEY (user_id) REFERENCES public."user"(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.external_identity
    ADD CONSTRAINT external_identity_user_id_fkey FOREIGN KEY (user_id) REFERENCES public."user"(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.idempotency_key
    ADD CONSTRAINT idempotency_key_user_id_fkey FOREIGN KEY (user_id) REFERENCES public."user"(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.reset_link
    ADD CONSTRAINT reset_link_user_id_fkey FOREIGN KEY (user_id) REFERENCES public."user"(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.session
    ADD CONSTRAINT session_user_id_fkey FOREIGN KEY (user_id) REFERENCES public."user"(id) ON DELETE CASCADE;

INSERT INTO seaql_migrations (version, applied_at) VALUES ('m20261120_000001_account', 1772442000);
INSERT INTO "sign_in_attempt" ("email_hash", "failures", "failed_at", "locked_until") VALUES
    ('\x0100ff', 1, 1772442001000001, 1772442001000001);
INSERT INTO "sign_in_attempt" ("email_hash", "failures", "failed_at", "locked_until") VALUES
    ('\x0200ff', 2, 1772442002000002, 1772442002000002);
INSERT INTO "sign_in_attempt" ("email_hash", "failures", "failed_at", "locked_until") VALUES
    ('\x0300ff', 3, 1772442003000003, 1772442003000003);
INSERT INTO "user" ("id", "email", "display_name", "password_hash", "status", "site_role", "created_at", "updated_at", "version") VALUES
    ('019cad8ca00070068000000000000001', 'person1@example.org', 'Ana Müller', 'password hash 1', 'active', 'admin', 1772442001000001, 1772442001000001, 1);
INSERT INTO "user" ("id", "email", "display_name", "password_hash", "status", "site_role", "created_at", "updated_at", "version") VALUES
    ('019cad8ca00070068000000000000002', 'person2@example.org', 'Ben O''Neill', NULL, 'disabled', 'member', 1772442002000002, 1772442002000002, 2);
INSERT INTO "user" ("id", "email", "display_name", "password_hash", "status", "site_role", "created_at", "updated_at", "version") VALUES
    ('019cad8ca00070068000000000000003', 'person3@example.org', '陈 Cem 🙂', 'password hash 3', 'active', 'teacher', 1772442003000003, 1772442003000003, 3);
INSERT INTO "api_token" ("id", "user_id", "name", "token_hash", "scope", "created_at", "last_used_at", "expires_at", "revoked_at") VALUES
    ('019cad8ca00070008000000000000001', '019cad8ca00070068000000000000001', 'name 1', '\x0100ff', 'read', 1772442001000001, 1772442001000001, 1772442001000001, 1772442001000001);
INSERT INTO "api_token" ("id", "user_id", "name", "token_hash", "scope", "created_at", "last_used_at", "expires_at", "revoked_at") VALUES
    ('019cad8ca00070008000000000000002', '019cad8ca00070068000000000000002', 'name 2', '\x0200ff', 'write', 1772442002000002, NULL, NULL, NULL);
INSERT INTO "api_token" ("id", "user_id", "name", "token_hash", "scope", "created_at", "last_used_at", "expires_at", "revoked_at") VALUES
    ('019cad8ca00070008000000000000003', '019cad8ca00070068000000000000003', 'name 3', '\x0300ff', 'read', 1772442003000003, 1772442003000003, 1772442003000003, 1772442003000003);
INSERT INTO "external_identity" ("id", "user_id", "issuer", "subject", "created_at") VALUES
    ('019cad8ca00070018000000000000001', '019cad8ca00070068000000000000001', 'issuer 1', 'subject 1', 1772442001000001);
INSERT INTO "external_identity" ("id", "user_id", "issuer", "subject", "created_at") VALUES
    ('019cad8ca00070018000000000000002', '019cad8ca00070068000000000000002', 'issuer 2', 'subject 2', 1772442002000002);
INSERT INTO "external_identity" ("id", "user_id", "issuer", "subject", "created_at") VALUES
    ('019cad8ca00070018000000000000003', '019cad8ca00070068000000000000003', 'issuer 3', 'subject 3', 1772442003000003);
INSERT INTO "idempotency_key" ("id", "user_id", "key", "fingerprint", "outcome", "created_at") VALUES
    ('019cad8ca00070028000000000000001', '019cad8ca00070068000000000000001', 'key 1', '\x0100ff', '{"number":1}', 1772442001000001);
INSERT INTO "idempotency_key" ("id", "user_id", "key", "fingerprint", "outcome", "created_at") VALUES
    ('019cad8ca00070028000000000000002', '019cad8ca00070068000000000000002', 'key 2', '\x0200ff', '{"number":2}', 1772442002000002);
INSERT INTO "idempotency_key" ("id", "user_id", "key", "fingerprint", "outcome", "created_at") VALUES
    ('019cad8ca00070028000000000000003', '019cad8ca00070068000000000000003', 'key 3', '\x0300ff', '{"number":3}', 1772442003000003);
INSERT INTO "reset_link" ("id", "user_id", "token_hash", "created_at", "expires_at", "used_at") VALUES
    ('019cad8ca00070038000000000000001', '019cad8ca00070068000000000000001', '\x0100ff', 1772442001000001, 1772442001000001, 1772442001000001);
INSERT INTO "reset_link" ("id", "user_id", "token_hash", "created_at", "expires_at", "used_at") VALUES
    ('019cad8ca00070038000000000000002', '019cad8ca00070068000000000000002', '\x0200ff', 1772442002000002, 1772442002000002, NULL);
INSERT INTO "reset_link" ("id", "user_id", "token_hash", "created_at", "expires_at", "used_at") VALUES
    ('019cad8ca00070038000000000000003', '019cad8ca00070068000000000000003', '\x0300ff', 1772442003000003, 1772442003000003, 1772442003000003);
INSERT INTO "session" ("id", "user_id", "token_hash", "user_agent", "created_at", "last_seen_at", "expires_at") VALUES
    ('019cad8ca00070048000000000000001', '019cad8ca00070068000000000000001', '\x0100ff', 'user agent 1', 1772442001000001, 1772442001000001, 1772442001000001);
INSERT INTO "session" ("id", "user_id", "token_hash", "user_agent", "created_at", "last_seen_at", "expires_at") VALUES
    ('019cad8ca00070048000000000000002', '019cad8ca00070068000000000000002', '\x0200ff', NULL, 1772442002000002, 1772442002000002, 1772442002000002);
INSERT INTO "session" ("id", "user_id", "token_hash", "user_agent", "created_at", "last_seen_at", "expires_at") VALUES
    ('019cad8ca00070048000000000000003', '019cad8ca00070068000000000000003', '\x0300ff', 'user agent 3', 1772442003000003, 1772442003000003, 1772442003000003);
