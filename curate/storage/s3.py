"""S3 by boto3, for what the object store's own client does not do: uploads that broke off, keys that are no paths."""

from collections.abc import Iterator, Mapping
from typing import Any

from curate.errors import UsageError


def client(options: Mapping[str, str]) -> Any:
    """A client under the storage options of Delta tables: AWS_ENDPOINT_URL, ..."""
    import boto3  # noqa: PLC0415  half a second, and few ask for it
    from botocore import UNSIGNED  # noqa: PLC0415
    from botocore.config import Config  # noqa: PLC0415

    given = {key.upper().removeprefix("AWS_"): value for key, value in options.items()}
    host = given.get("VIRTUAL_HOSTED_STYLE_REQUEST", "").lower() == "true"
    unsigned = given.get("SKIP_SIGNATURE", "").lower() == "true"
    return boto3.client(
        "s3",
        endpoint_url=given.get("ENDPOINT_URL") or given.get("ENDPOINT"),
        aws_access_key_id=given.get("ACCESS_KEY_ID"),
        aws_secret_access_key=given.get("SECRET_ACCESS_KEY"),
        aws_session_token=given.get("SESSION_TOKEN"),
        region_name=given.get("REGION"),
        config=Config(
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            s3={"addressing_style": "virtual" if host else "path"},
            **({"signature_version": UNSIGNED} if unsigned else {}),
        ),
    )


def keys(bucket: str, prefix: str, options: Mapping[str, str]) -> Iterator[str]:
    """The keys that begin with `prefix`, in order, whatever is in them; UsageError where they cannot be listed."""
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    payer = {"RequestPayer": "requester"} if _pays(options) else {}
    try:
        pages = client(options).get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix, **payer)
        for page in pages:
            yield from (item["Key"] for item in page.get("Contents", ()))
    except (BotoCoreError, ClientError, ValueError) as error:
        cure = "see to its name, and to AWS_ENDPOINT_URL, AWS_REGION and the keys"
        raise UsageError(f"s3://{bucket}/{prefix} cannot be listed: {_first_line(error)}; {cure}") from error


def _pays(options: Mapping[str, str]) -> bool:
    return any(key.upper().removeprefix("AWS_") == "REQUEST_PAYER" for key in options)


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0][:300]
