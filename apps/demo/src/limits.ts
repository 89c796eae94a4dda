/** Every limit of the chat, with its reason. Both sides read them; only the server enforces them. */
export const limits = {
  /** Fits a column of a terminal beside the text. Counted in characters (code points), not bytes. */
  nameCharactersMax: 24,
  /** Fits a prompt. */
  roomCharactersMax: 32,
  /** Twelve rows of an 80-column terminal: more is a document, not a line. At most 4 KB as UTF-8. */
  lineCharactersMax: 1_000,
  /** Combining marks after one letter. Living scripts need up to three; towers of them paint over other rows. */
  marksInARowMax: 4,
  /** Two screens: a newcomer can read them before the conversation goes on. */
  historyLinesMax: 50,
  /** A line is sent once per member: at 100 a fast speaker (see below) costs the server 2,000 events a second. */
  roomMembersMax: 100,
  /** Full histories of the longest lines take 40 MB at most. A new room replaces the empty one unused longest. */
  roomsMax: 200,
  /** Ten full rooms. Under the usual 1,024 descriptors of a process. */
  connectionsMax: 900,
  /** A pasted page goes through at once: refused pastes are the most frequent complaint about such chats. */
  floodBurst: 100,
  /** After the burst: faster than anybody reads. Terminals slow themselves down to it. */
  floodPerSecond: 20,
  /** A member sends at most one notice of typing in this time. */
  typingIntervalMs: 2_000,
  /** A notice of typing is valid for this long, so that two lost ones do not make it flicker. */
  typingShownMs: 5_000,
  /** After a lost connection the name is reserved for this long. */
  nameHeldMs: 10_000,
  /** Silence after which a side pings its peer. */
  heartbeatIntervalMs: 4_000,
  /** Silence after the ping: a pulled cable is noticed in 12 s, and frees its name in less than half a minute. */
  heartbeatTimeoutMs: 8_000,
  /** Bytes of events a terminal may leave unread before others are left out: one page of history, twenty times over. */
  unreadBytesMax: 4 * 1024 * 1024,
  /** How long a call of a terminal may take before the server counts as stuck. */
  callDeadlineMs: 10_000,
  /** How long a terminal tries to connect. */
  connectTimeoutMs: 5_000,
  /** How long a server may take to complete the handshake: a server of another kind often waits in silence. */
  helloTimeoutMs: 5_000,
  /** How long calls in progress may take to end when the server stops. */
  closeGraceMs: 2_000,
  /** How long `/expect` waits. */
  expectTimeoutMs: 10_000,
  /** The longest `/wait`: a script that sleeps longer was given seconds for milliseconds. */
  waitMsMax: 600_000,
  /** A script is read whole; 1 MiB is ten thousand lines. */
  scriptBytesMax: 1024 * 1024,
  /**
   * Units of JavaScript in the line being typed: four times the longest line that is sent, so that a person who pasted too
   * much can still shorten it.
   */
  typedUnitsMax: 4_000,
  /** Lines that the arrow keys bring back: as many as shells of old kept. */
  typedLinesKept: 200,
  /** Rows that a screen draws again after its size has changed: more than the tallest terminal shows. */
  screenRowsKept: 400,
  /** A window that is being dragged changes many times a second: the screen waits for this long a pause. */
  resizePauseMs: 40,
  /** Lines of a transcript that `/expect` may still look at. */
  transcriptLinesMax: 10_000,
} as const
