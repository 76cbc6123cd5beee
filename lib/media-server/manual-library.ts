// SPDX-License-Identifier: Apache-2.0
/** Single drives that a person loads. */
import type { TapeDrive } from "../device/tape-drive.ts";
import type { OperatorError } from "../errors.ts";
import { ChangerlessLibrary } from "./changerless-library.ts";
import { unreadiness, waitUntilLoaded } from "./drive-readiness.ts";
import { askToLoad } from "./requests.ts";

export class ManualLibrary extends ChangerlessLibrary {
  /** Called again and again while somebody is on the way: only a cartridge that was changed is looked at. */
  async mount(drive: number, volumeTag: string, options: { readonly jobId?: string } = {}): Promise<TapeDrive> {
    const opened = await this.handles.open(drive, options.jobId);
    if (!(await this.#isReady(drive, opened, volumeTag))) throw this.#wanted(drive, volumeTag, options);
    if (await this.holds(drive, opened, volumeTag)) {
      this.mounted(drive, volumeTag, options);
      return opened;
    }
    await this.unload(drive, opened);
    throw this.#wanted(drive, volumeTag, options);
  }

  async #isReady(drive: number, opened: TapeDrive, volumeTag: string): Promise<boolean> {
    const { ready, notReady } = await this.attend(drive, opened);
    if (ready || notReady === undefined) return true;
    const sight = this.sight(drive);
    const state = unreadiness(notReady);
    if (state === "empty") {
      // What was unloaded has been taken out: the next one to come may be loaded.
      sight.isUnloaded = false;
      return false;
    }
    // The wrong cartridge stands in the drive's mouth until it is taken out.
    if (state === "notThreaded" && sight.isUnloaded) return false;
    await waitUntilLoaded(opened, volumeTag, this.environment);
    return (await this.attend(drive, opened)).ready;
  }

  #wanted(drive: number, volumeTag: string, options: { readonly jobId?: string }): OperatorError {
    const device = this.handles.name(drive);
    return askToLoad(this.environment, { volumeTags: [volumeTag], place: `into ${device}`, device, ...options });
  }
}
