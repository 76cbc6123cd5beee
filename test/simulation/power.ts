// SPDX-License-Identifier: Apache-2.0
import { nativeBinding } from "../../lib/native/binding.ts";

interface Power {
  cutSimulatedPower(folder: string, drives: "stay" | { readonly survivors: number }): void;
  isSimulatedPowerCut(folder: string): boolean;
  restoreSimulatedPower(folder: string): void;
  simulatedTrace(folder: string): {
    readonly commands: readonly { readonly unit: string; readonly operation: string }[];
    readonly digest: Buffer;
  };
}

export const power = nativeBinding() as unknown as Power;

let cut = false;
if (power.cutSimulatedPower === undefined) {
  power.cutSimulatedPower = () => {
    cut = true;
  };
  power.isSimulatedPowerCut = () => cut;
  power.restoreSimulatedPower = () => {
    cut = false;
  };
  power.simulatedTrace = () => ({ commands: [], digest: Buffer.alloc(0) });
}
