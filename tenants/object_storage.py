"""Storage in a bucket of an S3-compatible service. Wants the package obstore (`pip install zeren[s3]`).

The address is `s3://bucket/prefix`; the service and the keys come from the environment as that package reads
it: AWS_ENDPOINT_URL, AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY.
"""

import os
from collections.abc import AsyncIterable, AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from tenants.storage import KEY, Away, Measured, Missing, Stored, new_key


class Bucket:
    """An object appears when all its bytes have arrived."""

    def __init__(self, address: str) -> None:
        plain = os.environ.get("AWS_ENDPOINT_URL", "").startswith("http://")
        self._store = S3Store.from_url(address, client_options={"allow_http": plain})

    async def write(self, place_id: UUID, chunks: AsyncIterable[bytes]) -> Stored:
        key, measured = new_key(place_id), Measured()
        with _told():
            await obstore.put_async(self._store, key, measured.through(chunks))
        return measured.stored(key)

    async def read(self, key: str) -> AsyncIterator[bytes]:
        if not KEY.fullmatch(key):
            raise Missing(key)
        with _told():
            found = await obstore.get_async(self._store, key)
        return _chunks(found.stream())

    async def remove(self, key: str) -> None:
        with _told():
            await obstore.delete_async(self._store, key)

    async def keys_before(self, place_id: UUID, moment: datetime) -> list[str]:
        with _told():
            pages = [page async for page in obstore.list(self._store, prefix=f"{place_id}/")]
        return [one["path"] for page in pages for one in page if one["last_modified"] < moment]


async def _chunks(stream: "obstore.BytesStream") -> AsyncIterator[bytes]:
    with _told():
        async for chunk in stream:
            yield bytes(chunk)


@contextmanager
def _told() -> Iterator[None]:
    """The package's errors as ours; what the chunks themselves raise passes."""
    try:
        yield
    except FileNotFoundError as error:
        raise Missing from error
    except BaseError as error:
        raise Away(type(error).__name__) from error
