/** In the header of the file (`PRAGMA application_id`): "FpLg". */
export const applicationId = 0x46704c67
/** The version of the format (`PRAGMA user_version`). A later one is rejected. */
export const formatVersion = 1

/**
 * `log` has one row. `topics` contains only topics with events, so that a topic without events costs nothing.
 *
 * A row of `events` is self-contained: it has the names of its topic and a checksum, so that it can be read and verified even if nothing else in the file can be. The body
 * is the last column, so that the others are on the first page of the row.
 *
 * The text is exactly that which SQLite stores: a file with other text is damaged.
 */
export const schema: readonly string[] = [
  `CREATE TABLE log (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    id BLOB NOT NULL,
    last INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    forgotten INTEGER NOT NULL,
    durability TEXT NOT NULL,
    is_open INTEGER NOT NULL,
    boot TEXT NOT NULL
  ) STRICT`,
  `CREATE TABLE topics (
    id INTEGER PRIMARY KEY,
    event TEXT NOT NULL,
    topic TEXT NOT NULL,
    events INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    forgotten INTEGER NOT NULL,
    UNIQUE (event, topic)
  ) STRICT`,
  `CREATE TABLE events (
    number INTEGER PRIMARY KEY,
    topic INTEGER NOT NULL,
    cost INTEGER NOT NULL,
    at INTEGER NOT NULL,
    encoding INTEGER NOT NULL,
    event_name TEXT NOT NULL,
    topic_text TEXT NOT NULL,
    id TEXT,
    checksum INTEGER NOT NULL,
    body BLOB NOT NULL
  ) STRICT`,
  'CREATE INDEX events_of_topic ON events (topic)',
  'CREATE UNIQUE INDEX events_by_id ON events (topic, id) WHERE id IS NOT NULL',
]
