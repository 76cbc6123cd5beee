// SPDX-License-Identifier: Apache-2.0
/**
 * A device's address as a person writes it, in one word:
 *
 * - `/dev/...`: a SCSI generic or tape node of this machine, or a link to one
 * - `iscsi://[user%password@]host[:port]/target/lun`: a logical unit behind an iSCSI portal
 * - `simulated:FOLDER/changer` and `simulated:FOLDER/drive-0`: a device of a simulated library
 * - `replay:FILE`: a recorded trace, played back
 *
 * A password may stand in an address that is read; nothing here ever puts one into a text.
 */
import { ConfigError } from "../errors.ts";
import type { DeviceAddress } from "../native/binding.ts";

const forms =
  "write /dev/sg3 or another node below /dev, iscsi://host:port/target/lun, simulated:FOLDER/drive-0, " +
  "simulated:FOLDER/changer, or replay:FILE";

const prefixes = { node: "/dev/", iscsi: "iscsi://", simulated: "simulated:", replay: "replay:" } as const;

/** Kernel and libiscsi take paths and URLs as C strings, and a message must stay on one line. */
const controlCharacter = /[\u0000-\u001f\u007f]/;

/**
 * @throws ConfigError (`ERR_TAPE_USAGE`) that names the forms there are
 * @example
 * parseDeviceAddress("/dev/sg3"); // { kind: "sg", path: "/dev/sg3" }
 */
export function parseDeviceAddress(text: string): DeviceAddress {
  if (controlCharacter.test(text)) throw unusable(text, "it has a control character");
  if (text.startsWith(prefixes.node)) return nodeAddress(text);
  if (text.startsWith(prefixes.iscsi)) return iscsiAddress(text);
  if (text.startsWith(prefixes.simulated)) return simulatedAddress(text);
  if (text.startsWith(prefixes.replay)) {
    const path = text.slice(prefixes.replay.length);
    if (path === "") throw unusable(text, "it names no file");
    return { kind: "replay", path };
  }
  throw unusable(text, "it has none of the known forms");
}

/** Whether a text is meant as an address at all, and not as a serial number or a number. */
export function looksLikeDeviceAddress(text: string): boolean {
  return /^[a-z]+:|\//.test(text);
}

/** The text that {@link parseDeviceAddress} reads, without a password. */
export function deviceAddressText(address: DeviceAddress): string {
  switch (address.kind) {
    case "sg":
      return address.path;
    case "iscsi":
      return withoutPassword(address.url);
    case "simulated":
      return `${prefixes.simulated}${address.folder}/${address.unit}`;
    case "replay":
      return `${prefixes.replay}${address.path}`;
  }
}

function nodeAddress(text: string): DeviceAddress {
  if (text.length === prefixes.node.length || text.endsWith("/")) throw unusable(text, "it names no node");
  return { kind: "sg", path: text };
}

/**
 * The grammar of libiscsi's URLs, without its query part: what can be asked for there (header digests, another
 * session type) is for this driver to decide, and a password in it would be one more place to hide.
 */
function iscsiAddress(text: string): DeviceAddress {
  const rest = text.slice(prefixes.iscsi.length);
  const credentialsEnd = rest.lastIndexOf("@");
  if (credentialsEnd >= 0) checkCredentials(text, rest.slice(0, credentialsEnd));
  const [portal = "", target = "", lun = "", ...more] = rest.slice(credentialsEnd + 1).split("/");
  if (/[?#]/.test(rest.slice(credentialsEnd + 1))) throw unusable(text, "options after ? are not supported");
  if (more.length > 0) throw unusable(text, "it has more parts than host, target and logical unit");
  checkPortal(text, portal);
  if (!/^(iqn|eui|naa)\.[A-Za-z0-9.:_-]{1,220}$/.test(target)) {
    throw unusable(text, "its second part must be the target's name, such as iqn.2026-01.org.example:library");
  }
  if (!/^\d{1,5}$/.test(lun) || Number(lun) > 16383) {
    throw unusable(text, "its last part must be the logical unit's number, 0 to 16383");
  }
  return { kind: "iscsi", url: text };
}

function checkCredentials(text: string, credentials: string): void {
  const [user = "", ...password] = credentials.split("%");
  if (user === "" || password.length === 0 || password.join("%") === "") {
    throw unusable(text, "what stands before the @ must be user%password");
  }
  if (/[/@]/.test(user)) throw unusable(text, "a user's name cannot have / or @ in it");
}

function checkPortal(text: string, portal: string): void {
  const match = /^(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9](?:[A-Za-z0-9._-]{0,252}))(?::(\d{1,5}))?$/.exec(portal);
  if (match === null) throw unusable(text, "its first part must be host or host:port ([...] around an IPv6 address)");
  const port = Number(match[1] ?? "3260");
  if (port < 1 || port > 65535) throw unusable(text, `${port} is no port`);
}

function simulatedAddress(text: string): DeviceAddress {
  const path = text.slice(prefixes.simulated.length);
  const cut = path.lastIndexOf("/");
  const folder = path.slice(0, Math.max(cut, 0));
  const unit = path.slice(cut + 1);
  if (!/^(changer|drive-\d{1,3})$/.test(unit))
    throw unusable(text, "its last part must be changer, or drive-0 and so on");
  if (folder === "") throw unusable(text, "it names no folder of a simulated library");
  return { kind: "simulated", folder, unit };
}

function unusable(text: string, why: string): ConfigError {
  const shown = JSON.stringify(withoutPassword(text));
  return new ConfigError(`${shown} is no device address: ${why}; ${forms}`, { code: "ERR_TAPE_USAGE" });
}

/**
 * Whatever the text is, also one that is wrong: nothing between a `%` and the last `@` is shown, and nothing behind
 * a `%` where there is no `@`, for the `@` may be what was forgotten.
 */
function withoutPassword(text: string): string {
  const start = text.indexOf("%");
  if (start < 0 || text.startsWith(prefixes.node)) return text;
  const end = text.lastIndexOf("@");
  return end > start ? text.slice(0, start) + text.slice(end) : `${text.slice(0, start)}%...`;
}
