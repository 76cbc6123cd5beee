// SPDX-License-Identifier: Apache-2.0
/**
 * The data server on a client computer: walks source volumes, asks about every container object, and encodes what
 * must be written. File bytes stay in the native packer; only frames of records pass through here.
 */
import { ProtocolError } from "../errors.ts";
import type { ContinuedObject, NativePacker, NativePackerEvent } from "../native/binding.ts";
import type { ObjectAcross } from "../protocol/catalog-manager.ts";
import type {
  DataServer,
  DataServerListener,
  DataServerSession,
  RestoreSession,
  SourceRequest,
  VerificationSession,
} from "../protocol/data-server.ts";
import type { CutMember } from "../protocol/tape.ts";
import type { DataServerEnvironment } from "./environment.ts";
import { LocalRestoreSession } from "./restore-session.ts";
import { LocalVerificationSession } from "./verification-session.ts";

interface OpenSession {
  readonly session: DataServerSession;
  readonly listener: DataServerListener;
  readonly packer: NativePacker;
  /** A segment's records may take so many bytes: of the medium and the drive that it goes to. */
  segmentRecordBytes: bigint;
}

export class LocalDataServer implements DataServer {
  readonly #environment: DataServerEnvironment;
  #open: OpenSession | undefined;

  constructor(environment: DataServerEnvironment) {
    this.#environment = environment;
  }

  open(session: DataServerSession, listener: DataServerListener): Promise<void> {
    if (this.#open !== undefined) throw new ProtocolError("the data server has a session open already");
    const packer = this.#environment.createPacker({
      ring: this.#environment.nativeRing(session.ring),
      ...(session.readers === undefined ? {} : { readers: session.readers }),
      streamOffset: session.streamOffset,
      firstContainerId: session.firstContainerId,
      segmentBytes: session.segmentBytes,
      onEvent: (event) => this.#onEvent(event),
    });
    this.#open = { session, listener, packer, segmentRecordBytes: session.segmentRecordBytes };
    return Promise.resolve();
  }

  canContinue(sourcePath: Uint8Array, object: ObjectAcross): Promise<boolean> {
    return Promise.resolve(this.#environment.checkContinued(Buffer.from(sourcePath), continuedObject(object)));
  }

  startSource(request: SourceRequest): Promise<void> {
    this.#session().packer.start({
      index: request.index,
      path: Buffer.from(request.path),
      crossMounts: request.crossMounts,
      asks: request.asks,
      trustCatalog: request.trustCatalog,
      ...(request.linkTargets === undefined ? {} : { linkTargets: Buffer.from(request.linkTargets) }),
      ...(request.continued === undefined ? {} : { continued: continuedObject(request.continued) }),
    });
    return Promise.resolve();
  }

  release(segmentRecordBytes: bigint): void {
    const open = this.#session();
    open.segmentRecordBytes = segmentRecordBytes;
    open.packer.release();
  }

  memberAt(streamOffset: bigint): CutMember | undefined {
    const member = this.#session().packer.memberAt(streamOffset);
    // A member that begins at the boundary is not cut by it.
    return member === undefined || member.headerOffset >= streamOffset ? undefined : member;
  }

  progress(): ReturnType<DataServer["progress"]> {
    return (
      this.#open?.packer.progress() ?? { bytesReserved: 0n, objects: 0n, readers: 0, currentPath: Buffer.alloc(0) }
    );
  }

  async close(): Promise<void> {
    const open = this.#open;
    if (open === undefined) return;
    this.#open = undefined;
    await open.packer.stop();
  }

  openRestore(target: { readonly folder: Uint8Array; readonly overwrite: boolean }): Promise<RestoreSession> {
    const extractor = this.#environment.createExtractor({
      targetFolder: Buffer.from(target.folder),
      overwrite: target.overwrite,
      numericOwner: true,
    });
    return Promise.resolve(new LocalRestoreSession(extractor));
  }

  openVerification(): Promise<VerificationSession> {
    return Promise.resolve(new LocalVerificationSession(this.#environment.createExtractor({ verifyOnly: true })));
  }

  /** @returns when it has been processed, for a packer that waits for that */
  #onEvent(event: NativePackerEvent): void | Promise<void> {
    const open = this.#open;
    // Events of a stopped packer are late frames of an epoch that is over.
    if (open === undefined) return undefined;
    const { listener, session } = open;
    switch (event.kind) {
      case "records":
        return this.#appendRecords(open, event.bytes);
      case "question":
        return this.#environment.catalogServer
          .judgeContainers(session.token.jobId, event.paths)
          .then((answers) => this.#open?.packer.answer(event.id, Buffer.from(answers)))
          .catch((error: unknown) => listener.failed(asError(error)));
      case "barrier":
        listener.barrier(event.streamOffset);
        break;
      case "sourceDone":
        listener.sourceDone(event.summary);
        break;
      case "failed":
        listener.failed(new ProtocolError(event.message));
        break;
      case "stopped":
        break;
    }
    return undefined;
  }

  #appendRecords(open: OpenSession, bytes: Uint8Array): Promise<void> {
    const { catalogManager } = this.#environment;
    const { listener, packer, session } = open;
    return catalogManager
      .appendFrame({ token: session.token, bytes })
      .then(() => {
        // A segment's footer must stay within what fits behind early warning.
        if (catalogManager.pendingFooterBytes(session.token) >= open.segmentRecordBytes) packer.requestBarrier();
      })
      .catch((error: unknown) => listener.failed(asError(error)));
  }

  #session(): OpenSession {
    if (this.#open === undefined) throw new ProtocolError("the data server has no session open");
    return this.#open;
  }
}

function continuedObject(object: ObjectAcross): ContinuedObject {
  return {
    containerPath: Buffer.from(object.containerPath),
    name: Buffer.from(object.name),
    fingerprint: Buffer.from(object.fingerprint),
    headerOffset: object.headerOffset,
    dataOffset: object.dataOffset,
    endOffset: object.endOffset,
    ...(object.sparseMap === undefined ? {} : { sparseMap: Buffer.from(object.sparseMap) }),
  };
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
