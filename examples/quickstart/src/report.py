"""Reads back what the TypeScript function stored."""

import boto3
from bowline import Resource

orders = boto3.resource("dynamodb").Table(Resource.Orders.name)


def handler(event, context):
    items = orders.scan()["Items"]
    return {"orders": sorted(items, key=lambda order: order["id"]), "count": len(items)}
