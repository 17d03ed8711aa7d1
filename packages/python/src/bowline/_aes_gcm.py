"""AES-256-GCM from what the interpreter brings along: the libcrypto that its ``hashlib`` is linked to."""

from __future__ import annotations

import ctypes

from ._errors import NoCipherError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_NONCE = bytes(12)
_TAG_LENGTH = 16
_SET_TAG = 0x11


def decrypt(key: bytes, data: bytes) -> bytes:
    """The plain text of ``data``, which ends with its tag. ``ValueError`` unless it is exactly what was encrypted."""
    if len(key) != 32 or len(data) < _TAG_LENGTH:
        raise ValueError("not a key and a message of AES-256-GCM")
    message, tag = data[:-_TAG_LENGTH], data[-_TAG_LENGTH:]
    library = _libcrypto()
    if library is not None:
        return _decrypt_with_libcrypto(library, key, message, tag)
    try:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    except ImportError:
        raise NoCipherError(
            "Encrypted links need AES-GCM, and this Python was built without OpenSSL."
            " Install the package `cryptography`."
        ) from None
    return AESGCM(key).decrypt(_NONCE, data, None)


def _decrypt_with_libcrypto(library: Any, key: bytes, message: bytes, tag: bytes) -> bytes:
    context = ctypes.c_void_p(library.EVP_CIPHER_CTX_new())
    plain = ctypes.create_string_buffer(len(message) + 1)
    length = ctypes.c_int()
    cipher = ctypes.c_void_p(library.EVP_aes_256_gcm())
    try:
        if not (
            library.EVP_DecryptInit_ex(context, cipher, None, key, _NONCE) == 1
            and library.EVP_DecryptUpdate(context, plain, ctypes.byref(length), message, len(message)) == 1
            and library.EVP_CIPHER_CTX_ctrl(context, _SET_TAG, _TAG_LENGTH, tag) == 1
            and library.EVP_DecryptFinal_ex(context, ctypes.create_string_buffer(16), ctypes.byref(ctypes.c_int())) == 1
        ):
            raise ValueError("the message was changed, or the key is not its key")
    finally:
        library.EVP_CIPHER_CTX_free(context)
    return plain.raw[: length.value]


def _libcrypto() -> Any:
    """The OpenSSL this interpreter uses, version 1.1 or 3, or ``None``.

    A handle on the ``_hashlib`` extension finds the symbols of what it is linked to; where OpenSSL is
    built into the interpreter, the interpreter's own handle does. A libcrypto of the system is never
    searched for: on macOS loading it ends the process.
    """
    try:
        import _hashlib
    except ImportError:
        return None
    for name in (getattr(_hashlib, "__file__", None), *_beside(_hashlib), None):
        try:
            library = ctypes.CDLL(name)
            for function in ("EVP_CIPHER_CTX_new", "EVP_aes_256_gcm"):
                getattr(library, function).restype = ctypes.c_void_p
            return library
        except (AttributeError, OSError, TypeError):
            continue
    return None


def _beside(extension: Any) -> list[str]:
    """The libcrypto that Python on Windows keeps in the folder of its extensions."""
    import sys

    if sys.platform != "win32" or not getattr(extension, "__file__", None):
        return []
    from glob import glob
    from os.path import dirname, join

    return glob(join(dirname(extension.__file__), "libcrypto-*.dll"))
