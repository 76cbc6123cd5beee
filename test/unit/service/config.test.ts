// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import fc from "fast-check";
import { ConfigError } from "../../../lib/errors.ts";
import { configText } from "../../../lib/service/config-text.ts";
import { findConfigFile, loadConfig, parseConfig, poolPolicy } from "../../../lib/service/config.ts";

const least = 'stateFolder = "state"\n[library]\nkind = "simulated"\nfolder = "library"\n';

function refusal(text: string): string {
  try {
    parseConfig(text, "/etc/tidemark.toml");
  } catch (error) {
    expect(error).to.be.instanceOf(ConfigError);
    expect((error as ConfigError).exitCode).to.equal(2);
    return (error as ConfigError).message;
  }
  throw new Error("the configuration was accepted");
}

describe("configuration", () => {
  it("has a default for everything but the folders, which start at the file's folder", () => {
    expect(parseConfig(least, "/etc/tidemark.toml")).to.deep.equal({
      path: "/etc/tidemark.toml",
      stateFolder: "/etc/state",
      library: {
        kind: "simulated",
        folder: "/etc/library",
        changer: true,
        cleaning: { automatic: true, uses: 50 },
        reservations: true,
      },
      tape: { recordSizeBytes: 524288, segmentBytes: 32n * 2n ** 30n, blockProtection: false },
      checkpoint: { intervalMs: 120_000, bytes: 32n * 2n ** 30n },
      pipeline: { ringBytes: 256 * 2 ** 20 },
      backup: { pool: "default", crossMounts: false, drives: 1 },
      operator: { waitMs: 0 },
      pools: {},
    });
  });

  it("reads sizes, times and bare numbers", () => {
    const config = parseConfig(
      `${least}[tape]\nrecordSize = 16384\nsegmentSize = "64 MiB"\n[checkpoint]\ninterval = "5 min"\nsize = "1GB"\n`,
      "/c/t.toml",
    );
    expect(config.tape).to.deep.equal({
      recordSizeBytes: 16384,
      segmentBytes: 64n * 2n ** 20n,
      blockProtection: false,
    });
    expect(config.checkpoint).to.deep.equal({ intervalMs: 300_000, bytes: 1_000_000_000n });
  });

  it("accepts what init writes, with the same values as the defaults", () => {
    const written = parseConfig(configText({ stateFolder: "state", libraryFolder: "library" }), "/etc/tidemark.toml");
    expect(written).to.deep.equal(parseConfig(least, "/etc/tidemark.toml"));
    const uncommented = configText({ stateFolder: "state", libraryFolder: "library" }).replaceAll(
      /^# (\w+ = )/gm,
      "$1",
    );
    expect(parseConfig(uncommented, "/etc/tidemark.toml")).to.deep.equal(written);
  });

  it("reads pools; one that is not named goes on with its set and keeps everything", () => {
    const config = parseConfig(
      `${least}[pools.weekly]\nallocation = "7 days"\nretention = { keepLast = 3, keepYearly = 5 }\n` +
        `[pools."off.site"]\nallocation = "new set"\n[pools.plain]\n`,
      "/c/t.toml",
    );
    expect(config.pools).to.deep.equal({
      weekly: {
        allocation: { kind: "period", periodMs: 7 * 86_400_000 },
        retention: { keepLast: 3, keepYearly: 5 },
      },
      "off.site": { allocation: { kind: "newSet" } },
      plain: { allocation: { kind: "continue" } },
    });
    expect(poolPolicy(config, "weekly")).to.equal(config.pools["weekly"]);
    for (const other of ["default", "constructor"]) {
      expect(poolPolicy(config, other)).to.deep.equal({ allocation: { kind: "continue" } });
    }
  });

  it("reads libraries without a changer, and how they are cleaned", () => {
    const library = (text: string): unknown =>
      parseConfig(`stateFolder = "s"\n[library]\n${text}\n`, "/c/t.toml").library;
    const drives = 'kind = "devices"\ndrives = ["/dev/nst0"]';
    const cleaning = { automatic: true, uses: 50 };
    const nst0 = { kind: "sg", path: "/dev/nst0" };
    expect(library(drives)).to.deep.equal({
      kind: "devices",
      drives: [nst0],
      cleaning,
      reservations: true,
      feed: "hand",
    });
    expect(library(`${drives}\nfeed = "sequential"`)).to.deep.include({ feed: "sequential" });
    expect(library(`${drives}\nchanger = "/dev/sg4"`)).to.deep.equal({
      kind: "devices",
      drives: [nst0],
      changer: { kind: "sg", path: "/dev/sg4" },
      cleaning,
      reservations: true,
    });
    expect(library('kind = "simulated"\nfolder = "/l"\nchanger = false')).to.deep.equal({
      kind: "simulated",
      folder: "/l",
      changer: false,
      cleaning,
      reservations: true,
      feed: "hand",
    });
    expect(library(`${drives}\n[library.cleaning]\nautomatic = false\nuses = 20`)).to.deep.include({
      cleaning: { automatic: false, uses: 20 },
    });
  });

  it("names an unknown key, the file and the nearest known key", () => {
    expect(refusal(`statFolder = "x"\n${least}`)).to.equal(
      'configuration /etc/tidemark.toml: unknown key "statFolder"; did you mean "stateFolder"?',
    );
    expect(refusal(`${least}[tape]\nrecord_size = 1\n`)).to.include(
      'unknown key "tape.record_size"; did you mean "recordSize"?',
    );
    expect(refusal(`${least}[tape]\ncolour = 1\n`)).to.include("known keys here: recordSize, segmentSize");
    expect(refusal(`${least}[pools."a.b"]\nretentoin = {}\n`)).to.include('did you mean "retention"?');
    expect(refusal(`${least}[pools.a]\nretention = { keepLats = 1 }\n`)).to.include(
      'unknown key "pools.a.retention.keepLats"; did you mean "keepLast"?',
    );
    expect(refusal(`${least}[library.cleaning]\nuse = 1\n`)).to.include('did you mean "uses"?');
  });

  it("says in one sentence what is wrong with a value", () => {
    expect(refusal('[library]\nkind = "simulated"\nfolder = "l"\n')).to.include('the key "stateFolder" is missing');
    expect(refusal(least.replace("simulated", "real"))).to.include('the key "library.kind" must be "simulated"');
    expect(refusal(`${least}[tape]\nrecordSize = "many"\n`)).to.include('the key "tape.recordSize" must be a size');
    expect(refusal(`${least}[tape]\nrecordSize = 8192\n`)).to.include("between 16 KiB and 8 MiB");
    expect(refusal(`${least}[tape]\nrecordSize = 20000\n`)).to.include("multiple of 512");
    expect(refusal(`${least}[pipeline]\nringSize = "512 KiB"\n`)).to.include("at least 2 records");
    const readers = 'the key "pipeline.readers" must be "auto" or a number from 1 to 64';
    for (const value of ["0", "65", '"many"'])
      expect(refusal(`${least}[pipeline]\nreaders = ${value}\n`)).to.include(readers);
    expect(refusal(`${least}[checkpoint]\ninterval = "soon"\n`)).to.include("must be a time");
    expect(refusal(`${least}[backup]\npool = "a b"\n`)).to.include('the key "backup.pool" must be');
    expect(refusal(`${least}[backup]\ndrives = 65\n`)).to.include('the key "backup.drives" must be at most 64');
    expect(refusal(`${least}[operator]\nwait = "long"\n`)).to.include('the key "operator.wait" must be a time');
  });

  it("says in one sentence what is wrong with a pool or a library", () => {
    const pool = (text: string): string => refusal(`${least}[pools.a]\n${text}\n`);
    for (const wrong of ["sometimes", "0 s"]) {
      expect(pool(`allocation = "${wrong}"`)).to.include(
        'the key "pools.a.allocation" must be "continue", "new set" or a time such as "7 days"',
      );
    }
    expect(pool("retention = {}")).to.include('the key "pools.a.retention" must keep something');
    expect(pool("retention = { keepLast = 0 }")).to.include('the key "pools.a.retention.keepLast" must be 1 or more');
    expect(pool("retention = { keepLast = 1.5 }")).to.include("must be a whole number");
    expect(refusal(`${least}[pools."a b"]\n`)).to.include('the name "pools.a b" must be 1 to 64 letters');
    expect(refusal(`${least}feed = "hand"\n`)).to.include('the key "library.feed" is for drives without a changer');
    expect(refusal(`${least}changer = false\nfeed = "crane"\n`)).to.include(
      'the key "library.feed" must be "hand" or "sequential"',
    );
    expect(refusal(`${least}changer = "/dev/sg1"\n`)).to.include('the key "library.changer" must be true or false');
  });

  it("says line and column of a syntax error", () => {
    expect(refusal('stateFolder = "state\n')).to.match(/^configuration \/etc\/tidemark.toml line 1, column \d+: /);
  });

  it("never fails in another way, whatever the file holds", () => {
    const anyText = fc.oneof(
      fc.string(),
      fc.string().map((text) => `${least}${text}`),
    );
    fc.assert(
      fc.property(anyText, (text) => {
        try {
          parseConfig(text, "/etc/tidemark.toml");
        } catch (error) {
          expect(error).to.be.instanceOf(ConfigError);
          expect((error as Error).message).to.not.include("\n");
        }
      }),
    );
  });
});

describe("finding the configuration", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tidemark-config-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("takes --config, then the environment, then the working folder, then the home folder", () => {
    const home = join(folder, "home");
    const working = join(folder, "work");
    mkdirSync(join(home, ".config", "tidemark"), { recursive: true });
    mkdirSync(working);
    const places = { workingFolder: working, homeFolder: home };
    expect(() => findConfigFile(places)).to.throw(ConfigError, "tidemark init --simulated");
    writeFileSync(join(home, ".config", "tidemark", "tidemark.toml"), least);
    expect(findConfigFile(places)).to.equal(join(home, ".config", "tidemark", "tidemark.toml"));
    writeFileSync(join(working, "tidemark.toml"), least);
    expect(findConfigFile(places)).to.equal(join(working, "tidemark.toml"));
    expect(findConfigFile({ ...places, environment: "e.toml" })).to.equal(join(working, "e.toml"));
    expect(findConfigFile({ ...places, environment: "e.toml", option: "/o.toml" })).to.equal("/o.toml");
  });

  it("says that a named file does not exist or cannot be read", () => {
    expect(() => loadConfig(join(folder, "none.toml"))).to.throw(ConfigError, "it does not exist");
    expect(() => loadConfig(folder)).to.throw(ConfigError, "EISDIR");
  });
});
