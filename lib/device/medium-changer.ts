// SPDX-License-Identifier: Apache-2.0
import { nativeBinding } from "../native/binding.ts";
import type {
  ChangerCapabilities,
  DeviceAddress,
  DeviceOptions,
  Element,
  ElementAddresses,
  ExchangeMedium,
  MoveMedium,
  NativeMediumChanger,
} from "../native/binding.ts";
import { deviceName } from "./device-name.ts";
import { probeChanger } from "./capabilities.ts";
import type { ChangerCapabilitiesFound } from "./capabilities.ts";
import { Device } from "./device.ts";

/**
 * A medium changer (SMC-3): inventory and moves. A move of unknown outcome is never repeated: read the elements, then
 * decide.
 * @example
 * const changer = MediumChanger.open({ kind: "simulated", folder: "library", unit: "changer" });
 * await changer.attend();
 * for (const { address, volumeTag } of await changer.elements()) console.log(address, volumeTag);
 * await changer.close();
 */
export class MediumChanger extends Device<NativeMediumChanger> {
  /** Opens a changer; nothing is sent to it yet. */
  static open(address: DeviceAddress, options: DeviceOptions = {}): MediumChanger {
    return new MediumChanger(deviceName(address), new (nativeBinding().MediumChanger)(address, options));
  }

  /** First address and number of the elements of each type (mode page 1Dh, SMC-3 7.3.4). */
  async elementAddresses(): Promise<ElementAddresses> {
    return this.need(await this.native.elementAddresses(), "mode page 1Dh");
  }

  /** From where to where the changer can move and exchange (mode page 1Fh, SMC-3 7.3.3). */
  async capabilitiesPage(): Promise<ChangerCapabilities | undefined> {
    return this.maybe(this.native.capabilities(), "mode page 1Fh");
  }

  /** What the changer has (SPC-5 6.35, or by trying); see {@link probeChanger}. Moves nothing. */
  async capabilities(): Promise<ChangerCapabilitiesFound> {
    return probeChanger(this);
  }

  /** READ ELEMENT STATUS of every element, type by type (SMC-3 6.11), with the serial numbers of the drives. */
  async elements(): Promise<readonly Element[]> {
    return this.need(await this.native.elements(), "reading the elements");
  }

  /** INITIALIZE ELEMENT STATUS (SMC-3 6.5): looks at every element again, which may take an hour. */
  async initializeElementStatus(): Promise<void> {
    this.check(await this.native.initializeElementStatus(), "initialize element status");
  }

  /** The same for some elements (SMC-3 6.6). */
  async initializeElementRange(range: {
    readonly first: number;
    readonly count: number;
    readonly fast?: boolean;
  }): Promise<void> {
    this.check(await this.native.initializeElementRange(range), "initialize element status with range");
  }

  /** MOVE MEDIUM (SMC-3 6.7). */
  async move(
    source: number,
    destination: number,
    options: Pick<MoveMedium, "transport" | "invert"> = {},
  ): Promise<void> {
    this.check(
      await this.native.moveMedium({ source, destination, ...options }),
      `move from element ${source} to element ${destination}`,
    );
  }

  /** EXCHANGE MEDIUM (SMC-3 6.3). Many libraries have it not: then two moves by way of a free element. */
  async exchange(wanted: ExchangeMedium): Promise<void> {
    this.check(
      await this.native.exchangeMedium(wanted),
      `exchange of elements ${wanted.source} and ${wanted.firstDestination}`,
    );
  }

  /** POSITION TO ELEMENT (SMC-3 6.8): brings the transport near, so that the next move is shorter. */
  async positionTo(destination: number): Promise<void> {
    this.check(await this.native.positionToElement({ destination }), `position to element ${destination}`);
  }

  /** OPEN/CLOSE IMPORT/EXPORT ELEMENT (SMC-3). */
  async openImportExport(element: number): Promise<void> {
    this.check(await this.native.openImportExport(element), `opening import/export element ${element}`);
  }

  /** The other direction of OPEN/CLOSE IMPORT/EXPORT ELEMENT (SMC-3): draws the element in again. */
  async closeImportExport(element: number): Promise<void> {
    this.check(await this.native.closeImportExport(element), `closing import/export element ${element}`);
  }

  /**
   * Elements whose volume tag matches; `*` and `?` are wildcards (SEND VOLUME TAG, SMC-3 6.14). `undefined` where the
   * changer cannot search.
   */
  async findVolumeTag(template: string): Promise<readonly Element[] | undefined> {
    return this.maybe(this.native.findVolumeTag(template), `search for ${template}`);
  }
}
