// SPDX-License-Identifier: Apache-2.0
/** The library as it stands: what the changer says, what the catalog knows, who uses what. Moves nothing. */
import type { CatalogStore } from "../catalog/catalog-store.ts";
import type { DriveQueue, DriveQueueEntry } from "../media-server/drive-queue.ts";
import type { Library, LibraryElement } from "../media-server/library.ts";
import type { CartridgeEntry, CartridgeLocation, VolumeEntry } from "../protocol/volume.ts";
import type { CartridgeStatus, ElementStatus, LibraryDriveStatus, LibraryStatus } from "./api.ts";

export interface LibraryParts {
  readonly library: Library;
  readonly queue: DriveQueue;
  readonly store: CatalogStore;
}

export async function libraryStatus({ library, queue, store }: LibraryParts): Promise<LibraryStatus> {
  const { changer, elements } = await library.inventory();
  const users = queue.list();
  return {
    ...changer,
    elements: elements.map((element) => elementStatus(element, store)),
    drives: library.driveNames.map((name, number) => driveStatus(number, name, elements, users, store)),
    cartridges: cartridges(elements, store),
    waiting: users.filter(({ state }) => state === "waiting").map(userOf),
    requests: store.requests.list().length,
  };
}

function elementStatus(element: LibraryElement, store: CatalogStore): ElementStatus {
  const { address, type, full, volumeTag, sourceAddress, driveSerialNumber, exception } = element;
  const volume = volumeTag === undefined ? undefined : store.volumes.getByTag(volumeTag);
  return {
    address,
    type,
    full,
    ...(volumeTag === undefined ? {} : { volumeTag }),
    ...(sourceAddress === undefined ? {} : { sourceAddress }),
    ...(driveSerialNumber === undefined ? {} : { driveSerialNumber }),
    ...(exception === undefined ? {} : { exception }),
    ...(volume === undefined ? {} : { volumeState: volume.state, pool: volume.pool }),
  };
}

function driveStatus(
  number: number,
  name: string,
  elements: readonly LibraryElement[],
  users: readonly DriveQueueEntry[],
  store: CatalogStore,
): LibraryDriveStatus {
  const element = elements.find(({ drive }) => drive === number);
  const user = users.find(({ drives, state }) => state === "holding" && drives.includes(number));
  const entry = store.drives.get(name) ?? { name, state: "inService", cleaning: "notNeeded" };
  const volumeTag = element?.volumeTag;
  const elementAddress = element?.address ?? entry.elementAddress;
  return {
    ...entry,
    number,
    ...(elementAddress === undefined ? {} : { elementAddress }),
    ...(volumeTag === undefined || volumeTag === "" ? {} : { volumeTag }),
    ...(user === undefined ? {} : { usedBy: userOf(user) }),
  };
}

function userOf({ jobId, purpose, processId }: DriveQueueEntry): NonNullable<LibraryDriveStatus["usedBy"]> {
  return { purpose, processId, ...(jobId === undefined ? {} : { jobId }) };
}

/** Those in the library in order of their places, then those elsewhere by barcode. */
function cartridges(elements: readonly LibraryElement[], store: CatalogStore): readonly CartridgeStatus[] {
  const inside = elements.flatMap((element) =>
    element.volumeTag === undefined || element.volumeTag === ""
      ? []
      : [cartridge(element.volumeTag, placeText(element, elements), store)],
  );
  const seen = new Set(inside.map(({ volumeTag }) => volumeTag));
  const known = new Set([...store.cartridges.list(), ...store.volumes.list()].map(({ volumeTag }) => volumeTag));
  const elsewhere = [...known]
    .filter((volumeTag) => !seen.has(volumeTag))
    .sort()
    .map((volumeTag) => cartridge(volumeTag, locationText(store.cartridges.get(volumeTag)?.location), store));
  return [...inside, ...elsewhere];
}

function cartridge(volumeTag: string, place: string, store: CatalogStore): CartridgeStatus {
  const volume = store.volumes.getByTag(volumeTag);
  const known = store.cartridges.get(volumeTag);
  const capacityBytes = known?.wear?.capacityBytes;
  const loads = known?.wear?.loads;
  return {
    volumeTag,
    kind: volume === undefined ? (known?.kind ?? "unknown") : "data",
    place,
    state: stateOf(volume, known),
    writeProtected: known?.writeProtected ?? false,
    worm: known?.worm ?? false,
    ...(volume === undefined ? {} : volumeFacts(volume)),
    ...(capacityBytes === undefined ? {} : { capacityBytes }),
    ...(loads === undefined ? {} : { loads }),
    ...(known?.cleanings === undefined ? {} : { cleanings: known.cleanings }),
    ...(known?.lastError === undefined ? {} : { lastError: known.lastError }),
  };
}

function stateOf(volume: VolumeEntry | undefined, known: CartridgeEntry | undefined): string {
  if (volume !== undefined) return volume.state;
  if (known?.kind === "cleaning" && known.cleanings !== undefined) {
    const { used, limit } = known.cleanings;
    return used >= limit ? "usedUp" : `${limit - used} cleanings left`;
  }
  return known?.kind === undefined || known.kind === "unknown" || known.kind === "data" ? "notLabelled" : known.kind;
}

function volumeFacts({ pool, mediaSet, setNumber, bytes }: VolumeEntry): Partial<CartridgeStatus> {
  return {
    pool,
    bytes,
    ...(mediaSet === undefined ? {} : { mediaSet }),
    ...(setNumber === undefined ? {} : { setNumber }),
  };
}

const typeNames: Readonly<Record<LibraryElement["type"], string>> = {
  transport: "robot",
  storage: "slot",
  importExport: "mail slot",
  dataTransfer: "drive",
};

/** As people count: slots and mail slots from 1 on, drives as in the configuration. */
function placeText(element: LibraryElement, elements: readonly LibraryElement[]): string {
  if (element.type === "transport") return typeNames.transport;
  if (element.drive !== undefined) return `drive ${element.drive}`;
  const alike = elements.filter(({ type }) => type === element.type);
  return `${typeNames[element.type]} ${alike.indexOf(element) + 1}`;
}

function locationText(location: CartridgeLocation | undefined): string {
  return location?.kind === "vault" ? `vault ${location.name}` : "outside";
}
