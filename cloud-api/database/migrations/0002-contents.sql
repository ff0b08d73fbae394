-- What the public API keeps: contents and their assets, analyses and their events, presentations, idempotency keys.
-- Keys hold the household too, so that nothing of one household can refer to, or collide with, another's.

create table content (
  household_id uuid not null references household,
  id uuid not null,
  title text,
  state text not null check (state in ('pending', 'ready', 'failed')),
  uploads_until timestamptz(3), -- a pending content past this has failed: upload_expired
  failure json,
  search text not null, -- lower-case title, texts, urls and filenames, a line each
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  primary key (household_id, id)
);
create index content_page on content (household_id, created_at desc, id desc);

create table asset (
  household_id uuid not null,
  content_id uuid not null,
  asset_index integer not null,
  type text not null check (type in ('text', 'link', 'image', 'file')),
  text text,
  url text,
  filename text,
  content_type text,
  size_bytes integer,
  upload_state text not null check (upload_state in ('pending', 'uploaded', 'failed')),
  sha256 text,
  problem text, -- why the bytes, though they came whole, cannot be laid out
  primary key (household_id, content_id, asset_index),
  foreign key (household_id, content_id) references content
);

create table idempotency (
  household_id uuid not null references household,
  principal_id uuid not null,
  route text not null,
  key text not null,
  body_sha256 text not null,
  result_id uuid not null,
  created_at timestamptz(3) not null,
  primary key (household_id, principal_id, route, key)
);

create table analysis (
  household_id uuid not null references household,
  id uuid not null,
  mode text not null check (mode in ('ai', 'direct')),
  state text not null check (state in ('queued', 'running', 'completed', 'failed')),
  outcome text,
  intent text,
  title text,
  target json,
  failure json,
  next_seq integer not null default 1,
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  primary key (household_id, id)
);
create index analysis_page on analysis (household_id, created_at desc, id desc);

create table analysis_content (
  household_id uuid not null,
  analysis_id uuid not null,
  place integer not null,
  content_id uuid not null,
  primary key (household_id, analysis_id, place),
  foreign key (household_id, analysis_id) references analysis,
  foreign key (household_id, content_id) references content
);
create index analysis_content_content on analysis_content (household_id, content_id);

create table analysis_event (
  household_id uuid not null,
  analysis_id uuid not null,
  seq integer not null,
  at timestamptz(3) not null,
  attempt integer not null,
  source text not null,
  type text not null,
  level text not null,
  summary text not null,
  data json,
  primary key (household_id, analysis_id, seq),
  foreign key (household_id, analysis_id) references analysis
);

create table presentation (
  household_id uuid not null references household,
  id uuid not null,
  display_id uuid not null references display,
  analysis_id uuid,
  mode text not null check (mode in ('ai', 'direct')),
  state text not null check (state in ('preparing', 'ready', 'queued', 'published', 'confirmed', 'expired', 'failed')),
  title text,
  page json, -- null for what a person asked for at the hub
  width integer not null,
  height integer not null,
  inks text[] not null,
  origin text not null check (origin in ('cloud', 'local')),
  command_id uuid,
  failure json,
  frame_sha256 text, -- as the hub proved it on the glass
  preview_sha256 text, -- as the cloud rendered it
  asked_at timestamptz(3),
  received_at timestamptz(3),
  rendered_at timestamptz(3),
  painted_at timestamptz(3),
  confirmed_at timestamptz(3),
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  primary key (household_id, id),
  foreign key (household_id, analysis_id) references analysis
);
create index presentation_page on presentation (household_id, created_at desc, id desc);
create index presentation_display on presentation (household_id, display_id, created_at desc, id desc);
create index presentation_analysis on presentation (household_id, analysis_id);

create table presentation_picture (
  household_id uuid not null,
  presentation_id uuid not null,
  sha256 text not null,
  primary key (household_id, presentation_id, sha256),
  foreign key (household_id, presentation_id) references presentation
);
create index presentation_picture_sha256 on presentation_picture (sha256);

alter table content enable row level security;
alter table content force row level security;
create policy content_own on content to app_user
  using (household_id = current_household()) with check (household_id = current_household());

alter table asset enable row level security;
alter table asset force row level security;
create policy asset_own on asset to app_user
  using (household_id = current_household()) with check (household_id = current_household());

alter table idempotency enable row level security;
alter table idempotency force row level security;
create policy idempotency_own on idempotency to app_user
  using (household_id = current_household()) with check (household_id = current_household());

alter table analysis enable row level security;
alter table analysis force row level security;
create policy analysis_system on analysis to app_system using (true) with check (true);
create policy analysis_own on analysis to app_user
  using (household_id = current_household()) with check (household_id = current_household());

alter table analysis_content enable row level security;
alter table analysis_content force row level security;
create policy analysis_content_own on analysis_content to app_user
  using (household_id = current_household()) with check (household_id = current_household());

alter table analysis_event enable row level security;
alter table analysis_event force row level security;
create policy analysis_event_system on analysis_event to app_system using (true) with check (true);
create policy analysis_event_own on analysis_event to app_user
  using (household_id = current_household()) with check (household_id = current_household());

alter table presentation enable row level security;
alter table presentation force row level security;
create policy presentation_system on presentation to app_system using (true) with check (true);
create policy presentation_own on presentation to app_user
  using (household_id = current_household()) with check (household_id = current_household());

alter table presentation_picture enable row level security;
alter table presentation_picture force row level security;
create policy presentation_picture_system on presentation_picture to app_system using (true) with check (true);
create policy presentation_picture_own on presentation_picture to app_user
  using (household_id = current_household()) with check (household_id = current_household());

grant select, insert on content, asset, idempotency, analysis, analysis_content, analysis_event, presentation,
  presentation_picture to app_user;
grant update (state, uploads_until, failure, updated_at) on content to app_user;
grant update (upload_state, sha256, problem) on asset to app_user;
grant update (body_sha256, result_id, created_at) on idempotency to app_user;
grant update (state, outcome, failure, next_seq, updated_at) on analysis to app_user;
grant update (state, command_id, failure, preview_sha256, asked_at, updated_at) on presentation to app_user;

grant select on analysis, analysis_event, presentation, presentation_picture to app_system;
grant insert on analysis_event, presentation to app_system;
grant update (next_seq) on analysis to app_system;
grant update on presentation to app_system;
