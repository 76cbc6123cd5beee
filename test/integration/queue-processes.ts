// SPDX-License-Identifier: Apache-2.0
/** Processes that share a drive queue, each told what to do by the test. */
import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { DriveQueueEntry, DriveRequest } from "../../lib/media-server/drive-queue.ts";
import type { QueueCommand, QueueEvent } from "./queue-user.ts";

const program = fileURLToPath(new URL("./queue-user.ts", import.meta.url));

type Told<Kind extends QueueEvent["told"]> = Extract<QueueEvent, { readonly told: Kind }>;

export class QueueProcess {
  readonly #child: ChildProcess;
  readonly #events: QueueEvent[] = [];
  #wake: () => void = () => undefined;

  constructor() {
    this.#child = fork(program);
    this.#child.on("message", (event: QueueEvent) => {
      this.#events.push(event);
      this.#wake();
    });
    this.#child.once("exit", () => this.#wake());
  }

  get processId(): number {
    return this.#child.pid ?? 0;
  }

  get isAlive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** What it told of an earlier queue is forgotten. */
  async opens(stateFolder: string, driveCount: number): Promise<this> {
    this.say({ do: "open", stateFolder, driveCount });
    await this.hears("opened");
    return this;
  }

  /** The next thing of this kind that it tells; what it has told before is passed over. */
  async hears<Kind extends QueueEvent["told"]>(told: Kind): Promise<Told<Kind>> {
    for (;;) {
      const event = this.#events.shift();
      if (event?.told === told) return event as Told<Kind>;
      if (event !== undefined) continue;
      if (!this.isAlive) throw new Error(`process ${this.processId} has ended and will not tell: ${told}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  say(command: QueueCommand): void {
    this.#child.send(command);
  }

  /** Asks, and resolves when it is granted. */
  async granted(name: string, request: DriveRequest): Promise<readonly number[]> {
    this.say({ do: "acquire", name, request });
    return (await this.hears("granted")).drives;
  }

  /** Asks, and resolves when it has to wait, with those before it. */
  async waits(name: string, request: DriveRequest): Promise<readonly DriveQueueEntry[]> {
    this.say({ do: "acquire", name, request });
    return (await this.hears("waiting")).before;
  }

  async releases(name: string): Promise<void> {
    this.say({ do: "release", name });
    await this.hears("done");
  }

  async isWanted(name: string): Promise<boolean> {
    this.say({ do: "isWanted", name });
    return (await this.hears("answer")).answer;
  }

  async claims(name: string, volumeTag: string): Promise<boolean> {
    this.say({ do: "claim", name, volumeTag });
    return (await this.hears("answer")).answer;
  }

  async closes(): Promise<void> {
    this.say({ do: "close" });
    await this.hears("done");
  }

  async lists(): Promise<readonly DriveQueueEntry[]> {
    this.say({ do: "list" });
    return (await this.hears("list")).entries;
  }

  /** With SIGKILL; resolves when it is gone. */
  async kill(): Promise<void> {
    if (!this.isAlive) return;
    const exited = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await exited;
  }
}
