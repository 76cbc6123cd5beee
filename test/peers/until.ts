// SPDX-License-Identifier: Apache-2.0
/** Waiting for a state of the world that nobody announces, such as a foreign daemon's socket. */

const pauseMs = 5;

/**
 * Asks again and again until the answer is not undefined. The pause decides nothing but how often it is asked.
 * @throws where there is no answer within the bound; `what` completes "waited in vain for ..."
 */
export async function until<T>(what: string, boundMs: number, ask: () => Promise<T | undefined>): Promise<T> {
  const giveUpAtMs = performance.now() + boundMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > giveUpAtMs) throw new Error(`waited in vain for ${what}`);
    await new Promise((next) => setTimeout(next, pauseMs));
  }
}
