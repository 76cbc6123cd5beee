// SPDX-License-Identifier: Apache-2.0
import type { CommandEffect, Fault, Refusal } from "./fault.ts";

/** What the table calls a fault: rows of the fault catalogue. */
export function faultKind(fault: Fault): string {
  const { effect } = fault;
  switch (effect.kind) {
    case "error":
      return effect.code === "ENOSPC" ? "H6 disk full" : "H5 disk error";
    case "short":
      return "H4 short write";
    case "lie":
      return "H5 fsync lies";
    case "spot":
      return "R5 bad spot";
    case "crash":
      if (effect.isInHand === true) return "C4 crash, cartridge in the robot's hand";
      if (effect.ending === "kill") return fault.at === "call" ? "H1 killed at a disk call" : "H1 killed at a command";
      if (effect.ending === "machine") return "H2 computer without power, drives on";
      return "H3 all power lost";
    default:
      return commandKind(effect);
  }
}

function commandKind(effect: Exclude<CommandEffect, { readonly kind: "crash" }>): string {
  switch (effect.kind) {
    case "deferred":
      return "W4 deferred write error";
    case "medium":
      return "W5 current write error";
    case "hardware":
      return "W6 hardware error";
    case "warning":
      return "W1 early warning";
    case "attention":
      return attentionKind(effect.asc, effect.ascq);
    case "unknown":
      return effect.isInHand === true ? "C6 unknown outcome, cartridge in the robot's hand" : "T2 unknown outcome";
    case "notReady":
      return "U8 not ready";
    case "status":
      return effect.status === 0x18 ? "U4 reservation conflict" : "T5 busy or aborted";
    case "initiator":
      return "U4 another initiator";
    case "door":
      return "C3 door open";
    case "inventory":
      return effect.lie === "noVolumeTags" || effect.lie === "swappedTags" ? "C7 barcodes" : "C1 inventory lies";
    case "sense":
      return refusalKind(effect);
  }
}

function attentionKind(asc: number, ascq: number): string {
  if (asc === 0x28) return "U1 medium changed";
  if (asc === 0x2a) return ascq === 1 ? "U3 mode parameters changed" : "U4 reservation lost";
  return asc === 0x29 ? "U2 reset" : "U5 others";
}

function refusalKind({ asc, ascq, isDone, key }: Refusal): string {
  if (key === 5 && asc === 0x3b) return "C1 source empty or destination full";
  if (key === 5 && asc === 0x53) return "C2 drive holds its cartridge";
  if (key === 3) return asc === 0x14 || asc === 0x3b ? "R6 locate error" : "R5 read error";
  if (key === 4 && asc === 0x15 && ascq === 1) return isDone ? "C5 moved, and robot fails" : "C5 robot fails, R6";
  return "C5 hardware";
}
