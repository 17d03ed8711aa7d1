"""What is asked of S3."""

from recorder import Recorder

BUCKET = "boto-bucket"


def play(record: Recorder) -> None:
    def s3(operation: str, **parameters: object) -> dict:
        return record.call("s3", operation, **parameters)

    def on(operation: str, **parameters: object) -> dict:
        return s3(operation, Bucket=BUCKET, **parameters)

    on("head_bucket")
    on("create_bucket")
    on("head_bucket")
    on("get_bucket_location")
    s3("list_buckets")
    s3("create_bucket", Bucket="boto-elsewhere", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3("delete_bucket", Bucket="boto-missing")
    objects(on)
    uploads(on)
    settings(on)
    versions(s3)
    on("delete_objects", Delete={"Objects": [{"Key": "b/1"}, {"Key": "missing"}]})
    on("delete_bucket")


def objects(on) -> None:
    for key in ("a", "b/1", "b/2", "b/c/3", "ü é+&.txt"):
        on("put_object", Key=key, Body=f"body of {key}".encode(), Metadata={"colour": "red"}, ContentType="text/plain")
        on("get_object", Key=key)
        on("head_object", Key=key)
    on("get_object", Key="missing")
    on("head_object", Key="missing")
    on("get_object", Key="a", Range="bytes=0-2")
    on("get_object", Key="a", Range="bytes=99-")
    on("get_object", Key="a", IfMatch='"x"')
    on("put_object", Key="a", Body=b"", IfNoneMatch="*")
    on("put_object", Key="tagged", Body=b"x", Tagging="k=v", CacheControl="no-cache", ContentEncoding="gzip")
    on("head_object", Key="tagged")
    on("get_object_tagging", Key="tagged")
    on("put_object_tagging", Key="tagged", Tagging={"TagSet": [{"Key": "k", "Value": "w"}]})
    on("get_object_tagging", Key="tagged")
    on("delete_object_tagging", Key="tagged")
    on("get_object_tagging", Key="tagged")
    on("copy_object", Key="copy", CopySource={"Bucket": BUCKET, "Key": "ü é+&.txt"})
    on("get_object", Key="copy")
    on("copy_object", Key="copy", CopySource={"Bucket": BUCKET, "Key": "missing"})
    on("list_objects_v2")
    on("list_objects_v2", Prefix="b/")
    on("list_objects_v2", Delimiter="/")
    page = on("list_objects_v2", MaxKeys=2)
    on("list_objects_v2", StartAfter="b/1")
    if "NextContinuationToken" in page:
        on("list_objects_v2", MaxKeys=99, StartAfter="b/2")
    on("delete_object", Key="copy")
    on("delete_object", Key="missing")
    on("get_object", Key="copy")


def uploads(on) -> None:
    upload = on("create_multipart_upload", Key="parts", ContentType="text/css").get("UploadId", "")
    first = on("upload_part", Key="parts", UploadId=upload, PartNumber=1, Body=b"p" * (5 << 20))
    second = on("upload_part", Key="parts", UploadId=upload, PartNumber=2, Body=b"end")
    on("upload_part", Key="parts", UploadId="nonsense", PartNumber=1, Body=b"x")
    on("list_multipart_uploads")
    parts = [{"PartNumber": 1, "ETag": first.get("ETag", "")}, {"PartNumber": 2, "ETag": second.get("ETag", "")}]
    on("complete_multipart_upload", Key="parts", UploadId=upload, MultipartUpload={"Parts": []})
    on("complete_multipart_upload", Key="parts", UploadId=upload, MultipartUpload={"Parts": parts})
    on("head_object", Key="parts")
    gone = on("create_multipart_upload", Key="gone").get("UploadId", "")
    on("abort_multipart_upload", Key="gone", UploadId=gone)
    on("list_parts", Key="gone", UploadId=gone)


def settings(on) -> None:
    rules = [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"], "ExposeHeaders": ["ETag"], "MaxAgeSeconds": 9}]
    on("get_bucket_cors")
    on("put_bucket_cors", CORSConfiguration={"CORSRules": rules})
    on("get_bucket_cors")
    on("delete_bucket_cors")
    on("get_bucket_policy")
    on("get_bucket_tagging")
    on("put_bucket_tagging", Tagging={"TagSet": [{"Key": "k", "Value": "v"}]})
    on("get_bucket_tagging")
    on("delete_bucket_tagging")
    on("get_bucket_website")
    on("put_bucket_website", WebsiteConfiguration={"IndexDocument": {"Suffix": "index.html"}})
    on("get_bucket_website")
    on("get_bucket_lifecycle_configuration")
    on("get_bucket_acl")
    on("get_bucket_logging")
    on("get_public_access_block")
    on("get_bucket_notification_configuration")


def versions(s3) -> None:
    bucket = "boto-versions"

    def on(operation: str, **parameters: object) -> dict:
        return s3(operation, Bucket=bucket, **parameters)

    on("create_bucket")
    on("get_bucket_versioning")
    on("put_bucket_versioning", VersioningConfiguration={"Status": "Enabled"})
    on("get_bucket_versioning")
    first = on("put_object", Key="v", Body=b"1").get("VersionId", "")
    on("put_object", Key="v", Body=b"2")
    on("get_object", Key="v")
    on("get_object", Key="v", VersionId=first)
    on("list_object_versions")
    on("delete_object", Key="v")
    on("get_object", Key="v")
    on("list_object_versions", Prefix="v")
    on("delete_bucket")
