import { RemovalPolicy } from "aws-cdk-lib/core";

/**
 * What becomes of what a stage keeps when its stack is deleted. A first deployment that fails takes away again what it has made, or the
 * next one would find its names taken. AWSCloudFormation, "DeletionPolicy attribute", RetainExceptOnCreate
 */
export function fateOf(keepsData: boolean): RemovalPolicy {
  return keepsData ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY;
}
