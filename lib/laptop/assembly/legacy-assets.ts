import { resolve } from "node:path";
import { isRecord } from "../shared/json.ts";

/** The assets of a stack that its template names by parameters. */
export interface LegacyAssets {
  /** Folder or file of each, by object key. */
  readonly assets: readonly (readonly [key: string, path: string])[];
  /** The parameters' values. */
  readonly parameters: Readonly<Record<string, string>>;
}

/**
 * The assets of a stack that was synthesized by the CDK's LegacyStackSynthesizer: they stand in the metadata of its constructs, and
 * `cdk deploy` passes where it has put each as parameters: a bucket, `<prefix>||<key>`, and a hash.
 *
 * @param metadata by the path of each construct
 * @param folder of the assembly
 */
export function legacyAssets(metadata: Readonly<Record<string, unknown>>, folder: string): LegacyAssets {
  const assets: [string, string][] = [];
  const parameters: [string, string][] = [];
  const entries = Object.values(metadata).flatMap((list: unknown) => (Array.isArray(list) ? list.filter(isRecord) : []));
  for (const { type, data } of entries) {
    if (type !== "aws:cdk:asset" || !isRecord(data) || typeof data["path"] !== "string") continue;
    const { id, path, sourceHash, s3BucketParameter, s3KeyParameter, artifactHashParameter } = data;
    const key = `legacy/${String(id)}`;
    assets.push([key, resolve(folder, path)]);
    parameters.push(
      [String(s3BucketParameter), "assets"],
      [String(s3KeyParameter), key.replace("/", "/||")],
      [String(artifactHashParameter), String(sourceHash)],
    );
  }
  return { assets, parameters: Object.fromEntries(parameters) };
}
