"""An invented holder, as the files of her card say it."""

from datetime import date

import cv2
import numpy as np

from kiosk.identify.chip_card.tlv import encode

TODAY = date(2026, 11, 22)
MRZ_LINES = (
    "IDVNM1900123457001190012345<<8",
    "9003059F3003057VNM<<<<<<<<<<<0",
    "NGUYEN<<THI<MAU<<<<<<<<<<<<<<<",
)
MRZ_WITHOUT_EXPIRY = (
    "IDVNM0580000173079058000017<<3",
    "5804122M9912315VNM<<<<<<<<<<<8",
    "TRAN<<VAN<THU<<<<<<<<<<<<<<<<<",
)
DG13 = bytes.fromhex(
    "6D8201A13082019D0201000603883701318201913011020101130C30303131393030313233343530190201020C144E677579E1BB856E205468"
    "E1BB8B204DE1BAAB75300F020103130A30352F30332F3139393030090201040C044EE1BBAF300F0201050C0A5669E1BB8774204E616D300902"
    "01060C044B696E68300B0201070C064B68C3B46E67302D0201080C285068C6B0E1BB9D6E67204DE1BAAB752C205175E1BAAD6E205468E1BBAD"
    "2C2048C3A0204EE1BB996930440201090C3F53E1BB912031205068E1BB912056C3AD2044E1BBA52C205068C6B0E1BB9D6E67204DE1BAAB752C"
    "205175E1BAAD6E205468E1BBAD2C2048C3A0204EE1BB9969302A02010A0C254EE1BB9174207275E1BB936920432E31636D2064C6B0E1BB9B69"
    "206DC3A970207472C3A169300F02010B130A31352F30342F32303231300F02010C130A30352F30332F32303330302B02010D30260C114E6775"
    "79E1BB856E2056C4836E204368610C115472E1BAA76E205468E1BB8B204DE1BAB9300502010E3000300E02010F130930313233343536373830"
    "15020110131030313233343536373839414243444546"
)
ADDRESS = "Số 1 Phố Ví Dụ, Phường Mẫu, Quận Thử, Hà Nội"


def dg1(lines: tuple[str, ...] = MRZ_LINES) -> bytes:
    """DG1 around these lines."""
    return encode(0x61, encode(0x5F1F, "".join(lines).encode()))


def dg13_field(number: int, text: str | None, tag: int = 0x0C) -> bytes:
    """One field of DG13; None for one without a value."""
    encoding = "utf-16-be" if tag == 0x1E else "utf-8"
    value = b"" if text is None else encode(tag, text.encode(encoding))
    return encode(0x30, encode(0x02, bytes([number])) + value)


def dg13(*fields: bytes) -> bytes:
    """DG13 around these fields."""
    content = encode(0x02, b"\0") + encode(0x06, b"\x88\x37\x01") + encode(0x31, b"".join(fields))
    return encode(0x6D, encode(0x30, content))


def face(width: int = 120, height: int = 160) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """A picture with soft colours in it, blue from the left and red from the top."""
    picture = np.zeros((height, width, 3), np.uint8)
    picture[:, :, 0] = np.linspace(0, 255, width, dtype=np.uint8)
    picture[:, :, 2] = np.linspace(0, 255, height, dtype=np.uint8)[:, None]
    return picture


def encoded_face(kind: str = ".jpg", width: int = 120, height: int = 160) -> bytes:
    """The picture as a file of this kind."""
    return cv2.imencode(kind, face(width, height))[1].tobytes()


def facial_record(image: bytes, points: int = 0) -> bytes:
    """A record of ISO/IEC 19794-5:2005 with one face."""
    size = 20 + 8 * points + 12 + len(image)
    information = size.to_bytes(4) + points.to_bytes(2) + bytes(14)
    image_header = bytes([1, 0]) + (120).to_bytes(2) + (160).to_bytes(2) + bytes(6)
    record = information + bytes(8 * points) + image_header + image
    return b"FAC\x00010\x00" + (14 + len(record)).to_bytes(4) + (1).to_bytes(2) + record


def dg2(record: bytes, block_tag: int = 0x5F2E) -> bytes:
    """DG2 with one biometric template."""
    header = encode(0xA1, encode(0x80, b"\x01\x01") + encode(0x87, b"\x01\x01") + encode(0x88, b"\x00\x08"))
    template = encode(0x7F60, header + encode(block_tag, record))
    return encode(0x75, encode(0x7F61, encode(0x02, b"\x01") + template))
