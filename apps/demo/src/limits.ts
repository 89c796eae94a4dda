/** Every limit of the chat, with its reason. Both sides read them; only the server enforces them. */
export const limits = {
  /** Fits a column of a terminal beside the text. Counted in characters (code points), not bytes. */
  nameCharactersMax: 24,
  /** Fits a prompt. */
  roomCharactersMax: 32,
  /** Twelve rows of an 80-column terminal: longer text is a document, not a line. At most 4 KB as UTF-8. */
  lineCharactersMax: 1_000,
  /** Combining marks after one letter. Living scripts need up to three; towers of them paint over other rows. */
  marksInARowMax: 4,
  /**
   * Two screens: a newcomer can read them before the conversation continues. Scrolling up loads the same number at
   * once.
   */
  historyLinesMax: 50,
  /** Lines that are shown after an outage: more than most people read. Older ones appear when scrolling up. */
  missedLinesMax: 500,
  /** Threads of one server: more than the cores of machines that a chat runs on. */
  workersMax: 64,
  /**
   * A line is sent once per member: with 100 members, a fast speaker (see below) costs the server 2,000 events a
   * second.
   */
  roomMembersMax: 100,
  /** More than most people look through. A room exists while it has members; its lines stay in the log. */
  roomsMax: 200,
  /** Ten full rooms. Under the usual 1,024 descriptors of a process. */
  connectionsMax: 900,
  /** A pasted page passes at once: refused pastes are the most frequent complaint about chats like this one. */
  floodBurst: 100,
  /** The rate after the burst: faster than people read. Terminals slow down to it. */
  floodPerSecond: 20,
  /** A member sends at most one notice of typing in this time. */
  typingIntervalMs: 2_000,
  /** A notice of typing is valid for this long, so that two lost ones do not make it flicker. */
  typingShownMs: 5_000,
  /**
   * After a lost connection, a member is away, and can come back to its session, its name and its room for this long.
   * The same is true for all members after a start of the server. It is four times the longest delay between two
   * attempts of a terminal, and short enough for a person who waits for the name after a crash.
   */
  nameHeldMs: 20_000,
  /**
   * The interval at which the servers of one chat send signs of life: a few bytes, and less than a third of the time
   * after which a server counts as silent.
   */
  serverBeatMs: 2_000,
  /**
   * After this many signs of life, a server also sends a list of its members, for servers that started later: once a
   * minute.
   */
  serverBeatsPerList: 30,
  /**
   * A server that has been silent for this long is gone, and its members are away: three intervals, and a second for
   * the transport.
   */
  serverSilentMs: 7_000,
  /**
   * Servers of one chat. A larger number is a mistake, or an attack: with 900 people for each small machine, this is
   * enough for 58,000.
   */
  serversMax: 64,
  /**
   * Members who have left and whose departure each server remembers: half the number of people for whom all servers of
   * a chat have room.
   */
  leftKeptMax: 30_000,
  /** The largest sign of life: the id of a server, its address, and a token. */
  serverBeatBytesMax: 1_024,
  /** Transfers to other servers at once, with room for refusals: 64 files with 4 takers each. */
  peerConnectionsMax: 256,
  /** The others do not see shorter interruptions: a status that changes for each of them would flicker. */
  awayToldMs: 1_000,
  /** The same limit for the person who lost the connection. */
  reconnectingShownMs: 500,
  /**
   * After this time without an answer to a call, the status says so. This is well before the heartbeat detects a lost
   * connection.
   */
  noAnswerShownMs: 2_000,
  /**
   * The longest pause between two attempts to connect: a person at a terminal sees a server that is back in a few
   * seconds.
   */
  reconnectDelayMaxMs: 5_000,
  /** The pause before another attempt to enter a room, when the server is overloaded. */
  enterAgainMs: 1_000,
  /**
   * For how long a line that the server could not keep is repeated: a log on another machine is back after a restart
   * within this time.
   */
  notKeptRetryMs: 30_000,
  /** How long a terminal tries to reconnect by default: a restart of the machine takes less. */
  reconnectSeconds: 300,
  /** A day: after a longer time, people start the chat again. */
  reconnectSecondsMax: 86_400,
  /** Silence after which a side pings its peer. */
  heartbeatIntervalMs: 4_000,
  /** Silence after the ping: an unplugged cable is detected in 12 s, and the name is free 20 s after that. */
  heartbeatTimeoutMs: 8_000,
  /** Bytes of events that a terminal may leave unread before further events are omitted: twenty pages of history. */
  unreadBytesMax: 4 * 1024 * 1024,
  /** How long a call of a terminal may take before it fails or is repeated. Lines have no such limit. */
  callDeadlineMs: 10_000,
  /** How long a terminal tries to connect. */
  connectTimeoutMs: 5_000,
  /** How long a server may take to complete the handshake: a server of another kind often waits in silence. */
  helloTimeoutMs: 5_000,
  /** How long calls in progress may take to end when the server stops. */
  closeGraceMs: 2_000,
  /** How long `/expect` waits. */
  expectTimeoutMs: 10_000,
  /** The longest `/wait`: a longer value probably confuses milliseconds with other units. */
  waitMsMax: 600_000,
  /** A script is read whole; 1 MiB is ten thousand lines. */
  scriptBytesMax: 1024 * 1024,
  /**
   * Units of JavaScript in the line being typed: four times the longest line that is sent, so that a person who pasted
   * too much can still shorten it.
   */
  typedUnitsMax: 4_000,
  /** Lines that the arrow keys bring back, like the history of a shell. */
  typedLinesKept: 200,
  /** Rows that a screen draws again after its size has changed: more than the tallest terminal shows. */
  screenRowsKept: 400,
  /** Rows that a person can scroll through, in a terminal or on the page. At most 10 MB. */
  scrolledRowsMax: 2_000,
  /** A window changes many times a second while a person resizes it, so the screen waits for a pause of this length. */
  resizePauseMs: 40,
  /**
   * Transfers do not resume after an interruption: at 1 MB/s, this size takes 18 minutes, which may have to start
   * again.
   */
  fileBytesMax: 1024 * 1024 * 1024,
  /** File systems allow 255 bytes: this leaves room for ` (999)` and `.part`. */
  fileNameBytesMax: 240,
  /** One item of an upload or a stream. The client reads files in pieces of this size. */
  fileChunkBytesMax: 64 * 1024,
  /** How far the fastest taker of a file may be ahead of the slowest: the bytes of a 25 ms round trip at 10 MB/s. */
  fileWindowBytes: 256 * 1024,
  /** Files that one member offers or sends at once. */
  memberFilesMax: 2,
  /** Files that one member takes at once: a screen has enough rows for them beside the chat. */
  memberTakesMax: 4,
  /** Files that are offered or sent in one room: a list that a person can still read. */
  roomFilesMax: 8,
  /** The same for the whole server. Each file holds at most 0.7 MiB, so all of them hold 45 MiB. */
  filesMax: 64,
  /** How long an offer waits for a taker: long enough for people who are briefly away from the screen. */
  fileOfferMs: 300_000,
  /** How long after the first taker a file waits for more: long enough to read the offer and to type the answer. */
  fileGatherMs: 10_000,
  /**
   * A sender that sends nothing for this long, or a taker that takes less than a window (9 KB a second), is left out.
   */
  fileStallMs: 30_000,
  /**
   * After this long without progress, the sender sees for whom the transfer waits: shorter pauses are normal in a busy
   * network.
   */
  fileStandsShownMs: 3_000,
  /** How long a taker may take to confirm that the file is saved: a slow disk writes 1 GiB in this time. */
  fileReceiptMs: 60_000,
  /**
   * News of an offer that its sender has not read. A full room causes less, so a sender that reads never reaches it.
   */
  offerNewsMax: 500,
  /** The numbered names that are tried if the name of a file is in use: ` (2)` to ` (999)`. */
  fileNamesTriedMax: 999,
  /** The interval at which progress bars are drawn: fast enough to look alive, slow enough to read the figures. */
  progressIntervalMs: 200,
  /** The time over which a rate is measured: a shorter time makes it jump. */
  progressRateMs: 4_000,
  /** Progress bars on a screen. Further files are only counted. */
  progressRowsMax: 3,
  /** Entries of a folder that Tab shows: half a screen. */
  pathChoicesMax: 40,
  /**
   * The interval at which figures of the servers are read and shown: a shorter one makes rates jump, and a longer one
   * delays them.
   */
  figuresBeatMs: 1_000,
  /**
   * A server that has sent no figures for this long is shown as gone, and a server that was not asked for this long
   * stops reading them: three intervals, and half of one for the transport.
   */
  figuresSilentMs: 3_500,
  /** After this time, a server that is gone disappears from the table: long enough to see which one it was. */
  figuresDroppedMs: 10_000,
  /** Servers in a table, workers counted one by one. More than a person compares. */
  figuresServersMax: 64,
  /** The figures of one server as text on the bus: twice the size of the largest numbers. */
  figuresBytesMax: 1_024,
  /** A peer with more waiting bytes is slow: twice the window of a file, which a fast peer may fill. */
  slowPeerBytes: 512 * 1024,
  /** How long a peer that was cut off is counted: long enough for a person to open the figures after a complaint. */
  cutOffShownMs: 60_000,
  /** Fits the first column of the figures in 80 columns. */
  serverLabelCharactersMax: 16,
  /** Lines of a transcript that `/expect` may still look at. */
  transcriptLinesMax: 10_000,
} as const
