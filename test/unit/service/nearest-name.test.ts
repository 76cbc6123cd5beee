// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import { nearestName } from "../../../lib/service/nearest-name.ts";

describe("nearest name", () => {
  const known = ["stateFolder", "library", "tape", "checkpoint"];

  it("finds a misspelt name, whichever way words are joined", () => {
    expect(nearestName("libary", known)).to.equal("library");
    expect(nearestName("state_folder", known)).to.equal("stateFolder");
    expect(nearestName("state-foldr", known)).to.equal("stateFolder");
  });

  it("keeps silent where nothing is near", () => {
    expect(nearestName("zzzzzz", known)).to.equal(undefined);
    expect(nearestName("anything", [])).to.equal(undefined);
  });
});
