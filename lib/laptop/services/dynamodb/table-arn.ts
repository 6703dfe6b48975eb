import { arn } from "../../shared/account.ts";

/** A table's ARN in this account; the engine's own answers name another region. */
export function tableArn(table: string): string {
  return arn("dynamodb", `table/${table}`);
}
