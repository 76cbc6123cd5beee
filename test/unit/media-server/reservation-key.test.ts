// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import { isOwnKey, keyText, reservationKey } from "../../../lib/media-server/reservation-key.ts";

describe("U4 the key that a drive is reserved with", () => {
  const installation = 0xdeadbeef;

  it("names the installation and the job", () => {
    expect(reservationKey(installation, "17").toString(16)).to.equal("544ddeadbeef0011");
    expect(keyText(reservationKey(installation, "17"))).to.equal(
      "544ddeadbeef0011 (job 17 of another Tidemark installation)",
    );
    expect(keyText(reservationKey(installation, undefined))).to.equal(
      "544ddeadbeef0000 (another Tidemark installation)",
    );
    expect(keyText(0x1234n)).to.equal("0000000000001234");
  });

  it("tells its own from those of others, whatever the job", () => {
    expect(isOwnKey(reservationKey(installation, "3"), installation)).to.equal(true);
    expect(isOwnKey(reservationKey(installation, undefined), installation)).to.equal(true);
    expect(isOwnKey(reservationKey(1, "3"), installation)).to.equal(false);
    expect(isOwnKey(BigInt(installation) << 16n, installation)).to.equal(false);
  });
});
