/** The account that the laptop cloud plays. Every ARN and every pseudo parameter of a template comes from here. */
export const account = {
  id: "000000000000",
  region: "us-east-1",
  partition: "aws",
  urlSuffix: "amazonaws.com",
} as const;

/** `arn:aws:<service>:us-east-1:000000000000:<resource>`. */
export function arn(service: string, resource: string): string {
  return `arn:${account.partition}:${service}:${account.region}:${account.id}:${resource}`;
}

/** `arn:aws:iam::000000000000:<resource>`: IAM is global, so its ARNs name no region. */
export function iamArn(resource: string): string {
  return `arn:${account.partition}:iam::${account.id}:${resource}`;
}

/** The last part of an ARN whose resource is a plain name (topics, queues). A plain name is handed back as it is. */
export function nameOf(arnOrName: string): string {
  return arnOrName.slice(arnOrName.lastIndexOf(":") + 1);
}

/** How queues are addressed; `port` is the gateway's. */
export function queueUrl(port: number, name: string): string {
  return `http://127.0.0.1:${port}/${account.id}/${name}`;
}
