/** Limits of what a contract may hold and of what is told about a bad input. */
export const contractLimits = {
  /** Characters of one name or error code: people read them, and a path of several fits an envelope. */
  nameLengthMax: 64,
  /** Levels of groups below `procedures`: a path stays readable, and the walk through a cyclic object ends. */
  groupDepthMax: 8,
  /** Procedures of one contract: over ten times the 300 that a large contract is tested with. */
  proceduresMax: 4096,
  /** Places of one input, output, payload, … that its outline lists: a form of 64 fields; a larger part counts as a whole. */
  outlinePlacesMax: 64,
  /** Places that the outlines of one contract list together: some 150 KB when a peer asks for them. */
  outlinePlacesPerContractMax: 4096,
  /** Levels of members below a part that its outline follows: people find the rest themselves. */
  outlineDepthMax: 8,
  /** Characters of a place (`output.rows.[].age`): longer ones count with the member above them. */
  outlinePlaceLengthMax: 200,
  /** Issues told about one bad input. A form has fewer wrong fields; an array of a million bad items has not. */
  issuesMax: 16,
  /** Characters of an issue's path, longer ones are cut: keys of a record come from the peer. */
  issuePathLengthMax: 200,
  /** Characters of an issue's text, longer ones are cut: libraries quote what they got. */
  issueTextLengthMax: 200,
} as const
