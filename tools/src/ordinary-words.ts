/** The role of a thing: `FrameReader`, `SessionOptions`, `RoomEvent`. */
const parts = `
  address allowance arg argument at
  binding byte
  callback card case cause character check choice code color column command constructor control converter count counter
  data database definition detail
  end ending entry environment error event extra
  fact factory field fifo file finding format from function
  group guard
  handler hold host
  implementation info input issue
  json
  kind
  like limit listener logger loop
  machine maker mark member memory message
  name next node
  of option outcome output owner
  package pair parent part person phase plan platform pool process profile promise prompt
  publish
  queue
  randomness reader reason receiver record report result row rule run
  scan scheme search sending service setting show size sizer socket source state status step store support surrounding
  task tcp text this thread timer to type
  validation value view
  warning wish work worker writer
`

/** The state of a thing: `PortNotMade`, `NotInRoom`, `ReceivedType`. */
const manners = `
  accepted announced
  bound buffered
  checked close common connect connected
  dropped
  elsewhere encodable erased extend
  fallback fast found
  gated gathered
  gone
  here
  incoming
  kept
  listen listening live logged lost
  made
  no not
  opened
  packed parse parsed partial pending
  queued queued
  quietable
  read receive received refable refused running
  safe send sent shared short skipped staged started stored
  taken too
  unavailable unfinished unreadable unsafe
  where writable written
`

/**
 * Ordinary words of programming. They mean the same in every project, so they do not explain a name: the words
 * before them are looked up in the glossary. A word may be here and in the glossary, if it is a term on its own.
 */
export const ordinaryWords: ReadonlySet<string> = new Set(`${parts} ${manners}`.trim().split(/\s+/))
