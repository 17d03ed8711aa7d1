"""Calls an AWS through boto3 and keeps what came of each call, without what differs by nature."""

from __future__ import annotations

import base64
import json
import re
from datetime import datetime
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

# Ids, signatures and handles; and owners, whom each cloud invents.
OPAQUE = {
    "ContinuationToken",
    "ETagOfUpload",
    "Initiator",
    "Location",
    "MessageId",
    "NextContinuationToken",
    "Owner",
    "ReceiptHandle",
    "SequenceNumber",
    "Signature",
    "SigningCertURL",
    "TableId",
    "UnsubscribeURL",
    "UploadId",
    "VersionId",
    "NextVersionIdMarker",
}
# Times that travel as text, and members that moto has nowhere or that AWS fills in.
IGNORED = {
    "ApproximateFirstReceiveTimestamp",
    "AccessPointAlias",
    "BucketArn",
    "BucketRegion",
    "ChecksumAlgorithm",
    "ChecksumType",
    "CreatedTimestamp",
    "DeliveryPolicy",
    "EffectiveDeliveryPolicy",
    "FifoThroughputScope",
    "Grants",
    "LastModifiedTimestamp",
    "MD5OfBody",
    "Marker",
    "Policy",
    "ResponseMetadata",
    "SenderId",
    "SentTimestamp",
    "ServerSideEncryption",
    "SignatureVersion",
    "SubscriptionPrincipal",
    "Timestamp",
}
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
HOST = re.compile(r"http://(127\.0\.0\.1|localhost):\d+")
STREAM_LABEL = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+")


def comparable(value: Any) -> Any:
    if isinstance(value, dict):
        members = {name: comparable(member) for name, member in value.items() if name not in IGNORED}
        opaque = {name: "opaque" for name in members if name in OPAQUE and members[name] != "null"}
        # An empty list and none at all read the same to a program.
        return {name: member for name, member in {**members, **opaque}.items() if member != []}
    if isinstance(value, list):
        return [comparable(one) for one in value]
    if isinstance(value, (bytes, bytearray)):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime):
        return "a date"
    if isinstance(value, set):
        return sorted(str(one) for one in value)
    if isinstance(value, str):
        if value.startswith("{"):
            try:
                return comparable(json.loads(value))
            except ValueError:
                pass
        return STREAM_LABEL.sub("TIME", HOST.sub("HOST", UUID.sub("ID", value)))
    if hasattr(value, "read"):
        return value.read().decode()
    return value


class Recorder:
    def __init__(self, endpoint: str, key: str, secret: str) -> None:
        self.outcomes: list[dict[str, Any]] = []
        self._options: dict[str, Any] = {
            "endpoint_url": endpoint,
            "region_name": "us-east-1",
            "aws_access_key_id": key,
            "aws_secret_access_key": secret,
            "config": Config(retries={"max_attempts": 0}, s3={"addressing_style": "path"}),
        }
        self._clients: dict[str, Any] = {}

    def client(self, service: str) -> Any:
        if service not in self._clients:
            self._clients[service] = boto3.client(service, **self._options)
        return self._clients[service]

    def call(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        """Makes a call and keeps its outcome; an answer that is empty stands for a refusal."""
        name = f"{service}.{operation}"
        try:
            answer = getattr(self.client(service), operation)(**parameters)
        except ClientError as error:
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            code = error.response["Error"]["Code"]
            self.outcomes.append({"call": name, "status": status, "error": code})
            return {}
        except BotoCoreError as error:
            self.outcomes.append({"call": name, "error": type(error).__name__})
            return {}
        status = answer["ResponseMetadata"]["HTTPStatusCode"]
        self.outcomes.append({"call": name, "status": status, "answer": comparable(answer)})
        return answer
