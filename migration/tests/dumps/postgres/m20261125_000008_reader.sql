CREATE TABLE public.annotation (
    id uuid NOT NULL,
    conversation_id uuid NOT NULL,
    message_id uuid,
    author_id uuid,
    target text NOT NULL,
    message_version integer,
    part integer,
    start integer,
    stop integer,
    quote text,
    prefix text,
    suffix text,
    note text,
    audience text NOT NULL,
    resolved_at bigint,
    hidden_at bigint,
    hidden_by uuid,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    deleted_at bigint,
    version integer NOT NULL,
    CONSTRAINT annotation_audience_check CHECK ((audience = ANY (ARRAY['private'::text, 'staff'::text, 'class'::text]))),
    CONSTRAINT annotation_target_check CHECK ((target = ANY (ARRAY['span'::text, 'message'::text, 'conversation'::text])))
);

CREATE TABLE public.annotation_tag (
    annotation_id uuid NOT NULL,
    tag_id uuid NOT NULL
);

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

CREATE TABLE public.class (
    id uuid NOT NULL,
    owner_id uuid NOT NULL,
    name text NOT NULL,
    code text,
    description text,
    time_zone text,
    external_id text,
    secret bytea NOT NULL,
    status text NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    deleted_at bigint,
    version integer NOT NULL,
    naming text DEFAULT 'names'::text NOT NULL,
    staff_see_names boolean DEFAULT true NOT NULL,
    blind text DEFAULT 'open'::text NOT NULL,
    blind_until bigint,
    blind_marks integer,
    revealed_at bigint,
    codebook_locked boolean DEFAULT false NOT NULL,
    CONSTRAINT class_blind_check CHECK ((blind = ANY (ARRAY['open'::text, 'until_date'::text, 'until_marks'::text, 'until_reveal'::text]))),
    CONSTRAINT class_naming_check CHECK ((naming = ANY (ARRAY['names'::text, 'pseudonyms'::text]))),
    CONSTRAINT class_status_check CHECK ((status = ANY (ARRAY['active'::text, 'archived'::text])))
);

CREATE TABLE public.comment (
    id uuid NOT NULL,
    annotation_id uuid NOT NULL,
    parent_id uuid,
    author_id uuid,
    body text NOT NULL,
    edited_at bigint,
    hidden_at bigint,
    hidden_by uuid,
    created_at bigint NOT NULL,
    deleted_at bigint,
    version integer NOT NULL
);

CREATE TABLE public.conversation (
    id uuid NOT NULL,
    class_id uuid NOT NULL,
    owner_id uuid NOT NULL,
    created_by uuid,
    import_id uuid,
    title text,
    visibility text NOT NULL,
    platform text NOT NULL,
    source_id text,
    source_key text,
    model text,
    started_at bigint,
    source_updated_at bigint,
    leaf_id uuid,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    deleted_at bigint,
    version integer NOT NULL,
    CONSTRAINT conversation_platform_check CHECK ((platform = ANY (ARRAY['chatgpt'::text, 'claude'::text, 'pasted'::text, 'manual'::text]))),
    CONSTRAINT conversation_visibility_check CHECK ((visibility = ANY (ARRAY['private'::text, 'staff'::text, 'class'::text])))
);

CREATE TABLE public.conversation_source (
    conversation_id uuid NOT NULL,
    hash bytea NOT NULL,
    body bytea NOT NULL,
    bytes bigint NOT NULL,
    media_type text NOT NULL,
    created_at bigint NOT NULL
);

CREATE TABLE public.enrolment (
    id uuid NOT NULL,
    class_id uuid NOT NULL,
    user_id uuid NOT NULL,
    role text NOT NULL,
    state text NOT NULL,
    section text,
    external_id text,
    invite_id uuid,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    ended_at bigint,
    version integer NOT NULL,
    CONSTRAINT enrolment_role_check CHECK ((role = ANY (ARRAY['owner'::text, 'instructor'::text, 'tutor'::text, 'student'::text, 'auditor'::text]))),
    CONSTRAINT enrolment_state_check CHECK ((state = ANY (ARRAY['active'::text, 'left'::text, 'removed'::text])))
);

CREATE TABLE public.event (
    class_id uuid NOT NULL,
    seq bigint NOT NULL,
    kind text NOT NULL,
    object_id uuid NOT NULL,
    conversation_id uuid,
    audience text NOT NULL,
    user_id uuid,
    created_at bigint NOT NULL,
    CONSTRAINT event_audience_check CHECK ((audience = ANY (ARRAY['private'::text, 'staff'::text, 'class'::text])))
);

CREATE TABLE public.external_identity (
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    issuer text NOT NULL,
    subject text NOT NULL,
    created_at bigint NOT NULL
);

CREATE TABLE public.flag (
    id uuid NOT NULL,
    class_id uuid NOT NULL,
    annotation_id uuid,
    comment_id uuid,
    user_id uuid NOT NULL,
    reason text,
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

CREATE TABLE public.import (
    id uuid NOT NULL,
    class_id uuid NOT NULL,
    owner_id uuid NOT NULL,
    format text NOT NULL,
    bytes bigint NOT NULL,
    hash bytea NOT NULL,
    report json NOT NULL,
    created_at bigint NOT NULL,
    state text DEFAULT 'done'::text NOT NULL,
    place integer,
    done integer DEFAULT 0 NOT NULL,
    total integer,
    failure text,
    seen_at bigint DEFAULT 0 NOT NULL,
    CONSTRAINT import_state_check CHECK ((state = ANY (ARRAY['queued'::text, 'running'::text, 'done'::text, 'failed'::text])))
);

CREATE TABLE public.invite (
    id uuid NOT NULL,
    class_id uuid NOT NULL,
    code text NOT NULL,
    role text NOT NULL,
    section text,
    expires_at bigint,
    max_uses integer,
    uses integer NOT NULL,
    created_by uuid,
    created_at bigint NOT NULL,
    revoked_at bigint,
    CONSTRAINT invite_role_check CHECK ((role = ANY (ARRAY['owner'::text, 'instructor'::text, 'tutor'::text, 'student'::text, 'auditor'::text])))
);

CREATE TABLE public.lease (
    name text NOT NULL,
    holder uuid NOT NULL,
    until bigint NOT NULL
);

CREATE TABLE public.mention (
    comment_id uuid NOT NULL,
    user_id uuid NOT NULL
);

CREATE TABLE public.message (
    id uuid NOT NULL,
    conversation_id uuid NOT NULL,
    parent_id uuid,
    "position" integer NOT NULL,
    source_id text,
    role text NOT NULL,
    model text,
    created_at bigint,
    hidden boolean NOT NULL,
    on_path boolean NOT NULL,
    confidential boolean NOT NULL,
    content text NOT NULL,
    parts json NOT NULL,
    added_at bigint NOT NULL,
    version integer NOT NULL,
    CONSTRAINT message_role_check CHECK ((role = ANY (ARRAY['user'::text, 'assistant'::text, 'system'::text, 'tool'::text, 'unknown'::text])))
);

CREATE TABLE public.presentation (
    id uuid NOT NULL,
    conversation_id uuid NOT NULL,
    presenter_id uuid NOT NULL,
    message_id uuid,
    blank boolean NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    ended_at bigint
);

CREATE TABLE public.reader (
    conversation_id uuid NOT NULL,
    user_id uuid NOT NULL,
    created_at bigint NOT NULL
);

CREATE TABLE public.rendering (
    message_id uuid NOT NULL,
    version integer NOT NULL,
    renderer integer NOT NULL,
    parts json NOT NULL
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

CREATE TABLE public.tag (
    id uuid NOT NULL,
    class_id uuid NOT NULL,
    owner_id uuid,
    name text NOT NULL,
    name_key text NOT NULL,
    colour text NOT NULL,
    definition text,
    example text,
    "grouping" text,
    "position" integer NOT NULL,
    created_by uuid,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    version integer NOT NULL
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

ALTER TABLE ONLY public.annotation
    ADD CONSTRAINT annotation_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.annotation_tag
    ADD CONSTRAINT annotation_tag_pkey PRIMARY KEY (annotation_id, tag_id);

ALTER TABLE ONLY public.api_token
    ADD CONSTRAINT api_token_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.class
    ADD CONSTRAINT class_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.comment
    ADD CONSTRAINT comment_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.conversation
    ADD CONSTRAINT conversation_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.conversation_source
    ADD CONSTRAINT conversation_source_pkey PRIMARY KEY (conversation_id);

ALTER TABLE ONLY public.enrolment
    ADD CONSTRAINT enrolment_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.event
    ADD CONSTRAINT event_pkey PRIMARY KEY (class_id, seq);

ALTER TABLE ONLY public.external_identity
    ADD CONSTRAINT external_identity_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.flag
    ADD CONSTRAINT flag_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.idempotency_key
    ADD CONSTRAINT idempotency_key_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.import
    ADD CONSTRAINT import_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.invite
    ADD CONSTRAINT invite_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.lease
    ADD CONSTRAINT lease_pkey PRIMARY KEY (name);

ALTER TABLE ONLY public.mention
    ADD CONSTRAINT mention_pkey PRIMARY KEY (comment_id, user_id);

ALTER TABLE ONLY public.message
    ADD CONSTRAINT message_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.presentation
    ADD CONSTRAINT presentation_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.reader
    ADD CONSTRAINT reader_pkey PRIMARY KEY (conversation_id, user_id);

ALTER TABLE ONLY public.rendering
    ADD CONSTRAINT rendering_pkey PRIMARY KEY (message_id);

ALTER TABLE ONLY public.reset_link
    ADD CONSTRAINT reset_link_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.seaql_migrations
    ADD CONSTRAINT seaql_migrations_pkey PRIMARY KEY (version);

ALTER TABLE ONLY public.session
    ADD CONSTRAINT session_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.sign_in_attempt
    ADD CONSTRAINT sign_in_attempt_pkey PRIMARY KEY (email_hash);

ALTER TABLE ONLY public.tag
    ADD CONSTRAINT tag_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public."user"
    ADD CONSTRAINT user_pkey PRIMARY KEY (id);

CREATE INDEX annotation_author_id_idx ON public.annotation USING btree (author_id);

CREATE INDEX annotation_conversation_id_id_idx ON public.annotation USING btree (conversation_id, id);

CREATE INDEX annotation_deleted_at_idx ON public.annotation USING btree (deleted_at);

CREATE INDEX annotation_hidden_by_idx ON public.annotation USING btree (hidden_by);

CREATE INDEX annotation_message_id_idx ON public.annotation USING btree (message_id);

CREATE INDEX annotation_tag_tag_id_idx ON public.annotation_tag USING btree (tag_id);

CREATE UNIQUE INDEX api_token_token_hash_key ON public.api_token USING btree (token_hash);

CREATE INDEX api_token_user_id_idx ON public.api_token USING btree (user_id);

CREATE INDEX class_owner_id_idx ON public.class USING btree (owner_id);

CREATE INDEX comment_annotation_id_id_idx ON public.comment USING btree (annotation_id, id);

CREATE INDEX comment_author_id_idx ON public.comment USING btree (author_id);

CREATE INDEX comment_hidden_by_idx ON public.comment USING btree (hidden_by);

CREATE INDEX comment_parent_id_idx ON public.comment USING btree (parent_id);

CREATE INDEX conversation_class_id_id_idx ON public.conversation USING btree (class_id, id);

CREATE INDEX conversation_created_by_idx ON public.conversation USING btree (created_by);

CREATE UNIQUE INDEX conversation_identity_key ON public.conversation USING btree (class_id, owner_id, platform, source_key);

CREATE INDEX conversation_import_id_idx ON public.conversation USING btree (import_id);

CREATE INDEX conversation_owner_id_idx ON public.conversation USING btree (owner_id);

CREATE UNIQUE INDEX enrolment_class_user_key ON public.enrolment USING btree (class_id, user_id);

CREATE INDEX enrolment_invite_id_idx ON public.enrolment USING btree (invite_id);

CREATE INDEX enrolment_user_id_idx ON public.enrolment USING btree (user_id);

CREATE INDEX event_created_at_idx ON public.event USING btree (created_at);

CREATE INDEX event_user_id_idx ON public.event USING btree (user_id);

CREATE UNIQUE INDEX external_identity_issuer_subject_key ON public.external_identity USING btree (issuer, subject);

CREATE INDEX external_identity_user_id_idx ON public.external_identity USING btree (user_id);

CREATE UNIQUE INDEX flag_annotation_key ON public.flag USING btree (annotation_id, user_id);

CREATE INDEX flag_class_id_id_idx ON public.flag USING btree (class_id, id);

CREATE UNIQUE INDEX flag_comment_key ON public.flag USING btree (comment_id, user_id);

CREATE INDEX flag_user_id_idx ON public.flag USING btree (user_id);

CREATE INDEX idempotency_key_created_at_idx ON public.idempotency_key USING btree (created_at);

CREATE UNIQUE INDEX idempotency_key_user_key_key ON public.idempotency_key USING btree (user_id, key);

CREATE INDEX import_class_id_id_idx ON public.import USING btree (class_id, id);

CREATE INDEX import_owner_id_idx ON public.import USING btree (owner_id);

CREATE INDEX invite_class_id_id_idx ON public.invite USING btree (class_id, id);

CREATE UNIQUE INDEX invite_code_key ON public.invite USING btree (code);

CREATE INDEX invite_created_by_idx ON public.invite USING btree (created_by);

CREATE INDEX mention_user_id_idx ON public.mention USING btree (user_id);

CREATE INDEX message_conversation_id_position_id_idx ON public.message USING btree (conversation_id, "position", id);

CREATE INDEX message_parent_id_idx ON public.message USING btree (parent_id);

CREATE INDEX presentation_conversation_id_id_idx ON public.presentation USING btree (conversation_id, id);

CREATE INDEX presentation_message_id_idx ON public.presentation USING btree (message_id);

CREATE INDEX presentation_presenter_id_idx ON public.presentation USING btree (presenter_id);

CREATE INDEX reader_user_id_idx ON public.reader USING btree (user_id);

CREATE UNIQUE INDEX reset_link_token_hash_key ON public.reset_link USING btree (token_hash);

CREATE INDEX reset_link_user_id_idx ON public.reset_link USING btree (user_id);

CREATE UNIQUE INDEX session_token_hash_key ON public.session USING btree (token_hash);

CREATE INDEX session_user_id_idx ON public.session USING btree (user_id);

CREATE INDEX sign_in_attempt_failed_at_idx ON public.sign_in_attempt USING btree (failed_at);

CREATE INDEX tag_created_by_idx ON public.tag USING btree (created_by);

CREATE UNIQUE INDEX tag_name_key ON public.tag USING btree (class_id, name_key);

CREATE INDEX tag_owner_id_idx ON public.tag USING btree (owner_id);

CREATE UNIQUE INDEX user_email_key ON public."user" USING btree (email);

ALTER TABLE ONLY public.annotation
    ADD CONSTRAINT annotation_author_id_fkey FOREIGN KEY (author_id) REFERENCES public."user"(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.annotation
    ADD CONSTRAINT annotation_conversation_id_fkey FOREIGN KEY (conversation_id) REFERENCES public.conversation(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.annotation
    ADD CONSTRAINT annotation_hidden_by_fkey FOREIGN KEY (hidden_by) REFERENCES public."user"(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.annotation
    ADD CONSTRAINT annotation_message_id_fkey FOREIGN KEY (message_id) REFERENCES public.message(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.annotation_tag
    ADD CONSTRAINT annotation_tag_annotation_id_fkey FOREIGN KEY (annotation_id) REFERENCES public.annotation(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.annotation_tag
    ADD CONSTRAINT annotation_tag_tag_id_fkey FOREIGN KEY (tag_id) REFERENCES public.tag(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.api_token
    ADD CONSTRAINT api_token_user_id_fkey FOREIGN KEY (user_id) REFERENCES public."user"(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.class
    ADD CONSTRAINT class_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES public."user"(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.comment
    ADD CONSTRAINT comment_annotation_id_fkey FOREIGN KEY (annotation_id) REFERENCES public.annotation(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.comment
    ADD CONSTRAINT comment_author_id_fkey FOREIGN KEY (author_id) REFERENCES public."user"(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.comment
    ADD CONSTRAINT comment_hidden_by_fkey FOREIGN KEY (hidden_by) REFERENCES public."user"(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.comment
    ADD CONSTRAINT comment_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES public.comment(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.conversation
    ADD CONSTRAINT conversation_class_id_fkey FOREIGN KEY (class_id) REFERENCES public.class(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.conversation
    ADD CONSTRAINT conversation_created_by_fkey FOREIGN KEY (created_by) REFERENCES public."user"(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.conversation
    ADD CONSTRAINT conversation_import_id_fkey FOREIGN KEY (import_id) REFERENCES public.import(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.conversation
    ADD CONSTRAINT conversation_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES public."user"(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.conversation_source
    ADD CONSTRAINT conversation_source_conversation_id_fkey FOREIGN KEY (conversation_id) REFERENCES public.conversation(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.enrolment
    ADD CONSTRAINT enrolment_class_id_fkey FOREIGN KEY (class_id) REFERENCES public.class(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.enrolment
    ADD CONSTRAINT enrolment_invite_id_fkey FOREIGN KEY (invite_id) REFERENCES public.invite(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.enrolment
    ADD CONSTRAINT enrolment_user_id_fkey FOREIGN KEY (user_id) REFERENCES public."user"(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.event
    ADD CONSTRAINT event_class_id_fkey FOREIGN KEY (class_id) REFERENCES public.class(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.event
    ADD CONSTRAINT event_user_id_fkey FOREIGN KEY (user_id) REFERENCES public."user"(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.external_identity
    ADD CONSTRAINT external_identity_user_id_fkey FOREIGN KEY (user_id) REFERENCES public."user"(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.flag
    ADD CONSTRAINT flag_annotation_id_fkey FOREIGN KEY (annotation_id) REFERENCES public.annotation(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.flag
    ADD CONSTRAINT flag_class_id_fkey FOREIGN KEY (class_id) REFERENCES public.class(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.flag
    ADD CONSTRAINT flag_comment_id_fkey FOREIGN KEY (comment_id) REFERENCES public.comment(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.flag
    ADD CONSTRAINT flag_user_id_fkey FOREIGN KEY (user_id) REFERENCES public."user"(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.idempotency_key
    ADD CONSTRAINT idempotency_key_user_id_fkey FOREIGN KEY (user_id) REFERENCES public."user"(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.import
    ADD CONSTRAINT import_class_id_fkey FOREIGN KEY (class_id) REFERENCES public.class(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.import
    ADD CONSTRAINT import_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES public."user"(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.invite
    ADD CONSTRAINT invite_class_id_fkey FOREIGN KEY (class_id) REFERENCES public.class(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.invite
    ADD CONSTRAINT invite_created_by_fkey FOREIGN KEY (created_by) REFERENCES public."user"(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.mention
    ADD CONSTRAINT mention_comment_id_fkey FOREIGN KEY (comment_id) REFERENCES public.comment(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.mention
    ADD CONSTRAINT mention_user_id_fkey FOREIGN KEY (user_id) REFERENCES public."user"(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.message
    ADD CONSTRAINT message_conversation_id_fkey FOREIGN KEY (conversation_id) REFERENCES public.conversation(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.message
    ADD CONSTRAINT message_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES public.message(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.presentation
    ADD CONSTRAINT presentation_conversation_id_fkey FOREIGN KEY (conversation_id) REFERENCES public.conversation(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.presentation
    ADD CONSTRAINT presentation_message_id_fkey FOREIGN KEY (message_id) REFERENCES public.message(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.presentation
    ADD CONSTRAINT presentation_presenter_id_fkey FOREIGN KEY (presenter_id) REFERENCES public."user"(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.reader
    ADD CONSTRAINT reader_conversation_id_fkey FOREIGN KEY (conversation_id) REFERENCES public.conversation(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.reader
    ADD CONSTRAINT reader_user_id_fkey FOREIGN KEY (user_id) REFERENCES public."user"(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.rendering
    ADD CONSTRAINT rendering_message_id_fkey FOREIGN KEY (message_id) REFERENCES public.message(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.reset_link
    ADD CONSTRAINT reset_link_user_id_fkey FOREIGN KEY (user_id) REFERENCES public."user"(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.session
    ADD CONSTRAINT session_user_id_fkey FOREIGN KEY (user_id) REFERENCES public."user"(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.tag
    ADD CONSTRAINT tag_class_id_fkey FOREIGN KEY (class_id) REFERENCES public.class(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.tag
    ADD CONSTRAINT tag_created_by_fkey FOREIGN KEY (created_by) REFERENCES public."user"(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.tag
    ADD CONSTRAINT tag_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES public."user"(id) ON DELETE CASCADE;

INSERT INTO seaql_migrations (version, applied_at) VALUES ('m20261120_000001_account', 1772442000);
INSERT INTO seaql_migrations (version, applied_at) VALUES ('m20261120_000002_class', 1772442000);
INSERT INTO seaql_migrations (version, applied_at) VALUES ('m20261120_000003_conversation', 1772442000);
INSERT INTO seaql_migrations (version, applied_at) VALUES ('m20261121_000004_lease', 1772442000);
INSERT INTO seaql_migrations (version, applied_at) VALUES ('m20261121_000005_rendering', 1772442000);
INSERT INTO seaql_migrations (version, applied_at) VALUES ('m20261125_000006_annotation', 1772442000);
INSERT INTO seaql_migrations (version, applied_at) VALUES ('m20261125_000007_import_state', 1772442000);
INSERT INTO seaql_migrations (version, applied_at) VALUES ('m20261125_000008_reader', 1772442000);
INSERT INTO "lease" ("name", "holder", "until") VALUES
    ('name 1', '019cad8ca0007fff8000000000000001', 1772442001000001);
INSERT INTO "lease" ("name", "holder", "until") VALUES
    ('name 2', '019cad8ca0007fff8000000000000002', 1772442002000002);
INSERT INTO "lease" ("name", "holder", "until") VALUES
    ('name 3', '019cad8ca0007fff8000000000000003', 1772442003000003);
INSERT INTO "sign_in_attempt" ("email_hash", "failures", "failed_at", "locked_until") VALUES
    ('\x0100ff', 1, 1772442001000001, 1772442001000001);
INSERT INTO "sign_in_attempt" ("email_hash", "failures", "failed_at", "locked_until") VALUES
    ('\x0200ff', 2, 1772442002000002, 1772442002000002);
INSERT INTO "sign_in_attempt" ("email_hash", "failures", "failed_at", "locked_until") VALUES
    ('\x0300ff', 3, 1772442003000003, 1772442003000003);
INSERT INTO "user" ("id", "email", "display_name", "password_hash", "status", "site_role", "created_at", "updated_at", "version") VALUES
    ('019cad8ca00070188000000000000001', 'person1@example.org', 'Ana Müller', 'password hash 1', 'active', 'admin', 1772442001000001, 1772442001000001, 1);
INSERT INTO "user" ("id", "email", "display_name", "password_hash", "status", "site_role", "created_at", "updated_at", "version") VALUES
    ('019cad8ca00070188000000000000002', 'person2@example.org', 'Ben O''Neill', NULL, 'disabled', 'member', 1772442002000002, 1772442002000002, 2);
INSERT INTO "user" ("id", "email", "display_name", "password_hash", "status", "site_role", "created_at", "updated_at", "version") VALUES
    ('019cad8ca00070188000000000000003', 'person3@example.org', '陈 Cem 🙂', 'password hash 3', 'active', 'teacher', 1772442003000003, 1772442003000003, 3);
INSERT INTO "api_token" ("id", "user_id", "name", "token_hash", "scope", "created_at", "last_used_at", "expires_at", "revoked_at") VALUES
    ('019cad8ca00070028000000000000001', '019cad8ca00070188000000000000001', 'name 1', '\x0100ff', 'read', 1772442001000001, 1772442001000001, 1772442001000001, 1772442001000001);
INSERT INTO "api_token" ("id", "user_id", "name", "token_hash", "scope", "created_at", "last_used_at", "expires_at", "revoked_at") VALUES
    ('019cad8ca00070028000000000000002', '019cad8ca00070188000000000000002', 'name 2', '\x0200ff', 'write', 1772442002000002, NULL, NULL, NULL);
INSERT INTO "api_token" ("id", "user_id", "name", "token_hash", "scope", "created_at", "last_used_at", "expires_at", "revoked_at") VALUES
    ('019cad8ca00070028000000000000003', '019cad8ca00070188000000000000003', 'name 3', '\x0300ff', 'read', 1772442003000003, 1772442003000003, 1772442003000003, 1772442003000003);
INSERT INTO "class" ("id", "owner_id", "name", "code", "description", "time_zone", "external_id", "secret", "status", "created_at", "updated_at", "deleted_at", "version", "naming", "staff_see_names", "blind", "blind_until", "blind_marks", "revealed_at", "codebook_locked") VALUES
    ('019cad8ca00070038000000000000001', '019cad8ca00070188000000000000001', 'name 1', 'code 1', 'description 1', 'Europe/Berlin', 'external id 1', '\x0100ff', 'active', 1772442001000001, 1772442001000001, 1772442001000001, 1, 'names', true, 'open', 1772442001000001, 1, 1772442001000001, true);
INSERT INTO "class" ("id", "owner_id", "name", "code", "description", "time_zone", "external_id", "secret", "status", "created_at", "updated_at", "deleted_at", "version", "naming", "staff_see_names", "blind", "blind_until", "blind_marks", "revealed_at", "codebook_locked") VALUES
    ('019cad8ca00070038000000000000002', '019cad8ca00070188000000000000002', 'name 2', NULL, NULL, NULL, NULL, '\x0200ff', 'archived', 1772442002000002, 1772442002000002, NULL, 2, 'pseudonyms', false, 'until_date', NULL, NULL, NULL, false);
INSERT INTO "class" ("id", "owner_id", "name", "code", "description", "time_zone", "external_id", "secret", "status", "created_at", "updated_at", "deleted_at", "version", "naming", "staff_see_names", "blind", "blind_until", "blind_marks", "revealed_at", "codebook_locked") VALUES
    ('019cad8ca00070038000000000000003', '019cad8ca00070188000000000000003', 'name 3', 'code 3', 'description 3', 'Europe/Berlin', 'external id 3', '\x0300ff', 'active', 1772442003000003, 1772442003000003, 1772442003000003, 3, 'names', true, 'until_marks', 1772442003000003, 3, 1772442003000003, true);
INSERT INTO "event" ("class_id", "seq", "kind", "object_id", "conversation_id", "audience", "user_id", "created_at") VALUES
    ('019cad8ca00070038000000000000001', 1772442001000001, 'kind 1', '019cad8ca0007fff8000000000000001', '019cad8ca0007fff8000000000000001', 'class', '019cad8ca00070188000000000000001', 1772442001000001);
INSERT INTO "event" ("class_id", "seq", "kind", "object_id", "conversation_id", "audience", "user_id", "created_at") VALUES
    ('019cad8ca00070038000000000000002', 1772442002000002, 'kind 2', '019cad8ca0007fff8000000000000002', NULL, 'private', NULL, 1772442002000002);
INSERT INTO "event" ("class_id", "seq", "kind", "object_id", "conversation_id", "audience", "user_id", "created_at") VALUES
    ('019cad8ca00070038000000000000003', 1772442003000003, 'kind 3', '019cad8ca0007fff8000000000000003', '019cad8ca0007fff8000000000000003', 'staff', '019cad8ca00070188000000000000003', 1772442003000003);
INSERT INTO "external_identity" ("id", "user_id", "issuer", "subject", "created_at") VALUES
    ('019cad8ca00070098000000000000001', '019cad8ca00070188000000000000001', 'issuer 1', 'subject 1', 1772442001000001);
INSERT INTO "external_identity" ("id", "user_id", "issuer", "subject", "created_at") VALUES
    ('019cad8ca00070098000000000000002', '019cad8ca00070188000000000000002', 'issuer 2', 'subject 2', 1772442002000002);
INSERT INTO "external_identity" ("id", "user_id", "issuer", "subject", "created_at") VALUES
    ('019cad8ca00070098000000000000003', '019cad8ca00070188000000000000003', 'issuer 3', 'subject 3', 1772442003000003);
INSERT INTO "idempotency_key" ("id", "user_id", "key", "fingerprint", "outcome", "created_at") VALUES
    ('019cad8ca000700b8000000000000001', '019cad8ca00070188000000000000001', 'key 1', '\x0100ff', '{"number":1}', 1772442001000001);
INSERT INTO "idempotency_key" ("id", "user_id", "key", "fingerprint", "outcome", "created_at") VALUES
    ('019cad8ca000700b8000000000000002', '019cad8ca00070188000000000000002', 'key 2', '\x0200ff', '{"number":2}', 1772442002000002);
INSERT INTO "idempotency_key" ("id", "user_id", "key", "fingerprint", "outcome", "created_at") VALUES
    ('019cad8ca000700b8000000000000003', '019cad8ca00070188000000000000003', 'key 3', '\x0300ff', '{"number":3}', 1772442003000003);
INSERT INTO "import" ("id", "class_id", "owner_id", "format", "bytes", "hash", "report", "created_at", "state", "place", "done", "total", "failure", "seen_at") VALUES
    ('019cad8ca000700c8000000000000001', '019cad8ca00070038000000000000001', '019cad8ca00070188000000000000001', 'chatgpt', 1772442001000001, '\x0100ff', '{"imported":[],"skipped":[],"failed":[]}', 1772442001000001, 'done', 1, 1, 1, 'failure 1', 1772442001000001);
INSERT INTO "import" ("id", "class_id", "owner_id", "format", "bytes", "hash", "report", "created_at", "state", "place", "done", "total", "failure", "seen_at") VALUES
    ('019cad8ca000700c8000000000000002', '019cad8ca00070038000000000000002', '019cad8ca00070188000000000000002', 'claude', 1772442002000002, '\x0200ff', '{"imported":[],"skipped":[],"failed":[]}', 1772442002000002, 'failed', NULL, 2, NULL, NULL, 1772442002000002);
INSERT INTO "import" ("id", "class_id", "owner_id", "format", "bytes", "hash", "report", "created_at", "state", "place", "done", "total", "failure", "seen_at") VALUES
    ('019cad8ca000700c8000000000000003', '019cad8ca00070038000000000000003', '019cad8ca00070188000000000000003', 'text', 1772442003000003, '\x0300ff', '{"imported":[],"skipped":[],"failed":[]}', 1772442003000003, 'queued', 3, 3, 3, 'failure 3', 1772442003000003);
INSERT INTO "conversation" ("id", "class_id", "owner_id", "created_by", "import_id", "title", "visibility", "platform", "source_id", "source_key", "model", "started_at", "source_updated_at", "leaf_id", "created_at", "updated_at", "deleted_at", "version") VALUES
    ('019cad8ca00070058000000000000001', '019cad8ca00070038000000000000001', '019cad8ca00070188000000000000001', '019cad8ca00070188000000000000001', '019cad8ca000700c8000000000000001', 'title 1', 'class', 'chatgpt', 'source id 1', 'source key 1', 'model 1', 1772442001000001, 1772442001000001, '019cad8ca0007fff8000000000000001', 1772442001000001, 1772442001000001, 1772442001000001, 1);
INSERT INTO "conversation" ("id", "class_id", "owner_id", "created_by", "import_id", "title", "visibility", "platform", "source_id", "source_key", "model", "started_at", "source_updated_at", "leaf_id", "created_at", "updated_at", "deleted_at", "version") VALUES
    ('019cad8ca00070058000000000000002', '019cad8ca00070038000000000000002', '019cad8ca00070188000000000000002', NULL, NULL, NULL, 'private', 'claude', NULL, NULL, NULL, NULL, NULL, NULL, 1772442002000002, 1772442002000002, NULL, 2);
INSERT INTO "conversation" ("id", "class_id", "owner_id", "created_by", "import_id", "title", "visibility", "platform", "source_id", "source_key", "model", "started_at", "source_updated_at", "leaf_id", "created_at", "updated_at", "deleted_at", "version") VALUES
    ('019cad8ca00070058000000000000003', '019cad8ca00070038000000000000003', '019cad8ca00070188000000000000003', '019cad8ca00070188000000000000003', '019cad8ca000700c8000000000000003', 'title 3', 'staff', 'manual', 'source id 3', 'source key 3', 'model 3', 1772442003000003, 1772442003000003, '019cad8ca0007fff8000000000000003', 1772442003000003, 1772442003000003, 1772442003000003, 3);
INSERT INTO "conversation_source" ("conversation_id", "hash", "body", "bytes", "media_type", "created_at") VALUES
    ('019cad8ca00070058000000000000001', '\x0100ff', '\x0100ff', 1772442001000001, 'application/json', 1772442001000001);
INSERT INTO "conversation_source" ("conversation_id", "hash", "body", "bytes", "media_type", "created_at") VALUES
    ('019cad8ca00070058000000000000002', '\x0200ff', '\x0200ff', 1772442002000002, 'application/json', 1772442002000002);
INSERT INTO "conversation_source" ("conversation_id", "hash", "body", "bytes", "media_type", "created_at") VALUES
    ('019cad8ca00070058000000000000003', '\x0300ff', '\x0300ff', 1772442003000003, 'application/json', 1772442003000003);
INSERT INTO "invite" ("id", "class_id", "code", "role", "section", "expires_at", "max_uses", "uses", "created_by", "created_at", "revoked_at") VALUES
    ('019cad8ca000700d8000000000000001', '019cad8ca00070038000000000000001', 'ABCDEFG1', 'auditor', 'section 1', 1772442001000001, 1, 1, '019cad8ca00070188000000000000001', 1772442001000001, 1772442001000001);
INSERT INTO "invite" ("id", "class_id", "code", "role", "section", "expires_at", "max_uses", "uses", "created_by", "created_at", "revoked_at") VALUES
    ('019cad8ca000700d8000000000000002', '019cad8ca00070038000000000000002', 'ABCDEFG2', 'instructor', NULL, NULL, NULL, 2, NULL, 1772442002000002, NULL);
INSERT INTO "invite" ("id", "class_id", "code", "role", "section", "expires_at", "max_uses", "uses", "created_by", "created_at", "revoked_at") VALUES
    ('019cad8ca000700d8000000000000003', '019cad8ca00070038000000000000003', 'ABCDEFG3', 'owner', 'section 3', 1772442003000003, 3, 3, '019cad8ca00070188000000000000003', 1772442003000003, 1772442003000003);
INSERT INTO "enrolment" ("id", "class_id", "user_id", "role", "state", "section", "external_id", "invite_id", "created_at", "updated_at", "ended_at", "version") VALUES
    ('019cad8ca00070078000000000000001', '019cad8ca00070038000000000000001', '019cad8ca00070188000000000000001', 'auditor', 'active', 'section 1', 'external id 1', '019cad8ca000700d8000000000000001', 1772442001000001, 1772442001000001, 1772442001000001, 1);
INSERT INTO "enrolment" ("id", "class_id", "user_id", "role", "state", "section", "external_id", "invite_id", "created_at", "updated_at", "ended_at", "version") VALUES
    ('019cad8ca00070078000000000000002', '019cad8ca00070038000000000000002', '019cad8ca00070188000000000000002', 'instructor', 'left', NULL, NULL, NULL, 1772442002000002, 1772442002000002, NULL, 2);
INSERT INTO "enrolment" ("id", "class_id", "user_id", "role", "state", "section", "external_id", "invite_id", "created_at", "updated_at", "ended_at", "version") VALUES
    ('019cad8ca00070078000000000000003', '019cad8ca00070038000000000000003', '019cad8ca00070188000000000000003', 'owner', 'removed', 'section 3', 'external id 3', '019cad8ca000700d8000000000000003', 1772442003000003, 1772442003000003, 1772442003000003, 3);
INSERT INTO "message" ("id", "conversation_id", "parent_id", "position", "source_id", "role", "model", "created_at", "hidden", "on_path", "confidential", "content", "parts", "added_at", "version") VALUES
    ('019cad8ca00070108000000000000001', '019cad8ca00070058000000000000001', NULL, 1, 'source id 1', 'assistant', 'model 1', 1772442001000001, true, true, true, 'What is a heap?
It''s a pile; "1".', '[{"kind":"text","text":"What is a heap?\nIt''s a pile; \"1\"."}]', 1772442001000001, 1);
INSERT INTO "message" ("id", "conversation_id", "parent_id", "position", "source_id", "role", "model", "created_at", "hidden", "on_path", "confidential", "content", "parts", "added_at", "version") VALUES
    ('019cad8ca00070108000000000000002', '019cad8ca00070058000000000000002', NULL, 2, NULL, 'system', NULL, NULL, false, false, false, 'What is a heap?
It''s a pile; "2".', '[{"kind":"text","text":"What is a heap?\nIt''s a pile; \"2\"."}]', 1772442002000002, 2);
INSERT INTO "message" ("id", "conversation_id", "parent_id", "position", "source_id", "role", "model", "created_at", "hidden", "on_path", "confidential", "content", "parts", "added_at", "version") VALUES
    ('019cad8ca00070108000000000000003', '019cad8ca00070058000000000000003', '019cad8ca00070108000000000000001', 3, 'source id 3', 'tool', 'model 3', 1772442003000003, true, true, true, 'What is a heap?
It''s a pile; "3".', '[{"kind":"text","text":"What is a heap?\nIt''s a pile; \"3\"."}]', 1772442003000003, 3);
INSERT INTO "annotation" ("id", "conversation_id", "message_id", "author_id", "target", "message_version", "part", "start", "stop", "quote", "prefix", "suffix", "note", "audience", "resolved_at", "hidden_at", "hidden_by", "created_at", "updated_at", "deleted_at", "version") VALUES
    ('019cad8ca00070008000000000000001', '019cad8ca00070058000000000000001', '019cad8ca00070108000000000000001', '019cad8ca00070188000000000000001', 'conversation', 1, 1, 1, 1, 'quote 1', 'prefix 1', 'suffix 1', 'note 1', 'class', 1772442001000001, 1772442001000001, '019cad8ca00070188000000000000001', 1772442001000001, 1772442001000001, 1772442001000001, 1);
INSERT INTO "annotation" ("id", "conversation_id", "message_id", "author_id", "target", "message_version", "part", "start", "stop", "quote", "prefix", "suffix", "note", "audience", "resolved_at", "hidden_at", "hidden_by", "created_at", "updated_at", "deleted_at", "version") VALUES
    ('019cad8ca00070008000000000000002', '019cad8ca00070058000000000000002', NULL, NULL, 'message', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'private', NULL, NULL, NULL, 1772442002000002, 1772442002000002, NULL, 2);
INSERT INTO "annotation" ("id", "conversation_id", "message_id", "author_id", "target", "message_version", "part", "start", "stop", "quote", "prefix", "suffix", "note", "audience", "resolved_at", "hidden_at", "hidden_by", "created_at", "updated_at", "deleted_at", "version") VALUES
    ('019cad8ca00070008000000000000003', '019cad8ca00070058000000000000003', '019cad8ca00070108000000000000003', '019cad8ca00070188000000000000003', 'span', 3, 3, 3, 3, 'quote 3', 'prefix 3', 'suffix 3', 'note 3', 'staff', 1772442003000003, 1772442003000003, '019cad8ca00070188000000000000003', 1772442003000003, 1772442003000003, 1772442003000003, 3);
INSERT INTO "comment" ("id", "annotation_id", "parent_id", "author_id", "body", "edited_at", "hidden_at", "hidden_by", "created_at", "deleted_at", "version") VALUES
    ('019cad8ca00070048000000000000001', '019cad8ca00070008000000000000001', NULL, '019cad8ca00070188000000000000001', 'body 1', 1772442001000001, 1772442001000001, '019cad8ca00070188000000000000001', 1772442001000001, 1772442001000001, 1);
INSERT INTO "comment" ("id", "annotation_id", "parent_id", "author_id", "body", "edited_at", "hidden_at", "hidden_by", "created_at", "deleted_at", "version") VALUES
    ('019cad8ca00070048000000000000002', '019cad8ca00070008000000000000002', NULL, NULL, 'body 2', NULL, NULL, NULL, 1772442002000002, NULL, 2);
INSERT INTO "comment" ("id", "annotation_id", "parent_id", "author_id", "body", "edited_at", "hidden_at", "hidden_by", "created_at", "deleted_at", "version") VALUES
    ('019cad8ca00070048000000000000003', '019cad8ca00070008000000000000003', '019cad8ca00070048000000000000001', '019cad8ca00070188000000000000003', 'body 3', 1772442003000003, 1772442003000003, '019cad8ca00070188000000000000003', 1772442003000003, 1772442003000003, 3);
INSERT INTO "flag" ("id", "class_id", "annotation_id", "comment_id", "user_id", "reason", "created_at") VALUES
    ('019cad8ca000700a8000000000000001', '019cad8ca00070038000000000000001', '019cad8ca00070008000000000000001', '019cad8ca00070048000000000000001', '019cad8ca00070188000000000000001', 'reason 1', 1772442001000001);
INSERT INTO "flag" ("id", "class_id", "annotation_id", "comment_id", "user_id", "reason", "created_at") VALUES
    ('019cad8ca000700a8000000000000002', '019cad8ca00070038000000000000002', NULL, NULL, '019cad8ca00070188000000000000002', NULL, 1772442002000002);
INSERT INTO "flag" ("id", "class_id", "annotation_id", "comment_id", "user_id", "reason", "created_at") VALUES
    ('019cad8ca000700a8000000000000003', '019cad8ca00070038000000000000003', '019cad8ca00070008000000000000003', '019cad8ca00070048000000000000003', '019cad8ca00070188000000000000003', 'reason 3', 1772442003000003);
INSERT INTO "mention" ("comment_id", "user_id") VALUES
    ('019cad8ca00070048000000000000001', '019cad8ca00070188000000000000001');
INSERT INTO "mention" ("comment_id", "user_id") VALUES
    ('019cad8ca00070048000000000000002', '019cad8ca00070188000000000000002');
INSERT INTO "mention" ("comment_id", "user_id") VALUES
    ('019cad8ca00070048000000000000003', '019cad8ca00070188000000000000003');
INSERT INTO "presentation" ("id", "conversation_id", "presenter_id", "message_id", "blank", "created_at", "updated_at", "ended_at") VALUES
    ('019cad8ca00070118000000000000001', '019cad8ca00070058000000000000001', '019cad8ca00070188000000000000001', '019cad8ca00070108000000000000001', true, 1772442001000001, 1772442001000001, 1772442001000001);
INSERT INTO "presentation" ("id", "conversation_id", "presenter_id", "message_id", "blank", "created_at", "updated_at", "ended_at") VALUES
    ('019cad8ca00070118000000000000002', '019cad8ca00070058000000000000002', '019cad8ca00070188000000000000002', NULL, false, 1772442002000002, 1772442002000002, NULL);
INSERT INTO "presentation" ("id", "conversation_id", "presenter_id", "message_id", "blank", "created_at", "updated_at", "ended_at") VALUES
    ('019cad8ca00070118000000000000003', '019cad8ca00070058000000000000003', '019cad8ca00070188000000000000003', '019cad8ca00070108000000000000003', true, 1772442003000003, 1772442003000003, 1772442003000003);
INSERT INTO "reader" ("conversation_id", "user_id", "created_at") VALUES
    ('019cad8ca00070058000000000000001', '019cad8ca00070188000000000000001', 1772442001000001);
INSERT INTO "reader" ("conversation_id", "user_id", "created_at") VALUES
    ('019cad8ca00070058000000000000002', '019cad8ca00070188000000000000002', 1772442002000002);
INSERT INTO "reader" ("conversation_id", "user_id", "created_at") VALUES
    ('019cad8ca00070058000000000000003', '019cad8ca00070188000000000000003', 1772442003000003);
INSERT INTO "rendering" ("message_id", "version", "renderer", "parts") VALUES
    ('019cad8ca00070108000000000000001', 1, 1, '{"number":1}');
INSERT INTO "rendering" ("message_id", "version", "renderer", "parts") VALUES
    ('019cad8ca00070108000000000000002', 2, 2, '{"number":2}');
INSERT INTO "rendering" ("message_id", "version", "renderer", "parts") VALUES
    ('019cad8ca00070108000000000000003', 3, 3, '{"number":3}');
INSERT INTO "reset_link" ("id", "user_id", "token_hash", "created_at", "expires_at", "used_at") VALUES
    ('019cad8ca00070148000000000000001', '019cad8ca00070188000000000000001', '\x0100ff', 1772442001000001, 1772442001000001, 1772442001000001);
INSERT INTO "reset_link" ("id", "user_id", "token_hash", "created_at", "expires_at", "used_at") VALUES
    ('019cad8ca00070148000000000000002', '019cad8ca00070188000000000000002', '\x0200ff', 1772442002000002, 1772442002000002, NULL);
INSERT INTO "reset_link" ("id", "user_id", "token_hash", "created_at", "expires_at", "used_at") VALUES
    ('019cad8ca00070148000000000000003', '019cad8ca00070188000000000000003', '\x0300ff', 1772442003000003, 1772442003000003, 1772442003000003);
INSERT INTO "session" ("id", "user_id", "token_hash", "user_agent", "created_at", "last_seen_at", "expires_at") VALUES
    ('019cad8ca00070158000000000000001', '019cad8ca00070188000000000000001', '\x0100ff', 'user agent 1', 1772442001000001, 1772442001000001, 1772442001000001);
INSERT INTO "session" ("id", "user_id", "token_hash", "user_agent", "created_at", "last_seen_at", "expires_at") VALUES
    ('019cad8ca00070158000000000000002', '019cad8ca00070188000000000000002', '\x0200ff', NULL, 1772442002000002, 1772442002000002, 1772442002000002);
INSERT INTO "session" ("id", "user_id", "token_hash", "user_agent", "created_at", "last_seen_at", "expires_at") VALUES
    ('019cad8ca00070158000000000000003', '019cad8ca00070188000000000000003', '\x0300ff', 'user agent 3', 1772442003000003, 1772442003000003, 1772442003000003);
INSERT INTO "tag" ("id", "class_id", "owner_id", "name", "name_key", "colour", "definition", "example", "grouping", "position", "created_by", "created_at", "updated_at", "version") VALUES
    ('019cad8ca00070178000000000000001', '019cad8ca00070038000000000000001', '019cad8ca00070188000000000000001', 'name 1', 'name key 1', 'colour 1', 'definition 1', 'example 1', 'grouping 1', 1, '019cad8ca00070188000000000000001', 1772442001000001, 1772442001000001, 1);
INSERT INTO "tag" ("id", "class_id", "owner_id", "name", "name_key", "colour", "definition", "example", "grouping", "position", "created_by", "created_at", "updated_at", "version") VALUES
    ('019cad8ca00070178000000000000002', '019cad8ca00070038000000000000002', NULL, 'name 2', 'name key 2', 'colour 2', NULL, NULL, NULL, 2, NULL, 1772442002000002, 1772442002000002, 2);
INSERT INTO "tag" ("id", "class_id", "owner_id", "name", "name_key", "colour", "definition", "example", "grouping", "position", "created_by", "created_at", "updated_at", "version") VALUES
    ('019cad8ca00070178000000000000003', '019cad8ca00070038000000000000003', '019cad8ca00070188000000000000003', 'name 3', 'name key 3', 'colour 3', 'definition 3', 'example 3', 'grouping 3', 3, '019cad8ca00070188000000000000003', 1772442003000003, 1772442003000003, 3);
INSERT INTO "annotation_tag" ("annotation_id", "tag_id") VALUES
    ('019cad8ca00070008000000000000001', '019cad8ca00070178000000000000001');
INSERT INTO "annotation_tag" ("annotation_id", "tag_id") VALUES
    ('019cad8ca00070008000000000000002', '019cad8ca00070178000000000000002');
INSERT INTO "annotation_tag" ("annotation_id", "tag_id") VALUES
    ('019cad8ca00070008000000000000003', '019cad8ca00070178000000000000003');
