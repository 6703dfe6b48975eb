import { access, keys, type Access } from "../../iam/access.ts";
import { account, arn } from "../../shared/account.ts";
import type { StoredParameter } from "./parameter-store.ts";

/** The key that AWS manages for the Parameter Store. Its policy lets every principal of the account decrypt. */
const MANAGED_KEY = "alias/aws/ssm";

/** The members of a SecureString's description that its encryption decides; without decryption the value is unreadable. */
export function encrypted({ keyId = MANAGED_KEY }: StoredParameter, decrypt: boolean): object {
  return { KeyId: keyId, ...(!decrypt && { Value: Buffer.from(crypto.randomUUID().repeat(4)).toString("base64") }) };
}

/**
 * What reading or writing a SecureString asks of the caller beside SSM's own action: the use of a customer's key.
 * Systems Manager User Guide, "AWS KMS encryption for Parameter Store SecureString parameters"
 *
 * @param name the parameter's name
 */
export function keyAccess(action: "kms:Decrypt" | "kms:Encrypt", name: string, keyId = MANAGED_KEY): Access[] {
  if (keyId === MANAGED_KEY || keyId.endsWith(`:${MANAGED_KEY}`)) return [];
  const context = keys({
    "kms:viaservice": `ssm.${account.region}.amazonaws.com`,
    "kms:encryptioncontext:parameter_arn": parameterArn(name),
  });
  return [access(action, keyArn(keyId), context)];
}

/** The ARN of a key given by id, alias or ARN; an alias stands for itself, since no key is kept here. */
function keyArn(keyId: string): string {
  if (keyId.startsWith("arn:")) return keyId;
  return arn("kms", keyId.startsWith("alias/") ? keyId : `key/${keyId}`);
}

/** `arn:aws:ssm:us-east-1:000000000000:parameter/shop/url` */
export function parameterArn(name: string): string {
  return arn("ssm", `parameter/${name.replace(/^\//, "")}`);
}
