// SPDX-License-Identifier: Apache-2.0
/** A drive of a private tgt library, with the first cartridge in it. */
import { MediumChanger, TapeDrive } from "../../lib/device/index.ts";
import type { DeviceOptions } from "../../lib/device/index.ts";
import { TgtLibrary } from "../peers/tgt.ts";
import type { TgtOptions } from "../peers/tgt-layout.ts";

export class TgtDrive {
  readonly library: TgtLibrary;

  private constructor(library: TgtLibrary) {
    this.library = library;
  }

  static async start(options: Partial<TgtOptions> = {}): Promise<TgtDrive> {
    const library = await TgtLibrary.start({ drives: 1, cartridges: 1, cartridgeMiB: 256, ...options });
    const changer = MediumChanger.open({ kind: "iscsi", url: library.changerUrl });
    const [cartridge] = library.layout.cartridges;
    const [drive] = library.layout.drives;
    await changer.attend();
    await changer.move(cartridge?.address ?? 0, drive?.address ?? 0);
    await changer.close();
    return new TgtDrive(library);
  }

  get url(): string {
    return this.library.driveUrl(0);
  }

  /** A session of its own; the unit attentions of its beginning are taken. `port`: of a relay. */
  async open(options: DeviceOptions = {}, port: number = this.library.port): Promise<TapeDrive> {
    const url = this.url.replace(`:${this.library.port}/`, `:${port}/`);
    const drive = TapeDrive.open({ kind: "iscsi", url }, options);
    await drive.attend();
    return drive;
  }
}
