// SPDX-License-Identifier: Apache-2.0
import * as fileSystem from "node:fs/promises";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect } from "chai";
import fc from "fast-check";
import { discoverDevices, unitSerialNumber } from "../../../lib/device/discovery.ts";
import type { DiscoveredDevice } from "../../../lib/device/discovery.ts";

interface MadeDevice {
  readonly sg: number;
  readonly type: number;
  readonly scsiAddress: string;
  readonly product?: string;
  readonly serial?: Buffer;
  readonly nst?: number;
  readonly sch?: number;
}

/** A tree as Linux makes it: one folder a SCSI device, links to it in the class folders. */
class Machine {
  readonly root = mkdtempSync(join(tmpdir(), "tidemark-discovery-"));

  write(path: string, content: string | Buffer): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    writeFileSync(join(this.root, path), content);
  }

  link(path: string, target: string): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    symlinkSync(target, join(this.root, path));
  }

  add(device: MadeDevice): void {
    const folder = `sys/devices/host/target/${device.scsiAddress}`;
    this.write(`${folder}/type`, `${device.type}\n`);
    this.write(`${folder}/vendor`, "TIDEMARK\n");
    this.write(`${folder}/model`, `${(device.product ?? "LTO-9").padEnd(16)}\n`);
    this.write(`${folder}/rev`, "0100\n");
    if (device.serial !== undefined) this.write(`${folder}/vpd_pg80`, device.serial);
    this.link(`${folder}/scsi_generic/sg${device.sg}/device`, "../..");
    this.link(
      `sys/class/scsi_generic/sg${device.sg}`,
      `../../devices/host/target/${device.scsiAddress}/scsi_generic/sg${device.sg}`,
    );
    this.write(`dev/sg${device.sg}`, "");
    if (device.sch !== undefined) this.write(`${folder}/scsi_changer/sch${device.sch}/dev`, "86:0\n");
    const { nst } = device;
    if (nst === undefined) return;
    for (const name of ["st", "nst"].flatMap((base) => ["a", "l", "m", ""].map((mode) => `${base}${nst}${mode}`))) {
      this.write(`${folder}/scsi_tape/${name}/dev`, "9:0\n");
      this.write(`dev/${name}`, "");
    }
  }

  discover(): Promise<readonly DiscoveredDevice[]> {
    return discoverDevices({ fileSystem, root: this.root });
  }
}

function page80(serial: string, length = serial.length): Buffer {
  return Buffer.concat([Buffer.from([0x01, 0x80, length >> 8, length & 255]), Buffer.from(serial, "latin1")]);
}

describe("discovery", () => {
  let machine: Machine;
  beforeEach(() => {
    machine = new Machine();
  });
  afterEach(() => rmSync(machine.root, { recursive: true }));

  it("finds drives and changers, and nothing else, in the order of their numbers", async () => {
    machine.add({ sg: 10, type: 1, scsiAddress: "3:0:2:0", serial: page80("  DRIVE2"), nst: 1 });
    machine.add({ sg: 2, type: 8, scsiAddress: "3:0:0:0", serial: page80("CHANGER1"), sch: 0, product: "SL500" });
    machine.add({ sg: 3, type: 1, scsiAddress: "3:0:1:0", serial: page80("DRIVE1\0\0"), nst: 0 });
    machine.add({ sg: 0, type: 0, scsiAddress: "0:0:0:0", serial: page80("DISK") });
    machine.link("dev/tape/by-id/scsi-DRIVE1", "../../st0");
    machine.link("dev/tape/by-id/scsi-DRIVE1-nst", "../../nst0");
    machine.link("dev/tape/by-id/scsi-CHANGER1", "../../sg2");
    expect(await machine.discover()).to.deep.equal([
      {
        kind: "changer",
        sgPath: "/dev/sg2",
        schPath: "/dev/sch0",
        byIdPath: "/dev/tape/by-id/scsi-CHANGER1",
        vendor: "TIDEMARK",
        product: "SL500",
        revision: "0100",
        serialNumber: "CHANGER1",
        scsiAddress: "3:0:0:0",
        address: { kind: "sg", path: "/dev/sg2" },
      },
      {
        kind: "drive",
        sgPath: "/dev/sg3",
        nstPath: "/dev/nst0",
        byIdPath: "/dev/tape/by-id/scsi-DRIVE1-nst",
        vendor: "TIDEMARK",
        product: "LTO-9",
        revision: "0100",
        serialNumber: "DRIVE1",
        scsiAddress: "3:0:1:0",
        address: { kind: "sg", path: "/dev/sg3" },
      },
      {
        kind: "drive",
        sgPath: "/dev/sg10",
        nstPath: "/dev/nst1",
        vendor: "TIDEMARK",
        product: "LTO-9",
        revision: "0100",
        serialNumber: "DRIVE2",
        scsiAddress: "3:0:2:0",
        address: { kind: "sg", path: "/dev/sg10" },
      },
    ]);
  });

  it("a machine without any SCSI device has none", async () => {
    expect(await machine.discover()).to.deep.equal([]);
  });

  it("tolerates what is missing: no tape driver, no serial number, a link that leads nowhere", async () => {
    machine.add({ sg: 1, type: 1, scsiAddress: "1:0:0:0" });
    machine.link("dev/tape/by-id/scsi-GONE-nst", "../../nst7");
    machine.link("sys/class/scsi_generic/sg9", "../../devices/gone");
    const [device, ...more] = await machine.discover();
    expect(more).to.deep.equal([]);
    expect(device).to.include({ kind: "drive", sgPath: "/dev/sg1" });
    expect(device).to.not.have.any.keys("nstPath", "schPath", "byIdPath", "serialNumber");
  });

  it("takes a single /dev/changer link and a link to the rewinding node", async () => {
    machine.add({ sg: 1, type: 8, scsiAddress: "1:0:0:0", sch: 0 });
    machine.add({ sg: 2, type: 1, scsiAddress: "1:0:1:0", nst: 0 });
    machine.link("dev/changer", "sg1");
    machine.link("dev/tape/by-id/scsi-X", "../../st0");
    expect((await machine.discover()).map(({ byIdPath }) => byIdPath)).to.deep.equal([
      "/dev/changer",
      "/dev/tape/by-id/scsi-X",
    ]);
  });

  it("what a device says cannot command a terminal", async () => {
    machine.add({ sg: 1, type: 8, scsiAddress: "1:0:0:0", product: "\u001b[2J", serial: page80("\u001b]0;x\u0007") });
    expect((await machine.discover())[0]).to.include({ product: "?[2J", serialNumber: "?]0;x?" });
  });

  it("reads no serial number beyond the page", () => {
    expect(unitSerialNumber(undefined)).to.equal(undefined);
    expect(unitSerialNumber(page80(""))).to.equal(undefined);
    expect(unitSerialNumber(page80("    "))).to.equal(undefined);
    expect(unitSerialNumber(page80("ABC", 2))).to.equal("AB");
    expect(unitSerialNumber(page80("ABC", 0xffff))).to.equal("ABC");
    expect(unitSerialNumber(Buffer.from([1, 0x83, 0, 3, 65, 65, 65]))).to.equal(undefined);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (page) => {
        const text = unitSerialNumber(page);
        expect(text ?? "").to.match(/^[\x20-\x7e]*$/);
        expect((text ?? "").length).to.be.at.most(Math.max(0, page.length - 4));
      }),
    );
  });
});
