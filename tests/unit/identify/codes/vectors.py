"""Invented cards, as their codes say them."""

CITIZEN_2021 = "001190012345|012345678|Nguyễn Thị Mẫu|05031990|Nữ|Số 1 Phố Ví Dụ, Phường Mẫu, Quận Thử, Hà Nội|15042021"
CITIZEN_2024 = "001190012345||Nguyễn Thị Mẫu|05031990|Nữ|Số 1 Phố Ví Dụ, Phường Mẫu, Hà Nội|20082024||||"
NAME_HEX = "4e677579e1bb856e205468e1bb8b204de1baab75"
INSURANCE_NEW = (
    f"0100123456|{NAME_HEX}|05/03/1990|2|-|01 - 001|01/01/2025|-|02/01/2025|01010100123456|-|4| 01/06/2029|"
    "0123456789abcdef-1202|4|5175e1baad6e205468e1bbad2c205468c3a06e68207068e1bb912048c3a0204ee1bb9969|$"
)
INSURANCE_OLD = (
    f"GD4010100123456|{NAME_HEX}|05/03/1990|2|"
    "5068c6b0e1bb9d6e67204de1baab752c205175e1baad6e205468e1bbad2c2048c3a0204ee1bb9969|01 - 001|01/01/2019|31/12/2019|"
    "02/01/2019|01010100123456|-|4| 01/06/2024|123456789abcdef-7102|$"
)
PATTERN = "BN[0-9]{6}"


def with_part(payload: str, index: int, text: str) -> str:
    """The payload with another text between two of its bars."""
    parts = payload.split("|")
    parts[index] = text
    return "|".join(parts)
