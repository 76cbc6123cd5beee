// SPDX-License-Identifier: Apache-2.0
/**
 * The one table keyed by sense key, ASC and ASCQ (SPC-5 annex F; SSC-4; SMC-3): text for people and what to do.
 * `*` stands for any value; the most exact entry wins.
 */

export type Disposition = "done" | "retry" | "wait" | "recoverPosition" | "changeVolume" | "needOperator" | "failJob";

export interface AdditionalSense {
  readonly text: string;
  readonly disposition: Disposition;
}

const table: Readonly<Record<string, readonly [string, Disposition]>> = {
  "0/*/*": ["no sense", "done"],
  "0/00/01": ["filemark detected", "done"],
  "0/00/02": ["end of medium region", "done"],
  "0/00/04": ["beginning of partition", "done"],
  "0/00/07": ["programmable early warning", "done"],
  "0/00/17": ["cleaning requested", "done"],
  "1/*/*": ["recovered", "done"],
  "2/*/*": ["not ready", "wait"],
  "2/04/01": ["becoming ready", "wait"],
  "2/04/02": ["an initialising command is required", "recoverPosition"],
  "2/04/03": ["operator intervention is required", "needOperator"],
  "2/04/07": ["operation in progress", "wait"],
  "2/04/12": ["offline", "needOperator"],
  "2/04/18": ["door open", "needOperator"],
  "2/30/03": ["cleaning cartridge installed", "needOperator"],
  "2/3A/*": ["no medium", "needOperator"],
  "3/*/*": ["medium error", "changeVolume"],
  "3/00/02": ["end of tape met unexpectedly", "changeVolume"],
  "3/0C/*": ["write error", "changeVolume"],
  "3/11/*": ["unrecovered read error", "changeVolume"],
  "3/14/03": ["end of data not found", "recoverPosition"],
  "3/30/*": ["unknown or incompatible format", "changeVolume"],
  "3/3B/00": ["sequential positioning error", "recoverPosition"],
  "3/50/*": ["write append error", "changeVolume"],
  "4/*/*": ["hardware error", "needOperator"],
  "4/15/01": ["mechanical positioning error", "needOperator"],
  "4/44/*": ["internal target failure", "needOperator"],
  "5/*/*": ["illegal request", "failJob"],
  "5/20/00": ["command not supported", "failJob"],
  "5/21/01": ["no element has this address", "failJob"],
  "5/24/00": ["invalid field in the command", "failJob"],
  "5/26/*": ["invalid field in the parameter list", "failJob"],
  "5/2C/*": ["command sequence error", "failJob"],
  "5/3B/0D": ["the destination element is full", "failJob"],
  "5/3B/0E": ["the source element is empty", "failJob"],
  "5/53/01": ["the drive has not unloaded the medium", "failJob"],
  "5/53/02": ["removal of the medium is prevented", "failJob"],
  "5/53/03": ["removal of the medium is prevented by the drive", "failJob"],
  "6/*/*": ["unit attention", "recoverPosition"],
  "6/28/00": ["the medium may have changed", "recoverPosition"],
  "6/28/01": ["an import/export element was accessed", "recoverPosition"],
  "6/29/*": ["power on or reset", "recoverPosition"],
  "6/2A/01": ["mode parameters changed", "recoverPosition"],
  "6/2A/03": ["reservation preempted", "needOperator"],
  "7/*/*": ["data protect", "changeVolume"],
  "7/27/*": ["write protected", "changeVolume"],
  "7/30/0C": ["overwriting a write-once medium was refused", "changeVolume"],
  "7/74/*": ["the data cannot be decrypted", "needOperator"],
  "8/*/*": ["blank check", "done"],
  "8/00/05": ["end of data", "done"],
  "8/14/03": ["end of data not found", "recoverPosition"],
  "B/*/*": ["command aborted, its outcome is uncertain", "recoverPosition"],
  "D/*/*": ["volume overflow: the physical end of the tape", "changeVolume"],
};

/** What a combination means; the text of its sense key where the combination is not known. */
export function additionalSense(senseKey: number, asc: number, ascq: number): AdditionalSense {
  const key = senseKey.toString(16).toUpperCase();
  const exact = `${key}/${hex(asc)}`;
  const entry = table[`${exact}/${hex(ascq)}`] ?? table[`${exact}/*`] ?? table[`${key}/*/*`];
  const [text, disposition] = entry ?? ["reserved sense key", "failJob"];
  return { text, disposition };
}

function hex(byte: number): string {
  return byte.toString(16).toUpperCase().padStart(2, "0");
}
