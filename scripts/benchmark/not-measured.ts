// SPDX-License-Identifier: Apache-2.0
/** A row cannot be measured here: the reason, which is printed in its place. */
export class NotMeasured extends Error {}
