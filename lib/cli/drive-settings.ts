// SPDX-License-Identifier: Apache-2.0
/** Verbs of `tidemark drive` that change how it is set. They touch nothing on the tape. */
import type { Command } from "commander";
import type { TapeDrive } from "../device/index.ts";
import { OperatorError } from "../errors.ts";
import { parseByteSize } from "../service/quantity.ts";
import { deviceCodes, withDrive, withDriveOptions } from "./device-work.ts";
import type { DriveOptions } from "./device-work.ts";
import { document } from "./documentation.ts";
import { blockSizeText } from "./drive-status.ts";
import { exitCodes } from "./exit-code.ts";
import type { ExitCode } from "./exit-code.ts";
import type { Runner } from "./program.ts";
import type { Session } from "./session.ts";
import { fieldsText, tableText } from "./table.ts";
import { UsageError } from "./usage-error.ts";

export function addDriveSettings(drive: Command, run: Runner): void {
  const blockSize = withDriveOptions(drive.command("block-size"))
    .description("Show or set the length of blocks: fixed, or variable, which is what tape volumes are written with.")
    .argument("[size]", 'such as "64 KiB", or variable')
    .action(run(showOrSetBlockSize));
  document(blockSize, ["tidemark drive block-size", "tidemark drive block-size variable"], deviceCodes);
  const compression = withDriveOptions(drive.command("compression"))
    .description("Show whether the drive compresses, or switch it on or off.")
    .argument("[state]", "on or off")
    .action(run(showOrSetCompression));
  document(compression, ["tidemark drive compression", "tidemark drive compression off"], deviceCodes);
  const lock = withDriveOptions(drive.command("lock"))
    .description("Prevent that the cartridge is taken out, or allow it again.")
    .option("--off", "allow it again")
    .action(run(lockMedium));
  document(lock, ["tidemark drive lock", "tidemark drive lock --off"], deviceCodes);
  addReserve(drive, run);
}

async function showOrSetBlockSize(
  session: Session,
  size: string | undefined,
  options: DriveOptions,
): Promise<ExitCode> {
  const wanted = size === undefined ? undefined : blockBytes(size);
  const { blockBytes: bytes } = await withDrive(session, options, async (drive) => {
    await drive.attend();
    if (wanted !== undefined) await drive.setBlockBytes(wanted);
    return drive.modeStatus();
  });
  session.print({ blockBytes: bytes }, () => blockSizeText(bytes));
  return exitCodes.done;
}

/** The block descriptor of mode parameters holds 24 bits (SPC-5 7.5.7). */
const longestBlockBytes = 0xffffffn;

function blockBytes(text: string): number {
  if (text === "variable") return 0;
  const bytes = parseByteSize(text);
  if (bytes !== undefined && bytes >= 1n && bytes <= longestBlockBytes) return Number(bytes);
  throw new UsageError(`"${text}" is no block size: write variable, or 1 B to ${longestBlockBytes} B`);
}

function onOrOff(text: string): boolean {
  if (text === "on" || text === "off") return text === "on";
  throw new UsageError(`"${text}" is neither on nor off`);
}

async function showOrSetCompression(
  session: Session,
  state: string | undefined,
  options: DriveOptions,
): Promise<ExitCode> {
  const wanted = state === undefined ? undefined : onOrOff(state);
  const compression = await withDrive(session, options, async (drive, { name }) => {
    await drive.attend();
    if (wanted !== undefined) await drive.setCompression(wanted);
    const page = await drive.compression();
    if (page !== undefined) return page;
    throw new OperatorError(`${name} does not tell whether it compresses (mode page 0Fh)`);
  });
  session.print({ compression }, () =>
    compression.capable ? (compression.compress ? "on" : "off") : "the drive cannot compress",
  );
  return exitCodes.done;
}

async function lockMedium(session: Session, options: DriveOptions & { readonly off?: boolean }): Promise<ExitCode> {
  const prevented = options.off !== true;
  await withDrive(session, options, async (drive) => {
    await drive.attend();
    await drive.preventRemoval(prevented);
  });
  session.print({ removalPrevented: prevented }, () => (prevented ? "locked" : "unlocked"));
  return exitCodes.done;
}

type ReserveOptions = DriveOptions & {
  readonly take?: string;
  readonly release?: string;
  readonly preempt?: string;
  readonly key?: string;
};

function addReserve(drive: Command, run: Runner): void {
  const reserve = withDriveOptions(drive.command("reserve"))
    .description("Show who has the drive reserved (persistent reservations), or take, release or take it over.")
    .option("--take <key>", "reserve it exclusively with this key: up to 16 hexadecimal digits")
    .option("--release <key>", "release it, and take the key back")
    .option("--preempt <key>", "take it from the host with this key; needs --key")
    .option("--key <key>", "with --preempt: the key to hold it with")
    .action(run(reserveDrive));
  document(reserve, ["tidemark drive reserve", "tidemark drive reserve --take 7469646d61726b31"], deviceCodes);
}

async function reserveDrive(session: Session, options: ReserveOptions): Promise<ExitCode> {
  const change = reservationChange(options);
  const state = await withDrive(session, options, async (drive, { name }) => {
    await drive.attend();
    await change(drive);
    const reservation = await drive.reservation();
    if (reservation === undefined) throw new OperatorError(`${name} knows no persistent reservations`);
    return { holder: reservation.holder, keys: (await drive.reservationKeys())?.keys ?? [] };
  });
  const { holder, keys } = state;
  const shown = {
    ...(holder === undefined ? {} : { holder: { ...holder, key: keyText(holder.key) } }),
    keys: keys.map(keyText),
  };
  session.print(shown, () => {
    const held = holder === undefined ? "nobody" : `key ${keyText(holder.key)}, ${holder.type}`;
    const table =
      keys.length === 0
        ? "none"
        : tableText(
            [{ title: "KEY" }],
            keys.map((key) => [keyText(key)]),
          );
    return fieldsText([
      ["Reserved by", held],
      [
        "Registered",
        table
          .split("\n")
          .slice(keys.length === 0 ? 0 : 1)
          .join(", "),
      ],
    ]);
  });
  return exitCodes.done;
}

function reservationChange(options: ReserveOptions): (drive: TapeDrive) => Promise<void> {
  const { take, release, preempt, key } = options;
  const given = [take, release, preempt].filter((option) => option !== undefined);
  if (given.length > 1) throw new UsageError("say one of --take, --release and --preempt");
  if ((preempt === undefined) !== (key === undefined)) throw new UsageError("--preempt and --key belong together");
  if (take !== undefined) {
    const own = reservationKey(take);
    return (drive) => drive.reserve(own);
  }
  if (release !== undefined) {
    const own = reservationKey(release);
    return (drive) => drive.release(own);
  }
  if (preempt === undefined || key === undefined) return () => Promise.resolve();
  const [own, victim] = [reservationKey(key), reservationKey(preempt)];
  return (drive) => drive.preempt(own, victim);
}

/** Eight bytes; zero means "no key" (SPC-5 5.13). */
function reservationKey(text: string): bigint {
  const value = /^[0-9A-Fa-f]{1,16}$/.test(text) ? BigInt(`0x${text}`) : 0n;
  if (value !== 0n) return value;
  throw new UsageError(`"${text}" is no reservation key: write 1 to 16 hexadecimal digits, not all zero`);
}

function keyText(key: bigint): string {
  return key.toString(16).padStart(16, "0");
}
