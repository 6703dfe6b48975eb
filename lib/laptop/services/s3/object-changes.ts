import type { S3Store } from "./fauxqs.ts";

/** What happened to an object, by the name that S3 gives the event (Amazon S3 user guide, supported event types). */
export type ObjectChange =
  | {
      readonly event: "ObjectCreated:Put" | "ObjectCreated:Copy" | "ObjectCreated:CompleteMultipartUpload";
      readonly bucket: string;
      readonly key: string;
      /** Bytes. */
      readonly size: number;
      /** An MD5 in hexadecimal digits; of an upload in parts, with their number after it. */
      readonly eTag: string;
    }
  | { readonly event: "ObjectRemoved:Delete"; readonly bucket: string; readonly key: string };

/** What fauxqs 2.4.1 tells a spy about an object. */
export interface SpiedObject {
  readonly bucket: string;
  readonly key: string;
  readonly status: "uploaded" | "downloaded" | "deleted" | "copied" | "renamed";
}

/** Makes S3's events of what the engine's spy sees. */
export class ObjectChanges {
  readonly #store: S3Store;
  readonly #onChange: (change: ObjectChange) => void;
  /** An upload that may turn out to be a copy. */
  #upload: ObjectChange | undefined;

  constructor(store: S3Store, onChange: (change: ObjectChange) => void) {
    this.#store = store;
    this.#onChange = onChange;
  }

  see({ bucket, key, status }: SpiedObject): void {
    switch (status) {
      case "uploaded":
        this.#uploaded(bucket, key);
        return;
      case "copied":
        if (this.#upload) this.#upload = { ...this.#created(bucket, key), event: "ObjectCreated:Copy" };
        return;
      case "deleted":
        this.#onChange({ event: "ObjectRemoved:Delete", bucket, key });
        return;
      case "downloaded":
      // Only directory buckets rename, and they notify nobody.
      case "renamed":
    }
  }

  /** A copy is spied as an upload first and, in the same turn, as a copy. */
  #uploaded(bucket: string, key: string): void {
    this.#upload = this.#created(bucket, key);
    queueMicrotask(() => {
      const upload = this.#upload;
      this.#upload = undefined;
      if (upload) this.#onChange(upload);
    });
  }

  #created(bucket: string, key: string) {
    const { contentLength: size, etag } = this.#store.headObject(bucket, key);
    const eTag = etag.replaceAll('"', "");
    const event = eTag.includes("-") ? "ObjectCreated:CompleteMultipartUpload" : "ObjectCreated:Put";
    return { event, bucket, key, size, eTag } as const;
  }
}
