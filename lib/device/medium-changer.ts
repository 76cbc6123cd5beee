// SPDX-License-Identifier: Apache-2.0
import { nativeBinding } from "../native/binding.ts";
import type {
  DeviceAddress,
  DeviceOptions,
  NativeElement,
  NativeInquiry,
  NativeMediumChanger,
} from "../native/binding.ts";
import { checkResult, payload } from "./check-result.ts";

const unitAttentionsMax = 32;

/** A medium changer (SMC-3): inventory and moves. A move of unknown outcome is never repeated. */
export class MediumChanger {
  readonly native: NativeMediumChanger;

  private constructor(native: NativeMediumChanger) {
    this.native = native;
  }

  /** Sends nothing yet: a device that cannot be reached shows itself with the first command. */
  static open(address: DeviceAddress, options: DeviceOptions = {}): MediumChanger {
    return new MediumChanger(new (nativeBinding().MediumChanger)(address, options));
  }

  async inquiry(): Promise<NativeInquiry> {
    const { result, value } = await this.native.inquiry();
    return payload(value, result, "inquiry of the changer");
  }

  /** Takes all unit attentions, so that the next command speaks for itself. */
  async attend(): Promise<void> {
    for (let met = 0; met < unitAttentionsMax; met++) {
      const result = await this.native.testUnitReady();
      if (result.sense?.senseKey === 6) continue;
      checkResult(result, "test unit ready of the changer");
      return;
    }
  }

  /** READ ELEMENT STATUS of every element, type by type. */
  async elements(): Promise<readonly NativeElement[]> {
    const { result, value } = await this.native.elements();
    return payload(value, result, "reading the changer's elements");
  }

  async move(source: number, destination: number): Promise<void> {
    checkResult(
      await this.native.moveMedium(source, destination),
      `move from element ${source} to element ${destination}`,
    );
  }

  async close(): Promise<void> {
    await this.native.close();
  }
}
