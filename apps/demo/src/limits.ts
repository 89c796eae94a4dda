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
  /** Two screens: a newcomer can read them before the conversation goes on. One who scrolls up gets as many at once. */
  historyLinesMax: 50,
  /** Lines that are shown to one who comes back after an outage: more than anybody reads up on. Older ones are there for those who scroll up. */
  missedLinesMax: 500,
  /** Threads of one server: more than the cores of machines that a chat runs on. */
  workersMax: 64,
  /** A line is sent once per member: at 100 a fast speaker (see below) costs the server 2,000 events a second. */
  roomMembersMax: 100,
  /** More than anybody looks through. A new room replaces the empty one unused longest; its lines stay in the log. */
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
  /**
   * After a lost connection a member is away, and comes back to its session, its name and its room, for this long. So does everybody
   * after a start of the server. Four delays between two attempts of a terminal; a person who has crashed waits no longer for the name.
   */
  nameHeldMs: 20_000,
  /** Servers of one chat say so often that they are there: some bytes, and a third of the time after which they are missed. */
  serverBeatMs: 2_000,
  /** Each so many times a server also says who is with it, for servers that have begun later: once a minute. */
  serverBeatsPerList: 30,
  /** A server that was not heard of for so long is gone, and its people are away: three beats, and a second for the way. */
  serverSilentMs: 7_000,
  /** Servers of one chat. More are a mistake, or somebody else's: a small machine for each 900 people makes 58,000. */
  serversMax: 64,
  /** People who have left, of whom each server remembers when: half of the names that all servers of a chat have room for. */
  leftKeptMax: 30_000,
  /** What a server says of itself: its id, its address, and a token. */
  serverBeatBytesMax: 1_024,
  /** Files that go to other servers at once, with room for refusals: what 64 files have at 4 takers each. */
  peerConnectionsMax: 256,
  /** A member who is back sooner was not away for the others: a status that changes for each short cut would flicker. */
  awayToldMs: 1_000,
  /** The same for the person whose connection it is. */
  reconnectingShownMs: 500,
  /** A server that has not answered a call for so long is said not to answer. Well before a heartbeat finds out that it is lost. */
  noAnswerShownMs: 2_000,
  /** The longest pause between two attempts to connect: a person at a terminal sees a server that is back in a few seconds. */
  reconnectDelayMaxMs: 5_000,
  /** The pause before a room is entered again that could not be, because the server is overloaded. */
  enterAgainMs: 1_000,
  /** For so long a line is said again that the server could not keep: a log on another machine is back by then after a restart. */
  notKeptRetryMs: 30_000,
  /** How long a terminal goes on trying, unless told otherwise: a restart of the machine is over by then. */
  reconnectSeconds: 300,
  /** A day: who waits longer starts anew. */
  reconnectSecondsMax: 86_400,
  /** Silence after which a side pings its peer. */
  heartbeatIntervalMs: 4_000,
  /** Silence after the ping: a pulled cable is noticed in 12 s, and frees its name in less than half a minute. */
  heartbeatTimeoutMs: 8_000,
  /** Bytes of events a terminal may leave unread before others are left out: one page of history, twenty times over. */
  unreadBytesMax: 4 * 1024 * 1024,
  /** How long a call of a terminal may take before it fails, or is made again. Lines wait for their answer however long it takes. */
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
  /** Rows that a person can scroll back through, in a terminal or on the page: longer histories are read elsewhere. At most 10 MB. */
  scrolledRowsMax: 2_000,
  /** A window that is being dragged changes many times a second: the screen waits for this long a pause. */
  resizePauseMs: 40,
  /** Nothing is resumed after a cut: at 1 MB/s this takes 18 minutes, which somebody may have to begin again. */
  fileBytesMax: 1024 * 1024 * 1024,
  /** File systems take 255 bytes: this leaves room for ` (999)` and `.part`. */
  fileNameBytesMax: 240,
  /** One item of an upload or a stream. The client reads files in pieces of this size. */
  fileChunkBytesMax: 64 * 1024,
  /** What the fastest taker of a file may be ahead of the slowest: as much as one way there and back of 25 ms at 10 MB/s. */
  fileWindowBytes: 256 * 1024,
  /** Files that one member offers or sends at once. */
  memberFilesMax: 2,
  /** Files that one member takes at once: as many as a screen has rows for beside the chat. */
  memberTakesMax: 4,
  /** Files offered or on their way in one room: a list that a person still reads. */
  roomFilesMax: 8,
  /** The same on the whole server. Each holds 0.7 MiB at most, so 45 MiB together. */
  filesMax: 64,
  /** How long an offer waits for somebody who takes it: long enough to come back from the door. */
  fileOfferMs: 300_000,
  /** How long after the first taker a file waits for more: long enough to read the offer and to type the answer. */
  fileGatherMs: 10_000,
  /** A sender who sends nothing, and a taker who takes less than a window (9 KB a second), for so long is left out. */
  fileStallMs: 30_000,
  /** A file that stands for so long says for whom it waits: shorter ones are a crowded network. */
  fileStandsShownMs: 3_000,
  /** How long a taker may take to say that the file is saved: 1 GiB goes to a slow disk in this time. */
  fileReceiptMs: 60_000,
  /** News of an offer that its sender has not read. More than a full room causes, so nobody meets it who reads. */
  offerNewsMax: 500,
  /** Names that are tried for a file whose name is in use: ` (2)` to ` (999)`. */
  fileNamesTriedMax: 999,
  /** How often bars are drawn: fast enough to look alive, slow enough to read the figures. */
  progressIntervalMs: 200,
  /** The time over which a rate is measured: shorter ones jump. */
  progressRateMs: 4_000,
  /** Bars on a screen; more files are counted. */
  progressRowsMax: 3,
  /** What Tab shows of a folder: half a screen. */
  pathChoicesMax: 40,
  /** How often figures of the servers are read and shown: a rate over less jumps, over more it comes late. */
  figuresBeatMs: 1_000,
  /** A server whose figures did not come for so long is shown as gone, and one that was not asked for so long reads none: three beats, and a half for the way. */
  figuresSilentMs: 3_500,
  /** A server that is gone leaves the table then: long enough to see which one it was. */
  figuresDroppedMs: 10_000,
  /** Servers in a table, workers counted one by one. More than a person compares. */
  figuresServersMax: 64,
  /** Figures of one server as a text on the bus: twice what the largest numbers take. */
  figuresBytesMax: 1_024,
  /** A peer is slow for which more waits: twice the window of a file, which a fast peer may fill. */
  slowPeerBytes: 512 * 1024,
  /** How long a peer that was cut off is counted: as long as somebody takes who has heard of it, and comes to look. */
  cutOffShownMs: 60_000,
  /** Fits the first column of the figures in 80 columns. */
  serverLabelCharactersMax: 16,
  /** Lines of a transcript that `/expect` may still look at. */
  transcriptLinesMax: 10_000,
} as const
