"""What is asked of SQS and SNS."""

import json

from recorder import Recorder

ALL = {"AttributeNames": ["All"], "MessageAttributeNames": ["All"]}


def play(record: Recorder) -> None:
    queues(record)
    fifo(record)
    topics(record)


def queues(record: Recorder) -> None:
    def sqs(operation: str, **parameters: object) -> dict:
        return record.call("sqs", operation, **parameters)

    sqs("get_queue_url", QueueName="boto-queue")
    url = sqs("create_queue", QueueName="boto-queue", Attributes={"VisibilityTimeout": "30"}).get("QueueUrl", "")
    sqs("create_queue", QueueName="boto-queue", Attributes={"VisibilityTimeout": "31"})
    sqs("get_queue_url", QueueName="boto-queue")
    sqs("list_queues", QueueNamePrefix="boto-")
    sqs("create_queue", QueueName="not a name")
    for body in ("plain", "é日😀", "<&>", "x" * 1000):
        attributes = {"k": {"DataType": "String", "StringValue": body[:9]}, "n": {"DataType": "Number", "StringValue": "1"}}
        sqs("send_message", QueueUrl=url, MessageBody=body, MessageAttributes=attributes)
        received = sqs("receive_message", QueueUrl=url, **ALL).get("Messages", [{}])[0]
        handle = received.get("ReceiptHandle", "")
        sqs("change_message_visibility", QueueUrl=url, ReceiptHandle=handle, VisibilityTimeout=60)
        sqs("get_queue_attributes", QueueUrl=url, AttributeNames=["ApproximateNumberOfMessagesNotVisible"])
        sqs("delete_message", QueueUrl=url, ReceiptHandle=handle)
    sqs("send_message_batch", QueueUrl=url, Entries=[{"Id": str(n), "MessageBody": str(n)} for n in range(3)])
    messages = sqs("receive_message", QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    entries = [{"Id": str(n), "ReceiptHandle": one["ReceiptHandle"]} for n, one in enumerate(messages)]
    sqs("delete_message_batch", QueueUrl=url, Entries=entries)
    sqs("send_message_batch", QueueUrl=url, Entries=[{"Id": "a", "MessageBody": "1"}, {"Id": "a", "MessageBody": "2"}])
    sqs("send_message", QueueUrl=url, MessageBody="late", DelaySeconds=901)
    sqs("receive_message", QueueUrl=url, MaxNumberOfMessages=11)
    sqs("delete_message", QueueUrl=url, ReceiptHandle="nonsense")
    sqs("tag_queue", QueueUrl=url, Tags={"a": "b", "c": "d"})
    sqs("untag_queue", QueueUrl=url, TagKeys=["a"])
    sqs("list_queue_tags", QueueUrl=url)
    sqs("set_queue_attributes", QueueUrl=url, Attributes={"DelaySeconds": "2", "MaximumMessageSize": "2048"})
    sqs("get_queue_attributes", QueueUrl=url, AttributeNames=["All"])
    sqs("purge_queue", QueueUrl=url)
    sqs("delete_queue", QueueUrl=url)
    sqs("send_message", QueueUrl=url, MessageBody="x")


def fifo(record: Recorder) -> None:
    def sqs(operation: str, **parameters: object) -> dict:
        return record.call("sqs", operation, **parameters)

    attributes = {"FifoQueue": "true", "ContentBasedDeduplication": "true"}
    url = sqs("create_queue", QueueName="boto.fifo", Attributes=attributes).get("QueueUrl", "")
    sqs("send_message", QueueUrl=url, MessageBody="no group")
    for body in ("1", "1", "2"):
        sqs("send_message", QueueUrl=url, MessageBody=body, MessageGroupId="g")
    sqs("receive_message", QueueUrl=url, MaxNumberOfMessages=10, **ALL)
    sqs("receive_message", QueueUrl=url)
    sqs("get_queue_attributes", QueueUrl=url, AttributeNames=["FifoQueue", "ContentBasedDeduplication"])
    sqs("delete_queue", QueueUrl=url)


def topics(record: Recorder) -> None:
    def sns(operation: str, **parameters: object) -> dict:
        return record.call("sns", operation, **parameters)

    def sqs(operation: str, **parameters: object) -> dict:
        return record.call("sqs", operation, **parameters)

    arn = "arn:aws:sqs:us-east-1:123456789012:boto-topic-queue"
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    url = sqs("create_queue", QueueName="boto-topic-queue", Attributes={"Policy": policy}).get("QueueUrl", "")
    topic = sns("create_topic", Name="boto-topic", Tags=[{"Key": "a", "Value": "b"}]).get("TopicArn", "")
    sns("create_topic", Name="not a name")
    sns("list_topics")
    sns("get_topic_attributes", TopicArn=topic)
    sns("set_topic_attributes", TopicArn=topic, AttributeName="DisplayName", AttributeValue="d")
    sns("list_tags_for_resource", ResourceArn=topic)
    sns("tag_resource", ResourceArn=topic, Tags=[{"Key": "c", "Value": "d"}])
    sns("untag_resource", ResourceArn=topic, TagKeys=["a"])
    sns("list_tags_for_resource", ResourceArn=topic)
    subscription = sns(
        "subscribe", TopicArn=topic, Protocol="sqs", Endpoint=arn, ReturnSubscriptionArn=True
    ).get("SubscriptionArn", "")
    sns("list_subscriptions_by_topic", TopicArn=topic)
    sns("get_subscription_attributes", SubscriptionArn=subscription)

    def attribute(name: str, value: str) -> None:
        sns(
            "set_subscription_attributes",
            SubscriptionArn=subscription,
            AttributeName=name,
            AttributeValue=value,
        )

    def publish(value: str) -> None:
        kind = {"k": {"DataType": "String", "StringValue": value}}
        sns("publish", TopicArn=topic, Message=value, Subject="s", MessageAttributes=kind)
        messages = sqs("receive_message", QueueUrl=url, WaitTimeSeconds=1, **ALL).get("Messages", [])
        for message in messages:
            sqs("delete_message", QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])

    publish("wrapped")
    attribute("RawMessageDelivery", "true")
    publish("raw")
    attribute("FilterPolicy", json.dumps({"k": ["yes", {"prefix": "ab"}]}))
    publish("abc")
    attribute("FilterPolicyScope", "Nonsense")
    sns("publish_batch", TopicArn=topic, PublishBatchRequestEntries=[{"Id": "a", "Message": "1"}])
    sns("publish", TopicArn="arn:aws:sns:us-east-1:123456789012:missing", Message="x")
    sns("unsubscribe", SubscriptionArn=subscription)
    sns("list_subscriptions")
    sns("delete_topic", TopicArn=topic)
    sns("get_topic_attributes", TopicArn=topic)
