"""What is asked of DynamoDB."""

from recorder import Recorder

TABLE = "boto-table"
KEYS = [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}]
ATTRIBUTES = [{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk", "g")]
INDEX = {
    "IndexName": "by-g",
    "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}],
    "Projection": {"ProjectionType": "KEYS_ONLY"},
}


def key(sk: str) -> dict:
    return {"pk": {"S": "a"}, "sk": {"S": sk}}


def play(record: Recorder) -> None:
    def dynamodb(operation: str, **parameters: object) -> dict:
        return record.call("dynamodb", operation, **parameters)

    def on(operation: str, **parameters: object) -> dict:
        return dynamodb(operation, TableName=TABLE, **parameters)

    on("describe_table")
    on(
        "create_table",
        KeySchema=KEYS,
        AttributeDefinitions=ATTRIBUTES,
        GlobalSecondaryIndexes=[INDEX],
        BillingMode="PAY_PER_REQUEST",
    )
    on("create_table", KeySchema=KEYS, AttributeDefinitions=ATTRIBUTES[:2], BillingMode="PAY_PER_REQUEST")
    dynamodb("create_table", TableName="boto-bad", KeySchema=KEYS, AttributeDefinitions=[], BillingMode="PAY_PER_REQUEST")
    dynamodb("list_tables")
    items(on)
    conditions(on)
    updates(on)
    reads(on)
    batches(dynamodb)
    transactions(dynamodb)
    on("update_time_to_live", TimeToLiveSpecification={"Enabled": True, "AttributeName": "ttl"})
    on("describe_time_to_live")
    on("delete_table")
    on("get_item", Key=key("1"))


def items(on) -> None:
    values = {
        "s": {"S": "é日😀"},
        "n": {"N": "1.50"},
        "b": {"B": b"\x00\xff"},
        "flag": {"BOOL": False},
        "none": {"NULL": True},
        "list": {"L": [{"S": "x"}, {"N": "1"}, {"L": []}]},
        "map": {"M": {"a": {"M": {"b": {"S": ""}}}}},
        "strings": {"SS": ["a", "b"]},
        "numbers": {"NS": ["2", "1"]},
    }
    for number, (name, value) in enumerate(values.items()):
        on("put_item", Item={**key(str(number)), "g": {"S": "G"}, name: value}, ReturnValues="ALL_OLD")
        on("get_item", Key=key(str(number)))
    on("put_item", Item={**key("0"), "s": {"S": "new"}}, ReturnValues="ALL_OLD")
    on("put_item", Item={"pk": {"S": "no range"}})
    on("put_item", Item={**key("x"), "n": {"N": "no number"}})
    on("put_item", Item={**key("x"), "ss": {"SS": []}})
    on("put_item", Item={"pk": {"S": ""}, "sk": {"S": "x"}})
    on("get_item", Key={"pk": {"S": "a"}})
    on("get_item", Key=key("missing"))
    on("get_item", Key=key("6"), ProjectionExpression="#m.a, pk", ExpressionAttributeNames={"#m": "map"})
    on("get_item", Key=key("1"), ConsistentRead=True, ReturnConsumedCapacity="TOTAL")


def conditions(on) -> None:
    on("put_item", Item=key("0"), ConditionExpression="attribute_not_exists(pk)")
    on("put_item", Item=key("new"), ConditionExpression="attribute_not_exists(pk)")
    on("delete_item", Key=key("new"), ConditionExpression="attribute_exists(missing)")
    on("delete_item", Key=key("new"), ReturnValues="ALL_OLD")
    on("delete_item", Key=key("new"), ReturnValues="ALL_OLD")
    on("put_item", Item=key("0"), ConditionExpression="nonsense(")
    on("put_item", Item=key("0"), ConditionExpression="a = :undefined")
    on("put_item", Item=key("0"), ConditionExpression="size = :n", ExpressionAttributeValues={":n": {"N": "1"}})


def updates(on) -> None:
    def update(sk: str, expression: str, **parameters: object) -> None:
        on("update_item", Key=key(sk), UpdateExpression=expression, **parameters)

    one = {":one": {"N": "1"}}
    for returned in ("NONE", "ALL_OLD", "UPDATED_OLD", "ALL_NEW", "UPDATED_NEW"):
        update("u", "ADD counted :one", ExpressionAttributeValues=one, ReturnValues=returned)
    update("u", "SET a = :one, b = if_not_exists(b, :one)", ExpressionAttributeValues=one, ReturnValues="ALL_NEW")
    update("u", "REMOVE a, missing", ReturnValues="ALL_NEW")
    update("u", "SET pk = :one", ExpressionAttributeValues=one)
    update("u", "SET x.y = :one", ExpressionAttributeValues=one)
    update("u", "SET a = a + :one", ExpressionAttributeValues=one)
    update("u", "SET l = :l", ExpressionAttributeValues={":l": {"L": [{"S": "x"}]}})
    update("u", "SET l = list_append(l, :l)", ExpressionAttributeValues={":l": {"L": [{"S": "y"}]}}, ReturnValues="ALL_NEW")
    update("u", "SET s = :s", ExpressionAttributeValues={":s": {"SS": ["a", "b"]}})
    update("u", "DELETE s :s", ExpressionAttributeValues={":s": {"SS": ["a"]}}, ReturnValues="ALL_NEW")


def reads(on) -> None:
    def query(condition: str, values: dict, **parameters: object) -> dict:
        return on("query", KeyConditionExpression=condition, ExpressionAttributeValues=values, **parameters)

    a = {":pk": {"S": "a"}}
    query("pk = :pk", a)
    query("pk = :pk", a, ScanIndexForward=False, Limit=2)
    query("pk = :pk", a, Select="COUNT")
    query("pk = :pk AND sk BETWEEN :low AND :high", {**a, ":low": {"S": "1"}, ":high": {"S": "3"}})
    query("pk = :pk AND begins_with(sk, :low)", {**a, ":low": {"S": "1"}})
    query("pk = :pk AND sk > :low", {**a, ":low": {"S": "4"}}, FilterExpression="attribute_exists(none)")
    query("pk = :pk", {":pk": {"S": "missing"}})
    query("g = :pk", {":pk": {"S": "G"}}, IndexName="by-g")
    query("pk > :pk", a)
    query("g = :pk", a)
    page = query("pk = :pk", a, Limit=3)
    if "LastEvaluatedKey" in page:
        query("pk = :pk", a, Limit=3, ExclusiveStartKey=page["LastEvaluatedKey"])
    on("scan", Select="COUNT")
    on("scan", FilterExpression="attribute_exists(strings)")
    on("scan", FilterExpression="attribute_exists(#f)", ExpressionAttributeNames={"#f": "flag"}, ProjectionExpression="sk")
    on("scan", IndexName="missing")


def batches(dynamodb) -> None:
    puts = [{"PutRequest": {"Item": key(f"batch {n}")}} for n in range(3)]
    dynamodb("batch_write_item", RequestItems={TABLE: puts})
    dynamodb("batch_get_item", RequestItems={TABLE: {"Keys": [key("batch 0"), key("missing")]}})
    dynamodb("batch_write_item", RequestItems={TABLE: [puts[0], puts[0]]})
    dynamodb("batch_write_item", RequestItems={"boto-missing": puts})
    dynamodb("batch_get_item", RequestItems={})


def transactions(dynamodb) -> None:
    put = {"Put": {"TableName": TABLE, "Item": key("t1")}}
    check = {
        "ConditionCheck": {"TableName": TABLE, "Key": key("missing"), "ConditionExpression": "attribute_exists(pk)"}
    }
    dynamodb("transact_write_items", TransactItems=[put, check])
    dynamodb("transact_get_items", TransactItems=[{"Get": {"TableName": TABLE, "Key": key("t1")}}])
    dynamodb("transact_write_items", TransactItems=[put])
    dynamodb("transact_get_items", TransactItems=[{"Get": {"TableName": TABLE, "Key": key("t1")}}])
    dynamodb("transact_write_items", TransactItems=[put, {"Delete": {"TableName": TABLE, "Key": key("t1")}}])
