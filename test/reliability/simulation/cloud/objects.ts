import { AwsError } from "./errors.ts";
import type { World } from "../world.ts";

/** The input of S3's calls, as far as the simulation reads it. */
interface ObjectInput {
  readonly Bucket: string;
  readonly Key: string;
  readonly Body: Uint8Array;
}

/** The S3 bucket of large events' data. */
export class Objects {
  readonly #world: World;
  readonly #contents = new Map<string, Uint8Array>();

  constructor(world: World) {
    this.#world = world;
  }

  /** Whether an object lies at a URI: `s3://<bucket>/<key>`. */
  has(uri: string): boolean {
    return this.#contents.has(uri);
  }

  /** Carries out a call to S3. @throws AwsError as S3 answers it */
  answer(operation: string, given: unknown): unknown {
    if (this.#world.faults.happens("objects.failed")) throw new AwsError("SlowDown", "slow down", true);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the simulation reads what the runtime writes
    const { Bucket, Key, Body } = given as ObjectInput;
    const uri = `s3://${Bucket}/${Key}`;
    if (operation === "PutObject") {
      if (this.#contents.has(uri)) this.#world.rare("object uploaded again");
      this.#contents.set(uri, Body);
      return {};
    }
    const content = this.#contents.get(uri);
    if (!content) throw new AwsError("NoSuchKey", "no such key", false, { $metadata: { httpStatusCode: 404 } });
    return { Body: { transformToByteArray: () => Promise.resolve(content) }, ContentLength: content.length };
  }
}
