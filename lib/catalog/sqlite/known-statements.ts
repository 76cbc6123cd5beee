// SPDX-License-Identifier: Apache-2.0
/** Statements that are compiled once and not at each call: compiling one takes longer than most of them run. */
import type { Database, Statement } from "better-sqlite3";

/**
 * From now on the database gives the same statement for the same text. So what a statement is told (`pluck()`,
 * `safeIntegers()`) must be told in every place that has its text, and none may be asked for again while its rows are
 * taken one by one.
 */
export function knowStatements(database: Database): void {
  const prepare = database.prepare.bind(database);
  const known = new Map<string, Statement>();
  database.prepare = ((text: string): Statement => {
    const statement = known.get(text) ?? prepare(text);
    known.set(text, statement);
    return statement;
  }) as typeof database.prepare;
}
