import { GetParameterCommand, type SSMClient } from "@aws-sdk/client-ssm";
import { OpsError } from "./errors.ts";
import type { Target } from "./target.ts";

/**
 * The value of an SSM parameter of the stage's backbone: a topic's ARN, a bucket's name.
 *
 * @throws OpsError when the stage has no such parameter.
 */
export async function findParameter(ssm: Pick<SSMClient, "send">, parameter: string, target: Target): Promise<string> {
  try {
    const { Parameter } = await ssm.send(new GetParameterCommand({ Name: parameter }));
    if (Parameter?.Value) return Parameter.Value;
  } catch (error) {
    if (!(error instanceof Error && error.name === "ParameterNotFound")) throw error;
  }
  throw new OpsError(`the SSM parameter ${parameter} is missing at ${target.place}: deploy the stage's backbone first`);
}
