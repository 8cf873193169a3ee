"""Which of several drawings a name gets, where it matters that a recogniser tells the people apart."""

from collections.abc import Mapping
from types import MappingProxyType

LOOKS: Mapping[str, int] = MappingProxyType(
    {
        "Trần Thị Minh Nguyệt": 1,
        "Lê Quang Dũng": 0,
        "Phạm Thị Hồng Gấm": 3,
        "Hoàng Văn Thái": 6,
        "Đỗ Thị Thanh Xuân": 7,
        "Ngô Đức Thịnh": 2,
        "Bùi Thị Kim Oanh": 0,
        "Bùi Thị Kim Anh": 0,
        "Vũ Thị Thu Hà": 1,
        "Dương Công Khánh": 0,
        "Đặng Hoàng Long": 2,
        "Huỳnh Thị Ngọc Diệp": 4,
        "Phan Nhật Vy": 7,
        "Nguyễn Thị Nhàn": 2,
        "Lý Gia Hân": 1,
        "Lò Văn Pản": 7,
        "Trịnh Bá Lộc": 7,
        "Cao Thị Bích Phượng": 2,
        "Mai Xuân Trường": 6,
        "H’Ngăm Niê": 5,
        "Tạ Thị Thu Hương": 5,
        "Nguyễn Thị Mẫu": 5,
        "Trần Văn Già": 3,
        "Lê Văn Lạ": 2,
        "Trần Văn Thử": 7,
    }
)
"""Of several drawings by lot, the one that a recogniser tells apart best from the others of this table: the people whom
a demo or a journey shows. Whoever changes how people are drawn chooses anew."""

TWINS: Mapping[str, str] = MappingProxyType({"Tạ Thị Thu Hường": "Tạ Thị Thu Hương"})
"""Who looks like whom: no recogniser tells them apart."""
