// SPDX-License-Identifier: Apache-2.0
/**
 * Tidemark as a library: the service that the command line drives. The driver alone, without a database, is
 * `tidemark/device`.
 * @example
 * const service = await openService(loadConfig("/etc/tidemark.toml"));
 * const result = await service.backup([Buffer.from("/home")], {});
 * await service.close();
 */
export * from "./errors.ts";
export type * from "./service/api.ts";
export { findConfigFile, loadConfig, parseConfig } from "./service/config.ts";
export type { ConfigPlaces, TidemarkConfig } from "./service/config.ts";
export { initialise, openService } from "./service/service.ts";
