// SPDX-License-Identifier: Apache-2.0
/** A job that is looked at while it runs, in the same process: it notices nothing, and what is told is what is recorded. */
import { expect } from "chai";
import type { AppendFile, FileSystem } from "../../lib/catalog/environment.ts";
import type { JobDetails, Service } from "../../lib/service/api.ts";
import { loadConfig } from "../../lib/service/config.ts";
import { nodeFileSystem } from "../../lib/service/node-file-system.ts";
import { openService } from "../../lib/service/service.ts";
import { realWorld } from "../../lib/service/world.ts";
import { Installation, smallTape } from "./installation.ts";
import { expectRestoredByProduct } from "./restored.ts";

type Hooks = Partial<Record<"synchronised" | "open", () => Promise<void>>>;

/** The job stands still while a hook is being carried out. */
function hooked(hooks: Hooks): FileSystem {
  const create = async (path: string): Promise<AppendFile> => {
    const file = await nodeFileSystem.create(path);
    return {
      append: (bytes) => file.append(bytes),
      synchronise: async () => {
        await file.synchronise();
        await hooks.synchronised?.();
      },
      close: () => file.close(),
    };
  };
  const open: FileSystem["open"] = async (path) => {
    await hooks.open?.();
    return nodeFileSystem.open(path);
  };
  return { ...nodeFileSystem, create, open };
}

describe("a job that is looked at while it runs", () => {
  let installation: Installation;
  let source: string;
  let hooks: Hooks;
  let service: Service;

  beforeEach(async () => {
    installation = await new Installation().make({ config: `${smallTape}[checkpoint]\nsize = "512 KiB"\n` });
    await installation.succeed("volume", "label", "TMK001L9", "--yes");
    source = installation.makeSource("source", 2 ** 21);
    hooks = {};
    service = await openService(loadConfig(installation.configPath), { ...realWorld, fileSystem: hooked(hooks) });
  });
  afterEach(async () => {
    await service.close();
    installation.remove();
  });

  const backUp = async (): Promise<string> => (await service.backup([Buffer.from(source)], {})).status;

  it("tells what is on record at each checkpoint, and goes on", async () => {
    const shown: JobDetails[] = [];
    hooks.synchronised = async () => {
      const details = await service.showJob("1");
      shown.push(details);
      if (details.segments.length > 0) await service.recipe("1", { targetFolder: "/to" });
    };
    expect(await backUp()).to.equal("complete");
    delete hooks.synchronised;
    expect(shown.length).to.be.greaterThan(5);
    expect(new Set(shown.map(({ status }) => status))).to.have.all.keys("running", "queued");
    expect(shown.map(({ temporaryCatalog }) => temporaryCatalog?.damaged)).to.not.include(true);
    const durable = shown.map(({ bytes }) => bytes);
    expect(durable).to.deep.equal([...durable].sort((left, right) => Number(left - right)));
    expect(Number(durable.at(-1))).to.be.greaterThan(2 ** 21);
    expect((await service.showJob("1")).status).to.equal("complete");
    await expectRestoredByProduct(installation, "1", source);
  });

  it("is neither planned, resumed nor cancelled, and goes on", async () => {
    const refused: unknown[] = [];
    hooks.synchronised = async () => {
      const attempts = [service.planResume("1"), service.resumeJob("1", {}), service.cancelJob("1")];
      for (const attempt of await Promise.allSettled(attempts)) refused.push(attempt.status);
    };
    expect(await backUp()).to.equal("complete");
    expect(new Set(refused)).to.have.all.keys("rejected");
    await expectRestoredByProduct(installation, "1", source);
  });

  it("ends while it is looked at: its history is told", async () => {
    let shown: Promise<JobDetails> | undefined;
    let end = (): void => undefined;
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    hooks.synchronised = async () => {
      // Before that there is no file of it to open.
      if ((await service.showJob("1")).segments.length === 0) return;
      delete hooks.synchronised;
      await new Promise<void>((reached) => {
        hooks.open = () => {
          delete hooks.open;
          reached();
          return ended;
        };
        shown = service.showJob("1");
      });
    };
    expect(await backUp()).to.equal("complete");
    end();
    const { status, sourceVolumes, temporaryCatalog } = (await shown) ?? {};
    expect({ status, temporaryCatalog }).to.deep.equal({ status: "complete", temporaryCatalog: undefined });
    expect(sourceVolumes?.map((each) => each.status)).to.deep.equal(["complete"]);
  });
});
