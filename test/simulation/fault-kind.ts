// SPDX-License-Identifier: Apache-2.0
import type { Fault } from "./fault.ts";

/** What the table calls a fault. */
export function faultKind({ at, effect }: Fault): string {
  switch (effect.kind) {
    case "crash":
      if (effect.ending === "kill") return at === "call" ? "H1 killed at a disk call" : "H1 killed at a command";
      if (effect.ending === "machine") return "H2 computer without power, drives on";
      return "H3 all power lost";
    case "deferred":
      return "W4 deferred write error";
    case "medium":
      return "W5 current write error";
    case "hardware":
      return "W6 hardware error";
    case "warning":
      return "W1 early warning";
    case "attention":
      return effect.asc === 0x28 ? "U1 medium changed" : "U2 reset";
    case "unknown":
      return "T2 unknown outcome";
    case "notReady":
      return "U8 not ready";
    case "error":
      return effect.code === "ENOSPC" ? "H6 disk full" : "H5 disk error";
    case "short":
      return "H4 short write";
    case "lie":
      return "H5 fsync lies";
  }
}
