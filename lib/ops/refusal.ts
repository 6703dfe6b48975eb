/** What to do about an error that says AWS refuses the caller, as any further call would be; undefined for other errors. */
export function refusal({ name, message }: Error): string | undefined {
  if (name === "CredentialsProviderError" || name === "TokenProviderError") {
    return `no AWS credentials (${firstLine(message)}): set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY`;
  }
  if (message === "Region is missing") return "no AWS region: set AWS_REGION, or a region in the AWS profile";
  if (/^(ExpiredToken|UnrecognizedClient|InvalidClientTokenId|InvalidSignature|SignatureDoesNotMatch)/.test(name)) {
    return `AWS rejects the credentials (${name}): log in again, or check AWS_PROFILE`;
  }
  if (/^(AccessDenied|AuthorizationError|NotAuthorized)/.test(name)) return `AWS refused it: ${firstLine(message)}`;
  return undefined;
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0]!;
}
