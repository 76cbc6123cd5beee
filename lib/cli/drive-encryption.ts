// SPDX-License-Identifier: Apache-2.0
/** `tidemark drive encryption`: encryption by the drive itself, with a key that is handed to it. */
import type { Command } from "commander";
import type { EncryptionAlgorithm, EncryptionCapabilities, EncryptionStatus, TapeDrive } from "../device/index.ts";
import { OperatorError } from "../errors.ts";
import { deviceCodes, withDrive, withDriveOptions } from "./device-work.ts";
import type { DriveOptions } from "./device-work.ts";
import { document } from "./documentation.ts";
import { exitCodes } from "./exit-code.ts";
import type { ExitCode } from "./exit-code.ts";
import { withKey } from "./key-source.ts";
import type { KeyOptions } from "./key-source.ts";
import type { Runner } from "./program.ts";
import type { Session } from "./session.ts";
import { fieldsText } from "./table.ts";
import { UsageError } from "./usage-error.ts";

type EncryptionOptions = DriveOptions & KeyOptions & { readonly mixed?: boolean };

export function addDriveEncryption(drive: Command, run: Runner): void {
  const encryption = withDriveOptions(drive.command("encryption"))
    .description("Show whether the drive encrypts, or switch it on with a key, or off.")
    .argument("[state]", "on or off")
    .option("--key-file <file>", "on: the key, as 32 bytes or 64 hexadecimal digits")
    .option("--key-fd <number>", "on: a file descriptor to read the key from")
    .option("--mixed", "on: read blocks that are not encrypted, too")
    .action(run(showOrSetEncryption));
  document(
    encryption,
    ["tidemark drive encryption", "tidemark drive encryption on --key-file /etc/tidemark/weekly.key"],
    deviceCodes,
  );
}

async function showOrSetEncryption(
  session: Session,
  state: string | undefined,
  options: EncryptionOptions,
): Promise<ExitCode> {
  if (state !== undefined && state !== "on" && state !== "off") {
    throw new UsageError(`"${state}" is neither on nor off`);
  }
  if (state !== "on" && (options.keyFile !== undefined || options.keyFd !== undefined || options.mixed === true)) {
    throw new UsageError('a key and --mixed belong to "encryption on"');
  }
  if (state === "on") return withKey(session, options, (key) => changed(session, options, key));
  return changed(session, options, state === "off" ? "off" : undefined);
}

async function changed(
  session: Session,
  options: EncryptionOptions,
  wanted: Buffer | "off" | undefined,
): Promise<ExitCode> {
  const { capabilities, status } = await withDrive(session, options, async (drive, { name }) => {
    await drive.attend();
    const known = await drive.encryptionCapabilities();
    if (known === undefined) throw new OperatorError(`${name} cannot encrypt, or does not let this host control it`);
    if (wanted === "off") await drive.setEncryption({ encryption: "off", decryption: "off" });
    else if (wanted !== undefined) await switchOn(drive, name, known, wanted, options.mixed === true);
    return { capabilities: known, status: await drive.encryptionStatus() };
  });
  session.print({ ...(status === undefined ? {} : { status }), capabilities }, () =>
    encryptionText(capabilities, status),
  );
  return exitCodes.done;
}

async function switchOn(
  drive: TapeDrive,
  name: string,
  capabilities: EncryptionCapabilities,
  key: Buffer,
  mixed: boolean,
): Promise<void> {
  const algorithm = capabilities.algorithms.find((each) => each.encrypt === inHardware && each.keyBytes === key.length);
  if (algorithm === undefined)
    throw new OperatorError(`${name} has no algorithm that takes a key of ${key.length} bytes`);
  await drive.setEncryption({
    encryption: "encrypt",
    decryption: mixed ? "mixed" : "decrypt",
    algorithmIndex: algorithm.index,
    key,
  });
}

/** ENCRYPT_C of the data encryption capabilities page (SSC-4 8.5.2.4). */
const inHardware = 2;

const algorithmNames: Readonly<Record<number, string>> = { 0x00010014: "AES-256-GCM", 0x00010010: "AES-256-CCM" };

function encryptionText(capabilities: EncryptionCapabilities, status: EncryptionStatus | undefined): string {
  const algorithms = capabilities.algorithms.map(algorithmText).join("; ");
  return fieldsText([
    ["Writing", status?.encryption ?? "the drive does not tell"],
    ["Reading", status?.decryption ?? "the drive does not tell"],
    ...(status === undefined ? [] : ([["Key changes counted", String(status.keyInstanceCounter)]] as const)),
    ["Algorithms", algorithms === "" ? "none" : algorithms],
  ]);
}

function algorithmText({ algorithm, index, keyBytes }: EncryptionAlgorithm): string {
  const code = algorithm.toString(16).toUpperCase().padStart(8, "0");
  return `${algorithmNames[algorithm] ?? `${code}h`} (index ${index}, key of ${keyBytes} bytes)`;
}
