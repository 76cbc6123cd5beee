// SPDX-License-Identifier: Apache-2.0
/** Roles meet only here: each holds connections to the others, never the others themselves. */

export type RoleName = "jobManager" | "catalogManager" | "catalogServer" | "mediaServer" | "dataServer" | "driveQueue";

/** One message as the trace shows it; arguments stay out, they may be large. */
export interface ProtocolMessage {
  readonly from: RoleName;
  readonly to: RoleName;
  readonly name: string;
}

export type TraceListener = (message: ProtocolMessage) => void;

/**
 * A connection inside this process: an object with the role's own interface whose every call is a message.
 * A connection to another machine implements the same interface over a socket.
 */
export function connectInProcess<Role extends object>(
  from: RoleName,
  to: RoleName,
  role: Role,
  listener: TraceListener | undefined,
): Role {
  return new Proxy(role, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property, target);
      if (typeof value !== "function") return value;
      return (...parameters: unknown[]): unknown => {
        listener?.({ from, to, name: String(property) });
        return Reflect.apply(value, target, parameters);
      };
    },
  });
}
