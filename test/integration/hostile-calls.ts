// SPDX-License-Identifier: Apache-2.0
/// <reference lib="es2024.arraybuffer" />
/// <reference lib="es2024.sharedmemory" />
/**
 * Calls everything that the addon exports with everything that makes no sense. It knows no method by name, so that new
 * ones are called too; only a new class needs an entry in {@link instances}. Run by addon-safety.test.ts in a process
 * and a folder of its own, since what goes wrong here may well be a crash: the file `last-call` says in which call. The
 * last line that it prints is a {@link HostileReport}.
 */
import { openSync, writeSync } from "node:fs";
import { join, resolve } from "node:path";
import { nativeBinding } from "../../lib/native/binding.ts";

export interface HostileReport {
  /** `TapeDrive.rewind`, `xxh3_64`, `Ring.capacityBytes`: each function and accessor that was called. */
  readonly called: readonly string[];
  /** Those that say so, by a TypeError, when they are called without any argument. */
  readonly needArguments: readonly string[];
  readonly calls: number;
  /** One sentence for each call that did not end as it should. */
  readonly wrong: readonly string[];
}

type Call = (this: unknown, ...args: readonly unknown[]) => unknown;
type Class = new (...args: readonly unknown[]) => object;

interface Callable {
  readonly name: string;
  readonly call: Call;
  /** A promise is what it always returns, so that it must not throw. */
  readonly isAsync: boolean;
}

const native = nativeBinding();
const folder = resolve(process.argv[2] ?? ".");
const lastCall = openSync(join(folder, "last-call"), "w");
const called = new Set<string>();
const needArguments = new Set<string>();
const wrong: string[] = [];
let calls = 0;

const address = { kind: "simulated", folder: join(folder, "library") } as const;
const ring = new native.Ring({ recordSizeBytes: 16384, capacityBytes: 1 << 20 });
const drive = new native.TapeDrive({ ...address, unit: "drive-0" });
const stream = { streamOffset: 0n, firstContainerId: 1n, segmentBytes: 1n << 50n };

const options = { tracePath: join(folder, "trace"), traceData: true, exclusive: false, timeoutLimitMs: 1000 };
const otherAddresses = [
  { kind: "sg", path: join(folder, "no-device") },
  { kind: "iscsi", url: "iscsi://127.0.0.1:1/iqn.2000-01.example:none/0", initiatorName: "iqn.2000-01.example:me" },
  { kind: "replay", path: join(folder, "no-recording") },
] as const;

/** Valid arguments of each class's constructor, in several ways, and new ones each time: a ring has one packer only. */
const instances: Readonly<Record<string, () => readonly (readonly object[])[]>> = {
  TapeDrive: () => [{ ...address, unit: "drive-0" }, ...otherAddresses].map((each) => [each, options]),
  MediumChanger: () => [{ ...address, unit: "changer" }, ...otherAddresses].map((each) => [each, options]),
  Ring: () => [[{ recordSizeBytes: 16384, capacityBytes: 32768 }]],
  Packer: () => [[{ ring: make("Ring"), readers: 1, ...stream, onEvent: () => undefined }]],
  TapeWriter: () => [[{ drive, ring, streamOffset: 0n, onBlocks: () => undefined }]],
  RecordSieve: () => [[]],
  StreamReader: () => [[{ ring: make("Ring"), streamOffset: 0n }]],
  Extractor: () => [
    [{ targetFolder: Buffer.from(join(folder, "target")), numericOwner: true, overwrite: false }],
    [{ verifyOnly: true }],
  ],
};

/** Valid only for nothing. */
const neverValid: readonly (readonly [string, unknown])[] = [
  ["a symbol", Symbol("hostile")],
  ["NaN", Number.NaN],
  ["a revoked proxy", revokedProxy()],
  ["a proxy that throws", throwingProxy({})],
  ["a proxy of a function", throwingProxy(() => undefined)],
  ["an object of getters that throw", everyProperty(() => fail("a getter"))],
];

/**
 * Longer than 32 bits can say; of an odd length, so that it is no list of anything: that would be read to its end.
 * Sanitizers keep notes of an eighth of all memory.
 */
const hugeBytes = (process.env["ASAN_OPTIONS"] === undefined ? 2 ** 32 : 2 ** 26) + 1;

/** Each may be valid for something, or nearly. Nothing here names a file, or a descriptor that is open. */
const doubtful: readonly (readonly [string, unknown])[] = [
  ["undefined", undefined],
  ["null", null],
  ["a date", new Date(0)],
  ["an empty object", {}],
  ["true", true],
  ...[-1, 1.5, 2 ** 24, 2 ** 31, 2 ** 32, 2 ** 53 - 1, 2 ** 53, Number.MAX_VALUE, Infinity].map(named),
  ...[-1n, 1n, 2n ** 63n, 2n ** 64n - 1n, 2n ** 64n, -(2n ** 80n)].map(named),
  ["an empty string", ""],
  ["a string with a NUL", "a\0b"],
  ["a long string", "x".repeat(1 << 20)],
  ["an empty array", []],
  ["an array of holes", new Array(2 ** 32 - 1)],
  ["an array of symbols", [Symbol("hostile")]],
  ["an array-like object", { length: 2 ** 53 - 1 }],
  ["a function", () => undefined],
  ["an empty buffer", Buffer.alloc(0)],
  ["a detached buffer", detachedBuffer()],
  ["a view of shrunk memory", shrunkBuffer()],
  ["a view of shared memory", new Uint8Array(new SharedArrayBuffer(64, { maxByteLength: 128 }))],
  ["a buffer of 16 MiB", Buffer.alloc(1 << 24)],
  // Only addresses: memory that nobody writes to takes no room.
  ["a huge buffer", new Uint8Array(hugeBytes)],
  ["a view of doubles", new Float64Array(8)],
  ["a view of signed bytes", new Int8Array(64)],
  ["a data view", new DataView(new ArrayBuffer(64))],
  ["an array buffer", new ArrayBuffer(64)],
  ["a proxy of a buffer", new Proxy(Buffer.alloc(8), {})],
  ["a drive", drive],
  ["a ring", ring],
  ["an object like a drive", Object.create(native.TapeDrive.prototype as object)],
];

function named(value: number | bigint): readonly [string, unknown] {
  return [`${typeof value} ${value}`, value];
}

function fail(what: string): never {
  throw new Error(`${what} of the hostile argument`);
}

/** Has every property, each from `get`. */
function everyProperty(get: () => unknown): object {
  return new Proxy({}, { get, has: () => true });
}

function throwingProxy(target: object): object {
  const trap = (): never => fail("a trap");
  return new Proxy(target, { get: trap, has: trap, ownKeys: trap, getPrototypeOf: trap });
}

function revokedProxy(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

function detachedBuffer(): Uint8Array {
  const bytes = new Uint8Array(4096);
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
  return bytes;
}

function shrunkBuffer(): Uint8Array {
  const memory = new ArrayBuffer(65536, { maxByteLength: 65536 });
  const bytes = new Uint8Array(memory, 4096, 4096);
  memory.resize(0);
  return bytes;
}

/** What became of one call: `undefined` where it returned or resolved. */
async function attempt(label: string, { call, isAsync }: Callable, self: unknown, args: readonly unknown[]) {
  writeSync(lastCall, `${label}\n`.padEnd(200), 0);
  calls++;
  let error: unknown;
  try {
    const returned = Reflect.apply(call, self, args);
    if (!(returned instanceof Promise)) return await letGo(returned);
    // Some of these wait for what never comes; that they were begun is no fault.
    error = await Promise.race([returned.then(() => undefined, asError), idleTurns()]);
  } catch (thrown) {
    error = asError(thrown);
    if (isAsync) wrong.push(`${label} threw where it should have rejected: ${String(error)}`);
  }
  if (error !== undefined && !(error instanceof Error)) wrong.push(`${label} failed with ${typeof error}`);
  return error;
}

/** What could be made in spite of everything has threads. */
async function letGo(made: unknown): Promise<undefined> {
  if (made instanceof native.TapeDrive || made instanceof native.MediumChanger) await made.close();
  if (made instanceof native.Packer) await made.stop();
  return undefined;
}

function asError(thrown: unknown): unknown {
  return thrown ?? new Error("nothing was thrown");
}

/** Enough of them for a rejection that is on its way. */
async function idleTurns(): Promise<undefined> {
  for (let turn = 0; turn < 2; turn++) await new Promise((next) => setImmediate(next));
  return undefined;
}

/** No argument, then each hostile one: alone, everywhere, and as every property of an object. */
async function callWithEverything(callable: Callable, self: unknown): Promise<void> {
  const { name } = callable;
  called.add(name);
  if ((await attempt(`${name}()`, callable, self, [])) instanceof TypeError) needArguments.add(name);
  for (const [what, value] of [...neverValid, ...doubtful]) {
    const isNeverValid = neverValid.some(([each]) => each === what);
    for (const count of [1, 4]) {
      const label = `${name}(${what} ${count} times)`;
      const error = await attempt(label, callable, self, Array<unknown>(count).fill(value));
      const mustFail = isNeverValid && needArguments.has(name);
      if (mustFail && !(error instanceof Error)) wrong.push(`${label} took it`);
    }
    await attempt(`${name}({every property: ${what}})`, callable, self, [everyProperty(() => value)]);
  }
}

/** Every property of the valid arguments of a constructor, one at a time, and one argument more. */
async function constructWithEverything(name: string, construct: Callable): Promise<void> {
  for (const [what, value] of [...neverValid, ...doubtful]) {
    for (const [way, valid] of waysToMake(name).entries()) {
      for (const [place, properties] of valid.entries()) {
        for (const property of Object.keys(properties)) {
          const args = [...(waysToMake(name)[way] ?? [])].with(place, { ...properties, [property]: value });
          await attempt(`new ${name} in way ${way} with ${property}: ${what}`, construct, undefined, args);
        }
      }
      await attempt(`new ${name} in way ${way} and ${what}`, construct, undefined, [...valid, value]);
    }
    const [first] = waysToMake(name)[0] ?? [];
    const every = everyProperty(() => value);
    await attempt(`new ${name}({...}, {every property: ${what}})`, construct, undefined, [first, every]);
  }
}

/** Methods and accessors of a class, which must refuse everything that is not one of its objects. */
function membersOf(name: string, prototype: object): readonly Callable[] {
  return Object.entries(Object.getOwnPropertyDescriptors(prototype)).flatMap(([key, descriptor]) => {
    if (key === "constructor") return [];
    const { get, set } = descriptor;
    const all = [descriptor.value as unknown, get, set].filter((each): each is Call => typeof each === "function");
    return all.map((call) => ({ name: `${name}.${key}`, call, isAsync: false }));
  });
}

async function forgeSelf(member: Callable, prototype: object, others: readonly object[]): Promise<void> {
  const genuine = others.find((each) => Object.getPrototypeOf(each) === prototype);
  const strangers: readonly unknown[] = [
    undefined,
    null,
    1,
    "text",
    {},
    prototype,
    () => undefined,
    Object.create(prototype),
    Object.setPrototypeOf({}, prototype),
    new Proxy(genuine ?? {}, {}),
    Object.create(genuine ?? null),
    ...others.filter((each) => each !== genuine),
  ];
  for (const [index, stranger] of strangers.entries()) {
    const label = `${member.name} of stranger ${index}`;
    const error = await attempt(label, member, stranger, []);
    if (!(error instanceof TypeError)) wrong.push(`${label} ended with ${String(error)}`);
  }
}

async function tryClass(name: string, constructor: Class, everyInstance: readonly object[]): Promise<void> {
  const construct = {
    name: `new ${name}`,
    call: (...args: readonly unknown[]) => new constructor(...args),
    isAsync: false,
  };
  const withoutNew = { name, call: constructor as unknown as Call, isAsync: false };
  const error = await attempt(`${name} without new`, withoutNew, undefined, waysToMake(name)[0] ?? []);
  if (!(error instanceof TypeError)) wrong.push(`${name} without new ended with ${String(error)}`);
  await callWithEverything(construct, undefined);
  await constructWithEverything(name, construct);
  const prototype = constructor.prototype as object;
  for (const member of membersOf(name, prototype)) {
    await forgeSelf(member, prototype, everyInstance);
    const isAsync = returnsPromise(member.call, make(name));
    const self = make(name);
    await callWithEverything({ ...member, isAsync }, self);
    await letGo(self);
  }
}

function returnsPromise(call: Call, self: unknown): boolean {
  try {
    const returned = Reflect.apply(call, self, []);
    if (!(returned instanceof Promise)) return false;
    returned.catch(() => undefined);
    return true;
  } catch {
    return false;
  }
}

function waysToMake(name: string): readonly (readonly object[])[] {
  const ways = instances[name];
  if (ways === undefined) throw new Error(`the class ${name} needs an entry in the list of instances`);
  return ways();
}

function make(name: string): object {
  const constructor = native[name as keyof typeof native] as unknown as Class;
  return new constructor(...(waysToMake(name)[0] ?? []));
}

/** Getters that take away what was checked before them. */
async function tryGettersThatAct(): Promise<void> {
  const newDrive = (): InstanceType<typeof native.TapeDrive> => new native.TapeDrive({ ...address, unit: "drive-0" });
  const writerOf = (given: object): { run: Call } =>
    new native.TapeWriter({ ring, streamOffset: 0n, onBlocks: () => undefined, ...given } as never) as never;
  const closed = newDrive();
  const closing = (value: unknown): unknown => {
    void closed.close();
    return value;
  };
  const writer = writerOf({ drive: closed });
  const stretch = { drive: closed, streamOffset: 0n, recordSizeBytes: 16384 };
  const extractor = make("Extractor") as { extract: Call };
  const reader = make("StreamReader") as { read: Call };
  const run = { name: "", call: writer.run, isAsync: true };
  const read = { name: "", call: reader.read, isAsync: true };
  const extract = { name: "", call: extractor.extract, isAsync: true };
  const traps = { get: (_: object, key: string) => closing(key === "limit" ? undefined : 1n) };
  const mustFail: readonly (readonly [string, Callable, unknown, object])[] = [
    ["run with a getter that closes", run, writer, new Proxy({}, traps)],
    ["read with a getter that closes", read, reader, { drive: closed, blocks: 1n }],
    ["extract with a getter that closes", extract, extractor, { ...stretch, blocks: 1n }],
  ];
  for (const [label, callable, self, argument] of mustFail) {
    const error = await attempt(label, callable, self, [argument]);
    if (!(error instanceof Error)) wrong.push(`${label} went on`);
  }
  let asked = 0;
  const real = newDrive();
  const changing = writerOf({
    get drive() {
      return asked++ === 0 ? real : {};
    },
  });
  await attempt("run of a writer whose drive changed", { ...run, call: changing.run }, changing, [{}]);
  ring.close();
  await attempt("run on a ring that is closed", { ...run, call: changing.run }, changing, [{ checkpointBytes: 1n }]);
  await real.close();
}

/** The memory of the first property goes while the second one is asked for. */
async function tryVanishingMemory(): Promise<void> {
  const bytes = 1 << 20;
  const memory = new ArrayBuffer(bytes, { maxByteLength: bytes });
  const targetFolder = new Uint8Array(memory).fill(0x78);
  const vanishing = {
    targetFolder,
    overwrite: false,
    get numericOwner() {
      memory.resize(0);
      return true;
    },
  };
  const construct = { name: "", call: () => new native.Extractor(vanishing as never), isAsync: false };
  const error = await attempt("new Extractor with memory that vanishes", construct, undefined, []);
  if (!(error instanceof Error)) wrong.push("the extractor took a path of a megabyte");
}

native.createSimulatedLibrary(address.folder, {
  drives: 1,
  storageElements: 1,
  importExportElements: 0,
  barcodes: [],
  capacityBytes: 1n << 20n,
  earlyWarningBytes: 0n,
  bufferBytes: 0,
});
const exported = Object.entries(native as unknown as Readonly<Record<string, Call>>);
// Every function of an addon has a prototype and can be called with new: only the name tells a class.
const isClass = (name: string): boolean => /^[A-Z]/.test(name);
const classes = exported.filter(([name]) => isClass(name));
const everyInstance = classes.map(([name]) => make(name));
for (const [name, call] of exported) {
  if (isClass(name)) await tryClass(name, call as unknown as Class, everyInstance);
  else await callWithEverything({ name, call, isAsync: returnsPromise(call, undefined) }, undefined);
}
await tryVanishingMemory();
await tryGettersThatAct();
await drive.close();
for (const each of everyInstance) await letGo(each);
process.stdout.write(`${JSON.stringify({ called: [...called], needArguments: [...needArguments], calls, wrong })}\n`);
