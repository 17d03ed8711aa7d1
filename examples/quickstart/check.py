"""As the function Report, whose link is "read": `bowline run --as Report -- python3 check.py`."""

import boto3
from botocore.exceptions import ClientError

from bowline import Resource

table = boto3.resource("dynamodb").Table(Resource.Orders.name)
print(f"{table.scan()['Count']} orders can be read")

try:
    table.put_item(Item={"id": "forbidden"})
except ClientError as error:
    print(f"writing is refused: {error.response['Error']['Code']}")
else:
    raise SystemExit("an item was written through a read-only link")
