import { customNotifications, templateNotifications } from "./bucket-notifications.ts";
import { created, physicalName, type Created, type Resource } from "../../cloudformation/resource.ts";
import type { Policies } from "../../iam/policies.ts";
import type { CloudContext } from "../context.ts";
import type { Service } from "../service.ts";
import type { S3Store } from "./fauxqs.ts";
import type { BucketNotification } from "./object-notifications.ts";

const LONGEST_NAME = 63;

/** Buckets, their notifications and their policies. `planned` takes the notifications. */
export function s3Resources(store: S3Store, planned: BucketNotification[], { port, iam }: CloudContext): Service["resources"] {
  return {
    "AWS::S3::Bucket": (resource) => bucket(resource, store, planned, port),
    "AWS::S3::BucketPolicy": (resource) => bucketPolicy(resource, iam.policies),
    "Custom::S3BucketNotifications": (resource) => customNotifications(resource, store, planned),
  };
}

function bucket(resource: Resource, store: S3Store, planned: BucketNotification[], port: number): Created {
  // A name of CloudFormation's own making is in lower case too: AmazonS3/latest/userguide/bucketnamingrules
  const name = physicalName(resource, "BucketName", LONGEST_NAME).toLowerCase();
  if (!store.hasBucket(name)) store.createBucket(name);
  if (resource.properties.group("VersioningConfiguration").optionalText("Status") === "Enabled")
    resource.report("its objects have no versions: what is overwritten or deleted is gone");
  templateNotifications(name, resource, planned);
  const host = `${name}.s3.localhost:${port}`;
  return created(name, {
    Arn: `arn:aws:s3:::${name}`,
    DomainName: host,
    RegionalDomainName: host,
    DualStackDomainName: host,
    WebsiteURL: `http://${host}`,
  });
}

function bucketPolicy(resource: Resource, policies: Policies): Created {
  const { logicalId, properties } = resource;
  policies.setResourcePolicy(`arn:aws:s3:::${properties.text("Bucket")}`, properties.raw("PolicyDocument"), resource);
  return created(logicalId);
}
