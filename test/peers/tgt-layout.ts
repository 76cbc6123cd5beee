// SPDX-License-Identifier: Apache-2.0
/**
 * What one private tgtd serves: tape drives and a medium changer in one iSCSI target, and the commands that make it
 * so. The same commands run on this machine (`tgt.ts`) and inside the User-mode Linux guest (`test/vm`).
 */
import { join } from "node:path";

export interface Chap {
  readonly user: string;
  /** CHAP wants 12 to 16 characters of many initiators. */
  readonly password: string;
}

export interface TgtOptions {
  readonly drives: number;
  /** Data cartridges, in the first storage elements. */
  readonly cartridges: number;
  readonly cartridgeMiB: number;
  /** Cleaning cartridges, behind the data cartridges. */
  readonly cleaningCartridges?: number;
  /** WORM cartridges, behind the cleaning cartridges. */
  readonly wormCartridges?: number;
  /** All cartridges and two more where it is left out. */
  readonly storageElements?: number;
  readonly importExportElements?: number;
  readonly chap?: Chap;
}

type CartridgeType = "data" | "clean" | "worm";

export interface TgtCartridge {
  readonly barcode: string;
  readonly type: CartridgeType;
  /** Address of the storage element that it starts in. */
  readonly address: number;
}

export interface TgtUnit {
  readonly lun: number;
  readonly serialNumber: string;
}

export interface TgtLayout {
  readonly options: TgtOptions;
  readonly drives: readonly (TgtUnit & { readonly address: number })[];
  readonly changer: TgtUnit;
  readonly transportAddress: number;
  readonly storageAddresses: readonly number[];
  readonly importExportAddresses: readonly number[];
  readonly cartridges: readonly TgtCartridge[];
}

export const targetName = "iqn.2026-01.test.tidemark:library";
export const targetId = 1;
/** Any number will do: each daemon has its own socket, which `TGT_IPC_SOCKET` names. */
const controlPort = 1;

/** tgt cannot use element address 0; the blocks are where many libraries have them, with gaps between. */
const firstAddress = { transport: 1, importExport: 16, dataTransfer: 256, storage: 4096 } as const;
const elementType = { transport: 1, storage: 2, importExport: 3, dataTransfer: 4 } as const;

/** tgt cuts longer ones off. */
const barcodeCharactersMax = 10;

/** Without these five values writes are three to five times slower. */
const transferParameters: readonly (readonly [name: string, value: string])[] = [
  ["MaxRecvDataSegmentLength", "262144"],
  ["MaxXmitDataSegmentLength", "262144"],
  ["FirstBurstLength", "262144"],
  ["MaxBurstLength", "1048576"],
  ["InitialR2T", "No"],
];

function addresses(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => first + index);
}

function barcodes(prefix: string, count: number, suffix: string): string[] {
  return addresses(1, count).map((number) => `${prefix}${String(number).padStart(3, "0")}${suffix}`);
}

export function tgtLayout(options: TgtOptions): TgtLayout {
  const wanted: (readonly [string, CartridgeType])[] = [
    ...barcodes("TGT", options.cartridges, "L9").map((barcode) => [barcode, "data"] as const),
    ...barcodes("CLN", options.cleaningCartridges ?? 0, "L9").map((barcode) => [barcode, "clean"] as const),
    ...barcodes("WRM", options.wormCartridges ?? 0, "LZ").map((barcode) => [barcode, "worm"] as const),
  ];
  const storageAddresses = addresses(firstAddress.storage, options.storageElements ?? wanted.length + 2);
  if (wanted.length > storageAddresses.length) throw new Error("there are more cartridges than storage elements");
  const long = wanted.find(([barcode]) => barcode.length > barcodeCharactersMax);
  if (long !== undefined) throw new Error(`tgt cuts the barcode ${long[0]} off: make fewer cartridges`);
  return {
    options,
    // LUN 0 is the controller that tgt makes by itself.
    drives: addresses(firstAddress.dataTransfer, options.drives).map((address, index) => ({
      lun: index + 1,
      serialNumber: `TGTDRIVE${index}`,
      address,
    })),
    changer: { lun: options.drives + 1, serialNumber: "TGTCHANGER" },
    transportAddress: firstAddress.transport,
    storageAddresses,
    importExportAddresses: addresses(firstAddress.importExport, options.importExportElements ?? 0),
    cartridges: wanted.map(([barcode, type], index) => ({ barcode, type, address: storageAddresses[index] ?? 0 })),
  };
}

export type Command = readonly [program: string, ...args: string[]];

/** Makes the media; once for a folder, they outlive the daemon. */
export function mediaCommands(layout: TgtLayout, folder: string): readonly Command[] {
  const { cartridges, options } = layout;
  const image = (barcode: string, type: CartridgeType, file: string): Command => {
    const what = ["--barcode", barcode, "--size", String(options.cartridgeMiB), "--type", type];
    return ["tgtimg", "--op", "new", "--device-type", "tape", ...what, "--file", join(folder, file)];
  };
  return [
    ["mkdir", join(folder, "media")],
    // The changer's backing store: what is in it does not matter, but it must not be empty.
    ["truncate", "--size=1K", join(folder, "smc")],
    // A drive is made with a medium, and taken offline before anybody sees it.
    image("NOTAPE", "data", "notape"),
    ...cartridges.map(({ barcode, type }) => image(barcode, type, join("media", barcode))),
  ];
}

/** The daemon itself; it stays in the foreground, and `TGT_IPC_SOCKET` must be set. */
export function daemonCommand(port: number): Command {
  return ["tgtd", "-f", "-C", String(controlPort), "--iscsi", `portal=127.0.0.1:${port}`];
}

/** Names the daemon's portals; it fails until the daemon answers. */
export const showPortalCommand: Command = ["tgtadm", "-C", String(controlPort), "--mode", "portal", "--op", "show"];

export function tgtadm(...args: readonly string[]): Command {
  return ["tgtadm", "-C", String(controlPort), "--lld", "iscsi", ...args];
}

export function unitParameters(lun: number, parameters: string): Command {
  const unit = ["--mode", "logicalunit", "--op", "update", "--tid", String(targetId), "--lun", String(lun)];
  return tgtadm(...unit, "--params", parameters);
}

function newUnit({ lun }: TgtUnit, type: "tape" | "changer", backingStore: string): Command {
  const unit = ["--mode", "logicalunit", "--op", "new", "--tid", String(targetId), "--lun", String(lun)];
  return tgtadm(...unit, "--device-type", type, "-b", backingStore);
}

function target(...args: readonly string[]): Command {
  return tgtadm("--mode", "target", "--tid", String(targetId), ...args);
}

/** Tells a running daemon what to serve; initiators may come when the last command is done. */
export function serveCommands(layout: TgtLayout, folder: string): readonly Command[] {
  return [
    target("--op", "new", "-T", targetName),
    ...transferParameters.map(([name, value]) => target("--op", "update", "--name", name, "--value", value)),
    ...layout.drives.flatMap((drive) => [
      newUnit(drive, "tape", join(folder, "notape")),
      unitParameters(drive.lun, identity("TGT-DRIVE", drive.serialNumber)),
      unitParameters(drive.lun, "online=0,removable=1"),
    ]),
    newUnit(layout.changer, "changer", join(folder, "smc")),
    ...changerParameters(layout, folder).map((parameters) => unitParameters(layout.changer.lun, parameters)),
    ...accountCommands(layout.options.chap),
    target("--op", "bind", "-I", "127.0.0.1"),
  ];
}

function identity(product: string, serialNumber: string): string {
  return `vendor_id=TIDEMARK,product_id=${product},scsi_sn=${serialNumber}`;
}

function changerParameters(layout: TgtLayout, folder: string): readonly string[] {
  const blocks: readonly (readonly [keyof typeof elementType, number])[] = [
    ["transport", 1],
    ["storage", layout.storageAddresses.length],
    ["importExport", layout.importExportAddresses.length],
    ["dataTransfer", layout.drives.length],
  ];
  return [
    identity("TGT-CHANGER", layout.changer.serialNumber),
    `media_home=${join(folder, "media")}`,
    ...blocks
      .filter(([, quantity]) => quantity > 0)
      .map(([type, quantity]) => {
        return `element_type=${elementType[type]},start_address=${firstAddress[type]},quantity=${quantity}`;
      }),
    ...layout.drives.map(({ address, lun }) => {
      return `element_type=${elementType.dataTransfer},address=${address},tid=${targetId},lun=${lun}`;
    }),
    ...layout.cartridges.map(({ address, barcode }) => placing(elementType.storage, address, barcode)),
  ];
}

function placing(type: number, address: number, barcode: string): string {
  return `element_type=${type},address=${address},barcode=${barcode},sides=1`;
}

/** The operator puts a cartridge into the import/export element. */
export function importParameters(address: number, barcode: string): string {
  return placing(elementType.importExport, address, barcode);
}

/** The operator takes the cartridge out of the import/export element. */
export function exportParameters(address: number): string {
  return `element_type=${elementType.importExport},address=${address},clear_slot=1`;
}

function accountCommands(chap: Chap | undefined): readonly Command[] {
  if (chap === undefined) return [];
  const account = ["--mode", "account", "--user", chap.user];
  return [
    tgtadm(...account, "--op", "new", "--password", chap.password),
    tgtadm(...account, "--op", "bind", "--tid", String(targetId)),
  ];
}

/** Commands as a shell script that ends with the first failure and says what it does. */
export function shellScript(commands: readonly Command[]): string {
  return ["set -eux", ...commands.map(shellLine), ""].join("\n");
}

export function shellLine(command: Command): string {
  return command.map(quoted).join(" ");
}

export function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
