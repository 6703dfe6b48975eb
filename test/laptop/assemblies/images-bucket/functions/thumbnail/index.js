/* oxlint-disable typescript/no-unsafe-argument, typescript/no-unsafe-call, typescript/no-unsafe-member-access -- a handler of plain CommonJS, without types */
const { CopyObjectCommand, S3Client } = require("@aws-sdk/client-s3");

const buckets = new S3Client({ forcePathStyle: true });

/** Makes a thumbnail of each image; here that is a copy. */
exports.handler = async ({ Records }) => {
  for (const { s3 } of Records) {
    const key = decodeURIComponent(s3.object.key.replaceAll("+", " "));
    const copy = {
      Bucket: s3.bucket.name,
      Key: key.replace("uploads/", "thumbnails/"),
      CopySource: `${s3.bucket.name}/${encodeURIComponent(key)}`,
    };
    await buckets.send(new CopyObjectCommand(copy));
  }
};
