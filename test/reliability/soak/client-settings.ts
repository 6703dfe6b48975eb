/** What an AWS client needs to speak to a laptop cloud. It tries once: whoever calls decides what to try again. */
export function clientSettings(endpoint: string) {
  return { endpoint, region: "us-east-1", credentials: { accessKeyId: "soak", secretAccessKey: "soak" }, maxAttempts: 1 };
}
