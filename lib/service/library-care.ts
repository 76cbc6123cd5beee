// SPDX-License-Identifier: Apache-2.0
/** What an operator does with the library: cartridges in and out, drives cleaned, in and out of service. */
import { ConfigError } from "../errors.ts";
import type { ChangerLibrary } from "../media-server/changer-library.ts";
import { errandPriority as priority } from "../media-server/drive-errand.ts";
import { putIntoService, takeOutOfService } from "../media-server/drive-handles.ts";
import type { DrivePurpose } from "../media-server/drive-queue.ts";
import type { Library } from "../media-server/library.ts";
import type { ExportOutcome, ExportRequest, ImportOutcome } from "./api.ts";
import type { LibraryParts } from "./library-view.ts";
import { setThatBegins } from "./media-sets.ts";

export class LibraryCare {
  readonly #parts: LibraryParts;

  constructor(parts: LibraryParts) {
    this.#parts = parts;
  }

  closeRequest(id: string): Promise<void> {
    const { requests } = this.#parts.store;
    if (!requests.list().some((request) => request.id === id))
      throw new ConfigError(`there is no open request ${id}: see tidemark library requests`, {
        code: "ERR_TAPE_USAGE",
      });
    requests.close(id);
    return Promise.resolve();
  }

  async importCartridges(): Promise<ImportOutcome> {
    return this.#changer("bring cartridges in").importCartridges();
  }

  async exportCartridges({ volumeTags, mediaSet, vault }: ExportRequest): Promise<ExportOutcome> {
    const changer = this.#changer("bring cartridges out");
    const wanted = mediaSet === undefined ? volumeTags : await this.#ofSet(mediaSet);
    // Nobody may be using them, in a drive or on the way to one.
    const lease = await this.#parts.queue.acquire({
      purpose: "examine",
      priority,
      drives: 0,
      among: [],
      volumeTags: wanted,
    });
    try {
      return await changer.exportCartridges(wanted, vault);
    } finally {
      lease.release();
    }
  }

  async cleanDrive(drive: number): Promise<void> {
    const changer = this.#changer("clean a drive");
    await this.#withDrive(drive, "clean", async () => {
      await changer.cleanDrive(drive);
    });
  }

  setDriveService(drive: number, outOfService: string | undefined): Promise<void> {
    const { drives } = this.#parts.store;
    const name = this.#driveName(drive);
    if (outOfService === undefined) putIntoService(drives, name);
    else takeOutOfService(drives, name, outOfService);
    return Promise.resolve();
  }

  async #withDrive(drive: number, purpose: DrivePurpose, work: () => Promise<void>): Promise<void> {
    this.#driveName(drive);
    const { library, queue } = this.#parts;
    const lease = await queue.acquire({ purpose, priority, drives: 1, among: [drive], volumeTags: [] });
    try {
      await work();
    } finally {
      await library.closeDrive(drive).finally(() => lease.release());
    }
  }

  #driveName(drive: number): string {
    const name = this.#parts.library.driveNames[drive];
    if (name !== undefined) return name;
    const known = this.#parts.library.driveNames.map((each, number) => `${number} (${each})`).join(", ");
    throw new ConfigError(`there is no drive ${drive}: the configuration has ${known}`, { code: "ERR_TAPE_USAGE" });
  }

  /** Cartridges of a set that are in the library. */
  async #ofSet(mediaSet: string): Promise<readonly string[]> {
    const { library, store } = this.#parts;
    const present = await library.presentTags();
    const set = setThatBegins(store, mediaSet);
    const volumes = store.volumes.list().filter((volume) => volume.mediaSet === set.uuid);
    return volumes.map(({ volumeTag }) => volumeTag).filter((volumeTag) => present.has(volumeTag));
  }

  #changer(what: string): ChangerLibrary {
    const { library } = this.#parts;
    if (isChanger(library)) return library;
    throw new ConfigError(`there is no changer to ${what}: do it by hand`, { code: "ERR_TAPE_USAGE" });
  }
}

function isChanger(library: Library): library is ChangerLibrary {
  return "exportCartridges" in library;
}
