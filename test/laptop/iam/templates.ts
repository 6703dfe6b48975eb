/** A role that may do what the statements say. */
export function role(RoleName: string, ...statements: object[]) {
  return {
    Type: "AWS::IAM::Role",
    Properties: {
      RoleName,
      AssumeRolePolicyDocument: {},
      Policies:
        statements.length === 0
          ? []
          : [{ PolicyName: "Own", PolicyDocument: { Version: "2012-10-17", Statement: statements } }],
    },
  };
}
