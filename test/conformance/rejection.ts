// SPDX-License-Identifier: Apache-2.0
/** The error that a promise is rejected with; a promise that is not rejected is the error. */
export async function errorOf(attempt: Promise<unknown>): Promise<unknown> {
  return attempt.then(
    () => new Error("it was expected to fail"),
    (error: unknown) => error,
  );
}
