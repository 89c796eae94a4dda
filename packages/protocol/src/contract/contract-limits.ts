/** Limits of a contract, and of what is reported about a value that does not match its schema. */
export const contractLimits = {
  /** Characters of one name or error code. People read them, and a path of several names fits in an envelope. */
  nameLengthMax: 64,
  /** Levels of groups below `procedures`. A path stays readable, and the walk through a cyclic object ends. */
  groupDepthMax: 8,
  /** Procedures of one contract. The tests use contracts of 300; this is more than ten times that number. */
  proceduresMax: 4096,
  /**
   * Places that an outline lists for one input, output, payload and so on. A form of 64 fields fits; a larger part
   * has one hash.
   */
  outlinePlacesMax: 64,
  /** Places that all outlines of one contract list: about 150 KB when a peer asks for them. */
  outlinePlacesPerContractMax: 4096,
  /** Levels of members that an outline follows below one part. */
  outlineDepthMax: 8,
  /** Characters of a place (`output.rows.[].age`). A longer place counts with the member above it. */
  outlinePlaceLengthMax: 200,
  /**
   * Issues that are reported about one value. A form has fewer wrong fields; an array of a million wrong items has
   * more.
   */
  issuesMax: 16,
  /** Characters of the path of an issue; a longer path is cut. The keys of a record come from the peer. */
  issuePathLengthMax: 200,
  /** Characters of the text of an issue; a longer text is cut. Libraries quote the value. */
  issueTextLengthMax: 200,
} as const
