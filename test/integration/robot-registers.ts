// SPDX-License-Identifier: Apache-2.0
/** What a library keeps beyond a process, in memory: it outlives the processes that a test makes and kills. */
import type { DriveEntry, MoveEntry } from "../../lib/protocol/library-state.ts";
import type { OperatorRequest } from "../../lib/protocol/operator-request.ts";
import type { CartridgeEntry } from "../../lib/protocol/volume.ts";
import type { LibraryEnvironment } from "../../lib/media-server/library-environment.ts";

export type Registers = Pick<LibraryEnvironment, "cartridges" | "drives" | "journal" | "requests">;

export function memoryRegisters(): Registers {
  const cartridges = new Map<string, CartridgeEntry>();
  const drives = new Map<string, DriveEntry>();
  const moves = new Map<string, MoveEntry>();
  const requests = new Map<string, OperatorRequest>();
  let next = 1;
  return {
    cartridges: {
      get: (tag) => cartridges.get(tag),
      list: () => [...cartridges.values()],
      put: (entry) => void cartridges.set(entry.volumeTag, entry),
    },
    drives: {
      get: (name) => drives.get(name),
      list: () => [...drives.values()],
      put: (entry) => void drives.set(entry.name, entry),
    },
    journal: {
      begin: (move) => {
        const entry = { ...move, id: String(next++) };
        moves.set(entry.id, entry);
        return entry;
      },
      end: (id) => void moves.delete(id),
      open: () => [...moves.values()],
    },
    requests: {
      open: (request) => {
        const same = [...requests.values()].find(
          (each) => each.kind === request.kind && each.jobId === request.jobId && each.text === request.text,
        );
        const entry = same ?? { ...request, id: String(next++) };
        requests.set(entry.id, entry);
        return entry;
      },
      close: (id) => void requests.delete(id),
      closeOfJob: (jobId) => {
        for (const [id, request] of requests) if (request.jobId === jobId) requests.delete(id);
      },
      list: () => [...requests.values()],
    },
  };
}
