CREATE TABLE schema_version (
    version INTEGER NOT NULL
);
CREATE TABLE accounts (
    id INTEGER NOT NULL,
    platform TEXT NOT NULL,
    account TEXT NOT NULL,
    login TEXT NOT NULL,
    head BIGINT NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (platform, account)
);
CREATE TABLE inventory (
    id INTEGER NOT NULL,
    place TEXT NOT NULL,
    session TEXT NOT NULL,
    unique_id TEXT NOT NULL,
    native_pair_id TEXT NOT NULL,
    part TEXT NOT NULL,
    ready BOOLEAN NOT NULL,
    source_sha256 TEXT NOT NULL,
    source TEXT NOT NULL,
    archived TEXT NOT NULL,
    path TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    size BIGINT NOT NULL,
    facts TEXT NOT NULL,
    notes TEXT NOT NULL,
    extra TEXT NOT NULL,
    revision BIGINT NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (unique_id)
);
CREATE INDEX inventory_by_source ON inventory (place, source_sha256);
CREATE INDEX inventory_by_pair ON inventory (native_pair_id);
CREATE INDEX inventory_unready ON inventory (place, ready);
CREATE TABLE files (
    host TEXT NOT NULL,
    path TEXT NOT NULL,
    size BIGINT NOT NULL,
    mtime_ns BIGINT NOT NULL,
    inode TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    PRIMARY KEY (host, path)
);
CREATE TABLE looks (
    id INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    moment INTEGER NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (sha256, moment)
);
CREATE TABLE look_bands (
    band INTEGER NOT NULL,
    look_id BIGINT NOT NULL,
    sketch BIGINT NOT NULL,
    PRIMARY KEY (band, look_id)
)
 WITHOUT ROWID;
CREATE TABLE look_searches (
    sha256 TEXT NOT NULL,
    most INTEGER NOT NULL,
    moments INTEGER NOT NULL,
    found TEXT NOT NULL,
    PRIMARY KEY (sha256)
);
CREATE TABLE mirrors (
    host TEXT NOT NULL,
    path TEXT NOT NULL,
    state TEXT NOT NULL,
    PRIMARY KEY (host, path)
);
CREATE TABLE library (
    id INTEGER NOT NULL,
    account_id INTEGER NOT NULL,
    ad_format TEXT NOT NULL,
    creative_id TEXT NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    size BIGINT,
    upload_date TEXT NOT NULL,
    dimensions TEXT NOT NULL,
    file_type TEXT NOT NULL,
    review_status TEXT NOT NULL,
    origin TEXT NOT NULL,
    forgotten BOOLEAN NOT NULL,
    extra TEXT NOT NULL,
    position BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (account_id, creative_id, ad_format),
    FOREIGN KEY(account_id) REFERENCES accounts (id)
);
CREATE INDEX library_by_revision ON library (account_id, revision);
CREATE INDEX library_by_content ON library (account_id, sha256);
CREATE INDEX library_by_position ON library (account_id, position);
CREATE INDEX library_by_name ON library (account_id, ad_format, name_key);
CREATE TABLE runs (
    run TEXT NOT NULL,
    account_id INTEGER NOT NULL,
    login TEXT NOT NULL,
    campaign TEXT NOT NULL,
    total INTEGER NOT NULL,
    started_at VARCHAR NOT NULL,
    finished_at VARCHAR,
    error TEXT NOT NULL,
    PRIMARY KEY (run),
    FOREIGN KEY(account_id) REFERENCES accounts (id)
);
CREATE INDEX runs_by_account ON runs (account_id, started_at);
CREATE TABLE ad_jobs (
    id INTEGER NOT NULL,
    account_id INTEGER NOT NULL,
    place TEXT NOT NULL,
    kind TEXT NOT NULL,
    slot TEXT NOT NULL,
    session_id TEXT NOT NULL,
    started_at VARCHAR NOT NULL,
    updated_at VARCHAR NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (account_id, place, kind, slot),
    FOREIGN KEY(account_id) REFERENCES accounts (id)
);
CREATE TABLE ad_runs (
    run TEXT NOT NULL,
    account_id INTEGER NOT NULL,
    login TEXT NOT NULL,
    slot TEXT NOT NULL,
    total INTEGER NOT NULL,
    started_at VARCHAR NOT NULL,
    finished_at VARCHAR,
    error TEXT NOT NULL,
    PRIMARY KEY (run),
    FOREIGN KEY(account_id) REFERENCES accounts (id)
);
CREATE INDEX ad_runs_by_account ON ad_runs (account_id, started_at);
CREATE TABLE batches (
    id INTEGER NOT NULL,
    run TEXT NOT NULL,
    number INTEGER NOT NULL,
    ad_format TEXT NOT NULL,
    campaign TEXT NOT NULL,
    snapshot TEXT NOT NULL,
    intended_at VARCHAR NOT NULL,
    sending_began_at VARCHAR,
    closed_at VARCHAR,
    PRIMARY KEY (id),
    FOREIGN KEY(run) REFERENCES runs (run)
);
CREATE INDEX batches_by_run ON batches (run);
CREATE TABLE ad_campaigns (
    id INTEGER NOT NULL,
    job_id INTEGER NOT NULL,
    campaign_id TEXT NOT NULL,
    status TEXT NOT NULL,
    ads_created INTEGER NOT NULL,
    at VARCHAR,
    name TEXT NOT NULL,
    csv_file TEXT NOT NULL,
    error TEXT NOT NULL,
    invalid INTEGER NOT NULL,
    digest TEXT NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (job_id, campaign_id),
    FOREIGN KEY(job_id) REFERENCES ad_jobs (id)
);
CREATE TABLE ad_outcomes (
    id INTEGER NOT NULL,
    run TEXT NOT NULL,
    campaign_id TEXT NOT NULL,
    name TEXT NOT NULL,
    csv_file TEXT NOT NULL,
    status TEXT NOT NULL,
    ads_created INTEGER NOT NULL,
    invalid TEXT NOT NULL,
    error TEXT NOT NULL,
    note TEXT NOT NULL,
    evidence TEXT NOT NULL,
    at VARCHAR NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (run, campaign_id),
    FOREIGN KEY(run) REFERENCES ad_runs (run)
);
CREATE TABLE ad_intents (
    id INTEGER NOT NULL,
    account_id INTEGER NOT NULL,
    job_id INTEGER NOT NULL,
    run TEXT NOT NULL,
    campaign_id TEXT NOT NULL,
    ads TEXT NOT NULL,
    total INTEGER NOT NULL,
    state TEXT NOT NULL,
    created TEXT NOT NULL,
    intended_at VARCHAR NOT NULL,
    sending_began_at VARCHAR,
    known_at VARCHAR,
    PRIMARY KEY (id),
    FOREIGN KEY(account_id) REFERENCES accounts (id),
    FOREIGN KEY(job_id) REFERENCES ad_jobs (id),
    FOREIGN KEY(run) REFERENCES ad_runs (run)
);
CREATE INDEX ad_intents_by_state ON ad_intents (account_id, state);
CREATE TABLE uploads (
    id INTEGER NOT NULL,
    account_id INTEGER NOT NULL,
    run TEXT NOT NULL,
    batch_id INTEGER,
    batch_number INTEGER,
    path TEXT NOT NULL,
    ad_format TEXT NOT NULL,
    name_key TEXT NOT NULL,
    size BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    unique_id TEXT NOT NULL,
    native_pair_id TEXT NOT NULL,
    status TEXT NOT NULL,
    creative_id TEXT NOT NULL,
    error TEXT NOT NULL,
    evidence TEXT NOT NULL,
    retries INTEGER NOT NULL,
    note TEXT NOT NULL,
    at VARCHAR,
    fate_open BOOLEAN NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (run, path),
    FOREIGN KEY(account_id) REFERENCES accounts (id),
    FOREIGN KEY(run) REFERENCES runs (run),
    FOREIGN KEY(batch_id) REFERENCES batches (id)
);
CREATE INDEX uploads_by_unique_id ON uploads (unique_id);
CREATE INDEX uploads_by_fate ON uploads (account_id, fate_open);
CREATE INDEX uploads_by_name ON uploads (account_id, ad_format, name_key);
CREATE INDEX uploads_by_batch ON uploads (batch_id);
