"""Signs the requests that Schemathesis makes, as FORMATS.md and openapi.yaml describe it, and not as the client's code does.

The key is the auditor's of a local network: it may read all histories. CARELEDGER_KEYSTORE names the keystore, whose
password is known; without it nothing is signed.
"""

import base64
import hashlib
import os
import time

import cbor2
import requests
import schemathesis
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def base58(data: bytes) -> str:
    number, text = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = ALPHABET[digit] + text
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + text


def auditor_key(path: str, password: bytes = b"devnet") -> ec.EllipticCurvePrivateKey:
    """Opens a keystore: `[version, log2 N, r, p, salt, nonce, sealed]`, in it `[version, chain, [4, key]]`."""
    with open(path, "rb") as file:
        version, log_n, r, p, salt, nonce, sealed = cbor2.load(file)
    key = hashlib.scrypt(password, salt=salt, n=1 << log_n, r=r, p=p, dklen=32, maxmem=2**30)
    # The header is an array of its own: six items that stand before what they authenticate.
    header = cbor2.dumps([version, log_n, r, p, salt, nonce, b""])[:-1]
    authenticated = b"careledger/v1/keystore\0" + header
    _, _, (kind, secret) = cbor2.loads(AESGCM(key).decrypt(nonce, sealed, authenticated))
    assert kind == 4, "not an auditor's keystore"
    return ec.derive_private_key(int.from_bytes(secret, "big"), ec.SECP256K1())


class Signed(requests.auth.AuthBase):
    def __init__(self, key: ec.EllipticCurvePrivateKey):
        self.key = key
        point = key.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
        # Multicodec 0xe7, a secp256k1 public key, as a varint.
        self.id = "did:key:z" + base58(b"\xe7\x01" + point)

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        authority = request.url.split("/")[2]
        path, question, query = request.path_url.partition("?")
        lines = [
            ("@method", request.method),
            ("@authority", authority),
            ("@path", path or "/"),
            ("@query", "?" + query if question else "?"),
        ]
        body = request.body.encode() if isinstance(request.body, str) else request.body
        if body:
            digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
            request.headers["Content-Digest"] = f"sha-256=:{digest}:"
            lines.append(("content-digest", request.headers["Content-Digest"]))
        names = " ".join(f'"{name}"' for name, _ in lines)
        nonce = base64.b64encode(os.urandom(16)).decode()
        parameters = (
            f'({names});created={int(time.time())};nonce="{nonce}";keyid="{self.id}";tag="careledger-v1"'
        )
        base = "".join(f'"{name}": {value}\n' for name, value in lines) + f'"@signature-params": {parameters}'
        r, s = utils.decode_dss_signature(
            self.key.sign(hashlib.sha256(base.encode()).digest(), ec.ECDSA(utils.Prehashed(hashes.SHA256())))
        )
        s = min(s, ORDER - s)
        signature = base64.b64encode(r.to_bytes(32, "big") + s.to_bytes(32, "big")).decode()
        request.headers["Signature-Input"] = "sig1=" + parameters
        request.headers["Signature"] = f"sig1=:{signature}:"
        return request


# Bodies are bytes of any kind: what is CBOR, and of which shape, is for the node to judge.
schemathesis.serializer.alias("application/cbor", "application/octet-stream")

if os.environ.get("CARELEDGER_KEYSTORE"):
    schemathesis.auth.set_from_requests(Signed(auditor_key(os.environ["CARELEDGER_KEYSTORE"])))
