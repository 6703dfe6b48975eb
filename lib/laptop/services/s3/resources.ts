import { templateNotifications } from "./bucket-notifications.ts";
import {
  created,
  physicalName,
  type Created,
  type Deployment,
  type Resource,
  type ResourceHandler,
} from "../../cloudformation/resource.ts";

const LONGEST_NAME = 63;

/** S3: buckets, their notifications and their policies. Their objects do not expire here. */
export const s3Resources: Readonly<Record<string, ResourceHandler>> = {
  "AWS::S3::Bucket": bucket,
  "AWS::S3::BucketPolicy": bucketPolicy,
};

function bucket(resource: Resource, deployment: Deployment): Created {
  const { s3 } = deployment.messaging;
  // A name of CloudFormation's own making is in lower case too: AmazonS3/latest/userguide/bucketnamingrules
  const name = physicalName(resource, "BucketName", LONGEST_NAME).toLowerCase();
  if (!s3.hasBucket(name)) s3.createBucket(name);
  templateNotifications(name, resource, deployment);
  const host = `${name}.s3.localhost:${deployment.port}`;
  return created(name, {
    Arn: `arn:aws:s3:::${name}`,
    DomainName: host,
    RegionalDomainName: host,
    DualStackDomainName: host,
    WebsiteURL: `http://${host}`,
  });
}

function bucketPolicy(resource: Resource, { policies }: Deployment): Created {
  const { logicalId, properties } = resource;
  policies.setResourcePolicy(`arn:aws:s3:::${properties.text("Bucket")}`, properties.raw("PolicyDocument"), resource);
  return created(logicalId);
}
