// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import { chains, recipe, shellQuoted } from "../../../lib/format/recipe.ts";
import type { RecipeSegment } from "../../../lib/format/recipe.ts";

const base: RecipeSegment = {
  segment: 0,
  volumeTag: "TM0001L9",
  tapeFile: 1,
  content: "stream",
  continues: false,
  end: "closed",
  validRecords: 9n,
};
const request = { jobId: "17", recordSizeBytes: 524288, targetFolder: "/srv/my files" };

describe("the recipe", () => {
  it("joins a cut segment with those that continue it, and leaves footer-only ones out", () => {
    const segments: RecipeSegment[] = [
      base,
      { ...base, segment: 1, tapeFile: 2, end: "cut" },
      { ...base, segment: 2, tapeFile: 3, content: "footerOnly" },
      { ...base, segment: 3, tapeFile: 4, continues: true, end: "cut" },
      { ...base, segment: 4, tapeFile: 5 },
    ];
    expect(chains(segments).map((chain) => chain.map(({ segment }) => segment))).to.deep.equal([[0], [1, 3], [4]]);
  });

  it("reads segments that follow one another as one archive, without the later heads", () => {
    const segments: RecipeSegment[] = [
      { ...base, end: "cut", validRecords: 40n },
      { ...base, segment: 2, volumeTag: "TM0002L9", follows: true, end: "cut", validRecords: 9n },
      { ...base, segment: 4, volumeTag: "TM0003L9", continues: true, end: "cut", validRecords: 8n },
      { ...base, segment: 6, volumeTag: "TM0004L9", follows: true },
    ];
    expect(chains(segments).map((chain) => chain.length)).to.deep.equal([4]);
    const lines = recipe({ ...request, segments, medium: { kind: "simulated", command: "tidemark" } });
    const take = "dd bs=524288";
    expect(
      lines.map((line) => line.trim()).filter((line) => /^(\{|\}|tidemark|mkfifo|LC_ALL)/.test(line)),
    ).to.deep.equal([
      'mkfifo "$parts"/0 "$parts"/4',
      "{",
      "{",
      `tidemark volume read TM0001L9 1 | ${take} count=40 iflag=fullblock status=none`,
      `tidemark volume read TM0002L9 1 | ${take} skip=1 count=8 iflag=fullblock status=none`,
      '} > "$parts"/0',
      "{",
      `tidemark volume read TM0003L9 1 | ${take} count=8 iflag=fullblock status=none`,
      `tidemark volume read TM0004L9 1 | ${take} skip=1 iflag=fullblock status=none`,
      '} > "$parts"/4',
      "} &",
      lines.find((line) => line.startsWith("LC_ALL")),
    ]);
    const byDrive = recipe({
      ...request,
      segments: segments.slice(0, 2),
      medium: { kind: "drive", device: "/dev/nst0" },
    });
    expect(byDrive.join("\n")).to.match(/fsr 1\n *dd if=\/dev\/nst0 bs=524288 count=8 status=none\n/);
    expect(byDrive.filter((line) => line.includes("tar -x"))).to.have.lengthOf(1);
  });

  it("moves a drive as little as it can and asks for each volume", () => {
    const segments: RecipeSegment[] = [
      base,
      { ...base, segment: 1, tapeFile: 2, end: "cut", validRecords: 40n },
      { ...base, segment: 3, tapeFile: 4, continues: true },
      { ...base, segment: 5, volumeTag: "TM0002L9", tapeFile: 3 },
      { ...base, segment: 6, volumeTag: "TM0002L9", tapeFile: 1 },
    ];
    const lines = recipe({ ...request, segments, medium: { kind: "drive", device: "/dev/nst0" } });
    const commands = lines.map((line) => line.trim()).filter((line) => /^({ )?(mt|dd|printf)/.test(line));
    expect(commands.map((line) => line.split(" | ")[0])).to.deep.equal([
      "printf 'Load volume %s into /dev/nst0, then press return: ' TM0001L9; read -r answer < /dev/tty",
      "mt -f /dev/nst0 setblk 0",
      "mt -f /dev/nst0 rewind",
      "mt -f /dev/nst0 fsf 1",
      "dd if=/dev/nst0 bs=524288 status=none",
      '{ dd if=/dev/nst0 bs=524288 count=40 status=none; } > "$parts"/1',
      "mt -f /dev/nst0 fsf 1",
      "mt -f /dev/nst0 fsf 1",
      '{ dd if=/dev/nst0 bs=524288 status=none; } > "$parts"/3',
      "printf 'Load volume %s into /dev/nst0, then press return: ' TM0002L9; read -r answer < /dev/tty",
      "mt -f /dev/nst0 setblk 0",
      "mt -f /dev/nst0 rewind",
      "mt -f /dev/nst0 fsf 3",
      "dd if=/dev/nst0 bs=524288 status=none",
      "mt -f /dev/nst0 rewind",
      "mt -f /dev/nst0 fsf 1",
      "dd if=/dev/nst0 bs=524288 status=none",
    ]);
    expect(lines.filter((line) => line.includes("tar -x"))[0]).to.equal(
      "dd if=/dev/nst0 bs=524288 status=none | LC_ALL=C tar -x -p --numeric-owner --acls --xattrs --xattrs-include='*' " +
        "--warning=no-unknown-keyword --delay-directory-restore -P --anchored --exclude=.tidemark/17 -b 1024 -C '/srv/my files' -f -",
    );
  });

  it("reads a simulated library through the command line", () => {
    const segments: RecipeSegment[] = [{ ...base, end: "cut" }];
    const lines = recipe({ ...request, segments, medium: { kind: "simulated", command: "tidemark --config /c" } });
    expect(lines.at(-1)).to.match(
      /^tidemark --config \/c volume read TM0001L9 1 \| dd bs=524288 count=9 iflag=fullblock status=none \| LC_ALL=C tar -x /,
    );
  });

  it("quotes for the shell", () => {
    expect(shellQuoted("/a/b-1.toml")).to.equal("/a/b-1.toml");
    expect(shellQuoted("it's; rm -rf /")).to.equal("'it'\\''s; rm -rf /'");
  });
});
