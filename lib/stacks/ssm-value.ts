import { CfnParameter } from "aws-cdk-lib/core";
import type { Construct } from "constructs";

/**
 * A value that CloudFormation reads from the SSM parameter store on every deployment. Unlike an export, it does not couple two
 * stacks: each can be changed and deployed on its own.
 *
 * @param id the name of the template's parameter: letters and digits
 */
export function ssmValue(scope: Construct, id: string, parameterName: string, description: string): string {
  return new CfnParameter(scope, id, { type: "AWS::SSM::Parameter::Value<String>", default: parameterName, description })
    .valueAsString;
}

/** `order-lines` as `OrderLines`, `PAYMENT_PROVIDER_URL` as `PaymentProviderUrl`: an id for {@link ssmValue}. */
export function pascalCase(name: string): string {
  return name
    .split(/[-_]/)
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1).toLowerCase())
    .join("");
}
