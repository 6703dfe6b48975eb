import { created, physicalName, type Created, type Deployment, type Resource, type ResourceHandler } from "./resource.ts";

const LONGEST_NAME = 63;

/** S3: buckets. Their objects do not expire here, and their policies are taken as they are. */
export const s3Resources: Readonly<Record<string, ResourceHandler>> = {
  "AWS::S3::Bucket": bucket,
  "AWS::S3::BucketPolicy": ({ logicalId }) => created(logicalId),
};

function bucket(resource: Resource, { messaging: { s3 }, port }: Deployment): Created {
  // A name of CloudFormation's own making is in lower case too: AmazonS3/latest/userguide/bucketnamingrules
  const name = physicalName(resource, "BucketName", LONGEST_NAME).toLowerCase();
  if (!s3.hasBucket(name)) s3.createBucket(name);
  const host = `${name}.s3.localhost:${port}`;
  return created(name, { Arn: `arn:aws:s3:::${name}`, DomainName: host, RegionalDomainName: host });
}
