// SPDX-License-Identifier: Apache-2.0
/**
 * A cartridge that is written on and then put back into the state that it was found in: blank, or labelled and empty.
 * The label stays where it is all the time, so that a volume is still one when the process dies on it: a job writes over
 * what is behind a label.
 */
import type { TapeDrive } from "../device/tape-drive.ts";
import { DeviceError, IllegalRequestError, OperatorError } from "../errors.ts";
import { labelObjects } from "../format/volume-label.ts";
import type { VolumeHeader } from "../format/volume-label.ts";
import { refuseWriteProtected } from "./loaded-volume.ts";
import { allowOverwriteHere } from "./overwrite.ts";
import { proveIdentity, writeLabel } from "./tape-label.ts";

/** Longer than any record of ours; what is longer still is told, and is data as well. */
const probeBytes = 65536;

/** How the cartridge is left. `filemark`: the drive cannot erase, so that the tape begins with a filemark. */
export type ScratchState = "blank" | "labelled" | "filemark";

export class ScratchCartridge {
  readonly #drive: TapeDrive;
  readonly #header: VolumeHeader | undefined;

  private constructor(drive: TapeDrive, header: VolumeHeader | undefined) {
    this.#drive = drive;
    this.#header = header;
  }

  /**
   * Of a tape whose owner has been looked at, and may be written over.
   * @param options.header of a volume of ours
   * @param options.mayBeWriteOnce a person says that it may be used up: there are targets that call every cartridge WORM
   * @throws OperatorError where it is write protected or can be written only once, or is a volume with data
   */
  static async take(
    drive: TapeDrive,
    { header, mayBeWriteOnce }: { readonly header?: VolumeHeader; readonly mayBeWriteOnce: boolean },
  ): Promise<ScratchCartridge> {
    const name = header?.barcode ?? `the cartridge in ${drive.name}`;
    await refuseWriteProtected(drive, name);
    if (!mayBeWriteOnce && (await drive.modeStatus()).worm) {
      throw new OperatorError(
        `${name} can be written only once (WORM), says the drive: take another cartridge. If it may be used up: --overwrite --yes`,
        { code: "ERR_TAPE_CARTRIDGE_PROTECTED" },
      );
    }
    const scratch = new ScratchCartridge(drive, header);
    if (header !== undefined && !(await scratch.#isEmpty())) {
      throw new OperatorError(
        `${name} is a tape volume with data: it was left alone. Take a blank or an empty one; if no job on it is wanted ` +
          `any more: tidemark drive erase`,
        { code: "ERR_TAPE_CARTRIDGE_FOREIGN" },
      );
    }
    return scratch;
  }

  /** Stands where may be written; all that is behind is lost with the first write. Says how long that took. */
  async goToStart(): Promise<void> {
    await this.#drive.rewind();
    if (this.#header !== undefined) await this.#drive.spaceFilemarks(1);
    await allowOverwriteHere(this.#drive, this.#header === undefined ? 0n : labelObjects);
  }

  /**
   * Puts the cartridge back into the state that it was found in, and looks whether it is; a tape that was written over is
   * blank then. A unit attention ends it before anything is erased: another cartridge may be there (U1).
   */
  async giveBack(): Promise<ScratchState> {
    await this.goToStart();
    const isErased = await this.#erase();
    if (this.#header !== undefined) {
      // What is written last on a tape is its end: for drives that know no ERASE.
      if (!isErased) await writeLabel(this.#drive, this.#header);
      await this.#proveLabelled(this.#header);
      return "labelled";
    }
    if (!isErased) await this.#drive.synchronise(1);
    await this.#drive.rewind();
    const { kind } = await this.#drive.read(probeBytes);
    if (kind !== (isErased ? "endOfData" : "filemark")) {
      throw new DeviceError(`${this.#drive.name} was told to end its tape at the beginning, and there is a ${kind}`);
    }
    await this.#drive.rewind();
    return isErased ? "blank" : "filemark";
  }

  /** @returns false where the drive knows no ERASE */
  async #erase(): Promise<boolean> {
    try {
      await this.#drive.erase({ entire: false });
      return true;
    } catch (error) {
      if (error instanceof IllegalRequestError) return false;
      throw error;
    }
  }

  async #proveLabelled({ uuid, barcode }: VolumeHeader): Promise<void> {
    await proveIdentity(this.#drive, { volumeUuid: uuid, volumeTag: barcode });
    if (!(await this.#isEmpty())) throw new DeviceError(`${barcode} was to be empty again, and is not`);
    await this.#drive.rewind();
  }

  async #isEmpty(): Promise<boolean> {
    await this.#drive.rewind();
    await this.#drive.spaceFilemarks(1);
    return (await this.#drive.read(probeBytes)).kind === "endOfData";
  }
}
