// SPDX-License-Identifier: Apache-2.0
/** Device commands over iSCSI against tgt, a library of foreign make, whose state other tools have printed. */
import { expect } from "chai";
import { needs } from "../needs.ts";
import { TgtLibrary } from "../peers/tgt.ts";
import { runCli } from "../unit/cli/fake-terminal.ts";

const tag = (barcode: string): string => barcode.padEnd(32);

describe("device commands against tgt", () => {
  let library: TgtLibrary;
  before(async function () {
    needs(this, "tgtd", "setpriv");
    library = await TgtLibrary.start({
      drives: 2,
      cartridges: 6,
      cartridgeMiB: 16,
      cleaningCartridges: 1,
      storageElements: 9,
      importExportElements: 2,
    });
  });
  after(() => library?.stop());

  const changer = async (...args: readonly string[]): Promise<string> => {
    const { code, terminal } = await runCli(["changer", ...args, "--changer", library.changerUrl], {});
    expect(code, terminal.error).to.equal(0);
    return terminal.out;
  };
  const drive = async (...args: readonly string[]): Promise<{ readonly code: number; readonly text: string }> => {
    const { code, terminal } = await runCli(["drive", ...args, "--drive", library.driveUrl(0)], {});
    return { code, text: terminal.out + terminal.error };
  };

  it("prints of two loaded drives and an export what mtx 1.3.12 printed of the same library", async () => {
    await changer("load", "TGT001L9", "256");
    await changer("load", "TGT002L9", "257");
    await changer("export", "TGT003L9");
    const [head, ...lines] = (await changer("status", "--format", "mtx")).split("\n");
    expect(head).to.equal(`  Storage Changer ${library.changerUrl}:2 Drives, 11 Slots ( 2 Import/Export )`);
    expect(lines).to.deep.equal([
      `Data Transfer Element 0:Full (Storage Element 1 Loaded):VolumeTag = ${tag("TGT001L9")}`,
      `Data Transfer Element 1:Full (Storage Element 2 Loaded):VolumeTag = ${tag("TGT002L9")}`,
      `      Storage Element 1:Empty:VolumeTag=${tag("")}`,
      `      Storage Element 2:Empty:VolumeTag=${tag("")}`,
      `      Storage Element 3:Empty:VolumeTag=${tag("")}`,
      `      Storage Element 4:Full :VolumeTag=${tag("TGT004L9")}`,
      `      Storage Element 5:Full :VolumeTag=${tag("TGT005L9")}`,
      `      Storage Element 6:Full :VolumeTag=${tag("TGT006L9")}`,
      `      Storage Element 7:Full :VolumeTag=${tag("CLN001L9")}`,
      `      Storage Element 8:Empty:VolumeTag=${tag("")}`,
      `      Storage Element 9:Empty:VolumeTag=${tag("")}`,
      `      Storage Element 10 IMPORT/EXPORT:Full :VolumeTag=${tag("TGT003L9")}`,
      `      Storage Element 11 IMPORT/EXPORT:Empty:VolumeTag=${tag("")}`,
      "",
    ]);
  });

  it("prints of a cartridge that was just loaded what mt printed", async () => {
    expect((await drive("status", "--format", "mt")).text).to.equal(
      [
        "SCSI 2 tape drive:",
        "File number=-1, block number=-1, partition=0.",
        "Tape block size 0 bytes. Density code 0x0 (default).",
        "Soft error count since last status=0",
        "General status bits on (1010000):",
        " ONLINE IM_REP_EN",
        "",
      ].join("\n"),
    );
  });

  it("says in one sentence what this drive has not", async () => {
    for (const verb of [["attributes"], ["logs"], ["alerts"], ["encryption"], ["reserve"]]) {
      const { code, text } = await drive(...verb);
      expect(text, verb.join(" ")).to.match(/^tidemark: [^\n]{20,}\n$/);
      expect(code).to.equal(5);
    }
    for (const verb of [["status"], ["capabilities"], ["inquiry"], ["density"], ["partitions"], ["rewind"], ["eod"]]) {
      const { code, text } = await drive(...verb);
      expect(code, text).to.equal(0);
    }
    expect((await drive("position")).text).to.equal("the drive does not tell\n");
  });

  it("measures a drive that tells nothing, and cuts its tape off behind", async () => {
    const args = ["bench", "drive", "--drive", library.driveUrl(0), "--size", "4 MiB", "--yes", "--json"];
    const { code, terminal } = await runCli([...args, "--overwrite"], {});
    expect(code, terminal.error).to.equal(0);
    const report = JSON.parse(terminal.out) as {
      readonly recordSizes: readonly { readonly bytes: number }[];
      readonly stream: { readonly bytes: number };
      readonly counted: object;
      readonly cartridge: { readonly state: string };
    };
    const written = [...report.recordSizes, report.stream].reduce((sum, { bytes }) => sum + bytes, 0);
    expect(written).to.be.at.least(4 * 1024 * 1024);
    expect(report.counted).to.deep.equal({});
    expect(report.cartridge.state).to.equal("filemark");
  });
});
