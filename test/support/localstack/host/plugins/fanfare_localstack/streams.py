from localstack.runtime import hooks
from localstack.services.dynamodbstreams.v2.provider import DynamoDBStreamsProvider


@hooks.on_infra_start()
def leave_shard_iterators_alone():
    """Makes LocalStack hand shard iterators on as they are, where they are no ARNs.

    Those of DynamoDB Local begin with the stream's ARN, in which LocalStack puts another region; those of dynoxide, which plays its
    part here, are opaque, as they are on AWS. Source: localstack/services/dynamodbstreams/v2/provider.py of 4.14.0.
    """
    rewrite = DynamoDBStreamsProvider.modify_stream_arn_for_ddb_local

    def rewrite_arns_alone(provider: DynamoDBStreamsProvider, arn_or_iterator: str) -> str:
        return rewrite(provider, arn_or_iterator) if arn_or_iterator.startswith("arn:") else arn_or_iterator

    DynamoDBStreamsProvider.modify_stream_arn_for_ddb_local = rewrite_arns_alone
